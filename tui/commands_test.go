package tui

import (
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
	"github.com/virtengine/relight/tui/plain"
)

// A command that lacks its words, or has others, says what to type, and asks the
// cockpit for nothing.
func TestCommandsSayWhatToType(t *testing.T) {
	for typed, want := range map[string]string{
		"severity":       ":severity 2 REASON",
		"severity grave": ":severity 2 REASON",
		"severity 5":     ":severity 2 REASON",
		"role":           ":role ops NAME",
		"role boss dan":  ":role ops NAME",
		"role ops":       ":role ops NAME",
		"leave":          ":leave REASON",
		"fence why":      ":fence power",
	} {
		d := open(t, fixture.Filled(), 200, 50)
		d.press(":").typing(typed).press("enter")
		d.sees(want).asked()
	}
	d := open(t, fixture.Filled(), 200, 50)
	d.press(":").typing("severity sev-2 it spreads").press("enter")
	if n := len(d.c.Calls()); n != 1 {
		t.Errorf("%d calls %q", n, d.c.Calls())
	}
}

// What can be typed after ":" can be typed as a line too: runbooks name those
// commands, and a flight is flown without a screen as well.
func TestLinesKnowEveryCommand(t *testing.T) {
	onlyHere := map[string]string{} // command -> why it makes no sense in lines
	d := open(t, fixture.Filled(), 120, 40)
	for _, c := range d.m.commands() {
		if why := onlyHere[c.name]; plain.Knows(c.name) == (why != "") {
			t.Errorf(":%s: known to the lines %v, on the list %q", c.name, plain.Knows(c.name), why)
		}
	}
	for _, never := range []string{"", ":", "rol"} {
		if plain.Knows(never) {
			t.Errorf("the lines know %q", never)
		}
	}
}
