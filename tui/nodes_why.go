package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// reason is why a spot is as it is.
func (f *fleet) reason(p spot) (words.Reason, bool) {
	s, ok := f.seen[p]
	if !ok {
		return words.Reason{}, false
	}
	switch p.kind() {
	case "node":
		return words.WhyNode(f.v, f.v.Snap.Nodes[s.at], f.now), true
	case "key":
		return words.WhyKey(f.v, f.v.Snap.Keys[s.at], f.now), true
	case "host":
		return words.WhyHost(f.v, f.v.Snap.Hosts[s.at]), true
	case "vote":
		return words.WhyBallot(f.v, f.v.Snap.Chain.Votes.Ballots[s.at], f.now), true
	case "alert":
		return words.WhyAlert(f.v.Alerts[s.at]), true
	case "endpoint":
		return words.WhyEndpoint(f.v.Snap.Endpoints[s.at]), true
	case "database":
		return words.WhyDatabase(f.v.Snap.Databases[s.at]), true
	}
	return words.Reason{}, false
}

// why explains, below the list, what the cursor stands on, in at most room
// rows. Without the focus only what is wrong is explained: the worst.
func (f *fleet) why(room int) []line {
	p, ok := f.Selected()
	if !ok {
		return nil
	}
	if !f.here {
		p = f.worst()
	}
	r, ok := f.reason(p)
	if !ok || r.Level == words.Calm && !f.here {
		return nil
	}
	rows := reasonRows(r, f.now, f.w, false)
	if len(rows) > room {
		how := " … Enter shows all of it."
		if !f.here {
			how = " … 2 and Enter show all of it."
		}
		rows = append(rows[:room-1:room-1], tx(how))
	}
	return rows
}

// worst is the first of what is worst.
func (f *fleet) worst() spot {
	var worst spot
	level := words.Calm
	for _, p := range f.all {
		if s := f.seen[p]; s.level > level {
			worst, level = p, s.level
		}
	}
	return worst
}

// reasonRows are a reason: its evidence line by line with source and age, what
// it comes to, whether it can wait, and, whole, what can be done.
func reasonRows(r words.Reason, now time.Time, w int, whole bool) []line {
	rows := []line{in(title, " "+r.Head)}
	facts := func(wanted func(words.Level) bool) {
		for _, x := range r.Facts {
			if wanted(x.Level) {
				rows = append(rows, factRows(x, now, w)...)
			}
		}
	}
	say := func(label, s string, ro role) {
		if s == "" {
			return
		}
		if whole {
			rows = append(rows, nil, in(title, " "+label))
		}
		for _, t := range wrap(s, w-2) {
			rows = append(rows, line{{text, " "}, {ro, t}})
		}
	}
	if !whole { // where there is little room, what is wrong comes first
		facts(func(l words.Level) bool { return l > words.Calm })
		say("", r.Waits, text)
		say("", r.Means, text)
		facts(func(l words.Level) bool { return l == words.Calm })
		return rows
	}
	rows = rows[1:] // the title of the detail says it
	facts(func(l words.Level) bool { return l > words.Calm || r.Level == words.Calm })
	say("What it means", r.Means, text)
	say("What can be done", r.Can, todo)
	say("What waiting costs", r.Waits, text)
	if calm := len(rows); r.Level > words.Calm {
		facts(func(l words.Level) bool { return l == words.Calm })
		if len(rows) > calm {
			rows = slices.Insert(rows, calm, nil, in(title, " What is well"))
		}
	}
	return rows
}

// factRows are one fact: what was seen, by whom, how long ago.
func factRows(x words.Fact, now time.Time, w int) []line {
	by := safe.Short(x.Source, 20)
	if !x.At.IsZero() {
		if by != "" {
			by += ", "
		}
		by += words.Age(x.At, now) + " ago"
	}
	right := tx("  " + by + " ")
	room := w - 3 - right.width()
	if room < 16 { // no room beside it
		right, room = tx(" "), w-4
	}
	var rows []line
	for i, t := range wrap(x.Text, room) {
		l := line{{text, "   " + t}}
		if i == 0 {
			l = sides(line{{text, " "}, mark(x.Mark, x.Level), {text, " " + t}}, right, w)
		}
		rows = append(rows, l)
	}
	return rows
}

// Title is what a detail of the pane is called.
func (f *fleet) Title(id string) string {
	if id == haltDetail {
		return "What this means"
	}
	if r, ok := f.reason(spot(id)); ok {
		return r.Head
	}
	return "All that is seen"
}

// Explain is one spot whole: why it is as it is, then all that was read of it.
func (f *fleet) Explain(id string, w int) []line {
	p := spot(id)
	if id == haltDetail {
		return append(f.means(w, true), f.votesSay(w)...)
	}
	r, ok := f.reason(p)
	if !ok {
		return f.Detail(w)
	}
	rows := reasonRows(r, f.now, w, true)
	if read := f.readOf(p, w); len(read) > 0 {
		rows = append(append(rows, nil, in(title, " All that was read")), read...)
	}
	return rows
}

// readOf is all that was read of a spot: its node, its key, its host.
func (f *fleet) readOf(p spot, w int) []line {
	var rows []line
	var n nodes.Node
	switch at := f.seen[p].at; p.kind() {
	case "node":
		n = f.v.Snap.Nodes[at]
	case "vote":
		n, _ = f.v.Snap.Node(words.BallotOf(f.v, f.v.Snap.Chain.Votes.Ballots[at]).Node)
	case "key":
		rows = f.keyRows(f.v.Snap.Keys[at], w)
	case "host":
		rows = hostRow(f.v.Snap.Hosts[at], f.now, w)
	}
	if n.Name == "" {
		return rows
	}
	rows = f.nodeRows(n, w)
	for _, k := range f.v.Snap.Keys {
		if holds(k, n) {
			rows = append(rows, f.keyRows(k, w)...)
		}
	}
	for _, h := range f.v.Snap.Hosts {
		if h.Name == n.Host {
			rows = append(rows, hostRow(h, f.now, w)...)
		}
	}
	return rows
}

// holds says that a node shows a key or runs on a host that holds it.
func holds(k nodes.Key, n nodes.Node) bool {
	if k.Address != "" && k.Address == n.Address {
		return true
	}
	for _, h := range k.Hosts {
		if h == n.Host && h != "" {
			return true
		}
	}
	return false
}

// Detail is all that is seen, for the whole window: the alerts, why each thing
// that is wrong is so, and then everything.
func (f *fleet) Detail(w int) []line {
	rows := alerts(f.v, f.now, w)
	for _, p := range f.all {
		if s := f.seen[p]; s.level > words.Calm && s.group == "" {
			if r, ok := f.reason(p); ok {
				rows = append(append(rows, nil), reasonRows(r, f.now, w, false)...)
			}
		}
	}
	if !f.v.State.Open() {
		for _, part := range [][]line{ready(f.v, f.now, w, 1<<10), reviews(f.v, f.now, w, 1<<10), incidents(f.v, f.now, w, 1<<10)} {
			if len(part) > 0 {
				rows = append(append(rows, nil), part...)
			}
		}
	}
	if len(rows) > 0 {
		rows = append(rows, nil)
	}
	rows = append(rows, in(title, " Nodes"))
	for _, n := range f.v.Snap.Nodes {
		rows = append(rows, f.nodeRows(n, w)...)
	}
	rows = append(rows, nil, in(title, " Keys"))
	for _, k := range f.v.Snap.Keys {
		rows = append(rows, f.keyRows(k, w)...)
	}
	if len(f.v.Snap.Hosts) > 0 {
		rows = append(rows, nil, in(title, " Hosts"))
	}
	for _, h := range f.v.Snap.Hosts {
		rows = append(rows, hostRow(h, f.now, w)...)
	}
	return rows
}

func (f *fleet) nodeRows(n nodes.Node, w int) []line {
	m, is, level := words.Node(f.v, n)
	rows := []line{{{text, " "}, mark(m, level), {text, " " + pad(safe.Short(n.Name, 30), f.names) + " "}, {roleOf(level), is}}}
	s := "asked " + words.Age(n.AskedAt, f.now) + " ago, answered " + words.Age(n.SeenAt, f.now) + " ago"
	for _, x := range []struct{ name, value string }{{"moniker", safe.Short(n.Moniker, 40)}, {"version", safe.Short(n.Version, 20)},
		{"network", safe.Short(n.Network, 40)}, {"id", safe.Short(n.ID, 40)}, {"address", safe.Short(n.Address, 40)}, {"error", safe.Short(n.Err, 80)}} {
		if x.value != "" {
			s += ", " + x.name + " " + x.value
		}
	}
	if n.Power > 0 {
		s += ", power " + words.Num(n.Power)
	}
	for _, r := range wrap(s, w-6) {
		rows = append(rows, tx("     "+r))
	}
	return rows
}

func (f *fleet) keyRows(k nodes.Key, w int) []line {
	m, s, level := words.Key(f.v, k, f.now)
	rows := []line{{{text, " "}, mark(m, level), {text, " key " + s}}}
	s = "power " + words.Num(k.Power) + ", last signed " + words.Num(k.LastSigned) + ", missed in a row " + words.Num(int64(k.MissedStreak)) +
		", address " + safe.Short(k.Address, 40) + ", held by " + safe.Short(strings.Join(k.Hosts, ", "), 60)
	for _, r := range wrap(s, w-6) {
		rows = append(rows, tx("     "+r))
	}
	return rows
}

func hostRow(h nodes.HostFacts, now time.Time, w int) []line {
	m, level, s := words.Good, words.Calm, words.Unit(h)
	if h.Reachable != nodes.True {
		m, level, s = words.Asks, words.Unknown, "does not answer: "+safe.Short(h.Err, 80)
	}
	if h.ProcsKnown {
		s += ", " + words.Num(int64(h.Procs)) + " of its processes"
	}
	if h.Config.Known {
		s += ", double_sign_check_height " + words.Num(h.Config.CheckHeight)
	}
	l := line{{text, " "}, mark(m, level), {text, " host " + pad(safe.Short(h.Name, 14), 9) + " "}}
	right := tx(" read " + words.Age(h.At, now) + " ago ")
	var rows []line
	for i, t := range wrap(s, max(w-l.width()-right.width(), 8)) {
		if i == 0 {
			rows = append(rows, sides(l.add(roleOf(level), t), right, w))
			continue
		}
		rows = append(rows, tx(pad("", l.width())+t))
	}
	return rows
}
