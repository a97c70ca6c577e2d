package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// prompt is the row above the keys: nothing, a text being typed, or an armed
// action that waits for its word.
type prompt struct {
	kind  promptKind
	label string
	edit  edit
	enter func(value string) tea.Cmd

	what   string // armed: what it would do, in words
	script string // armed: by which script; "" for none
	undo   bool   // armed: that script takes a step back
	word   string // armed: what must be typed
	until  time.Time
	step   string // armed: disarms when this step changes
	print  string
}

type promptKind int

const (
	idle promptKind = iota
	typing
	armed
)

// armedFor is how long an armed action waits.
const armedFor = 20 * time.Second

// typeIn opens a field in the prompt row.
func (m *model) typeIn(label, value string, enter func(string) tea.Cmd) {
	m.prompt = prompt{kind: typing, label: label, edit: filledWith(value), enter: enter}
}

// arm waits for a word. step may be "".
func (m *model) arm(what, word, step string, now time.Time, fire func(string) tea.Cmd) {
	m.prompt = prompt{kind: armed, what: what, word: word, until: now.Add(armedFor), step: step,
		print: fingerprint(m.view, step), enter: fire}
	m.said = ""
}

// disarm drops the armed action. Unless the person did it himself, at is when:
// he may be typing its word.
func (m *model) disarm(why string, at time.Time) {
	m.prompt = prompt{}
	m.noWord(at, strayFor)
	m.tell(words.Calm, "%s", why)
}

// rearms says how an action is armed again in a window of that width.
func rearms(w int) string {
	if w < 60 {
		return "x is locked below 60 columns."
	}
	return "x arms again."
}

// fingerprint is what must not change under an armed key.
func fingerprint(v cockpit.View, id string) string {
	st, ok := v.Step(id)
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%q|%q|%q|%v", st.Step.Step.ID, st.Status, st.Hosts, st.Script, st.Confirm, st.Lock.Locked())
	for _, g := range st.Guards {
		fmt.Fprintf(&b, "|%s=%s", g.Text, g.Truth)
	}
	for _, h := range st.Hosts {
		for _, x := range v.Vars(st.Script, h) {
			fmt.Fprintf(&b, "|%s:%s=%q", h, x.Name, x.Value)
		}
	}
	return b.String()
}

// enterPrompt takes what was typed.
func (m *model) enterPrompt(now time.Time) tea.Cmd {
	p := m.prompt
	value := strings.TrimSpace(p.edit.value)
	if p.kind == armed && m.pasted(now) {
		m.prompt.edit = edit{}
		m.tell(words.Caution, "That came at once, as a paste does: nothing ran. Type %s.", safe.Short(p.word, 40))
		return nil
	}
	if p.kind == armed && value != p.word {
		m.prompt.edit = edit{}
		m.tell(words.Caution, "Not %s: nothing ran.", safe.Short(p.word, 40))
		return nil
	}
	m.prompt = prompt{}
	return p.enter(value)
}

// paste goes into fields only: pasted text never confirms.
func (m *model) paste(s string) {
	switch s = safe.Line(s); {
	case m.prompt.kind == armed:
		m.tell(words.Caution, "Pasted text never confirms. Type %s.", safe.Short(m.prompt.word, 40))
	case m.prompt.kind == typing:
		m.prompt.edit = m.prompt.edit.insert(s)
	case m.over == overPalette:
		m.palette.Paste(s)
	case m.over == overForm:
		m.form.Paste(s)
	}
}

// promptRows is the prompt in w cells, below the lesson of the first flight.
// Only an answer to a key may take more than one row.
func (m *model) promptRows(w int) []line {
	return append(append(m.memoryLines(w), m.lessonLines(w)...), m.promptLines(w)...)
}

func (m *model) promptLines(w int) []line {
	switch m.prompt.kind {
	case armed:
		return m.armedRows(w)
	case typing:
		return []line{m.typingRow(w)}
	}
	if m.said != "" {
		var rows []line
		for i, s := range wrapMax(m.said, w-4, 4) {
			front := "   "
			if i == 0 && m.level > words.Calm {
				rows = append(rows, line{{text, " "}, {roleOf(m.level), words.Look}, {text, " " + s}})
				continue
			}
			if m.level == words.Calm {
				front = " "
			}
			rows = append(rows, tx(front+s))
		}
		if both, ok := m.saidAndNext(w); ok {
			return []line{both}
		}
		return rows
	}
	front := " Nothing is armed.   "
	if w < 100 {
		front = " "
	}
	return []line{m.hint(w, front)}
}

// saidAndNext is a calm answer with what is next behind it, where one row has
// room for both: nobody waits for an answer to go before he knows how it goes
// on.
func (m *model) saidAndNext(w int) (line, bool) {
	if m.level != words.Calm || m.over != overNone || len(m.asking) > 0 {
		return nil, false
	}
	both := append(tx(" "+clean(m.said)), m.hint(w, "   ")...)
	return both, both.width() <= w
}

// armedRows say what fires and by which word, in one row where there is room.
// What fires is never cut to make room: it goes on below. The script stands in
// the step above, and what in it acts here.
func (m *model) armedRows(w int) []line {
	p := m.prompt
	right := m.armedHow(w)
	head := line{{badge, " " + words.Badge(m.view) + " "}, {caut, " armed " + words.Dur(m.armedFor())}, {text, "  "}}
	what := clean(p.what)
	indent := strings.Repeat(" ", head.width())
	var rows []line
	add := func(r role, s string, most int) {
		for _, part := range wrapMax(s, w-head.width()-1, most) {
			rows = append(rows, line{{text, indent}, {r, part}})
		}
	}
	if m.said != "" {
		add(caut, m.said, 2)
	}
	add(title, what, 3)
	rows[0] = append(head, rows[0][1:]...)
	if last := rows[len(rows)-1]; last.width()+right.width() <= w {
		rows[len(rows)-1] = sides(last, right, w)
	} else {
		rows = append(rows, sides(nil, right, w))
	}
	if p.script != "" {
		most := 1
		if w < 100 && m.h >= 20 {
			most = 2
		}
		for _, part := range armedScript(p.script, w-head.width()-1, most) {
			rows = append(rows, line{{text, indent}, {text, part}})
		}
	}
	return rows
}

// armedFor is how long the armed action still waits.
func (m *model) armedFor() time.Duration {
	left := max(0, int(m.prompt.until.Sub(m.drawn)/time.Second)+1)
	return time.Duration(min(left, int(armedFor/time.Second))) * time.Second
}

// armedHow is the word to type and what was typed of it.
func (m *model) armedHow(w int) line {
	p := m.prompt
	value := clean(p.edit.value)
	box := "[" + value + strings.Repeat("_", max(width(p.word)-width(value), 1)) + "]"
	how := "  type " + p.word + ", Enter: "
	if w >= 100 {
		how = "   type " + p.word + ", then Enter: "
	}
	right := line{{text, how}, {todo, box}, {text, " "}}
	if w >= 110 {
		right = right.add(text, "  Esc disarms ")
	}
	return right
}

func (m *model) typingRow(w int) line {
	label := " " + m.prompt.label + ": "
	room := min(max(w-width(label)-3, 4), max(40, width(m.prompt.edit.value)+1))
	l := append(line{{title, label}, {text, "["}}, m.prompt.edit.draw(room, selected)...)
	return append(l, span{text, "]"})
}

// hint is what stands in the prompt row when nothing is armed or typed: the
// next thing to do, behind front. A step's title gives way to what is to be done
// about it.
func (m *model) hint(w int, front string) line {
	var l line
	for _, most := range []int{200, 60, 40, 24, 12} {
		if l = m.hintIn(w, most, front); l.width() <= w {
			break
		}
	}
	return l
}

// hintIn is hint with at most so many cells of a title.
func (m *model) hintIn(w, most int, front string) line {
	say := func(s string) line { return line{{text, front}, {todo, s}} }
	if len(m.asking) > 0 {
		return tx(" Asked; no answer yet.")
	}
	switch m.over {
	case overForm:
		if lacks := m.form.lacks(); lacks != "" {
			return say("To declare, name " + lacks + ". Tab goes to the fields.")
		}
		d := m.form.declaration(m.view)
		what, how := " "+words.Severity(d.Severity)+` "`+safe.Short(d.Title, 60)+`" on `, "  (inside a field: Esc, then D)"
		if w < 110 {
			what = " " + words.Severity(d.Severity) + " on "
		}
		return line{{text, " "}, {todo, "D declares"}, {text, what}, {badge, " " + words.Badge(m.view) + " "}, {text, how}}
	case overChoice:
		if m.choice.pick < 1 {
			return say("Mark an option first: its letter, or j k. Nothing runs by it.")
		}
		return say("Enter takes the marked option; nothing runs by it.")
	case overQuestion:
		return say("Enter gives the marked answer; nothing runs by it.")
	case overPalette:
		return say("Type a few letters of an action, step, node, message or runbook.")
	case overDetail:
		if m.detail.below > 0 {
			return tx(front + "Esc goes back.   " + words.Count(m.detail.below, "row") + " below: j")
		}
		return tx(front + "Esc goes back.")
	}
	if l, ok := m.mailHint(front); ok {
		return l
	}
	n := words.NextOf(m.view)
	if st, ok := m.list.Selected(); ok && m.list.cursor != "" && m.view.State.Open() {
		n = words.ForStep(m.view, st)
	}
	name := `"` + cutTo(words.Title(n.Step), most) + `"`
	if st, ok := words.Checking(m.view); ok && m.list.cursor == "" && n.Step.Step.Step.ID != st.Step.Step.ID {
		return m.meanwhile(st, n, most, front)
	}
	switch n.Do {
	case words.DoDeclare:
		return say("D opens the declaration: " + words.Severity(m.view.Offer.Severity) + " " + safe.Short(m.view.Offer.Title, 80))
	case words.DoRun:
		if m.w < 60 {
			return tx(front + "x is locked below 60 columns.")
		}
		return say("x arms " + name + " on " + safe.Line(strings.Join(n.Step.Hosts, ", ")))
	case words.DoTick:
		return say("Space ticks " + name)
	case words.DoPost:
		if len(n.Say.Missing) > 0 {
			return say("e fills {{" + safe.Short(n.Say.Missing[0], 30) + "}}, then P posts " + words.Label(n.Say.Template))
		}
		return say("P posts " + words.Label(n.Say.Template))
	case words.DoRoll:
		return say(":roll NAME asked, then NAME ready VERSION HEIGHT: " + name)
	case words.DoWatch:
		s := "Nothing to press: " + name + " is seen by itself."
		if n.Step.Status == incident.TimedOut {
			s = name + " was not seen in its time. It is still watched; j goes on, s skips it."
		}
		if m.view.Drill {
			s += " :wait jumps ahead."
		}
		return tx(front + s)
	case words.DoWait:
		if n.Step.Status == incident.Waiting {
			if r, ok := m.mail.Asks(); ok {
				if s, _ := m.mail.Selected(); words.Handmade(s, r.Lane) {
					return say("4 shows what to post by hand to " + safe.Short(r.Lane, 40))
				}
				return say("4, then 1 2 3 and Enter: what became of the copy to " + safe.Short(r.Lane, 40) + "?")
			}
			return tx(front + name + " waits for its messages: 4 shows them.")
		}
		return line{{text, " "}, {runs, "RUNNING"}, {text, " " + name + " since " + words.Since(n.Step.At, m.now) + "   Ctrl+C asks to stop it"}}
	case words.DoInside:
		return tx(front + words.Inside(m.view, n.Step))
	case words.DoAnswer:
		return say("1 to 4 choose, Enter answers: what became of " + name + "?")
	case words.DoChoose:
		return say("c chooses the way: " + letters(n.Choice))
	case words.DoResolve:
		return say(":resolve says that the service is back")
	case words.DoClose:
		return say(":close ends the incident: all is done and said")
	case words.DoLocked:
		return tx(front + "Locked: " + words.Lock(n.Step.Lock))
	case words.DoOver:
		return say(":q leaves")
	}
	if n.Step.Status != "" {
		return tx(front + name + " is " + words.Status(n.Step.Status) + ". f goes back to the next step.")
	}
	if m.view.State.ID == "" {
		if !m.fleet.sum.Fine() {
			return tx(front + "Something is not as it should be: 2 and Enter say why. D declares.")
		}
		if m.fleet.sum.Alerts > 0 {
			return tx(front + "The alert says what is wrong. D declares.")
		}
		return tx(front + "Nothing is wrong. D declares all the same; :q leaves.")
	}
	return tx(front + "Nothing to do.")
}

// meanwhile says that what was run is being checked, and what can be done until
// then without leaving it.
func (m *model) meanwhile(st cockpit.StepView, n words.Next, most int, front string) line {
	l := line{{text, front[:min(len(front), 3)]}, {runs, "CHECKING"}, {text, ` "` + cutTo(words.Title(st), most) + `" for ` + words.Since(st.At, m.now) + "."}}
	if len(front) > 3 {
		l[0].s = " "
	}
	if n.Do == words.DoPost && n.Say.Template != "" && len(n.Say.Missing) == 0 {
		return l.add(text, "   Meanwhile: ").add(todo, "P posts "+words.Label(n.Say.Template))
	}
	if n.Do == words.DoRun || n.Do == words.DoTick || n.Do == words.DoPost {
		return l.add(text, "   j goes on.")
	}
	return l
}

func letters(ch cockpit.ChoiceView) string {
	var out []string
	for _, o := range ch.Options {
		out = append(out, safe.Short(o.Letter, 2)+" "+safe.Short(words.Option(o), 40))
	}
	return strings.Join(out, " or ")
}
