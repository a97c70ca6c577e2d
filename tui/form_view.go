package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// labelWidth is how far the fields of the form stand in.
const labelWidth = 18

// View is the form in w cells, in h rows: shorter where there is no room.
func (f form) View(v cockpit.View, now time.Time, w, h int) []line {
	var rows []line
	for tight := range 4 {
		if rows = f.rows(v, now, w, tight); len(rows) <= h {
			break
		}
	}
	from := 0
	for i, l := range rows {
		for _, s := range l {
			if strings.HasPrefix(s.s, "▶") {
				from = i
			}
		}
	}
	return screenful(rows, w, h, window(len(rows), h, from, from+4))
}

// rows are the form: tight 0 with room, 1 without gaps and questions, 2 with
// several fields in a row, 3 with all severities in one.
func (f form) rows(v cockpit.View, now time.Time, w, tight int) []line {
	var rows []line
	gap := func() {
		if tight == 0 {
			rows = append(rows, nil)
		}
	}
	rows = append(rows, f.source(v, w))
	gap()
	var cells []cell // waiting to share a row
	flush := func() { rows, cells = append(rows, packed(cells, w, tight)...), nil }
	for i, x := range f.fields {
		switch {
		case x.options != nil:
			flush()
			rows = append(rows, f.options(x, i == f.at, tight)...)
		case x.param || strings.HasPrefix(x.key, "role:"):
			if x.key == "role:ops" {
				flush()
				cells = append(cells, cell{whole: tx(pad(" Commander", labelWidth) + safe.Short(v.Person, 20) + " (you)")})
			}
			cells = append(cells, cell{f.typed(x, i == f.at, w, tight, pad(x.label, labelWidth-2)), f.typed(x, i == f.at, w, tight, x.label)})
		default:
			flush()
			rows = append(rows, f.typed(x, i == f.at, w, tight, pad(x.label, labelWidth-2)))
		}
		if i == f.at && x.options == nil {
			flush()
			rows = append(rows, f.help(x, w)...)
		}
	}
	flush()
	if !f.onset.IsZero() {
		rows = append(rows, tx(pad(" Started at", labelWidth)+words.HMS(f.onset, now)+", first sensed; the recovery clocks count from here"))
	}
	gap()
	if s := f.waits(v, now); s != "" && f.alone && tight < 3 {
		rows = append(rows, wrapped(s, text, w)...)
		gap()
	}
	if tight == 0 {
		rows = append(rows, tx(" Declaring does this at once:"), tx("  - opens the record and starts the clocks"+f.clocks()),
			tx("  - looks at the hosts it names more often"), tx("  - runs nothing and posts nothing: x and P do, each by itself"))
		return rows
	}
	return append(rows, wrapped("Declaring opens the record and starts the clocks. It runs nothing and posts nothing.", text, w)...)
}

// source says where the fields have what they say from, and what is seen now
// where that is another thing: the form stays as it is until somebody says so.
func (f form) source(v cockpit.View, w int) line {
	if o, ok := f.newer(v); ok {
		front, key := " Seen now: ", "n fills it in anew."
		if f.kind != "" && o.Severity < f.offer.Severity {
			front = " Worse now: "
		}
		what := words.Sentence(cutTo(safe.Line(o.Title), max(w-width(front)-width(key)-3, 8)))
		return line{{text, front}, {title, what}, {text, " "}, {todo, key}}
	}
	switch {
	case f.offer.Runbook != "":
		return tx(" Filled in from what is seen. Change it or take it.")
	case f.value("runbook") == "":
		return line{{text, " No runbook is offered. "}, {todo, "Name the one to fly and what is wrong."}}
	}
	return tx(" Change it or take it.")
}

// waits says whether what is offered can wait.
func (f form) waits(v cockpit.View, now time.Time) string {
	if k, ok := v.Snap.Key(f.value("key")); ok && v.Offer != nil {
		return words.WhyKey(v, k, now).Waits
	}
	return ""
}

// clocks names the clocks of the runbook.
func (f form) clocks() string {
	b, ok := f.known.book(strings.TrimSpace(f.value("runbook")))
	if !ok || len(b.Clocks) == 0 {
		return ""
	}
	var names []string
	for _, c := range b.Clocks {
		names = append(names, safe.Short(c.Component, 24))
	}
	return ": " + strings.Join(names, ", ")
}

// cell is a field that may share its row: alone, and behind another.
type cell struct{ whole, short line }

// packed puts fields into as few rows as they fit, where there is little room.
func packed(cells []cell, w, tight int) []line {
	var rows []line
	for _, c := range cells {
		if n := len(rows); tight >= 2 && n > 0 && rows[n-1].width()+c.short.width()+2 <= w {
			rows[n-1] = append(rows[n-1].add(text, "  "), c.short...)
			continue
		}
		rows = append(rows, c.whole)
	}
	return rows
}

// options are a choice with one row for each option; where there is very little
// room all in one, with what is chosen below.
func (f form) options(x field, here bool, tight int) []line {
	front, r := " ", text
	if here {
		front, r = "▶", selected
	}
	label := tx(front + pad(x.label, labelWidth-2) + " ")
	own := ""
	if b, ok := f.known.book(strings.TrimSpace(f.value("runbook"))); ok {
		own = strings.ToLower(b.Severity)
	}
	var rows []line
	chosen := ""
	for j, o := range x.options {
		box, rr := "( )", text
		if o == x.value {
			box, rr = "(•)", r
		}
		if j > 0 {
			label = tx(pad("", labelWidth))
		}
		note := "  " + x.notes[j]
		if o == own {
			note += " (the runbook's own)"
		}
		if tight == 3 {
			if j > 0 {
				label = append(rows[0], span{text, "  "})
			}
			rows = []line{append(label, span{rr, box + " " + words.Severity(o)})}
			if o == x.value {
				chosen = strings.TrimSpace(note)
			}
			continue
		}
		rows = append(rows, append(label, span{rr, box + " " + words.Severity(o)}, span{text, note}))
	}
	if tight == 3 {
		return append(rows, tx(pad("", labelWidth)+chosen+". Unsure? The higher."))
	}
	return append(rows, tx(pad("", labelWidth)+"Unsure? Take the higher. It can be lowered later."))
}

// typed is a field that is typed, and what is known of it where there is room.
func (f form) typed(x field, here bool, w, tight int, name string) line {
	front, least := " ", 24
	if here {
		front = "▶"
	}
	if x.param || tight >= 2 && x.key != "title" {
		least = 12
	}
	label := front + name + " "
	room := max(w-width(label)-3, 1)
	val := fit(tx(clean(x.value)), min(max(width(x.value), least), room))
	if here {
		val = edit{x.value, f.pos}.draw(min(max(width(x.value)+1, least), room), selected)
	}
	l := append(append(line{{text, label}, {text, "["}}, val...), span{text, "]"})
	note := safe.Short(x.ask.Prompt, 80)
	if here {
		note = "" // it stands below
	}
	if s := f.wrong(x); s != "" && !here {
		return fit(l.add(caut, "  ! "+s), w)
	}
	if x.key == "runbook" {
		if note = f.known.title(strings.TrimSpace(x.value)); note == "" && len(f.known.books) > 0 && x.value != "" {
			return l.add(caut, "  ! not shipped")
		}
	}
	if left := w - l.width() - 3; tight < 2 && note != "" && left >= 16 {
		l = l.add(text, "  "+cutTo(note, left))
	}
	return l
}

// wrong says what is wrong with what a parameter's field holds; "" when it fits,
// or nothing is typed yet.
func (f form) wrong(x field) string {
	if !x.param || x.value == "" || x.ask.Type == "" {
		return ""
	}
	if why, do := checklists.Fits(x.ask, strings.TrimSpace(x.value)); why != "" {
		return why + ": " + safe.Short(do, 60)
	}
	named := x.ask.Type == "key" || x.ask.Type == "host" || x.ask.Type == "node"
	if list := f.known.choices(checklists.Param{Type: x.ask.Type}, f.value); named && len(list) > 0 && !slices.Contains(list, strings.TrimSpace(x.value)) {
		return "no " + x.ask.Type + " of that name: → turns"
	}
	return ""
}

// help is what the field with the cursor could hold, the nearest first, and how
// to take it.
func (f form) help(x field, w int) []line {
	list := f.offers()
	var rows []line
	if q := safe.Short(x.ask.Prompt, 200); q != "" {
		for _, s := range wrapMax(q, w-labelWidth-1, 2) {
			rows = append(rows, line{{text, pad("", labelWidth)}, {todo, s}})
		}
	}
	if len(list) == 0 {
		return rows
	}
	how := "Tab takes "
	if x.value == "" || f.Turns() && slices.Contains(list, x.value) {
		how = "→ turns: "
	}
	l := tx(pad("", labelWidth) + how)
	for i, o := range list {
		t := safe.Short(o, 40)
		if i > 0 {
			t = "  " + t
		}
		if l.width()+width(t)+3 > w {
			l = l.add(text, " …")
			break
		}
		r := text
		if i == 0 && how == "Tab takes " || o == x.value {
			r = title
		}
		l = l.add(r, t)
	}
	return append(rows, l)
}
