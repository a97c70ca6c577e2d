package tui

import (
	"slices"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/tui/words"
)

// mail is the pane of the messages. It shows one of them from one of two sides:
// the text that would leave next, with what is missing in it; or what was said
// last, and how each copy of it stands.
type mail struct {
	size
	v      cockpit.View
	now    time.Time
	cursor string // template; "" follows the next one
	step   string // template that the step under the checklist's cursor asks for
	side   side
	pick   int    // answer or value marked; 0 none
	text   int    // which of the different texts is shown
	copyAt string // id of the copy looked at; "" the first that wants a word
	field  string // the field looked at; "" the first empty one
	diff   against
	top    int  // first row shown of what is longer than its room
	moved  bool // a person scrolled it
	zoomed bool // over the whole body
	split  bool // the fields have a column of their own
	apart  bool // drawn where P does not post

	drawn  []drawnText // texts of the last View
	most   int         // the largest top there is
	read   reading
	letter letter
}

// side is what is shown of a message.
type side int

const (
	sideAuto side = iota
	sideNext      // the text that chunks next
	sideSaid      // what was said last
)

func (m *mail) SetSize(s size)                        { m.size = s }
func (m *mail) SetView(v cockpit.View, now time.Time) { m.v, m.now = v, now }

// SetZoomed says whether the pane has the whole body for reading.
func (m *mail) SetZoomed(on bool) {
	if on != m.zoomed {
		m.zoomed, m.top, m.moved = on, 0, false
	}
}

// Selected is the message shown.
func (m *mail) Selected() (cockpit.SayView, bool) {
	if s, ok := m.v.Message(m.cursor); ok {
		return s, true
	}
	if s, ok := m.v.Message(m.step); ok {
		return s, true
	}
	if s, ok := m.asking(); ok {
		return s, true
	}
	if s, ok := words.NextSay(m.v); ok {
		return s, true
	}
	for _, s := range m.v.Says { // nothing is due: the last that was said
		if !s.PostedAt.IsZero() {
			return s, true
		}
	}
	return cockpit.SayView{}, false
}

// asking is the message with a copy only a person can settle, unless the step
// to do next is to post.
func (m *mail) asking() (cockpit.SayView, bool) {
	if words.NextOf(m.v).Do == words.DoPost {
		return cockpit.SayView{}, false
	}
	for _, s := range m.v.Says {
		if slices.ContainsFunc(s.Rows, words.Wants) {
			return s, true
		}
	}
	return cockpit.SayView{}, false
}

// after says that the message is shown from the side of what was said.
func (m *mail) after(s cockpit.SayView) bool {
	post, posted := words.LastPost(m.v, s.Template)
	if !posted || m.side == sideNext {
		return false
	}
	if m.side == sideSaid || s.Over() {
		return true
	}
	if n := words.NextOf(m.v); n.Do == words.DoPost && n.Say.Template == s.Template {
		return false
	}
	open := slices.ContainsFunc(post.Rows, func(r outbox.Row) bool { return !r.State.Settled() })
	return open || s.Due.IsZero() || s.Due.Sub(m.now) > soon
}

// After says that what is shown was said already.
func (m *mail) After() bool {
	s, ok := m.Selected()
	return ok && m.after(s)
}

// Turn shows the message from its other side.
func (m *mail) Turn() {
	if m.After() {
		m.face(sideNext)
	} else {
		m.face(sideSaid)
	}
}

func (m *mail) face(s side) {
	m.side, m.pick, m.top, m.diff, m.text, m.moved = s, 0, 0, diffNone, 0, false
}

// Move moves to another message of the plan.
func (m *mail) Move(n int) {
	s, ok := m.Selected()
	if !ok {
		return
	}
	at := slices.IndexFunc(m.v.Says, func(o cockpit.SayView) bool { return o.Template == s.Template })
	m.Go(m.v.Says[min(max(at+n, 0), len(m.v.Says)-1)].Template)
}

// Go shows that message.
func (m *mail) Go(template string) {
	m.cursor, m.field, m.copyAt = template, "", ""
	m.face(sideAuto)
}

// Follow gives the cursor back to the next message.
func (m *mail) Follow() { m.Go("") }

// Across goes to another text before posting, and to another copy after.
func (m *mail) Across(n int) {
	s, ok := m.Selected()
	if !ok {
		return
	}
	if m.after(s) {
		rows := m.copies(s)
		at := slices.IndexFunc(rows, func(r outbox.Row) bool { r2, _ := m.copyOf(s); return r.ID == r2.ID })
		if len(rows) > 0 {
			m.copyAt, m.pick, m.top = rows[min(max(at+n, 0), len(rows)-1)].ID, 0, 0
		}
		return
	}
	m.text, m.top, m.moved = min(max(m.text+n, 0), max(len(texts(s))-1, 0)), 0, false
}

// Ways is how many texts or copies Across goes through.
func (m *mail) Ways() int {
	s, ok := m.Selected()
	switch {
	case !ok:
		return 0
	case m.after(s):
		return len(m.copies(s))
	}
	return len(texts(s))
}

// Scrolls says that what is shown is longer than its room, and is read by
// scrolling.
func (m *mail) Scrolls() bool { return m.zoomed && m.most > 0 }

// Scroll moves what is shown.
func (m *mail) Scroll(n int) { m.top, m.moved = min(max(m.top+n, 0), m.most), true }

// Options is how many answers or values there are to mark.
func (m *mail) Options() int {
	s, ok := m.Selected()
	if !ok {
		return 0
	}
	if m.after(s) {
		r, _ := m.copyOf(s)
		return len(words.Replies(r, words.Handmade(s, r.Lane)))
	}
	f, _ := m.fieldOf(s)
	return len(words.Choices(m.v, s, f.Name, m.now))
}

// Asks is the copy of the message shown that wants a person's word.
func (m *mail) Asks() (outbox.Row, bool) {
	s, ok := m.Selected()
	if !ok {
		return outbox.Row{}, false
	}
	r, ok := m.copyOf(s)
	return r, ok && words.Wants(r)
}

// Mark is what the tab says of the pane.
func (m *mail) Mark() string {
	worst, mk := words.Calm, ""
	for _, s := range m.v.Says {
		for _, r := range s.Rows {
			if g, _, level := words.Copy(r, words.Handmade(s, r.Lane)); level > worst {
				worst, mk = level, g
			}
		}
		if _, level := words.Due(s, m.now); level > worst && !s.Over() && !s.Due.IsZero() {
			worst, mk = level, words.Look
		}
	}
	return mk
}

// Whole says that the last View showed all that would leave.
func (m *mail) Whole() bool {
	s, ok := m.Selected()
	if !ok || len(m.drawn) < len(texts(s)) {
		return false
	}
	return !slices.ContainsFunc(m.drawn, func(d drawnText) bool { return d.from > 0 || d.to < d.total })
}

// View is the pane, exactly its size.
func (m *mail) View() []line {
	m.drawn, m.most = nil, 0
	s, ok := m.Selected()
	switch {
	case !ok:
		what := " No message is due."
		if m.v.State.ID == "" {
			what = " Messages come with a declaration."
		}
		return screenful(append([]line{tx(what)}, m.plan("", m.w)...), m.w, m.h, 0)
	case m.zoomed && m.w >= 110 && m.h >= 16:
		return m.sheet(s)
	}
	rows := m.one1(s)
	if rest := m.h - len(rows); rest >= 3 {
		rows = append(append(rows, nil), m.rest(s, rest-1)...)
	}
	return screenful(rows, m.w, m.h, 0)
}

// one1 is the message in one column.
func (m *mail) one1(s cockpit.SayView) []line {
	if m.after(s) {
		return m.saidRows(s)
	}
	return m.draft(s)
}

// scrolled is the part of rows that fits, and remembers how much there is.
func (m *mail) scrolled(rows []line, h int) []line {
	m.most = max(len(rows)-h, 0)
	m.top = min(m.top, m.most)
	return rows[m.top:min(m.top+h, len(rows))]
}

// rest is the plan and what was said, where there is room for them.
func (m *mail) rest(s cockpit.SayView, h int) []line {
	plan := m.plan(s.Template, m.w)
	rows := plan
	if len(plan) > h { // the row under the cursor stays in sight
		at := slices.IndexFunc(m.v.Says, func(o cockpit.SayView) bool { return o.Template == s.Template }) + 1
		from := window(len(plan), h, at, at+1)
		return plan[from : from+h]
	}
	if posts := m.posts(m.w); len(words.Posts(m.v)) > 0 && h-len(rows) >= 3 {
		room := h - len(rows) - 2
		if over := len(posts) - 1 - room; over > 0 {
			posts = append(posts[:1:1], posts[1+over:]...)
		}
		rows = append(append(rows, nil), posts...)
	}
	return rows
}

// Line is the next message in one row, for windows without this pane.
func (m *mail) Line(here bool) line {
	s, ok := words.NextSay(m.v)
	if !ok {
		return tx(" Next message: none is due")
	}
	due, level := words.Due(s, m.now)
	l := line{{text, " "}}
	if level > words.Calm {
		l = l.add(roleOf(level), words.Look).add(text, " ")
	}
	l = l.add(text, "Next message: "+words.Label(s.Template))
	if s.Public {
		l = l.add(text, ", ").add(public, "PUBLIC")
	}
	l = l.add(text, ", ").add(roleOf(level), due)
	if s.Ready() {
		l = l.add(text, ", complete")
	} else {
		l = l.add(text, ", ").add(caut, "NOT READY")
	}
	right := "P shows it "
	switch sel, ok := m.Selected(); {
	case here && ok && !m.after(sel):
		if right = "f shows it "; sel.Template == s.Template {
			right = "this one "
		}
	case ok && sel.Template == m.step && sel.Template != s.Template: // P is for the step's
		right = "f goes to it "
	}
	return sides(l, tx(right), m.w)
}

// one is a message with nothing left out, where P does not post.
func (m *mail) one(s cockpit.SayView, w int) []line {
	all := *m
	all.w, all.h, all.apart, all.zoomed, all.diff = w, 1<<20, true, false, diffNone
	all.side, all.drawn = sideAuto, nil
	if all.after(s) {
		return all.saidAll(s)
	}
	return all.draft(s)
}
