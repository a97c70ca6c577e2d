package words

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Ballot is what one validator does at the height at which the chain stands.
type Ballot struct {
	Mark    string
	Level   Level
	Name    string
	Whose   string // "ours" or ""
	Prevote string // "block 5F1C…", "nil", "no vote", "not known"
	Brief   string // the same for a narrow pane
	Seen    string
	Since   time.Time // of what is seen; zero: not known
	Node    string    // ours that shows the key, or did; "" none
}

// BallotOf puts a ballot in words.
func BallotOf(v cockpit.View, b nodes.Ballot) (w Ballot) {
	w = Ballot{Name: safe.Short(b.Name, 20), Since: b.At}
	n, has := nodeOf(v, b)
	if b.Key != "" {
		w.Whose = "ours"
	}
	if has {
		w.Node = n.Name
	}
	defer func() { w = withRoll(v, b, w) }()
	switch b.Prevote {
	case nodes.PrevoteBlock:
		hash := safe.Clean(b.Block)
		hash = hash[:min(len(hash), 4)] + "…"
		w.Mark, w.Prevote, w.Brief, w.Seen = Good, "block "+hash, hash, "voted"
		return w
	case nodes.PrevoteNil:
		w.Mark, w.Level, w.Prevote, w.Brief, w.Seen = Look, Caution, "nil", "nil", "voted for none"
		return w
	case nodes.PrevoteNone:
		w.Mark, w.Level, w.Prevote, w.Brief = Bad, Warning, "no vote", "no vote"
	default:
		w.Mark, w.Level, w.Prevote, w.Brief = Asks, Unknown, "not known", "?"
	}
	switch {
	case b.Unheard:
		w.Seen = "UP, nobody hears it"
	case has && n.State == nodes.Down:
		w.Seen, w.Since = "DOWN, "+fails(n), n.SeenAt
	case has && n.State == nodes.Up && !n.PeersAt.IsZero() && n.Peers == 0:
		w.Seen, w.Since = "UP, peers 0", n.HeightSince
	case has && n.State == nodes.Up:
		w.Seen, w.Since = "UP, no vote seen", n.HeightSince
	case b.Key != "":
		w.Seen = "no node shows it"
	default:
		w.Seen, w.Since = "not ours: call", v.Snap.Chain.HeightSince
	}
	return w
}

// withRoll says what the operator of a validator without a vote said in the roll
// call: that counts more than what is seen of him from here.
func withRoll(v cockpit.View, b nodes.Ballot, w Ballot) Ballot {
	r, called := v.State.RollOf(b.Address)
	if !called || b.Prevote == nodes.PrevoteBlock {
		return w
	}
	w.Since = r.At
	switch r.Stage {
	case incident.RollReady:
		w.Mark, w.Level, w.Brief = "•", Calm, "said ready"
		w.Seen = "SAID READY, " + safe.Short(r.Version, 12) + " at " + Num(r.Height)
	case incident.RollOut:
		w.Brief, w.Seen = "out", "OUT"+noted(r.Note)
	default:
		w.Brief, w.Seen = r.Stage, strings.ToUpper(r.Stage)+noted(r.Note)
	}
	return w
}

func noted(note string) string {
	if note == "" {
		return ""
	}
	return ": " + safe.Short(note, 60)
}

// nodeOf is our node that shows a validator's key, or did when it answered
// last.
func nodeOf(v cockpit.View, b nodes.Ballot) (nodes.Node, bool) {
	var found nodes.Node
	ok := false
	for _, n := range v.Snap.Nodes {
		if n.Address == b.Address && b.Address != "" {
			if n.State == nodes.Up {
				return n, true
			}
			found, ok = n, true
		}
	}
	return found, ok
}

// Tally is the power behind each kind of prevote.
type Tally struct {
	Block, Nil, None, Unknown, Total int64
	Blocks                           int // different ones; more than one is no good sign
}

// TallyOf counts the ballots.
func TallyOf(list []nodes.Ballot) Tally {
	var t Tally
	blocks := map[string]bool{}
	for _, b := range list {
		t.Total += b.Power
		switch b.Prevote {
		case nodes.PrevoteBlock:
			t.Block += b.Power
			blocks[b.Block] = true
		case nodes.PrevoteNil:
			t.Nil += b.Power
		case nodes.PrevoteNone:
			t.None += b.Power
		default:
			t.Unknown += b.Power
		}
	}
	t.Blocks = len(blocks)
	return t
}

// Texts are the tallies, one each.
func (t Tally) Texts() []string {
	out := []string{"for the block " + Num(t.Block), "for none " + Num(t.Nil), "no vote " + Num(t.None)}
	if t.Blocks > 1 {
		out[0] = "for " + Num(int64(t.Blocks)) + " BLOCKS " + Num(t.Block)
	}
	if t.Unknown > 0 {
		out = append(out, "not known "+Num(t.Unknown))
	}
	return out
}

// RoundStep is the name of a step of a round.
func RoundStep(step int) string {
	names := []string{"", "new height", "new round", "propose", "prevote", "prevote wait", "precommit", "precommit wait", "commit"}
	if step <= 0 || step >= len(names) {
		return "step not known"
	}
	return "step " + names[step]
}

// Cause is one possible cause of a halt.
type Cause struct {
	Mark  string
	Level Level
	Name  string
	Saw   string
}

// Causes are what is known of why the chain stands: what was ruled out, and
// what it is.
func Causes(v cockpit.View) []Cause {
	var out []Cause
	for _, c := range nodes.WhyHalted(v.Snap) {
		name := safe.Short(c.Name, 30)
		w := Cause{Mark: Asks, Level: Unknown, Name: strings.ToUpper(name[:1]) + name[1:], Saw: Grouped(safe.Short(c.Saw, 100))}
		other, _ := strings.CutPrefix(name, "not ")
		cause := name == other // "power is missing": true is the cause
		switch {
		case c.Holds == nodes.Unknown:
		case (c.Holds == nodes.True) == cause:
			w.Mark, w.Level = Bad, Warning
			if !cause {
				w.Name = "IS " + strings.ToUpper(other)
			}
		default:
			w.Mark, w.Level = Good, Calm
			if cause {
				w.Name = "Power is not missing"
			}
		}
		out = append(out, w)
	}
	return out
}

// Grouped is s with the numbers that stand alone in it in groups of three.
func Grouped(s string) string {
	parts := strings.Split(s, " ")
	for i, p := range parts {
		front := strings.TrimLeft(p, "(+")
		n := len(front) - len(strings.TrimLeft(front, "0123456789"))
		if n < 4 || n > 18 || strings.Trim(front[n:], ".,;:)") != "" {
			continue
		}
		var x int64
		for _, c := range front[:n] {
			x = 10*x + int64(c-'0')
		}
		parts[i] = p[:len(p)-len(front)] + Num(x) + front[n:]
	}
	return strings.Join(parts, " ")
}

// Way names those who together bring the power over the line.
func Way(w nodes.Way) string {
	var names []string
	for _, a := range w.Back {
		names = append(names, safe.Short(a.Name, 20))
	}
	if n := len(names); n > 4 {
		names = append(names[:3], Num(int64(n-3))+" more")
	}
	return strings.Join(names, " and ")
}

// Missed are those of the ways, each once, the nearest first.
func Missed(ways []nodes.Way) []nodes.Absent {
	var out []nodes.Absent
	had := map[string]bool{}
	for _, w := range ways {
		for _, a := range w.Back {
			if !had[a.Address] {
				had[a.Address] = true
				out = append(out, a)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b nodes.Absent) int { return cmp.Compare(a.Near, b.Near) })
	return out
}
