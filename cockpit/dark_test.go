package cockpit

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// A condition about which nothing is known any more has not ended: it stands as
// last known until something tells.
func TestWhatIsNotKnownHasNotEnded(t *testing.T) {
	c, _, _ := sit(t)
	see := func(k nodes.Key) {
		c.mu.Lock()
		defer c.mu.Unlock()
		k.Name = "val-3"
		c.snap = nodes.Snapshot{At: c.clk.Now(), Keys: []nodes.Key{k}}
		c.noteAlertsLocked()
		c.observeLocked(false)
	}
	see(nodes.Key{Signing: nodes.False, MissedStreak: 5, StoppedSince: start})
	see(nodes.Key{Signing: nodes.Unknown})
	a := c.View().Alerts
	if len(a) != 1 || !a[0].Asks || !strings.Contains(a[0].Text, "Last known") {
		t.Fatalf("%+v", a)
	}
	if al := c.State().Alarms; len(al) != 1 || !al[0].Ended.IsZero() {
		t.Errorf("%+v", al)
	}
	see(nodes.Key{Signing: nodes.True})
	if al := c.State().Alarms; len(al) != 1 || al[0].Ended.IsZero() || len(c.View().Alerts) != 0 {
		t.Errorf("%+v", al)
	}
}

// Whoever comes back while a condition stands sees it with the time at which it
// began, in every frame, and is told of no end and no new beginning.
func TestAnAlertOutlivesARestart(t *testing.T) {
	c, _, _ := sit(t)
	began := start.Add(-time.Minute)
	see := func(d nodes.Database) Alert {
		t.Helper()
		c.mu.Lock()
		d.Name, d.Meant = "db-1", "primary"
		c.snap = nodes.Snapshot{At: c.clk.Now(), Every: 2 * time.Second, Databases: []nodes.Database{d}}
		c.noteAlertsLocked()
		c.observeLocked(false)
		c.publishLocked()
		c.mu.Unlock()
		a, al := c.View().Alerts, c.State().Alarms
		if len(a) != 1 || len(al) != 1 || !al[0].Ended.IsZero() {
			t.Fatalf("%+v\n%+v", a, al)
		}
		return a[0]
	}
	first := see(nodes.Database{State: nodes.Down, Fails: 2, Since: began, Err: "connection refused"})
	if !strings.Contains(first.Text, clockTime(start, began)) {
		t.Fatal(first.Text)
	}
	c.seen = map[string]time.Time{} // another process
	for name, d := range map[string]nodes.Database{
		"not asked yet":  {},
		"asked once":     {State: nodes.Down, Fails: 1, Since: start},
		"asked for long": {State: nodes.Down, Fails: 9, Since: start.Add(time.Second), Err: "connection refused"},
	} {
		if a := see(d); !strings.Contains(a.Text, clockTime(start, began)) || strings.Contains(a.Text, "Last known") != (name == "not asked yet") {
			t.Errorf("%s: %q", name, a.Text)
		}
	}
}

func TestDark(t *testing.T) {
	key := nodes.Key{Name: "k", Address: "AA", Hosts: []string{"h"}}
	signing := key
	signing.Signing = nodes.True
	node := func(s nodes.Node) nodes.Snapshot {
		s.Name, s.Host = "h", "h"
		return nodes.Snapshot{At: start, Keys: []nodes.Key{key}, Nodes: []nodes.Node{s}}
	}
	pair := func(b nodes.Database) nodes.Snapshot {
		b.Name = "b"
		return nodes.Snapshot{At: start, Databases: []nodes.Database{{Name: "a", State: nodes.Up, Role: nodes.RolePrimary}, b}}
	}
	for _, x := range []struct {
		kind string
		s    nodes.Snapshot
		want bool
	}{
		{"key-silent k", nodes.Snapshot{At: start}, true},
		{"key-silent k", nodes.Snapshot{At: start, Keys: []nodes.Key{key}}, true},
		{"key-silent k", nodes.Snapshot{At: start, Keys: []nodes.Key{signing}}, false},
		{"chain-halted", nodes.Snapshot{At: start}, true},
		{"chain-halted", nodes.Snapshot{At: start, Chain: nodes.Chain{Halted: nodes.False}}, false},
		{"disk-full h", nodes.Snapshot{At: start, Hosts: []nodes.HostFacts{{Name: "h", Reachable: nodes.False}}}, true},
		{"disk-full h", nodes.Snapshot{At: start, Hosts: []nodes.HostFacts{{Name: "h", Reachable: nodes.True}}}, false},
		{"key-silent k", nodes.Snapshot{At: start, Keys: []nodes.Key{{Name: "k", Signing: nodes.False}}}, true},
		{"node-down h", node(nodes.Node{State: nodes.Down}), true},
		{"node-down h", node(nodes.Node{State: nodes.Up, Stuck: nodes.False}), false},
		{"endpoint-down e", nodes.Snapshot{At: start, Endpoints: []nodes.Endpoint{{Name: "e", OK: nodes.False}}}, true},
		{"endpoint-down e", nodes.Snapshot{At: start, Endpoints: []nodes.Endpoint{{Name: "e", OK: nodes.True}}}, false},
		{"database-down d", nodes.Snapshot{At: start, Databases: []nodes.Database{{Name: "d", State: nodes.Down}}}, true},
		{"database-down d", nodes.Snapshot{At: start, Databases: []nodes.Database{{Name: "d", State: nodes.Up}}}, false},
		{"two-primaries a b", pair(nodes.Database{}), true},
		{"two-primaries a b", pair(nodes.Database{State: nodes.Down, Fail: nodes.FailTimeout}), true},
		{"two-primaries a b", pair(nodes.Database{State: nodes.Down, Fail: nodes.FailRefused}), false},
		{"two-primaries a b", pair(nodes.Database{State: nodes.Up, Role: nodes.RoleReplica}), false},
		{"place-silent z", nodes.Snapshot{At: start, Places: []nodes.Place{{Name: "z", Asked: 2}}}, true},
		{"place-silent z", nodes.Snapshot{At: start, Places: []nodes.Place{{Name: "z", Asked: 2, Answering: 1}}}, false},
		{"fork h", node(nodes.Node{State: nodes.Down}), true},
		{"fork h", node(nodes.Node{State: nodes.Up}), false},
		{"second-signer AA", node(nodes.Node{State: nodes.Down, Fail: nodes.FailRefused}), false},
		{"second-signer AA", node(nodes.Node{State: nodes.Down}), true},
		{"second-signer AA", node(nodes.Node{State: nodes.Up}), false},
		{"something else", nodes.Snapshot{At: start}, false},
		{"something else", nodes.Snapshot{}, true},
	} {
		if got := dark(x.kind, x.s); got != x.want {
			t.Errorf("%s: dark is %t, want %t", x.kind, got, x.want)
		}
	}
}

// Of a done action only the probes are read on; its scripts are not run again.
func TestScriptsOfDoneActionsRest(t *testing.T) {
	c, _, _ := sit(t)
	read := []incident.Reading{{Text: "the script", Truth: incident.True}}
	st := incident.Step{Status: incident.Done, Effect: "e", Checks: []incident.Check{{}, {Readings: read}}}
	st.Step.Run = &checklists.Block{Lang: "sh"}
	st.Step.Verifies = []checklists.Block{{Lang: "probe", Probes: []checklists.Probe{{Kind: "chain", Field: "halted", Op: "==", Lit: "false"}}}, {Lang: "sh", Host: "val-2", Text: "true"}}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.observedLocked(st)
	if len(o.Checks) != 2 || len(o.Checks[0]) != 1 || len(o.Checks[1]) != 1 || o.Checks[1][0] != read[0] || len(c.shell) != 0 {
		t.Errorf("%+v, asked %v", o.Checks, c.shell)
	}
}

// A reading keeps the time at which it was read: asked again is not answered, and
// what is old must look old.
func TestAReadingKeepsItsTime(t *testing.T) {
	c, _, _ := sit(t)
	b := checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n"}
	read := incident.Reading{Text: "x", Truth: incident.True, At: c.clk.Now().Add(-time.Minute)}
	c.mu.Lock()
	c.shell["k"] = read
	got := c.shellLocked("k", b)
	asked := c.shellAsked["k"]
	c.mu.Unlock()
	if got != read {
		t.Errorf("a reading of a minute ago is given as %+v", got)
	}
	if asked.IsZero() {
		t.Error("it was not asked again")
	}
}
