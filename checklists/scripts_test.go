package checklists

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

const (
	keyA   = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	keyOwn = "0123456789ABCDEF0123456789ABCDEF01234567"
	sealed = "PRIVATE-PART"
)

// shellHost is a folder that plays a host. Its PATH holds only the commands a
// shipped script may use, so that a missing shim cannot reach the real one.
type shellHost struct {
	t    *testing.T
	dir  string
	env  []string
	runs int
}

func newShellHost(t *testing.T) *shellHost {
	t.Helper()
	h := &shellHost{t: t, dir: t.TempDir()}
	bin := filepath.Join(h.dir, "bin")
	for _, d := range []string{"bin", "home/config", "home/data", "units", "backup"} {
		if err := os.MkdirAll(filepath.Join(h.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cat", "cp", "mv", "rm", "mkdir", "chmod", "sed", "grep", "test"} {
		real, err := exec.LookPath(name)
		if err != nil {
			t.Fatalf("the tests of the shipped scripts need %s: %v", name, err)
		}
		if err := os.Symlink(real, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	h.script("bin/sudo", `[ "$1" = -n ] || exit 9; shift; exec "$@"`)
	h.script("bin/systemctl", `echo "$@" >> "`+h.dir+`/systemctl.log"`)
	h.script("bin/gpg", `while [ $# -gt 1 ]; do [ "$1" = --output ] && out=$2; shift; done; [ -f "$1" ] || { echo "gpg: can't open '$1': No such file or directory" >&2; exit 2; }; cat "$1" > "$out"`)
	h.env = []string{
		"PATH=" + bin, "RELIGHT_EFFECT=" + fmt.Sprintf("test-%d", os.Getpid()) + filepath.Base(h.dir),
		"key=val-a", "key_address=" + strings.ToLower(keyA), "failed=val-1", "standby=val-4",
		"key_sealed_backup=" + h.dir + "/backup/key.gpg",
		"key_mark_height=100", "key_mark_round=0", "key_mark_step=3",
	}
	for _, p := range []string{"failed", "standby"} {
		h.env = append(h.env, p+"_unit=virtengine", p+"_unit_dir="+h.dir+"/units", p+"_home="+h.dir+"/home")
	}
	h.write("home/data/priv_validator_state.json", state("0", 0, 0))
	h.write("home/config/priv_validator_key.json", keyFile(keyOwn))
	h.write("backup/key.gpg", keyFile(keyA))
	return h
}

func keyFile(address string) string {
	return fmt.Sprintf("{\n  \"address\": %q,\n  \"priv_key\": {\"value\": %q}\n}\n", address, sealed)
}

func state(height string, round, step int) string {
	return fmt.Sprintf("{\n  \"height\": %q,\n  \"round\": %d,\n  \"step\": %d,\n  \"signature\": \"c2ln\"\n}\n", height, round, step)
}

func (h *shellHost) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *shellHost) script(name, text string) {
	h.write(name, "#!/bin/sh\n"+text+"\n")
	if err := os.Chmod(filepath.Join(h.dir, name), 0o755); err != nil {
		h.t.Fatal(err)
	}
}

func (h *shellHost) read(name string) string {
	b, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		return ""
	}
	return string(b)
}

// run executes a script by dash or by the interpreter of the rehearsal fleet.
// Whatever it says must not hold the private part of a key.
func (h *shellHost) run(shell, text string, more ...string) (string, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	env := append(append([]string{}, h.env...), more...)
	var out bytes.Buffer
	var err error
	if shell == "interp" {
		file, perr := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "")
		if perr != nil {
			h.t.Fatal(perr)
		}
		runner, rerr := interp.New(interp.StdIO(nil, &out, &out), interp.Env(expand.ListEnviron(env...)), interp.Dir(h.dir))
		if rerr != nil {
			h.t.Fatal(rerr)
		}
		err = runner.Run(ctx, file)
	} else {
		cmd := exec.CommandContext(ctx, shell, "-c", "{\n"+text+"\n}")
		cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = env, h.dir, &out, &out
		err = cmd.Run()
	}
	if strings.Contains(out.String(), sealed) || strings.Contains(out.String(), "priv_validator_key") || strings.Contains(out.String(), "key.gpg") {
		h.t.Errorf("a script shows key matter: %s", out.String())
	}
	return out.String(), err
}

func shells(t *testing.T) []string {
	out := []string{"interp"}
	for _, name := range []string{"dash", "bash", "sh"} {
		if path, err := exec.LookPath(name); err == nil {
			out = append(out, path)
		}
	}
	if len(out) == 1 {
		t.Fatal("no shell on this machine")
	}
	return out
}

func stepOf(t *testing.T, id string) Step {
	t.Helper()
	for _, s := range find(t, "single-validator-failover").Steps() {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no step %s", id)
	return Step{}
}

// eachShell runs the story on a fresh host under every shell there is.
func eachShell(t *testing.T, story func(t *testing.T, h *shellHost, run func(text string, more ...string) (string, error))) {
	for _, sh := range shells(t) {
		t.Run(filepath.Base(sh), func(t *testing.T) {
			h := newShellHost(t)
			story(t, h, func(text string, more ...string) (string, error) { return h.run(sh, text, more...) })
		})
	}
}

func must(t *testing.T, out string, err error) string {
	t.Helper()
	if err != nil {
		t.Fatalf("the script fails: %v\n%s", err, out)
	}
	return out
}

func refused(t *testing.T, out string, err error, why string) {
	t.Helper()
	var status interp.ExitStatus
	var exit *exec.ExitError
	if !errors.As(err, &status) && !errors.As(err, &exit) {
		t.Errorf("%s: the script ends with %v, want a refusal\n%s", why, err, out)
	}
}

func TestFenceScript(t *testing.T) {
	eachShell(t, func(t *testing.T, h *shellHost, run func(string, ...string) (string, error)) {
		s := stepOf(t, "fence-failed")
		for range 2 { // it may be run again
			out, err := run(s.Run.Text)
			must(t, out, err)
		}
		if got := h.read("units/virtengine.service.d/90-fence.conf"); got != "[Unit]\nAssertPathExists=/nonexistent/relight-fence\n" {
			t.Errorf("the drop-in is %q", got)
		}
		if got := h.read("systemctl.log"); !strings.HasPrefix(got, "disable --now virtengine\ndaemon-reload\n") {
			t.Errorf("systemctl was called with %q", got)
		}
		out, err := run(s.Undo.Text)
		must(t, out, err)
		if h.read("units/virtengine.service.d/90-fence.conf") != "" {
			t.Error("the undo leaves the fence")
		}
	})
}

func TestKeyAsideScript(t *testing.T) {
	eachShell(t, func(t *testing.T, h *shellHost, run func(string, ...string) (string, error)) {
		s := stepOf(t, "key-aside")
		out, err := run(s.Run.Text)
		refused(t, out, err, "a host without the key")
		h.write("home/config/priv_validator_key.json", keyFile(keyA))
		h.write("home/data/priv_validator_state.json", state("4711", 2, 3))
		for range 2 {
			out, err := run(s.Run.Text)
			if must(t, out, err) != "4711/2/3\n" {
				t.Errorf("the mark reads %q", out)
			}
		}
		// A node that ran without its key has made itself a harmless one.
		h.write("home/config/priv_validator_key.json", keyFile(keyOwn))
		out, err = run(s.Run.Text)
		must(t, out, err)
		out, err = run(s.Verifies[0].Text)
		must(t, out, err)
		if !strings.Contains(h.read("home/config/priv_validator_key.json.aside"), keyA) {
			t.Error("the key that was put aside is lost")
		}
		h.write("home/config/priv_validator_key.json", keyFile(keyA))
		out, err = run(s.Verifies[0].Text)
		refused(t, out, err, "the key is back in its place")
	})
}

func TestStageScript(t *testing.T) {
	for _, c := range []struct {
		name, own, staged, want string
	}{
		{"the computed mark is the highest", state("99", 0, 0), "", `"100",0,3`},
		{"the standby's own state is higher", state("101", 1, 2), "", `"101",1,2`},
		{"numbers, not letters", state("0099", 9, 9), "", `"100",0,3`},
		{"same height, higher round", state("100", 1, 1), "", `"100",1,1`},
		{"same height and round, lower step", state("100", 0, 2), "", `"100",0,3`},
		{"same height and round, higher step", state("100", 0, 4), "", `"100",0,4`},
		{"staged before with more", state("7", 0, 0), state("120", 0, 1), `"120",0,1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachShell(t, func(t *testing.T, h *shellHost, run func(string, ...string) (string, error)) {
				h.write("home/data/priv_validator_state.json", c.own)
				if c.staged != "" {
					h.write("home/data/priv_validator_state.json.staged", c.staged)
				}
				s := stepOf(t, "stage")
				out, err := run(s.Run.Text)
				must(t, out, err)
				got := strings.NewReplacer("\n", "", " ", "", "{", "", "}", "", `"height":`, "", `"round":`, "", `"step":`, "").Replace(h.read("home/data/priv_validator_state.json.staged"))
				if got != c.want {
					t.Errorf("staged %s, want %s", got, c.want)
				}
				if h.read("home/data/priv_validator_state.json") != c.own || !strings.Contains(h.read("home/config/priv_validator_key.json"), keyOwn) {
					t.Error("staging touched the files in use")
				}
				info, err := os.Stat(filepath.Join(h.dir, "home/config/priv_validator_key.json.staged"))
				if err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("the staged key: %v %v, want mode 0600", info, err)
				}
				out, err = run(s.Verifies[0].Text)
				must(t, out, err)
			})
		})
	}
}

func TestStageScriptRefuses(t *testing.T) {
	for name, spoil := range map[string]func(h *shellHost) []string{
		"another key in the backup": func(h *shellHost) []string { h.write("backup/key.gpg", keyFile(keyOwn)); return nil },
		"no backup":                 func(h *shellHost) []string { return []string{"key_sealed_backup=" + h.dir + "/backup/none"} },
		"a mark that is no number":  func(h *shellHost) []string { return []string{"key_mark_height=unknown"} },
		"a mark of zero":            func(h *shellHost) []string { return []string{"key_mark_height=0"} },
		"a state that is broken":    func(h *shellHost) []string { h.write("home/data/priv_validator_state.json", "{}"); return nil },
		"sudo that is locked":       func(h *shellHost) []string { h.script("bin/sudo", "exit 1"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			eachShell(t, func(t *testing.T, h *shellHost, run func(string, ...string) (string, error)) {
				s := stepOf(t, "stage")
				more := spoil(h)
				out, err := run(s.Run.Text, more...)
				refused(t, out, err, name)
				if h.read("home/data/priv_validator_state.json.staged") != "" {
					t.Error("a sign state was staged all the same")
				}
				out, err = run(s.Verifies[0].Text, more...)
				refused(t, out, err, name+", verified")
			})
		})
	}
}

func TestStartScript(t *testing.T) {
	eachShell(t, func(t *testing.T, h *shellHost, run func(string, ...string) (string, error)) {
		start, stage := stepOf(t, "start"), stepOf(t, "stage")
		out, err := run(start.Run.Text)
		refused(t, out, err, "nothing is staged")
		if h.read("systemctl.log") != "" {
			t.Error("the unit was touched though nothing was staged")
		}
		out, err = run(stage.Run.Text)
		must(t, out, err)
		out, err = run(start.Run.Text)
		must(t, out, err)
		if got := h.read("systemctl.log"); got != "enable virtengine\nrestart virtengine\n" {
			t.Errorf("systemctl was called with %q", got)
		}
		if !strings.Contains(h.read("home/config/priv_validator_key.json"), keyA) ||
			!strings.Contains(h.read("home/config/priv_validator_key.json.own"), keyOwn) ||
			!strings.Contains(h.read("home/data/priv_validator_state.json"), `"100"`) {
			t.Error("the files are not in their places")
		}
	})
}

// TestScriptsUseFewCommands holds the shipped scripts to what the rehearsal
// fleet and a minimal host both have.
func TestScriptsUseFewCommands(t *testing.T) {
	allowed := map[string]bool{}
	for _, c := range strings.Fields("cat cp mv rm mkdir chmod ls tee sed grep date jq curl sha256sum " +
		"systemctl journalctl gpg virtengine provider-daemon test [ echo printf set exit continue break " +
		"stat ps pgrep install tar aws dig kubectl psql pg_ctlcluster pg_basebackup pg_verifybackup pg_controldata pg_rewind pg_amcheck pg_restore pg_lsclusters pg_waldump createdb dropdb chown touch cut tr head tail sort wc true sh cd pg_ctl") {
		allowed[c] = true
	}
	odd := map[string]bool{}
	books, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		for _, s := range b.Steps() {
			for _, bl := range s.blocks() {
				if bl.Lang != "sh" {
					continue
				}
				file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(bl.Text), "")
				if err != nil {
					t.Fatal(err)
				}
				own := map[string]bool{}
				syntax.Walk(file, func(n syntax.Node) bool {
					if f, ok := n.(*syntax.FuncDecl); ok {
						own[f.Name.Value] = true
					}
					return true
				})
				syntax.Walk(file, func(n syntax.Node) bool {
					if c, ok := n.(*syntax.CallExpr); ok {
						if w := plainCommand(literals(c)); len(w) > 0 && !allowed[w[0]] && !own[w[0]] {
							odd[w[0]] = true
						}
					}
					return true
				})
			}
		}
	}
	var names []string
	for n := range odd {
		names = append(names, n)
	}
	sort.Strings(names)
	if len(names) > 0 {
		t.Errorf("the shipped scripts use %v", names)
	}
}
