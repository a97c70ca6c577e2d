package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	lintGood = "# Good\n\n```toml runbook\nid = \"good\"\n```\n\n## During: work\n\n- [ ] **Look** `{role=ops id=look}`\n"
	lintBad  = "# Bad\n\n```toml runbook\nid = \"bad\"\n```\n\n## During: work\n\n- [ ] **Look** `{role=opps id=look}`\n"
	lintWarn = "# Guide\n\n```bash\nLATEST=$(ls -t /b | head -1)\n```\n"
	lintConf = "[chain]\nid = \"x-1\"\n[[host]]\nname = \"val-1\"\naddr = \"192.0.2.1\"\ngroups = [\"all\"]\n"
)

// lintFolder writes files by name and gives the folder.
func lintFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A mistake is shown where it stands, with the line, a caret under the column
// and what to write instead.
func TestLintReadsLikeACompiler(t *testing.T) {
	dir := lintFolder(t, map[string]string{"bad.md": lintBad})
	path := filepath.Join(dir, "bad.md")
	out, _, code := command(nil, "lint", path)
	want := path + ":9:18: error role role=opps is not known\n" +
		"    9 | - [ ] **Look** `{role=opps id=look}`\n" +
		"      |                  ^\n" +
		"      = hint: did you mean ops? one of commander, deputy, ops, comms, scribe\n\n" +
		"1 file checked: 1 error, no warnings\n"
	if out != want || code != 1 {
		t.Errorf("exit %d\n%s\nwant exit 1\n%s", code, out, want)
	}
}

// 0 clean or warnings, 1 errors, 2 could not read, whatever else was found.
func TestLintExitCodes(t *testing.T) {
	dir := lintFolder(t, map[string]string{"good.md": lintGood, "bad.md": lintBad, "warn.md": lintWarn,
		"sub/deep.md": lintGood, "sub/.git/x.md": lintBad, "bad.toml": "[chian]\n", "good.toml": lintConf, "bad.txt": "x"})
	for _, c := range []struct {
		paths string
		code  int
		says  string
	}{
		{"good.md", 0, "1 file checked: no errors, no warnings"},
		{"warn.md", 0, "wrong-newest-only"},
		{"sub", 0, "1 file checked"},
		{"bad.md", 1, "1 error,"},
		{"good.md bad.md", 1, "2 files checked"},
		{"bad.md bad.md", 1, "1 file checked"},
		{".", 1, "4 files checked"},
		{"bad.toml", 1, "unknown-key"},
		{"good.toml good.md", 0, "2 files checked: no errors"},
		{"none.md", 2, "no files checked"},
		{"none.md bad.md", 2, "1 error,"},
	} {
		args := []string{"lint"}
		for _, p := range strings.Fields(c.paths) {
			args = append(args, filepath.Join(dir, p))
		}
		out, errs, code := command(nil, args...)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("lint %s: exit %d, want %d and %q\n%s%s", c.paths, code, c.code, c.says, out, errs)
		}
		if code == 2 && !strings.Contains(errs, "none.md") {
			t.Errorf("lint %s does not say what it could not read: %q", c.paths, errs)
		}
	}
}

// Without a path: the configuration, the runbooks of its folders and those
// that are shipped, each against the configuration's names.
func TestLintOfEverything(t *testing.T) {
	strange := strings.Replace(lintGood, "id=look}`\n", "id=look}`\n\n  ```sh run {host=val-9}\n  uptime\n  ```\n", 1)
	dir := lintFolder(t, map[string]string{"relight.toml": lintConf + "[library]\nrunbooks = [\"books\"]\n", "books/strange.md": strange})
	out, errs, code := command(nil, "lint", "--config", filepath.Join(dir, "relight.toml"))
	if code != 1 || !strings.Contains(out, "host-unknown") || !strings.Contains(out, "strange.md:11:14") || strings.Contains(out, "relight/library/") && !strings.Contains(out, "component-unknown") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// A configuration is linted by its own path, and its names hold for the
// runbooks beside it.
func TestLintNamesOfAConfiguration(t *testing.T) {
	dir := lintFolder(t, map[string]string{"c.toml": lintConf + "[[say]]\ntemplate = \"page\"\nto = [\"nowhere\"]\ndue = \"1m\"\n"})
	out, _, code := command(nil, "lint", filepath.Join(dir, "c.toml"))
	if code != 1 || !strings.Contains(out, "unknown-channel") || !strings.Contains(out, "c.toml:9:7") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestLintJSON(t *testing.T) {
	dir := lintFolder(t, map[string]string{"bad.md": lintBad, "warn.md": lintWarn, "good.md": lintGood})
	out, errs, code := command(nil, "lint", "--json", dir, filepath.Join(dir, "none.md"))
	var got lintReport
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	if code != 2 || got.Files != 3 || got.Errors != 1 || got.Warnings != 2 || len(got.Unread) != 1 || len(got.Problems) != 3 {
		t.Errorf("exit %d: %+v", code, got)
	}
	if p := got.Problems[0]; p.Rule != "role" || p.Line != 9 || p.Col != 18 || p.Hint == "" || p.Warn {
		t.Errorf("the first problem is %+v", p)
	}
	out, _, _ = command(nil, "lint", "--json", filepath.Join(dir, "good.md"))
	if !strings.Contains(out, `"problems": []`) || !strings.Contains(out, `"unread": []`) {
		t.Errorf("nothing found is no empty list: %s", out)
	}
}

// What a terminal would act on is not printed, and the caret stands right.
func TestLintIsSafeToShow(t *testing.T) {
	dir := lintFolder(t, map[string]string{"bad.md": strings.Replace(lintBad, "Look", "L\u00f6\x1b]0;owned\x07ok", 1)})
	out, _, code := command(nil, "lint", filepath.Join(dir, "bad.md"))
	if code != 1 || strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("exit %d: %q", code, out)
	}
}

// A step may fly a runbook that lies beside it or is shipped, and no other.
func TestLintBooksBeside(t *testing.T) {
	flies := func(name string) string {
		return strings.Replace(lintGood, "id=look", "id=look book="+name, 1)
	}
	dir := lintFolder(t, map[string]string{"a.md": flies("good.md"), "b.md": flies("single-validator-failover.md"), "c.md": flies("nowhere.md"), "good.md": lintGood})
	for name, want := range map[string]string{"a.md": "", "b.md": "", "c.md": "book-unknown"} {
		out, _, code := command(nil, "lint", filepath.Join(dir, name))
		if (code != 0) != (want != "") || !strings.Contains(out, want) {
			t.Errorf("lint %s: exit %d\n%s", name, code, out)
		}
	}
}

// A document is held against the configuration, and the rules can be read.
func TestLintFiguresAndRules(t *testing.T) {
	conf := lintConf + "[[component]]\nname = \"Monitoring\"\nmembers = [\"val-1\"]\n[[target]]\ncomponent = \"Monitoring\"\nrto = \"15m\"\nsource = \"the plan\"\n"
	dir := lintFolder(t, map[string]string{"relight.toml": conf, "d.md": "# D\n\n| Component | RTO |\n|---|---|\n| Monitoring | 1 hour |\n"})
	out, errs, code := command(nil, "lint", "--config", filepath.Join(dir, "relight.toml"), filepath.Join(dir, "d.md"))
	if code != 0 || !strings.Contains(out, "1 hour here, 15m (the plan) in relight.toml") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if out, _, code := command(nil, "lint", "--rules"); code != 0 || !strings.Contains(out, "wrong-reset-all (error)\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
