// Command relight is a cockpit for the commander of an incident.
package main

import (
	"context"
	"os"
	"syscall"
	"time"

	"github.com/virtengine/relight/cli"
)

// lastResort is how long after a signal whatever still hangs is left behind.
const lastResort = 20 * time.Second

func main() {
	cli.StartQuickly(os.Getenv)
	ctx, stop := cli.Until(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, func() { time.AfterFunc(lastResort, func() { os.Exit(1) }) })
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Getenv)
	stop()
	os.Exit(code)
}
