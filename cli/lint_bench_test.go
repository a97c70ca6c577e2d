package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
)

// BenchmarkLintThousand lints a folder of a thousand runbooks, copies of the
// shipped ones under names of their own. The promise is two seconds on two
// cores.
func BenchmarkLintThousand(b *testing.B) {
	shipped, err := checklists.LibraryFiles()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for i := range 1000 {
		f := shipped[i%len(shipped)]
		id := strings.TrimSuffix(filepath.Base(f.Path), ".md")
		text := strings.Replace(string(f.Src), "\""+id+"\"", fmt.Sprintf("\"%s-%d\"", id, i), 1)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.md", id, i)), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	var wall time.Duration
	for b.Loop() {
		began := time.Now()
		out, errs, code := command(nil, "lint", dir)
		wall += time.Since(began)
		if code != 0 || !strings.Contains(out, "1000 files checked") {
			b.Fatalf("exit %d: %.500s%s", code, out, errs)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(wall.Seconds()/float64(b.N), "s/1000-runbooks")
}
