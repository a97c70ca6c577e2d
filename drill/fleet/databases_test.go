package fleet

import (
	"testing"
	"time"

	"github.com/virtengine/relight/nodes"
)

// The real watcher reads the databases of the fleet, one at its port and one
// through SSH: roles, timelines, what a crash, a frozen replica and a hang are.
func TestTheRealEyesSeeTheDatabases(t *testing.T) {
	e := newEyes(t)
	s := e.look(t, 10*time.Second)
	p, _ := s.Database("db-1")
	r, _ := s.Database("db-2")
	if p.State != nodes.Up || p.Role != nodes.RolePrimary || p.Timeline != 1 || p.Replicas != 1 || p.Sessions != 12 || p.Archiving != nodes.True ||
		p.Replay != nodes.ReplayNone || p.HeartbeatAge < 0 || p.HeartbeatAge > time.Second {
		t.Errorf("db-1: %+v", p)
	}
	if r.State != nodes.Up || r.Role != nodes.RoleReplica || r.Timeline != 1 || r.Replay != nodes.ReplayStreaming || r.LagBytes != 0 || r.HeardAge != 0 {
		t.Errorf("db-2: %+v", r)
	}
	if err := e.Fault("replica-frozen", "db-2"); err != nil {
		t.Fatal(err)
	}
	s = e.look(t, 30*time.Second)
	if r, _ = s.Database("db-2"); r.LagBytes < 1<<20 || r.HeardAge < 28*time.Second || r.HeartbeatAge < 28*time.Second {
		t.Errorf("frozen: %+v", r)
	}
	if err := e.Fault("db-crash", "db-1"); err != nil {
		t.Fatal(err)
	}
	s = e.look(t, 6*time.Second)
	p, _ = s.Database("db-1")
	r, _ = s.Database("db-2")
	if p.State != nodes.Down || p.Fail != nodes.FailRefused || p.Fails < 2 || r.LagBytes != -1 || r.LagWhy == "" {
		t.Errorf("after the crash: %+v\n%+v", p, r)
	}
	if err := e.Mend("db-crash", "db-1"); err != nil {
		t.Fatal(err)
	}
	if s = e.look(t, 6*time.Second); s.Databases[0].State != nodes.Up || s.Databases[0].Fails != 0 {
		t.Errorf("back again: %+v", s.Databases[0])
	}
	if err := e.Fault("host-hang", "db-1"); err != nil {
		t.Fatal(err)
	}
	if s = e.look(t, 4*time.Second); s.Databases[0].State != nodes.Down || s.Databases[0].Fail != nodes.FailTimeout {
		t.Errorf("hung: %+v", s.Databases[0])
	}
}
