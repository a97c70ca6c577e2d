package fleet

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/drill/world"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/nodes/reach"
)

// eyes are the real rooms that look at the fleet and act on it, wired by its
// own configuration.
type eyes struct {
	*lab
	fleet config.Fleet
	pool  *ssh.Pool
	to    map[string]ssh.Target
	watch *nodes.Watcher
}

func newEyes(t *testing.T, change ...func(*config.Fleet)) *eyes {
	t.Helper()
	l := newLab(t, nil)
	path := filepath.Join(l.dir, "relight.toml")
	if err := l.WriteConfig(path); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&c.Drill)
	}
	e := &eyes{lab: l, fleet: c.Drill, pool: ssh.NewPool(ssh.Options{Dial: l.Dial}), to: map[string]ssh.Target{}}
	n := nodes.Fleet{ChainID: e.fleet.Chain.ID, BlockTime: e.fleet.Chain.BlockTime, ConsPrefix: e.fleet.Chain.Prefix + "valcons"}
	for _, h := range e.fleet.Hosts {
		e.to[h.Name] = ssh.Target{Name: h.Name, Addr: h.Addr, Port: h.Port, User: h.User, KnownHosts: h.KnownHosts, KeyFiles: h.KeyFiles}
		spec := nodes.HostSpec{Name: h.Name, Unit: h.Unit, UnitDir: h.UnitDir, Home: h.Home, Region: h.Region, Zone: h.Zone}
		if h.Name == "val-2s" {
			spec.Sealed = []string{world.SealedBackup}
		}
		n.Hosts = append(n.Hosts, spec)
	}
	for _, s := range e.fleet.Nodes {
		n.Nodes = append(n.Nodes, nodes.NodeSpec{Name: s.Name, Host: s.Host, RPC: s.RPC, REST: s.REST, Witness: s.Witness})
	}
	for _, k := range e.fleet.Keys {
		n.Keys = append(n.Keys, nodes.KeySpec{Name: k.Name, Address: k.Address, Hosts: k.Hosts, Standbys: k.Standbys, SealedBackup: k.SealedBackup})
	}
	for _, d := range e.fleet.Databases {
		n.Databases = append(n.Databases, nodes.DatabaseSpec{Name: d.Name, Host: d.Host, Role: d.Role, DSN: d.DSN.Resolve})
	}
	for _, p := range e.fleet.Endpoints {
		n.Endpoints = append(n.Endpoints, nodes.EndpointSpec{Name: p.Name, Kind: p.Kind, Host: p.Host, URL: p.URL, Expect: p.Expect})
	}
	r := reach.New(e.pool, e.to)
	e.watch = nodes.New(n, ours{r, l}, r, nodes.Options{})
	t.Cleanup(func() { e.watch.Close(); e.pool.Close() })
	return e
}

// ours dials through the fleet, so that a caller of a hung node gets its token
// back.
type ours struct {
	*reach.Hosts
	l *lab
}

func (o ours) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return o.l.Dial(ctx, network, addr)
}

// look passes d of time, looking every two seconds, and gives the last look.
func (e *eyes) look(t *testing.T, d time.Duration) nodes.Snapshot {
	t.Helper()
	var s nodes.Snapshot
	for end := e.clk.Now().Add(d); e.clk.Now().Before(end); {
		e.wait(t, 2*time.Second)
		busy := e.clk.Busy()
		s = e.watch.Look(t.Context(), e.clk.Now())
		busy()
	}
	return s
}

// TestTheRealEyesSeeTheWorld lets the real watcher read the whole fleet.
func TestTheRealEyesSeeTheWorld(t *testing.T) {
	e := newEyes(t)
	s := e.look(t, 40*time.Second)
	for _, n := range s.Nodes {
		if n.State != nodes.Up || n.Synced != nodes.True || n.RightNet != nodes.True || n.Peers != 5 || n.Version != "0.38.21" {
			t.Errorf("%s: %+v", n.Name, n)
		}
	}
	for _, k := range s.Keys {
		if k.Signing != nodes.True || k.MissedStreak != 0 || len(k.LiveEndpoints) != 1 || k.Tombstoned != nodes.False {
			t.Errorf("%s: %+v", k.Name, k)
		}
	}
	for _, p := range s.Endpoints {
		if p.OK != nodes.True {
			t.Errorf("%+v", p)
		}
	}
	if s.Chain.Halted != nodes.False || len(s.Chain.Forks) > 0 || len(s.Chain.Evidence) > 0 || len(s.Duplicates) > 0 {
		t.Errorf("%+v %+v", s.Chain, s.Duplicates)
	}
	busy := e.clk.Busy()
	facts := e.watch.LookHosts(t.Context(), e.clk.Now(), []string{"val-2", "val-2s", "db-1"})
	busy()
	if f := facts[0]; f.Reachable != nodes.True || f.Unit.ActiveState != "active" || !f.ProcsKnown || f.Procs != 1 || f.Key.Present != nodes.True ||
		!f.State.Known || f.State.Height < 1_204_000 || f.ChainID != "virtengine-1" {
		t.Errorf("val-2: %+v", f)
	}
	if f := facts[2]; f.Reachable != nodes.True || f.Unit.ActiveState != "active" || f.Key.Present == nodes.True {
		t.Errorf("db-1: %+v", f)
	}
	if err := e.Fault("process-crash", "val-2"); err != nil {
		t.Fatal(err)
	}
	s = e.look(t, 30*time.Second)
	k, _ := s.Key("val-2")
	n, _ := s.Node("val-2")
	if k.Signing != nodes.False || k.MissedStreak < 3 || n.State != nodes.Down || n.Fail != nodes.FailRefused || s.Chain.Halted != nodes.False {
		t.Errorf("after the crash: %+v %+v", k, n)
	}
	if err := e.Fault("halt", ""); err != nil {
		t.Fatal(err)
	}
	if s = e.look(t, 90*time.Second); s.Chain.Halted != nodes.True {
		t.Errorf("%+v", s.Chain)
	}
}

func TestTheRealEyesSeeADoubleSignAndAWrongAppHash(t *testing.T) {
	e := newEyes(t)
	e.look(t, 20*time.Second)
	if err := e.Fault("colleague-starts-standby", "val-2s"); err != nil {
		t.Fatal(err)
	}
	if err := e.Fault("app-hash", "val-4"); err != nil {
		t.Fatal(err)
	}
	duplicates := 0
	var s nodes.Snapshot
	for range 15 {
		s = e.look(t, 4*time.Second)
		duplicates = max(duplicates, len(s.Duplicates))
	}
	k, _ := s.Key("val-2")
	if duplicates == 0 || len(s.Chain.Evidence) != 1 || k.Tombstoned != nodes.True {
		t.Errorf("%d duplicates, %+v, %+v", duplicates, s.Chain.Evidence, k)
	}
	if len(s.Chain.Forks) == 0 || s.Chain.Forks[0].Node != "val-4" {
		t.Errorf("forks: %+v", s.Chain.Forks)
	}
}

// TestTheRunbooksOwnScripts runs the blocks of the embedded failover on the
// fleet, through the real transport.
func TestTheRunbooksOwnScripts(t *testing.T) {
	const name = "../../checklists/library/single-validator-failover.md"
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	book, problems := checklists.Parse(name, src, nil)
	for _, p := range problems {
		if !p.Warn {
			t.Fatalf("%+v", p)
		}
	}
	e := newEyes(t)
	if err := e.Fault("process-crash", "val-2"); err != nil {
		t.Fatal(err)
	}
	key, _ := e.fleet.Key("val-2")
	w := e.World()
	mark := w.Tip().Height + 12
	env := []ssh.Var{{Name: "failed", Value: "val-2"}, {Name: "standby", Value: "val-2s"}, {Name: "key", Value: "val-2"}, {Name: "key_address", Value: key.Address},
		{Name: "key_sealed_backup", Value: key.SealedBackup}, {Name: "key_mark_height", Value: strconv.FormatInt(mark, 10)},
		{Name: "key_mark_round", Value: "0"}, {Name: "key_mark_step", Value: "3"}}
	for _, h := range []string{"failed", "standby"} {
		env = append(env, ssh.Var{Name: h + "_unit", Value: e.fleet.Hosts[0].Unit}, ssh.Var{Name: h + "_unit_dir", Value: e.fleet.Hosts[0].UnitDir},
			ssh.Var{Name: h + "_home", Value: e.fleet.Hosts[0].Home})
	}
	run := func(b checklists.Block) (string, int) {
		host := map[string]string{"$failed": "val-2", "$standby": "val-2s"}[b.Host]
		var out strings.Builder
		keep := func(p []byte) { out.Write(p) }
		defer e.clk.Busy()()
		res, err := e.pool.Exec(t.Context(), e.to[host], ssh.Command{Script: b.Text, Env: env, Effect: "01TEST", Stdout: keep, Stderr: keep})
		if err != nil || res.Class != ssh.Exited {
			t.Fatalf("line %d: %v %v", b.Line, res, err)
		}
		return out.String(), res.Exit
	}
	steps := map[string]checklists.Step{}
	for _, p := range book.Phases {
		for _, g := range p.Groups {
			for _, s := range g.Steps {
				steps[s.ID] = s
			}
		}
	}
	for _, id := range []string{"fence-failed", "key-aside", "stage", "start"} {
		if id == "stage" {
			e.wait(t, 75*time.Second)
		}
		s := steps[id]
		if s.Run == nil {
			t.Fatalf("step %s has nothing to run", id)
		}
		for _, b := range append([]checklists.Block{*s.Run}, s.Verifies...) {
			if b.Lang == "probe" {
				continue
			}
			if out, code := run(b); code != 0 {
				t.Fatalf("%s, line %d: exit %d: %s", id, b.Line, code, out)
			}
		}
	}
	e.wait(t, 40*time.Second)
	w = e.World()
	if !w.SignedWithin(key.Address, 1) || len(w.Chain.Offences) > 0 || w.Host("val-2s").Proc.Address != key.Address {
		t.Errorf("signed %v, offences %v", w.SignedWithin(key.Address, 1), w.Chain.Offences)
	}
}

// TestTheRealDriversPost sends through comms, with each trouble a receiver can
// have.
func TestTheRealDriversPost(t *testing.T) {
	e := newEyes(t)
	for _, ch := range e.fleet.Channels {
		d, err := comms.New(comms.ChannelConfig{Name: ch.Name, Driver: ch.Driver, URL: ch.URL, Target: ch.Target, Token: ch.Token.Resolve,
			Audience: outbox.Audience(ch.Audience)}, e.Dial)
		if err != nil {
			t.Fatal(err)
		}
		if name, err := d.Name(t.Context()); err != nil || !strings.Contains(strings.ToLower(name), "drill") {
			t.Errorf("%s: %q %v", ch.Name, name, err)
		}
		post := func(n int) comms.Post {
			now := e.clk.Now()
			return comms.Post{Opens: true, IncidentKey: "opaque-incident", Impact: "minor", Now: now, Row: outbox.Row{ID: "01ROW" + strconv.Itoa(n), Incident: "DRILL-1",
				Lane: ch.Name, Template: "t", Audience: outbox.Audience(ch.Audience), Title: "Drill", Body: "a message", StatusState: "identified",
				Marker: "marker00000000000" + strconv.Itoa(100+n), FirstAt: now, SentAt: now}}
		}
		if out := d.Send(t.Context(), post(1)); out.Class != outbox.ClassDelivered || out.Remote.ID == "" {
			t.Errorf("%s: %+v", ch.Name, out)
		}
		for i, f := range []struct {
			fault string
			class outbox.Class
		}{{"reply-lost", outbox.ClassUnknown}, {"slack-429", outbox.ClassRateLimited}, {"channel-down", outbox.ClassNotSent}} {
			if err := e.Fault(f.fault, ch.Driver); err != nil {
				t.Fatal(err)
			}
			p := post(2 + i)
			if out := d.Send(t.Context(), p); out.Class != f.class {
				t.Errorf("%s, %s: %+v", ch.Name, f.fault, out)
			}
			if err := e.Mend(f.fault, ch.Driver); err != nil {
				t.Fatal(err)
			}
			want := outbox.Absent
			if f.fault == "reply-lost" {
				want = outbox.Found
			}
			if ch.Driver == comms.Discord {
				continue // found again by its nonce, not by looking
			}
			if got := d.Lookup(t.Context(), p); got.Class != want {
				t.Errorf("%s, %s: look-up %+v", ch.Name, f.fault, got)
			}
		}
		if ch.Driver == comms.Discord {
			before := len(e.Received())
			if out := d.Send(t.Context(), post(2)); out.Class != outbox.ClassDelivered || len(e.Received()) != before {
				t.Errorf("the same nonce again: %+v, %d messages more", out, len(e.Received())-before)
			}
		}
	}
	if got := len(e.Received()); got != 2*len(e.fleet.Channels) {
		t.Errorf("%d messages arrived: %+v", got, e.Received())
	}
}
