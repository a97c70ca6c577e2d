//go:build linux

package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/testdata/lab/host"
)

const (
	readyHeight = 3
	readyLimit  = 90 * time.Second
	poll        = 100 * time.Millisecond
)

// until asks again and again until ok, the error of the last try being the
// reason when the time is up. It gives up early when died says so.
func until(ctx context.Context, what string, ok func(context.Context) error, died func() error) error {
	t := time.NewTicker(poll)
	defer t.Stop()
	for {
		err := ok(ctx)
		if err == nil {
			return nil
		}
		if errors.Is(err, relightssh.ErrAuth) {
			return fmt.Errorf("%s: %w", what, err) // it will not be better
		}
		if dead := died(); dead != nil {
			return fmt.Errorf("%s: %w", what, dead)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", what, context.Cause(ctx), err)
		case <-t.C:
		}
	}
}

// ready waits for all of the lab.
func (l *Lab) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	for _, h := range l.Hosts {
		died := func() error { return l.died(h.Name, filepath.Join(h.Root, "log", "init.log")) }
		g.Go(func() error { return until(gctx, "node of "+h.Name, inStep(h), died) })
		g.Go(func() error { return until(gctx, "sshd of "+h.Name, l.logsIn(h), died) })
	}
	g.Go(func() error {
		return until(gctx, "REST stand-in", l.follows, func() error { return l.died("rest", filepath.Join(l.Dir, "rest.log")) })
	})
	g.Go(func() error {
		var any []json.RawMessage
		ask := func(ctx context.Context) error { return getJSON(ctx, l.Messages, &any) }
		return until(gctx, "letter boxes", ask, func() error { return l.died("mail", filepath.Join(l.Dir, "mail.log")) })
	})
	return g.Wait()
}

// inStep says whether a node has blocks and follows; if its unit failed, why.
func inStep(h Host) func(context.Context) error {
	return func(ctx context.Context) error {
		s, err := h.Status(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%w; the end of its log: %s", err, h.LogTail(unitName))
		case s.CatchingUp || s.Height < readyHeight:
			return fmt.Errorf("at height %d, catching up %t", s.Height, s.CatchingUp)
		}
		return nil
	}
}

// logsIn runs a command through the host's sshd, as relight will. A refusal is
// final: its reason is in sshd's log (a locked account, a login shell that runs
// nothing).
func (l *Lab) logsIn(h Host) func(context.Context) error {
	target := relightssh.Target{Name: h.Name, Addr: Addr, Port: h.SSH, User: l.User, KnownHosts: []string{l.KnownHosts}, KeyFiles: []string{l.KeyFile}}
	return func(ctx context.Context) error {
		pool := relightssh.NewPool(relightssh.Options{ConnectTimeout: 3 * time.Second})
		defer pool.Close()
		var said strings.Builder
		res, err := pool.Exec(ctx, target, relightssh.Command{Script: "command -v systemctl", Stdout: func(b []byte) { said.Write(b) }, Stderr: func(b []byte) { said.Write(b) }})
		if err == nil && (res.Exit != 0 || strings.TrimSpace(said.String()) != h.Bin("systemctl")) {
			err = fmt.Errorf("a script there ends with %d and says %.200q", res.Exit, said.String())
		}
		if err != nil {
			err = fmt.Errorf("%w; the end of its log: %s", err, h.LogTail("ssh"))
		}
		return err
	}
}

func (l *Lab) follows(ctx context.Context) error {
	var r struct {
		Info []struct {
			Address string `json:"address"`
		} `json:"info"`
	}
	if err := getJSON(ctx, l.REST+"/cosmos/slashing/v1beta1/signing_infos", &r); err != nil {
		return err
	}
	if len(r.Info) != 4 {
		return fmt.Errorf("it knows %d validators", len(r.Info))
	}
	return nil
}

// died says that a process of the lab is gone, with the end of its log.
func (l *Lab) died(name, log string) error {
	for _, p := range l.Procs {
		if p.Name == name && !p.alive() {
			b, _ := os.ReadFile(log)
			return fmt.Errorf("it ended: %s", lastPart(string(b)))
		}
	}
	return nil
}

// alive says whether this very process still runs.
func (p Proc) alive() bool {
	now, ok := host.Look(p.PID)
	return ok && now.Started == p.Started && now.State != "Z"
}

// LogTail is the end of what a unit wrote.
func (h Host) LogTail(unit string) string {
	b, err := os.ReadFile(filepath.Join(h.Root, "log", unit+".log"))
	if err != nil {
		return err.Error()
	}
	return lastPart(string(b))
}

// Ctl tells a host's management board something, such as "crash virtengine" or
// "power off"; see host.Control. It returns what was printed.
func (l *Lab) Ctl(ctx context.Context, name string, args ...string) (string, error) {
	h, ok := l.Host(name)
	if !ok {
		return "", fmt.Errorf("the lab has no host %q", name)
	}
	r, err := host.Call(ctx, spec(l, h), host.Request{Op: "ctl", Args: args})
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("host %s: %s: %s", name, strings.Join(args, " "), strings.TrimSpace(r.Stderr))
	}
	return r.Stdout, err
}
