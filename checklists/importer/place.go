package importer

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/lazy"
)

// builder puts the blocks of a source into books.
type builder struct {
	source  string
	lines   []line
	places  []Place
	listed  []Listing
	targets []target
	books   []*book
}

func (b *builder) list(n int, text string) { b.listed = append(b.listed, Listing{n, text}) }

func (b *builder) mark(k *book, as string, lines []line) {
	for _, l := range lines {
		if strings.TrimSpace(l.s) != "" {
			b.places[l.n-1] = Place{k.id, as}
		}
	}
}

// build makes a book for the document and one for each procedure, and fills
// them section by section.
func (b *builder) build(all []section) {
	byUnit := map[int]*book{}
	for i, s := range all {
		k := byUnit[s.unit]
		if k == nil {
			k = b.open(all, s.unit)
			byUnit[s.unit] = k
		}
		b.section(k, s, i == s.unit)
	}
	for _, k := range b.books {
		b.finish(k)
	}
}

// open begins the book of a procedure, named after its heading.
func (b *builder) open(all []section, unit int) *book {
	name, n := title(all[unit]), 1
	if h := all[unit].head; h != nil {
		n = h.own[0].n
	}
	if up := all[unit].parent; unit > 0 && up > 0 && all[up].head.level >= 3 {
		name = title(all[up]) + ": " + name
	}
	if plainTitle(name) == "" {
		name = b.source
	}
	k := &book{title: safeTitle(name, n, headingFits), first: n, main: unit == 0}
	k.id = checklists.Slug(k.title)
	if len(k.id) > 60 {
		k.id = strings.Trim(k.id[:60], "-")
	}
	for base, i := k.id, 2; b.taken(k.id); i++ {
		k.id = fmt.Sprintf("%s-%d", base, i)
	}
	b.books = append(b.books, k)
	return k
}

// taken ids are those of other books and of the shipped ones, which a file of
// that name would hide.
func (b *builder) taken(id string) bool {
	for _, k := range b.books {
		if k.id == id {
			return true
		}
	}
	return checklists.Ships(id)
}

// section places one section. The one that gave the book its name has no
// heading of its own.
func (b *builder) section(k *book, s section, named bool) {
	name := title(s)
	if s.head != nil {
		b.mark(k, "heading", s.head.own)
		if named && !kept(s.head.text, k.title) {
			k.intro = append(k.intro, chunk{lang: "text", lines: s.head.own})
		}
	}
	w := &writer{b: b, k: k, section: name, label: name, phase: phaseOf(name, 1)}
	acts := active(s) || holdsMessage(s)
	switch {
	case named:
		w.prose = &k.intro
	case acts:
		w.group = k.group(w.phase, s.head)
		w.prose = &w.group.prose
	default:
		if len(s.blocks) > 0 || s.head != nil {
			w.prose = k.note(s.head)
		}
	}
	for _, bl := range s.blocks {
		w.block(bl)
	}
	if len(w.over) > 0 {
		last := w.over[len(w.over)-1]
		w.over = w.over[:len(w.over)-1]
		w.add(last)
	}
}

func holdsMessage(s section) bool {
	label := title(s)
	for _, b := range s.blocks {
		if l, ok := labelOf(b); ok {
			label = title(s) + " " + l
		}
		if b.kind == fenced && isMessage(label, b) {
			return true
		}
	}
	return false
}

// Phases by their index.
const (
	before = 0
	during = 1
	after  = 2
)

var (
	beforeForm = lazy.Pattern(`(?i)\bpre-|before|detect|diagnos|symptom|prerequisit|prepar|assess|quarterly review|trigger`)
	afterForm  = lazy.Pattern(`(?i)\bpost-|\bafter\b|follow-?up|clos(e|ing)\b|debrief|post-?mortem|lessons|clean-?up|\[resolved\]|\bresolved\b`)
)

// phaseOf guesses the phase from a heading or a label.
func phaseOf(words string, otherwise int) int {
	switch {
	case afterForm.MatchString(words):
		return after
	case beforeForm.MatchString(words):
		return before
	case regexp.MustCompile(`(?i)during|recover|restor|respon|mitigat`).MatchString(words):
		return during
	}
	return otherwise
}

// writer places the blocks of one section.
type writer struct {
	b       *builder
	k       *book
	section string
	label   string // heading and last bold label
	phase   int
	group   *group
	prose   *[]chunk // where prose goes while the section has no step
	step    *step    // where it goes afterwards
	over    []chunk  // bold labels that wait for what they stand over
}

// add puts a chunk where the reader of the source finds it: under the step
// before it, else over the steps to come.
func (w *writer) add(c chunk) {
	to := w.prose
	switch {
	case w.step != nil:
		to = &w.step.body
	case to == nil:
		to = w.k.note(nil)
		w.prose = to
	}
	*to = append(*to, w.over...)
	w.over = nil
	if last := len(*to) - 1; last >= 0 && c.follows((*to)[last]) {
		(*to)[last].lines = append((*to)[last].lines[:len((*to)[last].lines):len((*to)[last].lines)], c.lines...)
		return
	}
	*to = append(*to, c)
}

// follows says that c is prose on the very next line after d.
func (c chunk) follows(d chunk) bool {
	return c.prose && d.prose && len(d.lines) > 0 && d.lines[len(d.lines)-1].n+1 == c.lines[0].n
}

// newStep begins a step in the group of the section and phase.
func (w *writer) newStep(text string, n int, role string) *step {
	if w.group == nil || w.group.phase != w.phase {
		w.group = w.k.group(w.phase, nil)
	}
	s := &step{title: text, line: n, role: role}
	if len(w.group.steps) == 0 {
		w.group.prose = append(w.group.prose, w.over...)
	} else {
		s.body = append(s.body, w.over...)
	}
	w.over = nil
	w.group.steps = append(w.group.steps, s)
	w.step = s
	return s
}

func (w *writer) block(bl block) {
	switch bl.kind {
	case rule:
		w.b.mark(w.k, "mark", bl.own)
		if w.step != nil && !w.step.item {
			w.step, w.prose = nil, nil
		}
	case front:
		w.b.mark(w.k, "illustration", bl.own)
		w.b.list(bl.own[0].n, "front matter is no part of a runbook: it is quoted")
		w.add(chunk{todo: "move what is still true into the header.", lang: "text", lines: bl.own})
	case table:
		w.table(bl)
	case fenced:
		w.fence(bl)
	case box:
		w.item(bl, true)
	case number:
		w.item(bl, asksFor(w.label, bl))
	case heading: // nested in an item
		w.b.mark(w.k, "prose", bl.own)
		w.add(chunk{prose: true, lines: bl.own})
	default:
		w.b.mark(w.k, "prose", bl.own)
		c := chunk{prose: true, lines: bl.own}
		if l, ok := labelOf(bl); ok && !w.nested() {
			w.label = w.section + " " + l
			w.phase = phaseOf(l, w.phase)
			w.over = append(w.over, c)
			return
		}
		w.add(c)
	}
}

func (w *writer) table(bl block) {
	w.b.mark(w.k, "prose", bl.own)
	found, unread := targets(bl)
	for _, l := range unread {
		w.b.list(l.n, "no RTO was found in this row: no clock was made of it")
	}
	for _, t := range found {
		w.b.targets = append(w.b.targets, t)
		w.k.clock(t)
	}
	w.add(chunk{prose: true, lines: bl.own})
}
