package tui

import (
	"context"
	"encoding/base64"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// maxOSC52 is how many characters of base64 most terminals take in one copy
// (xterm's limit on a control string; screen and many others are near it).
const maxOSC52 = 74_994

// copied is what a copy did besides asking the terminal.
type copied struct {
	what  string
	where []string
	err   error
}

// copy gives what is shown to the clipboard of the terminal in front of the
// person. Nobody can know whether that terminal took it, so it goes to tmux and
// to a file as well, and the screen says where it is.
func (m *model) copy() tea.Cmd {
	what, s := m.copyText()
	if strings.TrimSpace(s) == "" {
		m.tell(words.Calm, "There is nothing to copy here.")
		return nil
	}
	var ask tea.Cmd
	fits := base64.StdEncoding.EncodedLen(len(s)) <= maxOSC52
	if fits {
		ask = m.clipboard(s)
		what += " is with your terminal, if it takes copies"
	} else {
		what += " is too long for a terminal"
	}
	m.tell(words.Calm, "%s.", what)
	if m.o.Copy == nil {
		return ask
	}
	ctx, keep := m.ctx, m.o.Copy
	return tea.Batch(ask, func() tea.Msg {
		where, err := keep(ctx, s)
		return copied{what, where, err}
	})
}

// clipboard asks the terminal in front to keep s (OSC 52). GNU screen passes
// only what is wrapped for it.
func (m *model) clipboard(s string) tea.Cmd {
	if m.o.Holder == "screen" {
		return tea.Raw(ansi.ScreenPassthrough(ansi.SetSystemClipboard(s), 768))
	}
	return tea.SetClipboard(s)
}

// hasCopied says where the copy is.
func (m *model) hasCopied(msg copied) {
	s := msg.what
	if len(msg.where) > 0 {
		s += "; also " + strings.Join(msg.where, " and ")
	}
	if msg.err != nil {
		m.tell(words.Caution, "%s. It could not be kept besides: %s", safe.Line(s), safe.Line(msg.err.Error()))
		return
	}
	m.tell(words.Calm, "%s.", safe.Line(s))
}

// copyText is what lies on top, whole, as text, and what to call it.
func (m *model) copyText() (what, s string) {
	const wideEnough = 200 // cells: few texts are broken in two
	switch {
	case m.over == overDetail:
		return m.overTitle(), plainText(m.detailRows(wideEnough))
	case m.focus == paneMail:
		return m.mail.CopyText()
	case m.focus == paneList:
		if st, ok := m.list.Selected(); ok {
			return words.Title(st), plainText(m.list.stepDetail(st, wideEnough, 1000))
		}
	}
	return m.name(m.focus), plainText(trimmed(m.here().Texts()))
}

func plainText(rows []line) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.TrimRight(clean(r.String()), " ") + "\n")
	}
	return b.String()
}

func trimmed(rows []string) []line {
	out := make([]line, len(rows))
	for i, r := range rows {
		out[i] = tx(r)
	}
	return out
}

// Copier keeps a copy beside the terminal's own: in tmux, in a file. It names
// the places.
type Copier func(ctx context.Context, text string) (where []string, err error)
