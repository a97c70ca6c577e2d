package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/virtengine/relight/journal"
)

// Bad input gets a sentence that says what to do next, and exit 2.
func TestErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.toml")
	if err := os.WriteFile(bad, []byte("[chain]\nid = \"x-1\"\nblock_tiem = \"6s\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		want string
	}{
		{"drill no-such-book --autopilot", "single-validator-failover"},
		{"drill --autopilot --fault no-such-fault", "unknown fault"},
		{"drill --autopilot --fault process-crash@soon", "no duration"},
		{"drill --autopilot --option B", "recover=B"},
		{"drill --autopilot --option recover=Z", "recover=A, recover=B"},
		{"drill --autopilot --option foo=A", "recover=A"},
		{"drill --autopilot --param nope=1", "asks for key, failed, standby, stable"},
		{"drill --autopilot --param key=moon", "one of val-1"},
		{"drill --autopilot --param x", "NAME=VALUE"},
		{"drill --speed 0", "above 0"},
		{"drill --start yesterday", "2026-11-23T02:56:40Z"},
		{"status --config " + filepath.Join(dir, "none.toml"), "none.toml"},
		{"status --config " + bad, "block_time"},
		{"declare", "runbook"},
		{"log", "relight drill"},
		{"log ../../etc", "INC-"},
		{"report INC-20200101-001", "there is no record"},
		{"report --format pdf", ""},
		{"--config " + bad, "bad.toml:3:1"},
		{"nonsense", "nonsense"},
	} {
		args := append(strings.Fields(c.args), "--journal", filepath.Join(dir, "j"))
		out, errs, code := command(nil, args...)
		if code != 2 || !strings.Contains(errs, c.want) || !strings.HasPrefix(errs, "relight: ") {
			t.Errorf("relight %s: exit %d, %q%q; want exit 2 and %q", c.args, code, out, errs, c.want)
		}
	}
}

func TestLogAndReport(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := command(nil, "drill", "--autopilot", "--json", "--seed", "2", "--option", "recover=A", "--journal", dir); code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	out, _, code := command(nil, "log", "--verify", "--journal", dir)
	if code != 0 || !strings.Contains(out, "the hash chain of") {
		t.Errorf("log --verify: exit %d, %q", code, out)
	}
	for args, want := range map[string]string{
		"log":                  "UTC  mira: declared DRILL-",
		"log --json":           `"kind":"declared"`,
		"report":               "## Clocks",
		"report --format json": `"runbook": "single-validator-failover"`,
	} {
		out, errs, code := command(nil, append(strings.Fields(args), "--journal", dir)...)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("relight %s: exit %d, %.200q%q", args, code, out, errs)
		}
	}
	ids, err := journal.List(dir, "")
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	file := filepath.Join(dir, ids[0], journal.FileName)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"exit":0`, `"exit":1`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := command(nil, "log", "--verify", "--journal", dir); code == 0 || !strings.Contains(errs, "line ") {
		t.Errorf("an edited record: exit %d, %q", code, errs)
	}
}

// Without a configuration relight says how to start, and offers the drill.
func TestWithoutConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	_, errs, code := command(nil)
	if code != 2 || !strings.Contains(errs, "relight drill") {
		t.Errorf("exit %d: %q", code, errs)
	}
}

// No secret of the rehearsal lies in the record or its files: neither the
// opened key nor a token.
func TestNoSecretIsKept(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := command(nil, "drill", "--autopilot", "--json", "--seed", "2", "--option", "recover=B", "--journal", dir); code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	ids, _ := journal.List(dir, "")
	root := filepath.Join(dir, ids[0])
	looked := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is readable by others: %v", path, info.Mode())
		}
		rel, _ := filepath.Rel(root, path)
		// The rehearsal world and its own login are the fleet, not the record.
		if strings.HasPrefix(rel, "fleet") || strings.HasPrefix(rel, "world") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for _, secret := range []string{"priv_key", "PrivKeyEd25519", "xoxb-", "OPENSSH PRIVATE"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds %q", rel, secret)
			}
		}
		return nil
	})
	if err != nil || looked < 3 {
		t.Errorf("looked into %d files: %v", looked, err)
	}
}

// --lessons says what it takes, and takes nothing else.
func TestLessonsOption(t *testing.T) {
	if out, _, _ := command(nil, "drill", "--help"); !strings.Contains(out, "on, off or auto: ") || !strings.Contains(out, "auto until somebody ends them with T") {
		t.Errorf("the help does not say what --lessons takes:\n%s", out)
	}
	for _, args := range [][]string{{"--lessons"}, {"--lessons", "yes"}} {
		if _, errs, code := command(nil, append([]string{"drill", "--journal", t.TempDir()}, args...)...); code != 2 || !strings.Contains(errs, "--lessons") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
}
