package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// copies are the copies of the last post of a message, and those of earlier ones
// that are not settled.
func (m *mail) copies(s cockpit.SayView) []outbox.Row {
	post, ok := words.LastPost(m.v, s.Template)
	var out []outbox.Row
	for _, r := range m.v.State.Rows {
		if r.Template == s.Template && ok && (r.Update == post.Update || !r.State.Settled()) {
			out = append(out, r)
		}
	}
	return out
}

// copyOf is the copy looked at: the one gone to, else the first that wants a
// word, else the first that is not settled.
func (m *mail) copyOf(s cockpit.SayView) (outbox.Row, bool) {
	rows := m.copies(s)
	for _, is := range []func(outbox.Row) bool{
		func(r outbox.Row) bool { return r.ID == m.copyAt }, words.Wants,
		func(r outbox.Row) bool { return !r.State.Settled() }, func(outbox.Row) bool { return true },
	} {
		if i := slices.IndexFunc(rows, is); i >= 0 {
			return rows[i], true
		}
	}
	return outbox.Row{}, false
}

// CopyText is what a person would paste: the copy looked at, or the text shown.
func (m *mail) CopyText() (what, body string) {
	s, ok := m.Selected()
	if !ok {
		return "", ""
	}
	if r, ok := m.copyOf(s); ok && m.after(s) {
		return "The text for " + safe.Short(r.Lane, 40), safe.Clean(r.Text()) + "\n"
	}
	vs := texts(s)
	if len(vs) == 0 {
		return words.Label(s.Template), ""
	}
	return "The text of " + words.Update(s), strings.TrimSpace(safe.Clean(vs[m.textAt(s)].text())) + "\n"
}

// saidRows is the message from the side of what was said, as much as fits.
func (m *mail) saidRows(s cockpit.SayView) []line {
	if m.zoomed {
		return m.tall(m.saidAll(s))
	}
	r, _ := m.copyOf(s)
	hand := words.Handmade(s, r.Lane)
	head, lanes := m.saidHead(s, m.w), m.laneRows(s, m.w)
	story, ask := m.storyRows(s, r, hand, m.w), m.answerRows(s, r, hand, m.w)
	held, text := m.heldRows(r, m.w), m.sentRows(s, r, m.w)
	short := story
	if len(story) > 4 {
		short = append(story[:1:1], story[len(story)-3:]...)
	}
	for _, try := range [][][]line{{head, lanes, story, ask, held, text}, {head, lanes, story, ask, held}, {head, lanes, short, ask, held},
		{head, lanes, short, ask}, {head, lanes, ask}, {head[:1], ask}} {
		if rows := slices.Concat(try...); len(rows) <= m.h {
			return rows
		}
	}
	return m.tall(slices.Concat(head[:1], ask, lanes, story, held))
}

// saidAll chunks nothing out.
func (m *mail) saidAll(s cockpit.SayView) []line {
	r, _ := m.copyOf(s)
	hand := words.Handmade(s, r.Lane)
	return slices.Concat(m.saidHead(s, m.w), m.laneRows(s, m.w), gap(m.storyRows(s, r, hand, m.w)),
		gap(m.answerRows(s, r, hand, m.w)), gap(m.heldRows(r, m.w)), gap(m.sentRows(s, r, m.w)))
}

// gap is rows behind an empty one; nothing stays nothing.
func gap(rows []line) []line {
	if len(rows) == 0 {
		return nil
	}
	return append([]line{nil}, rows...)
}

// saidHead is which post it is, how it stands, and when the next is due.
func (m *mail) saidHead(s cockpit.SayView, w int) []line {
	post, _ := words.LastPost(m.v, s.Template)
	name := words.Numbered(s.Template, post.Update)
	mk, stands, level := post.Stands(m.v)
	how := line{mark(mk, level), {roleOf(level), " " + stands}, {text, " "}}
	var right line
	if post.Public {
		right = line{{text, " "}, {public, " PUBLIC "}, {text, " "}}
	}
	rows := []line{sides(in(title, " "+name), append(how[:len(how):len(how)], right...), w)}
	if width(name)+how.width()+right.width()+2 > w {
		rows = []line{sides(in(title, " "+name), right, w), append(tx(" "), how...)}
	}
	t := "Posted " + words.HMS(post.At, m.now)
	if len(post.Rows) > 0 && post.Rows[0].By != "" {
		t += " by " + safe.Short(post.Rows[0].By, 30)
	}
	due, level := words.Due(s, m.now)
	switch {
	case s.Over():
		t += ". No update is due."
	case !s.Due.IsZero():
		return append(rows, tx(" "+t+". ").add(text, "Next update ").add(roleOf(level), due))
	}
	return append(rows, tx(" "+t))
}

// laneRows are where each copy stands.
func (m *mail) laneRows(s cockpit.SayView, w int) []line {
	var rows []line
	here, _ := m.copyOf(s)
	all := m.copies(s)
	for _, r := range all {
		hand := words.Handmade(s, r.Lane)
		mk, word, level := words.Copy(r, hand)
		front := " "
		if r.ID == here.ID && len(all) > 1 {
			front = "▶"
		}
		l := line{{text, front}, mark(mk, level), {roleOf(level), " " + pad(word, 9)}, {text, " " + pad(safe.Short(r.Lane, 24), min(20, w/3))}}
		if r.Audience == outbox.Public {
			l = l.add(text, " ").add(public, "PUBLIC")
		} else {
			l = l.add(text, "       ")
		}
		if r.Parts > 1 {
			l = l.add(text, " "+strconv.Itoa(r.Part)+" of "+strconv.Itoa(r.Parts))
		}
		l = l.add(text, " "+words.Took(r, m.now))
		rows = append(rows, l)
		room := w - l.width() - 4
		d := detail1(r, hand)
		if width(d) > room && r.State == outbox.Delivered && r.Remote.ID != "" {
			d = "id " + safe.Short(r.Remote.ID, 40)
		}
		if d != "" && width(d) <= room {
			rows[len(rows)-1] = l.add(text, "   "+d)
		} else if d != "" && r.ID == here.ID {
			for _, t := range wrapMax(d, max(w-14, 8), 3) {
				rows = append(rows, tx(pad("", 13)+t))
			}
		}
	}
	return rows
}

// detail1 is what there is to know of a copy in a few words: where it stands, or
// what to do about it.
func detail1(r outbox.Row, hand bool) string {
	switch {
	case r.State == outbox.Delivered && r.Remote.Link != "":
		return safe.Short(r.Remote.Link, 120)
	case r.State == outbox.Delivered && r.Remote.ID != "":
		return "id " + safe.Short(r.Remote.ID, 40) + ", confirmed"
	case r.State == outbox.Delivered:
		return "confirmed"
	case r.State == outbox.ByHand:
		return "posted by hand"
	case hand:
		return ""
	}
	return words.RowDetail(r)
}

// storyRows are what happened to a copy that is not settled, line by line.
func (m *mail) storyRows(s cockpit.SayView, r outbox.Row, hand bool, w int) []line {
	if r.ID == "" || r.State.Settled() && !m.zoomed {
		return nil
	}
	told := words.Happened(m.v, r, hand, m.now)
	if len(told) == 0 {
		return nil
	}
	rows := []line{in(title, " "+safe.Short(r.Lane, 30)+", what happened")}
	for _, t := range told {
		at := "        "
		if !t.At.IsZero() {
			at = words.HMS(t.At, m.now)
		}
		for i, l := range wrapMax(t.Text, max(w-len(at)-6, 8), 3) {
			if i > 0 {
				at = pad("", len(at))
			}
			rows = append(rows, tx("   "+at+"  "+l))
		}
	}
	return rows
}

// answerRows are what a person may say of a copy; for one that is posted by hand,
// first how.
func (m *mail) answerRows(s cockpit.SayView, r outbox.Row, hand bool, w int) []line {
	answers := words.Replies(r, hand)
	if len(answers) == 0 {
		return nil
	}
	var rows []line
	if hand {
		where := words.Where(s, r.Lane)
		if where == "" {
			where = safe.Short(r.Lane, 40)
		}
		for _, l := range wrap("Post it yourself: relight sends nothing to "+safe.Short(r.Lane, 30)+".", max(w-2, 8)) {
			rows = append(rows, in(todo, " "+l))
		}
		for _, l := range wrap("y copies the text. Put it there: "+where+". Then 1 and Enter say so, in your name.", max(w-5, 8)) {
			rows = append(rows, tx("    "+l))
		}
	} else {
		rows = append(rows, in(todo, " If you know what became of "+safe.Short(r.Lane, 30)+":"))
	}
	for i, a := range answers {
		front, rl := "  ", text
		if m.pick == i+1 {
			front, rl = " ▶", selected
		}
		rows = append(rows, line{{rl, front + " " + strconv.Itoa(i+1) + "  " + said(a, r, hand)}})
	}
	return rows
}

func said(a outbox.Answer, r outbox.Row, hand bool) string {
	switch a {
	case outbox.AnswerSent:
		return "It is there: take it as said, with its link"
	case outbox.AnswerNotSent:
		if r.State == outbox.Rejected || r.State == outbox.RetryWait {
			return "Send it again now (typed)"
		}
		return "It is not there: send it once more (typed)"
	case outbox.AnswerByHand:
		if hand {
			return "I posted it"
		}
		return "I posted it by hand (y copies the text)"
	}
	return safe.Short(string(a), 20)
}

// heldRows are what waits behind a copy that is not settled.
func (m *mail) heldRows(r outbox.Row, w int) []line {
	if r.ID == "" || r.State.Settled() {
		return nil
	}
	rows := []line{in(title, " What is held behind it")}
	for _, t := range words.Held(m.v, r, m.now) {
		for _, l := range wrap(t, max(w-4, 8)) {
			rows = append(rows, tx("   "+l))
		}
	}
	return rows
}

// sentRows is the text as it left for the copy looked at.
func (m *mail) sentRows(s cockpit.SayView, r outbox.Row, w int) []line {
	if r.ID == "" {
		return nil
	}
	v := version{channels: []string{r.Lane}, chunks: []chunk{{r.Title, r.Body, r.StatusState}}}
	plain := s
	plain.Remarks = nil
	return m.frame(s, v, m.inside(plain, v, w), w, true, "")
}

// answerRow says what became of a copy of a message. What sends is typed; for
// what is there a link may be given.
func (m *model) answerRow(now time.Time) tea.Cmd {
	s, _ := m.mail.Selected()
	r, _ := m.mail.copyOf(s)
	answers := words.Replies(r, words.Handmade(s, r.Lane))
	if m.mail.pick < 1 || m.mail.pick > len(answers) {
		m.mail.pick = 0
		return nil
	}
	a, lane := answers[m.mail.pick-1], safe.Short(r.Lane, 40)
	give := func(where string) tea.Cmd {
		m.mail.pick = 0
		return m.do("answer for "+lane, "Answered for "+lane+".", incident.RowAnswer{Row: r.ID, By: m.view.Person, Answer: a, Where: where})
	}
	if a == outbox.AnswerNotSent {
		m.arm("send once more to "+lane, "send", "", now, func(string) tea.Cmd { return give("") })
		return nil
	}
	m.typeIn("Its link or id at "+lane+", or Enter alone", "", give)
	return nil
}
