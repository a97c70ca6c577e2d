package config

import (
	"slices"
	"strings"
	"time"
)

// The look-ups below answer by name within one fleet; ok is false for a name
// that is not configured. Fleet also satisfies checklists.Inventory.

func find[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var zero T
	return zero, false
}

// Host by name.
func (f Fleet) Host(name string) (Host, bool) {
	return find(f.Hosts, func(h Host) bool { return h.Name == name })
}

// Group is the hosts of a group, in file order; nil is no such group.
func (f Fleet) Group(name string) []Host {
	var out []Host
	for _, h := range f.Hosts {
		if slices.Contains(h.Groups, name) {
			out = append(out, h)
		}
	}
	return out
}

// Groups are all group names, sorted.
func (f Fleet) Groups() []string {
	var out []string
	for _, h := range f.Hosts {
		out = append(out, h.Groups...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Key by name.
func (f Fleet) Key(name string) (Key, bool) {
	return find(f.Keys, func(k Key) bool { return k.Name == name })
}

// KeysOn are the keys a host holds or may come to hold.
func (f Fleet) KeysOn(host string) []Key {
	var out []Key
	for _, k := range f.Keys {
		if k.Holds(host) {
			out = append(out, k)
		}
	}
	return out
}

// Holds says whether host is one of the key's holders.
func (k Key) Holds(host string) bool { return slices.Contains(k.Hosts, host) }

// Node by name, or by the name of a host that has exactly one.
func (f Fleet) Node(name string) (Node, bool) {
	if n, ok := find(f.Nodes, func(n Node) bool { return n.Name == name }); ok {
		return n, true
	}
	return f.NodeOn(name)
}

// NodeOn is the node of a host that has exactly one.
func (f Fleet) NodeOn(host string) (Node, bool) {
	if on := f.NodesOn(host); len(on) == 1 {
		return on[0], true
	}
	return Node{}, false
}

// NodesOn are all nodes of a host.
func (f Fleet) NodesOn(host string) []Node {
	var out []Node
	for _, n := range f.Nodes {
		if host != "" && n.Host == host {
			out = append(out, n)
		}
	}
	return out
}

// Witnesses are the witness nodes that can testify about k: those on none of
// its holders.
func (f Fleet) Witnesses(k Key) []Node {
	var out []Node
	for _, n := range f.Nodes {
		if n.Witness && !k.Holds(n.Host) {
			out = append(out, n)
		}
	}
	return out
}

// Database by name.
func (f Fleet) Database(name string) (Database, bool) {
	return find(f.Databases, func(d Database) bool { return d.Name == name })
}

// Endpoint by name.
func (f Fleet) Endpoint(name string) (Endpoint, bool) {
	return find(f.Endpoints, func(e Endpoint) bool { return e.Name == name })
}

// Component by name.
func (f Fleet) Component(name string) (Component, bool) {
	return find(f.Components, func(c Component) bool { return c.Name == name })
}

// Channel by name.
func (f Fleet) Channel(name string) (Channel, bool) {
	return find(f.Channels, func(c Channel) bool { return c.Name == name })
}

// SaysFor are the plan's entries for one template.
func (f Fleet) SaysFor(template string) []Say {
	var out []Say
	for _, s := range f.Say {
		if s.Template == template {
			out = append(out, s)
		}
	}
	return out
}

// Cadence is the time between updates at a severity ("sev1".."sev4"); ok is
// false where none was promised.
func (s Say) Cadence(severity string) (time.Duration, bool) {
	d, ok := s.Every[severity]
	return d, ok
}

// Person by login.
func (f Fleet) Person(login string) (Person, bool) {
	return find(f.People, func(p Person) bool { return p.Login == login })
}

// Target is what a component must meet. Where several entries speak of it the
// stricter figure of each kind holds, and Source names where both come from.
func (f Fleet) Target(component string) (Target, bool) {
	return strictest(f.Targets, func(t Target) bool { return t.Component == component && component != "" })
}

// ScenarioTarget is Target for a scenario.
func (f Fleet) ScenarioTarget(scenario string) (Target, bool) {
	return strictest(f.Targets, func(t Target) bool { return t.Scenario == scenario && scenario != "" })
}

func strictest(all []Target, is func(Target) bool) (out Target, ok bool) {
	rto, rpo := "", ""
	for _, t := range all {
		if !is(t) {
			continue
		}
		if !ok {
			out, ok = Target{Component: t.Component, Scenario: t.Scenario}, true
		}
		if t.RTO > 0 && (out.RTO == 0 || t.RTO < out.RTO) {
			out.RTO, rto = t.RTO, t.Source
		}
		if t.HasRPO && (!out.HasRPO || t.RPO < out.RPO) {
			out.RPO, out.HasRPO, rpo = t.RPO, true, t.Source
		}
	}
	switch {
	case rto == "" || rto == rpo:
		out.Source = rpo
	case rpo == "":
		out.Source = rto
	default:
		out.Source = "RTO: " + rto + "; RPO: " + rpo
	}
	return out, ok
}

// Fault by name.
func (f Faults) Fault(name string) (Fault, bool) {
	return find(f.List, func(x Fault) bool { return x.Name == name })
}

// For is the fault that starts the drill of a runbook.
func (f Faults) For(runbook string) (Fault, bool) {
	name, ok := f.Runbooks[runbook]
	if !ok {
		return Fault{}, false
	}
	return f.Fault(name)
}

// HasHost and its kin make a Fleet what the linter asks about names.
func (f Fleet) HasHost(name string) bool { _, ok := f.Host(name); return ok }

// HasGroup says whether any host is in the group.
func (f Fleet) HasGroup(name string) bool { return len(f.Group(name)) > 0 }

// HasKey says whether the key is configured.
func (f Fleet) HasKey(name string) bool { _, ok := f.Key(name); return ok }

// HasNode says whether the name is a node, or a host with exactly one.
func (f Fleet) HasNode(name string) bool { _, ok := f.Node(name); return ok }

// HasDatabase says whether the database is configured.
func (f Fleet) HasDatabase(name string) bool { _, ok := f.Database(name); return ok }

// HasEndpoint says whether the endpoint is configured.
func (f Fleet) HasEndpoint(name string) bool { _, ok := f.Endpoint(name); return ok }

// HasPlace says whether any host is in the region or zone.
func (f Fleet) HasPlace(name string) bool {
	_, ok := find(f.Hosts, func(h Host) bool { return name != "" && (h.Region == name || h.Zone == name) })
	return ok
}

// HasComponent says whether the component is configured, or a target for a
// component or scenario of that name.
func (f Fleet) HasComponent(name string) bool {
	_, ok := f.Component(name)
	_, aimed := find(f.Targets, func(t Target) bool { return name != "" && t.Component+t.Scenario == name })
	return ok || aimed
}

// Limits are how long a component may be away and how much it may lose, the
// stricter where sources differ; 0 where nothing was promised.
func (f Fleet) Limits(component string) (rto, rpo time.Duration) {
	t, _ := f.Target(component)
	return t.RTO, t.RPO
}

// ByHand says that the channel has no driver yet: its messages are due like all
// others and a person sends them.
func (c Channel) ByHand() bool {
	return !slices.Contains(strings.Fields(drivenToday), c.Driver)
}
