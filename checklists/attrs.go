package checklists

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
)

// attr is one key or key=value of a {…}. Col is its column in the file's line.
type attr struct {
	key, val string
	flag     bool // the key stood alone
	col      int
}

var (
	attrKey   = lazy.Pattern(`^[a-z][a-z_]*`)
	attrValue = lazy.Pattern(`^[A-Za-z0-9$._:/,+*@#%<>!-]+`)
	// attrLook finds attributes that stand where none can: a code span that
	// opens or closes a brace, or a known key with its equals sign.
	attrLook = lazy.Pattern("`\\s*\\{|\\}\\s*`|\\b(role|id|needs|clock|confirm|approve|evidence|only|book)=[A-Za-z$\"@]|[{,]\\s*[\"“”]?(role|id|needs|clock|confirm|approve)[\"“”]?\\s*:")
)

// attrs reads "{key key=value …}". col is the column of the opening brace.
func (p *reader) attrs(s string, line, col int) []attr {
	fail := func(at int, rule, text, hint string) { p.err(line, col+at, rule, text, hint) }
	if i := strings.IndexAny(s, "“”„‘’"); i >= 0 {
		fail(i, "attrs-quotes", "curly quotes among the attributes", "use plain quotes: key=\"a value\"")
		return nil
	}
	if !strings.HasPrefix(s, "{") || !strings.HasSuffix(s, "}") || len(s) < 2 {
		fail(0, "attrs-unclosed", "the attributes do not stand whole between { and }", "write {key=value key=value}")
		return nil
	}
	body := s[1 : len(s)-1]
	var out []attr
	seen := map[string]bool{}
	for i := 0; i < len(body); {
		if body[i] == ' ' {
			i++
			continue
		}
		key := attrKey.FindString(body[i:])
		if key == "" {
			if strings.HasPrefix(body[i:], `"`) {
				fail(1+i, "attrs-json", "this looks like JSON", "write {key=value}, without quotes round the key and without colons")
			} else {
				fail(1+i, "attrs-syntax", fmt.Sprintf("a key is expected, found %q", short(body[i:])), "write key=value, parted by one blank")
			}
			return nil
		}
		a := attr{key: key, flag: true, col: col + 1 + i}
		i += len(key)
		if i < len(body) && body[i] == '=' {
			a.flag = false
			val, used, ok := attrText(body[i+1:])
			if !ok {
				fail(2+i, "attrs-value", fmt.Sprintf("the value of %s is empty or holds a character that needs quotes", key), "write "+key+"=\"the value\"")
				return nil
			}
			a.val = val
			i += 1 + used
		} else if i < len(body) && body[i] == ':' {
			fail(1+i, "attrs-json", "a colon stands after the key", "write key=value")
			return nil
		}
		if i < len(body) && body[i] != ' ' {
			fail(1+i, "attrs-syntax", fmt.Sprintf("unexpected %q after %s", short(body[i:]), key), "part the attributes by one blank; quote odd values")
			return nil
		}
		if seen[key] {
			p.err(line, a.col, "attrs-duplicate", fmt.Sprintf("%s stands twice", key), "keep one; a list goes into one value, parted by commas")
			continue
		}
		seen[key] = true
		out = append(out, a)
	}
	return out
}

// attrText reads one value, bare or quoted, and says how many bytes it used.
func attrText(s string) (val string, used int, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		val = attrValue.FindString(s)
		return val, len(val), val != ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i + 1, true
		case '\\':
			if i++; i >= len(s) || s[i] != '"' && s[i] != '\\' {
				return "", 0, false
			}
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

// splitAttrs cuts "title `{…}`" into title and "{…}", and says at which offset
// the brace stands. ok is false when the line carries no attributes.
func splitAttrs(s string) (title, attrs string, at int, ok bool) {
	s = strings.TrimRight(s, " ")
	if !strings.HasSuffix(s, "`") {
		return s, "", 0, false
	}
	open := strings.LastIndexByte(s[:len(s)-1], '`')
	if open < 0 || !strings.HasPrefix(s[open:], "`{") {
		return s, "", 0, false
	}
	return strings.TrimRight(s[:open], " "), s[open+1 : len(s)-1], open + 1, true
}

// duration reads "60s", "10m", "1h30m".
func (p *reader) duration(a attr, line int) time.Duration {
	d, err := parseDuration(a.val)
	if err != nil {
		p.err(line, a.col, "duration", fmt.Sprintf("%s=%s is no duration", a.key, a.val), "write 60s, 10m or 1h30m")
	}
	return d
}

func parseDuration(s string) (time.Duration, error) {
	if !durationForm.MatchString(s) {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration above zero", s)
	}
	return d, nil
}

var durationForm = lazy.Pattern(`^([0-9]+(ms|s|m|h))+$`)

// choose reads a value that must be one of a list.
func (p *reader) choose(a attr, line int, rule string, words ...string) string {
	for _, w := range words {
		if a.val == w {
			return a.val
		}
	}
	hint := "one of " + strings.Join(words, ", ")
	if w := nearest(a.val, words); w != "" {
		hint = "did you mean " + w + "? " + hint
	}
	p.err(line, a.col, rule, fmt.Sprintf("%s=%s is not known", a.key, a.val), hint)
	return ""
}

// only reports the attributes whose keys the place does not take.
func (p *reader) unknownKey(a attr, line int, where string, known ...string) {
	hint := where + " takes " + strings.Join(known, ", ")
	if w := nearest(a.key, known); w != "" && w != a.key {
		hint = "did you mean " + w + "? " + hint
	}
	p.err(line, a.col, "attr-unknown", fmt.Sprintf("%s does not know the key %q", where, a.key), hint)
}

// flag reads a key that stands alone.
func (p *reader) flag(a attr, line int) bool {
	if !a.flag && a.val != "true" {
		p.err(line, a.col, "attr-flag", fmt.Sprintf("%s takes no value", a.key), "write "+a.key+" alone, or leave it out")
	}
	return true
}

// valued reports a key that needs a value and has none.
func (p *reader) valued(a attr, line int) bool {
	if a.flag {
		p.err(line, a.col, "attr-value-missing", fmt.Sprintf("%s needs a value", a.key), "write "+a.key+"=…")
	}
	return !a.flag
}

func list(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// short is the beginning of s, for a message.
func short(s string) string {
	if i := strings.IndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	if len(s) > 20 {
		s = s[:20]
	}
	return s
}
