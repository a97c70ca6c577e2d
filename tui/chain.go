package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/words"
)

// apart is how long after a post the next message must have stood there whole,
// and its name with it, before P posts it: the pane goes on by itself, and a
// second press meant for the first message must not post the next.
const apart = time.Second

// chain is the last post, and which message was then said to stand in its place.
type chain struct {
	id     int    // of the request
	of     string // what was posted
	at     time.Time
	next   string // what was named
	nextAt time.Time
}

// updateOf names one update of a message.
func updateOf(s cockpit.SayView) string { return fmt.Sprintf("%s#%d", s.Template, s.Next) }

// shownNow says which message stands in the pane.
func shownNow(s cockpit.SayView) string {
	return "Shown now: " + words.Update(s) + " to " + words.Count(len(s.To), "channel") + "."
}

// deliberate says that P means the message shown and not the one posted before
// it.
func (m *model) deliberate(s cockpit.SayView, now time.Time) bool {
	c := m.chain
	if c.at.IsZero() {
		return true
	}
	if c.of == updateOf(s) { // it was not posted, and is the one that was meant
		return now.Sub(c.at) >= apart
	}
	return c.next == updateOf(s) && now.Sub(c.nextAt) >= apart && now.Sub(c.at) >= apart && now.Sub(m.stood.since) >= apart
}

// named notes that the person is told which message is shown.
func (m *model) named(s cockpit.SayView, now time.Time) {
	if m.chain.next != updateOf(s) {
		m.chain.next, m.chain.nextAt = updateOf(s), now
	}
}

// hinted notes that the prompt row says that P posts the message shown.
func (m *model) hinted(now time.Time) {
	s, ok := m.mail.Selected()
	if !ok || m.chain.at.IsZero() || m.said != "" || m.prompt.kind != idle || m.over != overNone || len(m.asking) > 0 {
		return
	}
	n := words.NextOf(m.view)
	if m.list.cursor != "" {
		n = m.nextFor()
	}
	if n.Do == words.DoPost && n.Say.Template == s.Template && len(n.Say.Missing) == 0 {
		m.named(s, now)
	}
}

// nameNext says, with the answer to a post, which message took its place.
func (m *model) nameNext(msg did, now time.Time) {
	if msg.id != m.chain.id || msg.err != nil || m.chain.at.IsZero() {
		return
	}
	m.settle(now)
	s, ok := m.mail.Selected()
	if !ok || m.mail.after(s) || updateOf(s) == m.chain.of || m.level != words.Calm {
		return
	}
	m.said += " " + shownNow(s)
	if m.stood.text == "" {
		m.said = strings.TrimSuffix(m.said, shownNow(s)) + "Next: " + words.Update(s) + "; 4 shows its text."
	}
	m.named(s, now)
}
