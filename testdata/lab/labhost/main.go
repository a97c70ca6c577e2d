//go:build linux

// Command labhost is every command of the lab's machines (see package host),
// and the lab's REST stand-in. It stands in a host's bin folder under several
// names.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/virtengine/relight/testdata/lab/host"
	"github.com/virtengine/relight/testdata/lab/rest"
)

func main() {
	// labhost rest LISTEN RPC,RPC,… DIR (the folder is there to be seen in the
	// list of processes).
	if len(os.Args) == 5 && os.Args[1] == "rest" {
		os.Exit(serveRest(os.Args[2], strings.Split(os.Args[3], ",")))
	}
	spec, name, err := host.Mine()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(126)
	}
	os.Exit(host.Main(spec, name, os.Args[1:]))
}

func serveRest(listen string, rpc []string) int {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	signal.Ignore(syscall.SIGHUP)
	// Descriptors that came by inheritance may be somebody's lock.
	if os.Getenv("RELIGHT_LAB_DETACHED") == "" {
		if err := host.Detach(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		exe, err := os.Executable()
		if err == nil {
			err = syscall.Exec(exe, os.Args, append(os.Environ(), "RELIGHT_LAB_DETACHED=1"))
		}
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := rest.Serve(ctx, rest.Options{Listen: listen, RPC: rpc}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
