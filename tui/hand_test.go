package tui

import (
	"testing"
	"time"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// A word whose action is not armed is no row of keys: whatever left the person
// without it.
func TestAWordForNothingIsNoKeys(t *testing.T) {
	for name, leave := range map[string]func(d *driver){
		"Ctrl+C while nothing runs": func(d *driver) { d.press("ctrl+c").sees("Nothing runs.") },
		"disarmed after 20 s":       func(d *driver) { d.press("x").sees("armed").pause(armedFor) },
		"the window changed": func(d *driver) {
			d.press("x").sees("armed")
			d.m.resize(100, 40)
		},
		"Ctrl+C while armed": func(d *driver) { d.press("x").sees("armed").press("ctrl+c") },
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, fixture.Flight(), 120, 40)
			leave(d)
			for _, word := range []string{"stop", "skip", "activate", "D", "P", "val-2s"} {
				d.typing(word)
			}
			d.hold("enter").misses("[skip", "[_").asked()
			if d.m.focus != paneList || d.m.over != overNone {
				t.Fatalf("the word moved the focus to %d, over %d", d.m.focus, d.m.over)
			}
			d.press("s").sees("[skip _") // a key again
		})
	}
}

// The hand of a tired person types slower than a dialog's quiet: a word for
// nothing lasts until a second without a key, and says so.
func TestAWordForNothingTypedSlowly(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("ctrl+c")
	d.press("s", "t", "o", "p").misses("[skip").asked()
	d.pause(strayFor).press("s").sees("[skip _").press("esc")
	d.press("ctrl+c", "esc").press("s").sees("[skip _") // Esc ends it at once
}

// A step that runs something is left out by a typed word only.
func TestSkippingWhatRunsWantsAWord(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("s").typing("no time").press("enter").sees("leave out for good", "type skip").asked()
	d.typing("run").press("enter").sees("Not skip: nothing ran.").asked()
	d.typing("skip").press("enter").asked("incident.Skip {Step:stop-and-fence By:mira Reason:no time}")
}

// A terminal that does not say what was pasted sends it as keys, faster than any
// hand.
func TestAWordAtOnceIsAPaste(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("x").sees("armed")
	word := d.m.prompt.word
	for _, r := range word {
		d.now = d.now.Add(time.Millisecond)
		d.send(keyOf(string(r)))
	}
	d.send(keyOf("enter"))
	d.sees("as a paste does").asked()
	d.typing(word).press("enter").asked(`run stop-and-fence "` + word + `"`)
}

// What opened takes no answer until the hand rested; after that every key counts.
func TestADialogOpensBeforeItAnswers(t *testing.T) {
	d := open(t, fixture.Choice(), 120, 40)
	d.press("c").hold("b", "enter", "enter").asked()
	d.press("b").hold("enter").asked("incident.Choose")
}

// The row of keys offers nothing that is locked in a small window, and a choice
// takes its number as well as its letter.
func TestSmallWindowAndNumbers(t *testing.T) {
	open(t, fixture.Flight(), 58, 24).misses("x arm step", "P post")
	open(t, fixture.Choice(), 120, 40).press("c", "2", "enter").asked("incident.Choose")
}
