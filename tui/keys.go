package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// binding is one thing a key does. Help and the row of keys are made of these:
// what does not work now is not shown.
type binding struct {
	keys  []string
	show  string // in the row of keys and in help
	short string // in the row of keys; "" only in help
	help  string
	when  func() bool // nil: always
	do    func(now time.Time) tea.Cmd
}

func (b binding) works() bool { return b.when == nil || b.when() }

func (b binding) has(key string) bool {
	for _, k := range b.keys {
		if k == key {
			return true
		}
	}
	return false
}

// look is a binding that does no more than change what is shown.
func look(f func()) func(time.Time) tea.Cmd {
	return func(time.Time) tea.Cmd { f(); return nil }
}

// bindings are what the keys do now: what lies on top takes them first.
func (m *model) bindings() []binding {
	switch {
	case m.prompt.kind != idle:
		return m.promptKeys()
	case m.over == overForm:
		return m.formKeys()
	case m.over == overChoice:
		return m.choiceKeys()
	case m.over == overDetail:
		return append(m.detailKeys(), m.alwaysKeys()...)
	}
	return append(m.paneKeys(), m.alwaysKeys()...)
}

// key gives a key to what lies on top.
func (m *model) key(k tea.KeyPressMsg, now time.Time) tea.Cmd {
	name := k.String()
	if name != "P" {
		m.early = ""
	}
	if m.prompt.kind == idle {
		m.said = ""
	}
	quiet := now.Sub(m.lastKey) >= quietFor
	if name == "s" && !quiet && m.prompt.kind == idle && m.over == overNone {
		return nil // in the middle of a word typed into nothing
	}
	if (m.over == overForm && m.form.at < 0 || m.over == overChoice) && !quiet && m.prompt.kind == idle {
		return nil // a held or doubled key never answers what it opened
	}
	for _, b := range m.bindings() {
		if b.works() && b.has(name) {
			return b.do(now)
		}
	}
	switch {
	case m.prompt.kind != idle:
		if m.prompt.kind == armed {
			m.said = ""
		}
		m.typed(k)
	case m.over == overForm && m.form.at >= 0:
		m.form.Type(safe.Clean(k.Text))
	case m.over == overChoice && len(k.Text) == 1:
		m.markOption(strings.ToUpper(k.Text))
	default:
		m.dead(name)
	}
	return nil
}

// dead answers a key that acts at other times: whoever types on after it must
// know that it did not open what he types into.
func (m *model) dead(name string) {
	for _, b := range append(m.bindings(), m.paneKeys()...) {
		if b.has(name) && !b.works() {
			m.tell(words.Caution, "%s does nothing now.", b.show)
			return
		}
	}
}

func (m *model) promptKeys() []binding {
	enter, leave := "takes it", "leave"
	if m.prompt.kind == armed {
		enter, leave = "fires the typed word", "disarm"
	}
	return []binding{
		{keys: []string{"enter"}, show: "Enter", short: enter, help: enter, do: func(time.Time) tea.Cmd { return m.enterPrompt() }},
		{keys: []string{"esc"}, show: "Esc", short: leave, help: leave, do: look(func() {
			if m.prompt.kind == armed {
				m.disarm("Disarmed.")
				return
			}
			m.prompt = prompt{}
		})},
		m.stopKey(),
	}
}

// stopKey is Ctrl+C: it never leaves.
func (m *model) stopKey() binding {
	return binding{keys: []string{"ctrl+c"}, show: "Ctrl+C", help: "never leaves", do: look(func() {
		if m.prompt.kind == armed {
			m.disarm("Disarmed. Ctrl+C never leaves; :q leaves.")
			return
		}
		for _, st := range m.view.Steps {
			if st.Status == incident.Running {
				m.tell(words.Calm, "%q cannot be stopped from here: it ends by itself or at its time limit. Ctrl+C never leaves; :q leaves, and it runs on.", words.Title(st))
				return
			}
		}
		m.tell(words.Calm, "Nothing runs. Ctrl+C never leaves; :q leaves.")
	})}
}

func (m *model) formKeys() []binding {
	inside := func() bool { return m.form.at >= 0 }
	outside := func() bool { return m.form.at < 0 }
	chosen := func() bool { return inside() && m.form.fields[m.form.at].options != nil }
	return []binding{
		{keys: []string{"D"}, show: "D", short: "declare", help: "declares what the form says", when: outside, do: func(time.Time) tea.Cmd { return m.declare() }},
		{keys: []string{"tab", "enter", "down"}, show: "Tab", short: "next field", help: "next field", do: look(func() { m.form.Tab(1) })},
		{keys: []string{"shift+tab", "up"}, show: "Shift+Tab", help: "field before", do: look(func() { m.form.Tab(-1) })},
		{keys: []string{"space", "right"}, show: "Space", short: "choose", help: "next choice", when: chosen, do: look(func() { m.form.Choose(1) })},
		{keys: []string{"left"}, show: "←", help: "choice before", when: chosen, do: look(func() { m.form.Choose(-1) })},
		{keys: []string{"backspace"}, show: "Backspace", help: "take a letter back", when: inside, do: look(func() { m.form.Erase(false) })},
		{keys: []string{"ctrl+u"}, show: "Ctrl+u", short: "empty it", help: "empty the field", when: inside, do: look(func() { m.form.Erase(true) })},
		{keys: []string{"esc"}, show: "Esc", short: "leave the field", help: "out of the field", when: inside, do: look(func() { m.form.Leave() })},
		{keys: []string{"esc", "q"}, show: "Esc", short: "close, kept as a draft", help: "close; what is filled in is kept", when: outside, do: look(func() { m.over = overNone })},
		m.stopKey(),
	}
}

func (m *model) choiceKeys() []binding {
	ch, _ := m.openChoice(m.choice.key)
	n := len(ch.Options)
	return []binding{
		{keys: []string{"j", "down"}, show: "j k", short: "mark", help: "mark an option", do: look(func() { m.choice.pick = min(m.choice.pick+1, n) })},
		{keys: []string{"k", "up"}, show: "k", do: look(func() { m.choice.pick = max(m.choice.pick-1, 1) })},
		{keys: []string{"enter"}, show: "Enter", short: "takes the marked option", help: "takes the marked option", do: func(time.Time) tea.Cmd { return m.takeOption() }},
		{keys: []string{"esc", "q"}, show: "Esc", short: "leave", help: "leave", do: look(func() { m.over = overNone })},
		m.stopKey(),
	}
}

func (m *model) detailKeys() []binding {
	page := max(m.h/2-3, 1)
	move := func(n int) func(time.Time) tea.Cmd { return look(func() { m.detail.top = max(0, m.detail.top+n) }) }
	return []binding{
		{keys: []string{"j", "down"}, show: "j k", short: "scroll", help: "scroll", do: move(1)},
		{keys: []string{"k", "up"}, show: "k", do: move(-1)},
		{keys: []string{"ctrl+d", "pgdown"}, show: "Ctrl+d", short: "half a page", help: "half a page down", do: move(page)},
		{keys: []string{"ctrl+u", "pgup"}, show: "Ctrl+u", help: "half a page up", do: move(-page)},
		{keys: []string{"g", "home"}, show: "g", help: "top", do: look(func() { m.detail.top = 0 })},
		{keys: []string{"G", "end"}, show: "G", help: "end", do: move(1 << 20)},
		{keys: []string{"esc", "q", "enter"}, show: "Esc", short: "back", help: "back", do: look(func() { m.over = overNone })},
		{keys: []string{"x"}, show: "x", short: "arm step", help: "arm this step", when: m.armsDetail, do: m.armStep},
	}
}

// alwaysKeys work wherever nothing is typed.
func (m *model) alwaysKeys() []binding {
	open := func() bool { return m.view.State.Open() }
	return []binding{
		{keys: []string{"r"}, show: "r", help: "read everything again now", do: func(time.Time) tea.Cmd { return m.reread() }},
		{keys: []string{"a"}, show: "a", short: "quiet the alert", help: "quiet the alerts: the words stay until their cause ends", when: m.loud, do: func(time.Time) tea.Cmd { return m.hush() }},
		{keys: []string{"i"}, show: "i", short: "note", help: "write a note; ! pins it, TODO makes it a follow-up", when: open, do: look(m.note)},
		{keys: []string{":"}, show: ":", short: "command", help: "commands, in words", do: look(func() { m.typeIn(":", "", m.command) })},
		{keys: []string{"ctrl+l"}, show: "Ctrl+l", help: "draw the screen anew", do: func(time.Time) tea.Cmd { return redraw() }},
		{keys: []string{"?"}, show: "?", help: "this help", when: func() bool { return m.detail.of != ofHelp || m.over == overNone }, do: look(func() { m.show(ofHelp, "") })},
		{keys: []string{"q"}, show: "q", help: "says how to leave", do: look(func() { m.tell(words.Calm, ":q leaves. The incident stays open.") })},
		m.stopKey(),
	}
}

// paneKeys move between and in the panes, and act.
func (m *model) paneKeys() []binding {
	open := func() bool { return m.view.State.Open() }
	page := max(m.h/3, 1)
	b := []binding{
		{keys: []string{"D"}, show: "D", short: "declare", help: "open the declaration; D again declares", when: func() bool { return !open() }, do: look(m.openForm)},
		{keys: []string{"x"}, show: "x", short: "arm step", help: "arm the step under the cursor; it fires on its typed word", when: m.armable, do: m.armStep},
		{keys: []string{"space"}, show: "Space", short: "tick", help: "tick the step under the cursor by your word", when: func() bool { return m.nextFor().Do == words.DoTick }, do: func(time.Time) tea.Cmd { return m.tick() }},
		{keys: []string{"c"}, show: "c", short: m.chooseWord(), help: "open the choice", when: func() bool { _, ok := m.openChoice(""); return ok }, do: look(m.choose)},
		{keys: []string{"P"}, show: "P", short: "post", help: "post the message shown, once it has stood there whole for a second", when: open, do: m.post},
		{keys: []string{"e"}, show: "e", short: "fill", help: "fill an empty field of the message shown", when: func() bool { s, ok := m.mail.Selected(); return ok && len(s.Missing) > 0 }, do: look(m.fill)},
		{keys: []string{"enter"}, show: "Enter", short: m.enterWord(), help: "answer, or open all there is to know", do: m.enter},
		{keys: []string{"j", "down"}, show: "j k", short: "move", help: "move; also the arrows", do: look(func() { m.move(1) })},
		{keys: []string{"k", "up"}, show: "k", do: look(func() { m.move(-1) })},
		{keys: []string{"g", "home"}, show: "g", help: "top", do: look(func() { m.move(-1 << 20) })},
		{keys: []string{"G", "end"}, show: "G", help: "end", do: look(func() { m.move(1 << 20) })},
		{keys: []string{"ctrl+d", "pgdown"}, show: "Ctrl+d", help: "half a page down", do: look(func() { m.move(page) })},
		{keys: []string{"ctrl+u", "pgup"}, show: "Ctrl+u", help: "half a page up", do: look(func() { m.move(-page) })},
		{keys: []string{"s"}, show: "s", short: "skip", help: "leave the step under the cursor out, with a reason", when: m.skippable, do: look(func() { m.typeIn(":", "skip ", m.command) })},
		{keys: []string{"f"}, show: "f", help: "follow: back to the next step, the next message, the end of the output", do: look(m.follow)},
		{keys: []string{"z"}, show: "z", help: "one pane over the whole width, and back", when: func() bool { return m.layout().class == wide }, do: look(func() { m.zoom = !m.zoom })},
		{keys: []string{"tab", "l"}, show: "Tab", short: "next part", help: "next part", do: look(func() { m.turn(1) })},
		{keys: []string{"shift+tab", "h"}, show: "Shift+Tab", help: "part before", do: look(func() { m.turn(-1) })},
		{keys: []string{"esc"}, show: "Esc", help: "back to the next step", do: look(func() { m.zoom = false; m.follow() })},
	}
	for i, name := range []string{"1", "2", "3", "4", "5"} {
		show, help := name, ""
		if i == 0 {
			show, help = "1 to 5", "show that part; under a question: mark that answer"
		}
		b = append(b, binding{keys: []string{name}, show: show, help: help, do: look(func() { m.number(i + 1) })})
	}
	return b
}

// keysRow is the last row: what the keys do now, as far as it fits.
func (m *model) keysRow(w int) line {
	right := line{{title, "?"}, {text, " help "}}
	if m.prompt.kind != idle || m.over == overForm || m.over == overChoice {
		right = tx(" ")
	}
	l := line{{text, " "}}
	for _, b := range m.bindings() {
		if b.short == "" || !b.works() {
			continue
		}
		if l.width()+width(b.show)+width(b.short)+3+right.width() > w {
			break
		}
		l = l.add(title, b.show).add(text, " "+b.short+"   ")
	}
	return sides(l, right, w)
}

// chooseWord: a choice that was taken can still be opened, but is not shown in
// the row of keys.
func (m *model) chooseWord() string {
	if words.NextOf(m.view).Do == words.DoChoose {
		return "choose"
	}
	return ""
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
		for i, s := range wrap(b.help, w-14) {
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
