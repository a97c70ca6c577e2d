package importer

import (
	"strings"

	"github.com/virtengine/relight/lazy"
)

// piece is a part of a shell block: its lines, and the comment that names it.
type piece struct {
	title string
	lines []line
}

var (
	numbered = lazy.Pattern(`^#+ *(?:(?i:step) *)?([0-9]{1,3})[.):] *(\S.*)$`)
	optioned = lazy.Pattern(`^#+ *((?i:option) +[A-Z][:.)] *\S.*)$`)
	heredoc  = lazy.Pattern(`<<-?\s*["'\\]?([A-Za-z_][A-Za-z0-9_]*)`)
	comment  = lazy.Pattern(`^#+ *([^!#\s].*)$`)
)

// pieces cuts a shell block at the comments that number its steps or name its
// options. Comments inside a here-document are text. A script with a first
// line of #! stays whole: it is one program.
func pieces(body []line) []piece {
	var out []piece
	var now piece
	end := "" // of the here-document
	for i, l := range body {
		if i == 0 && strings.HasPrefix(l.s, "#!") {
			return []piece{{title: firstComment(body), lines: body}}
		}
		if end != "" {
			if strings.TrimSpace(l.s) == end {
				end = ""
			}
			now.lines = append(now.lines, l)
			continue
		}
		if name := marks(l.s); name != "" {
			if hasText(now.lines) {
				out = append(out, now)
			}
			now = piece{title: name}
		} else if m := heredoc.FindStringSubmatch(l.s); m != nil && !strings.HasPrefix(l.s, "#") {
			end = m[1]
		}
		now.lines = append(now.lines, l)
	}
	if hasText(now.lines) {
		out = append(out, now)
	}
	for i := range out {
		for n := len(out[i].lines); strings.TrimSpace(out[i].lines[n-1].s) == ""; n-- {
			out[i].lines = out[i].lines[:n-1]
		}
		if out[i].title == "" {
			out[i].title = firstComment(out[i].lines)
		}
	}
	return out
}

// marks is the name that a comment gives to the step it begins, or "".
func marks(s string) string {
	if m := numbered.FindStringSubmatch(s); m != nil {
		return m[2]
	}
	if m := optioned.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// firstComment is the comment over the first command, or "".
func firstComment(body []line) string {
	for _, l := range body {
		if m := comment.FindStringSubmatch(l.s); m != nil {
			return m[1]
		}
		if t := strings.TrimSpace(l.s); t != "" && !strings.HasPrefix(t, "#") {
			break
		}
	}
	return ""
}

func hasText(body []line) bool {
	for _, l := range body {
		if strings.TrimSpace(l.s) != "" {
			return true
		}
	}
	return false
}
