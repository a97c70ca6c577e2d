package paper

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

// flight is an incident in its middle: the old lamp was struck, and the cockpit
// died before any answer came.
func flight(t testing.TB) Standing {
	t.Helper()
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	verdict := fence.Judge(fence.Evidence{Kind: fence.Elsewhere, Key: "flame", Address: "AA", Target: "east", Old: "west", Hosts: []string{"east", "west"}}, at(60))
	verdict.Items[1].State, verdict.Items[1].At, verdict.Items[1].Text = fence.Proven, at(20), "Jailed no, banned no."
	verdict.Items[5].State, verdict.Items[5].At, verdict.Items[5].Text = fence.Contradicting, at(55), "A vote for 1204148 was seen."
	events := []incident.Event{
		incident.Declared{Declare: incident.Declare{ID: "INC-20261123-001", Title: "flame burns no more", Severity: "sev2", Runbook: "harbour-light", By: "mira", Onset: at(-120), Book: harbour(t),
			Params:  map[string]string{"key": "flame", "lamp": "east", "pass": "hunter2", "stable": "5m"},
			Targets: []incident.Clock{{Component: "Light", RTO: 10 * time.Minute, Source: "plan"}},
			Says:    []incident.Say{{Template: "ships", Planned: true, Due: 15 * time.Minute, DueAt: noon.Add(15 * time.Minute), Next: 1, To: []incident.Lane{{Channel: "radio", Audience: "public"}}}}}},
		incident.ClockStarted{Name: "light", From: at(-120)},
		incident.AlarmRaised{Alarm: incident.Alarm{Kind: "key-silent flame", Text: "flame signs no block", Warning: true}},
		incident.RoleTaken{Role: "ops", Person: "dan", By: "mira"},
		incident.CheckRead{Step: "dark", Readings: []incident.Reading{{Text: "key(flame).signing == false", Truth: incident.NotKnown, Why: "no witness answers", At: at(10)}}},
		incident.Chosen{Choice: "light-it-again", Letter: "A", By: "mira"},
		incident.StepMoved{Step: "soot", To: incident.Done, By: "dan"},
		incident.Noted{By: "dan", Text: "the stairs are wet", Pinned: true},
		incident.FenceJudged{Step: "strike", Fence: incident.Fence{At: at(60), Verdict: verdict}},
		incident.Refused{By: "dan", What: "run \"Strike the match\"", Why: "one thing contradicts"},
		incident.Refused{By: "dan", What: "run \"Strike the match\"", Why: "one thing contradicts still"},
		incident.RollCalled{Roll: incident.Roll{Address: "BB", Name: "far lighthouse", Stage: incident.RollReady, Version: "v1.4.2", Height: 1204146, By: "lena"}},
		incident.StepStarted{Step: "strike", Hosts: []string{"east"}, By: "dan"},
	}
	var s incident.State
	for i, e := range events {
		s = incident.Apply(s, incident.Recorded{ID: fmt.Sprintf("e%02d", i), At: at(6 * i), Event: e})
	}
	return Standing{State: s, At: at(6 * len(events)), Head: strings.Repeat("f00d", 16), Fleet: lamps(), Now: at(3600)}
}

func TestIncident(t *testing.T) {
	o := flight(t)
	s := Incident(o)
	golden(t, "incident", s)
	text := Text(s)
	page := HTML(s)
	if n := strings.Count(text, "\f") + 1; n > sheetPages {
		t.Errorf("%d pages", n)
	}
	if strings.Contains(text+page, "hunter2") {
		t.Error("a secret was printed")
	}
	for _, want := range []string{"IT MAY SIGN", "AGAINST", "NOT KNOWN", "no answer\n    recorded", "flame signs no block", "radio (channel 16)", "+44 20 7946 0001", "12:15:00", "the stairs are wet", "far lighthouse    ready     v1.4.2"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the paper", want)
		}
	}
}

// What was read stands there in words, wherever it stands; what only looks like
// an assertion stays.
func TestIncidentInWords(t *testing.T) {
	o := flight(t)
	o.State.Log = append(o.State.Log, incident.Entry{By: "dan", Text: "refused: key($key).signing == true, and node(west).age < 10s.", Pinned: true})
	o.State.Alarms = []incident.Alarm{{Text: "chain.halted == true; rows a.b == c"}}
	text := strings.Join(strings.Fields(Text(Incident(o))), " ")
	for _, want := range []string{"the key flame did not sign the last block (no witness NOT KNOWN", "refused: the key flame signed the last block, and west: age of the node's last block by our clock: less than 10s.", "the chain stands still; rows a.b == c ALERT"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the paper\n%s", want, text)
		}
	}
	if strings.Contains(text, "signing ==") {
		t.Error("an assertion stands there as the runbook has it")
	}
	w := &writer{filler: filler{book: o.State.Book, values: o.State.Params, fleet: o.Fleet}}
	step := checklists.Step{Verifies: []checklists.Block{{Lang: "sh", Kind: "verify", Host: "$lamp", Expect: "exit:1"}}}
	if got := w.reading(step, 0, incident.Reading{Text: "script on $lamp: test -f x: y"}); !strings.HasPrefix(got, "This ends with exit 1 on east") || !strings.HasSuffix(got, ": test -f x: y") {
		t.Error(got)
	}
}

// The worst night still fits two pages, and what did not fit is counted.
func TestIncidentIsTwoPages(t *testing.T) {
	o := flight(t)
	st := &o.State
	for range 60 {
		st.Steps = append(st.Steps, st.Steps[2])
		st.Alarms = append(st.Alarms, incident.Alarm{Text: strings.Repeat("a very long alert ", 20), At: noon})
		st.Says = append(st.Says, incident.Say{Template: strings.Repeat("t", 60), DueAt: noon, Next: 3})
	}
	for i := range 300 {
		st.Log = append(st.Log, incident.Entry{At: noon, By: "dan", Kind: "note", Text: strings.Repeat("word ", 100) + fmt.Sprint(i), Pinned: i%7 == 0})
	}
	for i := range 5 {
		st.Fences[fmt.Sprint("step", i)] = st.Fences["strike"]
	}
	text := Text(Incident(o))
	if n := strings.Count(text, "\f") + 1; n > sheetPages {
		t.Errorf("%d pages\n%s", n, text)
	}
	if !strings.Contains(text, "more that did not fit") {
		t.Error("what did not fit is not counted")
	}
	fitsPaper(t, text)
}

func TestIncidentIsSafe(t *testing.T) {
	for _, evil := range hostile() {
		o := flight(t)
		o.State.Title, o.State.DeclaredBy = evil, evil
		o.State.Steps = slices.Clone(o.State.Steps)
		for i := range o.State.Steps {
			o.State.Steps[i].Step.Title = evil
		}
		o.State.Log = append(o.State.Log, incident.Entry{Text: evil, By: evil})
		o.State.Alarms = []incident.Alarm{{Text: evil}}
		s := Incident(o)
		fitsPaper(t, Text(s))
		page := HTML(s)
		standsAlone(t, page)
	}
}

// A state of which nothing is known is no reason to fail.
func TestIncidentOfNothing(t *testing.T) {
	text := Text(Incident(Standing{Now: noon}))
	if !strings.Contains(text, "start no signer") || !strings.Contains(text, "look.") {
		t.Errorf("an empty state looks good:\n%s", text)
	}
}
