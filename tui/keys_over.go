package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/tui/words"
)

func (m *model) promptKeys() []binding {
	enter, leave, reaches := "takes it", "leave", records
	var own []binding
	if m.prompt.kind == armed {
		enter, leave, reaches, own = "fires the typed word", "disarm", arms, m.armedKeys()
	}
	return append(own, []binding{
		{keys: []string{"enter"}, show: "Enter", short: enter, help: enter, class: reaches, when: func() bool { return !m.showsArmed() }, do: m.enterPrompt},
		{keys: []string{"esc"}, show: "Esc", short: leave, help: leave, do: look(func() {
			if m.prompt.kind == armed {
				m.disarm("Disarmed.", time.Time{})
				return
			}
			m.prompt = prompt{}
		})},
		m.stopKey(),
	}...)
}

// stopKey is Ctrl+C: it never leaves. It arms the stop of what runs.
func (m *model) stopKey() binding {
	return binding{keys: []string{"ctrl+c"}, show: "Ctrl+C", help: "stop the running action, typed; it never leaves", class: arms, do: func(now time.Time) tea.Cmd {
		if m.prompt.kind == armed {
			m.disarm("Disarmed. Ctrl+C never leaves; :q leaves.", now)
			return nil
		}
		st, ok := m.running()
		if !ok {
			m.noWord(now, strayFor)
			m.tell(words.Calm, "Nothing runs. Ctrl+C never leaves; :q leaves.")
			return nil
		}
		m.armStop(st, now)
		return nil
	}}
}

func (m *model) formKeys() []binding {
	inside := func() bool { return m.form.at >= 0 }
	outside := func() bool { return m.form.at < 0 }
	chosen := func() bool { return inside() && m.form.fields[m.form.at].options != nil }
	return []binding{
		{keys: []string{"D"}, show: "D", short: "declare", help: "declares what the form says", class: records, when: outside, do: func(time.Time) tea.Cmd { return m.declare() }},
		{keys: []string{"n"}, show: "n", short: "fill in anew", help: "fill the form in anew, from what is seen now", when: func() bool { _, ok := m.form.newer(m.view); return ok && outside() },
			do: look(func() { m.form = newForm(m.view, m.o.runbooks(), m.o.Names) })},
		{keys: []string{"b"}, show: "b", short: "the runbook", help: "read the runbook whole, with what is filled in", when: func() bool { _, ok := m.openBook(); return ok && outside() }, do: look(m.readBook)},
		{keys: []string{"tab"}, show: "Tab", short: "next field", help: "complete what is typed, then the next field; also Enter, ↓", do: look(func() {
			if !m.form.Complete() {
				m.form.Tab(1)
			}
		})},
		{keys: []string{"enter", "down"}, show: "Enter", do: look(func() { m.form.Tab(1) })},
		{keys: []string{"right"}, show: "→", short: "turn", help: "the next thing the field could hold", when: func() bool { return inside() && m.form.Turns() }, do: look(func() { m.form.Turn() })},
		{keys: []string{"shift+tab", "up"}, show: "Shift+Tab", help: "field before", do: look(func() { m.form.Tab(-1) })},
		{keys: []string{"space", "right"}, show: "Space", short: "choose", help: "next choice", when: chosen, do: look(func() { m.form.Choose(1) })},
		{keys: []string{"left"}, show: "←", help: "choice before", when: chosen, do: look(func() { m.form.Choose(-1) })},
		{keys: []string{"esc"}, show: "Esc", short: "leave the field", help: "out of the field", when: inside, do: look(func() { m.form.Leave() })},
		{keys: []string{"esc", "q"}, show: "Esc", short: "close", help: "close; what is filled in is kept", when: outside, do: look(func() { m.over = overNone })},
	}
}

func (m *model) choiceKeys() []binding {
	ch, _ := m.openChoice(m.choice.key)
	n := len(ch.Options)
	take := ""
	if m.choice.pick > 0 {
		take = "takes the marked option"
	}
	return []binding{
		{keys: []string{"j", "down"}, show: "j k", short: "mark", help: "mark an option", do: look(func() { m.choice.pick = min(m.choice.pick+1, n) })},
		{keys: []string{"k", "up"}, show: "k", do: look(func() { m.choice.pick = max(m.choice.pick-1, 1) })},
		{keys: []string{"enter"}, show: "Enter", short: take, help: "takes the marked option", class: records, do: func(time.Time) tea.Cmd { return m.takeOption() }},
		{keys: []string{"esc", "q"}, show: "Esc", short: "leave", help: "leave", do: look(func() { m.over = overNone })},
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
		{keys: []string{"esc", "q", "enter"}, show: "Esc", short: "back", help: "back", do: look(func() { m.over = m.detail.back })},
		{keys: []string{"x"}, show: "x", short: m.armWord(), help: "arm this step", class: arms, when: m.armsDetail, do: m.armStep},
	}
}
