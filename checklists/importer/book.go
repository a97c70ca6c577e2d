package importer

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/checklists"
)

// chunk is a piece of a skeleton: prose, an illustration (todo says what is to
// be done with it) or, with a template, a message.
type chunk struct {
	prose    bool
	lines    []line
	lang     string
	todo     string
	template string
}

type step struct {
	title string
	line  int
	role  string
	own   []line // the item it came from, nil for a piece of a block
	item  bool   // its nested blocks are being placed
	body  []chunk
}

// group is a heading of its own in a phase, or without one what follows it.
type group struct {
	head  string
	phase int
	prose []chunk
	steps []*step
}

type note struct {
	head string
	text *[]chunk
}

// book is a runbook being built.
type book struct {
	id, title string
	first     int // line of its heading
	main      bool
	intro     []chunk
	clocks    []target
	phases    [3]struct{ groups []*group }
	notes     []note
}

// group begins a group in a phase; without a heading it goes on with the last.
func (k *book) group(phase int, head *block) *group {
	ph := &k.phases[phase]
	if head == nil && len(ph.groups) > 0 {
		return ph.groups[len(ph.groups)-1]
	}
	g := &group{phase: phase}
	if head != nil {
		g.head = safeTitle(head.text, head.own[0].n, headingFits)
		if !kept(head.text, g.head) {
			g.prose = append(g.prose, chunk{lang: "text", lines: head.own})
		}
	}
	ph.groups = append(ph.groups, g)
	return g
}

// note begins a section that is no phase.
func (k *book) note(head *block) *[]chunk {
	text := &[]chunk{}
	n := note{text: text, head: "From the source"}
	if head != nil {
		n.head = safeTitle(head.text, head.own[0].n, headingFits)
		if !kept(head.text, n.head) {
			*text = append(*text, chunk{lang: "text", lines: head.own})
		}
	}
	k.notes = append(k.notes, n)
	return text
}

func (k *book) clock(t target) {
	for _, have := range k.clocks {
		if have.name == t.name {
			return
		}
	}
	k.clocks = append(k.clocks, t)
}

// finish gives a book what every runbook needs: steps with titles of their
// own, and one step at least.
func (b *builder) finish(k *book) {
	if !k.main {
		for _, t := range b.targets {
			if t.about(k.title) && len(k.clocks) == 0 {
				k.clock(t)
			}
		}
	}
	steps, seen := 0, map[string]bool{}
	for _, ph := range k.phases {
		for _, g := range ph.groups {
			for _, s := range g.steps {
				steps++
				b.nameStep(s, seen)
			}
		}
	}
	if steps == 0 {
		k.phases[during].groups = append(k.phases[during].groups, &group{phase: during,
			steps: []*step{{title: "Read the source and write the steps", role: "ops"}}})
	}
}

// nameStep makes a step's title plain and its id the only one of its kind.
func (b *builder) nameStep(s *step, seen map[string]bool) {
	base := safeTitle(s.title, s.line, stepFits)
	if s.own != nil && !kept(s.title, base) {
		s.body = append([]chunk{{lang: "text", lines: s.own, todo: "the step's line as the source has it."}}, s.body...)
	}
	s.title = base
	for i := 2; seen[checklists.Slug(s.title)]; i++ {
		s.title = fmt.Sprintf("%s (%d)", base, i)
	}
	seen[checklists.Slug(s.title)] = true
}

// restore quotes every line that nothing has placed, so that none is lost.
func (b *builder) restore() {
	var lost []line
	for _, l := range b.lines {
		if strings.TrimSpace(l.s) != "" && b.places[l.n-1].As == "" {
			lost = append(lost, l)
			b.list(l.n, "this line was not placed: it is quoted at the end of "+b.books[0].id)
		}
	}
	if len(lost) > 0 {
		b.mark(b.books[0], "listed", lost)
		text := b.books[0].note(nil)
		*text = append(*text, chunk{lang: "text", lines: lost, todo: "lines that were not placed."})
	}
}
