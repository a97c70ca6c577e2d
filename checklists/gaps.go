package checklists

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/virtengine/relight/lazy"
)

// Gap is a place of a message that somebody was to fill and nobody has.
type Gap struct {
	From, To int    // bytes of the line
	Words    string // as they stand there, without brackets
}

var (
	bracketed = lazy.Pattern(`\[([^\[\]]*)\]`)
	todoWord  = lazy.Pattern(`\bTODO\b`)
	hasLetter = lazy.Pattern(`\pL\PL*\pL`)
	hasSmall  = lazy.Pattern(`\p{Ll}`)
	// capitalGap are capitals that no headline is made of: [MAJOR OUTAGE] is one.
	capitalGap = lazy.Pattern(`\b(?:TIME|DATE|NAME|DESCRIPTION|ETA|IMPACT|SUMMARY|TBD|LINK|URL|REASON|INSERT|FILL|YOUR|DETAILS)\b`)
)

// Gaps are the gaps of a line of a message: words in square brackets, and TODO.
// A Markdown link, a box, an index, an address and a headline in capitals are
// none.
func Gaps(line string) []Gap {
	var out []Gap
	plain := []byte(line)
	for _, m := range bracketed.FindAllStringSubmatchIndex(line, -1) {
		words := strings.TrimSpace(line[m[2]:m[3]])
		after := line[m[1]:]
		switch {
		case !hasLetter.MatchString(words), strings.Contains(words, "::"), strings.Contains(words, "{{"):
		case !hasSmall.MatchString(words) && !capitalGap.MatchString(words) && !todoWord.MatchString(words):
		case strings.HasPrefix(after, "(") || strings.HasPrefix(after, "["):
		case m[0] > 0 && joins(line[m[0]-1]):
		default:
			out = append(out, Gap{From: m[0], To: m[1], Words: words})
			for i := m[0]; i < m[1]; i++ {
				plain[i] = ' '
			}
		}
	}
	for _, m := range todoWord.FindAllIndex(plain, -1) {
		out = append(out, Gap{From: m[0], To: m[1], Words: line[m[0]:m[1]]})
	}
	return out
}

// joins: a bracket behind that is an index, the second half of a link, or
// escaped.
func joins(b byte) bool {
	return b == ']' || b == ')' || b == '\\' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// gaps reports what nobody has filled in line n, with the name that fits.
func (p *reader) gaps(line string, n int) {
	for _, g := range Gaps(line) {
		hint := "write the words, or a name that is filled in when it is sent: {{impact}}, {{eta}}, {{start}}, {{end}}, {{next_update}}"
		if name := GapName(line, g); name != "" {
			hint = "write {{" + name + "}}, or the words"
		}
		p.err(n, g.From+1, "message-gap", fmt.Sprintf("%q is a gap that nobody has filled: it would be sent as it stands", line[g.From:g.To]), hint)
	}
}

// gapNames are what a gap may mean, the most special first: by its own words,
// and when they do not say, by the words before it on its line.
func gapNames() []struct{ words, name string } {
	return []struct{ words, name string }{
		{`next\s+update`, "next_update"},
		{`duration|how\s+long`, "duration"},
		{`start(?:ed|s|ing)?|began|since`, "start"},
		{`end(?:ed|s)?|resolved\s+at`, "end"},
		{`eta|estimated|restor(?:ed|ation)|expected`, "eta"},
		{`components?|services?\s+affected|affected\s+services?`, "components"},
		{`severity`, "severity"},
		{`commander`, "commander"},
		{`impact`, "impact"},
	}
}

// GapName is the built-in name that fits a gap, or "" when its words and those
// before it on the line do not say.
func GapName(line string, g Gap) string {
	own, before := strings.ToLower(g.Words), strings.ToLower(line[:g.From])
	if i := strings.LastIndexAny(before, "]}"); i >= 0 {
		before = before[i:]
	}
	for _, text := range []string{own, before} {
		for _, f := range gapNames() {
			if regexp.MustCompile(`\b(?:` + f.words + `)\b`).MatchString(text) {
				return f.name
			}
		}
		// A bare [Time] or [Description] says what it is only where no other word does.
		if text == own && strings.TrimSpace(strings.Trim(before, " *_-:")) == "" && own == "description" {
			return "impact"
		}
	}
	return ""
}
