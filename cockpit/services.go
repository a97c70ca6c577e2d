package cockpit

import (
	"fmt"
	"slices"
	"time"

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

// nodeDown begins the kind of an alert about a node that holds no validator key;
// its name follows. One that holds a key is told by what it does not sign.
const nodeDown = "node-down "

// nodeDownAfter is how long such a node must be silent, or stand still, to be
// worth an alert.
const nodeDownAfter = 15 * time.Second

// nodeAlerts are the nodes without a key that serve nobody.
func nodeAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, n := range s.Nodes {
		if n.SeenAt.IsZero() || holds(s, n.Host) {
			continue
		}
		a := Alert{Kind: nodeDown + n.Name, Source: n.Name}
		switch {
		case n.State == nodes.Down && s.At.Sub(n.SeenAt) >= nodeDownAfter:
			a.Since = n.SeenAt
			a.Text = fmt.Sprintf("%s does not answer since %s: %s.", n.Name, clockTime(s.At, a.Since), n.Err)
		case n.State == nodes.Up && n.Stuck == nodes.True:
			a.Since = n.HeightSince
			a.Text = fmt.Sprintf("%s stands at %d since %s while the chain goes on.", n.Name, n.Height, clockTime(s.At, a.Since))
		default:
			continue
		}
		out = append(out, a)
	}
	return out
}

// holds says that a host holds a validator key, by the configuration.
func holds(s nodes.Snapshot, host string) bool {
	return slices.ContainsFunc(s.Keys, func(k nodes.Key) bool { return slices.Contains(k.Hosts, host) })
}

// nodeOfferLocked is the declaration for a node that serves nobody.
func (c *Cockpit) nodeOfferLocked(name string, a Alert) *Offer {
	part, ok := componentOf(c.o.Fleet.Components, config.Member{Kind: config.MemberNode, Name: name})
	book, answered := checklists.Answers(part.Name)
	if !ok || !answered || c.state.Open() && c.o.OpenOther == nil {
		return nil
	}
	o := &Offer{Runbook: book, Severity: "sev3", Onset: a.Since, Params: map[string]string{"node": name},
		Title: fmt.Sprintf("%s: %s serves nobody since %s", part.Name, name, clockTime(c.snap.At, a.Since))}
	if n, ok := c.snap.Node(name); ok {
		o.Params["failed"] = n.Host
	}
	return c.asAskedLocked(o)
}

// serviceOfferLocked is the declaration for a service that does not answer: the
// runbook of its component, on the host that serves it.
func (c *Cockpit) serviceOfferLocked(endpoint string, a Alert) *Offer {
	part, ok := componentOf(c.o.Fleet.Components, config.Member{Kind: config.MemberEndpoint, Name: endpoint})
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

// componentOf is the component that something is a part of.
func componentOf(all []config.Component, m config.Member) (config.Component, bool) {
	i := slices.IndexFunc(all, func(c config.Component) bool { return slices.Contains(c.Members, m) })
	if i < 0 {
		return config.Component{}, false
	}
	return all[i], true
}
