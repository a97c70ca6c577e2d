package shell

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

// posix translates a POSIX regular expression, basic unless extended, into
// Go's.
func posix(p string, extended bool) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		ch := p[i]
		switch {
		case ch == '[':
			end := bracketEnd(p, i)
			b.WriteString(strings.ReplaceAll(p[i:end], `\`, `\\`))
			i = end - 1
		case ch == '\\' && i+1 < len(p):
			i++
			b.WriteString(escaped(p[i], extended))
		case !extended && strings.IndexByte("(){}|+?", ch) >= 0:
			b.WriteString(`\` + string(ch))
		case !extended && ch == '*' && (i == 0 || strings.HasSuffix(p[:i], `\(`) || i == 1 && p[0] == '^'):
			b.WriteString(`\*`)
		case !extended && ch == '^' && i > 0 && !strings.HasSuffix(p[:i], `\(`) && !strings.HasSuffix(p[:i], `\|`):
			b.WriteString(`\^`)
		case !extended && ch == '$' && i+1 < len(p) && !strings.HasPrefix(p[i+1:], `\)`) && !strings.HasPrefix(p[i+1:], `\|`):
			b.WriteString(`\$`)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

// escaped is what a backslash and ch stand for.
func escaped(ch byte, extended bool) string {
	switch {
	case strings.IndexByte("(){}|+?", ch) >= 0 && !extended:
		return string(ch)
	case ch == '<' || ch == '>' || ch == 'b':
		return `\b`
	case strings.IndexByte("wWsSB", ch) >= 0:
		return `\` + string(ch)
	case ch == 'n':
		return "\n"
	case ch == 't':
		return "\t"
	}
	return regexp.QuoteMeta(string(ch))
}

// bracketEnd is the index after the bracket expression that starts at i.
func bracketEnd(p string, i int) int {
	j := i + 1
	if j < len(p) && p[j] == '^' {
		j++
	}
	if j < len(p) && p[j] == ']' {
		j++
	}
	for j < len(p) {
		switch {
		case p[j] == ']':
			return j + 1
		case p[j] == '[' && j+1 < len(p) && p[j+1] == ':':
			if k := strings.Index(p[j:], ":]"); k >= 0 {
				j += k + 2
				continue
			}
		}
		j++
	}
	return len(p)
}

func cmdGrep(c *call, f flags) int {
	pats := append(append([]string(nil), f.val["e"]...), f.val["regexp"]...)
	if len(pats) == 0 {
		if len(f.rest) == 0 {
			return c.usage("missing pattern")
		}
		pats, f.rest = f.rest[:1], f.rest[1:]
	}
	re, err := grepRegexp(pats, f.has("F") || c.name == "fgrep", f.has("E") || c.name == "egrep", f)
	if err != nil {
		return c.usage("%v", err)
	}
	limit := 1 << 30
	if m := f.last("m"); m != "" {
		if limit, err = strconv.Atoi(m); err != nil {
			return c.usage("invalid max count")
		}
	}
	names := f.rest
	if f.has("r") {
		names = c.underDirs(names)
	}
	found := false
	prefix := len(names) > 1 && !f.has("h") || f.has("H")
	bad := 0
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		text, err := c.text(name)
		if err != nil {
			bad = 2
			if !f.has("s") {
				c.fail("%s: %v", name, err)
			}
			continue
		}
		if c.grepOne(re, name, text, f, prefix, limit) {
			found = true
		}
	}
	switch {
	case found && (bad == 0 || f.has("q")):
		return 0
	case bad != 0:
		return bad
	}
	return 1
}

func (c *call) underDirs(names []string) []string {
	var out []string
	for _, n := range names {
		c.on(func(_ *world.World, h *world.Host) {
			_ = tree(h, abs(c.dir, n), true, func(p string) error {
				if !h.Files[p].Dir {
					out = append(out, p)
				}
				return nil
			})
		})
	}
	return out
}

func grepRegexp(pats []string, fixed, extended bool, f flags) (*regexp.Regexp, error) {
	var alts []string
	for _, p := range pats {
		for _, one := range strings.Split(p, "\n") {
			if fixed {
				alts = append(alts, regexp.QuoteMeta(one))
			} else {
				alts = append(alts, posix(one, extended))
			}
		}
	}
	expr := "(?:" + strings.Join(alts, "|") + ")"
	if f.has("w") {
		expr = `\b` + expr + `\b`
	}
	if f.has("x") {
		expr = "^" + expr + "$"
	}
	if f.has("i") {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("invalid pattern %q", strings.Join(pats, "\n"))
	}
	return re, nil
}

// grepOne says whether a line was selected.
func (c *call) grepOne(re *regexp.Regexp, name, text string, f flags, prefix bool, limit int) bool {
	n := 0
	head := ""
	if prefix {
		head = name + ":"
	}
	for i, l := range lines(text) {
		if re.MatchString(l) == f.has("v") {
			continue
		}
		n++
		switch {
		case f.has("q"):
			return true
		case f.has("l"):
			c.outf("%s\n", name)
			return true
		case f.has("c"):
		default:
			at := head
			if f.has("n") {
				at += strconv.Itoa(i+1) + ":"
			}
			if !f.has("o") {
				c.outf("%s%s\n", at, l)
				break
			}
			for _, m := range re.FindAllString(l, -1) {
				if m != "" {
					c.outf("%s%s\n", at, m)
				}
			}
		}
		if n >= limit {
			break
		}
	}
	if f.has("c") {
		c.outf("%s%d\n", head, n)
	}
	return n > 0
}
