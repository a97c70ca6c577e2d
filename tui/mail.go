package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// mail is the pane of the messages: the one that is next, rendered as it would
// leave, then where each copy stands, then the plan.
type mail struct {
	size
	v      cockpit.View
	now    time.Time
	cursor string // template; "" follows the next one
	pick   int    // answer marked; 0 none
	whole  bool   // the last View showed the whole text
	apart  bool   // drawn where P does not post
}

func (m *mail) SetSize(s size)                        { m.size = s }
func (m *mail) SetView(v cockpit.View, now time.Time) { m.v, m.now = v, now }

// Selected is the message shown.
func (m *mail) Selected() (cockpit.SayView, bool) {
	if s, ok := m.v.Message(m.cursor); ok {
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
		if _, ok := asks(s); ok {
			return s, true
		}
	}
	return cockpit.SayView{}, false
}

// asks is the first copy of a message that wants a person's word.
func asks(s cockpit.SayView) (outbox.Row, bool) {
	for _, r := range s.Rows {
		if r.State == outbox.NeedsHuman || r.State == outbox.Rejected {
			return r, true
		}
	}
	return outbox.Row{}, false
}

// Asks is the copy of the message shown that wants a person's word.
func (m *mail) Asks() (outbox.Row, bool) {
	s, _ := m.Selected()
	return asks(s)
}

// Move moves to another message of the plan.
func (m *mail) Move(n int) {
	s, ok := m.Selected()
	if !ok {
		return
	}
	at := slices.IndexFunc(m.v.Says, func(o cockpit.SayView) bool { return o.Template == s.Template })
	m.cursor, m.pick = m.v.Says[min(max(at+n, 0), len(m.v.Says)-1)].Template, 0
}

// Follow gives the cursor back to the next message.
func (m *mail) Follow() { m.cursor, m.pick = "", 0 }

// Mark is what the tab says of the pane.
func (m *mail) Mark() string {
	worst, mk := words.Calm, ""
	for _, s := range m.v.Says {
		for _, r := range s.Rows {
			if g, _, level := words.Row(r); level > worst {
				worst, mk = level, g
			}
		}
		if _, level := words.Due(s, m.now); level > worst && !s.NotNeeded && !s.Due.IsZero() {
			worst, mk = level, words.Look
		}
	}
	return mk
}

// Whole says that the last View showed the whole text of the message.
func (m *mail) Whole() bool { return m.whole }

// View is the pane, exactly its size.
func (m *mail) View() []line {
	s, ok := m.Selected()
	if !ok {
		m.whole = false
		what := " No message is due."
		if m.v.State.ID == "" {
			what = " Messages come with a declaration."
		}
		return screenful(append([]line{tx(what)}, m.plan("")...), m.w, m.h, 0)
	}
	head := m.letter(s)
	m.whole = len(head) <= m.h
	if _, ok := asks(s); ok && len(head)+len(m.lanes(s)) > m.h {
		m.whole = false // the question first: the text has left already
		rows := append(m.head(s), m.lanes(s)...)
		return screenful(rows, m.w, m.h, 0)
	}
	if !m.whole {
		rows := head[:max(m.h-2, 0)]
		rows = append(rows[:len(rows):len(rows)], tx(" … "+words.Count(len(head)-len(rows)-1, "more row")+": 4 then Enter or z shows all"))
		return screenful(append(rows, m.ready(s)...), m.w, m.h, 0)
	}
	rows := append(head, m.lanes(s)...)
	if rest := m.plan(s.Template); m.h-len(rows) >= 3 {
		rows = append(append(rows, nil), rest...)
		if over := len(rows) - m.h; over > 0 {
			rows = append(rows[:m.h-1:m.h-1], tx(" … "+words.Count(over+1, "more message")+": 4, then j k"))
		}
	}
	return screenful(rows, m.w, m.h, 0)
}

// letter is the message as it would leave: to whom, title, text, what is
// missing.
func (m *mail) letter(s cockpit.SayView) []line {
	rows := m.head(s)
	for i, r := range wrap(words.Lanes(s), m.w-6) {
		front := "     "
		if i == 0 {
			front = " To  "
		}
		rows = append(rows, tx(front+r))
	}
	for _, t := range texts(s) {
		rows = append(rows, m.box(s, t)...)
	}
	return append(rows, m.ready(s)...)
}

// head is the message's name, when it is due and who can read it.
func (m *mail) head(s cockpit.SayView) []line {
	due, level := words.Due(s, m.now)
	right := line{{roleOf(level), due}, {text, " "}}
	if s.Public {
		right = right.add(public, " PUBLIC ").add(text, " ")
	}
	return []line{sides(in(title, " "+words.Label(s.Template)), right, m.w)}
}

// version is one text and the channels that get it.
type version struct {
	channels    []string
	title, body string
	state       string
}

// texts are the different texts of a message: most often one for all.
func texts(s cockpit.SayView) []version {
	var out []version
	for _, b := range s.Bodies {
		t := b.Title
		if t == "" {
			t = s.Title
		}
		i := slices.IndexFunc(out, func(v version) bool { return v.title == t && v.body == b.Text && v.state == b.State })
		if i < 0 {
			out, i = append(out, version{title: t, body: b.Text, state: b.State}), len(out)
		}
		if !slices.Contains(out[i].channels, b.Channel) {
			out[i].channels = append(out[i].channels, b.Channel)
		}
	}
	if len(out) == 0 && s.Body != "" {
		out = []version{{title: s.Title, body: s.Body, state: s.StatusState}}
	}
	return out
}

// box is one text in its frame.
func (m *mail) box(s cockpit.SayView, v version) []line {
	w := min(m.w-2, 100)
	inner := max(w-4, 1)
	name := ""
	if n := len(texts(s)); n > 1 {
		name = " " + safe.Short(strings.Join(v.channels, ", "), max(inner-2, 1)) + " "
	}
	rows := []line{in(rule, " ┌"+name+strings.Repeat("─", max(w-2-width(name), 0))+"┐")}
	put := func(r role, t string) {
		for _, l := range wrap(t, inner) {
			rows = append(rows, line{{rule, " │ "}, {r, pad(l, inner)}, {rule, " │"}})
		}
	}
	if v.title != "" {
		put(title, v.title)
	}
	if v.state != "" {
		put(text, "state: "+v.state)
	}
	put(text, strings.Trim(v.body, "\n"))
	return append(rows, in(rule, " └"+strings.Repeat("─", max(w-2, 0))+"┘"))
}

func (m *mail) ready(s cockpit.SayView) []line {
	mk, t, level := words.Ready(s)
	if s.Ready() {
		if t += " P posts it."; m.apart {
			t = strings.TrimSuffix(t, "P posts it.") + "Esc, then P posts it."
		}
	} else if len(s.Missing) > 0 {
		t += "  e fills it"
	}
	if !s.PostedAt.IsZero() && s.Due.IsZero() {
		mk, t, level = words.Good, "Posted at "+words.HMS(s.PostedAt, m.now)+". No update is due.", words.Calm
	}
	var rows []line
	for i, r := range wrap(t, m.w-4) {
		if i == 0 {
			rows = append(rows, line{{text, " "}, mark(mk, level), {roleOf(level), " " + r}})
		} else {
			rows = append(rows, line{{text, "   "}, {roleOf(level), r}})
		}
	}
	return rows
}

// lanes are where each copy stands, and the question of a lost one.
func (m *mail) lanes(s cockpit.SayView) []line {
	var rows []line
	for _, r := range s.Rows {
		mk, word, level := words.Row(r)
		l := line{{text, " "}, mark(mk, level), {roleOf(level), " " + pad(word, 9)}, {text, " " + safe.Short(r.Lane, 30)}}
		if r.Update > 0 {
			l = l.add(text, ", no. "+strconv.Itoa(r.Update))
		}
		rows = append(rows, sides(l, tx(words.HMS(latest(r), m.now)+" "), m.w))
		if d := words.RowDetail(r); d != "" && level > words.Calm {
			for _, t := range wrap(d, m.w-14) {
				rows = append(rows, tx("             "+t))
			}
		}
	}
	if r, ok := asks(s); ok {
		rows = append(rows, in(todo, " If you know what became of "+safe.Short(r.Lane, 30)+":"))
		for i, a := range outbox.Answers(r) {
			front, rl := " ", text
			if m.pick == i+1 {
				front, rl = "▶", selected
			}
			rows = append(rows, line{{rl, front + " " + strconv.Itoa(i+1) + "  " + said(a)}})
		}
	}
	return rows
}

func latest(r outbox.Row) time.Time {
	for _, t := range []time.Time{r.EndedAt, r.SentAt} {
		if !t.IsZero() {
			return t
		}
	}
	return r.QueuedAt
}

func said(a outbox.Answer) string {
	switch a {
	case outbox.AnswerSent:
		return "It is there: take it as said"
	case outbox.AnswerNotSent:
		return "It is not there: send it now (typed)"
	case outbox.AnswerByHand:
		return "I posted it by hand"
	}
	return safe.Short(string(a), 20)
}

// plan are all messages, one row each.
func (m *mail) plan(shown string) []line {
	var rows []line
	if len(m.v.Says) > 0 {
		rows = append(rows, in(title, " All messages"))
	}
	for _, s := range m.v.Says {
		due, level := words.Due(s, m.now)
		front, r := " ", text
		if s.Template == shown {
			front, r = "▶", selected
		}
		l := line{{r, front + words.Label(s.Template)}}
		right := line{{roleOf(level), due}, {text, " "}}
		if s.Public {
			right = append(tx("PUBLIC  "), right...)
		}
		rows = append(rows, sides(l, right, m.w))
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
	if sel, _ := m.Selected(); here && sel.Template == s.Template {
		right = "this one "
	}
	return sides(l, tx(right), m.w)
}

// Detail is the message whole, for the whole window.
func (m *mail) Detail(w int) []line {
	s, ok := m.Selected()
	if !ok {
		return nil
	}
	return m.one(s, w)
}

// one is a message with nothing left out, where P does not post.
func (m *mail) one(s cockpit.SayView, w int) []line {
	wide := *m
	wide.w, wide.apart = w, true
	rows := append(wide.letter(s), wide.lanes(s)...)
	for _, r := range s.Rows {
		if r.Remote.Link != "" {
			for _, t := range wrap(safe.Line(r.Lane+": "+r.Remote.Link), w-2) {
				rows = append(rows, tx(" "+t))
			}
		}
	}
	return rows
}
