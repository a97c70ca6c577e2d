//go:build linux

package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/testdata/lab/lab"
)

// A real chain with two of four validators gone: the votes are looked at
// without being asked for, and each validator's is shown; the set is that of
// the running height; the ways back name the two, and what their hosts say.
func TestVotesOfAHaltedRealChain(t *testing.T) {
	l := startLab(t, lab.Options{})
	cfg, err := config.Load(l.Config, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := cfg.Drill
	r, err := newReach(f, nil, relightssh.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.pool.Close)
	w := nodes.New(seen(f), r, r, nodes.Options{Every: time.Second})
	t.Cleanup(w.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	until := func(what string, holds func(nodes.Snapshot) bool) nodes.Snapshot {
		t.Helper()
		for {
			s := w.Look(ctx, time.Now())
			if holds(s) {
				return s
			}
			if pause(ctx, 500*time.Millisecond); ctx.Err() != nil {
				t.Fatalf("never %s: %+v", what, s.Chain)
			}
		}
	}
	until("moving", func(s nodes.Snapshot) bool { return s.Chain.Moving == nodes.True })
	w.LookHosts(ctx, time.Now(), []string{"val-2s"})
	until("ready", func(s nodes.Snapshot) bool {
		for _, r := range cockpit.Readinesses(s, f) {
			if r.What == "val-2" && r.OK == nodes.True {
				t.Log(r.Text)
				return true
			}
			if r.What != "val-2" && r.OK != nodes.False {
				t.Errorf("%+v", r)
			}
		}
		return false
	})
	for _, h := range []string{"val-3", "val-4"} {
		if out, err := l.Ctl(ctx, h, "crash", "virtengine"); err != nil {
			t.Fatal(out, err)
		}
	}
	until("halted", func(s nodes.Snapshot) bool { return s.Chain.Halted == nodes.True })
	for _, h := range w.LookHosts(ctx, time.Now(), []string{"val-3", "val-4", "val-2s"}) {
		if h.Reachable != nodes.True || h.DiskUsed < 0 || h.DiskUsed > 100 {
			t.Errorf("%+v", h)
		}
	}
	s := until("read", func(s nodes.Snapshot) bool { return s.Chain.Votes != nil && len(nodes.WaysBack(s)) > 0 })
	v := s.Chain.Votes
	t.Logf("halted at %d for %s: %s", s.Chain.Height, s.Chain.HaltedWhy, s.Chain.Power.From)
	for _, b := range v.Ballots {
		t.Logf("%+v", b)
		up := b.Name == "val-1" || b.Name == "val-2"
		voted := b.Prevote == nodes.PrevoteNil || (b.Prevote == nodes.PrevoteBlock && len(b.Block) == 12)
		if b.Key != b.Name || b.Power != 10 || up != voted || up != b.Online || up == (b.Prevote == nodes.PrevoteNone) || up == b.At.IsZero() {
			t.Errorf("%+v", b)
		}
	}
	if p := s.Chain.Power; len(v.Ballots) != 4 || v.Height != s.Chain.Height+1 || v.Round != 0 || len(v.Nodes) < 3 || p.Online != 20 || p.Needed != 27 {
		t.Errorf("votes %+v, power %+v", v, p)
	}
	ways := nodes.WaysBack(s)
	for _, way := range ways {
		t.Logf("%+v", way)
		if len(way.Back) != 1 || way.Online != 30 || way.Back[0].Near != nodes.NearHost || !strings.Contains(way.Back[0].Seen, "answers SSH") {
			t.Errorf("%+v", way)
		}
	}
	if len(ways) != 2 {
		t.Errorf("%d ways back, want val-3 and val-4", len(ways))
	}
	// The stand-in knows no upgrades: then it is not known that none is planned.
	for i, c := range nodes.WhyHalted(s) {
		t.Logf("%+v", c)
		if want := []nodes.Tri{nodes.Unknown, nodes.True, nodes.True, nodes.True}[i]; c.Holds != want {
			t.Errorf("%+v, want %v", c, want)
		}
	}
}
