package incident

import (
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

func TestTheTrailOfAMessageKeepsItsBeginningAndItsEnd(t *testing.T) {
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	r := outbox.Row{ID: "r1", State: outbox.Queued, By: "mira"}
	s := Apply(State{}, Recorded{At: at, Event: RowQueued{Row: r}})
	first := s
	for i := range 100 {
		s = Apply(s, Recorded{At: at.Add(time.Duration(i+1) * time.Minute), Event: RowStarted{Row: "r1"}})
	}
	tr := s.Trails["r1"]
	if len(tr) > keptMoments || tr[0].By != "mira" || !tr[len(tr)-1].At.Equal(at.Add(100*time.Minute)) {
		t.Errorf("%d moments, from %+v to %+v", len(tr), tr[0], tr[len(tr)-1])
	}
	if len(first.Trails["r1"]) != 1 {
		t.Error("an older state was changed")
	}
}

func TestWhereAPersonSaysItStands(t *testing.T) {
	for where, want := range map[string]outbox.Remote{
		"":      {},
		" 8k2j": {ID: "8k2j"},
		"https://status.example.com/incidents/8k2j?x=1": {ID: "8k2j", Link: "https://status.example.com/incidents/8k2j?x=1"},
		"https://chat.example.com/c/p1700/":             {ID: "p1700", Link: "https://chat.example.com/c/p1700/"},
	} {
		if got := remote(where); got != want {
			t.Errorf("%q is %+v, want %+v", where, got, want)
		}
	}
}

func TestAPromiseIsAClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 31, 0, 0, time.UTC)
	in := func(m int) time.Time { return now.Add(time.Duration(m) * time.Minute) }
	for name, c := range map[string]struct{ planned, promised, want time.Time }{
		"no promise":                 {in(30), time.Time{}, in(30)},
		"earlier than the plan":      {in(30), in(20), in(20)},
		"later than the plan":        {in(30), in(45), in(30)},
		"past":                       {in(30), in(-1), in(30)},
		"where the plan has nothing": {time.Time{}, in(20), in(20)},
	} {
		if got := sooner(c.planned, c.promised, now); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
