package checklists

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// innerPrefix stands before the ids of a procedure that flies inside a
// backbone.
const innerPrefix = "procedure/"

// Compose puts the procedure inner into the backbone outer, at its one step
// with book=@procedure.
//
// Before and After are the procedure's own groups, then the backbone's. In
// During the procedure's groups follow right after the step that carries the
// book, which stays as a step of kind Inner. Inner ids get the prefix
// "procedure/"; choices, clocks and parameters keep their names. The book that
// comes out carries the procedure's id, title, path and header, and a sha256
// over both files' sums. Both books must have parsed without errors.
func Compose(outer, inner Book) (Book, error) {
	if err := composable(outer, inner); err != nil {
		return Book{}, fmt.Errorf("compose %s into %s: %w", inner.ID, outer.ID, err)
	}
	out := inner
	if out.Hold != "" {
		out.Hold = innerPrefix + out.Hold
	}
	sum := sha256.Sum256([]byte(outer.SHA256 + "\n" + inner.SHA256 + "\n"))
	out.SHA256 = hex.EncodeToString(sum[:])
	out.Clocks, out.Params = slices.Clone(inner.Clocks), slices.Clone(inner.Params)
	for _, c := range outer.Clocks {
		if _, taken := inner.Clock(c.Name); !taken {
			out.Clocks = append(out.Clocks, c)
		}
	}
	for _, q := range outer.Params {
		if _, taken := inner.Param(q.Name); !taken {
			out.Params = append(out.Params, q)
		}
	}
	out.Marks = append(slices.Clone(inner.Marks), outer.Marks...)
	out.Notes = append(slices.Clone(inner.Notes), outer.Notes...)
	out.Phases = nil
	for _, kind := range []PhaseKind{Before, During, After} {
		if ph, ok := mergePhase(kind, outer.phase(kind), inner.phase(kind)); ok {
			out.Phases = append(out.Phases, ph)
		}
	}
	return out, nil
}

// composable says what keeps two books apart.
func composable(outer, inner Book) error {
	carriers := 0
	for _, s := range outer.Steps() {
		if s.Book == "@procedure" {
			carriers++
		}
	}
	if carriers != 1 {
		return fmt.Errorf("the backbone has %d steps with book=@procedure: it needs exactly one", carriers)
	}
	for _, s := range inner.Steps() {
		if s.Book == "@procedure" {
			return fmt.Errorf("step %s of the procedure flies a procedure itself: books may not go round in a circle", s.ID)
		}
	}
	for _, c := range outer.Clocks {
		if d, both := inner.Clock(c.Name); both && d.Component != c.Component {
			return fmt.Errorf("both books have a clock %q, for different components", c.Name)
		}
	}
	for _, q := range outer.Params {
		if r, both := inner.Param(q.Name); both && r.Type != q.Type {
			return fmt.Errorf("both books have a parameter %q, of different types", q.Name)
		}
	}
	taken := map[string]bool{}
	for _, g := range inner.groups() {
		if g.Choice != "" {
			taken[g.Choice] = true
		}
	}
	for _, g := range outer.groups() {
		if g.Choice != "" && taken[g.Choice] {
			return fmt.Errorf("both books have a choice %q: give one of the phases another text", g.Choice)
		}
	}
	return nil
}

func (b Book) phase(kind PhaseKind) Phase {
	for _, ph := range b.Phases {
		if ph.Kind == kind {
			return ph
		}
	}
	return Phase{Kind: kind}
}

func (b Book) groups() []Group {
	var out []Group
	for _, ph := range b.Phases {
		out = append(out, ph.Groups...)
	}
	return out
}

// Steps are all steps of the book in their order, those of every option too.
func (b Book) Steps() []Step {
	var out []Step
	for _, g := range b.groups() {
		out = append(out, g.Steps...)
	}
	return out
}

// mergePhase joins one phase of both books; ok is false when neither has it.
func mergePhase(kind PhaseKind, outer, inner Phase) (Phase, bool) {
	out := inner
	if inner.Slug == "" {
		out.Title, out.Slug = outer.Title, outer.Slug
	}
	out.Prose = joinProse(inner.Prose, outer.Prose)
	theirs := prefixed(inner.Groups)
	if kind == During {
		out.Groups = insertAtBook(outer.Groups, theirs)
	} else {
		out.Groups = append(theirs, outer.Groups...)
	}
	return out, out.Slug != ""
}

func joinProse(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

// prefixed are copies of the groups whose ids and needs carry the prefix.
func prefixed(groups []Group) []Group {
	out := slices.Clone(groups)
	for i := range out {
		out[i].Steps = slices.Clone(out[i].Steps)
		for j := range out[i].Steps {
			s := &out[i].Steps[j]
			s.ID = innerPrefix + s.ID
			s.Needs = slices.Clone(s.Needs)
			for k := range s.Needs {
				s.Needs[k] = innerPrefix + s.Needs[k]
			}
		}
	}
	return out
}

// insertAtBook cuts the group that carries the book after that step and puts
// theirs between the halves. The second half keeps the title and drops the
// prose, which stands over the first.
func insertAtBook(groups, theirs []Group) []Group {
	var out []Group
	for _, g := range groups {
		at := slices.IndexFunc(g.Steps, func(s Step) bool { return s.Book == "@procedure" })
		if at < 0 {
			out = append(out, g)
			continue
		}
		head, tail := g, g
		head.Steps, tail.Steps = slices.Clone(g.Steps[:at+1]), slices.Clone(g.Steps[at+1:])
		tail.Prose, tail.Suggest = "", nil
		out = append(append(out, head), theirs...)
		if len(tail.Steps) > 0 {
			out = append(out, tail)
		}
	}
	return out
}
