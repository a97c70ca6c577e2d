package actions

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// anything stands in a value for what is not written in the script: the value
// of a parameter, the output of a command, what a pattern finds.
const anything = "\x00"

// unreadable says that a value is not wholly written in the script.
func unreadable(v string) bool { return strings.Contains(v, anything) }

// maxValues is how many values of one word are followed.
const maxValues = 16

// values are all the values a word may have, as far as the script says. At
// least one is returned.
func (s *screen) values(w *syntax.Word, depth int) []string {
	if w == nil || depth > 8 {
		return []string{anything}
	}
	out := []string{""}
	for _, p := range w.Parts {
		out = join(out, s.part(p, depth, false))
	}
	return out
}

// part are the values of one part of a word.
func (s *screen) part(p syntax.WordPart, depth int, quoted bool) []string {
	switch p := p.(type) {
	case *syntax.Lit:
		return []string{unescape(p.Value, quoted)}
	case *syntax.SglQuoted:
		if p.Dollar { // $'\x64ata'
			return []string{anything}
		}
		return []string{p.Value}
	case *syntax.DblQuoted:
		if p.Dollar {
			return []string{anything}
		}
		out := []string{""}
		for _, q := range p.Parts {
			out = join(out, s.part(q, depth, true))
		}
		return out
	case *syntax.ParamExp:
		simple := p.Param != nil && p.Exp == nil && p.Repl == nil && p.Slice == nil && p.Index == nil && !p.Excl && !p.Length && !p.Width
		if !simple || s.opaque[p.Param.Value] {
			return []string{anything}
		}
		return s.variable(p.Param.Value, depth)
	}
	return []string{anything} // command and process substitution, arithmetic, extended patterns
}

// variable are the values that the script gives to a name. One that it never
// sets is a parameter.
func (s *screen) variable(name string, depth int) []string {
	words := s.vars[name]
	if len(words) == 0 || len(words) > maxValues {
		return []string{anything}
	}
	var out []string
	for _, w := range words {
		out = append(out, s.values(w, depth+1)...)
	}
	return few(out)
}

func join(left, right []string) []string {
	if len(left)*len(right) > maxValues {
		return []string{anything}
	}
	out := make([]string, 0, len(left)*len(right))
	for _, l := range left {
		for _, r := range right {
			out = append(out, l+r)
		}
	}
	return few(out)
}

func few(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > maxValues {
		return []string{anything}
	}
	return list
}

// unescape takes the backslashes out of plain text, and makes patterns and
// braces into anything.
func unescape(v string, quoted bool) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '\\' && i+1 < len(v):
			i++
			if v[i] == '\n' {
				continue
			}
			if quoted && !strings.ContainsRune("$`\"\\", rune(v[i])) {
				b.WriteByte('\\')
			}
			b.WriteByte(v[i])
		case !quoted && strings.ContainsRune("*?[", rune(c)) && len(v) > 1:
			b.WriteString(anything)
		case !quoted && c == '*':
			b.WriteString(anything)
		case !quoted && c == '{' && strings.ContainsAny(v[i:], ",."):
			b.WriteString(anything) // {data,x}: what is in braces is not followed
		default:
			b.WriteByte(c)
		}
	}
	out := b.String()
	// A set or an expansion reaches over what follows it.
	if i := strings.Index(out, anything); i >= 0 && !quoted && strings.ContainsAny(v, "[{") {
		return out[:i] + anything
	}
	return out
}

// literal is a word whose text is wholly written.
func literal(w *syntax.Word) (string, bool) {
	v := (&screen{}).values(w, 0)
	return v[0], len(v) == 1 && !unreadable(v[0])
}

// names says whether a path may end in that name. What is not written may be
// anything, also nothing, and may hold slashes.
func names(v, name string) bool {
	clean := path.Clean(v)
	last := base(clean)
	if last == "." || last == ".." || last == "/" {
		return true // it may be any folder
	}
	return fits(last, name)
}

// fits says whether a pattern of text and anything can be that name.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, anything)
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}

func base(v string) string {
	if i := strings.LastIndexByte(v, '/'); i >= 0 && i+1 < len(v) {
		return v[i+1:]
	}
	return v
}

// show is a value as a person reads it.
func show(v string) string { return strings.ReplaceAll(v, anything, "…") }

// anyWord is a word of which nothing is known, at the place of another.
func anyWord(at *syntax.Word) *syntax.Word {
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.ArithmExp{Left: at.Pos(), Right: at.End()}}}
}
