package checklists

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

var update = flag.Bool("update", false, "write the expected lines of the kit again")

const kit = "../testdata/runbooks"

// kitNames is the configuration that the kit's README describes.
type kitNames struct{}

func (kitNames) HasHost(n string) bool     { return n == "val-1" || n == "pg-1" }
func (kitNames) HasGroup(n string) bool    { return n == "all" }
func (kitNames) HasKey(n string) bool      { return n == "key-a" }
func (kitNames) HasNode(n string) bool     { return n == "val-1" }
func (kitNames) HasDatabase(n string) bool { return n == "pg-1" }
func (kitNames) HasEndpoint(n string) bool { return n == "site" }
func (kitNames) HasPlace(n string) bool    { return n == "eu-1" }
func (kitNames) HasComponent(n string) bool {
	return n == "Validator node" || n == "Supporting services"
}

// Limits are the targets: 15 minutes and no loss for the validators.
func (kitNames) Limits(n string) (rto, rpo time.Duration) {
	if n == "Validator node" {
		return 15 * time.Minute, 0
	}
	return 0, 0
}

// golden compares got with the file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%swant\n%s", path, got, want)
	}
}

func kitFiles(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(kit, folder, "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the kit has no %s files: %v", folder, err)
	}
	return files
}

func readKit(t *testing.T, path string) []byte {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestKitBad(t *testing.T) {
	for _, file := range kitFiles(t, "bad") {
		base := strings.TrimSuffix(filepath.Base(file), ".md")
		rule, _, _ := strings.Cut(base, ".")
		_, problems := Parse(filepath.Base(file), readKit(t, file), kitNames{})
		var out strings.Builder
		found := false
		for _, p := range problems {
			fmt.Fprintln(&out, p)
			found = found || p.Rule == rule
		}
		if !found {
			t.Errorf("%s is not refused by its rule %s; found\n%s", base, rule, out.String())
		}
		golden(t, strings.TrimSuffix(file, ".md")+".txt", out.String())
	}
}

func TestKitGood(t *testing.T) {
	for _, file := range kitFiles(t, "good") {
		b, problems := Parse(filepath.Base(file), readKit(t, file), kitNames{})
		for _, p := range problems {
			t.Errorf("%s", p)
		}
		golden(t, strings.TrimSuffix(file, ".md")+".txt", outline(b))
	}
}

// outline is the book as a person would check it.
func outline(b Book) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %q severity=%s modes=%v review_by=%s\n", b.ID, b.Title, b.Severity, b.Modes, b.ReviewBy)
	for _, c := range b.Clocks {
		fmt.Fprintf(&out, "clock %s %q rto=%s rpo=%s\n", c.Name, c.Component, c.RTO, c.RPO)
	}
	for _, q := range b.Params {
		fmt.Fprintf(&out, "param %s %s from=%q default=%q options=%v\n", q.Name, q.Type, q.From, q.Default, q.Options)
	}
	if b.Schedule != nil {
		fmt.Fprintf(&out, "schedule %+v\n", *b.Schedule)
	}
	for _, m := range b.Marks {
		fmt.Fprintf(&out, "milestone %s %s\n", m.At, m.Text)
	}
	prose(&out, "", b.Prose)
	for _, ph := range b.Phases {
		fmt.Fprintf(&out, "%s: %s [%s]\n", ph.Kind, ph.Title, ph.Slug)
		prose(&out, "  ", ph.Prose)
		for _, g := range ph.Groups {
			fmt.Fprintf(&out, "  group %q %s %s\n", g.Title, g.Choice, g.Letter)
			prose(&out, "    ", g.Prose)
			if g.Suggest != nil {
				blockLine(&out, *g.Suggest)
			}
			for _, s := range g.Steps {
				fmt.Fprintf(&out, "    step %s %q %s line %d role=%s needs=%v approve=%s confirm=%s start=%v stop=%v timeout=%s evidence=%s optional=%v only=%s book=%s\n",
					s.ID, s.Title, s.Kind(), s.Line, s.Role, s.Needs, s.Approve, s.Confirm, s.Start, s.Stop, s.Timeout, s.Evidence, s.Optional, s.Only, s.Book)
				prose(&out, "      ", s.Prose)
				for _, bl := range s.blocks() {
					blockLine(&out, bl)
				}
			}
		}
	}
	for _, n := range b.Notes {
		fmt.Fprintf(&out, "note %q\n", n.Title)
		prose(&out, "  ", n.Prose)
	}
	return out.String()
}

func prose(out *strings.Builder, indent, text string) {
	if text != "" {
		fmt.Fprintf(out, "%s| %s\n", indent, strings.ReplaceAll(text, "\n", "\n"+indent+"| "))
	}
}

func blockLine(out *strings.Builder, b Block) {
	fmt.Fprintf(out, "      %s %s line %d", b.Lang, b.Kind, b.Line)
	for _, f := range []struct{ k, v string }{
		{"host", b.Host}, {"group", b.Group}, {"on_error", b.OnError}, {"capture", b.Capture}, {"drill", b.Drill}, {"fence", b.Fence},
		{"expect", b.Expect}, {"match", b.Match}, {"of", b.Of}, {"template", b.Template}, {"state", b.State}, {"for", b.For.Param},
	} {
		if f.v != "" {
			fmt.Fprintf(out, " %s=%s", f.k, f.v)
		}
	}
	fmt.Fprintf(out, " parallel=%d timeout=%s every=%s for=%s idempotent=%v %q\n", b.Parallel, b.Timeout, b.Every, b.For.D, b.Idempotent, b.Text)
	for _, p := range b.Probes {
		fmt.Fprintf(out, "        line %d: %s(%s).%s(%d) %s %s\n", p.Line, p.Kind, p.Name, p.Field, p.Arg, p.Op, p.Lit)
	}
}

// TestEveryBlockIsClaimed: as many executable blocks are in the book as
// goldmark shows fences with a second word, in every good file.
func TestEveryBlockIsClaimed(t *testing.T) {
	files := append(kitFiles(t, "good"), "library/single-validator-failover.md", "library/incident-backbone.md")
	for _, file := range files {
		src := readKit(t, file)
		b, _ := Parse(file, src, nil)
		fences := 0
		clean := newSource(src).text
		root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(clean))
		_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if f, ok := n.(*ast.FencedCodeBlock); ok && entering && f.Info != nil {
				if words := strings.Fields(string(f.Info.Segment.Value(clean))); len(words) > 1 && words[1] != "runbook" {
					fences++
				}
			}
			return ast.WalkContinue, nil
		})
		claimed := 0
		for _, line := range contents(b) {
			if strings.HasPrefix(line, "block ") {
				claimed++
			}
		}
		if claimed != fences {
			t.Errorf("%s: %d of %d blocks are in the book", file, claimed, fences)
		}
	}
}
