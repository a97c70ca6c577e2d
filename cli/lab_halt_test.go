//go:build linux

package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/testdata/lab/lab"
)

// labEyes are the eyes of the house on a lab, and what they wait for.
type labEyes struct {
	t     *testing.T
	ctx   context.Context
	lab   *lab.Lab
	fleet config.Fleet
	reach *fleetReach
	watch *nodes.Watcher
}

func newLabEyes(t *testing.T, change func(*config.Fleet)) labEyes {
	t.Helper()
	l := startLab(t, lab.Options{})
	cfg, err := config.Load(l.Config, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg.Drill)
	}
	r, err := newReach(cfg.Drill, nil, relightssh.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.pool.Close)
	w := nodes.New(seen(cfg.Drill), r, r, nodes.Options{Every: time.Second})
	t.Cleanup(w.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return labEyes{t: t, ctx: ctx, lab: l, fleet: cfg.Drill, reach: r, watch: w}
}

// until reads the hosts and looks, twice a second, until it holds.
func (e labEyes) until(what string, holds func(nodes.Snapshot) bool, hosts ...string) nodes.Snapshot {
	e.t.Helper()
	for {
		e.watch.LookHosts(e.ctx, time.Now(), hosts)
		s := e.watch.Look(e.ctx, time.Now())
		if holds(s) {
			return s
		}
		if pause(e.ctx, 500*time.Millisecond); e.ctx.Err() != nil {
			e.t.Fatalf("never %s: %+v", what, s.Chain)
		}
	}
}

func (e labEyes) crash(hosts ...string) {
	e.t.Helper()
	for _, h := range hosts {
		if out, err := e.lab.Ctl(e.ctx, h, "crash", "virtengine"); err != nil {
			e.t.Fatal(out, err)
		}
	}
}

// A real chain with two of four validators gone: the votes are looked at
// without being asked for, and each validator's is shown; the set is that of
// the running height; the ways back name the two, and what their hosts say.
func TestVotesOfAHaltedRealChain(t *testing.T) {
	e := newLabEyes(t, nil)
	e.until("moving", func(s nodes.Snapshot) bool { return s.Chain.Moving == nodes.True })
	e.until("ready", func(s nodes.Snapshot) bool {
		for _, r := range cockpit.Readinesses(s, e.fleet) {
			if r.What == "val-2" && r.OK == nodes.True {
				t.Log(r.Text)
				return true
			}
			if r.What != "val-2" && r.OK != nodes.False {
				t.Errorf("%+v", r)
			}
		}
		return false
	}, "val-2s")
	e.crash("val-3", "val-4")
	e.until("halted", func(s nodes.Snapshot) bool { return s.Chain.Halted == nodes.True })
	for _, h := range e.watch.LookHosts(e.ctx, time.Now(), []string{"val-3", "val-4", "val-2s"}) {
		if h.Reachable != nodes.True || h.DiskUsed < 0 || h.DiskUsed > 100 {
			t.Errorf("%+v", h)
		}
	}
	s := e.until("read", func(s nodes.Snapshot) bool { return s.Chain.Votes != nil && len(nodes.WaysBack(s)) > 0 })
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

// A stolen key on a real chain: val-2 is dead, and a machine that the fleet does
// not know signs with its key.
func TestAStolenKeyOnARealChain(t *testing.T) {
	stranger := func(f *config.Fleet) {
		f.Nodes = slices.DeleteFunc(f.Nodes, func(n config.Node) bool { return n.Host == "val-2s" })
		for i := range f.Keys {
			f.Keys[i].Hosts = slices.DeleteFunc(slices.Clone(f.Keys[i].Hosts), func(h string) bool { return h == "val-2s" })
			f.Keys[i].Standbys = nil
		}
	}
	e := newLabEyes(t, stranger)
	e.until("moving", func(s nodes.Snapshot) bool { return s.Chain.Moving == nodes.True && s.Chain.Height > 5 }, "val-2")
	e.crash("val-2")
	// Longer than the check that keeps a key from signing twice.
	e.until("silent", func(s nodes.Snapshot) bool {
		k, _ := s.Key("val-2")
		if k.Elsewhere.Signed > 0 {
			t.Fatalf("nobody signs: %+v", k)
		}
		return k.MissedStreak > 12
	}, "val-2")
	from, _ := e.lab.Host("val-2")
	to, _ := e.lab.Host("val-2s")
	for _, name := range []string{"config/priv_validator_key.json", "data/priv_validator_state.json"} {
		b, err := os.ReadFile(filepath.Join(from.Root, "home", ".virtengine", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to.Root, "home", ".virtengine", name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err := e.reach.Read(e.ctx, "val-2s", "sudo -n systemctl restart virtengine"); err != nil {
		t.Fatal(out, err)
	}
	s := e.until("stolen", func(s nodes.Snapshot) bool {
		k, _ := s.Key("val-2")
		return k.Elsewhere.Signed > 0
	}, "val-2")
	for _, a := range cockpit.Alerts(s) {
		t.Log(a.Text)
	}
	if k, _ := s.Key("val-2"); k.Signing != nodes.True || k.Elsewhere.From <= k.Elsewhere.To-int64(k.Elsewhere.Signed) || len(k.LiveEndpoints) != 0 {
		t.Errorf("%+v", k)
	}
}
