package cockpit

import (
	"strings"
	"testing"

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
