package cockpit

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// hung is a Watcher of which one host hangs until the context ends.
type hung struct {
	rooms
	mu    sync.Mutex
	reads map[string]int
}

func (h *hung) LookHosts(ctx context.Context, _ time.Time, hosts []string) []nodes.HostFacts {
	h.mu.Lock()
	for _, name := range hosts {
		h.reads[name]++
	}
	h.mu.Unlock()
	for _, name := range hosts {
		if name == "hung" {
			<-ctx.Done()
		}
	}
	return nil
}

func (h *hung) Look(_ context.Context, now time.Time) nodes.Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := nodes.Snapshot{At: now, Nodes: []nodes.Node{{Name: "val-1", State: nodes.Up}}}
	for name := range h.reads {
		if name != "hung" {
			s.Hosts = append(s.Hosts, nodes.HostFacts{Name: name, At: now, Reachable: nodes.True})
		}
	}
	return s
}

// A host that hangs holds back neither what the nodes show nor the other hosts,
// from the first look on; and it is not asked again before it has answered.
func TestAHungHostHoldsBackNothing(t *testing.T) {
	h := &hung{reads: map[string]int{}}
	c := New(Options{Clock: clock.Real(), Every: 5 * time.Millisecond, Person: "mira", Books: h, Watcher: h, Runner: h, Poster: h,
		Fleet: config.Fleet{
			Hosts: []config.Host{{Name: "hung"}, {Name: "well"}},
			Keys:  []config.Key{{Name: "val-1", Hosts: []string{"hung", "well"}}},
		}})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	looks := map[time.Time]bool{}
	for len(looks) < 5 {
		changed := c.Changed()
		s := c.View().Snap
		if _, ok := s.Host("well"); ok && len(s.Nodes) == 1 {
			looks[s.At] = true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%d looks in 20 s beside a hung host: %+v", len(looks), s)
		}
	}
	cancel()
	<-ended
	if h.reads["hung"] != 1 || h.reads["well"] != 1 {
		t.Errorf("read %v, each once in calm", h.reads)
	}
}
