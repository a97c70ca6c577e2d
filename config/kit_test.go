package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected findings of testdata/config anew")

// The kit of configurations: NAME.toml and what is said about it, NAME.want.
// The first line of each tells its story.
func TestKit(t *testing.T) {
	files, err := filepath.Glob("../testdata/config/*.toml")
	if err != nil || len(files) < 40 {
		t.Fatalf("the kit has %d files: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := findings(t, name+".toml", string(text))
			wanted := strings.TrimSuffix(file, ".toml") + ".want"
			if *update {
				if err := os.WriteFile(wanted, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wanted)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("found:\n%s\nwanted:\n%s", got, want)
			}
			if strings.Contains(got, "secret-0") || strings.Contains(got, "secret0") {
				t.Errorf("a secret is shown:\n%s", got)
			}
		})
	}
}

// findings is all that Load says about a text, and whether it loaded.
func findings(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, Options{Getenv: fakeEnv(t.TempDir())})
	said, end := c.Warnings, "loads\n"
	if err != nil {
		if !errors.As(err, &said) {
			t.Fatal(err)
		}
		if len(said.Errors()) == 0 {
			t.Error("refused without an error")
		}
		end = "refused\n"
	}
	if len(said) > 0 {
		end = said.Error() + "\n" + end
	}
	return strings.ReplaceAll(end, filepath.Dir(path)+"/", "")
}
