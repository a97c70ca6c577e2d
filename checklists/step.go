package checklists

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/virtengine/relight/lazy"
)

var stepForm = lazy.Pattern(`^- \[ \] +(\S.*)$`)

// topList reads the steps of a list at column 1. Lists without a box are
// prose; what looks like a box and was not read here is found by the
// cross-check.
func (p *reader) topList(l *ast.List) {
	boxes := 0
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		if stepForm.MatchString(p.src.line(p.lineOf(item))) {
			boxes++
		}
	}
	if boxes == 0 {
		p.leaveStep(l)
		return
	}
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		line := p.lineOf(item)
		raw := p.src.line(line)
		if m := stepForm.FindStringSubmatch(raw); m != nil {
			p.readStep(item, line, m[1], len(raw)-len(m[1]))
		} else if !boxLike(raw) {
			p.err(line, 1, "list-mixed", "a bullet without a box stands among steps", "make it a step, or indent it under its step")
		}
	}
}

// readStep reads one list item. at is the offset of rest in the line.
func (p *reader) readStep(item ast.Node, line int, rest string, at int) {
	if p.phase < 0 {
		p.err(line, 1, "step-outside", "the step stands outside Before, During and After", "put it under a phase heading")
		p.claimed[line] = true
		p.bodyOutside(item)
		return
	}
	title, raw, open, ok := splitAttrs(rest)
	first := item.FirstChild()
	s := Step{Title: p.stepTitle(first, ok), Line: line}
	sp := spot{phase: p.phase, line: line, cols: map[string]int{}}
	if s.Title == "" {
		p.err(line, 1, "step-title", "the step has no title", "write what is to be done after the box")
	}
	if attrLook.MatchString(title) || strings.ContainsAny(title, "{}") {
		p.err(line, at+1, "attrs-place", "attributes stand in the title, or are broken", "put them once, last on the line, in one code span: `{role=ops id=name}`")
	}
	if first != nil && (first.Kind() == ast.KindParagraph || first.Kind() == ast.KindTextBlock) && first.Lines().Len() > 1 {
		p.err(line+1, 1, "step-line", "the step's line goes on in the next line", "keep title and attributes on one line, leave a blank line, indent the rest by two blanks")
	}
	if ok {
		p.stepAttrs(&s, &sp, p.attrs(raw, line, at+open+1))
	}
	if s.ID == "" {
		s.ID = Slug(s.Title)
	}
	p.addStep(s, sp)
	p.claimed[line] = true
	p.body(item, first)
}

// stepTitle is the text of the step's line without box and attributes.
func (p *reader) stepTitle(first ast.Node, hasAttrs bool) string {
	if first == nil {
		return ""
	}
	var skip ast.Node
	if last := first.LastChild(); hasAttrs && last != nil {
		if _, ok := last.(*ast.CodeSpan); ok {
			skip = last
		}
	}
	return inlineText(first, p.src.text, skip)
}

// addStep appends the step to the group being read.
func (p *reader) addStep(s Step, sp spot) {
	ph := &p.book.Phases[p.phase]
	if p.group < 0 {
		ph.Groups = append(ph.Groups, Group{})
		p.group = len(ph.Groups) - 1
	}
	g := &ph.Groups[p.group]
	g.Steps = append(g.Steps, s)
	p.step = len(g.Steps) - 1
	sp.group, sp.step = p.group, p.step
	p.spots = append(p.spots, sp)
	p.span(s.Line)
}

// leaveStep says that node n no longer belongs to a step.
func (p *reader) leaveStep(n ast.Node) {
	if p.step >= 0 {
		p.step = -1
		p.span(p.lineOf(n))
	}
}

var stepKeys = []string{"id", "role", "needs", "approve", "confirm", "clock", "timeout", "evidence", "optional", "must", "only", "book"}

func (p *reader) stepAttrs(s *Step, sp *spot, attrs []attr) {
	for _, a := range attrs {
		sp.cols[a.key] = a.col
		if a.key == "optional" || a.key == "must" {
			set := p.flag(a, s.Line)
			s.Optional, s.Must = s.Optional || set && a.key == "optional", s.Must || set && a.key == "must"
			continue
		}
		if !contains(stepKeys, a.key) {
			p.unknownKey(a, s.Line, "a step", stepKeys...)
			continue
		}
		if p.valued(a, s.Line) {
			p.stepAttr(s, a)
		}
	}
}

var idForm = lazy.Pattern(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (p *reader) stepAttr(s *Step, a attr) {
	switch a.key {
	case "id":
		s.ID = a.val
		if !idForm.MatchString(a.val) {
			p.err(s.Line, a.col, "id-form", fmt.Sprintf("the id %q is not made of small letters, figures and single hyphens", a.val), "write id="+Slug(a.val))
		}
	case "role":
		s.Role = p.choose(a, s.Line, "role", "commander", "deputy", "ops", "comms", "scribe")
	case "needs":
		s.Needs = list(a.val)
	case "approve":
		s.Approve = p.choose(a, s.Line, "approve", "commander", "2")
	case "confirm":
		s.Confirm = a.val
	case "clock":
		p.clockAttr(s, a)
	case "timeout":
		s.Timeout = p.duration(a, s.Line)
	case "evidence":
		s.Evidence = p.choose(a, s.Line, "evidence", "note", "output", "file", "link")
	case "only":
		s.Only = p.choose(a, s.Line, "only", "incident", "drill")
	case "book":
		s.Book = a.val
		if a.val != "@procedure" && !strings.HasSuffix(a.val, ".md") {
			p.err(s.Line, a.col, "book", fmt.Sprintf("book=%s is no runbook", a.val), "write book=other.md or book=@procedure")
		}
	}
}

func (p *reader) clockAttr(s *Step, a attr) {
	for _, part := range list(a.val) {
		verb, name, _ := strings.Cut(part, ":")
		switch {
		case name == "":
			p.err(s.Line, a.col, "clock-form", fmt.Sprintf("clock=%s says no clock", part), "write clock=start:NAME or clock=stop:NAME")
		case verb == "start":
			s.Start = append(s.Start, name)
		case verb == "stop":
			s.Stop = append(s.Stop, name)
		default:
			p.err(s.Line, a.col, "clock-form", fmt.Sprintf("a clock is started or stopped, not %q", verb), "write clock=start:NAME or clock=stop:NAME")
		}
	}
}

func contains(words []string, s string) bool {
	for _, w := range words {
		if w == s {
			return true
		}
	}
	return false
}
