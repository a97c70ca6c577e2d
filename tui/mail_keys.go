package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// mailKeys are the keys of the messages.
func (m *model) mailKeys() []binding {
	after := m.mail.After()
	page := max(m.h/3, 1)
	scrolls := m.mail.Scrolls
	jk, sideways, other := "message", "text", "what was said"
	if scrolls() {
		jk = "scroll"
	}
	if after {
		sideways, other = "copy", "next text"
	}
	across := func(n int) func(time.Time) tea.Cmd { return look(func() { m.mail.Across(n) }) }
	down := func(n int) func(time.Time) tea.Cmd {
		return look(func() {
			if scrolls() {
				m.mail.Scroll(n)
			} else {
				m.mail.Move(n)
			}
		})
	}
	scroll := func(n int) func(time.Time) tea.Cmd { return look(func() { m.mail.Scroll(n) }) }
	several := func() bool { return m.mail.Ways() > 1 }
	return []binding{
		{keys: []string{"h", "left"}, show: "h l", short: sideways, help: "another text where channels differ; after posting another copy", when: several, do: across(-1)},
		{keys: []string{"l", "right"}, show: "l", when: several, do: across(1)},
		{keys: []string{"d"}, show: "d", short: "differences", help: "what is new against the last update posted, or since you read it", when: m.differs, do: look(m.diffMail)},
		{keys: []string{"="}, show: "=", short: "no change", help: `"no change" into the next update of this message`, class: records, when: m.unchangeable, do: m.noChange},
		{keys: []string{"u"}, show: "u", short: other, help: "the other side: what was said, or the next text", when: m.twoSided, do: look(func() { m.mail.Turn() })},
		{keys: []string{"j", "down"}, show: "j k", short: jk, help: "another message; in a text longer than its room, opened with Enter: scroll", do: down(1)},
		{keys: []string{"k", "up"}, show: "k", do: down(-1)},
		{keys: []string{"tab"}, show: "Tab", short: m.tabWord(), help: "next field; behind the last the next part", do: look(func() { m.tabMail(1) })},
		{keys: []string{"shift+tab"}, show: "Shift+Tab", help: "field before", do: look(func() { m.tabMail(-1) })},
		{keys: []string{"ctrl+d", "pgdown"}, show: "Ctrl+d", help: "half a page down", do: scroll(page)},
		{keys: []string{"ctrl+u", "pgup"}, show: "Ctrl+u", help: "half a page up", do: scroll(-page)},
		{keys: []string{"g", "home"}, show: "g", help: "top", do: down(-1 << 20)},
		{keys: []string{"G", "end"}, show: "G", help: "end", do: down(1 << 20)},
		{keys: []string{"esc"}, show: "Esc", short: "back", help: "back: out of the differences, out of the whole body, to the next step", do: look(m.escMail)},
	}
}

// tabWord says where Tab goes.
func (m *model) tabWord() string {
	if m.mail.zoomed && m.mail.Gaps() > 0 || m.mail.Gaps() > 1 {
		return "next field"
	}
	return "next part"
}

// copyWord names y where a person has to paste.
func (m *model) copyWord() string {
	if s, ok := m.mail.Selected(); ok && m.focus == paneMail && m.mail.after(s) {
		if r, ok := m.mail.copyOf(s); ok && !r.State.Settled() {
			return "copy text"
		}
	}
	return ""
}

func (m *model) tabMail(n int) {
	if !m.mail.NextField(n) {
		m.turn(n)
	}
}

// twoSided says that the message was said before and may be said again.
func (m *model) twoSided() bool {
	s, ok := m.mail.Selected()
	if !ok || s.Over() {
		return false
	}
	_, posted := words.LastPost(m.view, s.Template)
	return posted
}

func (m *model) differs() bool {
	s, ok := m.mail.Selected()
	if !ok || m.mail.after(s) {
		return false
	}
	_, _, posted := m.mail.older(s, diffPosted)
	return posted || m.mail.stale(s)
}

func (m *model) diffMail() {
	if !m.mail.NextDiff() {
		m.tell(words.Calm, "There is no earlier text to compare it with.")
	}
}

func (m *model) unchangeable() bool {
	s, ok := m.mail.Selected()
	return ok && !s.PostedAt.IsZero() && !s.Over() && !s.Lock.Locked()
}

func (m *model) escMail() {
	switch {
	case m.mail.diff != diffNone:
		m.mail.diff, m.mail.top = diffNone, 0
	case m.mail.pick > 0:
		m.mail.pick = 0
	case m.zoom:
		m.zoom = false
	default:
		m.focus = paneList
		m.follow()
	}
}

// enterMail takes the value or the answer marked, or opens the message over the
// whole body.
func (m *model) enterMail(now time.Time) tea.Cmd {
	switch {
	case m.mail.pick > 0 && m.mail.After():
		return m.answerRow(now)
	case m.mail.pick > 0:
		return m.takeValue()
	}
	m.zoom = !m.zoom
	return nil
}

// give fills fields with one value.
func (m *model) give(what, then string, keys []string, value string) tea.Cmd {
	value = strings.TrimSpace(value)
	return m.ask(what, then, func(context.Context) error {
		for _, k := range keys {
			m.c.Fill(k, value)
		}
		return nil
	})
}

// mailHint says what to do about the message shown, while the focus is on it.
func (m *model) mailHint(front string) (line, bool) {
	s, ok := m.mail.Selected()
	if !ok || m.focus != paneMail || m.over != overNone {
		return nil, false
	}
	say := func(t string) (line, bool) { return line{{text, front}, {todo, t}}, true }
	switch n := m.mail.Options(); {
	case m.mail.After():
		return m.saidHint(s, front)
	case s.Over():
		return nil, false
	case s.Lock.Locked():
		return tx(front + "Locked: " + words.Lock(s.Lock)), true
	case m.mail.diff != diffNone:
		return tx(front + "d goes on; P posts from the text as it would leave."), true
	case m.mail.pick > 0:
		return say("Enter takes the marked value.")
	case words.Wanted(s) > 0 && n > 0:
		return say(keysTo(n) + " mark a value and Enter takes it, or e types one; then P posts.")
	case words.Wanted(s) > 0:
		f, _ := m.mail.fieldOf(s)
		return say("e types " + words.Gap(f.Name) + "; then P posts.")
	case !s.Ready():
		return tx(front + "P will not post: " + words.ReadyShort(s) + "."), true
	case m.stood.text == "":
		if t := m.mail.Unread(s); t != "" {
			return say(t)
		}
	}
	t := "P posts " + words.Update(s) + " to " + words.Count(len(s.To), "channel")
	if s.Public {
		t += ", PUBLIC"
	}
	return say(t)
}

// saidHint says what to do about the copy looked at.
func (m *model) saidHint(s cockpit.SayView, front string) (line, bool) {
	r, ok := m.mail.copyOf(s)
	n := m.mail.Options()
	lane := safe.Short(r.Lane, 40)
	say := func(t string) (line, bool) { return line{{text, front}, {todo, t}}, true }
	switch {
	case !ok:
		return nil, false
	case m.mail.pick > 0:
		return say("Enter gives the marked answer.")
	case n == 1:
		return say("y copies the text; once it is posted, 1 and Enter say so.")
	case words.Wants(r):
		return say(keysTo(n) + " mark, Enter answers: what became of the copy to " + lane + "?")
	case r.State == outbox.Unknown && r.NotBefore.After(m.now):
		return tx(front + lane + " is looked at again by itself in " + words.Dur(r.NotBefore.Sub(m.now)) + "."), true
	case r.State == outbox.RetryWait && r.NotBefore.After(m.now):
		return tx(front + lane + " is sent again by itself in " + words.Dur(r.NotBefore.Sub(m.now)) + "."), true
	case !r.State.Settled():
		return tx(front + lane + " is on its way."), true
	}
	return nil, false
}

// keysTo are the keys that mark one of n.
func keysTo(n int) string {
	return strings.Join([]string{"1", "2", "3", "4", "5"}[:min(max(n, 0), 5)], " ")
}
