package tui

import (
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// sheet is the message over the whole width of a large window: the text or the
// copies on the left, fields, facts and lanes on the right; below what was said
// so far and what is due next.
func (m *mail) sheet(s cockpit.SayView) []line {
	lw := m.w*3/5 - 1
	rw := m.w - lw - 1
	left, right := *m, *m
	left.w, right.w, left.split = lw, rw, true
	below, beside := left.posts(lw), right.plan(s.Template, rw)
	low := min(max(len(below), len(beside), 3), max(m.h/3, 4))
	below[0], beside[0] = titleRow("Said so far", "", false, lw), titleRow("Due next", "", false, rw)
	left.h = m.h - low
	if len(below) > low { // the newest are at the end
		below = append(below[:1:1], below[len(below)-low+1:]...)
	}
	rows := left.one1(s)
	if left.after(s) {
		rows = left.tall(left.saidAll(s))
	}
	m.drawn, m.most, m.top, m.diff = left.drawn, left.most, left.top, left.diff
	a := append(screenful(rows, lw, left.h, 0), screenful(below, lw, low, 0)...)
	b := append(screenful(right.beside(s, rw), rw, left.h, 0), screenful(beside, rw, low, 0)...)
	out := make([]line, m.h)
	for i := range out {
		joint := "│"
		if i == left.h {
			joint = "┼"
		}
		out[i] = append(append(a[i], span{rule, joint}), b[i]...)
	}
	return out
}

// beside are the fields and the facts of a text, or the lanes of what was said.
func (m *mail) beside(s cockpit.SayView, w int) []line {
	if m.after(s) {
		return append(m.channels(w), gap(m.elsewhere(w))...)
	}
	var rows []line
	if fields := m.fieldRows(s, w, true); len(fields) > 0 {
		rows = append(append(rows, sides(in(title, " Fields"), tx("Tab next, e types "), w)), fields...)
	}
	if facts := m.factRows(s, w); len(facts) > 0 {
		rows = append(rows, gap(append([]line{sides(in(title, " Facts used"), tx("from "), w)}, facts...))...)
	}
	if t := m.promise(s); t != "" {
		rows = append(rows, nil)
		for _, l := range wrap(t, w-3) {
			rows = append(rows, tx(" "+l))
		}
	}
	return rows
}

// promise says that the time named in the text is a clock.
func (m *mail) promise(s cockpit.SayView) string {
	for _, f := range words.Fields(s) {
		if f.Name == "next_update" && f.Value != "" && strings.Contains(f.Value, ":") {
			return "A promise is a clock: once posted, this message is due again by " + safe.Short(f.Value, 30) + ", or when the plan asks for it before. It turns amber 5 min before."
		}
	}
	return ""
}

// channels are all lanes of the plan, those that are stuck first.
func (m *mail) channels(w int) []line {
	rows := []line{sides(in(title, " Channel"), tx("last said "), w)}
	for _, l := range words.AllLanes(m.v) {
		at := "-"
		if !l.Last.IsZero() {
			at = words.HMS(l.Last, m.now)
		}
		row := line{{text, " "}, mark(l.Mark, l.Level), {text, " " + pad(safe.Short(l.Channel, 22), 22) + " "}, {roleOf(l.Level), l.Word}}
		rows = append(rows, sides(row, tx(at+" "), w))
	}
	return rows
}

// elsewhere is what stands open at others.
func (m *mail) elsewhere(w int) []line {
	open := words.OpenElsewhere(m.v)
	if len(open) == 0 {
		return nil
	}
	rows := []line{in(title, " Open at others: must be closed at the end")}
	for _, t := range open {
		for _, l := range wrap(t, w-4) {
			rows = append(rows, tx("   "+l))
		}
	}
	return rows
}

// posts is what was said so far.
func (m *mail) posts(w int) []line {
	posts := words.Posts(m.v)
	rows := []line{sides(in(title, " Said so far"), tx("channels, state "), w)}
	for _, p := range posts {
		mk, stands, level := p.Stands(m.v)
		name := words.Numbered(p.Template, p.Update)
		right := line{{text, " "}, mark(mk, level), {roleOf(level), " " + stands}, {text, " "}}
		l := tx(pad(" "+words.Num(int64(p.N)), 3) + " " + words.HMS(p.At, m.now) + "  " + name)
		if p.Public {
			l = l.add(text, " ").add(public, "PUBLIC")
		}
		if room := w - l.width() - right.width() - 2; room >= 8 {
			l = l.add(text, "  "+cutTo(clean(strings.Join(p.Channels, ", ")), room))
		}
		rows = append(rows, sides(l, right, w))
	}
	if len(posts) == 0 {
		rows = append(rows, tx(" Nothing yet."))
	}
	return rows
}

// plan are all messages, one row each, the next one due first.
func (m *mail) plan(shown string, w int) []line {
	var rows []line
	if len(m.v.Says) > 0 {
		rows = append(rows, sides(in(title, " Due next"), tx(words.Count(len(m.v.Says), "message")+" "), w))
	}
	inField := false
	if s, ok := m.Selected(); ok {
		_, inField = m.fieldOf(s)
	}
	for _, s := range m.v.Says {
		due, level := words.Due(s, m.now)
		if post, ok := words.LastPost(m.v, s.Template); ok && s.Over() {
			if _, stands, l := post.Stands(m.v); l > words.Calm {
				due, level = stands, l
			}
		}
		front, r := " ", text
		if s.Template == shown {
			if front, r = "▶", selected; inField { // the cursor is there: one mark at a time
				front, r = " ", title
			}
		}
		right := line{{roleOf(level), due}, {text, " "}}
		if s.Public {
			right = append(line{{public, "PUBLIC"}, {text, "  "}}, right...)
		}
		rows = append(rows, sides(line{{r, front + words.Label(s.Template)}}, right, w))
	}
	return rows
}
