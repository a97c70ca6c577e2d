// Command relight is a cockpit for the commander of an incident.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/virtengine/relight/cli"
)

func main() {
	// A cockpit lives in few megabytes; as much again need not lie about as
	// garbage. GOGC of the environment wins.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	ctx, stop := cli.Until(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Getenv)
	stop()
	os.Exit(code)
}
