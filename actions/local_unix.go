//go:build unix

package actions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
)

// grace is how long a process group has between TERM and KILL, and how long
// output may follow an exit.
const grace = 2 * time.Second

// runLocal runs a script on this machine in the way the transport does on
// others: whole, with nothing on standard input, in a process group of its own
// that is ended with ctx.
func runLocal(ctx context.Context, c relightssh.Command) (relightssh.Result, error) {
	line, stdin, err := relightssh.Encode(c.Shell, c.Effect, c.Script, c.Env)
	if err != nil {
		return relightssh.Result{Class: relightssh.NotStarted}, err
	}
	if ctx.Err() != nil {
		return relightssh.Result{Class: relightssh.NotStarted}, context.Cause(ctx)
	}
	cmd := exec.Command("sh", "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Stdout, cmd.Stderr = writer(c.Stdout), writer(c.Stderr)
	cmd.WaitDelay = grace // a child that keeps the output open does not hold us
	if err := cmd.Start(); err != nil {
		return relightssh.Result{Class: relightssh.NotStarted}, fmt.Errorf("on this machine: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return ended(cmd, err)
	case <-ctx.Done():
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-done:
	case <-time.After(grace):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
	}
	return relightssh.Result{Class: relightssh.Lost}, fmt.Errorf("stopped on this machine, part of it has run: %w", context.Cause(ctx))
}

func ended(cmd *exec.Cmd, err error) (relightssh.Result, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return relightssh.Result{Class: relightssh.Lost}, fmt.Errorf("on this machine: %w", err)
	}
	res := relightssh.Result{Class: relightssh.Exited, Exit: cmd.ProcessState.ExitCode()}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		res.Signal = ws.Signal().String()
	}
	return res, nil
}

// writer is an io.Writer of a callback.
type writer func([]byte)

func (w writer) Write(b []byte) (int, error) {
	if w != nil {
		w(b)
	}
	return len(b), nil
}
