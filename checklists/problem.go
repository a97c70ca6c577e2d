package checklists

import (
	"fmt"
	"sort"
)

// String is file:line:col: error|warning RULE text, and the hint in brackets.
func (p Problem) String() string {
	level := "error"
	if p.Warn {
		level = "warning"
	}
	s := fmt.Sprintf("%s:%d:%d: %s %s %s", p.File, p.Line, p.Col, level, p.Rule, p.Text)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Failed says whether any of the problems is an error.
func Failed(problems []Problem) bool {
	for _, p := range problems {
		if !p.Warn {
			return true
		}
	}
	return false
}

// sortProblems orders by position, then by rule, and drops repetitions: two
// checks may find the same thing at the same place.
func sortProblems(ps []Problem) []Problem {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		if a.Col != b.Col {
			return a.Col < b.Col
		}
		return a.Rule < b.Rule
	})
	out := ps[:0]
	for i, p := range ps {
		if i > 0 {
			last := out[len(out)-1]
			if last.Line == p.Line && last.Col == p.Col && last.Rule == p.Rule && last.Text == p.Text {
				continue
			}
		}
		out = append(out, p)
	}
	return out
}
