package tui

import (
	"context"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// do asks the cockpit to take a command of the incident.
func (m *model) do(what, then string, cmd incident.Command) tea.Cmd {
	return m.ask(what, then, func(context.Context) error { return m.c.Do(cmd) })
}

// nextFor is what can be done about the step under the cursor.
func (m *model) nextFor() words.Next {
	st, ok := m.list.Selected()
	if !ok || !m.view.State.Open() {
		return words.Next{}
	}
	return words.ForStep(m.view, st)
}

// show opens a detail over the body.
func (m *model) show(of detailOf, id string) {
	m.over, m.detail = overDetail, detail{of: of, id: id}
}

func (m *model) number(n int) {
	switch {
	case m.focus == paneList && m.nextFor().Do == words.DoAnswer && n <= len(m.answers()):
		m.list.pick = n
		return
	case m.focus == paneMail:
		if n <= m.mail.Options() {
			m.mail.pick = n
			return
		}
	}
	m.focus, m.back = pane(n), stance{}
}

func (m *model) turn(n int) {
	m.focus, m.back = pane((int(m.focus)-1+n+5)%5+1), stance{}
}

func (m *model) move(n int) {
	switch m.focus {
	case paneList:
		m.list.Move(n)
	case paneNodes:
		m.fleet.Move(n)
	case paneOut:
		m.out.Move(n)
	case paneMail:
		m.mail.Move(n)
	case paneLog:
		m.log.Move(n)
	}
}

func (m *model) follow() {
	m.list.Follow()
	m.mail.Follow()
	m.fleet.Follow()
	m.out.follow()
	m.log.follow()
}

// enterWord says what Enter does now.
func (m *model) enterWord() string {
	switch st, ok := m.list.Selected(); {
	case m.answering() && m.focus == paneMail && !m.mail.After():
		return "takes it"
	case m.answering():
		return "answers"
	case m.focus == paneMail && m.zoom:
		return "closes"
	case ok && m.focus == paneList && (words.Refused(st) || st.AtHand != nil):
		return "evidence"
	}
	return "open"
}

// answering says that an answer is marked under a question.
func (m *model) answering() bool {
	if m.focus == paneList {
		return m.nextFor().Do == words.DoAnswer && m.list.pick > 0
	}
	return m.focus == paneMail && m.mail.pick > 0
}

// enter gives the marked answer, or opens all there is to know.
func (m *model) enter(now time.Time) tea.Cmd {
	if m.answering() {
		if m.focus == paneMail {
			return m.enterMail(now)
		}
		return m.answerStep()
	}
	switch m.focus {
	case paneList:
		if st, ok := m.list.Selected(); ok {
			m.show(ofStep, st.Step.Step.ID)
			return nil
		}
		if _, ok := m.list.Chooses(); ok {
			m.choose()
			return nil
		}
		m.show(ofNodes, "")
	case paneNodes:
		return m.openNode(now)
	case paneMail:
		return m.enterMail(now)
	default:
		m.zoom = !m.zoom
	}
	return nil
}

func (m *model) openForm() {
	if f := newForm(m.view, m.o.runbooks(), m.o.Names); m.form.fields == nil || m.form.kind != f.kind && !m.form.own || m.form.alert != "" {
		m.form = f
	}
	m.form.at = -1
	m.over, m.zoom = overForm, false
}

func (m *model) declare() tea.Cmd {
	d := m.form.declaration(m.view)
	if lacks := m.form.lacks(); lacks != "" {
		m.tell(words.Caution, "Not declared. Missing: %s. Tab goes to the fields.", lacks)
		return nil
	}
	if err := incident.TitleFits(d.Title); err != nil { // the form stays as it is
		m.tell(words.Caution, "%s", safe.Line(err.Error()))
		return nil
	}
	if d.Alert == "" {
		return m.ask("declare", "Declared.", func(context.Context) error { return m.c.Declare(d) })
	}
	m.over, m.form = overNone, form{}
	return m.ask("declare another incident", "Declared as an incident of its own: another window commands it. This flight goes on.", func(context.Context) error {
		_, err := m.c.DeclareOther(d)
		return err
	})
}

// openOther opens the declaration of a second incident, for an alert that came
// later.
func (m *model) openOther(a cockpit.Alert) {
	v := m.view
	v.Offer = a.Offer
	m.form = newForm(v, m.o.runbooks(), m.o.Names)
	m.form.alert = a.Kind
	m.over, m.zoom = overForm, false
}

// armable says that the step under the cursor has something to run.
func (m *model) armable() bool {
	st, ok := m.list.Selected()
	switch st.Status {
	case incident.Todo, incident.Failed, incident.TimedOut, incident.Undone:
		return ok && m.view.State.Open() && st.Step.Step.Run != nil
	}
	return false
}

// armsDetail says that the step shown whole is the one x would arm.
func (m *model) armsDetail() bool {
	st, ok := m.list.Selected()
	return ok && m.detail.of == ofStep && m.detail.id == st.Step.Step.ID && m.armable()
}

// armStep arms the step under the cursor, after a second person where the
// runbook wants one.
func (m *model) armStep(now time.Time) tea.Cmd {
	st, _ := m.list.Selected()
	m.noWord(now, quietFor) // until it is armed
	switch n := m.nextFor(); {
	case m.w < 60:
		m.tell(words.Caution, "x is locked below 60 columns: the whole command must be seen.")
	case n.Do == words.DoLocked:
		m.tell(words.Caution, "x is locked: %s", words.Lock(st.Lock))
	case n.Do != words.DoRun:
		m.tell(words.Caution, "x is locked: it is %s.", words.Status(st.Status))
	case st.Step.Step.Approve == "2":
		m.typeIn("Second person who approves it", "", func(name string) tea.Cmd {
			if name == "" || name == m.view.Person {
				m.tell(words.Caution, "Someone other than %s must approve it. Nothing is armed.", safe.Short(m.view.Person, 40))
				return nil
			}
			m.armRun(st, name, m.clock())
			return nil
		})
	default:
		m.armRun(st, "", now)
	}
	return nil
}

func (m *model) armRun(st cockpit.StepView, approver string, now time.Time) {
	id, name := st.Step.Step.ID, words.Title(st)
	m.arm(`"`+name+`" on `+safe.Line(strings.Join(st.Hosts, ", ")), words.Typed(st, "run"), id, now, func(string) tea.Cmd {
		m.list.Follow()
		m.asksStart(id)
		return m.ask(`run "`+name+`"`, "Started on "+safe.Line(strings.Join(st.Hosts, ", "))+".", func(ctx context.Context) error { return m.c.RunStep(ctx, id, st.Confirm, approver) })
	})
	m.armScript(st.Script, false)
}

// armScript says by which script the armed action acts, and brings it on the
// screen.
func (m *model) armScript(script string, undo bool) {
	m.prompt.script, m.prompt.undo, m.detail.top = script, undo, 0
	if m.over == overNone && m.layout().whole {
		m.focus, m.zoom = paneList, false
	}
}

// undo arms the taking back of a step.
func (m *model) undo(st cockpit.StepView, now time.Time) {
	if !st.Undoable || st.Step.Step.Undo == nil {
		m.tell(words.Caution, "There is nothing to undo in %q.", words.Title(st))
		return
	}
	word := "undo"
	if w := st.Confirm; w != "" && w != "run" {
		word = words.Typed(st, "undo")
	}
	id := st.Step.Step.ID
	m.arm(`UNDO of "`+words.Title(st)+`" on `+safe.Line(strings.Join(st.Hosts, ", ")), word, id, now, func(typed string) tea.Cmd {
		if w := st.Confirm; w != "" && w != "run" {
			typed = w
		}
		m.asksStart(id)
		return m.ask("undo", "The undo has started.", func(ctx context.Context) error { return m.c.UndoStep(ctx, id, typed) })
	})
	m.armScript(st.Step.Step.Undo.Text, true)
}

// running is the action that can be stopped: the one under the cursor, else the
// first.
func (m *model) running() (cockpit.StepView, bool) {
	if st, ok := m.list.Selected(); ok && st.Stoppable {
		return st, true
	}
	for _, st := range m.view.Steps {
		if st.Stoppable {
			return st, true
		}
	}
	return cockpit.StepView{}, false
}

// armStop arms the end of a running action. Its hosts may go on with it.
func (m *model) armStop(st cockpit.StepView, now time.Time) {
	id, name := st.Step.Step.ID, words.Title(st)
	what := `STOP "` + name + `" on ` + safe.Line(strings.Join(st.Hosts, ", ")) + ": what it began may still run there"
	m.arm(what, incident.StopWord, "", now, func(word string) tea.Cmd {
		return m.ask(`stop "`+name+`"`, "Stopped. What had not ended is not known: look before you go on.", func(ctx context.Context) error { return m.c.StopStep(ctx, id, word) })
	})
}

// tick signs the step under the cursor; it asks for the value the runbook
// wants.
func (m *model) tick() tea.Cmd {
	st, _ := m.list.Selected()
	id := st.Step.Step.ID
	sign := func(value string) tea.Cmd {
		m.list.Follow()
		return m.do(`tick "`+words.Title(st)+`"`, `Ticked "`+words.Title(st)+`".`, incident.Sign{Step: id, By: m.view.Person, Value: value})
	}
	want := safe.Short(st.Step.Step.Evidence, 20)
	if want == "" {
		return sign("")
	}
	m.typeIn(want, "", func(value string) tea.Cmd {
		if value == "" {
			m.tell(words.Caution, "It asks for a %s. Nothing was ticked.", want)
			return nil
		}
		return sign(value)
	})
	return nil
}

func (m *model) skippable() bool {
	st, ok := m.list.Selected()
	return ok && m.view.State.Open() && !st.Settled() && st.Status != incident.Running
}

func (m *model) note() {
	m.typeIn("note", "", func(s string) tea.Cmd {
		if s == "" {
			return nil
		}
		return m.do("note", "Written into the record.", incident.Note{By: m.view.Person, Text: s})
	})
}

// openChoice is the choice of that key, or the one to be taken; also a taken
// one, while it may still be changed.
func (m *model) openChoice(key string) (cockpit.ChoiceView, bool) {
	if key == "" {
		if c, ok := words.OpenChoice(m.view); ok {
			return c, true
		}
	}
	for _, c := range m.view.Choices {
		if (key == "" || c.Key == key) && m.view.State.Open() && c.Phase == m.view.State.Phase() {
			return c, true
		}
	}
	return cockpit.ChoiceView{}, false
}

func (m *model) choose() {
	if c, ok := m.openChoice(""); ok {
		m.over, m.zoom, m.choice = overChoice, false, choice{key: c.Key}
	}
}

func (m *model) markOption(letter string) {
	ch, _ := m.openChoice(m.choice.key)
	for i, o := range ch.Options {
		if o.Letter == letter || strconv.Itoa(i+1) == letter {
			m.choice.pick = i + 1
		}
	}
}

func (m *model) takeOption() tea.Cmd {
	ch, ok := m.openChoice(m.choice.key)
	if !ok || m.choice.pick < 1 || m.choice.pick > len(ch.Options) {
		m.tell(words.Caution, "Mark an option first: its letter, or j k.")
		return nil
	}
	o := ch.Options[m.choice.pick-1]
	m.over = overNone
	m.list.Follow()
	return m.do("option "+safe.Short(o.Letter, 2), "Option "+safe.Short(o.Letter, 2)+" chosen: "+words.Option(o)+".", incident.Choose{Choice: ch.Key, Letter: o.Letter, By: m.view.Person})
}

// loud says that an alert still wants its quiet.
func (m *model) loud() bool {
	for _, a := range m.view.Alerts {
		if !a.Quiet {
			return true
		}
	}
	return false
}

func (m *model) hush() tea.Cmd {
	var kinds []string
	for _, a := range m.view.Alerts {
		if !a.Quiet {
			kinds = append(kinds, a.Kind)
		}
	}
	return m.ask("quiet "+words.Count(len(kinds), "alert"), "Quiet. The words stay until their cause ends.", func(context.Context) error {
		for _, k := range kinds {
			m.c.Quiet(k)
		}
		return nil
	})
}

func (m *model) reread() tea.Cmd {
	return m.ask("read everything again", "Read again just now.", func(ctx context.Context) error {
		m.c.Reread(ctx)
		return nil
	})
}
