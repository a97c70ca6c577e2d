package incident_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

const heldBook = `# Held

` + "```toml runbook" + `
id   = "held"
hold = "cleared"
` + "```" + `

## During: work

- [ ] **It is cleared** ` + "`{role=commander id=cleared must}`" + `

- [ ] **Tell them** ` + "`{role=comms id=tell needs=cleared}`" + `

  ` + "```text comms {template=status}" + `
  Words.
  ` + "```" + `
`

// Nothing is said to anybody before the step that clears it is done, not even what
// no step speaks for; and that step cannot be skipped.
func TestNothingIsSaidBeforeItIsCleared(t *testing.T) {
	s := &stage{t: t, now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	book, problems := checklists.Parse("held.md", []byte(heldBook), nil)
	if checklists.Failed(problems) {
		t.Fatal(problems)
	}
	page := []incident.Lane{{Channel: "page", Audience: "public"}}
	s.do(incident.Declare{ID: "INC-20261123-001", Title: "held", Severity: "sev1", Runbook: "held", By: "mira", Book: book,
		Says: []incident.Say{{Template: "status", To: page}, {Template: "other", To: page, Planned: true, Due: 15 * time.Minute}}})
	var refused *incident.Refusal
	for _, template := range []string{"status", "other"} {
		_, err := incident.Decide(s.state, incident.Post{Template: template, By: "mira", Bodies: []incident.Body{{ID: "1", Channel: "page", Text: "x"}}}, s.now)
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "nothing is said") {
			t.Errorf("%s: %v", template, err)
		}
	}
	if _, err := incident.Decide(s.state, incident.Skip{Step: "cleared", By: "mira", Reason: "later"}, s.now); !errors.As(err, &refused) || !strings.Contains(err.Error(), "lets nobody skip") {
		t.Errorf("skipped: %v", err)
	}
	other, _ := s.state.Say("other")
	if at := s.state.DueAt(other); !at.IsZero() {
		t.Errorf("due at %v, and nobody may say it", at)
	}
	if tell, _ := s.state.Step("tell"); !strings.Contains(s.state.Gate(tell).Why, "nothing is said") && !strings.Contains(s.state.Gate(tell).Why, "first") {
		t.Errorf("the step is open: %+v", s.state.Gate(tell))
	}
	s.now = s.now.Add(time.Hour)
	s.do(incident.Sign{Step: "cleared", By: "mira", Value: "both agree"})
	if at := s.state.DueAt(other); !at.Equal(s.now.Add(15 * time.Minute)) {
		t.Errorf("cleared at %v, due at %v", s.now, at)
	}
	for _, template := range []string{"status", "other"} {
		if _, err := incident.Decide(s.state, incident.Post{Template: template, By: "mira", Bodies: []incident.Body{{ID: "1", Channel: "page", Text: "x"}}}, s.now); err != nil {
			t.Errorf("%s after it was cleared: %v", template, err)
		}
	}
}

// The procedure's own words go before the backbone's.
func TestTheProcedureSpeaksForItself(t *testing.T) {
	var s incident.State
	for steps, want := range map[string]string{"update procedure/tell": "procedure/tell", "update": "update", "": ""} {
		if got := strings.Join(s.Speakers(incident.Say{Steps: strings.Fields(steps)}), " "); got != want {
			t.Errorf("of %q %q speaks", steps, got)
		}
	}
}
