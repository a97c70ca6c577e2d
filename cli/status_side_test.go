package cli

import (
	"context"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes"
)

// slowHosts is a watcher whose hosts answer only once a node was looked at.
type slowHosts struct {
	looked chan struct{}
	read   bool
	last   bool // the hosts were read before the last look
}

func (s *slowHosts) Look(context.Context, time.Time) nodes.Snapshot {
	select {
	case <-s.looked:
		s.last = s.read
	default:
		close(s.looked)
	}
	return nodes.Snapshot{Chain: nodes.Chain{Moving: nodes.True, Endpoints: 1}}
}

func (s *slowHosts) LookHosts(ctx context.Context, _ time.Time, _ []string) []nodes.HostFacts {
	select {
	case <-s.looked:
	case <-time.After(10 * time.Second):
		return nil
	}
	s.read = true
	return nil
}

// The nodes wait for no host, and what the hosts said is in what is shown.
func TestHostsAndNodesAreReadSideBySide(t *testing.T) {
	w := &slowHosts{looked: make(chan struct{})}
	begun := time.Now()
	lookAll(t.Context(), w, []string{"val-1"})
	if !w.read || !w.last || time.Since(begun) > 5*time.Second {
		t.Errorf("read %v, shown %v, after %v", w.read, w.last, time.Since(begun))
	}
}
