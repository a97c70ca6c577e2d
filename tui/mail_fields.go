package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// fieldOf is the field under the cursor: the one gone to, else the first empty
// one.
func (m *mail) fieldOf(s cockpit.SayView) (cockpit.FieldView, bool) {
	fields := words.Fillable(s)
	if i := slices.IndexFunc(fields, func(f cockpit.FieldView) bool { return f.Name == m.field }); i >= 0 {
		return fields[i], true
	}
	if words.Wanted(s) > 0 {
		return fields[0], true
	}
	return cockpit.FieldView{}, false
}

// NextField goes to the next field, and says false behind the last. Over the
// whole body it goes round all fields, else through those alone that stand in the
// way of posting.
func (m *mail) NextField(n int) bool {
	s, ok := m.Selected()
	if !ok || m.after(s) {
		return false
	}
	fields := words.Fillable(s)
	if !m.zoomed {
		fields = fields[:words.Wanted(s)]
	}
	if len(fields) == 0 {
		return false
	}
	f, on := m.fieldOf(s)
	at := slices.IndexFunc(fields, func(o cockpit.FieldView) bool { return on && o.Name == f.Name }) + n
	if !on && n < 0 {
		at = len(fields) - 1
	}
	m.pick = 0
	if m.zoomed {
		m.field = fields[(at+len(fields))%len(fields)].Name
		return true
	}
	if at < 0 || at >= len(fields) {
		m.field = ""
		return false
	}
	m.field = fields[at].Name
	return true
}

// Gaps says how many fields Tab goes through.
func (m *mail) Gaps() int {
	s, ok := m.Selected()
	switch {
	case !ok || m.after(s):
		return 0
	case m.zoomed:
		return len(words.Fillable(s))
	}
	return words.Wanted(s)
}

// fieldRows are the fields to fill, with the values that the one under the
// cursor may take when there is room for them. A complete message shows them
// over the whole body only.
func (m *mail) fieldRows(s cockpit.SayView, w int, values bool) []line {
	fields := words.Fillable(s)
	if !m.zoomed {
		fields = fields[:words.Wanted(s)]
	}
	if m.split {
		fields = nil
	}
	here, on := m.fieldOf(s)
	var rows []line
	for _, f := range fields {
		at := on && f.Name == here.Name
		rows = append(rows, m.fieldRow(s, f, at, w)...)
		if at && values {
			rows = append(rows, m.valueRows(s, f, w)...)
		}
	}
	return rows
}

// fieldRow is one field: its name, its value or the gap, and where it comes from
// or which messages it fills.
func (m *mail) fieldRow(s cockpit.SayView, f cockpit.FieldView, at bool, w int) []line {
	front, r := " ", todo
	if at {
		front, r = "▶", selected
	}
	l := line{{r, front + pad(safe.Short(f.Name, 20), 12)}, {text, " "}}
	right := " " + m.fills(f) + " "
	room := max(w-l.width()-width(right), 6)
	values := words.Choices(m.v, s, f.Name, m.now)
	switch {
	case at && m.pick > 0 && m.pick <= len(values):
		return []line{sides(l.add(todo, "["+cutTo(clean(values[m.pick-1].Value), room-2)+"]"), tx(right), w)}
	case f.Value == "":
		return []line{sides(l.add(todo, "["+strings.Repeat("_", min(room-2, 24))+"]"), tx(right), w)}
	}
	var rows []line
	for i, t := range wrapMax(strings.ReplaceAll(safe.Clean(f.Value), "\n", " / "), room, 5) {
		if i == 0 {
			rows = append(rows, sides(l.add(text, t), tx(right), w))
		} else {
			rows = append(rows, tx(pad("", l.width())+t))
		}
	}
	return rows
}

// fills says how far a field reaches, or where its value comes from.
func (m *mail) fills(f cockpit.FieldView) string {
	n := len(words.Fills(m.v, f.Name))
	switch {
	case f.Value != "":
		return safe.Short(f.From, 24)
	case f.Optional:
		return "may stay empty"
	case f.Key != f.Name:
		return "this update"
	case n > 1:
		return "fills " + words.Count(n, "message")
	}
	return ""
}

// valueRows are the values that a field may take: a digit marks one.
func (m *mail) valueRows(s cockpit.SayView, f cockpit.FieldView, w int) []line {
	var rows []line
	for i, c := range words.Choices(m.v, s, f.Name, m.now) {
		front, r := "  ", text
		if m.pick == i+1 {
			front, r = "▶ ", selected
		}
		t := c.Value
		if c.Why != "" {
			t += "  (" + c.Why + ")"
		}
		for j, l := range wrap(t, max(w-7, 8)) {
			if j == 0 {
				rows = append(rows, line{{r, " " + front + strconv.Itoa(i+1) + "  " + l}})
			} else {
				rows = append(rows, line{{r, "      " + l}})
			}
		}
	}
	return rows
}

// factRows are the fields that are filled from what is known, with their source.
func (m *mail) factRows(s cockpit.SayView, w int) []line {
	people := words.Fillable(s)
	var rows []line
	for _, f := range words.Fields(s) {
		if f.Value == "" || slices.ContainsFunc(people, func(o cockpit.FieldView) bool { return o.Name == f.Name }) {
			continue
		}
		from := safe.Short(f.From, 20)
		for i, l := range wrap(strings.ReplaceAll(f.Value, "\n", " / "), max(w-16-len(from), 10)) {
			if i == 0 {
				rows = append(rows, sides(tx(" "+pad(safe.Short(f.Name, 12), 12)+" "+l), tx(from+" "), w))
			} else {
				rows = append(rows, tx(pad("", 14)+l))
			}
		}
	}
	return rows
}

// takeValue fills the field with the value marked.
func (m *model) takeValue() tea.Cmd {
	s, _ := m.mail.Selected()
	f, ok := m.mail.fieldOf(s)
	values := words.Choices(m.view, s, f.Name, m.now)
	if !ok || m.mail.pick < 1 || m.mail.pick > len(values) {
		return nil
	}
	v := values[m.mail.pick-1].Value
	m.mail.pick, m.mail.field = 0, ""
	return m.fillIn(f.Key, f.Name, v)
}

// fill asks for the first empty field of the message shown, or for the one under
// the cursor.
func (m *model) fill() {
	s, ok := m.mail.Selected()
	if !ok {
		return
	}
	f, on := m.mail.fieldOf(s)
	if !on {
		fields := words.Fillable(s)
		if len(fields) == 0 {
			m.tell(words.Calm, "There is nothing to fill in this message.")
			return
		}
		f = fields[0]
	}
	m.focus = paneMail
	m.mail.face(sideNext)
	m.mail.field = f.Name
	m.typeIn(words.Gap(f.Name), f.Value, func(value string) tea.Cmd {
		m.mail.field = ""
		if value == f.Value {
			return nil
		}
		return m.fillIn(f.Key, f.Name, value)
	})
}

// fillIn gives a field its value; an empty one takes back what was typed.
func (m *model) fillIn(key, name, value string) tea.Cmd {
	then := "Filled in " + words.Gap(name) + ". Read the text again."
	if value == "" {
		then = "Emptied " + words.Gap(name) + ": it is filled from what is known, if anything is."
	}
	return m.give("fill "+safe.Short(name, 40), then, []string{key}, value)
}

// fillable says that e has something to ask for.
func (m *model) fillable() bool {
	s, ok := m.mail.Selected()
	return ok && !s.Over() && len(words.Fillable(s)) > 0 && (m.focus == paneMail || words.Wanted(s) > 0)
}

// noChange puts "no change" into the next update of the message shown.
func (m *model) noChange(time.Time) tea.Cmd {
	s, _ := m.mail.Selected()
	value, fields := words.NoChange(s, m.now)
	if len(fields) == 0 {
		m.tell(words.Caution, "Its text has no field that says what changed. d shows what is new in it.")
		return nil
	}
	var names, keys []string
	for _, f := range fields {
		names, keys = append(names, words.Gap(f.Name)), append(keys, f.Now)
	}
	m.mail.face(sideNext)
	m.mail.cursor = s.Template
	then := strings.Join(names, ", ") + " of " + words.Update(s) + `: "` + value + `". Read it, then P posts it.`
	return m.give("no change", then, keys, value)
}
