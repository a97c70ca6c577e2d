package checklists

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// labelKind is the kind of block that a label must stand over, because a code
// host shows the body of a fence and hides its kind.
func labelKind(text string) string {
	switch text {
	case "**Guard**", "**Run**", "**Verify**", "**Undo**", "**Suggest**":
		return strings.ToLower(strings.Trim(text, "*"))
	}
	return ""
}

// label is the kind that the paragraph announces, or "".
func (p *reader) label(n ast.Node) (kind string, line int) {
	if n == nil {
		return "", 0
	}
	para, ok := n.(*ast.Paragraph)
	if !ok {
		return "", 0
	}
	line = p.lineOf(para)
	if para.Lines().Len() != 1 {
		return "", line
	}
	return labelKind(strings.TrimSpace(p.src.line(line))), line
}

// body reads what stands under a step's line.
func (p *reader) body(item, first ast.Node) {
	if first == nil {
		return
	}
	pending, pendingLine := "", 0
	drop := func() {
		if pending != "" {
			p.err(pendingLine, p.col(pendingLine), "label-alone", fmt.Sprintf("the label is not followed by a %s block", pending), "put the block right under it, or write the word without bold")
		}
		pending = ""
	}
	for n := first.NextSibling(); n != nil; n = n.NextSibling() {
		if f, ok := n.(*ast.FencedCodeBlock); ok {
			if p.stepBlock(f, pending) {
				pending = "" // one label, one block
			} else {
				drop()
			}
			continue
		}
		drop()
		if kind, line := p.label(n); kind != "" {
			pending, pendingLine = kind, line
			p.claimed[line] = true
			p.labelPlace(kind, line)
			continue
		}
		p.bodyProse(n)
	}
	drop()
}

func (p *reader) labelPlace(kind string, line int) {
	if kind == "suggest" {
		p.err(line, p.col(line), "suggest-place", "a suggestion stands in a step", "put it right under the option's heading")
	}
	if !strings.HasPrefix(p.src.line(line), "  **") {
		p.err(line, p.col(line), "body-indent", "the label is not indented by two blanks", "indent everything under a step by two blanks")
	}
}

// bodyProse refuses what cannot be prose inside a step.
func (p *reader) bodyProse(n ast.Node) {
	line := p.lineOf(n)
	switch n.(type) {
	case *ast.HTMLBlock:
		p.err(line, p.col(line), "html-in-step", "HTML inside a step may hide what follows", "write Markdown")
	case *ast.Heading:
		p.err(line, p.col(line), "heading-in-step", "a heading inside a step", "leave a blank line and start it at column 1, or use bold text")
	}
}

// bodyOutside still reports the blocks of a step that stands outside a phase.
func (p *reader) bodyOutside(item ast.Node) {
	for n := item.FirstChild(); n != nil; n = n.NextSibling() {
		if f, ok := n.(*ast.FencedCodeBlock); ok {
			in := p.fenceInfo(f)
			p.claimFence(in, executable)
		}
	}
}

// stepBlock reads one fence of a step. It says whether the pending label was
// used.
func (p *reader) stepBlock(f *ast.FencedCodeBlock, pending string) bool {
	in := p.fenceInfo(f)
	if !p.fenceForm(in) {
		p.claimFence(in, illustration)
		return pending != ""
	}
	if in.kind == "" {
		p.claimFence(in, illustration)
		return false
	}
	p.claimFence(in, executable)
	if in.indent != "  " {
		p.err(in.line, in.col, "body-indent", "the block is not indented by two blanks", "indent everything under a step by two blanks")
	}
	b, ok := p.block(in)
	if !ok {
		return pending == in.kind
	}
	if pending == "" && b.Kind != "run" && b.Kind != "comms" {
		p.err(in.line, in.col, "label-missing", fmt.Sprintf("the %s block has no label over it", b.Kind), fmt.Sprintf("put **%s** alone on a line above it: a code host hides the block's kind", strings.ToUpper(b.Kind[:1])+b.Kind[1:]))
	} else if pending != "" && pending != b.Kind {
		p.err(in.line, in.col, "label-other", fmt.Sprintf("the label says %s, the block is a %s block", pending, b.Kind), "make them say the same")
	}
	p.attach(b, in)
	return true
}

// attach puts the block into the step being read.
func (p *reader) attach(b Block, in fence) {
	s := &p.book.Phases[p.phase].Groups[p.group].Steps[p.step]
	switch b.Kind {
	case "run":
		if s.Run != nil {
			p.err(in.line, in.col, "run-twice", fmt.Sprintf("a second run in one step (the first stands in line %d)", s.Run.Line), "make it a step of its own: one step, one outcome")
			return
		}
		s.Run = &b
	case "undo":
		if s.Undo != nil {
			p.err(in.line, in.col, "undo-twice", fmt.Sprintf("a second undo in one step (the first stands in line %d)", s.Undo.Line), "keep one")
			return
		}
		s.Undo = &b
	case "guard":
		if b.Of == "undo" {
			s.UndoGuards = append(s.UndoGuards, b)
		} else {
			s.Guards = append(s.Guards, b)
		}
	case "verify":
		s.Verifies = append(s.Verifies, b)
	case "comms":
		s.Comms = append(s.Comms, b)
	default:
		p.err(in.line, in.col, "block-place", fmt.Sprintf("a %s block stands in a step", b.Kind), "steps take run, guard, verify, undo and comms")
	}
}

// topLabel reads a paragraph, or another block without a meaning of its own,
// at column 1.
func (p *reader) topLabel(n ast.Node) {
	kind, line := p.label(n)
	if kind == "" {
		return
	}
	p.claimed[line] = true
	f, ok := n.NextSibling().(*ast.FencedCodeBlock)
	if kind != "suggest" || p.group < 0 || p.phase < 0 {
		p.err(line, 1, "label-place", fmt.Sprintf("the label %s stands outside a step", strings.Trim(p.src.line(line), " *")), "indent it and its block by two blanks under the step; **Suggest** goes right under an option's heading")
		return
	}
	if !ok || p.fenceInfo(f).kind != "suggest" {
		p.err(line, 1, "label-alone", "the label is not followed by a suggest block", "put the block right under it, or write the word without bold")
	}
}

// topFence reads a fence at column 1: an option's suggestion, an illustration,
// or a mistake.
func (p *reader) topFence(f *ast.FencedCodeBlock) {
	in := p.fenceInfo(f)
	if !p.fenceForm(in) || in.kind == "" {
		p.claimFence(in, illustration)
		return
	}
	p.claimFence(in, executable)
	if in.kind == "runbook" {
		p.err(in.line, in.col, "header-late", "the header stands too late, or twice", "keep one ```toml runbook block, right under the title")
		return
	}
	if in.kind != "suggest" || p.phase < 0 || p.group < 0 {
		p.err(in.line, in.col, "block-outside", fmt.Sprintf("the %s block stands under no step", in.kind), "indent it by two blanks under its step")
		return
	}
	p.suggest(f, in)
}

func (p *reader) suggest(f *ast.FencedCodeBlock, in fence) {
	b, ok := p.block(in)
	g := &p.book.Phases[p.phase].Groups[p.group]
	kind, _ := p.label(f.PreviousSibling())
	switch {
	case !ok:
	case kind != "suggest":
		p.err(in.line, in.col, "label-missing", "the suggest block has no label over it", "put **Suggest** alone on a line above it")
	case g.Letter == "" || len(g.Steps) > 0:
		p.err(in.line, in.col, "suggest-place", "a suggestion stands in an option, before its steps", "move it right under the option's heading")
	case g.Suggest != nil:
		p.err(in.line, in.col, "suggest-twice", fmt.Sprintf("a second suggestion (the first stands in line %d)", g.Suggest.Line), "join the two")
	default:
		g.Suggest = &b
	}
}
