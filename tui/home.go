package tui

import (
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// home is what stands in the checklist's place while no incident is open.
func home(v cockpit.View, now time.Time, w int) []line {
	var rows []line
	add := func(s string, r role) {
		for _, l := range wrap(s, w-2) {
			rows = append(rows, line{{text, " "}, {r, l}})
		}
	}
	if v.State.ID != "" {
		rows = append(rows, ended(v, now, w)...)
	}
	heads := words.Headlines(v, now)
	if len(heads) == 0 {
		up := 0
		for _, n := range v.Snap.Nodes {
			if n.State == nodes.Up {
				up++
			}
		}
		if len(v.Snap.Nodes) == 0 {
			add("Looking for the first time.", title)
		} else {
			add("Everything watched is normal. "+words.Num(int64(up))+" of "+words.Num(int64(len(v.Snap.Nodes)))+" nodes answer.", title)
		}
	} else {
		rows = append(rows, alerts(v, now, w)...)
	}
	rows = append(rows, nil)
	if o := v.Offer; o != nil {
		add("Declare it? Every field is filled in from what is seen.", title)
		for _, f := range [][2]string{{"What", safe.Line(o.Title)}, {"Severity", words.Severity(o.Severity)}, {"Runbook", safe.Line(o.Runbook)}} {
			rows = append(rows, labelled(f[0], f[1], text, w, 2)...)
		}
		for _, k := range words.Sorted(o.Params) {
			rows = append(rows, labelled("", safe.Short(k, 20)+" = "+safe.Short(o.Params[k], 60), text, w, 2)...)
		}
		add("D opens the form, D again declares. That starts the clocks; it runs nothing and posts nothing.", todo)
		rows = append(rows, nil)
	} else if v.State.ID == "" {
		if v.Drill {
			add("This is a drill. Nothing real is touched. Something will go wrong: the row above says what, and D declares it.", text)
		} else {
			add("When something is wrong the row above says so, and D declares it.", text)
		}
		rows = append(rows, nil)
	}
	for _, k := range v.Snap.Keys {
		m, s, level := words.Key(v, k, now)
		rows = append(rows, line{{text, " ("}, mark(m, level), {text, ") "}, {roleOf(level), s}})
	}
	return rows
}

// alerts are all that is wrong, in full, with what to know by heart.
func alerts(v cockpit.View, now time.Time, w int) []line {
	var rows []line
	for n, h := range words.Headlines(v, now) {
		if n == 1 {
			rows = append(rows, memory(v, w)...)
		}
		r := roleOf(h.Level)
		for i, s := range wrap(h.Text, w-14) {
			if i == 0 {
				rows = append(rows, line{{text, " "}, {r, h.Mark + " " + pad(h.Word, 9)}, {text, " " + s}})
			} else {
				rows = append(rows, tx("             "+s))
			}
		}
	}
	if len(words.Headlines(v, now)) == 1 {
		rows = append(rows, memory(v, w)...)
	}
	return rows
}

// memory are the lines of the alerts to be known by heart, until quieted.
func memory(v cockpit.View, w int) []line {
	var rows []line
	for _, a := range v.Alerts {
		if a.Quiet || len(a.Memory) == 0 {
			continue
		}
		rows = append(rows, in(title, " MEMORY ITEMS, read aloud"))
		for i, m := range a.Memory {
			for j, s := range wrap(safe.Line(m), w-5) {
				front := "   "
				if j == 0 {
					front = " " + words.Num(int64(i+1)) + " "
				}
				rows = append(rows, tx(front+s))
			}
		}
		break // three lines, no more: those of the worst
	}
	return rows
}

// ended is an incident that is over, in a few rows.
func ended(v cockpit.View, now time.Time, w int) []line {
	s := v.State
	how, at := "CLOSED", s.Closed
	if !s.Aborted.IsZero() {
		how, at = "ABORTED", s.Aborted
	}
	rows := []line{{{text, " "}, {title, how + " at " + words.HMS(at, now) + ": " + safe.Line(s.ID)}}}
	for _, c := range words.Clocks(v, now) {
		rows = append(rows, line{{text, "   "}, mark(c.Mark, c.Level), {text, " " + c.Text}})
	}
	rows = append(rows, tx("   "+words.Count(s.DoubleSigns, "double sign")+", "+words.Count(s.Refusals, "refusal")))
	for _, l := range wrap("The record: "+safe.Line(v.Record), w-4) {
		rows = append(rows, tx("   "+l))
	}
	rows = append(rows, line{{text, "   "}, {todo, ":q leaves"}}, nil)
	return rows
}
