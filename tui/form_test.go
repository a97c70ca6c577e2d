package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// withBooks opens the screen with two runbooks that can be flown.
func withBooks(t *testing.T, w, h int) *driver {
	t.Helper()
	return openWith(t, fixture.Alert(), w, h, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook {
		return []Runbook{
			{ID: "chain-halt", Title: "Chain halt", Book: checklists.Book{ID: "chain-halt", Severity: "sev1", Params: []checklists.Param{
				{Name: "mode", Type: "enum", Prompt: "How was it seen?", Options: []string{"alert", "person"}}}}},
			{ID: "single-validator-failover", Title: "Single validator failover", Book: checklists.Book{ID: "single-validator-failover", Severity: "sev3",
				Clocks: []checklists.Clock{{Name: "validator", Component: "Validator node"}},
				Params: []checklists.Param{
					{Name: "key", Type: "key", Prompt: "Which validator key stopped signing?"},
					{Name: "old", Type: "host", From: "holders($key)", Prompt: "Which host was signing with it?"},
					{Name: "standby", Type: "host", From: "standbys($key)", Prompt: "Which standby takes over?"},
					{Name: "stable", Type: "duration", Prompt: "How long must it sign?", Default: "10m"}}}},
		}
	}})
}

func TestTheFormKnowsItsRunbook(t *testing.T) {
	d := withBooks(t, 120, 40)
	d.press("D").sees("[single-validator-failover]  Single validator", "SEV-3  no customer notices (the runbook's own)", "Which validator key stopped",
		"[10m ", "starts the clocks: Validator node", "Why val-2 is red", "Can it wait? Yes.")
	d.press("D").asked(`declare single-validator-failover sev2 "val-2 signs no blocks since 02:57:36" map[key:validator-2 old:val-2 stable:10m standby:val-2s]`)
}

// Another runbook asks other questions; a wrong name shows the nearest one, and
// Tab takes it.
func TestAnotherRunbookAsksOtherThings(t *testing.T) {
	d := withBooks(t, 140, 40)
	d.press("D", "tab", "tab", "tab").sees("▶Runbook")
	d.press("ctrl+u").typing("chian-hald").sees("! not shipped", "Tab takes chain-halt").misses("Which validator key")
	d.press("tab").sees("▶Runbook          [chain-halt", "Chain halt", "mode").misses("stable")
	d.press("tab").sees("▶mode", "How was it seen?", "→ turns: alert  person")
	d.press("right").sees("[alert").press("right").sees("[person").press("right").sees("[alert")
	d.press("esc", "D").asked(`declare chain-halt sev2 "val-2 signs no blocks since 02:57:36" map[mode:alert]`)
}

// A few letters find a runbook; a parameter is completed from what is watched.
func TestTheFieldsAreCompleted(t *testing.T) {
	d := withBooks(t, 80, 24)
	d.press("D", "tab", "tab", "tab", "ctrl+u").typing("svf").sees("Tab takes single-validator-failover").press("tab", "tab")
	d.sees("▶key", "Which validator key stopped signing?", "validator-1")
	d.press("ctrl+u").typing("tor-3").sees("Tab takes validator-3").press("tab").sees("▶key", "[validator-3")
	d.press("tab").sees("▶old").press("esc", "D").asked(`declare single-validator-failover sev2 "val-2 signs no blocks since 02:57:36" map[key:validator-3 `)
}

func TestNearest(t *testing.T) {
	list := []string{"chain-halt", "single-validator-failover", "zone-failover"}
	for typed, want := range map[string]string{"": "chain-halt", "zon": "zone-failover", "svf": "single-validator-failover", "single validator": "single-validator-failover",
		"xhain": "chain-halt", "zone-failover": "chain-halt"} {
		if got := nearest(typed, list); len(got) == 0 || got[0] != want {
			t.Errorf("%q: %q, want %q first", typed, got, want)
		}
	}
}

// Where no runbook answers an alert, what is seen is filled in all the same,
// and a draft outlives the figures of the alert.
func TestWithoutAnOfferTheAlertFillsTheForm(t *testing.T) {
	v := fixture.Halted()
	v.State, v.Steps, v.Says = incident.State{}, nil, nil
	d := openWith(t, v, 80, 24, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook { return []Runbook{{ID: "chain-halt", Title: "Chain halt"}} }})
	d.press("D").sees("[Chain halted at 1,204,036]", "(•) SEV-1", "No runbook is offered.", "Started at")
	d.press("tab", "tab", "tab").typing("halt").press("tab", "esc", "esc")
	again := v
	again.Now = again.Now.Add(time.Second)
	again.Alerts = append([]cockpit.Alert(nil), v.Alerts...)
	again.Alerts[0].Text = "Chain halted at 1204036: 650 of 1200 online, 801 needed."
	d.shows(again).press("D", "D").asked(`declare chain-halt sev1 "Chain halted at 1,204,036" map[]`)
}

// A form that was opened before the alert does not say that it is filled in
// from what is seen; it says how to fill it in anew.
func TestAFormOpenedBeforeTheOfferSaysSo(t *testing.T) {
	seen := fixture.Alert()
	dark := seen
	dark.Offer, dark.Alerts = nil, nil
	d := openWith(t, dark, 80, 24, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook { return []Runbook{{ID: "single-validator-failover", Title: "Failover"}} }})
	d.press("D").sees("No runbook is offered.")
	d.shows(seen)
	d.sees("Seen now: val-2 signs no blocks since 02:57:36. n fills it in anew.").misses("Filled in from what is seen")
	d.press("n").sees("Filled in from what is seen.").misses("fills it in anew")
}

// An empty form does not offer a declaration that is then refused, nor say that it
// is filled in.
func TestAnEmptyFormSaysWhatIsMissing(t *testing.T) {
	v := fixture.Alert()
	v.Offer, v.Alerts = nil, nil
	d := openWith(t, v, 80, 24, Options{NoColor: true, Quiet: true, Lessons: true, Runbooks: func() []Runbook { return []Runbook{{ID: "single-validator-failover", Title: "Failover"}} }})
	d.press("D").sees("To declare, name what is wrong and the runbook to fly. Tab goes to the fields.", "Nothing fills it in yet.").misses("Filled in", "D declares", `""`)
	d.press("D").sees("Not declared. Missing: what is wrong and the runbook to fly.").asked()
	d.press("tab").typing("it is slow").press("esc").sees("To declare, name the runbook to fly.")
}

// A draft is a person's: something worse that is seen meanwhile is said, and fills
// the form only when asked to. A form that nobody touched follows by itself.
func TestWorseThanTheFormWasFilledFrom(t *testing.T) {
	worse := fixture.Alert()
	offer := *worse.Offer
	offer.Runbook, offer.Title, offer.Severity = "chain-halt", "The chain stands since 03:02:00", "sev1"
	worse.Offer = &offer
	worse.Now = worse.Now.Add(time.Second)
	d := withBooks(t, 80, 24)
	d.press("D", "tab").typing(" or so").press("esc").shows(worse)
	d.sees("Worse now: The chain stands since 03:02:00. n fills it in anew.", "02:57:36 or so]")
	d.press("esc", "D").sees("Worse now:", "02:57:36 or so]")
	d.press("n").sees("Filled in from what is seen.", "[The chain stands since 03:02:00]", "(•) SEV-1")
	d = withBooks(t, 80, 24)
	d.press("D", "esc").shows(worse).press("D").sees("Filled in from what is seen.", "[The chain stands since 03:02:00]")
}

// A title that is too long is refused, and the form keeps what was typed.
func TestALongTitleIsRefusedAndKept(t *testing.T) {
	d := open(t, fixture.Alert(), 120, 40).press("D", "tab")
	d.m.paste(strings.Repeat("a long title ", 400))
	d.press("esc", "D").asked()
	d.sees("letters, 120 are the most", "shorten it")
	if got := len(d.m.form.declaration(d.m.view).Title); got < 4000 {
		t.Errorf("%d letters are left of what was typed", got)
	}
}
