package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

func TestRunningAStepIsArmedAndTyped(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("x").sees("armed 00:20", "type val-2, Enter").asked()
	d.typing("val-3").press("enter").sees("Not val-2: nothing ran.").asked()
	d.typing("val-2").press("enter").sees("Started on val-2.").asked(`run stop-and-fence "val-2" ""`)
}

func TestArmedKeysDisarm(t *testing.T) {
	for name, story := range map[string]struct {
		act  func(*driver)
		sees string
	}{
		"by Esc":    {func(d *driver) { d.press("esc") }, "Disarmed."},
		"by Ctrl+C": {func(d *driver) { d.press("ctrl+c") }, "Ctrl+C never leaves"},
		"by time":   {func(d *driver) { d.pause(20 * time.Second) }, "Disarmed after 20 s"},
		"by a guard that turned": {func(d *driver) {
			v := fixture.Flight()
			for i := range v.Steps {
				if v.Steps[i].Step.Step.ID == "stop-and-fence" {
					v.Steps[i].Guards[0].Truth = incident.False
				}
			}
			d.shows(v)
		}, "Disarmed: the step, a host, a value or a guard changed"},
		"by a smaller window": {func(d *driver) { d.send(tea.WindowSizeMsg{Width: 100, Height: 30}) }, "The window changed its size"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, fixture.Flight(), 120, 40)
			d.press("x").typing("val-2")
			story.act(d)
			d.sees(story.sees)
			d.press("enter").asked()
		})
	}
}

func TestPastedTextNeverConfirms(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("x")
	d.send(tea.PasteMsg{Content: "val-2"})
	d.sees("Pasted text never confirms")
	d.press("enter").asked()
	d.press("esc", "i")
	d.send(tea.PasteMsg{Content: "two\nlines\x1b[31m"})
	d.press("enter").asked("incident.Note {By:mira Text:two lines}")
}

func TestASecondPersonApprovesAStart(t *testing.T) {
	d := open(t, fixture.Refused(), 120, 40)
	d.press("x").sees("Second person who approves it").typing("mira").press("enter").sees("Someone other than mira").asked()
	d.press("x").typing("otto").press("enter").sees("type val-2s").typing("val-2s").press("enter").asked(`run start-standby "val-2s" "otto"`)
}

func TestDeclaring(t *testing.T) {
	d := open(t, fixture.Alert(), 80, 24)
	d.press("D").hold("D", "D", "D", "D").asked() // a held key opens and does no more
	d.sees("[val-2 signs no blocks since 02:57:36]", "(•) SEV-2", "D declares SEV-2 on")
	d.press("tab").typing(" D").press("tab", "space", "esc").sees("since 02:57:36 D]", "(•) SEV-3")
	d.c.React = func(_ string, _ cockpit.View) (cockpit.View, error) { return fixture.Before(), nil }
	d.press("D").asked(`declare single-validator-failover sev3 "val-2 signs no blocks since 02:57:36 D" map[key:validator-2 old:val-2 standby:val-2s]`)
	d.sees("Declared DRILL-20261123-001.", "What changed in the last hours?").misses("Filled in from what is seen")
}

func TestADraftIsKept(t *testing.T) {
	d := open(t, fixture.Alert(), 120, 40)
	d.press("D", "tab").typing("!").press("esc", "esc").misses("Filled in from").press("D").sees("since 02:57:36!]")
}

func TestARefusedDeclarationKeepsTheForm(t *testing.T) {
	d := open(t, fixture.Alert(), 80, 24)
	d.c.React = func(_ string, v cockpit.View) (cockpit.View, error) {
		return v, errors.New("the record cannot be written")
	}
	d.press("D", "D").sees("the record cannot be written", "What is wrong")
}

func TestPostingWantsTheTextReadFirst(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("P").sees("[4 Messages", "Updates follow here.", "P posts it").asked()
	d.hold("P").sees("came or changed this second").asked()
	d.pause(time.Second)
	changed := fixture.Flight()
	changed.Says[0].Bodies = []incident.Body{{Channel: "slack:incident", Text: "another text"}}
	d.shows(changed)
	d.press("P").sees("came or changed this second").asked()
	d.pause(time.Second).press("P").sees("Posted Incident declared to 1 channel").asked("post incident-declared")
}

func TestAMessageLongBeforeItsTimeWantsPTwice(t *testing.T) {
	v := fixture.Flight()
	for i := range v.Says {
		v.Says[i].Due = v.Now.Add(2 * time.Hour)
	}
	d := open(t, v, 120, 40)
	d.press("P").sees("P again posts it now").asked()
	d.press("j").pause(time.Second).press("P").asked()
	d.press("P").asked("post incident-declared")
}

func TestPOnAGapGoesToTheGap(t *testing.T) {
	d := open(t, fixture.Comms(), 120, 40)
	d.press("P").sees("P will not post: 1 field empty", "▶impact").asked()
	d.press("e").sees("{{impact}}: [_").typing("none seen").press("enter").asked(`fill impact "none seen"`)
}

func TestPShowsATextThatDoesNotFit(t *testing.T) {
	v := fixture.Flight()
	v.Says[0].Bodies = []incident.Body{{Channel: "slack:incident", Text: strings.Repeat("a long line of text\n\n", 6) + "the end"}}
	d := open(t, v, 120, 30)
	d.misses("the end").press("P").sees("the end", "Read it").asked()
	d.pause(time.Second).press("P").asked("post incident-declared")
}

func TestChoosing(t *testing.T) {
	d := open(t, fixture.Choice(), 80, 24)
	d.press("c", "enter").sees("Mark an option first").press("b", "enter").asked("incident.Choose {Choice:recover Letter:B By:mira}")
}

func TestTickingAsksForItsValue(t *testing.T) {
	d := open(t, fixture.Before(), 80, 24)
	d.press("space", "enter").sees("It asks for a note").asked()
	d.press("space").typing("kernel update").press("enter").asked("incident.Sign {Step:what-changed By:mira Value:kernel update}")
}

func TestAnUnknownStepAsks(t *testing.T) {
	d := open(t, fixture.Unknown(), 80, 24)
	d.press("x").misses("armed")
	d.press("2").sees("▶2  Wait and look again").press("1", "enter").sees(`"done" because`).typing("it signs").press("enter")
	d.asked("incident.Answer {Step:start-standby By:mira Ran:done Note:it signs}")
}

func TestALostMessageAsks(t *testing.T) {
	d := open(t, fixture.Posted(), 80, 24)
	d.press("4", "2", "enter").sees("type send").typing("send").press("enter").asked("incident.RowAnswer {Row:r2 By:mira Answer:notsent Where:}")
}

func TestSkippingWantsAReason(t *testing.T) {
	d := open(t, fixture.Before(), 80, 24)
	d.press("s", "enter").sees("skip needs a reason").asked()
	d.press("j", "s").typing("seen by eye").press("enter").asked("incident.Skip {Step:scope By:mira Reason:seen by eye}")
}

func TestCommands(t *testing.T) {
	for typed, want := range map[string]string{
		"severity 1 customers": "incident.SetSeverity {Severity:sev1 By:mira Reason:customers}",
		"role scribe otto":     "incident.TakeRole {Role:scribe Person:otto By:mira}",
		"param old val-9":      "incident.SetParam {Name:old Value:val-9 By:mira}",
		"resolve":              "incident.Resolve {By:mira}",
		"close":                "incident.Close {By:mira}",
		"abort an exercise":    "incident.Abort {By:mira Reason:an exercise}",
		"wait":                 "wait",
		"fill eta soon":        `fill eta "soon"`,
	} {
		d := open(t, fixture.Flight(), 120, 40)
		d.press(":").typing(typed).press("enter").asked(want)
	}
	d := open(t, fixture.Flight(), 120, 40)
	d.press(":").typing("nonsense").press("enter").sees("There is no command :nonsense").asked()
	d.press(":").typing("undo").press("enter").sees("There is nothing to undo").asked()
}

func TestUndoIsArmedAndTyped(t *testing.T) {
	v := fixture.Refused()
	for i := range v.Steps {
		v.Steps[i].Undoable = v.Steps[i].Step.Step.ID == "stop-and-fence"
	}
	d := open(t, v, 120, 40)
	d.press("k", ":").typing("undo").press("enter").sees(`UNDO of "Stop and fence val-2" on val-2`).typing("val-2").press("enter").asked(`undo stop-and-fence "val-2"`)
}

func TestLeaving(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("q").sees(":q leaves")
	d.press("ctrl+c").sees("Ctrl+C never leaves")
	if d.m.left {
		t.Fatal("a key left the screen")
	}
	d.press(":").typing("q").press("enter")
	if !d.m.left {
		t.Error(":q did not leave")
	}
}

func TestAnAlertIsQuieted(t *testing.T) {
	d := open(t, fixture.Alert(), 120, 40)
	d.press("a").asked("quiet key-silent").sees("VirtEngine 2 (val-2) has signed no block")
}

func TestTheBellRingsOnceForANewAlert(t *testing.T) {
	d := openWith(t, fixture.Home(), 80, 24, Options{})
	if cmd := d.m.take(fixture.Alert(), d.now); cmd == nil {
		t.Error("a new alert has no bell")
	}
	again := fixture.Alert()
	again.Now = again.Now.Add(time.Second)
	if cmd := d.m.take(again, d.now); cmd != nil {
		t.Error("an old alert rings")
	}
}

func TestAnOlderViewThatComesLateIsDropped(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.shows(fixture.Before()).sees("Stop and fence val-2")
}

func TestHelpShowsOnlyWhatWorks(t *testing.T) {
	d := open(t, fixture.Home(), 200, 60)
	d.press("?").sees("open the declaration").misses("arm the step", ":resolve", "post the message")
	d = open(t, fixture.Flight(), 200, 60)
	d.press("?").sees("arm the step", ":resolve").misses("open the declaration")
}

func TestAgesGrowBetweenViews(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.sees("T+00:08:42")
	d.now = d.now.Add(3 * time.Second)
	d.send(ticked{})
	d.sees("T+00:08:45")
}
