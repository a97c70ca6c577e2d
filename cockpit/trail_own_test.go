package cockpit

import (
	"testing"
	"time"

	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// A node that runs with a key of its own counts from when that was seen, goes on
// counting while it is proven stopped, and starts anew after a moment of which
// nothing is known, or one with a key of ours.
func TestSinceWhenAHostRunsWithItsOwnKey(t *testing.T) {
	fleet := config.Fleet{Keys: []config.Key{{Name: "val-3", Address: "AA", Hosts: []string{"val-3"}}}}
	node := func(state nodes.State, address string, at time.Duration) nodes.Snapshot {
		return nodes.Snapshot{Nodes: []nodes.Node{{Name: "val-3", Host: "val-3", State: state, Address: address, SeenAt: start.Add(at)}}}
	}
	stopped := map[string]time.Time{"val-3": start}
	for _, c := range []struct {
		name string
		was  map[string]time.Time
		snap nodes.Snapshot
		down map[string]time.Time
		want time.Time
	}{
		{"seen first", nil, node(nodes.Up, "BB", time.Minute), nil, start.Add(time.Minute)},
		{"seen again", map[string]time.Time{"val-3": start}, node(nodes.Up, "BB", time.Minute), nil, start},
		{"stopped after it", map[string]time.Time{"val-3": start}, node(nodes.Down, "BB", time.Minute), stopped, start},
		{"stopped and never seen with it", nil, node(nodes.Down, "BB", time.Minute), stopped, time.Time{}},
		{"silent, not stopped", map[string]time.Time{"val-3": start}, node(nodes.Down, "BB", time.Minute), nil, time.Time{}},
		{"with our key", map[string]time.Time{"val-3": start}, node(nodes.Up, "AA", time.Minute), nil, time.Time{}},
		{"nothing read", map[string]time.Time{"val-3": start}, node(nodes.Up, "", time.Minute), nil, time.Time{}},
	} {
		if got := withOwnKey(c.was, c.snap, fleet, c.down)["val-3"]; !got.Equal(c.want) {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}
