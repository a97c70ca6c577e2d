package tui

import (
	"testing"

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
