package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

func TestThePaletteGoesToWhatAFewLettersMean(t *testing.T) {
	for letters, sees := range map[string]string{
		"val2s":  "val-2s",             // a node, or the step that starts it
		"prvcan": "▶( ) Prove that",    // a step
		"leader": "Leadership summary", // a message
	} {
		d := open(t, fixture.Flight(), 120, 40)
		d.press("ctrl+p").typing(letters).press("enter").sees(sees).asked()
		if d.m.over == overPalette {
			t.Errorf("%s: the palette is still open", letters)
		}
	}
}

// TestThePaletteActsAsItsKeyWould: x only arms, P only shows or posts what
// stood, a command opens its prompt.
func TestThePaletteActsAsItsKeyWould(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("ctrl+p").typing("arm the step").press("enter").sees("armed 00:20").asked()
	d.press("esc", "ctrl+p").typing("post the message").press("enter").asked()
	d.press("esc", "ctrl+p").typing("severity").press("enter").sees(":: [severity _").asked()
}

func TestThePaletteChoosesARunbook(t *testing.T) {
	books := []Runbook{{ID: "single-validator-failover", Title: "Single validator failover"}, {ID: "chain-halt", Title: "Chain halt"}}
	d := openWith(t, fixture.Alert(), 120, 40, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook { return books }})
	d.press("ctrl+p").typing("chalt").press("enter").sees("Declare an incident", "[chain-halt").asked()
	d = openWith(t, fixture.Flight(), 120, 40, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook { return books }})
	d.press("ctrl+p").typing("Chain halt").press("enter").sees("this is for reading").asked()
}

func TestThePaletteWithoutAMatchSaysSo(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("ctrl+p").typing("qqqqzz").sees("Nothing is called that").press("enter").sees("Nothing is called that").asked()
	d.send(tea.PasteMsg{Content: "\x1b[31mzz"})
	d.press("esc").sees("Stop and fence val-2")
}

func TestFindGoesRound(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("/").typing("STANDBY").press("enter").sees("of ").asked()
	first := d.m.list.cursor
	if first == "" {
		t.Fatal("the cursor did not move")
	}
	for range 20 {
		d.press("n")
		if d.m.list.cursor == first {
			break
		}
	}
	if d.m.list.cursor != first {
		t.Error("n does not go round")
	}
	d.press("/").typing("zzz").press("enter").sees(`"zzz" is not in this part.`)
	d.press("?", "/").typing("fires on").press("enter").sees("fires on its typed word")
}

func TestCopySaysWhereItIs(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	msg := d.m.copy()
	if msg == nil {
		t.Fatal("nothing was asked of the terminal")
	}
	d.sees("is with your terminal, if it takes copies")
	d.send(copied{what: "Checklist is with your terminal, if it takes copies", where: []string{"tmux (its paste key)", "/tmp/copied.txt"}})
	d.sees("also tmux (its paste key) and /tmp/copied.txt")
	_, s := d.m.copyText()
	if !strings.Contains(s, "sudo -n systemctl disable --now virtengine") {
		t.Errorf("the script is not in the copy:\n%s", s)
	}
	d.m.focus = paneMail
	if _, s := d.m.copyText(); !strings.Contains(s, "val-2 is not signing. mira commands.") || strings.Contains(s, "│") {
		t.Errorf("the message is not copied bare:\n%s", s)
	}
}

func TestCtrlCArmsTheStop(t *testing.T) {
	v := fixture.Running()
	for i := range v.Steps {
		v.Steps[i].Stoppable = v.Steps[i].Status == incident.Running
	}
	d := open(t, v, 80, 24)
	d.press("ctrl+c").sees("armed 00:20", "type stop").asked()
	d.send(tea.PasteMsg{Content: "stop"})
	d.press("enter").asked()
	d.typing("stop").press("enter").asked(`stop stop-and-fence "stop"`)
	d = open(t, fixture.Flight(), 80, 24)
	d.press("ctrl+c").sees("Nothing runs. Ctrl+C never leaves").asked()
}

func TestALaterAlertIsAnswered(t *testing.T) {
	v := fixture.Flight()
	v.Alerts[0].Asks = true
	kind := v.Alerts[0].Kind
	d := open(t, v, 80, 24)
	d.press("A").hold("j", "enter", "enter").sees("▶ 1  Decide later").asked()
	d.press("enter").sees("Nothing was answered").asked()
	d.press("A", "2", "enter").asked("answer " + kind + ` attached ""`)
	d = open(t, v, 80, 24)
	d.press("A", "3", "enter").sees("Its known cause").typing("kernel update").press("enter").asked("answer " + kind + ` known "kernel update"`)
}

func TestALaterAlertBecomesAnIncidentOfItsOwn(t *testing.T) {
	v := fixture.Flight()
	v.Alerts[0].Asks = true
	v.Alerts[0].Offer = &cockpit.Offer{Runbook: "chain-halt", Title: "the chain is halted", Severity: "sev1"}
	d := open(t, v, 120, 40)
	d.press("A", "4", "enter").sees("Declare an incident", "the chain is halted").asked()
	d.hold("D").asked() // the echo of Enter
	d.press("D").asked("declare other")
	d.sees("Declared as an incident of its own", "1 Checklist")
}

func TestAHostIsCutByItsTypedName(t *testing.T) {
	v := fixture.Refused()
	for i := range v.Steps {
		v.Steps[i].Cuts = []cockpit.Cut{{Host: "val-2", How: "power", Word: "val-2"}, {Host: "val-2", How: "network", Word: "val-2"}}
	}
	d := open(t, v, 120, 40)
	d.press(":").typing("fence water").press("enter").sees("it offers :fence power val-2, :fence network val-2").asked()
	d.press(":").typing("fence power").press("enter").sees("armed 00:20", "CUT the power of val-2").asked()
	d.typing("val-3").press("enter").sees("Not val-2").asked()
	d.typing("val-2").press("enter").asked(`cut val-2 power "val-2"`)
}
