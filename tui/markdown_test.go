package tui

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct {
		name, md string
		w        int
		want     string
	}{
		{"a paragraph", "One two\nthree four.", 12, "One two\nthree four."},
		{"bold and code", "Say **it now**, then `:roll NAME`.", 40, "Say it now, then `:roll NAME`."},
		{"bullets hang", "- one two three\n- four", 11, "- one two\n  three\n- four"},
		{"numbers", "Do:\n\n1. one\n2. two", 20, "Do:\n\n1. one\n2. two"},
		{"nested", "- a\n  - b c", 20, "- a\n  - b c"},
		{"a link", "See [the page](https://x.example).", 60, "See the page (https://x.example)."},
		{"an example", "So:\n\n```sh\nls  -l\n```", 20, "So:\n\n    ls  -l"},
		{"a word longer than the row", "abcdefghijkl", 8, "abcdefgh\nijkl"},
		{"HTML stays", "a <b>c</b>", 30, "a <b>c</b>"},
		{"escape codes go", "a\x1b[31mb", 30, "ab"},
	} {
		var rows []string
		for _, l := range markdown(c.md, c.w) {
			rows = append(rows, strings.TrimRight(l.String(), " "))
		}
		if got := strings.Join(rows, "\n"); got != c.want {
			t.Errorf("%s:\n%q\nnot\n%q", c.name, got, c.want)
		}
	}
	if rows := markdown("Say **it** now.", 40); len(rows) != 1 || !slices.Contains(rows[0], span{title, "it"}) {
		t.Errorf("bold stands out: %v", rows)
	}
}

// No row is wider than its room, and no letter of the prose is lost.
func TestMarkdownLosesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,12}`), 1, 30).Draw(r, "words")
		marks := rapid.SliceOfN(rapid.SampledFrom([]string{" ", "\n", "\n\n", "\n- ", " **x** ", " `y` "}), len(words), len(words)).Draw(r, "marks")
		w := rapid.IntRange(20, 100).Draw(r, "w")
		md := ""
		for i, s := range words {
			md += s + marks[i]
		}
		text := ""
		for _, l := range markdown(md, w) {
			if l.width() > w {
				r.Fatalf("%d cells in %d: %q", l.width(), w, l.String())
			}
			text += strings.ReplaceAll(l.String(), " ", "")
		}
		for _, s := range words {
			if !strings.Contains(text, s) {
				r.Fatalf("%q is lost of %q: %q", s, md, text)
			}
		}
	})
}
