package checklists

// PlannedStep is a step with its place in the book.
type PlannedStep struct {
	Index     int       `json:"index"`
	Phase     PhaseKind `json:"phase"`
	PhaseSlug string    `json:"phase_slug"`
	Group     string    `json:"group,omitempty"`  // title of its group
	Choice    string    `json:"choice,omitempty"` // key of the choice it belongs to
	Letter    string    `json:"letter,omitempty"` // its option
	Step      Step      `json:"step"`
}

// Plan lists the steps of a book in their order.
func Plan(b Book) []PlannedStep {
	var out []PlannedStep
	for _, p := range b.Phases {
		for _, g := range p.Groups {
			for _, s := range g.Steps {
				out = append(out, PlannedStep{Index: len(out), Phase: p.Kind, PhaseSlug: p.Slug,
					Group: g.Title, Choice: g.Choice, Letter: g.Letter, Step: s})
			}
		}
	}
	return out
}
