package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// flying is the flight with another script under the cursor.
func flying(script string) cockpit.View {
	v := fixture.Flight()
	v.State.Params = map[string]string{"namespace": "virtengine-system", "writers": "indexer"}
	v.State.Book.Params = []checklists.Param{{Name: "namespace", Type: "string"}, {Name: "writers", Type: "string"}}
	for i := range v.Steps {
		if s := &v.Steps[i]; s.Step.Step.ID == v.Current {
			run := *s.Step.Step.Run
			run.Text, s.Script = script, script
			s.Step.Step.Run = &run
		}
	}
	v.State.Seq++
	return v
}

const scaleDown = "set -eu\nkubectl -n \"$namespace\" get deployment \"$writers\"\nkubectl -n \"$namespace\" scale deployment \"$writers\" --replicas=0\n"

// The harmless look in front of the command must not stand for it, in no window.
func TestArmedNamesWhatActs(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 40}} {
		d := open(t, flying(scaleDown), size[0], size[1]).press("x")
		var prompt []string
		rows := strings.Split(d.frame(), "\n")
		for i, r := range rows {
			if strings.Contains(r, "armed 00:20") {
				prompt = rows[i:]
			}
		}
		if s := strings.Join(strings.Fields(strings.Join(prompt, " ")), " "); !strings.Contains(s, `scale deployment "$writers" --replicas=0`) && !strings.Contains(s, "Enter shows all") || strings.Contains(s, "get deployment") || !strings.Contains(s, "scale deployment") {
			t.Errorf("%v: the prompt does not say what acts: %s", size, s)
		}
		d.sees("With     namespace = virtengine-system, writers = indexer", "Enter shows the whole command").misses("Why      A unit")
	}
}

// Of a long command all that fits is there, what acts first, and what is left is
// counted; Enter shows it and the word still fires.
func TestArmedShowsTheWholeCommandOnEnter(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "test -e /etc/%02d\n", i)
	}
	v := flying(b.String() + "sudo -n rm -r /etc/virtengine.d\n")
	open(t, v, 80, 24).sees("Run      sudo -n rm -r /etc/virtengine.d", "… 30 more lines, Enter shows them")
	d := open(t, v, 80, 24).press("x").sees("Run      sudo -n rm -r /etc/virtengine.d", "… 30 more lines, Enter shows them")
	d.press("enter").sees("armed 00:", "Run      test -e /etc/00", "Enter closes the command", "↓ ↑ scroll").asked()
	d.press("ctrl+d", "ctrl+d", "ctrl+d").sees("sudo -n rm -r /etc/virtengine.d").asked()
	d.press("enter").sees("armed 00:", "[1 Checklist]").asked()
	d.press("enter").typing("val-2").sees("Enter fires the typed word").press("enter").asked(`run stop-and-fence "val-2"`)
	open(t, v, 80, 24).press("x", "enter", "esc").sees("Disarmed.").misses("armed 00").asked()
}

// What fires is on the screen, whatever part was shown when x was pressed.
func TestArmingShowsTheCommand(t *testing.T) {
	open(t, flying(scaleDown), 80, 24).press("2", "x").sees("[1 Checklist", "Run      kubectl")
	open(t, flying(scaleDown), 120, 40).press("2", "z", "x").sees("1 Checklist", "Run      kubectl")
}

// The values are with the command before it is armed, and in its detail.
func TestVariablesAreResolved(t *testing.T) {
	d := open(t, flying(scaleDown), 120, 40).sees("With     namespace = virtengine-system, writers = indexer")
	d.press("enter").sees("With     namespace = virtengine-system, writers = indexer")
}

// A digit alone would be both the word and the key of a part.
func TestANumberIsTypedWithItsVerb(t *testing.T) {
	v := flying(scaleDown)
	for i := range v.Steps {
		v.Steps[i].Confirm = "5"
	}
	d := open(t, v, 80, 24).sees("then type run 5.").press("x").sees("type run 5, Enter: [_____]")
	d.typing("5").press("enter").sees("Not run 5: nothing ran.").asked()
	d.typing("run 5").press("enter").asked(`run stop-and-fence "5"`)
}

// What the command will be told must not change under the hand that types.
func TestAValueThatChangesDisarms(t *testing.T) {
	v := flying(scaleDown)
	d := open(t, v, 120, 40).press("x").sees("writers = indexer")
	next := flying(scaleDown)
	next.State.Params = map[string]string{"namespace": "virtengine-system", "writers": "another"}
	next.State.Seq = v.State.Seq + 1
	d.shows(next).sees("Disarmed: ", "writers = another").press("enter").asked()
}
