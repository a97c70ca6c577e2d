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

func TestDark(t *testing.T) {
	key := nodes.Key{Name: "k", Address: "AA", Hosts: []string{"h"}}
	signing := key
	signing.Signing = nodes.True
	node := func(s nodes.Node) nodes.Snapshot {
		s.Name, s.Host = "h", "h"
		return nodes.Snapshot{At: start, Keys: []nodes.Key{key}, Nodes: []nodes.Node{s}}
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
