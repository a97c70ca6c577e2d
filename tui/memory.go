package tui

import (
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// Memory items are what must be known by heart while there is no time to read:
// at most three lines, of the newest alert until it is quieted, then of the worst.
// They stand directly above the prompt
// in every layout, whatever pane or dialog is shown, from the first frame of
// their condition until it ends: who quiets its bell has not learnt them by that.
// Nothing above them changes its place but the end of the body.

// maxMemory is how many lines to know by heart an alert may have.
const maxMemory = 3

// memoryOf are the lines of the newest alert that has some and that nobody has
// quieted; else of the worst.
func memoryOf(v cockpit.View) []string {
	var pick cockpit.Alert
	for _, a := range v.Alerts {
		if len(a.Memory) > 0 && (len(pick.Memory) == 0 || !a.Quiet && (pick.Quiet || a.Since.After(pick.Since))) {
			pick = a
		}
	}
	out := make([]string, 0, maxMemory)
	for _, s := range pick.Memory[:min(len(pick.Memory), maxMemory)] {
		out = append(out, safe.Line(s))
	}
	return out
}

// memoryLines are those lines in w cells: one row each where they fit, else
// one text.
func (m *model) memoryLines(w int) []line {
	items := memoryOf(m.view)
	if len(items) == 0 {
		return nil
	}
	const head = " MEMORY  "
	room := max(1, min(m.h/6, 5))
	each := make([]line, 0, len(items))
	for i, s := range items {
		items[i] = words.Num(int64(i+1)) + " " + s
		front := line{{text, pad("", len(head))}}
		if i == 0 {
			front = line{{title, head}}
		}
		each = append(each, front.add(text, items[i]))
	}
	long := 0
	for _, s := range items {
		long = max(long, width(s))
	}
	if len(items) <= room && len(head)+long < w {
		return each
	}
	// No rule is cut in its middle: half of one may say the opposite.
	for len(items) > 1 && len(wrap(strings.Join(items, "  "), w-len(head)-1)) > room {
		items = items[:len(items)-1]
	}
	if len(items) == 1 {
		room = max(room, len(wrap(items[0], w-len(head)-1)))
	}
	var rows []line
	for i, s := range wrapMax(strings.Join(items, "  "), w-len(head)-1, room) {
		front := line{{text, pad("", len(head))}}
		if i == 0 {
			front = line{{title, head}}
		}
		rows = append(rows, front.add(text, s))
	}
	return rows
}
