package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/safe"
)

// edit is one line that is being typed: its text and where the cursor stands,
// in runes. Package bubbles moves and cuts; drawing is ours.
type edit struct {
	value string
	pos   int
}

// filled is an edit of s with the cursor at its end.
func filledWith(s string) edit { return edit{s, len([]rune(s))} }

// typed is e after a key. Nothing is ever read from a clipboard: what is pasted
// comes as a message of its own.
func (e edit) typed(k tea.KeyPressMsg) edit {
	in := textinput.New()
	in.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	in.KeyMap.AcceptSuggestion = in.KeyMap.Paste
	in.CharLimit = 2000
	in.Focus()
	in.SetValue(e.value)
	in.SetCursor(e.pos)
	k.Text = safe.Clean(k.Text)
	in, _ = in.Update(k)
	return edit{in.Value(), in.Position()}
}

// insert puts s where the cursor stands.
func (e edit) insert(s string) edit {
	r, add := []rune(e.value), []rune(s)
	at := min(e.pos, len(r))
	out := append(append(append([]rune(nil), r[:at]...), add...), r[at:]...)
	return edit{string(out), at + len(add)}
}

// draw is the text in exactly w cells with its cursor: "_" behind the end, the
// letter under it in role r elsewhere. The part around the cursor is shown.
func (e edit) draw(w int, r role) line {
	rs := []rune(e.value)
	at := min(max(e.pos, 0), len(rs))
	before, under, after := clean(string(rs[:at])), "_", ""
	if at < len(rs) {
		under, after = clean(string(rs[at])), clean(string(rs[at+1:]))
	}
	front := ""
	for width(before)+width(under)+width(front) > w && before != "" {
		before, front = string([]rune(before)[1:]), "…"
	}
	room := max(w-width(front)-width(before)-width(under), 0)
	if width(after) > room {
		after = cut(after, room)
	}
	l := line{{text, front + before}, {r, under}, {text, after}}
	return fit(l, w)
}
