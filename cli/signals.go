package cli

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Until is ctx until one of the signals, at least one, comes: its cause then
// names it, and everything is closed in order. stop must be called.
func Until(ctx context.Context, first os.Signal, more ...os.Signal) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	came := make(chan os.Signal, 1)
	signal.Notify(came, append(more, first)...) // without any, it would be all
	go func() {
		select {
		case s := <-came:
			cancel(ended{signalName(s)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(came)
		cancel(context.Canceled)
	}
}

// signalName is a signal as a person would look it up.
func signalName(s os.Signal) string {
	switch s {
	case syscall.SIGHUP:
		return "SIGHUP: the terminal or the line to it is gone"
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGQUIT:
		return "SIGQUIT"
	case os.Interrupt:
		return "Ctrl+C"
	}
	return strings.ToUpper(s.String())
}

// deafTo takes signals that would end the process and does nothing about them
// until stop: writing into a closed pipe is then an error like any other.
// (Ignoring them would be handed on to every program that is started.)
func deafTo(signals ...os.Signal) (stop func()) {
	came := make(chan os.Signal, 1) // never read; what does not fit is dropped
	signal.Notify(came, signals...)
	return func() { signal.Stop(came) }
}
