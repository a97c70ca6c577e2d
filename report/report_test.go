package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
)

var at = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// record is a short incident, told event by event.
func record(t *testing.T) []incident.Recorded {
	t.Helper()
	book, err := checklists.Find("single-validator-failover")
	if err != nil {
		t.Fatal(err)
	}
	book.SHA256 = strings.Repeat("ab", 32) // the text of the runbook is not what is tested
	row := outbox.Row{ID: "r1", Incident: "INC-20261123-001", Lane: "discord", Template: "validators-status", Update: 1,
		Audience: outbox.Public, Body: "text", State: outbox.Delivered, EndedAt: at.Add(6 * time.Minute)}
	events := []incident.Event{
		incident.Declared{Declare: incident.Declare{ID: "INC-20261123-001", Title: "val-2 is silent | \x1b[31mred", Severity: "sev3",
			Runbook: book.ID, By: "mira", Onset: at.Add(-2 * time.Minute), Book: book,
			Targets: []incident.Clock{{Component: "Validator node", RTO: 15 * time.Minute, Source: "plan"}},
			Says:    []incident.Say{{Template: "press-note", Planned: true}}}},
		incident.ClockStarted{Name: "validator", From: at.Add(-2 * time.Minute)},
		incident.RoleTaken{Role: "ops", Person: "dan", By: "mira"},
		incident.Chosen{Choice: "recover", Letter: "B", By: "mira"},
		incident.StepStarted{Step: "fence-failed", Hosts: []string{"val-2"}, By: "dan"},
		incident.HostEnded{Effect: "e4", Host: "val-2", Class: incident.Exited, SHA256: strings.Repeat("c", 64), Size: 12},
		incident.StepMoved{Step: "fence-failed", To: incident.Done},
		incident.Refused{By: "dan", What: "run \"Start\"", Why: "2 missing"},
		incident.RowQueued{Row: row},
		incident.ClockStopped{Name: "validator", At: at.Add(5 * time.Minute)},
		incident.SayDropped{Template: "press-note", Why: "resolved before it was due"},
		incident.Noted{By: "dan", Text: "TO" + "DO seal a new backup", Todo: true},
		incident.Ended{How: "resolved", By: "mira"},
		incident.Ended{How: "closed", By: "mira"},
	}
	var out []incident.Recorded
	for i, e := range events {
		out = append(out, incident.Recorded{ID: "e" + string(rune('0'+i)), At: at.Add(time.Duration(i) * 30 * time.Second), Event: e})
	}
	return out
}

func TestMarkdown(t *testing.T) {
	got := Markdown(record(t), "f00d")
	path := filepath.Join("testdata", "report.md")
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the report changed; look at it, then UPDATE=1 go test ./report\n%s", got)
	}
	if strings.Contains(got, "\x1b") {
		t.Error("an escape sequence came through")
	}
}

func TestNothingDeclared(t *testing.T) {
	if got := Markdown(nil, ""); !strings.Contains(got, "Nothing was declared") {
		t.Errorf("an empty record reports %q", got)
	}
}
