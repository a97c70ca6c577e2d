package tui

import (
	"slices"

	"github.com/virtengine/relight/cockpit"
)

// drawnText is how much of one text the last View showed.
type drawnText struct {
	text            int // which
	from, to, total int // rows
	width           int
}

// reading is how much of a message a person has had before the eyes, row by row,
// since its text stands as it is. P posts only what was read whole.
type reading struct {
	of    string // the text itself
	rows  map[int][]bool
	width map[int]int
}

// letter is a message that was read whole: what a later text is held against.
type letter struct {
	template string
	update   int
	texts    []version
}

// saw notes what a View shows: all texts, or rows of the one shown; to -1 is its
// end.
func (m *mail) saw(s cockpit.SayView, all bool, from, to int) {
	for i, v := range texts(s) {
		if !all && i != m.textAt(s) {
			continue
		}
		n := len(m.inside(s, v, m.w))
		if to < 0 {
			m.drawn = append(m.drawn, drawnText{i, 0, n, n, boxWidth(m.w)})
		} else {
			m.drawn = append(m.drawn, drawnText{i, from, to, n, boxWidth(m.w)})
		}
	}
}

// Saw adds what the last View showed to what was read of s, if it was on the
// screen, and says whether P may post it now: every row of every text was before
// the eyes since the text stands as it is, and what is shown now is the text: the
// whole of it, or a part in the largest pane there is.
func (m *mail) Saw(s cockpit.SayView, shown bool) bool {
	if of := letterOf(s) + s.Digest; of != m.read.of {
		m.read = reading{of: of, rows: map[int][]bool{}, width: map[int]int{}}
	}
	if !shown || len(m.drawn) == 0 {
		return false
	}
	part := false
	for _, d := range m.drawn {
		seen := m.read.rows[d.text]
		if len(seen) != d.total || m.read.width[d.text] != d.width {
			if m.read.done(d.text) { // read before, at another width
				seen = slices.Repeat([]bool{true}, d.total)
			} else {
				seen = make([]bool, d.total)
			}
		}
		for i := d.from; i < d.to; i++ {
			seen[i] = true
		}
		m.read.rows[d.text], m.read.width[d.text] = seen, d.width
		part = part || d.from > 0 || d.to < d.total
	}
	vs := texts(s)
	for i := range vs {
		if !m.read.done(i) {
			return false
		}
	}
	if part && !m.zoomed {
		return false
	}
	m.letter = letter{s.Template, s.Next, vs}
	return true
}

// done says that all rows of a text were read.
func (r reading) done(text int) bool {
	return len(r.rows[text]) > 0 && !slices.Contains(r.rows[text], false)
}

// Unread says how much is still to be read of what is shown, in words; "" when
// it is all read.
func (m *mail) Unread(s cockpit.SayView) string {
	for i := range texts(s) {
		switch {
		case m.read.done(i):
		case i == m.textAt(s):
			return "Read it to its end: " + m.howRead()
		default:
			return "It goes to other channels with another text: l shows it, then P posts."
		}
	}
	return ""
}

// howRead says how to come to the end of a text that is longer than its room.
func (m *mail) howRead() string {
	if m.zoomed {
		return "j or Ctrl+d goes on, then P posts it."
	}
	return "Enter opens it, j goes on, then P posts it."
}
