package report

import (
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

// What comes beside the steps of a runbook has a sentence of its own.
func TestLinesOfLaterEvents(t *testing.T) {
	book, err := checklists.Find("single-validator-failover")
	if err != nil {
		t.Fatal(err)
	}
	s := incident.Apply(incident.State{}, incident.Recorded{At: at, Event: incident.Declared{Declare: incident.Declare{ID: "INC-20261123-001", By: "mira", Book: book}}})
	s = incident.Apply(s, incident.Recorded{ID: "e1", At: at, Event: incident.StepStarted{Step: "fence-failed", Hosts: []string{"val-2"}, By: "dan"}})
	for _, x := range []struct {
		event incident.Event
		want  string
	}{
		{incident.AlarmRaised{Alarm: incident.Alarm{Kind: "key-silent val-3", Text: "val-3 signs no block"}}, "alert: val-3 signs no block"},
		{incident.AlarmAnswered{Name: "key-silent val-3", Answer: incident.AlarmAttached, By: "mira"}, "mira: the alert key-silent val-3 belongs to this incident"},
		{incident.AlarmAnswered{Name: "key-silent val-3", Answer: incident.AlarmKnown, Note: "a rebuild", By: "mira"}, "mira: the alert key-silent val-3 has a known cause: a rebuild"},
		{incident.AlarmAnswered{Name: "key-silent val-3", Answer: incident.AlarmDeclared, Note: "INC-20261123-002", By: "mira"}, "mira: for the alert key-silent val-3 an incident of its own was declared: INC-20261123-002"},
		{incident.StepStopped{Step: "fence-failed", Effect: "e1", By: "dan"}, `dan: stopped "Stop and fence the failed validator" while it ran`},
		{incident.StepDoubted{Step: "fence-failed", Readings: []incident.Reading{{Text: "host(val-2).fenced == true", Value: "false"}}}, `"Stop and fence the failed validator" is done, but seen otherwise: host(val-2).fenced == true is false`},
		{incident.StepUpheld{Step: "fence-failed", By: "dan", Note: "power is off"}, `dan: "Stop and fence the failed validator" is done all the same: power is off`},
		{incident.CutOrdered{Host: "val-2", How: "power", By: "dan"}, "dan: cuts the power of val-2"},
		{incident.CutEnded{Cut: "e9", Host: "val-2", How: "power", Held: incident.True, Text: "power is off"}, "the power of val-2: read back as cut (power is off)"},
		{incident.CutEnded{Cut: "e9", Host: "val-2", How: "network", Failed: "exit 1", Held: incident.False}, "the network of val-2: the command failed: exit 1; read back as NOT cut"},
	} {
		r := incident.Recorded{ID: "e9", At: at, Event: x.event}
		after := incident.Apply(s, r)
		if got := Line(s, after, r); got != x.want {
			t.Errorf("%s: %q, want %q", x.event.Kind(), got, x.want)
		}
		s = after
	}
}
