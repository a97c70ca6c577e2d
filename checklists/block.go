package checklists

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/virtengine/relight/lazy"
)

// fence is one fenced block as its raw lines show it.
type fence struct {
	line, last int // of the opening line and of the last content line (line itself when empty)
	col        int // of the first backtick
	indent     string
	ticks      string
	info       string // as written, trimmed
	lang, kind string
	attrs      string // "{…}" or ""
	attrsCol   int
}

var fenceLine = lazy.Pattern("^([ >\t]*(?:[-*+] |[0-9]+[.)] )?[ \t]*)(`{3,}|~{3,})[ \t]*(.*)$")

// fenceInfo reads the raw opening line of a fence. The word after the language
// is the kind unless it opens a brace.
func (p *reader) fenceInfo(f *ast.FencedCodeBlock) fence {
	in := fence{line: p.lineOf(f)}
	in.last = in.line + f.Lines().Len()
	raw := p.src.line(in.line)
	m := fenceLine.FindStringSubmatch(raw)
	if m == nil {
		in.col = p.col(in.line)
		return in
	}
	in.indent, in.ticks, in.info = m[1], m[2], strings.TrimRight(m[3], " \t")
	in.col = len(m[1]) + 1
	words := in.info
	if i := strings.IndexByte(words, '{'); i >= 0 {
		in.attrs, words = words[i:], words[:i]
		in.attrsCol = strings.Index(raw, in.attrs) + 1
	}
	parts := strings.Fields(words)
	if len(parts) > 0 {
		in.lang = parts[0]
	}
	if len(parts) > 1 {
		in.kind = strings.Join(parts[1:], " ")
	}
	return in
}

// claimFence marks the lines of a fence and reports one that is not closed.
func (p *reader) claimFence(in fence, what codeLine) {
	for n := in.line + 1; n <= in.last && n < len(p.code); n++ {
		p.code[n] = what
	}
	if in.line < len(p.claimed) {
		p.claimed[in.line] = true
	}
	end := in.last + 1
	closing := strings.TrimSpace(p.src.line(end))
	if in.ticks == "" || !strings.HasPrefix(closing, in.ticks) || strings.Trim(closing, in.ticks[:1]) != "" {
		p.err(in.line, in.col, "fence-unclosed", "the block is not closed", "close it with "+in.ticks+" on a line of its own, indented like its opening")
		return
	}
	p.claimed[end] = true
	if in.kind != "" && leading(p.src.line(end)) != in.indent {
		p.err(end, 1, "fence-close-indent", "the closing fence is not indented like the opening one", "indent both alike")
	}
}

func leading(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " \t"))] }

// languages are what an executable fence may be written in.
func languages() []string { return []string{"bash", "http", "probe", "sh", "sql", "text", "toml"} }

// kindsOf says which kinds a language takes; none for one that never runs.
func kindsOf(lang string) []string {
	switch lang {
	case "sh", "bash":
		return []string{"run", "guard", "verify", "undo", "suggest"}
	case "probe":
		return []string{"guard", "verify", "suggest"}
	case "sql":
		return []string{"run", "guard", "verify", "undo"}
	case "http":
		return []string{"guard", "verify", "run"}
	case "text":
		return []string{"comms"}
	case "toml":
		return []string{"runbook"}
	}
	return nil
}

// fenceForm checks the info string. False: nothing more can be read from it.
func (p *reader) fenceForm(in fence) bool {
	fail := func(rule, text, hint string) bool {
		p.err(in.line, in.col, rule, text, hint)
		return false
	}
	kinds := kindsOf(in.lang)
	switch {
	case strings.HasPrefix(in.ticks, "~"):
		return fail("fence-tilde", "the fence is made of tildes", "use backticks")
	case in.lang == "":
		return fail("fence-language", "the fence says no language", "write ```text for plain text; a language without a kind never runs")
	case in.kind == "" && in.attrs != "":
		return fail("kind-missing", "attributes without a kind", fmt.Sprintf("write ```%s KIND {…}, KIND one of %s", in.lang, strings.Join(kindsOr(kinds), ", ")))
	case in.kind == "" && in.lang == "probe":
		return fail("kind-missing", "a probe block without a kind checks nothing", "write ```probe verify, guard or suggest")
	case in.kind == "":
		for _, lang := range languages() {
			for _, k := range kindsOf(lang) {
				if distance(in.lang, lang+k) <= 1 {
					return fail("kind-glued", fmt.Sprintf("%q is no language", in.lang), fmt.Sprintf("write ```%s %s", lang, k))
				}
			}
		}
		return true
	case kinds == nil:
		hint := "one of bash, http, probe, sh, sql, text"
		if w := nearest(in.lang, languages()); w != "" {
			hint = "did you mean " + w + "? " + hint
		}
		return fail("language-unknown", fmt.Sprintf("a block of language %q cannot be flown", in.lang), hint)
	case !contains(kinds, in.kind):
		hint := "one of " + strings.Join(kinds, ", ")
		if w := nearest(in.kind, kinds); w != "" {
			hint = "did you mean " + w + "? " + hint
		}
		return fail("kind-unknown", fmt.Sprintf("%s has no kind %q", in.lang, in.kind), hint)
	}
	return true
}

func kindsOr(kinds []string) []string {
	if kinds == nil {
		return []string{"run", "guard", "verify", "undo", "suggest", "comms"}
	}
	return kinds
}

// block reads the attributes and the text of an executable fence.
func (p *reader) block(in fence) (Block, bool) {
	b := Block{Lang: in.lang, Kind: in.kind, Line: in.line, Text: p.fenceText(in)}
	if in.attrs != "" {
		known := keysOf(b)
		cols := map[string]int{}
		for _, a := range p.attrs(in.attrs, in.line, in.attrsCol) {
			cols[a.key] = a.col
			switch {
			case !contains(known, a.key):
				p.unknownKey(a, in.line, "a "+in.lang+" "+in.kind+" block", known...)
			case a.key == "otherwise":
				b.Otherwise = p.flag(a, in.line)
			case a.key == "idempotent":
				b.Idempotent = p.flag(a, in.line)
			case p.valued(a, in.line):
				p.blockAttr(&b, a)
			}
		}
	}
	p.blockNeeds(&b, in)
	if b.Lang == "probe" {
		p.probes(&b, in)
	} else if strings.TrimSpace(b.Text) == "" {
		p.err(in.line, in.col, "block-empty", "the block is empty", "write what it does, or drop it")
	}
	switch b.Lang {
	case "http":
		p.httpForm(b, in)
	case "sql":
		p.sqlForm(b, in)
	}
	return b, true
}

// fenceText is the text between the fences without the opening's indent.
func (p *reader) fenceText(in fence) string {
	var out strings.Builder
	for n := in.line + 1; n <= in.last; n++ {
		raw := p.src.line(n)
		if strings.HasPrefix(raw, in.indent) {
			raw = raw[len(in.indent):]
		} else if strings.TrimSpace(raw) == "" {
			raw = ""
		} else {
			p.err(n, 1, "block-indent", "the line is not indented like its block", "indent it by two blanks, without tabs")
			raw = strings.TrimLeft(raw, " ")
		}
		out.WriteString(raw)
		out.WriteByte('\n')
	}
	return out.String()
}

// keysOf are the attributes a block takes.
func keysOf(b Block) []string {
	switch b.Kind {
	case "run", "undo":
		return []string{"host", "group", "parallel", "on_error", "timeout", "idempotent", "capture", "drill", "fence"}
	case "comms":
		return []string{"template", "state", "otherwise"}
	case "guard", "verify":
		keys := []string{"every", "for", "timeout"}
		if b.Lang != "probe" {
			keys = append(keys, "host", "group", "expect", "match")
		}
		if b.Kind == "guard" {
			keys = append(keys, "of")
		}
		return keys
	case "suggest":
		if b.Lang != "probe" {
			return []string{"host", "timeout", "expect", "match"}
		}
	}
	return nil
}
