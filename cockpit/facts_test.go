package cockpit

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
)

// talk is a cockpit whose plan says one message to the public, again each half
// hour.
func talk(t *testing.T, body string) *Cockpit {
	t.Helper()
	p, r := &paper{}, &rooms{}
	c := New(Options{Clock: clock.NewRehearsal(start, 1), Person: "mira", Books: r, Watcher: r, Runner: r, Poster: r,
		Templates: map[string]comms.Template{"word": {Name: "word", Audience: outbox.Public, Title: "A word", Body: body}},
		Fleet: config.Fleet{
			Hosts:    []config.Host{{Name: "val-2"}, {Name: "sentry-3", Groups: []string{"relays"}}, {Name: "db"}},
			Keys:     []config.Key{{Name: "k", PublicName: "VirtEngine 2", Hosts: []string{"val-2"}}},
			Channels: []config.Channel{{Name: "page", Driver: "statuspage", Audience: config.Public, Target: "p4ge"}},
			Say:      []config.Say{{Template: "word", To: []string{"page"}, Timed: true, Every: map[string]time.Duration{"sev2": 30 * time.Minute}}},
		},
		OpenRecord: func(time.Time, checklists.Book, map[string]string) (string, Record, error) {
			return "INC-20261123-001", p, nil
		}})
	if err := c.Declare(Declaration{Runbook: "single-validator-failover", Title: "silent", Severity: "sev2"}); err != nil {
		t.Fatal(err)
	}
	return c
}

func word(t *testing.T, c *Cockpit) SayView {
	t.Helper()
	v, ok := c.View().Message("word")
	if !ok {
		t.Fatal("no such message")
	}
	return v
}

// What must not be said comes with what to say instead, and with the field in
// which it stands.
func TestRemarksSayWhatToWriteInstead(t *testing.T) {
	c := talk(t, "sentry-3 relays. Impact: {{impact}}")
	c.Fill("impact", "val-2 and db are away")
	want := map[string]string{"sentry-3": `say "one of our relays"`, "val-2": `say "VirtEngine 2"`, "db": `say "one of our machines"`}
	v := word(t, c)
	for _, r := range v.Remarks {
		if want[r.Match] != r.Say || r.Why != "a host name of ours" || (r.Field == "impact") != (r.Match != "sentry-3") {
			t.Errorf("%+v", r)
		}
		delete(want, r.Match)
	}
	if len(want) > 0 || len(v.Problems) != 3 || v.Ready() {
		t.Errorf("not refused: %v, problems %q", want, v.Problems)
	}
	if len(v.Places) != 1 || v.Places[0] != (Place{"page", "statuspage", "p4ge"}) {
		t.Errorf("places %+v", v.Places)
	}
}

// A value typed for one update does not come again in the next, and one typed
// for all does.
func TestAFieldForOneUpdateAlone(t *testing.T) {
	c := talk(t, "Impact: {{impact}}. Next update by {{next_update}}.")
	c.Fill("impact", "none seen")
	v := word(t, c)
	if len(v.Fields) != 2 || v.Fields[0].Value != "none seen" || v.Fields[0].From != "typed" || v.Fields[1].From != "the plan" {
		t.Fatalf("%+v", v.Fields)
	}
	c.Fill(v.Fields[1].Key, "03:10 UTC")
	c.Fill(v.Fields[0].Now, "no change")
	v = word(t, c)
	if !strings.Contains(v.Body, "no change") || !strings.Contains(v.Body, "by 03:10 UTC") {
		t.Fatalf("%q", v.Body)
	}
	if err := c.Post(context.Background(), "word", v.Digest); err != nil {
		t.Fatal(err)
	}
	next := word(t, c)
	if !strings.Contains(next.Body, "none seen") || strings.Contains(next.Body, "03:10") {
		t.Errorf("the next update says %q", next.Body)
	}
	if want := start.Add(10 * time.Minute); !next.Due.Equal(want) {
		t.Errorf("promised 03:10, due %s", next.Due)
	}
	c.Fill("impact", "")
	if v := word(t, c); len(v.Missing) != 1 {
		t.Errorf("an emptied field still says %q", v.Body)
	}
}
