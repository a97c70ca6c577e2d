package tui

import (
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// detail is a text over the whole body that can be scrolled. What it shows is
// made anew for every frame.
type detail struct {
	of    detailOf
	id    string // of a step
	top   int
	below int // rows that did not fit
}

type detailOf int

const (
	ofNothing detailOf = iota
	ofStep
	ofNodes
	ofHelp
)

// stepDetail is a step with nothing left out: verdict, prose, script, readings
// with their sources, undo.
func (c *checklist) stepDetail(st cockpit.StepView, w, h int) []line {
	s := st.Step.Step
	all := *c
	all.w, all.lines = w, printed(c.v, st)
	var rows []line
	if st.Verdict != nil {
		rows = append(all.evidence(st, w, h), nil)
	}
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

// detailTitle names a step, or what its fence answers.
func detailTitle(v cockpit.View, st cockpit.StepView, w int) string {
	switch {
	case st.Verdict == nil:
		return words.Title(st)
	case w < 120:
		if st.Verdict.Verdict.Allow {
			return "Fence " + words.Good
		}
		return "Fence " + words.Bad
	}
	return "Fence: " + words.FenceQuestion(v, st)
}
