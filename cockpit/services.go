package cockpit

import (
	"fmt"
	"slices"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// endpointDown begins the kind of an alert about an endpoint; its name follows.
const endpointDown = "endpoint-down "

// failsAlert is how many looks in a row find an endpoint wrong before it is worth
// an alert: one lost answer is ordinary.
const failsAlert = 2

// endpointAlerts are the services that do not answer as they should.
func endpointAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, e := range s.Endpoints {
		if e.OK != nodes.False || e.Fails < failsAlert {
			continue
		}
		why := ""
		if e.Why != "" {
			why = ": " + e.Why
		}
		out = append(out, Alert{Kind: endpointDown + e.Name, Since: e.Since, Source: e.Name,
			Text: fmt.Sprintf("%s is wrong since %s%s.", e.Name, clockTime(s.At, e.Since), why)})
	}
	return out
}

// serviceOfferLocked is the declaration for a service that does not answer: the
// runbook of its component, on the host that serves it.
func (c *Cockpit) serviceOfferLocked(endpoint string, a Alert) *Offer {
	part, ok := componentOf(c.o.Fleet.Components, endpoint)
	if !ok || c.state.Open() && c.o.OpenOther == nil {
		return nil
	}
	book, ok := checklists.Answers(part.Name)
	if !ok {
		return nil
	}
	o := &Offer{Runbook: book, Severity: "sev3", Onset: a.Since,
		Title:  fmt.Sprintf("%s: %s is wrong since %s", part.Name, endpoint, clockTime(c.snap.At, a.Since)),
		Params: map[string]string{"endpoint": endpoint}}
	for _, e := range c.o.Fleet.Endpoints {
		if e.Name == endpoint && e.Host != "" {
			o.Params["failed"] = e.Host
		}
	}
	return c.asAskedLocked(o)
}

// componentOf is the component that an endpoint is a part of.
func componentOf(all []config.Component, endpoint string) (config.Component, bool) {
	i := slices.IndexFunc(all, func(c config.Component) bool {
		return slices.Contains(c.Members, config.Member{Kind: config.MemberEndpoint, Name: endpoint})
	})
	if i < 0 {
		return config.Component{}, false
	}
	return all[i], true
}
