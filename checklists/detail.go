package checklists

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/virtengine/relight/safe"
)

// shownMost is how many columns of a line are shown under a problem.
const shownMost = 110

// Detail is the problem as a compiler says it: the place, the rule and the
// text; the line itself with a caret under the column; the hint. src is the
// file that was read. What the line holds is made safe for a terminal.
func (p Problem) Detail(src []byte) string {
	hint := p.Hint
	p.Hint = ""
	var b strings.Builder
	b.WriteString(safe.Line(p.String()))
	if raw, ok := lineText(src, p.Line); ok {
		line, caret := excerpt(raw, p.Col)
		no := fmt.Sprintf("%5d", p.Line)
		fmt.Fprintf(&b, "\n%s | %s\n%s | %s^", no, line, strings.Repeat(" ", len(no)), strings.Repeat(" ", caret))
	}
	if hint != "" {
		b.WriteString("\n      = hint: " + safe.Line(hint))
	}
	return b.String()
}

// lineText is line n of src without its end.
func lineText(src []byte, n int) (string, bool) {
	rest := string(src)
	for ; n > 1; n-- {
		_, after, more := strings.Cut(rest, "\n")
		if !more {
			return "", false
		}
		rest = after
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r"), line != ""
}

// excerpt is the line as it may be shown, and the columns before the caret.
// col is in bytes, from 1. A long line is cut round the place.
func excerpt(raw string, col int) (line string, caret int) {
	at := min(max(col-1, 0), len(raw))
	before, after := shown(raw[:at]), shown(raw[at:])
	caret = ansi.StringWidth(before)
	if caret > shownMost*3/4 {
		before = "…" + ansi.TruncateLeft(before, caret-shownMost/2, "")
		caret = ansi.StringWidth(before)
	}
	line = before + after
	if ansi.StringWidth(line) > shownMost {
		line = ansi.Truncate(line, shownMost, "…")
	}
	return strings.TrimRight(line, " "), caret
}

// shown is a piece of a line without what a terminal would act on.
func shown(s string) string {
	return strings.ReplaceAll(safe.Clean(strings.ReplaceAll(s, "\t", "  ")), "\n", " ")
}
