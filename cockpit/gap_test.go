package cockpit

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/incident"
)

// wall is a clock on a wall: it shows what it is set to.
type wall struct {
	clock.Clock
	now time.Time
}

func (w *wall) Now() time.Time { return w.now }

// A laptop that was closed, and a clock that was set: whatever must hold for a
// time is counted anew, and the commander is told. A slow look is no gap.
func TestGap(t *testing.T) {
	for _, c := range []struct {
		name string
		step time.Duration
		gap  bool
	}{
		{"the next look", 2 * time.Second, false},
		{"a slow look", 19 * time.Second, false},
		{"closed for an hour", time.Hour, true},
		{"closed for a minute", time.Minute, true},
		{"set back a little", -2 * time.Second, false},
		{"set back an hour", -time.Hour, true},
	} {
		w := &wall{now: start}
		k := New(Options{Clock: w, Person: "mira"})
		k.state = incident.State{ID: "INC-20261123-001"}
		if !k.gapLocked() || k.notice != "" || k.away != nil {
			t.Fatalf("%s: the first look of a cockpit is a gap of which nothing is said: %q", c.name, k.notice)
		}
		since := map[string]time.Time{"val-1": start}
		k.trail.fenced, k.trail.down, k.trail.cut = since, since, since
		w.now = w.now.Add(c.step)
		if got := k.gapLocked(); got != c.gap {
			t.Errorf("%s: gap %t", c.name, got)
		}
		kept := len(k.trail.fenced) + len(k.trail.down) + len(k.trail.cut)
		if c.gap != (kept == 0) {
			t.Errorf("%s: %d times since when are kept", c.name, kept)
		}
		if c.gap != strings.HasPrefix(k.notice, "Nobody watched from ") || c.gap != (k.away != nil) {
			t.Errorf("%s: notice %q, away %v", c.name, k.notice, k.away)
		}
		w.now = w.now.Add(2 * time.Second)
		if k.gapLocked() {
			t.Errorf("%s: the look after it is one, too", c.name)
		}
	}
}

// On a rehearsal clock that runs faster, a look takes more of its time.
func TestGapOfAFastRehearsal(t *testing.T) {
	k := New(Options{Clock: clock.NewRehearsal(start, 30), Person: "mira"})
	k.gapLocked()
	k.looked = k.looked.Add(-time.Minute)
	if k.gapLocked() {
		t.Error("a minute at thirty times the speed is two seconds of the watch")
	}
}
