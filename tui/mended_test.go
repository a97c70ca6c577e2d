package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
	"github.com/virtengine/relight/tui/words"
)

// A word behind a command that takes none is not dropped: nothing is done, and
// it is said. Where nothing falls due, :wait does not say that it jumps to it.
func TestWaitSaysWhatItWaitsFor(t *testing.T) {
	v := fixture.Flight()
	v.Says = nil
	d := open(t, v, 120, 40)
	d.press(":").typing("wait 5m").press("enter").sees(`:wait takes nothing behind it, and "5m" is not understood: nothing was done.`).asked()
	d.press(":").typing("wait").press("enter").sees("Nothing is known to fall due: time moves on to 03:11:52, a minute ahead.").asked("wait")
	v.Says = fixture.Flight().Says
	v.Says[0].Due = v.Now.Add(20 * time.Second)
	v.State.Seq++
	d.shows(v).press(":").typing("wait").press("enter").sees("Jumping to 03:11:12: a message falls due.")
}

// In a window made too narrow in flight nothing says that x arms, clock and power
// stand apart, and no rule to know by heart is cut in its middle.
func TestTooNarrowInFlight(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24).press("x")
	d.send(tea.WindowSizeMsg{Width: 40, Height: 12})
	d.pause(0).sees("x is locked below").misses("x arms it", "x arms again")
	for w := 40; w <= 100; w++ {
		for _, v := range []func() string{
			func() string { return open(t, fixture.Flight(), w, 24).frame() }, func() string { return open(t, fixture.Halted(), w, 24).frame() },
		} {
			row := strings.Split(v(), "\n")[1]
			if left, _, ok := strings.Cut(row, "/1,200"); ok {
				if i := strings.LastIndexByte(left, ' '); i < 1 || strings.Trim(left[i+1:], "0123456789,") != "" {
					t.Errorf("%d columns: clock and power run together: %s", w, row)
				}
			}
		}
	}
	d = open(t, fixture.Halted(), 40, 12)
	f := d.frame()
	for i, rule := range []string{"Do not restart all together: deadlock.", "Start no standby with a copied key.", "Nothing may reset a sign state."} {
		flat := strings.Join(strings.Fields(f), " ")
		if front := words.Num(int64(i+1)) + " " + rule[:5]; strings.Contains(flat, front) && !strings.Contains(flat, rule) {
			t.Errorf("%q is cut:\n%s", rule, f)
		}
	}
	d.sees("MEMORY  1 Do not")
}

// A key that does nothing is not in the row of keys, and what is locked is said in
// words; x still answers why.
func TestALockedStepOffersNoArming(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40).press("j", "j").sees("▶[ ] Start the standby val-2s", `(to do)`).misses("(todo)", "x arm step")
	d.press("x").sees("x is locked:").asked()
	d.press("esc").sees("x arm step")
	open(t, fixture.Flight(), 120, 40).press("ctrl+p").typing("Start the standby").sees("to do").misses("todo")
}

// A clock that ran its time is told from one that runs.
func TestAFinishedClockSaysSo(t *testing.T) {
	v := fixture.Flight()
	v.State.Clocks = []incident.Clock{{Name: "Validator back", RTO: 15 * time.Minute, Started: v.Now.Add(-10 * time.Minute), Stopped: v.Now.Add(-445 * time.Second)}}
	open(t, v, 80, 24).sees("Validator back took 02:35 ✓")
}

// What took the place of a posted message is not said to be shown where its text is
// not on the screen.
func TestNothingIsShownThatIsNot(t *testing.T) {
	d := open(t, queue(nil), 80, 24)
	d.c.React = func(string, cockpit.View) (cockpit.View, error) { return queue(map[string]bool{"first": true}), nil }
	d.press("P").pause(2 * time.Second)
	d.press("P").sees("Posted First", "Next: Second; 4 shows its").misses("Shown now")
}

// P is in the row of keys only where it shows or posts something; the choice shows
// which way is in force and does not say that Enter takes what is not marked.
func TestKeysThatDoNothingAreNotShown(t *testing.T) {
	v := fixture.Flight()
	v.Says = nil
	open(t, v, 80, 24).misses("P post")
	open(t, fixture.Flight(), 80, 24).sees("P post")
	d := open(t, fixture.Choice(), 80, 24).press("c").sees("Mark an option first").misses("Enter takes the marked")
	d.press("j").sees("Enter takes the marked option")
	open(t, fixture.Flight(), 80, 24).press("c").sees("B  Fail over to the standby  in force now")
	open(t, fixture.Alert(), 80, 24).press("D").sees("Esc close")
	open(t, fixture.Home(), 200, 60).press("?").misses("Esc         back to the next", "stop the running action")
	if f := open(t, fixture.Comms(), 80, 24).press("4").frame(); strings.Count(f, "▶") != 1 {
		t.Errorf("more than one mark:\n%s", f)
	}
}

// The foot of the output counts nothing where nothing was printed.
func TestOutputThatPrintedNothing(t *testing.T) {
	v := fixture.RunningHosts()
	v.Outputs[0].Lines = nil
	open(t, v, 80, 24).press("3").sees("nothing printed so far").misses("0 lines", "0 hidden")
}
