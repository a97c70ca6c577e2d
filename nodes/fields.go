package nodes

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// field is how a probe's kind and field are answered, nil if there is none.
// This is the probes table of the runbook format.
func field(kind, name string) func(s Snapshot, of string, arg int) value {
	switch kind + "." + name {
	case "host.reachable", "host.unit", "host.fenced":
		return func(s Snapshot, of string, _ int) value { return hostField(s, of, name) }
	case "node.up", "node.synced", "node.serving", "node.catching_up", "node.height", "node.peers", "node.age":
		return func(s Snapshot, of string, _ int) value { return nodeField(s, of, name) }
	case "key.signing", "key.banned", "key.missed_last", "key.live_endpoints":
		return func(s Snapshot, of string, arg int) value { return keyField(s, of, name, arg) }
	case "chain.halted", "chain.power_online", "chain.power_ready", "chain.second_signers", "chain.height", "chain.evidence":
		return func(s Snapshot, _ string, _ int) value { return chainField(s, name) }
	case "place.silent", "place.answering":
		return func(s Snapshot, of string, _ int) value { return placeField(s, of, name) }
	case "endpoint.ok":
		return func(s Snapshot, of string, _ int) value { return endpointField(s, of) }
	case "db.up", "db.role", "db.replay", "db.timeline", "db.lag_bytes", "db.lag_age", "db.sessions", "db.replicas", "db.archiving", "db.fenced", "db.loose", "db.managed", "db.loss_age":
		return func(s Snapshot, of string, _ int) value { return databaseField(s, of, name) }
	case "alert.firing":
		return func(_ Snapshot, of string, _ int) value { return unknown(of, "not watched yet") }
	}
	return nil
}

// tri is a bool value, or an unknown with its reason.
func tri(t Tri, source, why string, at time.Time, every time.Duration) value {
	v := value{kind: boolValue, truth: t, source: source, why: why, at: at, every: every}
	if t == Unknown {
		if v.kind = noValue; v.why == "" {
			v.why = "not known"
		}
	}
	return v
}

func hostField(s Snapshot, of, name string) value {
	h, ok := s.Host(of)
	source := of + ", over SSH"
	switch {
	case !ok:
		return unknown(source, "no such host")
	case h.At.IsZero():
		return unknown(source, "not looked at yet")
	case name == "reachable":
		why := h.Err
		if h.Reachable == True { // what else could not be read there is another matter
			why = ""
		}
		return tri(h.Reachable, source, why, h.At, s.HostEvery)
	case name == "fenced":
		fenced, checks := Fenced(s, of)
		v := tri(fenced, source, describe(checks), oldestCheck(checks, h.At), s.HostEvery)
		return v
	case h.Unit.ActiveState == "":
		return unknown(source, firstOf(h.Err, "systemd said nothing about the unit"))
	}
	return value{kind: wordValue, word: h.Unit.ActiveState, source: source, at: h.At, every: s.HostEvery}
}

func nodeField(s Snapshot, of, name string) value {
	n, ok := s.Node(of)
	source := n.Name + " /status"
	if !ok {
		if list := s.NodesOf(of); len(list) > 1 {
			return unknown(of, fmt.Sprintf("%d nodes run on %s: name one of them", len(list), of))
		}
		return unknown(of, "no such node, and no host with exactly one")
	}
	every := s.Every
	if n.Fail == FailTimeout {
		every *= silentEvery // it is asked less often
	}
	switch {
	case n.AskedAt.IsZero():
		return unknown(source, firstOf(n.Err, "not asked yet"))
	case name == "up":
		return tri(TriOf(n.State == Up), source, n.Err, n.AskedAt, every)
	case name == "serving":
		return tri(serving(n), source, firstOf(n.Err, n.SyncedWhy), n.AskedAt, every)
	case n.State != Up:
		return unknown(source, firstOf(n.Err, "it does not answer"))
	case name == "synced":
		return tri(n.Synced, source, n.SyncedWhy, n.SeenAt, every)
	case name == "catching_up":
		return tri(n.CatchingUp, source, "", n.SeenAt, every)
	case name == "height":
		return value{kind: intValue, n: n.Height, source: source, at: n.SeenAt, every: every}
	case name == "age":
		if n.Height == 0 || n.BlockTime.IsZero() {
			return unknown(source, "no block yet")
		}
		return value{kind: durationValue, dur: n.Age, source: source, at: n.SeenAt, every: every}
	case n.PeersAt.IsZero():
		return unknown(n.Name+" /net_info", "not asked yet")
	}
	return value{kind: intValue, n: int64(n.Peers), source: n.Name + " /net_info", at: n.PeersAt, every: s.Every * slowEvery}
}

// serving says that who asks the node gets today's chain: it answers, and its
// last block is fresh.
func serving(n Node) Tri {
	if n.State == Down {
		return False
	}
	return n.Synced
}

func keyField(s Snapshot, of, name string, arg int) value {
	k, ok := s.Key(of)
	source := firstOf(k.Witness, "the witnesses") + " /commit"
	if !ok {
		return unknown(of, "no such key")
	}
	switch name {
	case "signing":
		return tri(k.Signing, source, k.SigningWhy, k.SigningAt, s.Every)
	case "banned":
		return tri(k.Tombstoned, "REST", k.JailedWhy, k.JailedAt, s.Every*slowEvery)
	case "live_endpoints":
		if s.Chain.Endpoints == 0 {
			return unknown("all endpoints", "no endpoint answers")
		}
		return value{
			kind: intValue, n: int64(len(k.LiveEndpoints)), at: s.At, every: s.Every,
			source: fmt.Sprintf("%d of %d endpoints answer", s.Chain.Endpoints, len(s.Nodes)),
			why:    strings.Join(k.LiveEndpoints, ", "),
		}
	}
	missed, known := k.MissedLast(arg)
	switch {
	case !known:
		return unknown(source, fmt.Sprintf("%d commits were read, %d are asked for, with the key in the set in each", len(k.Recent), arg))
	case k.Signing == Unknown:
		return unknown(source, firstOf(k.SigningWhy, "the last commit is not known"))
	}
	return value{kind: intValue, n: int64(missed), source: source, at: k.SigningAt, every: s.Every}
}

func chainField(s Snapshot, name string) value {
	c := s.Chain
	source := fmt.Sprintf("%d endpoints", c.Endpoints)
	switch name {
	case "halted":
		return tri(c.Halted, source, c.HaltedWhy, s.At, s.Every)
	case "height":
		if c.Endpoints == 0 {
			return unknown(source, "no endpoint answers")
		}
		return value{kind: intValue, n: c.Height, source: source, at: s.At, every: s.Every}
	case "power_online":
		p := c.Power
		if p.Known != True || p.Total <= 0 {
			return unknown("power", firstOf(p.Why, "not known"))
		}
		return value{kind: fractionValue, n: p.Online, of: p.Total, source: p.From + " " + fmt.Sprint(p.Height), at: p.At, every: s.Every}
	case "power_ready":
		return readyField(s)
	case "second_signers":
		if c.Endpoints == 0 {
			return unknown(source, "no endpoint answers")
		}
		n := 0
		for _, d := range s.Duplicates {
			if !d.Shared {
				n++
			}
		}
		return value{kind: intValue, n: int64(n), source: source, at: s.At, every: s.Every}
	}
	return evidenceField(s)
}

// readyField is the power of a standing chain that votes now or whose operators
// said that they are ready, of all.
func readyField(s Snapshot) value {
	v := s.Chain.Votes
	if v == nil || len(v.Ballots) == 0 {
		return unknown("the roll call", "the validators of the running height are not known")
	}
	votes, words, total := int64(0), int64(0), int64(0)
	for _, b := range v.Ballots {
		total += b.Power
		said := slices.ContainsFunc(s.Ready, func(a string) bool { return strings.EqualFold(a, b.Address) })
		switch {
		case b.Online:
			votes += b.Power
		case said:
			words += b.Power
		}
	}
	return value{kind: fractionValue, n: votes + words, of: total, at: v.At, every: s.Every,
		source: fmt.Sprintf("%d votes as seen, %d ready by word", votes, words)}
}

// evidenceField counts the evidence since s.Since. An evidence that could not
// be read counts as one.
func evidenceField(s Snapshot) value {
	c := s.Chain
	if c.EvidenceTo == 0 {
		return unknown("blocks", "no block was read yet")
	}
	v := value{kind: intValue, at: c.EvidenceAt, every: s.Every, source: fmt.Sprintf("blocks %d to %d", c.EvidenceFrom, c.EvidenceTo)}
	for _, e := range c.Evidence {
		if !e.Time.Before(s.Since) || !e.Seen.Before(s.Since) && e.Time.IsZero() {
			v.n++
		}
	}
	// Blocks made before the first one read may carry evidence of their own.
	if !s.Since.IsZero() && c.EvidenceFrom > 1 && s.Since.Before(c.EvidenceFromTime) {
		v.kind = atLeastValue
	}
	return v
}

func endpointField(s Snapshot, of string) value {
	for _, e := range s.Endpoints {
		if e.Name == of {
			return tri(e.OK, of, e.Why, e.At, s.Every*slowEvery)
		}
	}
	return unknown(of, "no such endpoint")
}

// firstOf is the first of the texts that says something.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
