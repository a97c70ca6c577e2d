package tui

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// against is what the text shown is held against.
type against int

const (
	diffNone   against = iota
	diffPosted         // the last update posted
	diffRead           // the text as it was read
)

// NextDiff goes on to the next thing to hold the text against; false when there
// is nothing.
func (m *mail) NextDiff() bool {
	s, ok := m.Selected()
	if !ok || m.after(s) {
		return false
	}
	m.top = 0
	for _, d := range []against{diffPosted, diffRead} {
		if d <= m.diff {
			continue
		}
		if _, _, ok := m.older(s, d); ok {
			m.diff = d
			return true
		}
	}
	was := m.diff
	m.diff = diffNone
	return was != diffNone
}

// older is the text that the one shown is held against, and its name.
func (m *mail) older(s cockpit.SayView, d against) (name, was string, ok bool) {
	vs := texts(s)
	if len(vs) == 0 {
		return "", "", false
	}
	at := m.textAt(s)
	switch d {
	case diffPosted:
		post, ok := words.LastPost(m.v, s.Template)
		if !ok {
			return "", "", false
		}
		lane := post.Rows[0].Lane
		if i := slices.IndexFunc(post.Rows, func(r outbox.Row) bool { return slices.Contains(vs[at].channels, r.Lane) }); i >= 0 {
			lane = post.Rows[i].Lane
		}
		var old version
		for _, r := range post.Rows {
			if r.Lane == lane {
				old.chunks = append(old.chunks, chunk{r.Title, r.Body, r.StatusState})
			}
		}
		return "what was posted " + words.HMS(post.At, m.now), old.compared(), true
	case diffRead:
		if !m.stale(s) {
			return "", "", false
		}
		return "the text as you read it", m.letter.texts[min(at, len(m.letter.texts)-1)].compared(), true
	}
	return "", "", false
}

// stale says that this update was read whole, and that its text is another now.
func (m *mail) stale(s cockpit.SayView) bool {
	k := m.letter
	if k.template != s.Template || k.update != s.Next || len(k.texts) == 0 {
		return false
	}
	now := texts(s)
	return !slices.EqualFunc(k.texts, now, func(a, b version) bool {
		return slices.Equal(a.channels, b.channels) && slices.Equal(a.chunks, b.chunks)
	})
}

// changed says that the text is not the one that was read.
func (m *mail) changed(s cockpit.SayView) string {
	if m.apart || !m.stale(s) {
		return ""
	}
	return "since you read it: d shows how. Read it again."
}

// differences are the rows of the text shown against an older one.
func (m *mail) differences(s cockpit.SayView, w int) ([]line, bool) {
	name, was, ok := m.older(s, m.diff)
	if !ok {
		return nil, false
	}
	changes := words.Diff(was, texts(s)[m.textAt(s)].compared())
	rows := []line{in(title, " Differences to "+safe.Line(name))}
	if !words.Differs(changes) {
		return append(rows, tx(" None: the text is the same.")), true
	}
	const label = 10
	for _, c := range changes {
		front, r := "   ", text
		switch c.Kind {
		case '-':
			front = " - GONE"
		case '+':
			front, r = " + ADDED", todo
		}
		var t strings.Builder
		for i, p := range c.Parts {
			if i > 0 {
				t.WriteString(" ")
			}
			t.WriteString(p.Text)
		}
		for i, l := range wrap(t.String(), max(w-label-1, 8)) {
			head := line{{r, pad(front, label)}}
			if i > 0 {
				head = tx(pad("", label))
			}
			rows = append(rows, append(head, emphasis(c, l, r)...))
		}
	}
	return append(rows, tx(" d goes on: the text again, as it would leave.")), true
}

// emphasis marks in one row of a changed sentence the words that differ.
func emphasis(c words.Edit, row string, r role) line {
	if c.Kind == ' ' {
		return tx(row)
	}
	changed := map[string]bool{}
	for _, p := range c.Parts {
		for _, w := range strings.Fields(p.Text) {
			changed[w] = changed[w] || p.Changed
		}
	}
	var out line
	for i, w := range strings.Split(row, " ") {
		rl := text
		if changed[w] {
			if rl = title; c.Kind == '+' {
				rl = r
			}
		}
		if i > 0 {
			out = append(out, span{text, " "})
		}
		out = append(out, span{rl, w})
	}
	return out
}
