package paper

import (
	_ "embed"
	"html/template"
	"strings"
	"sync"
	"unicode"

	"github.com/virtengine/relight/safe"
)

//go:embed page.html
var pageSource string

// page is the template, read once.
var page = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{
		"line": safe.Line, "text": clean, "footer": cssText, "shares": shares, "opens": func(s string) bool { return strings.HasSuffix(s, ":") },
		"few": func(s string) bool { return strings.Count(s, "\n") < 20 }, "lines": func(s string) []string { return strings.Split(clean(s), "\n") },
	}).Parse(pageSource)
})

// HTML is the sheet as one file that loads nothing: it opens from a stick, and
// prints from the browser's dialogue on A4 or Letter.
func HTML(s Sheet) (string, error) {
	t, err := page()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, "page", s); err != nil {
		return "", err
	}
	return b.String(), nil
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
// plain marks only.
func cssText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,:-_()+", r) {
			return r
		}
		return ' '
	}, safe.Short(s, 100))
}
