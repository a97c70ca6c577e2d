package tui

import (
	"testing"
	"time"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// The choice to be made next is where the cursor is, whatever could be posted
// after it.
func TestTheCursorStandsOnTheChoice(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}, {200, 60}} {
		d := open(t, fixture.Carried(), s.w, s.h)
		d.sees("▶    Which way?", "c chooses the way").misses("▶[ ]")
		d.press("space").asked()
		d.press("j").sees("▶[ ] Tell the other validators").press("f").sees("▶    Which way?")
		d.press("k").sees("▶[ ] Activate the procedure", "First choose the way: c.").misses("RUNNING", "since")
		d.press("f", "enter").sees("A letter or j k marks an option").asked()
	}
}

// What the prompt says of P is what P does: on a step that asks for a message it
// is that message, whatever is due before it.
func TestPIsForTheStepUnderTheCursor(t *testing.T) {
	v := fixture.Carried()
	for i := range v.Says {
		v.Says[i].Lock = incident.Lock{}
	}
	for _, s := range []size{{80, 24}, {120, 40}} {
		d := open(t, v, s.w, s.h)
		if s.w == 80 {
			d.sees("Next message: Incident declared", "P shows it")
		}
		d.press("j").sees(`▶[ ] Tell the other validators`)
		sel, _ := d.m.mail.Selected()
		if sel.Template != "validators-status" {
			t.Errorf("at %v P is for %s", s, sel.Template)
		}
		if s.w == 80 {
			d.sees("f goes to it").misses("P shows it")
		}
		d.press("P").sees("Validators status").asked()
		if sel, _ := d.m.mail.Selected(); sel.Template != "validators-status" {
			t.Errorf("at %v P showed %s", s, sel.Template)
		}
		d.press("esc", "1", "f")
		if sel, _ := d.m.mail.Selected(); sel.Template != "incident-declared" {
			t.Errorf("at %v f went back to %s", s, sel.Template)
		}
	}
}

// A long title gives way to what is to be done about it.
func TestALongTitleCutsNoHint(t *testing.T) {
	long := "Confirm with your own eyes that the key of the validator stopped signing and that the chain goes on without it"
	v := fixture.Running()
	for i := range v.Steps {
		if v.Steps[i].Step.Step.ID == "stop-and-fence" {
			v.Steps[i].Step.Step.Title, v.Steps[i].Status = long, incident.Verifying
		}
	}
	v.State.Seq++
	v.Current = "tell-validators"
	v.Says[0].Due, v.Says[2].Due = time.Time{}, time.Time{}
	open(t, v, 80, 24).sees(" CHECKING \"Confirm", "P ")
	v.Current = "stop-and-fence"
	v.Drill = true
	open(t, v, 80, 24).press("k", "j", "j", "k").sees("is seen by itself. :wait jumps ahead.")
}
