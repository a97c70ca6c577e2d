package tui

import (
	"slices"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// home is what stands in the checklist's place while no incident is open: a
// dark cockpit. While all is well nothing lights up: one counted line, and how
// old the oldest answer is, prove that the watch lives. A part with nothing to
// say takes no row, and long ones get shorter until all fits into h rows.
func home(v cockpit.View, s summary, now time.Time, w, h int) []line {
	var rows []line
	for _, fit := range []struct {
		items int
		gaps  bool
	}{{99, true}, {4, true}, {4, false}, {3, true}, {3, false}, {2, true}, {2, false}, {1, true}, {1, false}, {0, true}, {0, false}} {
		rows = nil
		for _, part := range homeParts(v, s, now, w, fit.items) {
			if len(part) == 0 {
				continue
			}
			if len(rows) > 0 && fit.gaps {
				rows = append(rows, nil)
			}
			rows = append(rows, part...)
		}
		if len(rows) <= h {
			break
		}
	}
	return rows
}

// homeParts are the parts of home, the most pressing first, each with at most
// so many items.
func homeParts(v cockpit.View, s summary, now time.Time, w, items int) [][]line {
	watch := append(alerts(v, now, w), watched(s, now, w, max(items, 2))...)
	other := incidents(v, now, w, items)
	parts := [][]line{ended(v, now, w), watch, offered(v, w), drillSays(v, w), ready(v, now, w, items), reviews(v, now, w, items)}
	if len(v.Others) > 0 && v.Others[0].Open { // somebody may be waiting there
		return slices.Insert(parts, 2, other)
	}
	return append(parts, other)
}

// watched is the counted line, and below it what is wrong.
func watched(seen summary, now time.Time, w, items int) []line {
	c := seen.Watch
	age := tx(" oldest answer " + words.Age(c.Oldest, now) + " ")
	if c.Oldest.IsZero() || width(c.Text())+age.width()+1 > w {
		age = tx(" ") // the rows that never move say it
	}
	r := title
	if !c.Fine() {
		r = text
	}
	var rows []line
	for i, s := range wrap(c.Text(), w-2-age.width()) {
		if i == 0 {
			rows = append(rows, sides(line{{text, " "}, {r, s}}, age, w))
			continue
		}
		rows = append(rows, line{{text, " "}, {r, s}})
	}
	more := 0
	for _, x := range seen.wrong {
		if more++; more <= items {
			for i, s := range wrap(x.text, w-4) {
				front := line{{text, " "}, mark(x.mark, x.level), {text, " "}}
				if i > 0 {
					front = tx("   ")
				}
				rows = append(rows, front.add(roleOf(x.level), s))
			}
		}
	}
	if more -= items; more > 0 {
		rows = append(rows, tx("   and "+words.Num(int64(more))+" more; 2 shows all of them"))
	}
	return rows
}

// summary is what all that is watched comes to. It is made once for each View,
// not for each frame: a fleet may have a thousand nodes.
type summary struct {
	words.Watch
	wrong []sight // what is not as it should be
}

func summed(v cockpit.View, now time.Time) summary {
	var f fleet
	f.v, f.now, f.plain = v, now, true
	f.look()
	out := summary{Watch: words.Watched(v)}
	grouped := map[string]int{} // what is unknown for one reason is one line
	for _, p := range f.all {
		s := f.seen[p]
		if s.level == words.Calm || p.kind() == "alert" {
			continue
		}
		if i, ok := grouped[s.group]; ok && s.group != "" {
			out.wrong[i].at++
			out.wrong[i].text = words.Num(int64(out.wrong[i].at)) + " " + s.group
			continue
		}
		if s.group != "" {
			grouped[s.group], s.at = len(out.wrong), 1
		}
		name := safe.Short(s.name, 24) + " "
		switch p.kind() {
		case "key":
			name = "key "
		case "host", "endpoint", "database":
			name = p.kind() + " " + name
		}
		s.text = name + s.text
		out.wrong = append(out.wrong, s)
	}
	return out
}

// offered is what would be declared.
func offered(v cockpit.View, w int) []line {
	o := v.Offer
	if o == nil {
		return nil
	}
	rows := []line{in(title, " Declare it? Every field is filled in from what is seen.")}
	for _, f := range [][2]string{{"What", safe.Line(o.Title)}, {"Severity", words.Severity(o.Severity)}, {"Runbook", safe.Line(o.Runbook)}} {
		rows = append(rows, labelled(f[0], f[1], text, w, 2)...)
	}
	with := ""
	for _, k := range words.Sorted(o.Params) {
		if with != "" {
			with += ", "
		}
		with += safe.Short(k, 20) + " " + safe.Short(o.Params[k], 60)
	}
	if with != "" {
		rows = append(rows, labelled("With", with, text, w, 3)...)
	}
	return append(rows, wrapped("D opens the form, D again declares. That starts the clocks; it runs nothing and posts nothing.", todo, w)...)
}

// drillSays says that this is a drill.
func drillSays(v cockpit.View, w int) []line {
	switch {
	case v.State.ID != "":
		return nil
	case v.Drill:
		return wrapped("This is a drill: nothing real is touched. What goes wrong is said at the top.", text, w)
	case v.Offer != nil:
		return nil
	}
	return wrapped("When something is wrong it is said at the top. D declares it.", text, w)
}

func wrapped(s string, r role, w int) []line {
	var rows []line
	for _, l := range wrap(s, w-2) {
		rows = append(rows, line{{text, " "}, {r, l}})
	}
	return rows
}

// alerts are all that wants the eye, in full.
func alerts(v cockpit.View, now time.Time, w int) []line {
	var rows []line
	for _, h := range words.Headlines(v, now) {
		r := roleOf(h.Level)
		for i, s := range wrap(h.Text, w-14) {
			if i == 0 {
				rows = append(rows, line{{text, " "}, {r, h.Mark + " " + pad(h.Word, 9)}, {text, " " + s}})
			} else {
				rows = append(rows, tx("             "+s))
			}
		}
	}
	return rows
}

// ended is an incident that is over, in a few rows.
func ended(v cockpit.View, now time.Time, w int) []line {
	s := v.State
	if s.ID == "" {
		return nil
	}
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
	return append(rows, line{{text, "   "}, {todo, ":q leaves"}})
}

// withLoose is home with what to know where nothing keeps the session, if there
// is room for it.
func (c *checklist) withLoose(rows []line) []line {
	said := wrap(words.Loose(c.v.Drill), c.w-2)
	if !c.loose || len(rows)+1+len(said) > c.h {
		return rows
	}
	rows = append(rows, nil)
	for _, s := range said {
		rows = append(rows, tx(" "+s))
	}
	return rows
}

// looseRow says the same in the row of alerts, while there is none.
func (m *model) looseRow() (line, bool) {
	if !m.o.Loose || words.Worst(m.view, m.now).Level != words.Calm {
		return nil, false
	}
	r := roleOf(words.Caution)
	return line{{text, " "}, {r, words.Look + " CAUTION"}, {text, "  "}, {r, words.LooseShort}}, true
}
