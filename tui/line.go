package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// role says what a stretch of text is for; the theme says how that looks.
type role int

const (
	text role = iota
	rule
	title
	warn
	caut
	unkn
	good
	todo
	runs
	badge
	public
	selected
	roles
)

// span is a stretch of text in one role, line a row of them.
type span struct {
	r role
	s string
}
type line []span

func tx(s string) line         { return line{{text, s}} }
func in(r role, s string) line { return line{{r, s}} }
func (l line) add(r role, s string) line {
	return append(l[:len(l):len(l)], span{r, s})
}

// with is l in one role throughout.
func (l line) with(r role) line {
	out := make(line, len(l))
	for i, s := range l {
		out[i] = span{r, s.s}
	}
	return out
}

func (l line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.s)
	}
	return b.String()
}

// width is in cells as a terminal without Unicode mode counts them: East Asian
// wide runes are two.
func width(s string) int { return ansi.StringWidthWc(s) }

func (l line) width() int {
	n := 0
	for _, s := range l {
		n += width(s.s)
	}
	return n
}

// clean is s safe to draw, in one row, with its blanks kept.
func clean(s string) string { return strings.ReplaceAll(safe.Clean(s), "\n", " ") }

// fit is l exactly w cells wide: cut with "…", or filled with blanks. It is
// the one door to the screen: every text is made safe here.
func fit(l line, w int) line {
	out := make(line, 0, len(l)+1)
	left := w
	for i, s := range l {
		t := clean(s.s)
		n := width(t)
		if n > left || (n == left && i < len(l)-1 && more(l[i+1:])) {
			t = cut(t, left)
			n = width(t)
			out, left = append(out, span{s.r, t}), left-n
			break
		}
		out, left = append(out, span{s.r, t}), left-n
	}
	if left > 0 {
		out = append(out, span{text, strings.Repeat(" ", left)})
	}
	return out
}

// more says that something that can be seen follows.
func more(l line) bool { return strings.TrimSpace(l.String()) != "" }

// cut is s in at most w cells, ending in "…" to show that it was cut.
func cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if width(s) >= w {
		return ansi.TruncateWc(s, w-1, "") + "…"
	}
	return s + "…"
}

// sides puts one line to the left and one to the right end. The left gives way.
func sides(left, right line, w int) line {
	n := right.width()
	if n >= w {
		return fit(right, w)
	}
	return append(fit(left, w-n), fit(right, n)...)
}

// pad is s filled with blanks to n cells.
func pad(s string, n int) string {
	if d := n - width(s); d > 0 {
		return s + strings.Repeat(" ", d)
	}
	return s
}

// wrap breaks text into rows of at most w cells, at blanks where it can.
// Line breaks and blanks of the text stay: a script is shown as it is.
func wrap(s string, w int) []string {
	w = max(w, 1)
	var out []string
	for _, row := range strings.Split(safe.Clean(s), "\n") {
		row = strings.TrimRight(row, " ")
		for width(row) > w {
			head := ansi.TruncateWc(row, w, "")
			if head == "" { // a wide rune in one cell
				row = ""
				break
			}
			if at := strings.LastIndexByte(row[:min(len(head)+1, len(row))], ' '); at > 0 && strings.TrimSpace(row[:at]) != "" {
				head = row[:at]
			}
			out, row = append(out, strings.TrimRight(head, " ")), strings.TrimLeft(row[len(head):], " ")
		}
		out = append(out, row)
	}
	return out
}

// wrapMax is wrap in at most n rows; the last shows that something was cut.
func wrapMax(s string, w, n int) []string {
	rows := wrap(s, w)
	if len(rows) <= n {
		return rows
	}
	rows = rows[:max(n, 0)]
	if n > 0 {
		rows[n-1] = cut(rows[n-1], w)
	}
	return rows
}

// roleOf is how a level looks.
func roleOf(l words.Level) role {
	switch l {
	case words.Warning:
		return warn
	case words.Caution:
		return caut
	case words.Unknown:
		return unkn
	}
	return text
}

// mark is a mark in its role: good is green only where something was asked.
func mark(m string, l words.Level) span {
	switch {
	case l > words.Calm:
		return span{roleOf(l), m}
	case m == words.Good:
		return span{good, m}
	case m == words.Going:
		return span{runs, m}
	}
	return span{text, m}
}
