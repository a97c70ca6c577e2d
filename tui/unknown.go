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

// question is a step of which a person must say what it is: what the record
// says, what is seen now, where that points, and the answers. Each part takes at
// most n rows.
func (c *checklist) question(st cockpit.StepView, n int) []line {
	var rows []line
	switch {
	case n == 0: // what is seen and the answers take all the room
	case st.Status == incident.Done:
		s := "It was done at " + words.HMS(st.At, c.now) + ", and is seen otherwise since " + words.HMS(st.Doubted, c.now) + ". It counts as not done until you say what it is."
		rows = append(c.back(n), para(s, text, c.w, n)...)
	default:
		rows = append(c.back(n), c.recorded(st, n)...)
	}
	rows = append(rows, c.seenNow(st, n)...)
	rows = append(rows, c.answers(st)...)
	if st.Status == incident.Unknown && n > 0 {
		rows = append(rows, c.meanwhile(max(1, n/2))...)
	}
	return rows
}

// para is a text below a step, in at most n rows.
func para(s string, r role, w, n int) []line {
	var rows []line
	for _, p := range wrapMax(s, w-indent-1, max(n, 1)) {
		rows = append(rows, line{{text, strings.Repeat(" ", indent)}, {r, p}})
	}
	return rows
}

// recorded is what the record says of the run.
func (c *checklist) recorded(st cockpit.StepView, n int) []line {
	var rows []line
	for _, m := range words.Recorded(c.v, st, c.ended()) {
		head := strings.Repeat(" ", indent) + words.HMS(m.At, c.now) + "  "
		for i, s := range wrapMax(m.Text, c.w-width(head)-1, max(1, n/3)) {
			if i > 0 {
				head = pad("", width(head))
			}
			rows = append(rows, tx(head+s))
		}
	}
	if len(rows) == 0 && st.Value != "" {
		rows = labelled("What", safe.Line(st.Value), roleOf(words.Unknown), c.w, n)
	}
	return rows
}

// seenNow are the checks of the step as they read now, each with source and age.
func (c *checklist) seenNow(st cockpit.StepView, n int) []line {
	head := strings.Repeat(" ", indent) + "What is seen now"
	if at := words.Asked(st); !at.IsZero() {
		head += ", asked again at " + words.HMS(at, c.now)
	}
	rows := []line{in(title, head)}
	readings := 0
	for _, block := range st.Checks {
		for _, r := range block {
			if readings++; readings <= max(2*n, 3) {
				rows = append(rows, c.sourced(r)...)
			}
		}
	}
	if readings > max(2*n, 3) {
		rows = append(rows, tx(strings.Repeat(" ", indent)+"… "+words.Count(readings-max(2*n, 3), "more reading")+", Enter shows all"))
	}
	if st.Status == incident.Done {
		return rows
	}
	s, level := words.PointsTo(st).Sentence()
	r := title
	if level > words.Calm {
		r = roleOf(level)
	}
	return append(rows, in(text, strings.Repeat(" ", indent)).add(r, s))
}

// sourced is a reading with where and when it was read.
func (c *checklist) sourced(r incident.Reading) []line {
	box, what, why, level := words.ReadingIn(c.v, r, c.now)
	l := line{{text, strings.Repeat(" ", indent) + "("}, mark(strings.Trim(box, "()"), level), {text, ") " + what}}
	right := strings.TrimSpace(safe.Short(r.Source, 20) + "  " + age(r, c.v))
	if r.Truth != incident.True {
		right = strings.TrimSpace(safe.Short(r.Source, 20) + "  " + why)
	}
	if row := l.width() + 3 + width(right); row <= c.w {
		return []line{sides(l, line{{roleOf(level), right}, {text, " "}}, c.w)}
	}
	rows := []line{l}
	for _, s := range wrapMax(right, c.w-indent-5, 2) {
		rows = append(rows, line{{text, strings.Repeat(" ", indent+4)}, {roleOf(level), s}})
	}
	return rows
}

func age(r incident.Reading, v cockpit.View) string {
	if r.At.IsZero() {
		return ""
	}
	return words.Age(r.At, v.Now) + " ago"
}

// answers are what may be said of it; the marked one stands reversed.
func (c *checklist) answers(st cockpit.StepView) []line {
	rows := []line{in(todo, strings.Repeat(" ", indent)+"What is it? Nothing is run again by itself.")}
	for i, a := range words.Answers(c.v, st) {
		front, r := " ", text
		if c.pick == i+1 {
			front, r = "▶", selected
		}
		head := strings.Repeat(" ", indent-1) + front + strconv.Itoa(i+1) + "  "
		l := line{{r, head + a.Text}}
		if lock := "LOCKED: " + a.Locked; a.Locked != "" {
			l = l.add(title, "  "+lock)
			if l.width() > c.w {
				l = line{{r, head}, {title, lock + ". "}, {r, a.Text}}
			}
		}
		if a.Fits {
			l = l.add(good, "  (fits what is seen)")
		}
		rows = append(rows, l)
	}
	return rows
}

// answers are those to the question under the cursor.
func (m *model) answers() []words.Answer {
	st, ok := m.list.Selected()
	if !ok {
		return nil
	}
	return words.Answers(m.view, st)
}

// answerStep gives the marked answer: it asks what it rests on, looks again, or
// says why it is locked.
func (m *model) answerStep() tea.Cmd {
	st, _ := m.list.Selected()
	all := m.answers()
	if m.list.pick < 1 || m.list.pick > len(all) {
		return nil
	}
	a := all[m.list.pick-1]
	switch {
	case a.Locked != "":
		m.tell(words.Caution, "%d is locked: %s.", m.list.pick, a.Locked)
		return nil
	case a.Ran == "":
		m.list.pick = 0
		return m.ask("look again", "Looked again just now.", func(ctx context.Context) error {
			m.c.Reread(ctx)
			return nil
		})
	}
	m.typeIn(`"`+a.Ran+`" because`, "", func(note string) tea.Cmd {
		m.list.pick = 0
		return m.do("answer "+a.Ran, "Answered: "+a.Ran+".", incident.Answer{Step: st.Step.Step.ID, By: m.view.Person, Ran: a.Ran, Note: note})
	})
	return nil
}

// ended is when relight ended before somebody watched again; zero when it never
// did.
func (c *checklist) ended() time.Time {
	if c.v.Away == nil {
		return time.Time{}
	}
	return c.v.Away.From
}

// backFor is how long it is said that relight was away, when nothing asks.
const backFor = 2 * time.Minute

// backRows say, after relight was away, that the record is whole, and what is
// known to have happened meanwhile. A step that asks says so itself.
func (c *checklist) backRows() []line {
	st, ok := c.Selected()
	if a := c.v.Away; a == nil || c.now.Sub(a.To) > backFor || ok && st.Status == incident.Unknown {
		return nil
	}
	return append(c.back(6), c.meanwhile(6)...)
}

// back says that relight was away, and that the record is whole.
func (c *checklist) back(n int) []line {
	a := c.v.Away
	if a == nil {
		return nil
	}
	s := "Back after " + words.Dur(a.To.Sub(a.From)) + ". The record is whole: " + words.Count(a.Entries, "event") + ", last " + words.HMS(a.From, c.now) + "."
	var rows []line
	for _, r := range wrapMax(s, c.w-2, max(1, n/3)) {
		rows = append(rows, in(title, " "+r))
	}
	return rows
}

// meanwhile is what happened while nobody watched, in at most n rows.
func (c *checklist) meanwhile(n int) []line {
	a := c.v.Away
	if a == nil {
		return nil
	}
	lines := a.Lines
	if len(lines) == 0 {
		lines = []string{"nothing that is known; nobody else acted on this incident"}
	}
	var rows []line
	for i, s := range lines {
		head := strings.Repeat(" ", 22)
		if i == 0 {
			head = " While you were away: "
		}
		if len(rows) >= n {
			break
		}
		for k, r := range wrapMax(safe.Line(s), c.w-width(head)-1, max(1, n/3)) {
			if k > 0 {
				head = strings.Repeat(" ", 22)
			}
			rows = append(rows, line{{text, head}, {text, r}})
		}
	}
	return rows
}

// unread says that a message was written before relight was away and not read
// since: what it says may have been overtaken.
func (m *model) unread(s cockpit.SayView) bool {
	a := m.view.Away
	return a != nil && !m.again[s.Template] && s.PostedAt.Before(a.To)
}

// read shows such a message whole; the next P may post it.
func (m *model) read(s cockpit.SayView) {
	if m.again == nil {
		m.again = map[string]bool{}
	}
	m.again[s.Template] = true
	m.mailInFull()
	m.tell(words.Caution, "It was written before relight was away. Read it again, then P posts it.")
}
