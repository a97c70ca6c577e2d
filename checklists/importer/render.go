package importer

import (
	"fmt"
	"strings"
)

// render writes the book as a runbook.
func (k *book) render(source string) string {
	var w strings.Builder
	fmt.Fprintf(&w, "# %s\n\n```toml runbook\nid = %q\n", k.title, k.id)
	for _, c := range k.clocks {
		fmt.Fprintf(&w, "\n[[clock]]\nname = %q\ncomponent = %q # line %d of the source\nrto = %q\n", c.name, tomlPlain(c.component), c.line, short(c.rto))
		if c.rpo > 0 {
			fmt.Fprintf(&w, "rpo = %q\n", short(c.rpo))
		}
	}
	w.WriteString("```\n\n")
	fmt.Fprintf(&w, "Imported from %s. TODO: read every step against the systems, then fill the header: owner, severity, modes, review_by, parameters.\n", orWord(source))
	if len(k.clocks) > 0 {
		w.WriteString("\nTODO: say which step starts each clock and which one stops it, or drop the clock.\n")
	}
	for _, c := range k.intro {
		c.render(&w, "")
	}
	for i, ph := range k.phases {
		if len(ph.groups) == 0 {
			continue
		}
		fmt.Fprintf(&w, "\n## %s\n", []string{"Before: check and prepare", "During: recover", "After: close"}[i])
		for _, g := range ph.groups {
			g.render(&w)
		}
	}
	for _, n := range k.notes {
		fmt.Fprintf(&w, "\n## %s\n", n.head)
		for _, c := range *n.text {
			c.render(&w, "")
		}
	}
	return w.String()
}

func orWord(s string) string {
	if s == "" || !fits(s) {
		return "a document"
	}
	return s
}

// tomlPlain drops what a quoted string of TOML would read as an escape.
func tomlPlain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r > 0xFFFF {
			return ' '
		}
		return r
	}, s)
}

func (g *group) render(w *strings.Builder) {
	if g.head != "" {
		fmt.Fprintf(w, "\n### %s\n", g.head)
	}
	for _, c := range g.prose {
		c.render(w, "")
	}
	// A paragraph parts a list above from the list of steps.
	if len(g.prose) > 0 && g.prose[len(g.prose)-1].prose && len(g.steps) > 0 {
		w.WriteString("\nThe steps:\n")
	}
	for _, s := range g.steps {
		fmt.Fprintf(w, "\n- [ ] **%s** `{role=%s}`\n", s.title, s.role)
		for _, c := range s.body {
			c.render(w, "  ")
		}
	}
}

// render writes a chunk behind an indent. Prose that the format would not take
// for prose becomes an illustration.
func (c chunk) render(w *strings.Builder, in string) {
	text := joined(c.lines)
	switch {
	case c.prose && fits(text):
		fmt.Fprintf(w, "\n%s\n", indent(text, in))
	case c.template != "":
		attrs := "template=" + c.template
		fmt.Fprintf(w, "\n%sTODO: %s\n\n%s```text comms {%s}\n%s\n%s```\n", in, c.todo, in, attrs, indent(text, in), in)
	default:
		if c.todo != "" {
			fmt.Fprintf(w, "\n%sTODO: %s\n", in, c.todo)
		}
		lang := c.lang
		if lang == "" {
			lang = "text"
		}
		fmt.Fprintf(w, "\n%s```%s\n%s\n%s```\n", in, lang, indent(quoted(c.lines), in), in)
	}
}

func joined(lines []line) string {
	var out []string
	for _, l := range lines {
		out = append(out, l.s)
	}
	return strings.Join(out, "\n")
}

// quoted is joined, with the mark before every line that needs it.
func quoted(lines []line) string {
	var out []string
	for _, l := range lines {
		if risky(l.s) {
			l.s = quoteMark + l.s
		}
		out = append(out, l.s)
	}
	return strings.Join(out, "\n")
}
