package paper

import (
	"strings"

	"github.com/virtengine/relight/safe"
)

// Sheet is what is printed: a title, and parts from top to bottom.
type Sheet struct {
	Title string
	Lead  string // one line under the title
	Foot  string // at the foot of every page: what it is, of which text
	Small bool   // HTML in small print, for what must keep to its pages
	Parts []Part
}

// Kind is what a part is.
type Kind string

// The kinds of parts.
const (
	Heading Kind = "heading" // Level 1 to 3
	Para    Kind = "para"
	Strong  Kind = "strong" // a paragraph that must not be missed
	Items   Kind = "items"  // Rows of one cell; with Box each has a box to tick
	Table   Kind = "table"
	Code    Kind = "code"  // word for word
	Quote   Kind = "quote" // a text that is said, wrapped at words
	Step    Kind = "step"  // a box, No, Text, room for time and initials, Parts
	Turn    Kind = "turn"  // a new page
)

// Part is one piece of a sheet. Its texts are plain and may hold anything: they
// are made safe where they are drawn.
type Part struct {
	Kind  Kind
	Level int
	No    string
	Text  string
	Box   bool
	Head  []string
	Rows  [][]string
	Wide  []int // of a table: columns of text each cell may take, in all 76 at most
	Parts []Part
}

func heading(level int, text string) Part  { return Part{Kind: Heading, Level: level, Text: text} }
func para(text string) Part                { return Part{Kind: Para, Text: text} }
func strong(text string) Part              { return Part{Kind: Strong, Text: text} }
func code(text string) Part                { return Part{Kind: Code, Text: text} }
func quoted(text string) Part              { return Part{Kind: Quote, Text: text} }
func items(list ...string) Part            { return Part{Kind: Items, Rows: rows(list)} }
func boxes(list ...string) Part            { return Part{Kind: Items, Rows: rows(list), Box: true} }
func table(head []string, wide []int) Part { return Part{Kind: Table, Head: head, Wide: wide} }

func (p Part) row(cells ...string) Part {
	p.Rows = append(p.Rows, cells)
	return p
}

func rows(list []string) [][]string {
	out := make([][]string, len(list))
	for i, s := range list {
		out[i] = []string{s}
	}
	return out
}

// With is the sheet with every text passed through f, such as a redactor.
func (s Sheet) With(f func(string) string) Sheet {
	s.Title, s.Lead, s.Foot, s.Parts = f(s.Title), f(s.Lead), f(s.Foot), partsWith(s.Parts, f)
	return s
}

func partsWith(parts []Part, f func(string) string) []Part {
	out := make([]Part, len(parts))
	for i, p := range parts {
		p.Text, p.Parts = f(p.Text), partsWith(p.Parts, f)
		var all [][]string
		for _, r := range p.Rows {
			cells := make([]string, len(r))
			for j, c := range r {
				cells[j] = f(c)
			}
			all = append(all, cells)
		}
		p.Rows = all
		out[i] = p
	}
	return out
}

// Lines to write on.
const (
	blankTime = "__:__"
	blankName = "____"
	blank     = "____________"
)

// clean is text of several lines as it may be printed.
func clean(s string) string {
	return strings.TrimRight(safe.Clean(strings.ReplaceAll(s, "\t", "    ")), " \n")
}
