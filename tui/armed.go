package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/words"
)

// What is armed is read before its word is typed. The step it belongs to gives its
// room to the command, whole where it fits; the prompt names what in it acts; Enter
// without a word shows all of it and disarms nothing.

// Arm says whose command is armed, and which; "" for none.
func (c *checklist) Arm(step, script string, undo bool) {
	c.armed, c.script, c.undoes = step, script, undo
}

func (c *checklist) isArmed(st cockpit.StepView) bool {
	return c.script != "" && c.armed == st.Step.Step.ID
}

// armedRows are the unfolded step while its command is armed: the command and
// what its variables hold come first, and the rest only where there is room.
func (c *checklist) armedRows(st cockpit.StepView, room int) []line {
	var head []line
	if t := words.Title(st); width(t)+4 > c.w-c.stateWidth(st)-2 {
		head = labelled("Step", t, title, c.w, 3)
	}
	cmd, with := c.armedCommand(room, st), c.values(c.script, st.Hosts, 9)
	if used := len(head) + len(cmd) + len(with); used > room { // the prompt names step and host
		head = nil
	}
	if used := len(cmd) + len(with); used > room {
		with = c.values(c.script, st.Hosts, max(1, room/4))
		cmd = c.armedCommand(max(room-len(with), 2), st)
	}
	rows := append(append(head, cmd...), with...)
	for _, more := range [][]line{c.targets(st), c.verdictOf(st), c.readings(guardWord(st), st.Guards, 9)} {
		if len(rows)+len(more) <= room {
			rows = append(rows, more...)
		}
	}
	return rows
}

func (c *checklist) verdictOf(st cockpit.StepView) []line {
	if st.Verdict == nil && st.AtHand == nil {
		return nil
	}
	return c.verdictRows(st, 3)
}

// armedCommand is the armed command in at most room rows.
func (c *checklist) armedCommand(room int, st cockpit.StepView) []line {
	name := "Run"
	if c.undoes {
		name = "Undo"
	}
	all := words.Lines(c.script)
	if rows := c.lined(name, all, 99); len(rows) <= room {
		return rows
	}
	acting := words.Acting(c.script)
	rows := c.lined(name, acting, 99)
	for n := len(acting); len(rows) > room-1 && n > 1; n-- {
		acting = acting[:n-1]
		rows = c.lined(name, acting, 99)
	}
	if len(rows) > room-1 {
		rows = rows[:max(room-1, 0)]
	}
	more := max(len(all)-len(acting), 1)
	return append(rows, labelled("", "… "+words.Count(more, "more line")+", Enter shows them", todo, c.w, 1)...)
}

// command is a script in at most n lines; of a longer one those that act.
func (c *checklist) command(name, script string, n int) []line {
	lines := words.Script(script)
	if n < 99 {
		lines = words.Lines(script)
	}
	if len(lines) <= n+1 {
		return c.lined(name, lines, max(1, n/3))
	}
	some := words.Acting(script)
	if len(some) == 0 {
		some = lines
	}
	some = some[:min(len(some), n)]
	return append(c.lined(name, some, max(1, n/3)), labelled("", "… "+words.Count(len(lines)-len(some), "more line")+", Enter shows them", text, c.w, 1)...)
}

// lined are the lines of a script, each in at most n rows. What goes on stands in,
// so that it is not taken for another line.
func (c *checklist) lined(name string, lines []string, n int) []line {
	const in = "  "
	var rows []line
	for _, l := range lines {
		w := c.w - indent - label - 1
		parts := wrapMax(l, w, n)
		if len(parts) > 1 {
			parts = wrapMax(l, w-len(in), n)
		}
		for i, part := range parts {
			if i > 0 {
				part = in + part
			}
			rows = append(rows, tx(strings.Repeat(" ", indent)+pad(name, label)+part))
			name = ""
		}
	}
	return rows
}

// values are what the variables of a script hold, in at most n rows.
func (c *checklist) values(script string, hosts []string, n int) []line {
	all := words.Values(c.v, script, hosts)
	if len(all) == 0 {
		return nil
	}
	return labelled("With", strings.Join(all, ", "), text, c.w, n)
}

// armedScript is the prompt's part of that: what acts, in the rows there are, and
// the key that shows all.
func armedScript(script string, w, most int) []string {
	acting := words.Acting(script)
	if len(acting) == 0 { // it only looks, as far as can be told
		acting = []string{words.Brief(script)}
	}
	rows := wrap(strings.Join(acting, "; "), w)
	const all = "Enter shows all"
	if len(rows) > most {
		rows = rows[:most]
		rows[most-1] = cutTo(rows[most-1], w-width(all)-4)
		rows[most-1] = strings.TrimSuffix(rows[most-1], "…") + "…  " + all
	}
	return rows
}

// showsArmed says that Enter shows the whole command: one is armed and nothing is
// typed of its word.
func (m *model) showsArmed() bool {
	return m.prompt.kind == armed && m.prompt.script != "" && strings.TrimSpace(m.prompt.edit.value) == ""
}

// armedKeys are those of an armed command that can be shown whole.
func (m *model) armedKeys() []binding {
	open := func() bool { return m.over == overDetail && m.detail.of == ofStep && m.detail.id == m.prompt.step }
	short := "shows the whole command"
	if open() {
		short = "closes the command"
	}
	page := max(m.h/2-3, 1)
	scroll := func(n int) func(time.Time) tea.Cmd { return look(func() { m.detail.top = max(0, m.detail.top+n) }) }
	return []binding{
		{keys: []string{"enter"}, show: "Enter", short: short, help: "without a word: shows the whole command, or closes it; nothing runs and it stays armed", when: m.showsArmed, do: look(func() {
			if open() {
				m.over = overNone
				return
			}
			m.show(ofStep, m.prompt.step)
		})},
		{keys: []string{"down"}, show: "↓ ↑", short: "scroll", help: "scroll the command", when: open, do: scroll(1)},
		{keys: []string{"up"}, show: "↑", when: open, do: scroll(-1)},
		{keys: []string{"pgdown", "ctrl+d"}, show: "PgDn", help: "half a page down", when: open, do: scroll(page)},
		{keys: []string{"pgup", "ctrl+u"}, show: "PgUp", help: "half a page up", when: open, do: scroll(-page)},
	}
}
