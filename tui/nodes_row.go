package tui

import (
	"strings"
	"time"

	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// View is the pane, exactly its size. Only what is shown is drawn: a fleet may
// have a thousand nodes.
func (f *fleet) View() []line {
	if f.votes() {
		return f.votesView()
	}
	rows := f.head()
	room := max(f.h-len(rows), 1)
	shown := f.shown(room)
	rows = append(rows, shown...)
	if left := f.h - len(rows) - 1; left >= 3 {
		if why := f.why(left); len(why) > 0 {
			rows = append(append(rows, nil), why...)
		}
	}
	return screenful(rows, f.w, f.h, 0)
}

// head is the power: how much is online, and how much may still fail.
func (f *fleet) head() []line {
	p := f.v.Snap.Chain.Power
	var rows []line
	if p.Known != nodes.True {
		s, level := words.Power(f.v)
		for _, r := range wrap(s, f.w-2) {
			rows = append(rows, line{{text, " "}, {roleOf(level), r}})
		}
		return f.below(rows)
	}
	online, spare := words.Num(p.Online)+" of "+words.Num(p.Total)+" online", ""
	r := text
	switch {
	case p.Spare < 0:
		r, spare = warn, words.Num(-p.Spare)+" short: the chain cannot go on"
	case p.From == "votes":
		spare = "by the votes of the running round"
	default:
		spare = words.Num(p.Spare) + " may still fail before it halts"
	}
	needs := tx("needs " + words.Num(p.Needed) + " at ┃ ")
	rows = []line{append(tx(" "), gauge(f.v, f.w-2)...)}
	if !f.full { // the rows that never move have the figures
		return f.below(rows)
	}
	if one := (line{{text, " " + online + ", "}, {r, spare}}); one.width()+needs.width()+1 < f.w {
		rows = append(rows, sides(one, needs, f.w))
	} else {
		rows = append(rows, sides(tx(" "+online), needs, f.w), line{{text, " "}, {r, spare}})
	}
	return f.below(rows)
}

// below puts what the list is under the head.
func (f *fleet) below(rows []line) []line {
	if f.h >= 12 {
		rows = append(rows, nil)
	}
	if len(f.all) == 0 {
		return append(rows, tx(" No node was asked yet."))
	}
	if f.order != byState {
		rows = append(rows, in(title, " "+words.Count(len(f.v.Snap.Nodes), "node")+" "+f.order.String()))
	}
	return rows
}

// shown is the list around the cursor in at most room rows; the last row counts
// what has no room.
func (f *fleet) shown(room int) []line {
	if len(f.list) == 0 {
		return nil
	}
	cur := f.at()
	f.top = max(0, min(f.top, len(f.list)-1))
	if f.cursor == "" || cur < f.top {
		f.top = cur
	}
	draw := func(i int) []line { return f.row(f.list[i], f.here && i == cur) }
	used := 0
	for i := cur; i >= f.top; i-- { // down until the cursor is seen
		if used += len(draw(i)); used > room-1 && i < cur {
			f.top = i + 1
			break
		}
	}
	var rows []line
	at := f.top
	for ; at < len(f.list); at++ {
		next := draw(at)
		last := at == len(f.list)-1
		if len(rows)+len(next) > room || !last && len(rows)+len(next) > room-1 {
			break
		}
		rows = append(rows, next...)
	}
	for at == len(f.list) && f.top > 0 { // no hole below
		prev := draw(f.top - 1)
		if len(rows)+len(prev) > room {
			break
		}
		rows, f.top = append(prev, rows...), f.top-1
	}
	if at < len(f.list) && len(rows) < room {
		rows = append(rows, f.rest(at))
	}
	return rows
}

// rest counts what stands below the last spot shown.
func (f *fleet) rest(at int) line {
	bad, fine := 0, 0
	for _, p := range f.list[at:] {
		switch n := len(f.folded[p]); {
		case n > 0:
			fine += n
		case f.seen[p].level > words.Calm:
			bad++
		default:
			fine++
		}
	}
	l := tx(" … below: ")
	if bad > 0 {
		l = l.add(title, words.Num(int64(bad))+" more wrong")
	}
	if fine > 0 {
		if bad > 0 {
			l = l.add(text, ", ")
		}
		l = l.add(text, words.Num(int64(fine))+" more normal")
	}
	return l
}

// row is a spot in as many rows as its words take.
func (f *fleet) row(p spot, here bool) []line {
	if p.kind() == "group" {
		if in := f.folded[p]; len(in) != 1 {
			return []line{f.group(p, in, here)}
		}
		p = f.folded[p][0]
	}
	s := f.seen[p]
	if p.kind() == "vote" {
		return []line{f.voteRow(f.v.Snap.Chain.Votes.Ballots[s.at], here)}
	}
	name := pad(safe.Short(s.name, 14), f.names) + " "
	switch k := p.kind(); k {
	case "node":
	case "alert":
		name = ""
	case "key": // its words begin with its name
		name = "key "
	default:
		name = k + " " + safe.Short(s.name, 24) + " "
	}
	front, r := " ", text
	if s.level > words.Calm {
		r = title
	}
	if here {
		front, r = "▶", selected
	}
	m := mark(s.mark, s.level)
	if here && s.level == words.Calm {
		m.r = selected // no hole in the row under the cursor
	}
	l := line{{r, front}, m, {r, " " + name}}
	body := s.text
	if p.kind() == "key" {
		_, body, _ = words.Key(f.v, f.v.Snap.Keys[s.at], f.now)
	}
	right := f.right(p, s)
	room := max(f.w-l.width()-right.width(), 8)
	parts := wrap(body, room)
	rows := []line{sides(l.add(roleOf(s.level), parts[0]), right, f.w)}
	for _, w := range parts[1:] {
		rows = append(rows, line{{text, pad("", l.width())}, {roleOf(s.level), w}})
	}
	return rows
}

// right is how old what is said of a spot is, or for how long it is so.
func (f *fleet) right(p spot, s sight) line {
	power := ""
	if f.order == byPower && s.power > 0 {
		power = words.Num(s.power) + "  "
	}
	if p.kind() == "node" && s.at < len(f.v.Snap.Nodes) {
		n := f.v.Snap.Nodes[s.at]
		switch {
		case n.State == nodes.Up && !n.BlockTime.IsZero():
			return tx(" " + power + words.Age(n.BlockTime, f.now) + " ")
		case n.State == nodes.Down && !n.SeenAt.IsZero():
			return tx(" " + power + "for " + words.Age(n.SeenAt, f.now) + " ")
		}
	}
	return tx(" " + power)
}

// group is what is normal in one counted line: how many, what they are, who
// they are as far as there is room, and the oldest answer's age.
func (f *fleet) group(g spot, in []spot, here bool) line {
	m, names, oldest := words.Good, make([]string, 0, len(in)), time.Time{}
	for i, p := range in {
		s := f.seen[p]
		if i == 0 {
			m = s.mark
		}
		if i < 60 { // no row has room for more
			names = append(names, safe.Short(s.name, 14))
		}
		if p.kind() == "node" {
			if at := f.v.Snap.Nodes[s.at].SeenAt; oldest.IsZero() || at.Before(oldest) {
				oldest = at
			}
		}
	}
	front, r := " ", text
	if here {
		front, r = "▶", selected
	}
	mk := mark(m, f.seen[in[0]].level)
	if here && f.seen[in[0]].level == words.Calm {
		mk.r = selected
	}
	right := []line{tx(" ")}
	if !oldest.IsZero() {
		age := words.Age(oldest, f.now) + " "
		right = []line{tx(" oldest " + age), tx(" " + age)}
	}
	l := line{{r, front}, mk, {r, " " + words.Num(int64(len(in))) + " " + g.id()}}
	for _, end := range right {
		if all := ": " + strings.Join(names, ", "); l.width()+width(all)+end.width() <= f.w {
			return sides(l.add(text, all), end, f.w)
		}
	}
	return sides(l, right[0], f.w)
}
