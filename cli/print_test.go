package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/virtengine/relight/journal"
)

const printBook = "# Lamp\n\n```toml runbook\nid = \"lamp\"\n\n[[param]]\nname = \"lamp\"\ntype = \"host\"\nprompt = \"Which?\"\n```\n\n## During: work\n\n- [ ] **Look** `{role=ops id=look}`\n\n  ```sh run {host=$lamp timeout=10s idempotent}\n  uptime\n  ```\n"

// A runbook is printed by its id, from the user's folder or a file, inside the
// backbone or alone, with what the configuration knows.
func TestPrintRunbook(t *testing.T) {
	dir := lintFolder(t, map[string]string{"relight.toml": lintConf + "[library]\nrunbooks = [\"books\"]\n[people.mira]\nroles = [\"ops\"]\nphone = \"555 0199\"\n", "books/lamp.md": printBook, "bad.md": lintBad})
	conf := filepath.Join(dir, "relight.toml")
	for _, c := range []struct {
		args  string
		code  int
		wants []string
	}{
		{"lamp --param lamp=val-1", 0, []string{"Run on val-1 (192.0.2.1), at most 10 s:", "| uptime", "Assign the roles", "555 0199", "page 1 of"}},
		{"lamp --alone", 0, []string{"Run on $lamp ____________"}},
		{filepath.Join(dir, "books", "lamp.md") + " --alone --html", 0, []string{"<!DOCTYPE html>", "Look"}},
		{"single-validator-failover", 0, []string{"FENCE for the key $key"}},
		{"incident-backbone", 0, []string{"Incident backbone"}},
		{"lmap", 2, []string{"Did you mean lamp?"}},
		{"lamp --param bulb=1", 2, []string{"--param bulb: lamp has no such parameter; it asks for ", "lamp"}},
		{"lamp --param lamp=val-9", 2, []string{"--param lamp=val-9: one of val-1"}},
		{"lamp --param lamp=", 2, []string{"--param lamp=: one of val-1"}},
		{"single-validator-failover --param stable=soon", 2, []string{"--param stable=soon: it is no duration above 0; write it like 90s or 10m"}},
		{"single-validator-failover --param failed=val-1 --param standby=val-1", 2, []string{"name one host: they must differ"}},
		{"single-validator-failover --alone --param stable=7m", 0, []string{"$stable", "7m"}},
		{"lamp --param lamp", 2, []string{"NAME=VALUE"}},
		{filepath.Join(dir, "bad.md"), 2, []string{"does not fly", "bad.md:9:18"}},
		{filepath.Join(dir, "none.md"), 2, []string{"none.md"}},
		{"", 2, []string{"name what to print", "lamp"}},
		{"lamp --incident INC-20261123-001", 2, []string{"not both"}},
		{"--incident INC-20261123-001 --alone", 2, []string{"for a runbook"}},
		{"--incident INC-20261123-001", 2, []string{"INC-20261123-001"}},
	} {
		out, errs, code := command(nil, append([]string{"print", "--config", conf, "--journal", filepath.Join(dir, "records")}, strings.Fields(c.args)...)...)
		for _, want := range c.wants {
			if code != c.code || !strings.Contains(out+errs, want) {
				t.Errorf("print %s: exit %d, want %d and %q\n%s%.2000s", c.args, code, c.code, want, errs, out)
				break
			}
		}
		if strings.Contains(c.args, "--alone --html") && strings.Contains(out, "Assign the roles") {
			t.Error("--alone printed the backbone, too")
		}
	}
}

// Paper comes out on a machine that has no configuration, or a broken one.
func TestPrintWithoutConfiguration(t *testing.T) {
	dir := lintFolder(t, map[string]string{"broken.toml": "[chian\n"})
	for _, conf := range []string{filepath.Join(dir, "broken.toml"), filepath.Join(dir, "none.toml")} {
		out, errs, code := command(nil, "print", "single-validator-failover", "--config", conf)
		if code != 0 || !strings.Contains(errs, "printed without a configuration") || !strings.Contains(out, "Whom to call") {
			t.Errorf("exit %d: %s%.300s", code, errs, out)
		}
		if out, errs, code := command(nil, "print", "single-validator-failover", "--param", "failed=any-host", "--config", conf); code != 0 || !strings.Contains(out, "any-host") {
			t.Errorf("the name of a host that nobody can know: exit %d: %s", code, errs)
		}
	}
}

// A token of a channel never reaches paper, wherever it stands.
func TestPrintKeepsSecrets(t *testing.T) {
	dir := lintFolder(t, map[string]string{"token": "xoxb-very-secret-0123\n"})
	conf := lintConf + "[[channel]]\nname = \"c\"\ndriver = \"slack\"\naudience = \"internal\"\ntarget = \"#c\"\ntoken = { file = \"./token\" }\n[library]\nrunbooks = [\"books\"]\n"
	for name, text := range map[string]string{"relight.toml": conf, "books/lamp.md": strings.Replace(printBook, "Which?", "Which? xoxb-very-secret-0123", 1)} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, form := range []string{"--html", "--html=false"} {
		out, errs, code := command(nil, "print", "lamp", form, "--config", filepath.Join(dir, "relight.toml"))
		if code != 0 || strings.Contains(out, "very-secret") || strings.Contains(out, "Which?") != true {
			t.Errorf("exit %d: %s%.600s", code, errs, out)
		}
	}
}

// Where an incident stands is printed from its record while it is open, after
// it, and as far as a damaged one can be trusted.
func TestPrintIncident(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := command(nil, "drill", "--autopilot", "--json", "--seed", "2", "--option", "recover=B", "--journal", dir); code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	ids, err := journal.List(dir, "")
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	record := filepath.Join(dir, ids[0], journal.FileName)
	src, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(src), "\n")
	started := 0 // the last step that was started: the start of the standby
	for i, l := range lines {
		if strings.Contains(l, "\"kind\":\"step-started\"") {
			started = i
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"closed", string(src), "Closed"},
		{"in the middle", strings.Join(lines[:started+1], ""), "IT MAY SIGN"},
		{"torn", strings.Join(lines[:started+1], "") + "{\"v\":", "IT MAY SIGN"},
		{"damaged", strings.Join(lines[:started+1], "") + "{}\n", "THE RECORD IS DAMAGED"},
	} {
		if err := os.WriteFile(record, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"--html", "--html=false"} {
			out, errs, code := command(nil, "print", "--incident", strings.ToLower(ids[0]), form, "--journal", dir)
			if code != 0 || !strings.Contains(out, c.want) || strings.Count(out, "\f") > 1 {
				t.Errorf("%s: exit %d, want %q\n%s%.1500s", c.name, code, c.want, errs, out)
			}
		}
	}
}
