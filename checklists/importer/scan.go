package importer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/virtengine/relight/lazy"
)

// line is one line of the source: its number, from 1, and its text, cleaned.
// Nested text has lost the indent of what it stands in.
type line struct {
	n int
	s string
}

type blockKind int

const (
	paragraph blockKind = iota
	heading
	fenced
	table
	box    // a bullet or number with a box
	number // an item of a numbered list
	rule
	front // front matter
)

// block is a piece of the source between the lines that stand in own. own are
// the lines that carry the block itself; of an item, without what is nested.
type block struct {
	kind   blockKind
	own    []line
	level  int     // of a heading
	text   string  // of a heading or an item, without its marks
	lang   string  // of a fence
	body   []line  // of a fence, without its delimiters
	ticked bool    // a box with a tick
	open   bool    // a fence that is never closed
	nested []block // of an item
}

var (
	headForm  = lazy.Pattern(`^ {0,3}(#{1,6})(?:[ \t]+(.*))?$`)
	fenceForm = lazy.Pattern("^([ \t>]*(?:[-*+] |[0-9]+[.)] )?[ \t]*)(`{3,}|~{3,})(.*)$")
	boxForm   = lazy.Pattern(`^[ \t>]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]*\[([ \txX✓]?)\][ \t]*(.*)$`)
	itemForm  = lazy.Pattern(`^ {0,3}[0-9]{1,9}[.)][ \t]+(\S.*)$`)
	underForm = lazy.Pattern(`^ {0,3}(=+|-+)[ \t]*$`)
	sepForm   = lazy.Pattern(`^[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)
)

// maxDepth is how deep items are read into each other. What is deeper is text.
const maxDepth = 6

// split cuts the source into lines. Bytes that would look like others are
// written out: the format refuses them.
func split(src []byte) []line {
	text := strings.TrimPrefix(string(src), "\uFEFF")
	var out []line
	for i, s := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		out = append(out, line{i + 1, strings.TrimRight(clean(s), " \t")})
	}
	return out
}

// clean writes a line in plain characters: odd blanks become blanks, control
// characters and broken bytes become their numbers.
func clean(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "<0x%02X>", s[0])
		case r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
			b.WriteByte(' ')
		case r < ' ' && r != '\t', r >= 0x7f && r < 0xA0, r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x2028 && r <= 0x202E, r == 0x2060, r == 0xFEFF:
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// scan reads blocks. It takes every line that is not blank.
func scan(lines []line, depth int) []block {
	var out []block
	for i := 0; i < len(lines); {
		if strings.TrimSpace(lines[i].s) == "" {
			i++
			continue
		}
		b, used := next(lines[i:], depth)
		out = append(out, b)
		i += used
	}
	return out
}

// next reads the block that begins with the first of the lines, and says how
// many it used: one at least.
func next(lines []line, depth int) (block, int) {
	first := lines[0]
	switch {
	case first.n == 1 && (first.s == "---" || first.s == "+++"):
		if n := frontMatter(lines); n > 0 {
			return block{kind: front, own: lines[:n]}, n
		}
	case fenceForm.MatchString(first.s):
		if b, n := fence(lines); n > 0 {
			return b, n
		}
	}
	if depth == 0 && lead(first.s) >= 4 {
		if b, n := indented(lines); n > 0 {
			return b, n
		}
	}
	if m := headForm.FindStringSubmatch(first.s); m != nil {
		return block{kind: heading, own: lines[:1], level: len(m[1]), text: strings.TrimSpace(strings.TrimRight(m[2], "# "))}, 1
	}
	if isRule(first.s) {
		return block{kind: rule, own: lines[:1]}, 1
	}
	if isTable(lines) {
		n := 2
		for n < len(lines) && strings.Contains(lines[n].s, "|") {
			n++
		}
		return block{kind: table, own: lines[:n]}, n
	}
	if m := boxForm.FindStringSubmatch(first.s); m != nil {
		return item(lines, block{kind: box, text: m[2], ticked: strings.TrimSpace(m[1]) != ""}, depth)
	}
	if m := itemForm.FindStringSubmatch(first.s); m != nil {
		return item(lines, block{kind: number, text: m[1]}, depth)
	}
	return text(lines)
}

func frontMatter(lines []line) int {
	for i := 1; i < len(lines); i++ {
		if lines[i].s == lines[0].s {
			return i + 1
		}
	}
	return 0
}

func isRule(s string) bool {
	s = strings.NewReplacer(" ", "", "\t", "").Replace(s)
	return len(s) >= 3 && strings.ContainsRune("-*_", rune(s[0])) && strings.Trim(s, s[:1]) == ""
}

func isTable(lines []line) bool {
	return len(lines) > 1 && strings.Contains(lines[0].s, "|") && strings.Contains(lines[1].s, "|") && sepForm.MatchString(lines[1].s)
}

// fence reads a fenced block; 0 lines when it is none.
func fence(lines []line) (block, int) {
	m := fenceForm.FindStringSubmatch(lines[0].s)
	if m[2][0] == '`' && strings.Contains(m[3], "`") {
		return block{}, 0
	}
	b := block{kind: fenced, own: lines[:1], open: true}
	if words := strings.Fields(m[3]); len(words) > 0 {
		b.lang = strings.ToLower(words[0])
	}
	n := 1
	for ; n < len(lines); n++ {
		if closes(lines[n].s, m[2]) {
			b.own = []line{lines[0], lines[n]}
			b.open = false
			n++
			break
		}
		b.body = append(b.body, dedent(lines[n], len(m[1])))
	}
	return b, n
}

// indented reads shell that is set off by an indent alone; 0 lines when it does
// not look like commands.
func indented(lines []line) (block, int) {
	n := 0
	for i, l := range lines {
		if strings.TrimSpace(l.s) == "" {
			continue
		}
		if lead(l.s) < 4 {
			break
		}
		n = i + 1
	}
	b := block{kind: fenced, own: lines[:1]}
	for _, l := range lines[:n] {
		b.body = append(b.body, dedent(l, 4))
	}
	if !isShell(b) {
		return block{}, 0
	}
	return b, n
}

// closes says whether a line closes a fence that was opened with ticks, as
// checklists.SlipsInDocument has it.
func closes(s, ticks string) bool {
	s = strings.TrimLeft(s, " \t>")
	return strings.HasPrefix(s, ticks) && strings.Trim(s, ticks[:1]+" ") == ""
}

// dedent takes up to width blanks away.
func dedent(l line, width int) line {
	for i := 0; i < width && strings.HasPrefix(l.s, " "); i++ {
		l.s = l.s[1:]
	}
	l.s = strings.TrimPrefix(l.s, "\t")
	return l
}

// item takes the lines that are indented under an item's first one.
func item(lines []line, b block, depth int) (block, int) {
	b.own = lines[:1]
	indent := lead(lines[0].s)
	n, ticks := 1, ""
	for ; n < len(lines); n++ {
		s := lines[n].s
		if ticks != "" {
			if closes(s, ticks) {
				ticks = ""
			}
			continue
		}
		if strings.TrimSpace(s) == "" {
			continue
		}
		if lead(s) < indent+2 || depth >= maxDepth {
			break
		}
		if m := fenceForm.FindStringSubmatch(s); m != nil && !(m[2][0] == '`' && strings.Contains(m[3], "`")) {
			ticks = m[2]
		}
	}
	for n > 1 && strings.TrimSpace(lines[n-1].s) == "" {
		n--
	}
	if n == 1 {
		return b, 1
	}
	width := lead(lines[firstText(lines[1:n])+1].s)
	var inner []line
	for _, l := range lines[1:n] {
		inner = append(inner, dedent(l, width))
	}
	b.nested = scan(inner, depth+1)
	return b, n
}

func firstText(lines []line) int {
	for i, l := range lines {
		if strings.TrimSpace(l.s) != "" {
			return i
		}
	}
	return 0
}

func lead(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// text reads a paragraph, or a heading that is underlined.
func text(lines []line) (block, int) {
	n := 1
	for ; n < len(lines); n++ {
		s := lines[n].s
		if n == 1 && underForm.MatchString(s) && !strings.HasPrefix(strings.TrimSpace(lines[0].s), "-") {
			level := 1
			if strings.Contains(s, "-") {
				level = 2
			}
			return block{kind: heading, own: lines[:2], level: level, text: strings.TrimSpace(lines[0].s)}, 2
		}
		if strings.TrimSpace(s) == "" || starts(lines[n:]) {
			break
		}
	}
	return block{kind: paragraph, own: lines[:n]}, n
}

// starts says whether a line begins a block of its own under a paragraph.
func starts(lines []line) bool {
	s := lines[0].s
	return headForm.MatchString(s) || fenceForm.MatchString(s) || boxForm.MatchString(s) || itemForm.MatchString(s) || isRule(s) || isTable(lines)
}
