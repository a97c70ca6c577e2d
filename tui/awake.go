package tui

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"
)

// stayAwake keeps the screen from being suspended, and draws it anew when the
// process was stopped all the same (SIGSTOP cannot be refused): by then a shell
// has written into it and set the line to its liking. stop must be called.
//
// Bubble Tea's own way (ReleaseTerminal, RestoreTerminal) is not used: the
// renderer that is stopped may stop the ticker of the one that is started after
// it, and then nothing is drawn any more.
func stayAwake(ctx context.Context, p *tea.Program, o Options) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	came := make(chan os.Signal, 4)
	signal.Notify(came, syscall.SIGTSTP, syscall.SIGCONT)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-came:
				if s == syscall.SIGTSTP {
					p.Send(tea.KeyPressMsg{Code: 'z', Mod: tea.ModCtrl})
					continue
				}
				wake(p, o)
			}
		}
	}()
	return func() {
		signal.Stop(came)
		cancel()
		<-over
	}
}

// wake takes the line back, hides the cursor, takes pasted text whole again,
// and has all drawn anew.
func wake(p *tea.Program, o Options) {
	if in, ok := o.In.(*os.File); ok {
		_, _ = term.MakeRaw(int(in.Fd())) // what to go back to is known since the start
	}
	p.Send(tea.RawMsg{Msg: "\x1b[?25l\x1b[?2004h"})
	if w, h, err := term.GetSize(int(o.Out.Fd())); err == nil {
		p.Send(tea.WindowSizeMsg{Width: w, Height: h})
	}
}
