package checklists

import "slices"

// Rule is one thing the linter insists on beyond the format: what is wrong, and
// what to do instead.
type Rule struct {
	ID   string `json:"rule"`
	Text string `json:"text"`
	Hint string `json:"hint"`
	Warn bool   `json:"warning,omitempty"` // worth a look, not always wrong
}

// Rules are the rules about real systems, each id once, sorted. The rules of
// the format are not among them: their messages say everything.
func Rules() []Rule {
	out := []Rule{
		{ID: "capture-first", Text: "a step deletes or resets, and no earlier step keeps what it was", Hint: "before it, a step with evidence=output or evidence=file"},
		{ID: "resolved-unlocked", Text: "\"resolved\" can be said before anything was seen to hold", Hint: "its step needs a sensed one whose verification has for="},
		{ID: "memory-items", Text: "more than three memory items for one condition", Hint: "keep what must be done before anybody reads; the rest are steps"},
		{ID: "clock-laxer", Text: "a clock gives more time than the configuration's target", Hint: "a runbook may only be stricter"},
		{ID: "review-past", Text: "the day of the review is past", Hint: "read the runbook against the systems, then move review_by", Warn: true},
		{ID: "conflict-rto", Text: "two figures for the time in which a component is back", Hint: "write both as [[target]] with their source: the stricter holds", Warn: true},
		{ID: "conflict-rpo", Text: "two figures for what may be lost of a component", Hint: "write both as [[target]] with their source: the stricter holds", Warn: true},
		{ID: "conflict-row-missing", Text: "a component has targets in one table and no row in another", Hint: "give it the same name and a row in both", Warn: true},
	}
	have := map[string]bool{}
	for _, f := range claimForms() {
		if !have[f.rule] {
			out = append(out, Rule{ID: f.rule, Text: "two figures for " + f.about, Hint: f.hint, Warn: true})
		}
		have[f.rule] = true
	}
	for _, s := range slips() {
		if !have[s.rule] {
			out = append(out, Rule{ID: s.rule, Text: s.text, Hint: s.hint, Warn: s.warn})
		}
		have[s.rule] = true
	}
	slices.SortFunc(out, func(a, b Rule) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}
