package tui

import (
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// fleet is the pane of the nodes: power, what is wrong, and what is normal as
// far as there is room.
type fleet struct {
	size
	v   cockpit.View
	now time.Time
	top int
	// full says that the pane has the window for itself.
	full bool
}

func (f *fleet) SetSize(s size)                        { f.size = s }
func (f *fleet) SetView(v cockpit.View, now time.Time) { f.v, f.now = v, now }

// Mark is what the tab says of the pane.
func (f *fleet) Mark() string {
	worst, m := words.Calm, ""
	for _, n := range f.v.Snap.Nodes {
		if s, _, level := words.Node(f.v, n); level > worst {
			worst, m = level, s
		}
	}
	return m
}

// Move scrolls.
func (f *fleet) Move(n int) { f.top = max(0, f.top+n) }

// View is the pane, exactly its size.
func (f *fleet) View() []line {
	rows := f.rows()
	f.top = max(0, min(f.top, len(rows)-f.h))
	return screenful(rows, f.w, f.h, f.top)
}

// rows are all rows of the pane.
func (f *fleet) rows() []line {
	rows := f.head()
	if len(f.v.Snap.Nodes) == 0 {
		return append(rows, tx(" No node was asked yet."))
	}
	tail := f.tail()
	rows = append(rows, f.nodes(f.h-len(rows)-len(tail))...)
	return append(rows, tail...)
}

func (f *fleet) head() []line {
	p := f.v.Snap.Chain.Power
	if p.Known != nodes.True {
		s, level := words.Power(f.v)
		var rows []line
		for _, r := range wrap(s, f.w-2) {
			rows = append(rows, line{{text, " "}, {roleOf(level), r}})
		}
		return rows
	}
	left := words.Num(p.Online) + " of " + words.Num(p.Total) + " online"
	rows := []line{append(tx(" "), gauge(f.v, f.w-2)...),
		sides(tx(" "+left), tx("needs "+words.Num(p.Needed)+" at ┃ "), f.w)}
	switch {
	case p.Spare < 0:
		rows = append(rows, line{{text, " "}, {warn, words.Num(-p.Spare) + " short: the chain cannot go on"}})
	case p.From == "votes":
		rows = append(rows, tx(" by the votes of the running round"))
	default:
		rows = append(rows, tx(" "+words.Num(p.Spare)+" may still fail before it halts"))
	}
	if f.h >= 12 {
		rows = append(rows, nil)
	}
	return rows
}

// nodes are the rows of the nodes in at most room rows: what is wrong always,
// what is normal folded when there is no room.
func (f *fleet) nodes(room int) []line {
	var bad, fine []line
	for _, n := range f.v.Snap.Nodes {
		l, level := f.row(n)
		if level > words.Calm || n.CatchingUp == nodes.True || n.State == nodes.Down {
			bad = append(bad, l)
		} else {
			fine = append(fine, l)
		}
	}
	if len(bad)+len(fine) <= room || room < 1 {
		return append(bad, fine...)
	}
	keep := max(0, room-len(bad)-1)
	rest := len(fine) - min(keep, len(fine))
	rows := append(bad, fine[:len(fine)-rest]...)
	if rest > 0 {
		what := words.Num(int64(rest)) + " more normal, "
		rows = append(rows, line{{text, " "}, mark(words.Good, words.Calm), {text, " " + what + words.OldestAnswer(f.v, f.now)}})
	}
	return rows
}

func (f *fleet) row(n nodes.Node) (line, words.Level) {
	m, s, level := words.Node(f.v, n)
	name := safe.Short(n.Name, 14)
	r := text
	if level > words.Calm {
		r = title
	}
	l := line{{text, " "}, mark(m, level), {r, " " + pad(name, 9) + " "}}
	right := line{{text, " "}}
	switch {
	case n.State == nodes.Up && !n.BlockTime.IsZero():
		right = tx(words.Age(n.BlockTime, f.now) + " ")
	case n.State == nodes.Down && !n.SeenAt.IsZero():
		right = tx("for " + words.Age(n.SeenAt, f.now) + " ")
	}
	return sides(l.add(roleOf(level), s), right, f.w), level
}

// tail are the keys that do not sign, and what is wrong in full.
func (f *fleet) tail() []line {
	var rows []line
	for _, k := range f.v.Snap.Keys {
		if m, s, level := words.Key(f.v, k, f.now); level > words.Calm {
			for i, r := range wrap(s, f.w-10) {
				if i == 0 {
					rows = append(rows, line{{text, " "}, mark(m, level), {text, " key "}, {roleOf(level), r}})
				} else {
					rows = append(rows, line{{text, "       "}, {roleOf(level), r}})
				}
			}
		}
	}
	for _, d := range f.v.Snap.Duplicates {
		if !d.Shared {
			rows = append(rows, line{{text, " "}, {warn, "✗ ONE KEY ON TWO NODES: " + safe.Short(strings.Join(d.Nodes, ", "), 60)}})
		}
	}
	if len(rows) > 0 {
		rows = append([]line{nil}, rows...)
	}
	if !f.v.State.Open() {
		return rows
	}
	if f.full { // the row above cannot show every alert whole
		return append(append(rows, nil), alerts(f.v, f.now, f.w)...)
	}
	if mem := memory(f.v, f.w); len(mem) > 0 && f.h >= 14 {
		rows = append(append(rows, nil), mem...)
	}
	return rows
}

// Detail is all that is seen, for the whole window.
func (f *fleet) Detail(w int) []line {
	rows := alerts(f.v, f.now, w)
	if len(rows) > 0 {
		rows = append(rows, nil)
	}
	rows = append(rows, in(title, " Nodes"))
	for _, n := range f.v.Snap.Nodes {
		l, _ := f.row(n)
		rows = append(rows, fit(l, w))
		s := "asked " + words.Age(n.AskedAt, f.now) + " ago, answered " + words.Age(n.SeenAt, f.now) + " ago"
		if n.Moniker != "" {
			s += ", moniker " + safe.Short(n.Moniker, 40)
		}
		if n.Version != "" {
			s += ", version " + safe.Short(n.Version, 20)
		}
		if n.Err != "" {
			s += ", " + safe.Short(n.Err, 80)
		}
		for _, r := range wrap(s, w-6) {
			rows = append(rows, tx("     "+r))
		}
	}
	rows = append(rows, nil, in(title, " Keys"))
	for _, k := range f.v.Snap.Keys {
		m, s, level := words.Key(f.v, k, f.now)
		rows = append(rows, line{{text, " "}, mark(m, level), {text, " " + s}})
		for _, r := range wrap("power "+words.Num(k.Power)+", last signed "+words.Num(k.LastSigned)+", missed in a row "+words.Num(int64(k.MissedStreak))+", address "+safe.Short(k.Address, 40), w-6) {
			rows = append(rows, tx("     "+r))
		}
	}
	if len(f.v.Snap.Hosts) > 0 {
		rows = append(rows, nil, in(title, " Hosts"))
	}
	for _, h := range f.v.Snap.Hosts {
		rows = append(rows, hostRow(h, f.now, w)...)
	}
	return rows
}

func hostRow(h nodes.HostFacts, now time.Time, w int) []line {
	m, level, s := words.Good, words.Calm, "unit "+safe.Short(h.Unit.ActiveState, 20)+", "+safe.Short(h.Unit.UnitFileState, 20)
	if h.Reachable != nodes.True {
		m, level, s = words.Asks, words.Unknown, "does not answer: "+safe.Short(h.Err, 80)
	}
	if h.ProcsKnown {
		s += ", " + words.Num(int64(h.Procs)) + " of its processes"
	}
	l := line{{text, " "}, mark(m, level), {text, " " + pad(safe.Short(h.Name, 14), 12) + " "}, {roleOf(level), s}}
	return []line{sides(l, tx("read "+words.Age(h.At, now)+" ago "), w)}
}
