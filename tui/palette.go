package tui

import (
	"sort"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// palette is one field over all there is to go to or to do: type a few letters
// of it. It never acts by itself: what acts is armed, shown or asked for as it
// would be by its own key.
type palette struct {
	edit edit
	pick int
}

// entry is one thing the palette goes to or does.
type entry struct {
	kind, name, how string // how: the key or command that does it without the palette
	do              func(now time.Time) tea.Cmd
}

// Key edits the field; the mark goes back to the best match.
func (p *palette) Key(k tea.KeyPressMsg) { p.edit, p.pick = p.edit.typed(k), 0 }

// Paste puts a text into the field.
func (p *palette) Paste(s string) { p.edit, p.pick = p.edit.insert(s), 0 }

func (m *model) openPalette() {
	m.over, m.zoom, m.palette = overPalette, false, palette{}
}

func (m *model) paletteKeys() []binding {
	move := func(n int) func(time.Time) tea.Cmd {
		return look(func() { m.palette.pick = max(0, min(m.palette.pick+n, len(m.matches())-1)) })
	}
	return []binding{
		{keys: []string{"enter"}, show: "Enter", short: "goes there", help: "go to what is marked, or do it; what acts is still armed and typed", do: m.takeEntry},
		{keys: []string{"down", "ctrl+n"}, show: "↓ ↑", short: "mark", help: "mark another; also Ctrl+n, Ctrl+p", do: move(1)},
		{keys: []string{"up", "ctrl+p"}, show: "↑", do: move(-1)},
		{keys: []string{"esc"}, show: "Esc", short: "back", help: "back", do: look(func() { m.over = overNone })},
	}
}

func (m *model) takeEntry(now time.Time) tea.Cmd {
	list := m.matches()
	if m.palette.pick >= len(list) {
		m.tell(words.Caution, "Nothing is called that.")
		return nil
	}
	m.over = overNone
	m.settle(now)
	return m.entries()[list[m.palette.pick].Index].do(now)
}

// matches are the entries with the letters typed, the best first; all of them
// while nothing is typed.
func (m *model) matches() []fuzzy.Match {
	all := m.entries()
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.name
	}
	what := strings.TrimSpace(m.palette.edit.value)
	if what == "" {
		out := make([]fuzzy.Match, len(names))
		for i := range names {
			out[i] = fuzzy.Match{Str: names[i], Index: i}
		}
		return out
	}
	out := fuzzy.Find(what, names)
	sort.SliceStable(out, func(i, j int) bool { return out[i].Score > out[j].Score })
	return out
}

// entries are all there is to go to or to do now.
func (m *model) entries() []entry {
	over := m.over
	m.over = overNone // of what lies below the palette
	list := append(m.actKeys(), m.alwaysKeys()...)
	commands := m.commands()
	m.over = over
	var out []entry
	for _, b := range list {
		if b.works() && b.help != "" && b.show != "Ctrl+p" && b.show != ":" {
			what, _, _ := strings.Cut(b.help, ";")
			out = append(out, entry{"key", what, b.show, b.do})
		}
	}
	for _, c := range commands {
		if c.when == nil || c.when() {
			out = append(out, entry{"command", c.help, ":" + strings.TrimSpace(c.name+" "+c.args), m.startCommand(c)})
		}
	}
	return append(out, m.places()...)
}

// startCommand opens the prompt with the command in it.
func (m *model) startCommand(c command) func(time.Time) tea.Cmd {
	return look(func() {
		value := c.name
		if c.args != "" {
			value += " "
		}
		m.typeIn(":", value, m.command)
	})
}

// places are steps, nodes, messages and runbooks.
func (m *model) places() []entry {
	var out []entry
	for _, st := range m.view.Steps {
		id := st.Step.Step.ID
		out = append(out, entry{"step", words.Title(st), words.Status(st.Status), look(func() { m.focus = paneList; m.list.Go(id) })})
	}
	for _, n := range m.view.Snap.Nodes {
		name := n.Name
		_, state, _ := words.Node(m.view, n)
		out = append(out, entry{"node", safe.Short(name, 40), state, look(func() { m.showNode(name) })})
	}
	for _, s := range m.view.Says {
		t := s.Template
		due, _ := words.Due(s, m.now)
		out = append(out, entry{"message", words.Label(t), due, look(func() { m.focus, m.mail.cursor, m.mail.pick = paneMail, t, 0 })})
	}
	for _, r := range m.o.runbooks() {
		id := r.ID
		out = append(out, entry{"runbook", safe.Short(r.Title, 60), safe.Short(id, 40), look(func() { m.chooseRunbook(id) })})
	}
	return out
}

// chooseRunbook opens the declaration with that runbook in it.
func (m *model) chooseRunbook(id string) {
	if m.view.State.Open() {
		m.show(ofBook, id)
		m.tell(words.Caution, "%s is open: this is for reading. It is flown by another declaration, after :close or in another window.", safe.Short(m.view.State.ID, 40))
		return
	}
	m.openForm()
	m.form.Set("runbook", id)
}

// paletteView is the palette in its room.
func (m *model) paletteView(s size) []line {
	rows := []line{append(append(line{{text, " "}, {title, "Search "}, {text, "["}}, m.palette.edit.draw(max(min(s.w-12, 60), 4), selected)...), span{text, "]"})}
	all, list := m.entries(), m.matches()
	if len(list) == 0 {
		rows = append(rows, nil, tx(" Nothing is called that. Fewer letters find more; Esc goes back."))
	}
	for i, f := range list {
		rows = append(rows, paletteRow(all[f.Index], f.MatchedIndexes, i == m.palette.pick, s.w))
	}
	top := window(len(rows)-1, s.h-1, m.palette.pick, m.palette.pick+1)
	return append(screenful(rows[:1], s.w, 1, 0), screenful(rows[1:], s.w, max(s.h-1, 0), top)...)
}

// paletteRow is one entry with the letters that matched in bold.
func paletteRow(e entry, hits []int, here bool, w int) line {
	front, r := " ", text
	if here {
		front, r = "▶", selected
	}
	l := line{{r, front}, {text, pad(e.kind, 8) + " "}}
	hit := map[int]bool{}
	for _, i := range hits {
		hit[i] = true
	}
	for i, c := range e.name { // fuzzy counts in bytes
		switch {
		case here:
			l = l.add(selected, string(c))
		case hit[i]:
			l = l.add(title, string(c))
		default:
			l = l.add(text, string(c))
		}
	}
	return sides(l, tx("  "+safe.Short(e.how, max(w/3, 8))+" "), w)
}
