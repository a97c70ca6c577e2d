package checklists

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/lazy"
)

var (
	httpRequest = lazy.Pattern(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) +(https?://\S+|\$[a-z][a-z0-9_]*\S*)$`)
	httpLook    = lazy.Pattern(`^[A-Z]{3,7} +\S*(://|^/|\$)`)
	httpStatus  = lazy.Pattern(`^[1-5][0-9][0-9]$`)
	sqlReads    = lazy.Pattern(`(?i)^\s*(select|show|with|values|table|explain)\b`)
	sqlOpens    = lazy.Pattern(`^(?:['"]|/\*|\$[a-z_]*\$)`)
	sqlSkip     = lazy.Pattern(`(?s)^(?:--[^\n]*|/\*.*?\*/|'[^']*'|"[^"]*"|\$([a-z_]*)\$.*?\$[a-z_]*\$)`)
)

// httpForm: one request on the first line, then its headers and body, and as
// the last line the status that its answer must have (or match= on the block).
func (p *reader) httpForm(b Block, in fence) {
	requests, answer := 0, b.Match != ""
	for n := in.line + 1; n <= in.last; n++ {
		text := strings.TrimSpace(p.src.line(n))
		switch {
		case text == "":
		case requests == 0 && !httpRequest.MatchString(text):
			p.err(n, p.col(n), "http-request", fmt.Sprintf("%q is no request", short(text)), "write GET https://… on the first line, the method in capitals")
			return
		case requests > 0 && httpLook.MatchString(text) && httpRequest.MatchString(text):
			p.err(n, p.col(n), "http-two", "a second request in one block", "one request, one block: make two steps, or two blocks")
			return
		case requests == 0:
			requests++
		default:
			answer = answer || n == in.last && httpStatus.MatchString(text)
		}
	}
	if requests > 0 && !answer {
		p.err(in.line, in.col, "http-answer", "nothing says what the answer must be", "end the block with the status on a line of its own, such as 200, or write match=\"…\"")
	}
}

// sqlForm: quotes and brackets close; a guard or a verification only reads,
// and says what the answer must be.
func (p *reader) sqlForm(b Block, in fence) {
	plain, open := sqlPlain(b.Text)
	if open != "" {
		p.err(in.line, in.col, "sql-syntax", fmt.Sprintf("a %s is not closed in the statement", open), "close it")
	}
	if b.Kind != "guard" && b.Kind != "verify" {
		return
	}
	for _, statement := range strings.Split(plain, ";") {
		if strings.TrimSpace(statement) != "" && !sqlReads.MatchString(statement) || sqlDeletes.MatchString(statement) {
			p.err(in.line, in.col, "sql-writes", fmt.Sprintf("a %s that does more than read", b.Kind), "write a SELECT; what changes something is a run")
			break
		}
	}
	if b.Match == "" && b.Expect == "" {
		p.err(in.line, in.col, "sql-answer", "nothing says what the answer must be", "write match=\"^t$\", say, on the block: the answer's first line must match")
	}
}

// sqlPlain is the statement without its comments and without what stands in
// quotes, and what is left open at its end, "" for nothing.
func sqlPlain(text string) (plain, open string) {
	var out strings.Builder
	depth := 0
	for i := 0; i < len(text); i++ {
		if strings.IndexByte("-/'\"$", text[i]) >= 0 {
			if skip := sqlSkip.FindString(text[i:]); skip != "" {
				i += len(skip) - 1
				out.WriteByte(' ')
				continue
			}
		}
		if sqlOpens.MatchString(text[i:]) {
			return out.String(), "comment or quote"
		}
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		out.WriteByte(text[i])
	}
	if depth != 0 {
		open = "bracket"
	}
	return out.String(), open
}
