package nodes

import (
	"testing"
	"time"
)

// Whether an old primary may come back: a host that answers must be fenced; of one
// that does not answer nothing is said.
func TestLoose(t *testing.T) {
	d := Database{Name: "db-1", Host: "db-1"}
	for _, c := range []struct {
		name   string
		reach  Tri
		fenced Tri
		want   Tri
	}{
		{"answers, not fenced", True, False, True},
		{"answers, nobody knows", True, Unknown, True},
		{"answers, fenced", True, True, False},
		{"does not answer", False, Unknown, False},
		{"not known", Unknown, Unknown, Unknown},
	} {
		s := Snapshot{Hosts: []HostFacts{{Name: "db-1", At: time.Unix(1, 0), Reachable: c.reach}}}
		if got := loose(s, d, c.fenced); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if got := loose(Snapshot{}, d, Unknown); got != Unknown {
		t.Errorf("a host that was never looked at: %v", got)
	}
}
