package checklists

import (
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/virtengine/relight/lazy"
)

// The cross-check reads the raw lines and believes nothing that goldmark said:
// what looks like a step, a fence or attributes must have been claimed.
var (
	boxForm    = lazy.Pattern(`^[ \t>]*(?:[-*+=–—•]|[0-9]+[.)])[ \t]*(?:\\?[\[({][ \t]*[xX✓]?[ \t]*[\])}]|\[.{0,2}\]|\[[ \t]|[ ]\]|\[[^\]]?$)`)
	bareBox    = lazy.Pattern(`^[ \t>]*\[[ \txX]?\](?:[^(:\[]|$)`)
	nearBox    = lazy.Pattern(`^[ \t]*(?:[-*+] |[0-9]+[.)] )?.{0,2}\[.?.?\].{0,3}\*\*`)
	fenceTicks = lazy.Pattern("^[ \t>]*(?:[-*+] |[0-9]+[.)] )?[ \t]*(`{3,}|~{3,}|``$|``[ \t]*[a-z])")
	kindTicks  = lazy.Pattern("^[ \t>]*.?`*.?`+[ \t]*(?:sh|bash|probe|sql|http|text|toml)[ \t]+(?:run|guard|verify|undo|suggest|comms|runbook)\\b")
	kindAttrs  = lazy.Pattern(`^[ \t>` + "`" + `]*(?:sh|bash|probe|sql|http|text|toml)[ \t]*(?:run|guard|verify|undo|suggest|comms|runbook)[ \t]*(?:\{|$)`)
	gluedHead  = lazy.Pattern(`^ *#{1,6}[^# \t]|^ +#{1,6} `)
	bigStep    = lazy.Pattern(`^[ \t]*[-*+][ \t]*\[[ xX]?\]`)
	tickedBox  = lazy.Pattern(`^(?:[-*+]|[0-9]+[.)]) *\[[xX✓]\]`)
	blankLines = lazy.Pattern(`\n{3,}`)
	labelLook  = lazy.Pattern(`^ *\*{1,3}\W?(?i:guard|run|verify|undo|suggest)\W?\*{1,3}$|^ *\**(?:Guard|Run|Verify|Undo|Suggest)\**$`)
)

// boxLike says whether a line looks like a step or a bullet with a box.
func boxLike(raw string) bool {
	if !strings.ContainsAny(raw, "[](){}") {
		return false
	}
	if boxForm.MatchString(raw) {
		return !linkBullet.MatchString(raw)
	}
	return bareBox.MatchString(raw) || nearBox.MatchString(raw)
}

// linkBullet is a bullet that begins with a link, not with a box.
var linkBullet = lazy.Pattern(`^[ \t>]*(?:[-*+]|[0-9]+[.)]) \[[^\] xX][^\]]*\][(:\[]`)

// crossCheck looks at every raw line, then at every fence of the tree.
func (p *reader) crossCheck(root ast.Node) {
	p.nestedFences(root)
	for i, raw := range p.src.lines {
		n := i + 1
		switch {
		case p.code[n] != notCode:
			p.codeLine(n, raw)
		case p.claimed[n] || raw == "":
		case boxLike(raw):
			p.looseBox(n, raw)
		case fenceTicks.MatchString(raw) || kindTicks.MatchString(raw) || kindAttrs.MatchString(raw):
			p.err(n, p.col(n), "block-lost", "this looks like a block and is read as text", "start it at the step's indent (two blanks), after a blank line, with three backticks on both ends")
		case strings.Contains(raw, "#") && gluedHead.MatchString(raw):
			p.err(n, p.col(n), "heading-form", "this looks like a heading and is none, or is indented", "write \"## \" at column 1, with a blank after the #")
		case strings.ContainsAny(raw, "=`{") && attrLook.MatchString(raw):
			p.err(n, p.col(n), "attrs-outside", "attributes stand outside a step's line", "put them last on the line of a step")
		case labelLook.MatchString(raw):
			p.err(n, p.col(n), "label-form", "this looks like a label and is none", "write **Guard**, **Run**, **Verify**, **Undo** or **Suggest** alone in its paragraph, over its block")
		}
	}
	for _, n := range p.tabs {
		if p.code[n] == notCode {
			p.err(n, 1, "tab", "a tab in the indent", "indent by blanks: two under a step")
		}
	}
}

// codeLine refuses what a fence has swallowed.
func (p *reader) codeLine(n int, raw string) {
	if !strings.ContainsAny(raw, "`~[") {
		return
	}
	fenced := fenceTicks.MatchString(raw) || kindTicks.MatchString(raw)
	if fenced || bigStep.MatchString(raw) || p.code[n] == executable && attrLook.MatchString(raw) && strings.Contains(raw, "`{") {
		p.err(n, p.col(n), "block-swallows", "a block has swallowed a fence or a step", "close the block above on a line of its own, with as many backticks as it opens with")
	}
}

// looseBox names what is wrong with a box that is no step.
func (p *reader) looseBox(n int, raw string) {
	body := strings.TrimLeft(raw, " \t>")
	at := p.col(n)
	switch {
	case tickedBox.MatchString(body):
		p.err(n, at, "step-checked", "a ticked box: a runbook keeps no state", "write \"- [ ] \"; a run's ticks are in its record")
	case strings.HasPrefix(raw, "- [ ]") && strings.TrimSpace(raw[5:]) == "":
		p.err(n, at, "step-title", "the step has no title", "write what is to be done after the box")
	case strings.HasPrefix(raw, "- [ ]") && !strings.HasPrefix(raw, "- [ ] "):
		p.err(n, at, "step-glued", "the box is glued to its text", "leave one blank after \"- [ ]\"")
	case strings.HasPrefix(raw, "- [ ] "):
		p.err(n, at, "step-lost", "this step is read as text", "leave a blank line above it and start it at column 1")
	case strings.HasPrefix(body, "- []"):
		p.err(n, at, "step-box", "the box has no blank inside", "write \"- [ ] \"")
	case body != raw && strings.HasPrefix(body, "- [ ] "):
		p.err(n, at, "step-nested", "a box inside a step, a list or a quotation", "make it a step of its own at column 1, or a plain bullet")
	default:
		p.err(n, at, "step-form", "this looks like a step and is none", "write \"- [ ] \" at column 1, then the title")
	}
}

// nestedFences reports every fence that no step and no section has read: in
// nested lists, quotations, notes.
func (p *reader) nestedFences(root ast.Node) {
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		f, ok := n.(*ast.FencedCodeBlock)
		if !entering || !ok || p.claimed[p.lineOf(f)] {
			return ast.WalkContinue, nil
		}
		in := p.fenceInfo(f)
		if p.fenceForm(in) && in.kind != "" {
			p.err(in.line, in.col, "block-nested", "the block stands in a nested list or a quotation", "put it directly under its step, indented by two blanks")
			p.claimFence(in, executable)
			return ast.WalkContinue, nil
		}
		p.claimFence(in, illustration)
		return ast.WalkContinue, nil
	})
}

// proseSpan says whose prose the lines from line on are.
type proseSpan struct {
	line               int
	phase, group, step int
	note               int // index of the note, -1 for none
}

// span begins the prose of what is being read.
func (p *reader) span(line int) {
	s := proseSpan{line, p.phase, p.group, p.step, -1}
	if p.inNote {
		s.note = len(p.book.Notes) - 1
	}
	p.spans = append(p.spans, s)
}

// collectProse hands every line that nobody claimed to the part it stands in.
// Illustrations are prose with their fences.
func (p *reader) collectProse() {
	for i, s := range p.spans {
		end := len(p.src.lines) + 1
		if i+1 < len(p.spans) {
			end = p.spans[i+1].line
		}
		var out []string
		for n := s.line; n < end; n++ {
			raw := p.src.line(n)
			if p.code[n] == executable || p.claimed[n] && !p.illustrates(n) {
				continue
			}
			if s.step >= 0 {
				raw = strings.TrimPrefix(raw, "  ")
			}
			out = append(out, strings.TrimRight(raw, " "))
		}
		p.addProse(s, out)
	}
}

// illustrates says whether line n is the fence of an illustration.
func (p *reader) illustrates(n int) bool {
	return p.code[n] == notCode && fenceTicks.MatchString(p.src.line(n)) && (p.code[n+1] == illustration || p.code[n-1] == illustration)
}

func (p *reader) addProse(s proseSpan, lines []string) {
	to := &p.book.Prose
	switch {
	case s.note >= 0:
		to = &p.book.Notes[s.note].Prose
	case s.step >= 0:
		to = &p.book.Phases[s.phase].Groups[s.group].Steps[s.step].Prose
	case s.group >= 0:
		to = &p.book.Phases[s.phase].Groups[s.group].Prose
	case s.phase >= 0:
		to = &p.book.Phases[s.phase].Prose
	}
	text := strings.Trim(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"), "\n")
	if text == "" {
		return
	}
	if *to != "" {
		*to += "\n\n"
	}
	*to += text
}
