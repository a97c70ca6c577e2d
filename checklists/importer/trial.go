package importer

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/lazy"
)

// frame is the smallest runbook round a piece of text: the piece stands in it
// everywhere a skeleton may put it.
const frame = "# T\n\n```toml runbook\nid = \"t\"\n```\n\n%[1]s\n\n## During: work\n\n%[1]s\n\nThe steps:\n\n- [ ] **First thing** `{role=ops}`\n\n%[2]s\n\n  ```text\n  x\n  ```\n\n- [ ] **Second thing** `{role=ops}`\n\n## Source\n\n%[1]s\n\n## Last\n\nText.\n"

// fits asks the format's reader whether prose may stand in a runbook as it is:
// no error, and the steps and sections round it are still seen.
func fits(prose string) bool {
	b, problems := checklists.Parse("t.md", []byte(fmt.Sprintf(frame, prose, indent(prose, "  "))), nil)
	steps := b.Steps()
	return !checklists.Failed(problems) && len(steps) == 2 && steps[0].Title == "First thing" && steps[1].Title == "Second thing" &&
		len(b.Notes) == 2 && b.Notes[1].Title == "Last"
}

// stepFits asks the same of a step's title.
func stepFits(text string) bool {
	b, problems := checklists.Parse("t.md", []byte(fmt.Sprintf("# T\n\n```toml runbook\nid = \"t\"\n```\n\n## During: work\n\n- [ ] **%s** `{role=ops}`\n\n  Text.\n", text)), nil)
	steps := b.Steps()
	return !checklists.Failed(problems) && len(steps) == 1 && steps[0].Title == text
}

// headingFits asks the same of a heading.
func headingFits(text string) bool {
	src := fmt.Sprintf("# %[1]s\n\n```toml runbook\nid = \"t\"\n```\n\n## During: work\n\n### %[1]s\n\n- [ ] **Thing** `{role=ops}`\n\n## %[1]s\n\nText.\n", text)
	b, problems := checklists.Parse("t.md", []byte(src), nil)
	steps := b.Steps()
	return !checklists.Failed(problems) && len(steps) == 1 && len(b.Notes) == 1 && b.Title == text
}

// longest is where a title is cut, in runes.
const longest = 100

// plainTitle is text without Markdown and without the signs the format uses.
func plainTitle(text string) string {
	text = linkForm.ReplaceAllString(text, "$1")
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(".,;:/()%+'!?-–—", r):
			b.WriteRune(r)
		case r == '≥':
			b.WriteString("at least")
		case r == '*', r == '`':
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	out := strings.Trim(strings.Join(words, " "), " :;,-–—")
	if runes := []rune(out); len(runes) > longest {
		out = strings.TrimSpace(string(runes[:longest]))
		if i := strings.LastIndexByte(out, ' '); i > longest/2 {
			out = out[:i]
		}
	}
	return out
}

// kept says that all letters and figures of text stand in title.
func kept(text, title string) bool { return strings.Contains(letters(title), letters(text)) }

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

var linkForm = lazy.Pattern(`!?\[([^\]]*)\]\([^)]*\)`)

// safeTitle is a title for what stands in line n of the source. takes says
// whether the format takes it.
func safeTitle(text string, n int, takes func(string) bool) string {
	t := plainTitle(text)
	for _, try := range []string{t, "Part: " + t, fmt.Sprintf("Line %d: %s", n, t)} {
		if checklists.Slug(try) != "" && t != "" && takes(try) {
			return try
		}
	}
	return fmt.Sprintf("Line %d of the source", n)
}

// quoteMark stands before a line of an illustration that would be taken for a
// fence or a step. Three characters: with fewer the reader still sees a fence
// behind them.
const quoteMark = "|  "

var stepLook = lazy.Pattern(`^[ \t>]*(?:[-*+]|[0-9]+[.)])[ \t]*\[`)

// risky says that a line of an illustration needs the mark.
func risky(s string) bool {
	head := s
	if t := strings.TrimLeft(s, " \t>"); len(t) > 12 {
		head = t[:12]
	}
	return strings.Contains(head, "`") || strings.Contains(head, "~~~") || stepLook.MatchString(s)
}

// indent puts prefix before every line that is not blank.
func indent(text, prefix string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = prefix + l
		}
	}
	return strings.Join(lines, "\n")
}
