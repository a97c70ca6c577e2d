package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/creack/pty"
)

// built is a program of this module, as its users get it.
func built(b *testing.B, name, pkg string) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), name)
	if out, err := exec.Command("go", "build", "-trimpath", "-o", bin, pkg).CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

func firstGlyph(b *testing.B, bin string, args ...string) time.Duration {
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "USER=mira")
	at := time.Now()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	var all []byte
	buf := make([]byte, 64<<10)
	for !bytes.Contains(all, []byte("DRILL")) {
		n, err := f.Read(buf)
		if err != nil {
			b.Fatalf("%v: %q", err, all)
		}
		all = append(all, buf[:n]...)
	}
	took := time.Since(at)
	go func() {
		for {
			if _, err := f.Read(buf); err != nil {
				return
			}
		}
	}()
	cmd.Process.Kill()
	cmd.Wait()
	f.Close()
	return took
}

func BenchmarkFirstGlyph(b *testing.B) {
	mini, rel := built(b, "minimal", "../testdata/minimal"), built(b, "relight", "..")
	var x, y []time.Duration
	for range 15 {
		x = append(x, firstGlyph(b, mini))
		y = append(y, firstGlyph(b, rel, "drill", "--new", "--journal", b.TempDir()))
	}
	slices.Sort(x)
	slices.Sort(y)
	b.Log(x, y)
	b.ReportMetric(float64(y[7])/float64(x[7]), "ratio")
}
