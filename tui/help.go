package tui

import "strings"

// helpOf is what a key does now, where its help says more than that.
func (m *model) helpOf(b binding) string {
	_, runs := m.running()
	switch {
	case b.show == "Esc" && !m.view.State.Open():
		return "back"
	case b.show == "Ctrl+C" && !runs:
		return "nothing runs that it could stop; it never leaves"
	}
	return b.help
}

// helpRows are all keys and commands that work now.
func (m *model) helpRows(w int) []line {
	over := m.over
	m.over = overNone // help is about what lies below it
	list := m.bindings()
	m.over = over
	rows := []line{in(title, " Keys")}
	for _, b := range list {
		if !b.works() || b.help == "" {
			continue
		}
		for i, s := range wrap(m.helpOf(b), w-14) {
			head := pad("", 12)
			if i == 0 {
				head = pad(b.show, 12)
			}
			rows = append(rows, line{{text, " "}, {title, head}, {text, s}})
		}
	}
	rows = append(rows, nil, in(title, " Commands"))
	for _, c := range m.commands() {
		if c.when != nil && !c.when() {
			continue
		}
		for i, s := range wrap(c.help, w-36) {
			head := pad("", 32)
			if i == 0 {
				head = pad(":"+strings.TrimSpace(c.name+" "+c.args), 32)
			}
			rows = append(rows, line{{text, " "}, {title, head}, {text, s}})
		}
	}
	rows = append(rows, nil, in(title, " Signs"))
	for _, s := range []string{
		"[ ] a person's word   ( ) sensed: it ticks itself, nobody can tick it",
		"✓ good   ~ going on   ! look   ✗ bad   ? not known: it may or may not be   – left out",
		"Looking is free. What acts is armed and fires on a typed word; pasted text never confirms.",
	} {
		for _, r := range wrap(s, w-2) {
			rows = append(rows, tx(" "+r))
		}
	}
	return rows
}
