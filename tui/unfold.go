package tui

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

const (
	indent = 5
	label  = 9 // cells of "Severity "
)

// labelled is a text beside its label, wrapped, in at most n rows.
func labelled(name, s string, r role, w, n int) []line {
	var out []line
	for i, row := range wrapMax(s, w-indent-label-1, n) {
		head := strings.Repeat(" ", label)
		if i == 0 {
			head = pad(name, label)
		}
		out = append(out, line{{text, strings.Repeat(" ", indent) + head}, {r, row}})
	}
	return out
}

// labelledRows is labelled for rows that are drawn already: at most n of them,
// without the gaps between paragraphs; the last shows that something was cut.
func labelledRows(name string, rows []line, w, n int) []line {
	rows = slices.DeleteFunc(slices.Clone(rows), func(l line) bool { return l.width() == 0 })
	if len(rows) > n {
		rows = rows[:max(n, 0)]
		if n > 0 {
			rows[n-1] = tx(cut(rows[n-1].String(), w-indent-label-1))
		}
	}
	var out []line
	for i, row := range rows {
		head := strings.Repeat(" ", label)
		if i == 0 {
			head = pad(name, label)
		}
		out = append(out, append(tx(strings.Repeat(" ", indent)+head), row...))
	}
	return out
}

// unfold is what is to be known about a step, in at most room rows: the
// tighter the room, the less prose. What to do comes last and always stands.
func (c *checklist) unfold(st cockpit.StepView, room int) []line {
	if c.isArmed(st) {
		return c.armedRows(st, room)
	}
	least := 1
	if words.ForStep(c.v, st).Do == words.DoAnswer {
		least = 0
	}
	for n := 8; n >= least; n-- {
		if rows := c.block(st, n); len(rows) <= room {
			return rows
		}
	}
	rows := c.block(st, least)
	do := c.doRows(st, 1)
	keep := max(room-len(do)-1, 0)
	if len(rows) < keep {
		return rows
	}
	rows = append(rows[:keep:keep], tx(strings.Repeat(" ", indent)+"… Enter shows all"))
	return append(rows, do...)
}

// block is the unfolded step with at most n rows for each part.
func (c *checklist) block(st cockpit.StepView, n int) []line {
	s := st.Step.Step
	w := c.w
	var rows []line
	add := func(ls []line) { rows = append(rows, ls...) }
	if t := words.Title(st); width(t)+4 > w-c.stateWidth(st)-2 {
		add(labelled("Step", t, title, w, 3))
	}
	if words.ForStep(c.v, st).Do == words.DoAnswer {
		return append(rows, c.question(st, n)...)
	}
	failed := st.Status == incident.Failed
	if st.Status == incident.Running || failed || words.AnyFailed(st) {
		add(c.hostRows(st, n))
		add(c.failure(st, n))
		add(c.ways(st, n))
	}
	if st.Value != "" && !st.Settled() && !(failed && st.Run != nil) {
		add(labelled("What", safe.Line(st.Value), roleOf(words.Step(st, false, c.now).Level), w, n))
	}
	if s.Prose != "" && st.Status != incident.Running && !failed {
		add(labelledRows("Why", markdown(s.Prose, w-indent-label-1), w, n))
	}
	if st.Lock.Locked() && !st.Settled() {
		add(labelled("Locked", words.Lock(st.Lock), title, w, n))
	}
	if s.Run != nil && !st.Settled() {
		add(c.runRows(st, n))
	}
	if !st.Settled() && st.Status != incident.Running {
		add(c.readings(guardWord(st), st.Guards, n))
		add(c.instead(st))
		for i, ch := range st.Checks {
			name := "Check"
			if i > 0 {
				name = ""
			}
			add(c.readings(name, ch, n))
			add(c.holds(st, i))
		}
	}
	if st.Verdict != nil || st.AtHand != nil {
		add(c.verdictRows(st, n))
	}
	if s.Undo != nil && !st.Settled() && st.Status != incident.Running && !(failed && n < 6) {
		add(labelled("Undo", words.Brief(s.Undo.Text), text, w, max(1, n/3)))
	}
	return append(rows, c.doRows(st, n)...)
}

// guardWord is what the guards of a step are: those of a message are what its
// text says, and hold nothing back.
func guardWord(st cockpit.StepView) string {
	if len(st.Step.Step.Comms) > 0 {
		return "Says"
	}
	return "Guard"
}

// instead says that the text of a message gave way to the one for what is seen.
func (c *checklist) instead(st cockpit.StepView) []line {
	denied := slices.ContainsFunc(st.Guards, func(r incident.Reading) bool { return r.Truth == incident.False })
	other := slices.ContainsFunc(st.Step.Step.Comms, func(b checklists.Block) bool { return b.Otherwise })
	if !denied || !other || st.Claimed.IsZero() {
		return nil
	}
	return labelled("", "Seen otherwise, so the text for that is the one to post.", text, c.w, 2)
}

func (c *checklist) runRows(st cockpit.StepView, n int) []line {
	var rows []line
	if st.Status != incident.Running || st.Run == nil {
		rows = c.targets(st)
	}
	rows = append(rows, c.command("Run", st.Script, n)...)
	if !st.Settled() && st.Status != incident.Running {
		rows = append(rows, c.values(st.Script, st.Hosts, max(1, n/2))...)
	}
	return rows
}

// readings are assertions, one each row: what cannot be cut stands left.
func (c *checklist) readings(name string, rs []incident.Reading, n int) []line {
	var rows []line
	for i, r := range rs {
		if i >= n && len(rs) > n+1 {
			rows = append(rows, tx(strings.Repeat(" ", indent+label)+"… "+words.Count(len(rs)-i, "more reading")))
			break
		}
		head := strings.Repeat(" ", label)
		if i == 0 {
			head = pad(name, label)
		}
		rows = append(rows, readingRow(strings.Repeat(" ", indent)+head, r, c.w, c)...)
	}
	return rows
}

// readingRow is one assertion; a detail too long for the row goes below.
func readingRow(head string, r incident.Reading, w int, c *checklist) []line {
	box, what, detail, level := words.ReadingIn(c.v, r, c.now)
	m := strings.Trim(box, "()")
	l := line{{text, head + "("}, mark(m, level), {text, ") " + what}}
	right := line{{roleOf(level), detail}, {text, " "}}
	if l.width()+2+right.width() <= w {
		return []line{sides(l, right, w)}
	}
	rows := []line{l}
	for _, row := range wrapMax(detail, w-width(head)-5, 2) {
		rows = append(rows, line{{text, strings.Repeat(" ", width(head)+4)}, {roleOf(level), row}})
	}
	return rows
}

// holds says how long a check already holds of what it must.
func (c *checklist) holds(st cockpit.StepView, i int) []line {
	if i >= len(st.For) || st.For[i] <= 0 || i >= len(st.Held) || st.Held[i].IsZero() {
		return nil
	}
	return labelled("", "holds for "+words.Since(st.Held[i], c.now)+" of "+words.Dur(st.For[i]), runs, c.w, 1)
}

func (c *checklist) verdictRows(st cockpit.StepView, n int) []line {
	last := st
	st, live := words.AtHand(st)
	v := st.Verdict.Verdict
	judged := " Judged " + words.Age(st.Verdict.At, c.now) + " ago. Enter shows the evidence."
	if live {
		long, _ := words.Judged(last, c.now)
		judged = " This is what is seen now; " + long + ", x judges. Enter shows the evidence."
	}
	switch {
	case v.Allow && live:
		return labelled("Fence", "All is proven so far."+judged, text, c.w, max(n, 2))
	case v.Allow:
		return labelled("Fence", "ALLOWED. "+words.Verdict(v.Summary)+judged, good, c.w, n)
	}
	rows := labelled("Fence", "NO."+judged, warn, c.w, 2)
	for _, part := range []struct {
		state fence.State
		mark  string
		level words.Level
	}{{fence.Contradicting, words.Bad, words.Warning}, {fence.Missing, words.Asks, words.Unknown}} {
		for _, it := range v.Items {
			if it.State != part.state {
				continue
			}
			for i, s := range wrapMax(safe.Line(it.Name)+": "+words.Seen(it), c.w-indent-label-3, max(2, n)) {
				l := line{{text, strings.Repeat(" ", indent+label)}, mark(part.mark, part.level), {text, " " + s}}
				if i > 0 {
					l = tx(strings.Repeat(" ", indent+label+2) + s)
				}
				rows = append(rows, l)
			}
		}
	}
	return append(rows, labelled("", "Waiting is free. A second signer costs the validator for ever.", text, c.w, 2)...)
}

// doRows say what a person can do about the step.
func (c *checklist) doRows(st cockpit.StepView, n int) []line {
	if st.Status == incident.Failed && st.Run != nil {
		return nil // the ways are said beside why it failed
	}
	do := func(s string) []line { return labelled("Do", s, todo, c.w, max(2, n)) }
	switch nx := words.ForStep(c.v, st); nx.Do {
	case words.DoRun:
		verb := "x arms it"
		if st.Status == incident.TimedOut {
			verb = "x arms it again, :skip REASON leaves it out"
			if st.Undoable {
				verb += ", :undo takes it back"
			}
		}
		if words.Refused(st) {
			verb = "x asks the fence again; it starts only when all is proven"
		}
		who := ""
		if st.Step.Step.Approve == "2" {
			who = " A second person approves."
		}
		if c.narrow {
			return do("x is locked below 60 columns: make the window wider, then x arms it." + who)
		}
		return do(verb + "; then type " + safe.Short(words.Typed(st, "run"), 40) + "." + who)
	case words.DoTick:
		if e := safe.Short(st.Step.Step.Evidence, 20); e != "" {
			return do("Space ticks it and asks for the " + e + ".")
		}
		return do("Space ticks it.")
	case words.DoPost:
		if nx.Say.Template == "" {
			return do("The plan has no message for it. s skips it with a reason.")
		}
		return do("P posts " + words.Label(nx.Say.Template) + " once you have read it.")
	case words.DoRoll:
		return do("Call each who does not vote, the heaviest first: 2 lists them. Write down what was said, :roll NAME asked, :roll NAME reached, :roll NAME ready VERSION HEIGHT. It is done once more than two thirds vote or are ready.")
	case words.DoWatch:
		if c.v.Drill {
			return do("Nothing: it is seen by itself. :wait jumps ahead to what happens next; s skips it with a reason.")
		}
		return do("Nothing: it is seen by itself. s skips it with a reason.")
	case words.DoInside:
		return do(words.Inside(c.v, st))
	case words.DoAnswer:
		return c.answers(st)
	}
	return nil
}
