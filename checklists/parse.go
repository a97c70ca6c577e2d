package checklists

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// maxFile is the size above which a file is refused unread, in bytes. The
// longest document of the operator has 60 KiB.
const maxFile = 1 << 20

// Parse reads one runbook. path is only named in the book and the problems. A
// nil inventory checks no names of the configuration. It never panics and
// always returns what it could read; a book with an error among its problems
// must not be flown. The problems are sorted by position.
func Parse(path string, src []byte, inv Inventory) (Book, []Problem) {
	if len(src) > maxFile {
		return Book{Path: path}, []Problem{{File: path, Line: 1, Col: 1, Rule: "too-large", Text: "the file is larger than 1 MiB", Hint: "a runbook is read by people: split it"}}
	}
	p := &reader{path: path, src: newSource(src), inv: inv, phase: -1, group: -1, step: -1}
	p.book = Book{Path: path, SHA256: p.src.sum}
	p.claimed = make([]bool, len(p.src.lines)+2)
	p.code = make([]codeLine, len(p.src.lines)+2)
	p.rawChecks(src)
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(p.src.text))
	p.walk(root)
	p.collectProse()
	p.crossCheck(root)
	p.lint()
	return p.book, sortProblems(p.problems)
}

// reader is the state of one reading.
type reader struct {
	path     string
	src      source
	inv      Inventory
	book     Book
	problems []Problem
	tabs     []int // lines with a tab in their indent

	claimed    []bool     // by line: a heading, a step, a label, a fence
	code       []codeLine // by line: inside which kind of fence
	spans      []proseSpan
	spots      []spot // where each step and its attributes stand
	groupLines []groupLine

	phase, group, step int // indexes of what is being read, -1 for none
	inNote             bool
	header             bool
	headerLine         int
	said               map[string]int // how often each word stands in the file; made when asked for
}

// codeLine says what a line inside a fence belongs to.
type codeLine byte

const (
	notCode      codeLine = iota
	illustration          // never runs
	executable
)

// spot remembers where a step stands, for problems found later.
type spot struct {
	phase, group, step int
	line               int
	cols               map[string]int // attribute key → column
}

func (p *reader) err(line, col int, rule, text, hint string) {
	p.problems = append(p.problems, Problem{File: p.path, Line: max(line, 1), Col: max(col, 1), Rule: rule, Text: text, Hint: hint})
}

func (p *reader) warn(line, col int, rule, text, hint string) {
	p.err(line, col, rule, text, hint)
	p.problems[len(p.problems)-1].Warn = true
}

// col is the column of the first printing character of a line.
func (p *reader) col(line int) int {
	raw := p.src.line(line)
	return len(raw) - len(strings.TrimLeft(raw, " \t")) + 1
}

func (p *reader) lineOf(n ast.Node) int { return p.src.at(max(n.Pos(), 0)) }

// walk reads the top-level blocks in their order.
func (p *reader) walk(root ast.Node) {
	first := root.FirstChild()
	if first == nil {
		p.err(1, 1, "title-missing", "the file is empty", "start with \"# Title\"")
		return
	}
	next := p.titleAndHeader(first)
	p.span(p.lineOf(first))
	if next != nil {
		p.span(p.lineOf(next))
	}
	for n := next; n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			p.heading(n)
		case *ast.List:
			p.topList(n)
		case *ast.FencedCodeBlock:
			p.leaveStep(n)
			p.topFence(n)
		default:
			p.leaveStep(n)
			p.topLabel(n)
		}
	}
	p.closePhase()
}

// titleAndHeader reads the two blocks every runbook starts with and returns
// the block after them.
func (p *reader) titleAndHeader(n ast.Node) ast.Node {
	if h, ok := n.(*ast.Heading); ok && h.Level == 1 && p.atx(h) {
		p.book.Title = inlineText(h, p.src.text, nil)
		p.claimed[p.lineOf(h)] = true
		if p.book.Title == "" {
			p.err(p.lineOf(h), 1, "title-empty", "the title is empty", "write what the runbook is for after \"# \"")
		}
		n = n.NextSibling()
	} else {
		p.err(p.lineOf(n), 1, "title-missing", "the first block is not the title", "start the file with \"# Title\"")
	}
	f, ok := n.(*ast.FencedCodeBlock)
	if !ok || !p.isHeader(f) {
		line := 1
		if n != nil {
			line = p.lineOf(n)
		}
		p.err(line, 1, "header-missing", "the block after the title is not the header", "put the ```toml runbook block right under the title")
		return n
	}
	p.readHeader(f)
	return n.NextSibling()
}

func (p *reader) isHeader(f *ast.FencedCodeBlock) bool {
	in := p.fenceInfo(f)
	return in.lang == "toml" && in.kind == "runbook"
}

// inlineText is the text of inline nodes without their Markdown. The node
// skip, if any, is left out.
func inlineText(n ast.Node, src []byte, skip ast.Node) string {
	var b bytes.Buffer
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if c == skip {
			return ast.WalkSkipChildren, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(src))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.URL(src))
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}
