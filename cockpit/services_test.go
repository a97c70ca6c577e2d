package cockpit

import (
	"maps"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// One lost answer is no alert; the second is, counted from the first; what is
// not known is none.
func TestEndpointAlerts(t *testing.T) {
	e := nodes.Endpoint{Name: "provider-1-health", OK: nodes.False, Why: "connection refused", At: start, Fails: 1, Since: start.Add(-10 * time.Second)}
	for name, c := range map[string]struct {
		change func(*nodes.Endpoint)
		want   string
	}{
		"one lost answer": {func(*nodes.Endpoint) {}, ""},
		"two":             {func(e *nodes.Endpoint) { e.Fails = 2 }, "provider-1-health is wrong since " + start.Add(-10*time.Second).Format(time.TimeOnly) + " UTC: connection refused."},
		"not known":       {func(e *nodes.Endpoint) { e.Fails, e.OK = 2, nodes.Unknown }, ""},
		"well":            {func(e *nodes.Endpoint) { e.Fails, e.OK = 0, nodes.True }, ""},
	} {
		one := e
		c.change(&one)
		got := ""
		for _, a := range endpointAlerts(nodes.Snapshot{At: start, Endpoints: []nodes.Endpoint{one}}) {
			got += a.Text
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The runbook of a component is offered, on the host that serves the endpoint.
func TestAServiceOffersItsRunbook(t *testing.T) {
	c := New(Options{Clock: clock.NewRehearsal(start, 1), Fleet: config.Fleet{
		Components: []config.Component{{Name: "Provider daemon", Members: []config.Member{{Kind: config.MemberEndpoint, Name: "health"}}},
			{Name: "The coffee machine", Members: []config.Member{{Kind: config.MemberEndpoint, Name: "coffee"}}}},
		Endpoints: []config.Endpoint{{Name: "health", Host: "provider-1"}, {Name: "coffee"}}}})
	o := c.offerLocked(Alert{Kind: endpointDown + "health", Since: start})
	if o == nil || o.Runbook != "provider-daemon-recovery" || !maps.Equal(o.Params, map[string]string{"endpoint": "health", "failed": "provider-1"}) || !o.Onset.Equal(start) {
		t.Errorf("offered: %+v", o)
	}
	for _, name := range []string{"coffee", "of nobody"} {
		if o := c.offerLocked(Alert{Kind: endpointDown + name}); o != nil {
			t.Errorf("%s: no runbook answers it, yet %+v", name, o)
		}
	}
}

// The runbook that answers for a component says so itself.
func TestAnswersAreOfTheirComponent(t *testing.T) {
	books, err := checklists.Library()
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{} // the runbook -> the component it answers for
	for _, b := range books {
		if id, ok := checklists.Answers(b.Component); ok {
			answers[id] = b.Component
		}
	}
	for _, b := range books {
		if part, ok := answers[b.ID]; ok && part != b.Component {
			t.Errorf("%s answers for %q and is of %q", b.ID, part, b.Component)
		}
	}
	if len(answers) == 0 {
		t.Error("no runbook answers for a component")
	}
}
