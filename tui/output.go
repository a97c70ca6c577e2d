package tui

import (
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// output is the pane of what the latest effect printed. It follows the end
// until it is scrolled.
type output struct {
	size
	v    cockpit.View
	now  time.Time
	back int // rows above the end; 0 follows
	made made
}

// made are the rows of some output in some width. Between two pieces of output
// come many keys, and each wants a frame.
type made struct {
	effect        string
	lines, before int
	last          cockpit.Line
	w             int
	rows          []line
}

func (o *output) SetSize(s size)                        { o.size = s }
func (o *output) SetView(v cockpit.View, now time.Time) { o.v, o.now = v, now }

// Move scrolls: up is back.
func (o *output) Move(n int) { o.back = max(0, o.back-n) }

// last is the effect shown.
func (o *output) last() (cockpit.Output, bool) {
	if len(o.v.Outputs) == 0 {
		return cockpit.Output{}, false
	}
	return o.v.Outputs[len(o.v.Outputs)-1], true
}

// Title names the step whose output is shown.
func (o *output) Title() string {
	if e, ok := o.last(); ok {
		if st, ok := o.v.Step(e.Step); ok {
			return "Output: " + words.Title(st)
		}
	}
	return "Output"
}

// Mark is what the tab says of the pane.
func (o *output) Mark() string {
	e, ok := o.last()
	if !ok {
		return ""
	}
	st, _ := o.v.Step(e.Step)
	switch st.Status {
	case incident.Running:
		return words.Going
	case incident.Failed, incident.TimedOut:
		return words.Bad
	}
	return ""
}

// View is the pane, exactly its size.
func (o *output) View() []line {
	rows, e := o.rows()
	if e.Effect == "" {
		return screenful([]line{tx(" Nothing has run yet.")}, o.w, o.h, 0)
	}
	room := max(o.h-1, 0)
	o.back = max(0, min(o.back, len(rows)-room))
	top := max(0, len(rows)-room-o.back)
	foot := "following, "
	if o.back > 0 {
		foot = words.Count(o.back, "row") + " below, G follows, "
	}
	foot += words.Count(len(e.Lines), "line")
	if e.Dropped > 0 {
		foot += ", " + words.Num(int64(e.Dropped)) + " only in the file"
	}
	return append(screenful(rows, o.w, room, top), sides(in(rule, " "+foot), in(rule, "out/"+safe.Short(e.Effect, 30)+" "), o.w))
}

// rows are all rows of the effect shown.
func (o *output) rows() ([]line, cockpit.Output) {
	e, _ := o.last()
	now := made{effect: e.Effect, lines: len(e.Lines), before: e.Dropped, w: o.w}
	if now.lines > 0 {
		now.last = e.Lines[now.lines-1]
	}
	if was := o.made; was.effect == now.effect && was.lines == now.lines && was.before == now.before && was.last == now.last && was.w == now.w {
		return was.rows, e
	}
	for _, l := range e.Lines {
		r := text
		if l.Err {
			r = title
		}
		head := " " + l.At.UTC().Format("15:04:05") + " " + pad(safe.Short(l.Host, 14), 9) + " "
		for i, s := range wrap(l.Text, max(o.w-width(head)-1, 8)) {
			if i > 0 {
				head = pad("", width(head))
			}
			now.rows = append(now.rows, line{{text, head}, {r, s}})
		}
	}
	o.made = now
	return now.rows, e
}

// diary is the pane of the record: notes, decisions, refusals, the newest last.
type diary struct {
	size
	v    cockpit.View
	now  time.Time
	back int
}

func (d *diary) SetSize(s size)                        { d.size = s }
func (d *diary) SetView(v cockpit.View, now time.Time) { d.v, d.now = v, now }

// Move scrolls: up is back.
func (d *diary) Move(n int) { d.back = max(0, d.back-n) }

// View is the pane, exactly its size.
func (d *diary) View() []line {
	rows := d.rows()
	d.back = max(0, min(d.back, len(rows)-d.h))
	return screenful(rows, d.w, d.h, max(0, len(rows)-d.h-d.back))
}

// rows are all rows of the record.
func (d *diary) rows() []line {
	var rows []line
	for _, e := range d.v.State.Log {
		head := " " + words.HMS(e.At, d.now) + " " + pad(safe.Short(e.By, 10), 6) + " " + pad(safe.Short(e.Kind, 10), 8) + " "
		r := text
		if e.Pinned {
			r = title
		}
		if e.Todo {
			r = todo
		}
		for i, s := range wrap(safe.Line(e.Text), max(d.w-width(head)-1, 8)) {
			if i > 0 {
				head = pad("", width(head))
			}
			rows = append(rows, line{{text, head}, {r, s}})
		}
	}
	if len(rows) == 0 {
		rows = []line{tx(" Nothing is in the record yet. i writes a note.")}
	}
	return rows
}
