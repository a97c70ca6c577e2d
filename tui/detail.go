package tui

import (
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// detail is a text over the whole body that can be scrolled. What it shows is
// made anew for every frame.
type detail struct {
	of  detailOf
	id  string // of a step
	top int
}

type detailOf int

const (
	ofNothing detailOf = iota
	ofStep
	ofNodes
	ofMail
	ofHelp
)

// stepDetail is a step with nothing left out: verdict, prose, script, readings
// with their sources, undo.
func (c *checklist) stepDetail(st cockpit.StepView, w int) []line {
	s := st.Step.Step
	var rows []line
	if st.Verdict != nil {
		rows = append(rows, c.evidence(st, w)...)
		rows = append(rows, nil)
	}
	all := *c
	all.w = w
	rows = append(rows, fit(all.stepRow(st, false), w))
	for _, p := range strings.Split(safe.Clean(s.Prose), "\n\n") {
		if p = words.Prose(p); p != "" {
			rows = append(rows, labelled("", p, text, w, 99)...)
		}
	}
	if st.Lock.Locked() && !st.Settled() {
		rows = append(rows, labelled("Locked", words.Lock(st.Lock), title, w, 9)...)
	}
	if st.Value != "" {
		rows = append(rows, labelled("Said", safe.Line(st.Value), text, w, 9)...)
	}
	rows = append(rows, all.hostRows(st, 9)...)
	if s.Run != nil {
		rows = append(rows, all.runRows(st, 999)...)
	}
	rows = append(rows, all.sources("Guard", st)...)
	if s.Undo != nil {
		for i, l := range words.Script(s.Undo.Text) {
			name := ""
			if i == 0 {
				name = "Undo"
			}
			rows = append(rows, labelled(name, l, text, w, 9)...)
		}
	}
	id := "id " + safe.Short(s.ID, 60)
	if s.Role != "" {
		id += ", role " + safe.Short(s.Role, 20)
	}
	if len(s.Needs) > 0 {
		id += ", needs " + safe.Line(strings.Join(s.Needs, ", "))
	}
	rows = append(rows, labelled("Step", id, text, w, 3)...)
	return append(rows, all.doRows(st, 9)...)
}

// sources are guards and checks with where each was read.
func (c *checklist) sources(name string, st cockpit.StepView) []line {
	var rows []line
	rows = append(rows, c.readings(name, st.Guards, 99)...)
	for _, rs := range st.Checks {
		for i, r := range rs {
			n := ""
			if i == 0 {
				n = "Check"
			}
			rows = append(rows, c.readings(n, rs[i:i+1], 99)...)
			if r.Source != "" {
				rows = append(rows, labelled("", "    source "+safe.Short(r.Source, 80), text, c.w, 2)...)
			}
		}
	}
	return rows
}

// evidence is the fence's verdict as a list: what contradicts, what is
// missing, what is proven. It shows what waiting costs, never a clock.
func (c *checklist) evidence(st cockpit.StepView, w int) []line {
	v := st.Verdict.Verdict
	r, word := warn, "✗ NO."
	if v.Allow {
		r, word = good, "✓ ALLOWED."
	}
	var rows []line
	head := line{{text, " VERDICT  "}, {r, word}, {text, " "}}
	for i, s := range wrap(words.Verdict(v.Summary), w-head.width()-10) {
		if i == 0 {
			rows = append(rows, sides(head.add(text, s), tx(" "+words.HMS(st.Verdict.At, c.now)+" "), w))
		} else {
			rows = append(rows, tx(pad("", head.width())+s))
		}
	}
	for _, part := range []struct {
		state fence.State
		name  string
		mark  string
		level words.Level
	}{
		{fence.Contradicting, "CONTRADICTING", words.Bad, words.Warning}, {fence.Missing, "MISSING", words.Asks, words.Unknown},
		{fence.Proven, "PROVEN", words.Good, words.Calm}, {fence.NotChecked, "NOT CHECKED", words.Left, words.Calm},
	} {
		n := v.Count(part.state)
		if n == 0 {
			continue
		}
		rows = append(rows, in(title, " "+part.name+" "+words.Num(int64(n))))
		for _, it := range v.Items {
			if it.State == part.state {
				rows = append(rows, c.item(it, part.mark, part.level, w)...)
			}
		}
	}
	for _, s := range wrap("Waiting is free: missed blocks cost nothing for hours. A second signer costs the validator for ever.", w-2) {
		rows = append(rows, in(title, " "+s))
	}
	return rows
}

// item is one thing that must be true, and what was seen of it.
func (c *checklist) item(it fence.Item, m string, level words.Level, w int) []line {
	right := safe.Short(it.Source, 24)
	if !it.At.IsZero() {
		right += "  " + words.Age(it.At, c.now)
	}
	if !it.Until.IsZero() {
		right += "  holds to " + words.HMS(it.Until, c.now)
	}
	rows := []line{sides(line{{text, " "}, mark(m, level), {text, " " + safe.Line(it.Name)}}, tx(strings.TrimSpace(right)+" "), w)}
	for _, s := range wrap(safe.Line(it.Text), w-7) {
		rows = append(rows, tx("     "+s))
	}
	return rows
}
