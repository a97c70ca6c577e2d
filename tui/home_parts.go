package tui

import (
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/words"
)

// ready is the part "If it broke now".
func ready(v cockpit.View, now time.Time, w, items int) []line {
	list := words.Readiness(v, now)
	if len(list) == 0 || items == 0 {
		return nil
	}
	rows := []line{in(title, " If it broke now")}
	for i, it := range list {
		if i == items {
			return append(rows, andMore(len(list)-items))
		}
		head := line{{text, " ("}, mark(it.Mark, it.Level), {text, ") " + it.Name + "  "}}
		right := tx("  " + it.At + " ")
		if w < 76 {
			right = tx(" ")
		}
		if width(it.Text) <= w-head.width()-right.width() {
			rows = append(rows, sides(head.add(roleOf(it.Level), it.Text), right, w))
			continue
		}
		rows = append(rows, sides(head, right, w))
		if it.Mark == words.Good && items < 4 {
			continue // what is well is told where there is room
		}
		for _, s := range wrap(it.Text, w-6) { // rows of its own
			rows = append(rows, line{{text, "     "}, {roleOf(it.Level), s}})
		}
	}
	return rows
}

// reviews is the part "Drills and reviews".
func reviews(v cockpit.View, now time.Time, w, items int) []line {
	return table("Drills and reviews", words.Reviews(v, now), w, items)
}

// incidents is the part "Incidents": others of the journal.
func incidents(v cockpit.View, now time.Time, w, items int) []line {
	return table("Incidents", words.Others(v, now), w, items)
}

// table is lines in columns: as many columns as have room.
func table(name string, list []words.Item, w, items int) []line {
	if len(list) == 0 || items == 0 {
		return nil
	}
	rows := []line{in(title, " "+name)}
	cols := []int{0}
	for _, it := range list {
		cols[0] = max(cols[0], width(it.Name))
		for i, c := range it.Cells {
			if len(cols) < i+2 {
				cols = append(cols, 0)
			}
			cols[i+1] = max(cols[i+1], width(c))
		}
	}
	for i, it := range list {
		if i == items {
			return append(rows, andMore(len(list)-items))
		}
		l := line{{text, " "}, mark(it.Mark, it.Level), {text, " " + pad(it.Name, min(cols[0], max(w/2, 20)))}}
		for j, c := range it.Cells {
			if l.width()+2+cols[j+1] >= w {
				break
			}
			r := text
			if it.Level > words.Calm && j == lit(it) {
				r = roleOf(it.Level)
			}
			l = l.add(text, "  ").add(r, c).add(text, pad("", cols[j+1]-width(c)))
		}
		if left := w - l.width() - 3; it.Text != "" && left >= 16 {
			l = l.add(text, "  "+cutTo(it.Text, left))
		}
		rows = append(rows, l)
	}
	return rows
}

// lit is the cell that says what wants a look: the one with the state.
func lit(it words.Item) int {
	if it.Text == "" {
		return 0
	}
	return len(it.Cells) - 1
}

func andMore(n int) line { return tx("   and " + words.Num(int64(n)) + " more; Enter shows all of it") }
