package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/words"
)

// post posts the message shown, if its text stood there whole and unchanged for a
// second, or was read to its end; otherwise it shows it, or goes to its first
// gap.
func (m *model) post(now time.Time) tea.Cmd {
	s, ok := m.mail.Selected()
	if next, due := words.NextSay(m.view); due && next.Template != s.Template && (m.mail.cursor == "" && m.mail.step == "" || m.mail.after(s)) {
		m.mail.Go(next.Template) // what was said stood in its place
		m.settle(now)
		m.mailInFull()
		return nil
	}
	if why, level := m.noPost(s, ok); why != "" {
		m.tell(level, "%s", why)
		return nil
	}
	switch {
	case words.Wanted(s) > 0:
		m.toGap(s)
		return nil
	case !s.Ready():
		m.focus = paneMail
		m.mail.face(sideNext)
		m.tell(words.Caution, "P will not post: %s.", words.ReadyShort(s))
		return nil
	case m.unread(s):
		m.read(s)
		return nil
	case m.stood.text == "":
		m.mailInFull()
		return nil
	case now.Sub(m.stood.since) < time.Second || now.Sub(m.lastKey) < quietFor:
		m.tell(words.Caution, "The text came or changed this second. Read it, then P posts it.")
		return nil
	case !m.deliberate(s, now):
		m.named(s, now)
		m.tell(words.Caution, "%s Read it, then P posts it.", shownNow(s))
		return nil
	case m.tooEarly(s):
		m.early = s.Template
		due, _ := words.Due(s, m.now)
		m.tell(words.Caution, "%s is %s. P again posts it now.", words.Label(s.Template), due)
		return nil
	}
	t, digest := s.Template, m.stood.digest
	m.early, m.posting = "", t
	m.mail.Follow()
	m.goBack()
	to := words.Update(s) + " to " + words.Count(len(s.To), "channel")
	then := "Posted " + to + ": 4 says how it went."
	if m.focus == paneMail {
		then = "Posted " + to + "."
	}
	cmd := m.ask("post "+to, then, func(ctx context.Context) error { return m.c.Post(ctx, t, digest) })
	if cmd != nil {
		m.chain = chain{id: m.asked, of: updateOf(s), at: now}
	}
	return cmd
}

// noPost says why P does nothing for this message, whatever stands on the
// screen.
func (m *model) noPost(s cockpit.SayView, ok bool) (why string, level words.Level) {
	switch {
	case !ok:
		return "No message is due.", words.Calm
	case m.w < 60:
		return "P is locked below 60 columns: the whole text must be seen.", words.Caution
	case s.NotNeeded:
		return words.Label(s.Template) + " is not needed any more.", words.Calm
	case s.Over():
		return words.Label(s.Template) + " was posted at " + words.HMS(s.PostedAt, m.now) + ". No update of it is due.", words.Calm
	case s.Lock.Locked():
		return "P is locked: " + words.Lock(s.Lock), words.Caution
	}
	return "", words.Calm
}

// toGap puts the cursor on the first field that is empty or must be changed.
func (m *model) toGap(s cockpit.SayView) {
	m.leaveFrom()
	m.focus = paneMail
	m.mail.face(sideNext)
	m.mail.cursor, m.mail.field = s.Template, ""
	how := "e types it."
	if m.mail.Options() > 0 {
		how = "1 2 3 mark a value and Enter takes it; e types one."
	}
	m.tell(words.Caution, "P will not post: %s. The cursor is on the first. %s", words.ReadyShort(s), how)
}

// soon is how long before it is due one P is enough.
const soon = 15 * time.Minute

// tooEarly says that nobody asks for the message yet and P was pressed once.
func (m *model) tooEarly(s cockpit.SayView) bool {
	asked := words.NextOf(m.view)
	return m.early != s.Template && !(asked.Do == words.DoPost && asked.Say.Template == s.Template) &&
		(s.Due.IsZero() || s.Due.Sub(m.now) > soon)
}

// mailInFull shows the text that would leave in the largest pane there is.
func (m *model) mailInFull() {
	s, _ := m.mail.Selected()
	was := m.mail.After() || m.mail.diff != diffNone
	if was {
		m.mail.face(sideNext)
	}
	m.mail.cursor, m.mail.side = s.Template, sideNext
	if m.focus == paneMail && m.zoom && !was {
		m.tell(words.Caution, "%s", m.mail.Unread(s))
		return
	}
	m.leaveFrom()
	m.focus = paneMail
	m.settle(m.clock())
	m.zoom = m.zoom || !m.mail.Whole()
	m.settle(m.clock())
	if m.mail.Whole() {
		m.tell(words.Calm, "Read it.")
		return
	}
	m.tell(words.Calm, "%s", m.mail.Unread(s))
}

// stance is where the person looked.
type stance struct {
	focus pane
	zoom  bool
}

// leaveFrom remembers where the person was before P shows a message.
func (m *model) leaveFrom() {
	if m.back.focus == 0 {
		m.back = stance{m.focus, m.zoom}
	}
}

// goBack returns there.
func (m *model) goBack() {
	if m.back.focus != 0 {
		m.focus, m.zoom, m.back = m.back.focus, m.back.zoom, stance{}
	}
}

// notPosted shows what changed when a text was not posted because it is no longer
// the one that was read.
func (m *model) notPosted() {
	s, ok := m.view.Message(m.posting)
	m.posting = ""
	if !ok || !m.mail.stale(s) {
		return
	}
	m.mail.Go(s.Template)
	m.mail.face(sideNext)
	m.focus, m.mail.diff = paneMail, diffRead
	m.tell(words.Caution, "Not posted: the text changed since you read it. This is what changed; d shows the text again, then P posts it.")
}
