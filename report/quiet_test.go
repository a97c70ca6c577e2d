package report

import (
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
)

// Bookkeeping is left out of a report; the whole record shows it, in words.
func TestQuietEvents(t *testing.T) {
	book, err := checklists.Find("single-validator-failover")
	if err != nil {
		t.Fatal(err)
	}
	s := incident.Apply(incident.State{}, incident.Recorded{At: at, Event: incident.Declared{Declare: incident.Declare{ID: "INC-20261123-001", By: "mira", Book: book}}})
	row := outbox.Row{ID: "r1", Template: "internal-declared", Lane: "war-room", State: outbox.Queued}
	fenced := incident.Reading{Text: "host(val-2).fenced == true", Value: "false", Truth: incident.False}
	for _, x := range []struct {
		event incident.Event
		want  string
	}{
		{incident.StepMoved{Step: "fence-failed", To: incident.Verifying}, `"Stop and fence the failed validator": its checks are read from now on`},
		{incident.CheckRead{Step: "fence-failed"}, `"Stop and fence the failed validator", check 1: nothing was read`},
		{incident.CheckRead{Step: "fence-failed", Block: 1, Readings: []incident.Reading{fenced, {Text: "a | b", Truth: incident.NotKnown, Value: "no answer"}}},
			`"Stop and fence the failed validator", check 2: host(val-2).fenced == true is false; a \| b is unknown (no answer)`},
		{incident.ClaimSeen{Step: "fence-failed"}, `what "Stop and fence the failed validator" says is seen to be so`},
		{incident.FenceJudged{Step: "fence-failed"}, `the fence judged the start of "Stop and fence the failed validator": refused`},
		{incident.FieldSet{Name: "impact", Value: "none", By: "lena"}, "lena filled impact: none"},
		{incident.RowQueued{Row: row}, "internal-declared to war-room: queued"},
		{incident.RowStarted{Row: "r1"}, "internal-declared to war-room: it is being sent"},
		{incident.RowLookStarted{Row: "r1"}, "internal-declared to war-room: looked up whether it arrived"},
		{incident.RowLookStarted{Row: "r9"}, "a message: looked up whether it arrived"},
		{incident.AlarmQuieted{Name: "key-silent val-3", By: "mira"}, "mira quieted the alert key-silent val-3"},
	} {
		r := incident.Recorded{ID: "e9", At: at, Event: x.event}
		after := incident.Apply(s, r)
		if line := Line(s, after, r); line != "" {
			t.Errorf("%s: the report says %q", x.event.Kind(), line)
		}
		if got := Quiet(s, r); got != x.want {
			t.Errorf("%s:\n got %q\nwant %q", x.event.Kind(), got, x.want)
		}
		s = after
	}
}
