package tui

import (
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// choice is the form of a choice: a mark on an option, Enter takes it.
type choice struct {
	key  string
	pick int // 0 none
}

// View is the choice with what speaks for each option.
func (c choice) View(ch cockpit.ChoiceView, cl *checklist, w, h int) []line {
	var rows []line
	from, to := 0, 0
	for i, o := range ch.Options {
		front, r := " ", title
		here := c.pick == i+1
		if here {
			front, r, from = "▶", selected, len(rows)
		}
		l := line{{r, front + safe.Short(o.Letter, 2) + "  " + words.Option(o)}}
		if o.Letter == ch.Taken {
			l = l.add(title, "  in force now")
		}
		if o.Suggested {
			l = l.add(good, "  ✓ fits what is seen")
		}
		rows = append(rows, l)
		for i, l := range markdown(o.Prose, w-6) {
			if i < 8 {
				rows = append(rows, append(tx("    "), l...))
			}
		}
		for _, rd := range o.Suggest {
			rows = append(rows, readingRow("    ", rd, w, cl)...)
		}
		rows = append(rows, nil)
		if here {
			to = len(rows)
		}
	}
	for _, s := range wrap("A letter or j k marks an option, Enter takes it. It can be changed while nothing runs.", w-2) {
		rows = append(rows, line{{text, " "}, {todo, s}})
	}
	return screenful(rows, w, h, window(len(rows), h, from, to))
}
