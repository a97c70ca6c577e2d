package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// checklist is the pane of the steps: one row each, the one under the cursor
// unfolded. Without a cursor it follows the step to do next, and stays with one
// that ran until its check is through.
type checklist struct {
	size
	v      cockpit.View
	now    time.Time
	cursor string                    // id of a step; "" follows
	pick   int                       // answer marked under a question; 0 none
	open   bool                      // what was seen and folded is shown all the same
	lines  map[string][]cockpit.Line // last ones of each host of the step unfolded
	loose  bool                      // nothing keeps the session when the line drops
	seen   summary                   // for home
	armed  string                    // id of the step whose command is armed
	script string                    // that command; "" for none
	undoes bool                      // it takes the step back
	narrow bool                      // the window is too narrow to arm anything
}

func (c *checklist) SetSize(s size)                        { c.size = s }
func (c *checklist) SetView(v cockpit.View, now time.Time) { c.v, c.now = v, now }
func (c *checklist) visible(st cockpit.StepView) bool      { return !st.Passed && !words.Elsewhere(c.v, st) }

// foldAfter is how long what was sensed stays after it cleared itself.
const foldAfter = 30 * time.Second

// folds says that a step was seen long enough ago to be counted only.
func (c *checklist) folds(st cockpit.StepView) bool {
	return st.Status == incident.Done && st.Settled() && st.Step.Step.Kind() == checklists.Sensed && c.now.Sub(st.At) > foldAfter
}

// folded says that a step has no row now: it is folded, and not looked at.
func (c *checklist) folded(st cockpit.StepView) bool {
	return !c.open && c.folds(st) && st.Step.Step.ID != c.cursor
}

// CanOpen says that something is folded, or would be.
func (c *checklist) CanOpen() bool {
	return slices.ContainsFunc(c.v.Steps, func(st cockpit.StepView) bool { return c.visible(st) && c.folds(st) })
}

func (c *checklist) phases() (out []checklists.PhaseKind) {
	for _, k := range []checklists.PhaseKind{checklists.Before, checklists.During, checklists.After} {
		if _, n := words.Counted(c.v, k); n > 0 || k == c.v.State.Phase() {
			out = append(out, k)
		}
	}
	return out
}

// Selected is the step under the cursor.
func (c *checklist) Selected() (cockpit.StepView, bool) {
	if st, ok := c.v.Step(c.cursor); ok && c.visible(st) {
		return st, true
	}
	if st, ok := words.Checking(c.v); ok && !words.Presses(c.v) {
		return st, true
	}
	if n := words.NextOf(c.v); n.Do == words.DoChoose {
		return cockpit.StepView{}, false
	}
	return c.v.Step(c.v.Current)
}

// Chooses is the choice the cursor stands on: it is what is to be done next, and
// no step is under the cursor then.
func (c *checklist) Chooses() (cockpit.ChoiceView, bool) {
	if _, ok := c.Selected(); ok || !c.v.State.Open() {
		return cockpit.ChoiceView{}, false
	}
	n := words.NextOf(c.v)
	return n.Choice, n.Do == words.DoChoose
}

// Move moves the cursor by n visible steps.
func (c *checklist) Move(n int) {
	var ids []string
	ch, chooses := c.Chooses()
	at := 0
	for _, st := range c.v.Steps {
		if chooses && st.Choice == ch.Key { // it stands between the steps
			at = len(ids)
		}
		if c.visible(st) && !c.folded(st) {
			ids = append(ids, st.Step.Step.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	if st, ok := c.Selected(); ok {
		at = max(0, slices.Index(ids, st.Step.Step.ID))
	}
	if chooses && n > 0 {
		n--
	}
	c.cursor, c.pick = ids[min(max(at+n, 0), len(ids)-1)], 0
}

// Follow gives the cursor back to the step to do next.
func (c *checklist) Follow() { c.cursor, c.pick = "", 0 }

// Mark is what the tab says of the pane.
func (c *checklist) Mark() string {
	worst, m := words.Calm, ""
	for _, st := range c.v.Steps {
		if !c.visible(st) {
			continue
		}
		s := words.Step(st, false, c.now)
		if s.Level > worst {
			worst, m = s.Level, s.Mark
			if m == words.Good {
				m = words.Look // done, and seen otherwise
			}
		} else if s.Going && m == "" {
			m = words.Going
		}
	}
	return m
}

// View is the pane, exactly its size.
func (c *checklist) View() []line {
	if c.v.State.ID == "" || !c.v.State.Open() {
		return screenful(c.withLoose(home(c.v, c.seen, c.now, c.w, c.h)), c.w, c.h, 0)
	}
	top := c.backRows()
	if n := c.h / 3; len(top) > n {
		top = top[:n]
	}
	h := c.h - len(top)
	rows, from, to := c.rows(h)
	return append(screenful(top, c.w, len(top), 0), screenful(rows, c.w, h, window(len(rows), h, from, to))...)
}

// rows are all steps that are shown, for a pane of h rows; from and to are those
// of the one unfolded.
func (c *checklist) rows(h int) (rows []line, from, to int) {
	sel, has := c.Selected()
	ch, chooses := c.Chooses()
	c.lines = words.Printed(c.v, sel)
	now := c.v.State.Phase()
	group := ""
	for _, phase := range c.phases() {
		done, all := words.Counted(c.v, phase)
		rows = append(rows, c.phaseRow(phase, done, all, phase == now))
		if phase != now && !(has && sel.Phase == phase) {
			continue
		}
		for _, st := range c.v.Steps {
			if st.Phase != phase {
				continue
			}
			if st.Choice != "" && st.Choice+st.Group != group {
				if c.firstOf(st) {
					at := chooses && ch.Key == st.Choice
					if at {
						from = len(rows)
					}
					if rows = append(rows, c.choiceRows(st.Choice, at)...); at {
						to = len(rows)
					}
				}
				group = st.Choice + st.Group
			}
			if !c.visible(st) || c.folded(st) {
				continue
			}
			here := has && st.Step.Step.ID == sel.Step.Step.ID
			if here {
				from = len(rows)
			}
			rows = append(append(rows, c.stepRow(st, here)), c.otherwise(st)...)
			if here {
				rows = append(rows, c.unfold(st, c.roomFor(st, h))...)
				to = len(rows)
			}
		}
	}
	return rows, from, to
}

// roomFor is how many rows of h a step may unfold to. One that asks presses: all
// of it must be seen.
func (c *checklist) roomFor(st cockpit.StepView, h int) int {
	if words.ForStep(c.v, st).Do == words.DoAnswer || c.isArmed(st) {
		return max(h-1-len(c.otherwise(st)), 3)
	}
	return max(h-3, 3)
}

// otherwise is the second line of a done step that is seen otherwise.
func (c *checklist) otherwise(st cockpit.StepView) []line {
	s := words.Otherwise(c.v, st, c.now)
	if s == "" {
		return nil
	}
	var rows []line
	front := words.Look + " "
	s = "seen otherwise: " + s
	for _, r := range wrapMax(s, c.w-indent-3, 2) {
		rows = append(rows, line{{text, strings.Repeat(" ", indent)}, {caut, front + r}})
		front = "  "
	}
	return rows
}

// window is the first row to show so that rows from..to are seen whole.
func window(n, h, from, to int) int {
	top := 0
	if to > h {
		top = to - h
		if rest := h - (to - from); rest > 2 {
			top += rest / 3 // leave a glimpse of what follows
		}
		if from < top {
			top = from
		}
	}
	return max(0, min(top, n-h))
}

// screenful is h rows of w cells, from row top on.
func screenful(rows []line, w, h, top int) []line {
	out := make([]line, 0, h)
	for i := range h {
		var l line
		if top+i < len(rows) {
			l = rows[top+i]
		}
		out = append(out, fit(l, w))
	}
	return out
}

func (c *checklist) phaseRow(phase checklists.PhaseKind, done, all int, current bool) line {
	name := words.Phase(phase)
	for _, p := range c.v.State.Book.Phases {
		if p.Kind == phase && p.Title != "" {
			name += ": " + safe.Short(p.Title, 60)
		}
	}
	r := text
	if current {
		r = title
	}
	state := "later"
	if done > 0 || current || all == 0 {
		state = words.Num(int64(done)) + " of " + words.Num(int64(all)) + " done"
	}
	if n := c.foldedIn(phase); n > 0 && current {
		state += ", " + words.Num(int64(n)) + " seen and folded"
	}
	return sides(line{{r, " " + name}}, tx(state+" "), c.w)
}

// foldedIn is how many steps of a phase are folded.
func (c *checklist) foldedIn(phase checklists.PhaseKind) int {
	n := 0
	for _, st := range c.v.Steps {
		if st.Phase == phase && c.visible(st) && c.folded(st) {
			n++
		}
	}
	return n
}

// firstOf says that st is the first step of its choice in the book.
func (c *checklist) firstOf(st cockpit.StepView) bool {
	for _, o := range c.v.Steps {
		if o.Choice == st.Choice {
			return o.Step.Step.ID == st.Step.Step.ID
		}
	}
	return false
}

// choiceRows are a choice: the option taken, or all that may be taken.
func (c *checklist) choiceRows(key string, here bool) []line {
	for _, ch := range c.v.Choices {
		if ch.Key != key {
			continue
		}
		if ch.Taken != "" {
			return []line{tx("     Option " + safe.Short(ch.Taken, 2) + " chosen: " + optionTitle(ch, ch.Taken))}
		}
		var rows []line
		switch {
		case here:
			rows = append(rows, line{{selected, "▶    Which way?"}, {text, "  "}, {todo, "c opens the choice"}})
		case ch.Open:
			rows = append(rows, line{{title, "     Which way?"}, {todo, "  c opens the choice"}})
		default:
			rows = append(rows, tx("     One of these, when its turn comes:"))
		}
		for _, o := range ch.Options {
			l := tx("     " + safe.Short(o.Letter, 2) + "  " + words.Option(o))
			if o.Suggested {
				l = l.add(good, "  fits what is seen")
			}
			rows = append(rows, l)
		}
		return rows
	}
	return nil
}

func optionTitle(ch cockpit.ChoiceView, letter string) string {
	for _, o := range ch.Options {
		if o.Letter == letter {
			return words.Option(o)
		}
	}
	return safe.Short(letter, 10)
}

// stepRow is a step in one row: box, title, who is to do it, state.
func (c *checklist) stepRow(st cockpit.StepView, here bool) line {
	current := st.Step.Step.ID == c.v.Current
	s := words.Step(st, current, c.now)
	front, r := " ", text
	if here {
		front, r = "▶", selected
	} else if current {
		r = title
	}
	head := s.Box[:1]
	m := mark(s.Mark, s.Level)
	if s.Mark == words.Good && s.Level > words.Calm {
		m = mark(s.Mark, words.Calm)
	}
	if here && s.Level == words.Calm {
		m.r = r // no hole in the row under the cursor
	}
	l := line{{r, front + head}, m, {r, s.Box[len(s.Box)-1:] + " " + words.Title(st)}}
	if st.Value != "" && st.Settled() {
		l = l.add(text, "  "+quoted(st))
	}
	right := line{{text, " "}}
	if !st.Settled() && st.Step.Step.Role != "" {
		right = right.add(text, safe.Short(st.Step.Step.Role, 12)+"  ")
	}
	if st.Step.Step.Optional && !st.Settled() {
		right = right.add(text, "optional  ")
	}
	wr := roleOf(s.Level)
	if s.Going {
		wr = runs
	} else if current && s.Level == words.Calm && !st.Settled() {
		wr = todo
	}
	return sides(l, right.add(wr, s.Word).add(text, " "), c.w)
}

// stateWidth is how much of a step's row its role and state take.
func (c *checklist) stateWidth(st cockpit.StepView) int {
	n := 3 + width(words.Step(st, true, c.now).Word)
	if !st.Settled() {
		n += width(safe.Short(st.Step.Step.Role, 12)) + 2
	}
	return n
}

func quoted(st cockpit.StepView) string {
	s := safe.Short(st.Value, 80)
	if st.Status == incident.Skipped {
		return "reason: " + s
	}
	return `"` + strings.Trim(s, `"`) + `"`
}
