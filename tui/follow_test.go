package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// checking is the flight with its step run and its check not through, while
// another step is the one to do next.
func checking() cockpit.View {
	v := fixture.Flight()
	for i := range v.Steps {
		if v.Steps[i].Step.Step.ID == "stop-and-fence" {
			v.Steps[i].Status, v.Steps[i].At = incident.Verifying, v.Now.Add(-3*time.Second)
		}
	}
	for _, st := range v.Steps {
		if len(st.Step.Step.Comms) > 0 && st.Status == incident.Todo {
			v.Current = st.Step.Step.ID
		}
	}
	return v
}

// Eyes and cursor stay with what was run until it is known to hold: a cursor
// that jumps away and back is how a key meets the wrong step.
func TestTheCursorStaysWithACheck(t *testing.T) {
	d := open(t, checking(), 120, 40)
	d.sees("▶[~] Stop and fence val-2", `CHECKING "Stop and fence val-2" for 00:03.`)
	d.press("space").sees("Space does nothing now.").asked()
	d.press("j").misses("▶[~] Stop and fence val-2")
	d.press("f").sees("▶[~] Stop and fence val-2")
}

// Whoever types on after a key that opened nothing must learn so at once, and
// the letters after it must not leave a step out.
func TestAKeyWithoutEffectSaysSo(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("space").sees("Space does nothing now.").asked()
	d.hold("n", "s").misses("[skip").asked()
	d.press("s").sees("[skip _")
}

func TestACalmAnswerLeavesRoomForWhatIsNext(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("i").typing("a word").press("enter").asked("incident.Note")
	d.sees(`Written into the record.   x arms "Stop and fence val-2" on val-2`)
	d = open(t, fixture.Flight(), 60, 24)
	d.press("i").typing("a word").press("enter").asked("incident.Note")
	d.sees("Written into the record.").misses(`x arms "Stop`)
	d.pause(sayFor).sees(`x arms "Stop`)
}

// One row says what would run: "set -eu" is no news to anybody.
func TestTheArmedRowBeginsWithWhatRuns(t *testing.T) {
	v := fixture.Flight()
	for i := range v.Steps {
		v.Steps[i].Script = "set -eu\n\n" + v.Steps[i].Script
	}
	open(t, v, 120, 40).press("x").sees("armed", `"Stop and fence val-2" on val-2 `, "                     sudo -n systemctl disable").misses("                     set -eu")
}

// Of a long silence only the newest commits are kept; the alert knows its
// beginning.
func TestALongSilenceKeepsItsBeginning(t *testing.T) {
	v := fixture.Flight()
	for i := range v.Snap.Keys {
		if k := &v.Snap.Keys[i]; k.Signing == nodes.False {
			k.MissedStreak, k.StreakOpen, k.StoppedSince = 120, true, v.Now.Add(-12*time.Minute)
			v.Alerts = append(v.Alerts, cockpit.Alert{Kind: "key-silent " + k.Name, Since: v.Now.Add(-32 * time.Minute)})
		}
	}
	f := open(t, v, 120, 40).press("2", "z").frame()
	if !strings.Contains(f, "missed 120 or more, silent for 32:00") {
		t.Errorf("the silence began with the oldest commit kept:\n%s", f)
	}
}
