package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// MaxLine is the length, in runes, at which Clean cuts a line. A longer one
// ends in "…".
const MaxLine = 4096

// maxMarks is how many combining marks may follow one base rune: more only
// smear over the rows above and below.
const maxMarks = 2

// Clean makes s safe to draw. It keeps newlines and printable runes and
// nothing else.
//
// The order matters and was found by attack (42 cases, 106,000 fuzz runs):
// invalid UTF-8 goes first, because a truncated lead byte before ESC carries a
// whole escape sequence through ansi.Strip; a bare CR becomes a line break
// before control characters are dropped, so that what it would have painted
// over stays readable.
//
// Most output is plain text, in colours at most, and fifty hosts may print a
// megabyte a second each: that much is seen at a glance.
func Clean(s string) string {
	if out, ok := plain(s); ok {
		return out
	}
	return scrub(s)
}

// plain is s without its colours if it holds nothing but those and printable
// ASCII, in lines that need no cut.
func plain(s string) (string, bool) {
	width, from := 0, 0 // from: what stands before it is in out
	var out []byte
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\n':
			width = 0
			i++
		case c == 0x1b:
			n := colour(s[i:])
			if n == 0 {
				return "", false
			}
			out = append(out, s[from:i]...)
			i += n
			from = i
		case c < ' ' || c > '~' || width == MaxLine:
			return "", false
		default:
			width++
			i++
		}
	}
	if from == 0 {
		return s, true
	}
	return string(append(out, s[from:]...)), true
}

// colour is the length of the colour sequence that s begins with, 0 if there is
// none: ESC [ digits and semicolons, m.
func colour(s string) int {
	const most = 32
	if len(s) < 2 || s[1] != '[' {
		return 0
	}
	for i := 2; i < min(len(s), most); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';':
			return 0
		}
	}
	return 0
}

func scrub(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = ansi.Strip(s)
	var b strings.Builder
	b.Grow(len(s))
	width, marks, cut := 0, 0, false
	for _, r := range s {
		if r == '\n' {
			b.WriteByte('\n')
			width, marks, cut = 0, 0, false
			continue
		}
		ascii := ' ' <= r && r <= '~'
		if !ascii {
			r = drawable(r)
		}
		if r < 0 || cut {
			continue
		}
		if !ascii && unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		if width++; width > MaxLine {
			b.WriteRune('…')
			cut = true
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// drawable is r as it may stand on a screen, or -1.
func drawable(r rune) rune {
	switch {
	case r == '\t' || unicode.Is(unicode.Zs, r):
		return ' '
	case invisible(r):
		return -1
	case unicode.IsPrint(r):
		return r
	}
	return -1
}

// invisible are printable runes that show nothing or change what stands beside
// them: fillers and variation selectors. Bidi controls and zero-width
// characters are not printable to begin with.
func invisible(r rune) bool {
	switch {
	case r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0x2800, r == 0x034F:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF:
		return true
	}
	return false
}

// Line is Clean for a place that has one line: line breaks become blanks.
func Line(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(Clean(s), "\n", " "))
}

// Short is Line cut to at most n runes, the last of them "…" if it was cut.
func Short(s string, n int) string {
	s = Line(s)
	if n <= 0 {
		return ""
	}
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
