package tui

import (
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// diary is the pane of the record: notes, decisions, refusals, the newest last.
type diary struct {
	size
	tail
	v   cockpit.View
	now time.Time
}

func (d *diary) SetSize(s size)                        { d.size = s }
func (d *diary) SetView(v cockpit.View, now time.Time) { d.v, d.now = v, now }

// Move scrolls: up is back.
func (d *diary) Move(n int) {
	d.move(n, 0, len(d.v.State.Log), d.h, func(i int) int { return len(d.wrapped(i)) })
}

// View is the pane, exactly its size.
func (d *diary) View() []line {
	if len(d.v.State.Log) == 0 {
		return screenful([]line{tx(" Nothing is in the record yet. i writes a note.")}, d.w, d.h, 0)
	}
	rows, _, _ := d.window(0, len(d.v.State.Log), d.h, d.wrapped)
	return screenful(rows, d.w, d.h, 0)
}

// wrapped are the rows of one entry.
func (d *diary) wrapped(i int) []line {
	e := d.v.State.Log[i]
	head := " " + words.HMS(e.At, d.now) + " " + pad(safe.Short(e.By, 10), 6) + " " + pad(safe.Short(e.Kind, 10), 8) + " "
	r := text
	if e.Pinned {
		r = title
	}
	if e.Todo {
		r = todo
	}
	var rows []line
	for k, s := range wrap(safe.Line(e.Text), max(d.w-width(head)-1, 8)) {
		if k > 0 {
			head = pad("", width(head))
		}
		rows = append(rows, line{{text, head}, {r, s}})
	}
	return rows
}

// Texts are the entries of the record.
func (d *diary) Texts() []string {
	out := make([]string, len(d.v.State.Log))
	for i, e := range d.v.State.Log {
		out[i] = e.By + " " + e.Kind + " " + e.Text
	}
	return out
}

// At is the first entry shown.
func (d *diary) At() int {
	_, top, _ := d.window(0, len(d.v.State.Log), d.h, d.wrapped)
	return max(top, 0)
}

// Show makes that entry the first, as far as there are entries below it.
func (d *diary) Show(i int) {
	if i < len(d.v.State.Log) {
		d.show(i, 0, len(d.v.State.Log), d.h, func(i int) int { return len(d.wrapped(i)) })
	}
}
