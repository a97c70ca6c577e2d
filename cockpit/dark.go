package cockpit

import (
	"strings"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// dark says that a snapshot cannot tell whether a condition still holds: what it
// is about does not answer. Such a condition has not ended.
func dark(kind string, s nodes.Snapshot) bool {
	what, name, _ := strings.Cut(kind, " ")
	switch what {
	case "key-silent", "key-elsewhere":
		k, ok := s.Key(name)
		return !ok || k.Signing == nodes.Unknown
	case "chain-halted":
		return s.Chain.Halted != nodes.True && s.Chain.Halted != nodes.False
	case strings.TrimSpace(nodeDown), strings.TrimSpace(endpointDown):
		return false
	case placeSilent:
		p, ok := s.Place(name)
		return !ok || p.Silent() == nodes.Unknown
	case "disk-full":
		h, ok := s.Host(name)
		return !ok || h.Reachable != nodes.True
	case "fork":
		n, ok := s.Node(name)
		return !ok || n.State != nodes.Up
	case "second-signer":
		return holderSilent(name, s)
	}
	return s.At.IsZero()
}

// holderSilent says that an endpoint of a holder neither answers nor refuses: it
// may show the key still.
func holderSilent(address string, s nodes.Snapshot) bool {
	for _, k := range s.Keys {
		if k.Address != address {
			continue
		}
		for _, h := range k.Hosts {
			for _, n := range s.NodesOf(h) {
				if n.State != nodes.Up && n.Fail != nodes.FailRefused {
					return true
				}
			}
		}
		return false
	}
	return s.At.IsZero()
}

// darkLocked are the recorded alarms that stand and are not seen, because
// nothing is known about them now.
func (c *Cockpit) darkLocked(seen []Alert) []incident.Alarm {
	var out []incident.Alarm
	if !c.state.Open() {
		return nil
	}
next:
	for _, a := range c.state.Alarms {
		if !a.Ended.IsZero() || !dark(a.Kind, c.snap) {
			continue
		}
		for _, s := range seen {
			if s.Kind == a.Kind {
				continue next
			}
		}
		out = append(out, a)
	}
	return out
}

// lastKnown is an alert about which nothing is known now.
func lastKnown(a incident.Alarm) Alert {
	return Alert{Kind: a.Kind, Warning: a.Warning, Text: a.Text + " Last known: nothing tells now.", Since: a.At, Source: "the record"}
}
