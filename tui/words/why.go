package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Fact is one piece of evidence: what was seen, by whom, and when.
type Fact struct {
	Mark   string
	Level  Level
	Text   string
	Source string
	At     time.Time // when it was seen; of what ended, when it was seen last. Zero: not known
}

// Reason is why something is as it is.
type Reason struct {
	Head  string // "Why val-2 is red"
	Level Level
	Facts []Fact
	Means string // what it comes to
	Waits string // whether it can wait, and what waiting costs
	Can   string // what can be done
}

// WhyNode explains a node by all that was seen of it: its RPC, its blocks, its
// key, its host.
func WhyNode(v cockpit.View, n nodes.Node, now time.Time) Reason {
	_, _, level := Node(v, n)
	r := Reason{Level: level, Head: whyHead(n.Name, level)}
	r.Facts = append(rpcFacts(n, now), chainFacts(v, n)...)
	k, has := keyOf(v, n)
	if has {
		r.Facts = append(r.Facts, keyFacts(v, k)...)
	}
	h, read := v.Snap.Host(n.Host)
	if n.Host != "" {
		r.Facts = append(r.Facts, hostFacts(v, h, read)...)
	}
	r.Means, r.Can = meaning(v, n, k, h)
	if level > Calm {
		r.Waits = waits(v, k, has)
	}
	return r
}

// WhyKey explains a key by what the chain shows of it, and where it may be.
func WhyKey(v cockpit.View, k nodes.Key, now time.Time) Reason {
	_, text, level := Key(v, k, now)
	r := Reason{Level: level, Head: whyHead("key "+k.Name, level), Facts: keyFacts(v, k)}
	for _, n := range v.Snap.Nodes {
		if nm, t, l := Node(v, n); slices.Contains(k.Hosts, n.Host) {
			r.Facts = append(r.Facts, Fact{nm, l, safe.Short(n.Name, 30) + " " + t, "RPC", n.AskedAt})
		}
	}
	if len(r.Facts) == 0 {
		r.Facts = []Fact{{Asks, Unknown, text, "", k.SigningAt}}
	}
	r.Waits = waits(v, k, true)
	r.Means, r.Can = keyMeaning(k)
	return r
}

// WhyHost explains a host by what was read on it.
func WhyHost(v cockpit.View, h nodes.HostFacts) Reason {
	_, _, level := Host(v, h)
	r := Reason{Level: level, Head: whyHead("host "+h.Name, level), Facts: hostFacts(v, h, true)}
	switch {
	case h.HostKey:
		r.Means, r.Can = "What answers under its address is not the known host.", "Log in nowhere. Compare its key by the console or the provider."
	case h.Reachable == nodes.False:
		r.Means, r.Can = "It is down or cut off. What runs on it may still run.", "Look by another way: console, provider, a machine beside it."
	}
	return r
}

// WhyEndpoint explains something that answers over HTTP.
func WhyEndpoint(e nodes.Endpoint) Reason {
	m, text, level := Endpoint(e)
	return Reason{Level: level, Head: whyHead(e.Name, level), Facts: []Fact{{m, level, text, "HTTP", e.At}}}
}

// WhyAlert explains an alert by who raised it, and by what is to be known by
// heart.
func WhyAlert(a cockpit.Alert) Reason {
	r := Reason{Level: Caution, Head: "Why there is a caution"}
	m := Look
	if a.Warning {
		m, r.Level, r.Head = Bad, Warning, "Why there is a warning"
	}
	r.Facts = []Fact{{m, r.Level, safe.Line(a.Text), safe.Short(a.Source, 40), a.Since}}
	for i, s := range a.Memory {
		r.Can += fmt.Sprintf("%d %s ", i+1, safe.Line(s))
	}
	return r
}

// WhyBallot explains the vote of a validator, or that there is none: by its
// node where it is ours.
func WhyBallot(v cockpit.View, b nodes.Ballot, now time.Time) Reason {
	w := BallotOf(v, b)
	at := time.Time{}
	if v.Snap.Chain.Votes != nil {
		at = v.Snap.Chain.Votes.At
	}
	vote := Fact{w.Mark, w.Level, "prevote: " + w.Prevote, "votes of the round", at}
	n, has := nodeOf(v, b)
	if !has {
		r := Reason{Head: "What is seen of " + w.Name, Level: w.Level, Facts: []Fact{vote}, Means: "It is not ours: what it does is known by its votes alone."}
		if b.Key != "" {
			r.Means = "No node that answers shows this key."
		}
		if w.Level > Calm {
			r.Head, r.Can = "Why "+w.Name+" is missed", "Ask "+w.Name+": the roll call of operators says whom to call."
		}
		return r
	}
	r := WhyNode(v, n, now)
	r.Facts = append([]Fact{vote}, r.Facts...)
	r.Level = max(r.Level, w.Level)
	if r.Head = whyHead(w.Name, r.Level); w.Level == Calm {
		r.Head = "What is seen of " + w.Name
	}
	return r
}

func whyHead(name string, l Level) string {
	name = safe.Short(name, 40)
	switch l {
	case Warning:
		return "Why " + name + " is red"
	case Caution:
		return "Why " + name + " wants a look"
	case Unknown:
		return "Why " + name + " is not known"
	}
	return "What is seen of " + name
}

// rpcFacts are whether it answers, and since when not.
func rpcFacts(n nodes.Node, now time.Time) []Fact {
	switch n.State {
	case nodes.Up:
		return []Fact{{Good, Calm, fmt.Sprintf("RPC answers, at block %s, %s old", Num(n.Height), Age(n.BlockTime, now)), "RPC", n.SeenAt}}
	case nodes.Down:
		text := map[nodes.Fail]string{nodes.FailRefused: "RPC refuses the connection",
			nodes.FailTimeout: "RPC gives no answer in time", nodes.FailHostKey: "the way to it shows a WRONG HOST KEY",
			nodes.FailReach: "no way to its RPC", nodes.FailAnswer: "it answers, but not as a node"}[n.Fail]
		out := []Fact{{Bad, Warning, orElse(text, "RPC does not answer"), "RPC", n.AskedAt}}
		if n.SeenAt.IsZero() {
			return append(out, Fact{Bad, Warning, "it never answered", "RPC", n.AskedAt})
		}
		last := "its last answer"
		if n.Height > 0 {
			last += ", at block " + Num(n.Height)
		}
		return append(out, Fact{Bad, Warning, last, "RPC", n.SeenAt})
	}
	return []Fact{{Asks, Unknown, "it was not asked yet", "RPC", n.AskedAt}}
}

// chainFacts are how it stands to the others.
func chainFacts(v cockpit.View, n nodes.Node) []Fact {
	var out []Fact
	add := func(m string, l Level, text, source string) { out = append(out, Fact{m, l, text, source, n.SeenAt}) }
	if n.State == nodes.Up {
		if n.RightNet == nodes.False {
			add(Bad, Warning, "it runs on another network: "+safe.Short(n.Network, 30), "RPC")
		}
		switch {
		case n.CatchingUp == nodes.True:
			add(Going, Calm, "catching up, "+Count(int(n.Lag), "block")+" behind", "RPC")
		case n.Synced == nodes.False:
			add(Look, Caution, "not synced: "+orElse(safe.Short(n.SyncedWhy, 80), "its last block is old"), "RPC")
		}
		if n.Stuck == nodes.True {
			add(Look, Caution, "stands still while the chain moves", "RPC")
		}
		switch {
		case !n.PeersAt.IsZero() && n.Peers == 0:
			out = append(out, Fact{Bad, Warning, "no peers: nobody hears it", "RPC", n.PeersAt})
		case !n.PeersAt.IsZero():
			out = append(out, Fact{Good, Calm, Count(n.Peers, "peer"), "RPC", n.PeersAt})
		}
	}
	switch n.InStep {
	case nodes.False:
		add(Bad, Warning, "OUT OF STEP: "+safe.Short(n.InStepWhy, 100), "witnesses")
	case nodes.True:
		if n.State == nodes.Up {
			add(Good, Calm, "same block and result as the witnesses at "+Num(n.AgreedAt), "witnesses")
		}
	}
	for _, f := range v.Snap.Chain.Forks {
		if f.Node == n.Name {
			add(Bad, Warning, fmt.Sprintf("another %s than %s at %s", safe.Short(f.Kind, 20), safe.Short(f.Other, 30), Num(f.Height)), safe.Short(f.Other, 30))
		}
	}
	for _, d := range v.Snap.Duplicates {
		if slices.Contains(d.Nodes, n.Name) && !d.Shared {
			add(Bad, Warning, "ONE KEY ON TWO NODES: "+safe.Short(strings.Join(d.Nodes, ", "), 60), "RPC")
		}
	}
	return out
}

// keyOf is the key of ours that a node signs with: by the address it shows or
// last showed, else the one its host alone holds.
func keyOf(v cockpit.View, n nodes.Node) (nodes.Key, bool) {
	for _, k := range v.Snap.Keys {
		if n.Address != "" && k.Address == n.Address {
			return k, true
		}
	}
	for _, k := range v.Snap.Keys {
		if n.Address == "" && n.Host != "" && slices.Contains(k.Hosts, n.Host) {
			return k, true
		}
	}
	return nodes.Key{}, false
}

// keyFacts are what the chain shows of a key.
func keyFacts(v cockpit.View, k nodes.Key) []Fact {
	var out []Fact
	name := "key " + safe.Short(k.Name, 30)
	if k.Tombstoned == nodes.True {
		out = append(out, Fact{Bad, Warning, name + " is BANNED FOR EVER (tombstoned)", "REST", k.JailedAt})
	} else if k.Jailed == nodes.True {
		out = append(out, Fact{Bad, Warning, name + " is JAILED", "REST", k.JailedAt})
	}
	if e := k.Elsewhere; e.Signed > 0 {
		out = append(out, Fact{Bad, Warning, fmt.Sprintf("SOMEBODY ELSE SIGNS WITH IT: %s from %s to %s", Count(e.Signed, "commit"), Num(e.From), Num(e.To)), safe.Short(k.Witness, 30), e.Since})
	}
	switch k.Signing {
	case nodes.True:
		return append(out, Fact{Good, Calm, name + " signs, last " + Num(k.LastSigned), safe.Short(k.Witness, 30), k.SigningAt})
	case nodes.Unknown:
		return append(out, Fact{Asks, Unknown, name + ": " + orElse(safe.Short(k.SigningWhy, 80), "not known if it signs"), safe.Short(k.Witness, 30), k.SigningAt})
	}
	silent := silences(k)
	if len(silent) == 0 {
		silent = []Fact{{Bad, Warning, absent(k.MissedStreak, k.StreakOpen), safe.Short(k.Witness, 30), k.SigningAt}}
	}
	out = append(out, silent...)
	if at := stopped(v, k); !at.IsZero() && k.LastSigned > 0 {
		out = append(out, Fact{Bad, Warning, "key last signed block " + Num(k.LastSigned), safe.Short(k.Witness, 30), at})
	}
	return out
}

// silences are what each witness tells; three and more that tell the same are
// one line, as old as the oldest.
func silences(k nodes.Key) []Fact {
	var out []Fact
	told := map[string]int{}
	for _, s := range k.Silence {
		if s.Absent > 0 {
			told[absent(s.Absent, s.Open)]++
		}
	}
	at := map[string]int{}
	for _, s := range k.Silence {
		if s.Absent == 0 {
			continue
		}
		text, by := absent(s.Absent, s.Open), safe.Short(s.Witness, 30)
		if n := told[text]; n > 2 {
			if i, ok := at[text]; ok {
				if s.At.Before(out[i].At) {
					out[i].At = s.At
				}
				continue
			}
			by = Count(n, "witness")
			by = strings.Replace(by, "witnesss", "witnesses", 1)
			at[text] = len(out)
		}
		out = append(out, Fact{Bad, Warning, text, by, s.At})
	}
	return out
}

func absent(n int, open bool) string {
	more := ""
	if open {
		more = " or more" // no older commit is kept
	}
	return "key absent from " + Count(n, "commit") + more
}

// hostFacts are what was read on its host.
func hostFacts(v cockpit.View, h nodes.HostFacts, read bool) []Fact {
	switch {
	case !read || h.At.IsZero():
		return []Fact{{Asks, Unknown, "its host was not looked at", "SSH", time.Time{}}}
	case h.HostKey:
		return []Fact{{Bad, Warning, "its host shows a WRONG HOST KEY", "SSH", h.At}}
	case h.Reachable == nodes.False:
		return []Fact{{Bad, Warning, "SSH does not answer: " + orElse(safe.Short(h.Err, 100), "no reason given"), "SSH", h.At}}
	case h.Reachable != nodes.True:
		return []Fact{{Asks, Unknown, "not known if SSH answers", "SSH", h.At}}
	}
	m, l := Good, Calm
	switch h.Unit.ActiveState {
	case "failed":
		m, l = Bad, Warning
	case "active":
	default:
		m, l = Look, Caution
	}
	text := "SSH answers, " + Unit(h)
	if h.ProcsKnown {
		text += ", " + Count(h.Procs, "process")
		text = strings.Replace(text, "processs", "processes", 1)
	}
	out := []Fact{{m, l, text, "SSH", h.At}}
	if h.DiskUsed >= 0 {
		d := Fact{Good, Calm, fmt.Sprintf("disk %d %% full", h.DiskUsed), "SSH", h.At}
		for _, a := range v.Alerts {
			if a.Kind == "disk-full "+h.Name {
				if d.Mark, d.Level = Look, Caution; a.Warning {
					d.Mark, d.Level = Bad, Warning
				}
			}
		}
		out = append(out, d)
	}
	if h.State.Known {
		out = append(out, Fact{Good, Calm, fmt.Sprintf("its sign state: block %s, round %d, step %d", Num(h.State.Height), h.State.Round, h.State.Step), "file", h.At})
	}
	if h.Key.Present == nodes.True && h.Key.Address != "" {
		out = append(out, Fact{Good, Calm, "the key on its disk is " + safe.Short(h.Key.Address, 12), "file", h.At})
	}
	return out
}
