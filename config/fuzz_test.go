package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Any bytes: Load answers with a Config or with findings that have a place, a
// rule and a safe text; it never panics.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("../testdata/config/*.toml")
	for _, file := range append(files, "../config.example.toml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("\xff\x00[[\x1b]]"))
	f.Add([]byte("[[host]]\nname = \"\\u001b[31m\"\naddr = \"\\u202e\"\n"))
	f.Add([]byte("a.b = 1\n[a]\nb.c = 2\n[[a.b]]"))
	home := f.TempDir()
	path := filepath.Join(f.TempDir(), "relight.toml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, Options{Getenv: fakeEnv(home)})
		said := c.Warnings
		if err != nil && !errors.As(err, &said) {
			t.Fatalf("no findings but %v", err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, p := range said {
			if p.Rule == "" || p.Text == "" || p.File == "" || p.Line < 0 || p.Line > lines || (p.Line > 0 && p.Col < 1) {
				t.Fatalf("a finding without a place: %+v", p)
			}
			for _, r := range p.Detail() {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Fatalf("%U in %q", r, p.Detail())
				}
			}
			if !utf8.ValidString(p.Detail()) {
				t.Fatalf("not UTF-8: %q", p.Detail())
			}
		}
	})
}
