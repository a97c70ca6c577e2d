package cockpit

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// dark says that a snapshot does not show a condition to be over: what it is
// about does not answer, or not enough of it is known yet, as after a restart.
// Such a condition has not ended; only what is seen well ends it.
func dark(kind string, s nodes.Snapshot) bool {
	what, name, _ := strings.Cut(kind, " ")
	switch what {
	case "key-silent":
		k, ok := s.Key(name)
		return !ok || k.Signing != nodes.True && k.Tombstoned != nodes.True
	case "key-elsewhere":
		k, ok := s.Key(name)
		return !ok || k.Signing == nodes.Unknown
	case "chain-halted":
		return s.Chain.Halted != nodes.True && s.Chain.Halted != nodes.False
	case strings.TrimSpace(nodeDown):
		n, ok := s.Node(name)
		return ok && (n.State != nodes.Up || n.Stuck == nodes.Unknown)
	case strings.TrimSpace(endpointDown):
		i := slices.IndexFunc(s.Endpoints, func(e nodes.Endpoint) bool { return e.Name == name })
		return i >= 0 && s.Endpoints[i].OK != nodes.True
	case strings.TrimSpace(databaseDown):
		d, ok := s.Database(name)
		return ok && d.State != nodes.Up
	case strings.TrimSpace(twoPrimaries):
		return bothMayWrite(name, s)
	case placeSilent:
		p, ok := s.Place(name)
		return !ok || p.Silent() != nodes.False
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

// bothMayWrite says that neither of two primaries is seen to have ended: none
// follows, and none refuses. One that is only out of our reach may still take the
// writes of others.
func bothMayWrite(names string, s nodes.Snapshot) bool {
	for name := range strings.FieldsSeq(names) {
		d, ok := s.Database(name)
		if !ok || d.State == nodes.Up && d.Role == nodes.RoleReplica || d.State == nodes.Down && d.Fail == nodes.FailRefused {
			return false
		}
	}
	return true
}

// within says that what is seen tells the condition already: a zone of a region
// that is silent as a whole.
func within(kind string, seen []Alert, s nodes.Snapshot) bool {
	name, zone := strings.CutPrefix(kind, placeSilent+" ")
	p, ok := s.Place(name)
	return zone && ok && slices.ContainsFunc(seen, func(a Alert) bool { return a.Kind == placeSilent+" "+p.In })
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
		if !a.Ended.IsZero() || !dark(a.Kind, c.snap) || within(a.Kind, seen, c.snap) {
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

// stillSo says that what a condition is about is seen to be wrong, though not yet
// for long enough to raise it anew.
func stillSo(kind string, s nodes.Snapshot) bool {
	what, name, _ := strings.Cut(kind, " ")
	switch what {
	case "key-silent":
		k, _ := s.Key(name)
		return k.Signing == nodes.False
	case strings.TrimSpace(nodeDown):
		n, _ := s.Node(name)
		return n.State == nodes.Down
	case strings.TrimSpace(endpointDown):
		return slices.ContainsFunc(s.Endpoints, func(e nodes.Endpoint) bool { return e.Name == name && e.OK == nodes.False })
	case strings.TrimSpace(databaseDown):
		d, _ := s.Database(name)
		return d.State == nodes.Down
	case placeSilent:
		p, _ := s.Place(name)
		return p.Silent() == nodes.True
	}
	return false
}

// lastKnown is a recorded condition that is not raised by what is seen now: it
// still holds, or nothing is known about it.
func lastKnown(a incident.Alarm, s nodes.Snapshot) Alert {
	if stillSo(a.Kind, s) {
		return Alert{Kind: a.Kind, Warning: a.Warning, Text: a.Text, Memory: memoryOf(a.Kind), Since: since(a), Source: "the record, and still so"}
	}
	return Alert{Kind: a.Kind, Warning: a.Warning, Text: a.Text + " Last known: nothing tells now.", Memory: memoryOf(a.Kind), Since: since(a), Source: "the record"}
}

// since is when a recorded condition began, or was first seen where an older
// record does not say.
func since(a incident.Alarm) time.Time {
	if a.Since.IsZero() {
		return a.At
	}
	return a.Since
}

// carriedLocked is what is seen with the times of the record: whoever comes back sees
// a condition for the first time that stood before he left.
func (c *Cockpit) carriedLocked(seen []Alert) []Alert {
	for i, a := range seen {
		for _, known := range c.state.Alarms {
			began := since(known)
			if known.Kind != a.Kind || !known.Ended.IsZero() || !began.Before(a.Since) {
				continue
			}
			at := c.snap.At
			seen[i].Text = strings.Replace(a.Text, "since "+clockTime(at, a.Since), "since "+clockTime(at, began), 1)
			seen[i].Since = began
		}
	}
	return seen
}
