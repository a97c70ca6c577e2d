package paper

import (
	_ "embed"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"

	"github.com/virtengine/relight/safe"
)

//go:embed page.css
var style string

// markup is HTML that stands in this file. A text is never made into it: say is
// the only way in for a text. html/template would do as much, and keeps every
// method of every type in the program, which costs 6 MB of it.
type markup string

// pen writes a page.
type pen struct{ b strings.Builder }

func (p *pen) put(all ...markup) {
	for _, m := range all {
		p.b.WriteString(string(m))
	}
}

// say writes a text of which nothing is taken for HTML.
func (p *pen) say(text string) { p.b.WriteString(html.EscapeString(text)) }

// around writes a text between two tags.
func (p *pen) around(open markup, text string, end markup) {
	p.put(open)
	p.say(text)
	p.put(end)
}

// HTML is the sheet as one file that loads nothing: it opens from a stick, and
// prints from the browser's dialogue on A4 or Letter.
func HTML(s Sheet) string {
	var p pen
	p.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
	p.around("<title>", safe.Line(s.Title), "</title>\n")
	p.put("<style>\n", markup(style), "@page { margin: 14mm 14mm 16mm; @bottom-left { content: \"", cssText(s.Foot),
		"\"; font: 8pt sans-serif } @bottom-right { content: counter(page) \" / \" counter(pages); font: 8pt sans-serif } }\n</style>\n</head>\n<body",
		which(s.Small, ` class="small"`), ">\n")
	p.around("<h1>", safe.Line(s.Title), "</h1>\n")
	p.around(`<p class="lead">`, safe.Line(s.Lead), "</p>\n")
	p.parts(s.Parts)
	p.around("\n<p class=\"foot\">", safe.Line(s.Foot), "</p>\n</body>\n</html>\n")
	return p.b.String()
}

// which is m where yes.
func which(yes bool, m markup) markup {
	if yes {
		return m
	}
	return ""
}

func (p *pen) parts(all []Part) {
	for _, x := range all {
		p.part(x)
		p.put("\n")
	}
}

func (p *pen) part(x Part) {
	switch x.Kind {
	case Heading:
		tag := markup("h" + strconv.Itoa(min(max(x.Level, 1), 3)+1))
		p.around("<"+tag+">", safe.Line(x.Text), "</"+tag+">")
	case Strong:
		p.around(`<p class="strong">`, clean(x.Text), "</p>")
	case Items:
		p.items(x)
	case Table:
		p.table(x)
	case Code:
		p.lines("code"+which(strings.Count(x.Text, "\n") < 20, " few"), x.Text)
	case Quote:
		p.lines("quote", x.Text)
	case Turn:
		p.put(`<div class="turn"></div>`)
	case Step:
		p.step(x)
	default:
		p.around("<p"+which(strings.HasSuffix(x.Text, ":"), ` class="opens"`)+">", clean(x.Text), "</p>")
	}
}

func (p *pen) items(x Part) {
	p.put("<ul", which(x.Box, ` class="boxes"`), ">")
	for _, row := range x.Rows {
		p.put("<li>", which(x.Box, `<span class="box"></span>`))
		for _, cell := range row {
			p.around("", clean(cell), " ")
		}
		p.put("</li>")
	}
	p.put("</ul>")
}

func (p *pen) table(x Part) {
	p.put("<table><colgroup>")
	for _, share := range shares(x) {
		p.put(`<col style="width: `, markup(strconv.Itoa(share)), `%">`)
	}
	p.put("</colgroup>")
	if len(x.Head) > 0 {
		p.put("<thead><tr>")
		for _, cell := range x.Head {
			p.around("<th>", safe.Line(cell), "</th>")
		}
		p.put("</tr></thead>")
	}
	p.put("<tbody>")
	for _, row := range x.Rows {
		p.put("<tr>")
		for _, cell := range row {
			p.around("<td>", clean(cell), "</td>")
		}
		p.put("</tr>")
	}
	p.put("</tbody></table>")
}

// lines is a text line by line in a box of that class.
func (p *pen) lines(class markup, text string) {
	p.put(`<div class="`, class, `">`)
	for line := range strings.SplitSeq(clean(text), "\n") {
		p.around("<div>", line, "</div>")
	}
	p.put("</div>")
}

func (p *pen) step(x Part) {
	p.put(`<section class="step"><div class="top"><span class="box"></span>`)
	p.around("<span>", safe.Line(x.No), "</span>")
	p.around(`<span class="t">`, safe.Line(x.Text), "</span>")
	p.put(`<span class="sign">time <i></i> by <i></i></span></div><div class="in">`, "\n")
	p.parts(x.Parts)
	p.put("</div></section>")
}

// shares are the widths of a table's columns in per cent, as on paper of 80
// columns.
func shares(p Part) []int {
	wide := widths(p, columns-4)
	sum := 0
	for _, w := range wide {
		sum += w
	}
	for i := range wide {
		wide[i] = 100 * wide[i] / sum
	}
	return wide
}

// cssText is text for a quoted string of a style sheet: letters, figures and
// plain marks only, the marks as escapes, so that nothing in it ends the string
// or looks like a rule.
func cssText(s string) markup {
	var b strings.Builder
	for _, r := range safe.Short(s, 100) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,-_", r):
			b.WriteRune(r)
		case strings.ContainsRune(":()+", r):
			fmt.Fprintf(&b, `\%06x`, r)
		default:
			b.WriteByte(' ')
		}
	}
	return markup(b.String())
}
