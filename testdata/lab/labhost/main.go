//go:build linux

// Command labhost is every command of the lab's machines (see package host),
// and the lab's own servers: the REST stand-in and the letter boxes. It stands in a host's bin folder under several
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
	"github.com/virtengine/relight/testdata/lab/mail"
	"github.com/virtengine/relight/testdata/lab/rest"
)

func main() {
	// labhost rest|mail ADDRESS,… RPC,… DIR (the folder is there to be seen in
	// the list of processes).
	if len(os.Args) == 5 && (os.Args[1] == "rest" || os.Args[1] == "mail") {
		if err := serve(os.Args[1], strings.Split(os.Args[2], ","), strings.Split(os.Args[3], ",")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	spec, name, err := host.Mine()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(126)
	}
	os.Exit(host.Main(spec, name, os.Args[1:]))
}

func serve(what string, listen, rpc []string) error {
	// Descriptors that came by inheritance may be somebody's lock.
	if os.Getenv(detached) == "" {
		if err := host.Detach(); err != nil {
			return err
		}
		exe, err := os.Executable()
		if err != nil {
			return err
		}
		return syscall.Exec(exe, os.Args, append(os.Environ(), detached+"=1"))
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	signal.Ignore(syscall.SIGHUP)
	if what == "rest" {
		return rest.Serve(ctx, rest.Options{Listen: listen[0], RPC: rpc})
	}
	at := map[string]string{}
	for i, service := range mail.Services() {
		if i < len(listen) {
			at[service] = listen[i]
		}
	}
	return mail.Serve(ctx, at)
}

const detached = "RELIGHT_LAB_DETACHED"
