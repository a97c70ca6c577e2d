package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// post posts the message shown, if it stood there whole and unchanged for a
// second; otherwise it shows it, or goes to its first gap.
func (m *model) post(now time.Time) tea.Cmd {
	s, ok := m.mail.Selected()
	if next, due := words.NextSay(m.view); due && m.mail.cursor == "" && next.Template != s.Template {
		m.mail.cursor = next.Template // a copy that asks was shown in its place
		m.settle(now)
		m.mailInFull()
		return nil
	}
	switch {
	case !ok:
		m.tell(words.Calm, "No message is due.")
		return nil
	case m.w < 60:
		m.tell(words.Caution, "P is locked below 60 columns: the whole text must be seen.")
		return nil
	case s.Lock.Locked():
		m.tell(words.Caution, "P is locked: %s", words.Lock(s.Lock))
		return nil
	case m.stood.text == "":
		m.mailInFull()
		return nil
	case len(s.Missing) > 0:
		m.fill()
		return nil
	case !s.Ready():
		_, why, _ := words.Ready(s)
		m.tell(words.Caution, "P will not post: %s", why)
		return nil
	case now.Sub(m.stood.since) < time.Second || now.Sub(m.lastKey) < quietFor:
		m.tell(words.Caution, "The text came or changed this second. Read it, then P posts it.")
		return nil
	case m.tooEarly(s):
		m.early = s.Template
		due, _ := words.Due(s, m.now)
		m.tell(words.Caution, "%s is %s. P again posts it now.", words.Label(s.Template), due)
		return nil
	}
	t, digest := s.Template, m.stood.digest
	m.early = ""
	m.mail.Follow()
	m.goBack()
	to := words.Label(t) + " to " + words.Count(len(s.To), "channel")
	return m.ask("post "+to, "Posted "+to+": 4 says how it went.", func(ctx context.Context) error { return m.c.Post(ctx, t, digest) })
}

// soon is how long before it is due one P is enough.
const soon = 15 * time.Minute

// tooEarly says that nobody asks for the message yet and P was pressed once.
func (m *model) tooEarly(s cockpit.SayView) bool {
	asked := words.NextOf(m.view)
	return m.early != s.Template && !(asked.Do == words.DoPost && asked.Say.Template == s.Template) &&
		(s.Due.IsZero() || s.Due.Sub(m.now) > soon)
}

// mailInFull shows the message in the largest pane there is.
func (m *model) mailInFull() {
	if m.focus == paneMail && (m.zoom || m.layout().class != wide) {
		m.tell(words.Caution, "The text is longer than this window. Make the window higher; or post it without the screen: relight post.")
		return
	}
	if m.back.focus == 0 {
		m.back = stance{m.focus, m.zoom}
	}
	m.zoom = m.layout().class == wide && !m.mail.Whole()
	m.focus = paneMail
	m.tell(words.Calm, "Read it. P posts it.")
}

// stance is where the person looked.
type stance struct {
	focus pane
	zoom  bool
}

// goBack returns to where the person was before P showed a message whole.
func (m *model) goBack() {
	if m.back.focus != 0 {
		m.focus, m.zoom, m.back = m.back.focus, m.back.zoom, stance{}
	}
}

// fill asks for the first empty field of the message shown.
func (m *model) fill() {
	s, ok := m.mail.Selected()
	if !ok || len(s.Missing) == 0 {
		return
	}
	field := s.Missing[0]
	m.focus = paneMail
	m.typeIn("{{"+safe.Short(field, 30)+"}}", "", func(value string) tea.Cmd { return m.filled(field, value) })
}

func (m *model) filled(field, value string) tea.Cmd {
	if value == "" {
		return nil
	}
	return m.ask("fill "+safe.Short(field, 40), "Filled in. Read the text again.", func(context.Context) error {
		m.c.Fill(field, value)
		return nil
	})
}
