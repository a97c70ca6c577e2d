// Command relight is a cockpit for the commander of an incident.
package main

import (
	"context"
	"os"
	"syscall"

	"github.com/virtengine/relight/cli"
)

func main() {
	ctx, stop := cli.Until(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Getenv)
	stop()
	os.Exit(code)
}
