package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// question asks what an alert that came after the declaration is to the open
// incident. It stands on "decide later", and takes no key until the one that
// opened it is well over.
type question struct {
	kind string // of the alert
	pick int
}

// reply is one answer to a question about an alert.
type reply struct {
	answer incident.AlarmAnswer // "": decide later
	text   string
	note   string // what it says it does
}

func replies() []reply {
	return []reply{
		{"", "Decide later", "It goes on asking; A opens this again."},
		{incident.AlarmAttached, "It belongs to this incident", "It is recorded with it and stays in view until its cause ends."},
		{incident.AlarmKnown, "Its cause is known", "A reason is asked for and recorded; it no longer asks."},
		{incident.AlarmDeclared, "It is an incident of its own", "Opens the declaration. This flight goes on; the other is commanded from another window."},
	}
}

// askingAlert is the worst alert nobody answered.
func (m *model) askingAlert() (cockpit.Alert, bool) {
	for _, a := range m.view.Alerts {
		if a.Asks {
			return a, true
		}
	}
	return cockpit.Alert{}, false
}

// alertAsked is the alert of the open question.
func (m *model) alertAsked() (cockpit.Alert, bool) {
	for _, a := range m.view.Alerts {
		if a.Kind == m.question.kind && a.Asks {
			return a, true
		}
	}
	return cockpit.Alert{}, false
}

func (m *model) openQuestion() {
	if a, ok := m.askingAlert(); ok {
		m.over, m.zoom, m.question = overQuestion, false, question{kind: a.Kind}
	}
}

func (m *model) questionKeys() []binding {
	n := len(replies())
	keys := []binding{
		{keys: []string{"j", "down"}, show: "j k", short: "mark", help: "mark an answer", do: look(func() { m.question.pick = min(m.question.pick+1, n-1) })},
		{keys: []string{"k", "up"}, show: "k", do: look(func() { m.question.pick = max(m.question.pick-1, 0) })},
		{keys: []string{"enter"}, show: "Enter", short: "answers", help: "give the marked answer", class: records, do: m.giveReply},
		{keys: []string{"esc", "q"}, show: "Esc", short: "decide later", help: "decide later", do: look(func() { m.over = overNone })},
	}
	for i, name := range []string{"1", "2", "3", "4"} {
		show, help := name, ""
		if i == 0 {
			show, help = "1 to 4", "mark that answer"
		}
		keys = append(keys, binding{keys: []string{name}, show: show, help: help, do: look(func() { m.question.pick = i })})
	}
	return keys
}

// giveReply gives the marked answer.
func (m *model) giveReply(time.Time) tea.Cmd {
	a, ok := m.alertAsked()
	r := replies()[m.question.pick]
	m.over = overNone
	if !ok || r.answer == "" {
		m.tell(words.Calm, "Nothing was answered. A asks again.")
		return nil
	}
	switch r.answer {
	case incident.AlarmKnown:
		m.typeIn("Its known cause", "", func(why string) tea.Cmd { return m.answerAlert(a.Kind, r.answer, why) })
		return nil
	case incident.AlarmDeclared:
		m.openOther(a)
		return nil
	}
	return m.answerAlert(a.Kind, r.answer, "")
}

func (m *model) answerAlert(kind string, answer incident.AlarmAnswer, note string) tea.Cmd {
	return m.ask("answer the alert", "Recorded: the alert is "+string(answer)+".", func(context.Context) error { return m.c.AnswerAlert(kind, answer, note) })
}

// questionView is the alert, what it says, and the answers.
func (m *model) questionView(s size) []line {
	a, ok := m.alertAsked()
	if !ok {
		return screenful([]line{tx(" The alert is over. Esc goes back.")}, s.w, s.h, 0)
	}
	level, mk, word := words.Caution, words.Look, "CAUTION"
	if a.Warning {
		level, mk, word = words.Warning, words.Bad, "WARNING"
	}
	rows := []line{nil}
	for i, t := range wrap(safe.Line(a.Text), max(s.w-14, 8)) {
		head := line{{text, strings.Repeat(" ", 12)}}
		if i == 0 {
			head = line{{text, " "}, {roleOf(level), mk + " " + word}, {text, "  "}}
		}
		rows = append(rows, head.add(text, t))
	}
	seen := "since " + words.HMS(a.Since, m.now)
	if a.Source != "" {
		seen += ", seen by " + safe.Short(a.Source, 60)
	}
	rows = append(rows, tx("            "+seen), nil, in(title, " It came after the declaration. What is it to "+safe.Short(m.view.State.ID, 40)+"?"))
	from := 0
	for i, r := range replies() {
		front, rl := " ", text
		if m.question.pick == i {
			front, rl, from = "▶", selected, len(rows)
		}
		rows = append(rows, line{{rl, front + " " + words.Num(int64(i+1)) + "  " + r.text}})
		for _, t := range wrap(r.note, max(s.w-7, 8)) {
			rows = append(rows, tx("      "+t))
		}
	}
	return screenful(rows, s.w, s.h, window(len(rows), s.h, from, from+2))
}
