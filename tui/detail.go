package tui

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// detail is a text over the whole body that can be scrolled. What it shows is
// made anew for every frame.
type detail struct {
	of    detailOf
	id    string // of a step
	top   int
	below int     // rows that did not fit
	back  overlay // where back leads
}

type detailOf int

const (
	ofNothing detailOf = iota
	ofStep
	ofNodes
	ofHelp
	ofBook
)

// stepDetail is a step with nothing left out. What is red or not known explains
// itself first: the verdict, the question, why it failed; then why and what, the
// readings with their sources, and how to take it back.
func (c *checklist) stepDetail(st cockpit.StepView, w, h int) []line {
	s := st.Step.Step
	all := *c
	all.w, all.lines = w, words.Printed(c.v, st)
	var rows []line
	add := func(ls []line) { rows = append(rows, ls...) }
	if all.isArmed(st) { // what fires is read first
		add([]line{fit(all.stepRow(st, false), w)})
		add(all.lined(map[bool]string{false: "Run", true: "Undo"}[c.undoes], words.Script(c.script), 99))
		add(append(all.values(c.script, st.Hosts, 99), nil))
	}
	if st.Verdict != nil || st.AtHand != nil {
		add(append(all.evidence(st, w, h), nil))
	}
	add([]line{fit(all.stepRow(st, false), w)})
	if words.ForStep(c.v, st).Do == words.DoAnswer {
		add(append(all.question(st, 99), nil))
	}
	add(all.ran(st))
	if st.Value != "" {
		add(labelled("Said", safe.Line(st.Value), text, w, 9))
	}
	if st.Lock.Locked() && !st.Settled() {
		add(labelled("Locked", words.Lock(st.Lock), title, w, 9))
	}
	if s.Prose != "" {
		add(labelledRows("Why", markdown(s.Prose, w-indent-label-1), w, 99))
	}
	switch {
	case s.Run != nil && all.isArmed(st): // it stands above
		add(all.targets(st))
	case s.Run != nil:
		add(all.runRows(st, 999))
	}
	add(all.explained(guardWord(st), st.Guards))
	add(all.instead(st))
	for i, rs := range st.Checks {
		add(all.explained(map[bool]string{true: "Check"}[i == 0], rs))
		add(all.holds(st, i))
	}
	if s.Undo != nil {
		for i, l := range words.Script(s.Undo.Text) {
			add(labelled(map[bool]string{true: "Undo"}[i == 0], l, text, w, 9))
		}
		add(all.values(s.Undo.Text, st.Hosts, 9))
	}
	add(all.doneBefore(st))
	add(labelled("Step", stepID(st), text, w, 3))
	if words.ForStep(c.v, st).Do != words.DoAnswer {
		add(all.doRows(st, 9))
	}
	return rows
}

// stepID is where the step stands in its runbook.
func stepID(st cockpit.StepView) string {
	s := st.Step.Step
	id := "id " + safe.Short(s.ID, 60)
	if s.Role != "" {
		id += ", role " + safe.Short(s.Role, 20)
	}
	if len(s.Needs) > 0 {
		id += ", needs " + safe.Line(strings.Join(s.Needs, ", "))
	}
	return id
}

// ran is the last run in full: each host, and of those that failed why, and
// what they printed last.
func (c *checklist) ran(st cockpit.StepView) []line {
	rows := c.hostRows(st, 999)
	if st.Run == nil || st.Status == incident.Unknown {
		return rows
	}
	failed := false
	for _, h := range st.Run.Hosts {
		f, ok := words.WhyFailed(h, c.lines[h.Host])
		if !ok {
			continue
		}
		failed = true
		rows = append(rows, in(title, strings.Repeat(" ", indent)+"Why it failed on "+safe.Short(h.Host, 40)))
		for _, s := range []string{f.Why, h.Reason} {
			if s = safe.Line(s); s != "" {
				rows = append(rows, para(s, text, c.w, 9)...)
			}
		}
		for _, l := range c.lines[h.Host] {
			rows = append(rows, para(l.At.UTC().Format("15:04:05")+" "+safe.Line(l.Text), text, c.w, 3)...)
		}
	}
	if failed {
		rows = append(rows, c.ways(st, 9)...)
	}
	return append(rows, nil)
}

// explained are readings in full: in words, as written in the runbook, what was
// seen, where and when.
func (c *checklist) explained(name string, rs []incident.Reading) []line {
	var rows []line
	for i, r := range rs {
		if i > 0 {
			name = ""
		}
		rows = append(rows, c.readings(name, rs[i:i+1], 99)...)
		s := safe.Short(r.Text, 200)
		if r.Value != "" {
			s += ": seen " + safe.Short(r.Value, 80)
		}
		if r.Source != "" {
			s += ", by " + safe.Short(r.Source, 80)
		}
		if !r.At.IsZero() {
			s += " at " + words.HMS(r.At, c.now)
		}
		rows = append(rows, labelled("", "    "+s, text, c.w, 9)...)
	}
	return rows
}

// doneBefore are the earlier runs of the step.
func (c *checklist) doneBefore(st cockpit.StepView) []line {
	var runs []incident.Run
	for id, r := range c.v.State.Runs {
		if r.Step == st.Step.Step.ID && id != st.Effect {
			runs = append(runs, r)
		}
	}
	slices.SortFunc(runs, func(a, b incident.Run) int { return a.At.Compare(b.At) })
	var rows []line
	for i, r := range runs {
		s := words.HMS(r.At, c.now) + " by " + safe.Short(r.By, 20)
		if r.Undo {
			s += ", undo"
		}
		for _, h := range r.Hosts {
			word, _ := words.HostEnd(h)
			s += ", " + safe.Short(h.Host, 24) + " " + word
		}
		rows = append(rows, labelled(map[bool]string{true: "Before"}[i == 0], s, text, c.w, 3)...)
	}
	return rows
}

// detailTitle names a step, or what its fence answers.
func detailTitle(v cockpit.View, st cockpit.StepView, w int) string {
	now, live := words.AtHand(st)
	switch {
	case now.Verdict == nil:
		return words.Title(st)
	case w < 120:
		if live && now.Verdict.Verdict.Allow {
			return "Fence " + words.Look
		}
		if now.Verdict.Verdict.Allow {
			return "Fence " + words.Good
		}
		return "Fence " + words.Bad
	}
	return "Fence: " + words.FenceQuestion(v, st)
}
