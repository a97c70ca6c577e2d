package checklists

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func FuzzParse(f *testing.F) {
	books, err := Library()
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range books {
		src, err := Source(b.ID)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("# T\n\n```toml runbook\nid = \"t\"\n```\n\n## During: x\n\n- [ ] a `{id=a}`\n"))
	f.Add([]byte("\xef\xbb\xbf---\n\t- [x] `{\n~~~\n"))
	f.Add([]byte("- [ ]\n  - ```sh run {\n\n## After: "))
	f.Fuzz(func(t *testing.T, src []byte) {
		b, problems := Parse("f.md", src, kitNames{})
		checkProblems(t, problems, len(newSource(src).lines))
		Plan(b)
		if again, _ := Parse("f.md", src, kitNames{}); !slices.Equal(contents(again), contents(b)) {
			t.Fatal("the same bytes are read in two ways")
		}
	})
}

// checkProblems: every problem stands in the file, has a rule, a text and a
// hint on one line, and they are sorted.
func checkProblems(t interface{ Fatalf(string, ...any) }, problems []Problem, lines int) {
	for i, p := range problems {
		if p.Line < 1 || p.Line > lines+1 || p.Col < 1 || p.Rule == "" || p.Text == "" || p.Hint == "" {
			t.Fatalf("a problem without a place, a rule or a hint: %+v of %d lines", p, lines)
		}
		if strings.Contains(p.String(), "\n") {
			t.Fatalf("a problem of more than one line: %q", p.String())
		}
		if i > 0 && (p.Line < problems[i-1].Line || p.Line == problems[i-1].Line && p.Col < problems[i-1].Col) {
			t.Fatalf("problems are not sorted: %v after %v", p, problems[i-1])
		}
	}
}

// TestAnyLinesAreRead throws lines of the format together in any order: no
// panic, and every line that is a step by its looks is a step or an error.
func TestAnyLinesAreRead(t *testing.T) {
	lines := []string{
		"# T", "```toml runbook", "id = \"t\"", "```", "", "", "## Before: a", "## During: b", "## After: c", "### Option A: x", "### Option B: y", "### G",
		"- [ ] **S** `{id=s}`", "- [ ] Two", "- [x] no", "  - [ ] nested", "  ```sh run {host=local}", "  echo hi", "  ```", "  ```probe verify", "  chain.halted == false",
		"  **Verify**", "  **Undo**", "text", "> quote", "<div>", "    indented", "\ttab", "~~~", "1. one", "- bullet", "---", "| a | b |", "| - | - |", "{{", "`{id=x}`",
	}
	rapid.Check(t, func(r *rapid.T) {
		src := strings.Join(rapid.SliceOf(rapid.SampledFrom(lines)).Draw(r, "lines"), "\n")
		b, problems := Parse("r.md", []byte(src), nil)
		checkProblems(r, problems, strings.Count(src, "\n")+1)
		if Failed(problems) {
			return
		}
		looks := 0
		for _, l := range strings.Split(src, "\n") {
			if strings.HasPrefix(l, "- [ ] ") {
				looks++
			}
		}
		if got := len(b.Steps()); got != looks {
			r.Fatalf("%d of %d steps are read from\n%s", got, looks, src)
		}
	})
}

func TestPlaceholders(t *testing.T) {
	got := ParsePlaceholders("{{start}} {{ eta }} {{start}} {{}} {{two words}} { {no} } {{failed}}")
	if want := []string{"start", "eta", "failed"}; !slices.Equal(got, want) {
		t.Errorf("ParsePlaceholders = %v, want %v", got, want)
	}
	if got := ParsePlaceholders("nothing"); got != nil {
		t.Errorf("ParsePlaceholders of plain text = %v", got)
	}
}

func TestProblemString(t *testing.T) {
	p := Problem{File: "a.md", Line: 3, Col: 7, Rule: "role", Text: "role=x is not known", Hint: "one of ops"}
	if got, want := p.String(), "a.md:3:7: error role role=x is not known (one of ops)"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	p.Warn, p.Hint = true, ""
	if got, want := p.String(), "a.md:3:7: warning role role=x is not known"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func TestOverdue(t *testing.T) {
	b := Book{Path: "a.md", ReviewBy: "2026-04-30"}
	for day, want := range map[string]bool{"2026-04-29": false, "2026-04-30": false, "2026-05-01": true} {
		today, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := Overdue(b, today.Add(15*time.Hour)); got != want {
			t.Errorf("on %s Overdue = %v, want %v", day, got, want)
		}
	}
	if _, got := Overdue(Book{}, time.Unix(0, 0)); got {
		t.Error("a book without review_by is overdue")
	}
}

func TestCycles(t *testing.T) {
	flies := func(file, book string) Book {
		return Book{Path: "lib/" + file, Phases: []Phase{{Groups: []Group{{Steps: []Step{{ID: "fly", Line: 9, Book: book}}}}}}}
	}
	got := Cycles([]Book{flies("a.md", "b.md"), flies("b.md", "c.md"), flies("c.md", "a.md"), flies("d.md", "a.md"), flies("e.md", "none.md"), flies("f.md", "@procedure")})
	var rules []string
	for _, p := range got {
		rules = append(rules, p.File+" "+p.Rule)
	}
	want := []string{"lib/a.md book-cycle", "lib/b.md book-cycle", "lib/c.md book-cycle", "lib/e.md book-unknown"}
	if !slices.Equal(rules, want) {
		t.Errorf("Cycles = %v, want %v", rules, want)
	}
}

func TestSameHost(t *testing.T) {
	b := find(t, "single-validator-failover")
	if _, _, ok := SameHost(b, map[string]string{"failed": "val-1", "standby": "val-4"}); !ok {
		t.Error("two hosts are taken for one")
	}
	if a, other, ok := SameHost(b, map[string]string{"failed": "val-1", "standby": "val-1"}); ok || a != "failed" || other != "standby" {
		t.Errorf("SameHost = %s %s %v for one host", a, other, ok)
	}
}

// TestProbeTable: every row can be asked for in its own words.
func TestProbeTable(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Probes() {
		name := s.Kind + "." + s.Field
		if seen[name] || s.Help == "" {
			t.Errorf("%s stands twice or has no help", name)
		}
		seen[name] = true
		lit, ok := map[string]string{"bool": "true", "int": "3", "duration": "30s", "fraction": "2/3"}[s.Type]
		if s.Type == "word" && len(s.Words) > 0 {
			lit, ok = s.Words[0], true
		}
		if hint := literalHint(s, "==", lit); !ok || hint != "" {
			t.Errorf("%s of type %s takes no literal: %s", name, s.Type, hint)
		}
		if literalHint(s, "==", "no such literal") == "" {
			t.Errorf("%s takes anything", name)
		}
	}
}
