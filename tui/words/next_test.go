package words

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// A step that carries the procedure runs nothing: it says what it waits for.
func TestWhatACarryingStepWaitsFor(t *testing.T) {
	open := fixture.Carried()
	taken := fixture.Carried()
	taken.State.Choices = map[string]string{"recover": "B"}
	taken.Choices[0].Open, taken.Choices[0].Taken = false, "B"
	begun := taken
	begun.State.Steps = append([]incident.Step(nil), taken.State.Steps...)
	for i := range begun.State.Steps {
		if begun.State.Steps[i].Step.ID == "procedure/stop-and-fence" {
			begun.State.Steps[i].Status = incident.Done
		}
	}
	for name, c := range map[string]struct {
		v    cockpit.View
		want string
	}{
		"the way is open": {open, "First choose the way: c. With the steps below it is done by itself."},
		"nothing is done": {taken, "0 of 3 steps below are done; then it is done by itself."},
		"one is":          {begun, "1 of 3 steps below are done; then it is done by itself."},
	} {
		st, _ := c.v.Step("activate")
		if n := ForStep(c.v, st); n.Do != DoInside {
			t.Errorf("%s: it is to be done by %d", name, n.Do)
		}
		if got := Inside(c.v, st); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", name, got, c.want)
		}
		if s := Step(st, false, c.v.Now); strings.ContainsAny(s.Word, "0123456789") {
			t.Errorf("%s: its state is %q", name, s.Word)
		}
	}
}

// No length of time is ever drawn from a time nobody set.
func TestNoLengthFromNoTime(t *testing.T) {
	now := fixture.At("03:12:00")
	for name, got := range map[string]string{
		"since":         Since(time.Time{}, now),
		"the longest":   Dur(math.MaxInt64),
		"the shortest":  Dur(math.MinInt64),
		"from no time":  Dur(now.Sub(time.Time{})),
		"until no time": Dur(time.Time{}.Sub(now)),
	} {
		if got != "--:--" {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := Since(now.Add(time.Second), now); got != "00:00" {
		t.Errorf("a clock set back gives %q", got)
	}
	for _, s := range incident.Statuses() {
		st := cockpit.StepView{Step: incident.Step{Status: s}}
		if w := Step(st, true, now).Word; strings.Contains(w, " d ") {
			t.Errorf("%s without a time is %q", s, w)
		}
	}
}

// Beside red facts the alert row never says no more than that there is no alert.
func TestNoAlertNamesWhatIsRed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*nodes.Snapshot)
		want   string
	}{
		"all is well":    {func(*nodes.Snapshot) {}, "No alert."},
		"a node is down": {down(nodes.FailRefused), "No alert yet, but val-1 is down for 1:00, and 1 more is wrong."},
		"never answered": {func(s *nodes.Snapshot) { s.Nodes[0].State, s.Nodes[0].SeenAt = nodes.Down, time.Time{} }, "No alert yet, but val-1 never answered."},
		"two are down": {func(s *nodes.Snapshot) {
			down(nodes.FailRefused)(s)
			s.Nodes = append(s.Nodes, s.Nodes[0])
		}, "No alert yet, but val-1 is down for 1:00, and 2 more are wrong."},
		"a host is away": {func(s *nodes.Snapshot) { s.Hosts[0].Reachable = nodes.False }, "No alert yet, but 1 of what is watched is not as it should be."},
	} {
		v := one(c.change)
		if got := Worst(v, v.Now); got.Text != c.want || got.Level != Calm {
			t.Errorf("%s\n got %q\nwant %q", name, got.Text, c.want)
		}
	}
}

// A message whose time is there is due; it is late only once a person could have
// posted it.
func TestDueIsNotYetLate(t *testing.T) {
	now := fixture.At("03:12:00")
	for after, want := range map[time.Duration]string{
		-time.Second: "due in 00:01", 0: "due now", time.Second: "due now", time.Minute: "due now", 61 * time.Second: "OVERDUE by 01:01",
	} {
		s := cockpit.SayView{Due: now.Add(-after)}
		if got, _ := Due(s, now); got != want {
			t.Errorf("%s after its time: %q, want %q", after, got, want)
		}
		v := cockpit.View{Says: []cockpit.SayView{s}}
		if got := Worst(v, now).Word == "CAUTION"; got != (want[0] == 'O') {
			t.Errorf("%s after its time the alert row says %+v", after, Worst(v, now))
		}
	}
}

// What must hold for a time says how much of it held.
func TestHowLongItHolds(t *testing.T) {
	now := fixture.At("03:12:00")
	for want, st := range map[string]cockpit.StepView{
		"watched for 05:59":    {Step: incident.Step{At: now.Add(-359 * time.Second)}},
		"holds 05:59 of 10:00": {For: []time.Duration{10 * time.Minute}, Held: []time.Time{now.Add(-359 * time.Second)}},
		"holds 00:00 of 10:00": {For: []time.Duration{10 * time.Minute}, Held: []time.Time{{}}},
		"holds 00:10 of 00:10": {For: []time.Duration{0, 10 * time.Second}, Held: []time.Time{{}, now.Add(-time.Hour)}},
		"watched for --:--":    {},
	} {
		if got := watched(st, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A roll call is called, not waited for, and what it comes to is a person's word:
// a square box with a name, never "seen".
func TestTheRollIsCalled(t *testing.T) {
	st := cockpit.StepView{Step: incident.Step{Status: incident.Verifying, By: "mira", At: noon}}
	st.Step.Step = checklists.Step{ID: "roll", Verifies: []checklists.Block{{Lang: "probe", Probes: []checklists.Probe{{Kind: "chain", Field: "power_ready", Op: ">", Lit: "2/3"}}}}}
	if n := ForStep(cockpit.View{}, st); n.Do != DoRoll {
		t.Errorf("do %d", n.Do)
	}
	st.Status = incident.Done
	if s := Step(st, false, noon); s.Box != "[✓]" || !strings.Contains(s.Word, "mira") || strings.Contains(s.Word, "seen") {
		t.Errorf("%+v", s)
	}
}

// A chain whose next block is late is not called moving.
func TestALateChain(t *testing.T) {
	v := cockpit.View{Now: noon}
	v.Snap.Chain = nodes.Chain{Height: 7, Halted: nodes.False, LastBlock: noon.Add(-22 * time.Second), HeightSince: noon.Add(-20 * time.Second)}
	if mark, text, level := Chain(v, noon); mark != Asks || level != Unknown || !strings.HasPrefix(text, "LATE: no block for 0:22") {
		t.Errorf("%s %q %v", mark, text, level)
	}
}
