package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/virtengine/relight/checklists"
)

// A document becomes runbooks without errors, the findings carry its own line
// numbers, and what is there already stays.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	doc, out := filepath.Join("..", "checklists", "importer", "testdata", "library.md"), filepath.Join(dir, "books")
	got, errs, code := command(nil, "import", doc, "-o", out)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"harbour-plan.md: 3 steps, 2 messages, 2 clocks",
		"are placed",
		"library.md:1: front matter is no part of a runbook",
		"library.md:29:15: warning wrong-stop-is-no-fence",
		"library.md:45:4: warning wrong-scale-zero",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	files, err := filepath.Glob(filepath.Join(out, "*.md"))
	if err != nil || len(files) != 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := checklists.Parse(path, src, nil); checklists.Failed(problems) {
			t.Errorf("%s: %v", path, problems)
		}
	}
	if err := os.WriteFile(files[0], []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code = command(nil, "import", doc, "-o", out)
	if code != 2 || !strings.Contains(errs, "give -o another place") {
		t.Errorf("exit %d: %q", code, errs)
	}
	if src, err := os.ReadFile(files[0]); err != nil || string(src) != "mine" {
		t.Errorf("a file was overwritten: %q, %v", src, err)
	}
}

// One procedure may be given a file of its own; several may not.
func TestImportToAFile(t *testing.T) {
	dir := t.TempDir()
	from := func(name string) string { return filepath.Join("..", "checklists", "importer", "testdata", name) }
	out := filepath.Join(dir, "deep", "mine.md")
	if got, errs, code := command(nil, "import", from("restart.md"), "-o", out); code != 0 || !strings.Contains(got, "mine.md: 4 steps") {
		t.Errorf("exit %d: %s%s", code, got, errs)
	}
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
	if _, errs, code := command(nil, "import", from("library.md"), "-o", filepath.Join(dir, "all.md")); code != 2 || !strings.Contains(errs, "4 procedures were found") {
		t.Errorf("exit %d: %q", code, errs)
	}
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	own := filepath.Join("..", "checklists", "library", "single-validator-failover.md")
	if _, errs, code := command(nil, "import", own, "-o", t.TempDir()); code != 2 || !strings.Contains(errs, "is a runbook already") {
		t.Errorf("exit %d, %q", code, errs)
	}
	for _, path := range []string{"no-such.md", t.TempDir()} {
		if _, errs, code := command(nil, "import", path); code != 2 || !strings.Contains(errs, "name a Markdown file") {
			t.Errorf("import %s: exit %d, %q", path, code, errs)
		}
	}
}
