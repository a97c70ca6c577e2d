package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindOrder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	put := func(path string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env := map[string]string{"HOME": filepath.Join(dir, "home")}
	look := func(explicit string) (string, error) {
		return Find(explicit, func(name string) string { return env[name] })
	}
	if _, err := look(""); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "config.example.toml") || !strings.Contains(err.Error(), "relight drill") {
		t.Errorf("nothing anywhere: %v", err)
	}
	home := put(filepath.Join(dir, "home/.config/relight/relight.toml"))
	if got, err := look(""); got != home || err != nil {
		t.Errorf("home: %q %v", got, err)
	}
	env["XDG_CONFIG_HOME"] = "relative"
	if got, _ := look(""); got != home {
		t.Errorf("a relative XDG folder is ignored: %q", got)
	}
	env["XDG_CONFIG_HOME"] = filepath.Join(dir, "xdg")
	xdg := put(filepath.Join(dir, "xdg/relight/relight.toml"))
	if got, _ := look(""); got != xdg {
		t.Errorf("XDG: %q", got)
	}
	put("relight.toml")
	if got, _ := look(""); got != "relight.toml" {
		t.Errorf("here: %q", got)
	}
	env["RELIGHT_CONFIG"] = filepath.Join(dir, "none.toml")
	var open *OpenError
	if _, err := look(""); !errors.As(err, &open) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "$RELIGHT_CONFIG") {
		t.Errorf("a named file that is not there ends the search: %v", err)
	}
	env["RELIGHT_CONFIG"] = put(filepath.Join(dir, "named.toml"))
	if got, _ := look(""); got != env["RELIGHT_CONFIG"] {
		t.Errorf("environment: %q", got)
	}
	if got, _ := look(xdg); got != xdg {
		t.Errorf("--config: %q", got)
	}
	if _, err := look("nowhere.toml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("--config of nothing: %v", err)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "relight.toml"), Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "copy config.example.toml") {
		t.Errorf("missing: %v", err)
	}
	_, err = Load(t.TempDir(), Options{})
	var open *OpenError
	if !errors.As(err, &open) || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err = Load(write(t, strings.Repeat("#", maxFile+1)), Options{}); !errors.As(err, &open) {
		t.Errorf("too long: %v", err)
	}
}

func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, mode os.FileMode, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("open-key", 0o644, "k")
	file("good-key", 0o400, "k")
	text := "[ssh]\nuser = \"a\"\nkeys = [\"./open-key\", \"./good-key\", \"./no-key\"]\n" +
		"[[database]]\nname = \"d\"\ndsn = { file = \"./open-dsn\" }\n"
	file("open-dsn", 0o640, "postgres://")
	path := file("relight.toml", 0o664, text)
	opt := Options{Getenv: fakeEnv(dir)}

	_, err := Load(path, opt)
	var said Problems
	if !errors.As(err, &said) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range said {
		got = append(got, strings.TrimPrefix(p.String(), dir+"/"))
	}
	want := []string{
		"relight.toml: error permissions mode 0664: others can change what relight runs",
		"relight.toml:3:9: error permissions the SSH key has mode 0644: others can read or change it",
		"relight.toml:3:37: warning file the SSH key cannot be read: no such file or directory",
		"relight.toml:6:16: error permissions the secret's file has mode 0640: others can read or change it",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	opt.SkipFiles = true
	c, err := Load(path, opt)
	if err != nil || len(c.Warnings) != 0 {
		t.Fatalf("linting for another machine: %v %v", err, c.Warnings)
	}
	if d := c.Live.Databases[0].DSN; d != FileSecret(filepath.Join(dir, "open-dsn")) || c.Live.SSH.KeyFiles[1] != filepath.Join(dir, "good-key") {
		t.Errorf("relative paths start at the file: %v %v", d, c.Live.SSH.KeyFiles)
	}
}
