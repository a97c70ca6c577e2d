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
	got, errs, code := command(nil, "import", doc, "--out", out)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"harbour-plan.md: 3 steps, 2 messages, 2 clocks",
		"are placed",
		"library.md:1: front matter is no part of a runbook",
		"library.md:33:1: warning wrong-stop-is-no-fence",
		"library.md:50:4: warning wrong-scale-zero",
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
	_, errs, code = command(nil, "import", doc, "--out", out)
	if code != 2 || !strings.Contains(errs, "give --out another folder") {
		t.Errorf("exit %d: %q", code, errs)
	}
	if src, err := os.ReadFile(files[0]); err != nil || string(src) != "mine" {
		t.Errorf("a file was overwritten: %q, %v", src, err)
	}
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	for _, path := range []string{"no-such.md", t.TempDir()} {
		if _, errs, code := command(nil, "import", path); code != 2 || !strings.Contains(errs, "name a Markdown file") {
			t.Errorf("import %s: exit %d, %q", path, code, errs)
		}
	}
}
