package tui

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/virtengine/relight/safe"
)

// markdown is the prose of a runbook in w cells: paragraphs, lists with their
// bullets, bold, examples set in. What it does not know stays as text; nothing is
// left out. Text from a runbook is cleaned first.
func markdown(src string, w int) []line {
	body := []byte(safe.Clean(src))
	p := prosePrinter{src: body, w: max(w, 8)}
	for n := goldmark.DefaultParser().Parse(gmtext.NewReader(body)).FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, "", "")
	}
	return p.rows
}

// prosePrinter turns blocks of Markdown into rows.
type prosePrinter struct {
	src  []byte
	w    int
	rows []line
}

// block prints a block: first stands before its first row, rest before the others.
func (p *prosePrinter) block(n ast.Node, first, rest string) {
	if len(p.rows) > 0 && first == "" && rest == "" {
		p.rows = append(p.rows, nil)
	}
	switch n := n.(type) {
	case *ast.List:
		p.list(n, rest)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			p.rows = append(p.rows, fit(tx(rest+"    "+strings.TrimRight(string(at.Value(p.src)), "\n")), p.w))
		}
	case *ast.Blockquote:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			p.block(c, rest+"  ", rest+"  ")
		}
	case *ast.Heading:
		p.flow(p.words(n, title), first, rest)
	case *ast.HTMLBlock, *ast.ThematicBreak:
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			p.rows = append(p.rows, fit(tx(rest+strings.TrimRight(string(at.Value(p.src)), "\n")), p.w))
		}
	default:
		p.flow(p.words(n, text), first, rest)
	}
}

// list prints the items of a list; their further rows stand under their words.
func (p *prosePrinter) list(l *ast.List, before string) {
	n := l.Start
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		bullet := "- "
		if l.IsOrdered() {
			bullet = fmt.Sprintf("%d. ", n)
			n++
		}
		first, rest := before+bullet, before+strings.Repeat(" ", len(bullet))
		for c := item.FirstChild(); c != nil; c = c.NextSibling() {
			p.block(c, first, rest)
			first = rest
		}
	}
}

// flow wraps words into rows.
func (p *prosePrinter) flow(words []line, first, rest string) {
	room := max(p.w-width(first), 4)
	cur, used := tx(first), 0
	for _, word := range words {
		if word.width() > room { // longer than a row: as text, in pieces
			for _, part := range wrap(word.String(), room) {
				if used > 0 {
					p.rows, cur = append(p.rows, cur), tx(rest)
				}
				cur, used = cur.add(word[0].r, part), width(part)
			}
			continue
		}
		if used > 0 && used+1+word.width() > room {
			p.rows, cur, used = append(p.rows, cur), tx(rest), 0
		}
		if used > 0 {
			cur, used = cur.add(text, " "), used+1
		}
		cur, used = append(cur, word...), used+word.width()
	}
	if used > 0 || first != rest {
		p.rows = append(p.rows, cur)
	}
}

// words are the words of a block, each of pieces in their roles.
func (p *prosePrinter) words(n ast.Node, r role) []line {
	var out []line
	glue := false // the next piece goes on with the word before
	for _, run := range p.runs(n, r) {
		for i, piece := range strings.Split(run.s, " ") {
			if i > 0 {
				glue = false
			}
			if piece == "" {
				continue
			}
			if glue && len(out) > 0 {
				out[len(out)-1] = append(out[len(out)-1], span{run.r, piece})
			} else {
				out = append(out, in(run.r, piece))
			}
			glue = true
		}
	}
	return out
}

// runs are the texts of a block in their roles. Code keeps its marks: they say
// where it begins and ends on any terminal.
func (p *prosePrinter) runs(n ast.Node, r role) []span {
	var out []span
	add := func(s string) { out = append(out, span{r, strings.ReplaceAll(s, "\n", " ")}) }
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			add(string(c.Segment.Value(p.src)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				add(" ")
			}
		case *ast.CodeSpan:
			add("`")
			out = append(out, p.runs(c, r)...)
			add("`")
		case *ast.Link:
			out = append(out, p.runs(c, r)...)
			add(" (" + string(c.Destination) + ")")
		case *ast.AutoLink:
			add(string(c.URL(p.src)))
		case *ast.Emphasis:
			inner := r
			if c.Level >= 2 {
				inner = title
			}
			out = append(out, p.runs(c, inner)...)
		case *ast.RawHTML:
			for i := range c.Segments.Len() {
				at := c.Segments.At(i)
				add(string(at.Value(p.src)))
			}
		case *ast.String:
			add(string(c.Value))
		default:
			out = append(out, p.runs(c, r)...)
		}
	}
	return out
}
