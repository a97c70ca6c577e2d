package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui"
	"github.com/virtengine/relight/tui/plain"
)

// showWait is how long the first look waits for a first frame.
const showWait = 250 * time.Millisecond

// Bounds of an end. What is over by then is in the record already.
const (
	stallWait = 3 * time.Second  // for a screen whose terminal takes nothing more
	closeWait = 10 * time.Second // for effects that do not give up
)

// errStalled says that the terminal takes nothing more: the line behind it is
// dead and nobody has noticed yet.
var errStalled = errors.New("the terminal takes nothing more")

// sit puts a person before the cockpit: a screen where there is one, lines
// elsewhere. However it ends, the terminal is put right and the last words say
// how to come back.
func (g *globals) sit(ctx context.Context, h house, clk clock.Clock) error {
	look, err := g.screen(h.View().Drill)
	if err != nil {
		return err
	}
	look = h.menu(look)
	screen := g.onTerminal()
	var more []os.Signal
	if !screen {
		g.sayLines()
		g.sayLoose(h.View().Drill)
		more = append(more, os.Interrupt) // on a screen it is a key
	}
	ctx, stop := Until(ctx, syscall.SIGQUIT, more...)
	defer stop()
	defer deafTo(syscall.SIGPIPE)()
	note := keeperNote{Screen: screen, Secrets: h.secrets}
	k := g.newKeeper()
	if k != nil {
		k.tell(note)
		go k.follow(ctx, h, note, func(s incident.State) string { return farewell(s, nil, "", g.goesOn(s)) })
	}
	if r, ok := clk.(*clock.Rehearsal); ok {
		go r.Run(ctx)
	}
	done, shown := make(chan struct{}), make(chan struct{})
	look.Shown = func() {
		close(shown)
		go func() { g.settle(); look.Runbooks() }()
	}
	go func() {
		defer close(done)
		if screen {
			letShow(ctx, shown)
		}
		h.Run(ctx)
	}()
	err = unstalled(ctx, func() error {
		if screen {
			return tui.Run(ctx, h.Cockpit, look)
		}
		g.settle()
		return plain.Run(ctx, g.In, g.Out, h.Cockpit, plain.Options{Back: g.comeBack, Bell: !g.quiet && isTerminal(g.Out)})
	})
	cause := context.Cause(ctx)
	stop()
	within(closeWait, done)
	return g.leave(h, k, note, err, cause)
}

// letShow lets the first frame go first: the first look asks every host at
// once, and the person waits for something to see.
func letShow(ctx context.Context, shown <-chan struct{}) {
	t := time.NewTimer(showWait)
	defer t.Stop()
	select {
	case <-shown:
	case <-t.C:
	case <-ctx.Done():
	}
}

// unstalled is show, given up a while after ctx has ended: it may be writing to
// a terminal that takes nothing more.
func unstalled(ctx context.Context, show func() error) error {
	shown := make(chan error, 1)
	go func() { shown <- show() }()
	select {
	case err := <-shown:
		return err
	case <-ctx.Done():
	}
	t := time.NewTimer(stallWait)
	defer t.Stop()
	select {
	case err := <-shown:
		return err
	case <-t.C:
		return errStalled
	}
}

// within waits for done, but not longer than d.
func within(d time.Duration, done <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// leave says the last words and gives the exit.
func (g *globals) leave(h house, k *keeper, note keeperNote, err, cause error) error {
	s := h.here()
	note.State, note.Folder = farewell(s, cause, h.View().Trouble, g.goesOn(s)), filepath.Join(h.helm.dir, s.ID)
	switch {
	case errors.Is(err, errStalled):
		if k != nil {
			k.abandon(note) // it speaks when the terminal takes words again
		}
		return exit(1)
	case errors.Is(err, tui.ErrPanic) && k != nil:
		note.End = keeperPanic
		k.end(note)
		return exit(2)
	case k != nil:
		note.End = keeperDone
		k.end(note)
	}
	if said := h.helm.notice(); said != "" {
		fmt.Fprintln(g.Err, "relight: "+said)
	}
	if note.State != "" {
		fmt.Fprintln(g.Err, note.State)
	}
	var out ended
	if errors.As(cause, &out) {
		return exit(1)
	}
	return err
}
