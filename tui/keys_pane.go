package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/tui/words"
)

// alwaysKeys work wherever nothing is typed.
func (m *model) alwaysKeys() []binding {
	open := func() bool { return m.view.State.Open() }
	return []binding{
		{keys: []string{"r"}, show: "r", help: "read everything again now", do: func(time.Time) tea.Cmd { return m.reread() }},
		{keys: []string{"a"}, show: "a", short: "quiet the alert", help: "quiet the alerts: the words stay until their cause ends", class: records, when: m.loud,
			do: func(time.Time) tea.Cmd { return m.hush() }},
		{keys: []string{"A"}, show: "A", short: "answer the alert", help: "say what an alert that came later is to this incident", class: records,
			when: func() bool { _, ok := m.askingAlert(); return ok }, do: look(m.openQuestion)},
		{keys: []string{"i"}, show: "i", short: "note", help: "write a note; ! pins it, TODO makes it a follow-up", class: records, when: open, do: look(m.note)},
		{keys: []string{"b"}, show: "b", short: m.bookWord(), help: "read the runbook whole: the one that is flown, or offered", when: func() bool { _, ok := m.openBook(); return ok && (m.detail.of != ofBook || m.over == overNone) }, do: look(m.readBook)},
		{keys: []string{":"}, show: ":", short: "command", help: "commands, in words", do: look(func() { m.typeIn(":", "", m.command) })},
		{keys: []string{"ctrl+p"}, show: "Ctrl+p", short: "search all", help: "search actions, runbooks, steps, nodes and messages", do: look(m.openPalette)},
		{keys: []string{"/"}, show: "/", short: "find", help: "find a text in this part", do: look(m.find)},
		{keys: []string{"n"}, show: "n", help: "next place with the text found", when: m.found, do: look(func() { m.findNext(1) })},
		{keys: []string{"N"}, show: "N", help: "place before with the text found", when: m.found, do: look(func() { m.findNext(-1) })},
		{keys: []string{"y"}, show: "y", short: m.copyWord(), help: "copy what is shown here: to your terminal, to tmux, and to a file that is named", do: func(time.Time) tea.Cmd { return m.copy() }},
		{keys: []string{"ctrl+l"}, show: "Ctrl+l", help: "draw the screen anew", do: func(time.Time) tea.Cmd { return redraw() }},
		{keys: []string{"?"}, show: "?", help: "this help", when: func() bool { return m.detail.of != ofHelp || m.over == overNone }, do: look(func() { m.show(ofHelp, "") })},
		{keys: []string{"T"}, show: "T", help: "end the lessons of the first flight", when: func() bool { return m.lessons.on }, do: m.endLessons},
		{keys: []string{"q"}, show: "q", help: "says how to leave", do: look(func() { m.tell(words.Calm, ":q leaves. The incident stays open.") })},
		m.stopKey(),
	}
}

// seen is a word in the row of keys for what needs a window in which the whole
// of it can be seen.
func (m *model) seen(word string) string {
	if m.w < 60 {
		return ""
	}
	return word
}

// armWord is x in the row of keys: only where it arms something, else it only says
// why not.
func (m *model) armWord() string {
	if m.nextFor().Do != words.DoRun {
		return ""
	}
	return m.seen("arm step")
}

// postWord is P in the row of keys: only where it shows or posts something.
func (m *model) postWord() string {
	s, ok := m.mail.Selected()
	why, _ := m.noPost(s, ok)
	if next, due := words.NextSay(m.view); why != "" && !(due && next.Template != s.Template) {
		return ""
	}
	return m.seen("post")
}

// actKeys act, in whatever pane the focus is.
func (m *model) actKeys() []binding {
	open := func() bool { return m.view.State.Open() }
	return []binding{
		{keys: []string{"D"}, show: "D", short: "declare", help: "open the declaration; D again declares", class: records, when: func() bool { return !open() }, do: look(m.openForm)},
		{keys: []string{"x"}, show: "x", short: m.armWord(), help: "arm the step under the cursor; it fires on its typed word", class: arms, when: m.armable, do: m.armStep},
		{keys: []string{"space"}, show: "Space", short: "tick", help: "tick the step under the cursor by your word", class: records, when: func() bool { return m.nextFor().Do == words.DoTick }, do: func(time.Time) tea.Cmd { return m.tick() }},
		{keys: []string{"c"}, show: "c", short: m.chooseWord(), help: "open the choice", class: records, when: func() bool { _, ok := m.openChoice(""); return ok }, do: look(m.choose)},
		{keys: []string{"P"}, show: "P", short: m.postWord(), help: "post the message shown, once it has stood there whole for a second", class: posts, when: open, do: m.post},
		{keys: []string{"e"}, show: "e", short: "fill", help: "fill the first empty field of the message shown, or change the one gone to with Tab", class: records, when: m.fillable, do: look(m.fill)},
		{keys: []string{"enter"}, show: "Enter", short: m.enterWord(), help: "answer, or open all there is to know", do: m.enter},
		{keys: []string{"s"}, show: "s", short: "skip", help: "leave the step under the cursor out, with a reason", class: records, when: func() bool { return m.focus != paneMail && m.skippable() }, do: look(func() { m.typeIn(":", "skip ", m.command) })},
	}
}

// moveKeys move in and between the panes.
func (m *model) moveKeys() []binding {
	page := max(m.h/3, 1)
	b := []binding{
		{keys: []string{"j", "down"}, show: "j k", short: "move", help: "move; also the arrows", do: look(func() { m.move(1) })},
		{keys: []string{"k", "up"}, show: "k", do: look(func() { m.move(-1) })},
		{keys: []string{"g", "home"}, show: "g", help: "top", do: look(func() { m.move(-1 << 20) })},
		{keys: []string{"G", "end"}, show: "G", help: "end", do: look(func() { m.move(1 << 20) })},
		{keys: []string{"ctrl+d", "pgdown"}, show: "Ctrl+d", help: "half a page down", do: look(func() { m.move(page) })},
		{keys: []string{"ctrl+u", "pgup"}, show: "Ctrl+u", help: "half a page up", do: look(func() { m.move(-page) })},
		{keys: []string{"f"}, show: "f", help: "follow: back to the next step, the next message, the end of the output", do: look(m.follow)},
		{keys: []string{"z"}, show: "z", help: "one pane over the whole width, and back", when: func() bool { return m.layout().class == wide }, do: look(func() { m.zoom = !m.zoom })},
		{keys: []string{"tab"}, show: "Tab", short: "next part", help: "next part", do: look(func() { m.turn(1) })},
		{keys: []string{"shift+tab"}, show: "Shift+Tab", help: "part before", do: look(func() { m.turn(-1) })},
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
