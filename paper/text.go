package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/virtengine/relight/safe"
)

const (
	columns   = 80
	pageLines = 60              // of a page, its foot included
	sign      = "  __:__  ____" // room for a step's time and initials
	inner     = 6               // how far a step's parts stand in
)

// shortStep is how many lines a step may have that is not broken.
const shortStep = 34

// piece is lines that stay together on a page.
type piece struct {
	lines []string
	turn  bool // begins a page
	tied  bool // stays with the next piece
}

// Text is the sheet as plain text of 80 columns, in pages of 60 lines, each but
// the last ended by a form feed. It holds ASCII only where the texts do.
func Text(s Sheet) string {
	head := piece{lines: []string{strings.Repeat("=", columns)}, tied: true}
	head.lines = append(head.lines, wrap(s.Title, columns)...)
	if s.Lead != "" {
		head.lines = append(head.lines, wrap(s.Lead, columns)...)
	}
	head.lines = append(head.lines, strings.Repeat("=", columns), "")
	pages := paginate(append([]piece{head}, pieces(s.Parts, 0, columns)...))
	var b strings.Builder
	for i, p := range pages {
		for _, l := range p {
			b.WriteString(strings.TrimRight(l, " ") + "\n")
		}
		b.WriteString(strings.Repeat("\n", max(0, pageLines-2-len(p))))
		no := fmt.Sprintf("page %d of %d", i+1, len(pages))
		foot := ansi.Truncate(safe.Line(s.Foot), columns-len(no)-2, "...")
		fmt.Fprintf(&b, "%s\n%s%s%s\n", strings.Repeat("-", columns), foot, strings.Repeat(" ", columns-len(no)-ansi.StringWidth(foot)), no)
		if i+1 < len(pages) {
			b.WriteString("\f")
		}
	}
	return b.String()
}

// paginate fills pages. A piece goes to the next page whole, unless it is
// longer than a page.
func paginate(all []piece) [][]string {
	const room = pageLines - 2
	pages := [][]string{nil}
	for i := 0; i < len(all); i++ {
		p := all[i]
		need := len(p.lines)
		for j := i; all[j].tied && j+1 < len(all); j++ {
			need += len(all[j+1].lines)
		}
		last := len(pages) - 1
		if left := room - len(pages[last]); len(pages[last]) > 0 && (p.turn || need > left && (need <= room || left < 12)) {
			pages, last = append(pages, nil), last+1
		}
		for _, l := range p.lines {
			if len(pages[last]) == room {
				pages, last = append(pages, nil), last+1
			}
			if l == "" && len(pages[last]) == 0 {
				continue
			}
			pages[last] = append(pages[last], l)
		}
	}
	return slices.DeleteFunc(pages, func(p []string) bool { return len(p) == 0 })
}

// pieces draws parts behind an indent, in width columns with it.
func pieces(parts []Part, in, width int) []piece {
	var out []piece
	turn := false
	add := func(p piece) {
		p.turn = p.turn || turn
		turn = false
		for i, l := range p.lines {
			if l != "" {
				p.lines[i] = strings.Repeat(" ", in) + l
			}
		}
		out = append(out, p)
	}
	width -= in
	for _, p := range parts {
		switch p.Kind {
		case Turn:
			turn = true
		case Heading:
			add(headingText(p, width))
		case Step:
			for _, q := range stepText(p, width) {
				add(q)
			}
		case Table:
			for _, q := range tableText(p, width) {
				add(q)
			}
		case Code:
			for _, q := range codeText(p.Text, width) {
				add(q)
			}
		case Quote:
			lines := wrap(p.Text, width-2)
			for i := range lines {
				lines[i] = "| " + lines[i]
			}
			add(piece{lines: append(lines, "")})
		case Items:
			lines := itemsText(p, width)
			opens := len(lines) > 0 && strings.HasSuffix(lines[len(lines)-1], ":")
			if !opens {
				lines = append(lines, "")
			}
			add(piece{lines: lines, tied: opens})
		case Strong:
			add(piece{lines: append(hang("!! ", p.Text, width), ""), tied: strings.HasSuffix(p.Text, ":")})
		default:
			lines, opens := wrap(p.Text, width), strings.HasSuffix(p.Text, ":")
			if !opens {
				lines = append(lines, "")
			}
			add(piece{lines: lines, tied: opens})
		}
	}
	return out
}

func headingText(p Part, width int) piece {
	lines := wrap(p.Text, width)
	switch p.Level {
	case 1:
		lines = append(append([]string{strings.Repeat("=", width)}, lines...), strings.Repeat("=", width))
	case 2:
		lines = append(lines, strings.Repeat("-", width))
	default:
		last := len(lines) - 1
		lines[last] += " " + strings.Repeat("-", max(0, width-1-ansi.StringWidth(lines[last])))
		return piece{lines: lines, tied: true}
	}
	return piece{lines: append(lines, ""), tied: true}
}

// stepText is a step: its line with room for time and initials, and under it
// its parts. A short one is kept on one page; of a long one its beginning, and
// what a line announces with what it announces.
func stepText(p Part, width int) []piece {
	no := strings.Repeat(" ", max(0, 3-ansi.StringWidth(p.No))) + safe.Line(p.No)
	lead := "[ ] " + no + "  "
	title := hang(lead, p.Text, width-len(sign))
	title[0] += strings.Repeat(" ", max(0, width-len(sign)-ansi.StringWidth(title[0]))) + sign
	out := append([]piece{{lines: title, tied: true}}, pieces(p.Parts, inner, width)...)
	if lineCount(out) <= shortStep {
		for i := range out[:len(out)-1] {
			out[i].tied = true
		}
	}
	if len(p.Parts) == 0 {
		out[0].lines = append(out[0].lines, "")
	}
	return out
}

func lineCount(all []piece) int {
	n := 0
	for _, p := range all {
		n += len(p.lines)
	}
	return n
}

func itemsText(p Part, width int) []string {
	lead := "- "
	if p.Box {
		lead = "[ ] "
	}
	var out []string
	for _, r := range p.Rows {
		out = append(out, hang(lead, strings.Join(r, "  "), width)...)
	}
	return out
}

// codeText is a command behind a bar. A line too long for the page goes on
// behind a > where a person who types it must not break it.
func codeText(text string, width int) []piece {
	var lines []string
	for _, l := range strings.Split(clean(text), "\n") {
		bar := "| "
		for {
			head, rest := cutCode(l, width-2)
			lines = append(lines, bar+head)
			if rest == "" {
				break
			}
			l, bar = rest, "> "
		}
	}
	lines = append(lines, "")
	const few = 20
	if len(lines) <= few {
		return []piece{{lines: lines}}
	}
	return []piece{{lines: lines[:few/2]}, {lines: lines[few/2:]}}
}

// cutCode is cut before a blank where there is one in the line's second half:
// then the next line begins with it, and none is lost at an end.
func cutCode(l string, width int) (head, rest string) {
	head, rest = cut(l, width)
	if i := strings.LastIndexByte(head, ' '); rest != "" && rest[0] != ' ' && i > len(head)/2 {
		return l[:i], l[i:]
	}
	return head, rest
}

// tableText draws a table; each row stays on one page.
func tableText(p Part, width int) []piece {
	wide := widths(p, width)
	var out []piece
	if len(p.Head) > 0 {
		rule := make([]string, len(wide))
		for i, w := range wide {
			rule[i] = strings.Repeat("-", w)
		}
		out = append(out, piece{lines: append(rowText(p.Head, wide), strings.Join(rule, "  ")), tied: true})
	}
	for _, r := range p.Rows {
		out = append(out, piece{lines: rowText(r, wide)})
	}
	if n := len(out) - 1; n >= 0 {
		out[n].lines = append(out[n].lines, "")
	}
	return out
}

// mostColumns is how many columns a table may have; further cells are left to
// the last one.
const mostColumns = 10

// widths are the columns of a table, the last one taking what is left. Where
// they are too wide together the widest give way.
func widths(p Part, width int) []int {
	n := len(p.Head)
	for _, r := range p.Rows {
		n = max(n, len(r))
	}
	out := make([]int, min(n, mostColumns))
	if len(out) == 0 {
		return nil
	}
	left := width - 2*(len(out)-1)
	for i := range out {
		out[i] = 12
		if i < len(p.Wide) {
			out[i] = p.Wide[i]
		}
		left -= out[i]
	}
	for ; left < 0; left++ {
		out[slices.Index(out, slices.Max(out))]--
	}
	out[len(out)-1] += left
	return out
}

func rowText(cells []string, wide []int) []string {
	if n := len(wide); len(cells) > n && n > 0 {
		cells = append(slices.Clone(cells[:n-1]), strings.Join(cells[n-1:], " | "))
	}
	cols, high := make([][]string, len(wide)), 1
	for i, w := range wide {
		if i < len(cells) {
			cols[i] = wrap(cells[i], w)
			high = max(high, len(cols[i]))
		}
	}
	out := make([]string, high)
	for y := range out {
		var b strings.Builder
		for i, w := range wide {
			cell := ""
			if y < len(cols[i]) {
				cell = cols[i][y]
			}
			b.WriteString(cell)
			if i < len(wide)-1 {
				b.WriteString(strings.Repeat(" ", max(0, w-ansi.StringWidth(cell))+2))
			}
		}
		out[y] = strings.TrimRight(b.String(), " ")
	}
	return out
}

// hang wraps text behind a lead; further lines stand under its first letter.
func hang(lead, text string, width int) []string {
	lines := wrap(text, width-len(lead))
	for i := range lines {
		if i == 0 {
			lines[i] = lead + lines[i]
		} else {
			lines[i] = strings.Repeat(" ", len(lead)) + lines[i]
		}
	}
	return lines
}

// wrap breaks text at blanks into lines of at most width columns, and within
// words that are longer. Its own line breaks stay. It gives one line at least.
func wrap(text string, width int) []string {
	width = max(width, 4)
	var out []string
	for _, l := range strings.Split(clean(text), "\n") {
		line := ""
		for _, word := range strings.Fields(l) {
			for {
				if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) <= width {
					line += " " + word
					break
				}
				if line != "" {
					out = append(out, line)
				}
				var rest string
				if line, rest = cut(word, width); rest == "" {
					break
				}
				out, line, word = append(out, line), "", rest
			}
		}
		out = append(out, line)
	}
	return out
}

// cut is the part of s that fits into width columns, and the rest.
func cut(s string, width int) (head, rest string) {
	if ansi.StringWidth(s) <= width {
		return s, ""
	}
	head = ansi.Truncate(s, width, "")
	if head == "" { // a letter wider than the place
		r := []rune(s)
		head = string(r[:1])
	}
	return head, s[len(head):]
}
