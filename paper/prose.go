package paper

import (
	"strings"

	"github.com/virtengine/relight/lazy"
)

var (
	itemForm  = lazy.Pattern(`^ *(?:[-*+]|[0-9]{1,3}[.)]) +(\S.*)$`)
	fenceForm = lazy.Pattern("^ *(`{3,}|~{3,})")
	linkForm  = lazy.Pattern(`!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)`)
	starForm  = lazy.Pattern(`(\*\*|__)(\S(?:.*?\S)?)(\*\*|__)`)
)

// prose is Markdown of a runbook as parts: paragraphs, lists and tables; what
// stands in a fence there is an example and never runs.
func prose(md string) []Part {
	var out []Part
	lines := strings.Split(clean(md), "\n")
	for i := 0; i < len(lines); {
		switch l := lines[i]; {
		case strings.TrimSpace(l) == "":
			i++
		case fenceForm.MatchString(l):
			var body []string
			ticks := fenceForm.FindStringSubmatch(l)[1]
			for i++; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), ticks); i++ {
				body = append(body, lines[i])
			}
			i++
			out = append(out, para("An example, not to be run:"), code(strings.Join(body, "\n")))
		case strings.HasPrefix(strings.TrimSpace(l), "|"):
			var p Part
			p, i = proseTable(lines, i)
			out = append(out, p)
		case itemForm.MatchString(l):
			var list []string
			for ; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
				if m := itemForm.FindStringSubmatch(lines[i]); m != nil {
					list = append(list, plain(m[1]))
				} else {
					list[len(list)-1] += " " + plain(strings.TrimSpace(lines[i]))
				}
			}
			out = append(out, items(list...))
		default:
			text := ""
			for ; i < len(lines) && strings.TrimSpace(lines[i]) != "" && (text == "" || !itemForm.MatchString(lines[i])); i++ {
				text += " " + strings.TrimLeft(strings.TrimSpace(lines[i]), "> ")
			}
			out = append(out, para(plain(strings.TrimLeft(strings.TrimSpace(text), "# "))))
		}
	}
	return out
}

// proseTable reads the rows of a table, without the line under its head.
func proseTable(lines []string, i int) (Part, int) {
	p := Part{Kind: Table}
	for ; i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "|"); i++ {
		var cells []string
		for _, c := range strings.Split(strings.Trim(strings.TrimSpace(lines[i]), "|"), "|") {
			cells = append(cells, plain(strings.TrimSpace(c)))
		}
		switch rule := strings.Trim(strings.Join(cells, ""), "-: ") == ""; {
		case rule:
		case p.Head == nil:
			p.Head = cells
		default:
			p.Rows = append(p.Rows, cells)
		}
	}
	for range p.Head {
		p.Wide = append(p.Wide, max(8, 72/len(p.Head)-2))
	}
	return p, i
}

// plain is text without the marks of Markdown.
func plain(s string) string {
	s = linkForm.ReplaceAllString(s, "$1 ($2)")
	s = starForm.ReplaceAllString(s, "$2")
	return strings.ReplaceAll(s, "`", "")
}
