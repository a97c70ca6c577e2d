package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/checklists"
)

// failer is what testing.T and rapid.T have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check holds what an import promises of any bytes: every line that is not
// blank has a place, its words stand in a skeleton, the skeletons have no
// error of the format, and nothing in them could run.
func check(t failer, src []byte) Result {
	t.Helper()
	r, err := Import("doc.md", src)
	if err != nil {
		if len(src) <= maxSource && hasText(split(src)) {
			t.Fatalf("%v", err)
		}
		return r
	}
	var all strings.Builder
	for _, k := range r.Books {
		b, problems := checklists.Parse(k.ID+".md", []byte(k.Text), nil)
		for _, p := range problems {
			if !p.Warn {
				t.Fatalf("%s\n%s\nfrom\n%q", p, k.Text, src)
			}
		}
		for _, s := range b.Steps() {
			if s.Run != nil || s.Undo != nil || len(s.Guards)+len(s.Verifies)+len(s.UndoGuards) > 0 {
				t.Fatalf("the step %q could run something", s.ID)
			}
		}
		all.WriteString(letters(k.Text))
	}
	lines := split(src)
	if len(r.Lines) != len(lines) {
		t.Fatalf("%d places for %d lines", len(r.Lines), len(lines))
	}
	for i, l := range lines {
		as := r.Lines[i].As
		if (as == "") != (strings.TrimSpace(l.s) == "") {
			t.Fatalf("line %d %q went to %q", l.n, l.s, as)
		}
		if as != "" && as != "mark" && !strings.Contains(all.String(), letters(said(l.s, as))) {
			t.Fatalf("line %d %q (%s) stands in no skeleton:\n%s", l.n, l.s, as, r.Books[0].Text)
		}
	}
	return r
}

// said is a line without the box or the number that a step does not keep.
func said(s, as string) string {
	if as == "step" {
		if m := boxForm.FindStringSubmatch(s); m != nil {
			return m[2]
		}
		if m := itemForm.FindStringSubmatch(s); m != nil {
			return m[1]
		}
	}
	return s
}

// oddLines are pieces of documents as people write them, and what the format refuses.
func oddLines() []string {
	return []string{"# Title", "## Scenario 1: A node fails", "## During disaster", "### Step 1", "## Durring: x", "### Option A: x", "Underlined", "=====", "-----", "---", "***", "",
		"", "```bash", "```", "```sh run {host=local}", "```runn", "~~~", "````", "``", "  ```bash", "> ```", "- ```", "# 1. Stop services", "# 2. Start", "systemctl stop x", "cat << EOF", "EOF",
		"- [ ] box", "- [x] ticked", "  - [ ] nested", "- []", "- [ ]", "- [ ]Glued", "* [ ] star", "1. [ ] one", "> - [ ] quoted", "1. Do it", "2. Do it", "   indented", "   ```bash", "   ```", "- bullet", "  - deeper",
		"**Recovery**:", "**Verify**", "**Status Page - Resolved**:", "| Component | RTO | RPO |", "|---|---|---|", "| Validators | 15 min | 0 |", "| a \\| b | 2 days | x |",
		"<div>", "<!-- a", "-->", "<pre>", "</details>", "{{impact}}", "`{id=x}`", "role=ops", "text", "[x]: http://e.x", "[ ] bare", "\ttab", "    code", "a\u00a0b", "a\x00b", "a\xffb", "\x1b[31m", "> quote", "id: {a, role: b}",
		"toml runbook", "- [ ] **Bold** `code` <b> {x}", "#hash", " # indented", "é ü 日本", "+++", "## ", "- [ ] www.example.org", "## Communication templates", "[RESOLVED] all well", "***bold*", "\u2028", "\r"}
}

// TestAnyDocument throws lines together in any order.
func TestAnyDocument(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom(oddLines()), 0, 40).Draw(r, "lines")
		check(r, []byte(strings.Join(lines, "\n")))
	})
}

// TestEditedDocument edits a document byte by byte, as torn copies are.
func TestEditedDocument(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("testdata", "library.md"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		text := string(src)
		for range rapid.IntRange(1, 8).Draw(r, "edits") {
			at := rapid.IntRange(0, len(text)).Draw(r, "at")
			end := min(len(text), at+rapid.IntRange(0, 3).Draw(r, "cut"))
			with := rapid.OneOf(rapid.SampledFrom([]string{"`", "```", "\n", " ", "  ", "#", "[", "]", "- [ ] ", "~~~", "<", "|", "\t", "{", "\xff", "*"}), rapid.StringN(0, 3, 6)).Draw(r, "with")
			text = text[:at] + with + text[end:]
		}
		check(r, []byte(text))
	})
}

func FuzzImport(f *testing.F) {
	for _, name := range []string{"restart.md", "library.md"} {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(strings.Join(oddLines(), "\n")))
	f.Fuzz(func(t *testing.T, src []byte) { check(t, src) })
}

// TestDocument imports a document of several procedures and a small one, and
// holds what came out against the golden skeletons.
func TestDocument(t *testing.T) {
	for name, want := range map[string]string{
		"library.md": "harbour-plan: 3 steps, 2 clocks, 2 messages\nscenario-1-one-node-is-silent: 5 steps, 1 clocks, 0 messages\nscenario-2-the-archive-is-torn: 3 steps, 1 clocks, 0 messages\nchecklist-for-the-watch: 4 steps, 0 clocks, 0 messages\n",
		"restart.md": "restart-the-indexer: 4 steps, 0 clocks, 0 messages\n",
	} {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		r := check(t, src)
		got := ""
		for _, k := range r.Books {
			got += summaryLine(k)
			golden(t, k.ID+".md", k.Text)
		}
		if got != want {
			t.Errorf("%s became\n%swant\n%s", name, got, want)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s changed (%v); look at it, then UPDATE=1 go test ./checklists/importer\n%s", name, err, got)
	}
}

// TestOperatorsDocument imports the operator's own procedures, or the file that
// RELIGHT_IMPORT names: every box is a step, every command stands in an
// illustration, every text of the plan is a message.
func TestOperatorsDocument(t *testing.T) {
	path := os.Getenv("RELIGHT_IMPORT")
	if path == "" {
		path = filepath.Join("..", "..", "..", "shared", "spec", "dr-procedures.md")
	}
	src, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintf(os.Stderr, "NOT TESTED: the import of the operator's document: no %s (set RELIGHT_IMPORT)\n", path)
		t.Skip("no document")
	}
	r := check(t, src)
	messages := 0
	for _, k := range r.Books {
		messages += k.Messages
		t.Log(strings.TrimSpace(summaryLine(k)))
	}
	for _, l := range r.Listed {
		t.Log(l.Line, l.Text)
	}
	lang, inside, shell := "", false, map[string]int{}
	for i, l := range split(src) {
		as := r.Lines[i].As
		switch m := fenceForm.FindStringSubmatch(l.s); {
		case m != nil:
			inside, lang = !inside, strings.TrimSpace(m[3])
		case inside && lang == "bash" && l.s != "":
			shell[as]++
		case !inside && boxForm.MatchString(l.s) && as != "step":
			t.Errorf("the box of line %d went to %q", l.n, as)
		case !inside && strings.HasPrefix(l.s, "|") && as != "prose":
			t.Errorf("the row of line %d went to %q", l.n, as)
		}
	}
	if filepath.Base(path) == "dr-procedures.md" && (messages != 3 || len(shell) != 1 || shell["illustration"] == 0) {
		t.Errorf("%d messages, commands went to %v", messages, shell)
	}
}

// TestTooLarge: what cannot become a runbook of readable size is refused.
func TestTooLarge(t *testing.T) {
	if _, err := Import("doc.md", make([]byte, maxSource+1)); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Errorf("%v", err)
	}
	if _, err := Import("doc.md", []byte(" \n\n")); err == nil {
		t.Error("an empty document became a runbook")
	}
}

func summaryLine(k Skeleton) string {
	return fmt.Sprintf("%s: %d steps, %d clocks, %d messages\n", k.ID, k.Steps, k.Clocks, k.Messages)
}

// TestGapsOfAMessage: a gap whose meaning is known becomes a name and its line
// is kept; with one that is not the text stays an illustration, and says so.
func TestGapsOfAMessage(t *testing.T) {
	doc := "# Plan\n\n## Communication templates\n\n**Status page - first word**:\n```\n[OUTAGE] Lights are out\n\nImpact: [Description]\nETA: [Estimated restoration time]\nFrom [Start time] to [End time]\n```\n\n" +
		"**Message to the crew**:\n```\nMeet at [the agreed place]\n```\n"
	r := check(t, []byte(doc))
	text := r.Books[0].Text
	if r.Books[0].Messages != 1 {
		t.Errorf("%d messages in\n%s", r.Books[0].Messages, text)
	}
	for _, want := range []string{"  Impact: {{impact}}\n  ETA: {{eta}}\n  From {{start}} to {{end}}\n", "They were:", "  Impact: [Description]\n",
		"TODO: nobody has filled the gap \"the agreed place\"", "  Meet at [the agreed place]\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
