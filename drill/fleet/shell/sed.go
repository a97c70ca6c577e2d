package shell

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// sedCmd is one command of a sed script: s, p, d or q with an address.
type sedCmd struct {
	from, to sedAddr
	not      bool
	inside   bool // between from and to
	verb     byte
	re       *regexp.Regexp
	with     string
	global   bool
	print    bool
	nth      int
}

// sedAddr is a line number, the last line or a pattern.
type sedAddr struct {
	line int
	last bool
	re   *regexp.Regexp
}

func (a sedAddr) set() bool { return a.line > 0 || a.last || a.re != nil }

func (a sedAddr) hits(n int, last bool, l string) bool {
	return a.line > 0 && a.line == n || a.last && last || a.re != nil && a.re.MatchString(l)
}

var errSed = errors.New("this host's sed knows s, p, d, q and addresses")

func parseSed(script string, extended bool) ([]*sedCmd, error) {
	var out []*sedCmd
	for s := strings.TrimLeft(script, "; \n\t"); s != ""; s = strings.TrimLeft(s, "; \n\t}") {
		c := &sedCmd{}
		var err error
		if c.from, s, err = parseAddr(s, extended); err != nil {
			return nil, err
		}
		if rest, ok := strings.CutPrefix(s, ","); ok && c.from.set() {
			if c.to, s, err = parseAddr(rest, extended); err != nil {
				return nil, err
			}
		}
		s = strings.TrimLeft(s, " ")
		if rest, ok := strings.CutPrefix(s, "!"); ok {
			c.not, s = true, strings.TrimLeft(rest, " ")
		}
		if s == "" {
			return nil, errSed
		}
		c.verb, s = s[0], s[1:]
		switch c.verb {
		case 'p', 'd', 'q':
		case 's':
			if s, err = c.parseSubst(s, extended); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("unknown command: '%c': %w", c.verb, errSed)
		}
		out = append(out, c)
	}
	return out, nil
}

func parseAddr(s string, extended bool) (a sedAddr, rest string, err error) {
	switch {
	case s == "":
		return a, s, nil
	case s[0] == '$':
		return sedAddr{last: true}, s[1:], nil
	case s[0] >= '0' && s[0] <= '9':
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(s[:end])
		return sedAddr{line: n}, s[end:], err
	case s[0] == '/':
		pat, rest, ok := untilDelim(s[1:], '/')
		if !ok {
			return a, "", errors.New("unterminated address regex")
		}
		re, err := regexp.Compile(posix(pat, extended))
		return sedAddr{re: re}, rest, err
	}
	return a, s, nil
}

// untilDelim splits at the next delimiter that no backslash protects; a
// protected delimiter loses its backslash.
func untilDelim(s string, d byte) (part, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			if s[i+1] != d {
				b.WriteByte('\\')
			}
			i++
			b.WriteByte(s[i])
		case s[i] == d:
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

func (c *sedCmd) parseSubst(s string, extended bool) (rest string, err error) {
	if s == "" {
		return "", errSed
	}
	d := s[0]
	pat, s, ok := untilDelim(s[1:], d)
	if !ok {
		return "", errors.New("unterminated 's' command")
	}
	if c.with, s, ok = untilDelim(s, d); !ok {
		return "", errors.New("unterminated 's' command")
	}
	expr := posix(pat, extended)
	c.nth = 1
	for s != "" && strings.IndexByte("gpiI0123456789", s[0]) >= 0 {
		switch s[0] {
		case 'g':
			c.global = true
		case 'p':
			c.print = true
		case 'i', 'I':
			expr = "(?i)" + expr
		default:
			c.nth = int(s[0] - '0')
		}
		s = s[1:]
	}
	c.re, err = regexp.Compile(expr)
	return s, err
}

// subst replaces in l and says whether it did.
func (c *sedCmd) subst(l string) (string, bool) {
	var b strings.Builder
	at, n, done := 0, 0, false
	for _, m := range c.re.FindAllStringSubmatchIndex(l, -1) {
		n++
		if n < c.nth || n > c.nth && !c.global {
			continue
		}
		done = true
		b.WriteString(l[at:m[0]])
		c.expand(&b, l, m)
		at = m[1]
	}
	b.WriteString(l[at:])
	return b.String(), done
}

func (c *sedCmd) expand(b *strings.Builder, l string, m []int) {
	group := func(i int) {
		if 2*i+1 < len(m) && m[2*i] >= 0 {
			b.WriteString(l[m[2*i]:m[2*i+1]])
		}
	}
	for i := 0; i < len(c.with); i++ {
		switch ch := c.with[i]; {
		case ch == '&':
			group(0)
		case ch == '\\' && i+1 < len(c.with):
			i++
			switch e := c.with[i]; {
			case e >= '0' && e <= '9':
				group(int(e - '0'))
			case e == 'n':
				b.WriteByte('\n')
			case e == 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(e)
			}
		default:
			b.WriteByte(ch)
		}
	}
}

// applies says whether the command's address covers line n.
func (c *sedCmd) applies(n int, last bool, l string) bool {
	hit := true
	switch {
	case !c.from.set():
	case !c.to.set():
		hit = c.from.hits(n, last, l)
	case c.inside:
		c.inside = !c.to.hits(n, last, l) && (c.to.line == 0 || n < c.to.line)
	default:
		hit = c.from.hits(n, last, l)
		c.inside = hit && (c.to.line == 0 || n < c.to.line)
	}
	return hit != c.not
}

func runSed(cmds []*sedCmd, text string, quiet bool) string {
	var out strings.Builder
	all := lines(text)
	for i, l := range all {
		drop, quit := false, false
		for _, c := range cmds {
			if !c.applies(i+1, i == len(all)-1, l) {
				continue
			}
			switch c.verb {
			case 'p':
				out.WriteString(l + "\n")
			case 'd':
				drop = true
			case 'q':
				quit = true
			case 's':
				var done bool
				if l, done = c.subst(l); done && c.print {
					out.WriteString(l + "\n")
				}
			}
			if drop || quit {
				break
			}
		}
		if !quiet && !drop {
			out.WriteString(l + "\n")
		}
		if quit {
			break
		}
	}
	return out.String()
}

func cmdSed(c *call, f flags) int {
	script := strings.Join(f.val["e"], "\n")
	if script == "" {
		if len(f.rest) == 0 {
			return c.fail("no script specified")
		}
		script, f.rest = f.rest[0], f.rest[1:]
	}
	extended := f.has("E", "r")
	if _, err := parseSed(script, extended); err != nil {
		return c.fail("-e expression #1: %v", err)
	}
	if !f.has("i") {
		all := ""
		code := c.inputs(f.rest, func(_, text string) { all += text })
		cmds, _ := parseSed(script, extended) // it parsed a moment ago
		c.outf("%s", runSed(cmds, all, f.has("n")))
		return code
	}
	code := 0
	for _, name := range f.rest {
		p := abs(c.dir, name)
		text, err := c.read(p)
		if err == nil {
			cmds, _ := parseSed(script, extended)
			err = c.write(p, runSed(cmds, text, f.has("n")), 0o644)
		}
		if err != nil {
			code = c.fail("can't read %s: %v", name, err)
		}
	}
	return code
}
