package nodes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The text that the runbook writes, in sight of the reader of this test.
const runbookFence = "[Unit]\nAssertPathExists=/nonexistent/relight-fence\n"

func TestFenceText(t *testing.T) {
	for _, c := range []struct {
		text string
		want Tri
	}{
		{runbookFence, True},
		{"# a comment\n\n[Unit]\r\nAssertPathExists = /nonexistent/relight-fence\r\n", True},
		{"[Unit]\nAssertPathExists=/etc\nAssertPathExists=/nonexistent/x\n", True},
		{"[Unit]\nAssertPathExists=\nAssertPathExists=/nonexistent/x\n[Service]\nNice=1\n", True},
		{"", False},
		{"[Unit]\n", False},
		{"[Unit]\nAssertPathExists=\n", False},
		{"[Unit]\nAssertPathExists=/nonexistent/\n", False},
		{"[Unit]\nAssertPathExists=/nonexistent\n", False},
		{"[Unit]\nAssertPathExists=/etc/hostname\n", False},
		{"[Unit]\nAssertPathExists=/nonexistent/x\nAssertPathExists=\n", False},
		{"[Unit]\nAssertPathExists=/nonexistent/x\nAssertPathExists=/etc\n", False},
		{"[Unit]\n#AssertPathExists=/nonexistent/x\n", False},
		{"[Unit]\nAssertPathExists=!/nonexistent/x\n", False},
		{"[Unit]\nAssertPathExists=|/nonexistent/x\n", False},
		{"[Unit]\nAssertPathExists=/nonexistent/../etc\n", False},
		{"[Unit]\nConditionPathExists=/nonexistent/x\n", False},
		{"[Service]\nAssertPathExists=/nonexistent/x\n", False},
		{"AssertPathExists=/nonexistent/x\n", False},
		{"[Unit]\nDescription=a \\\nAssertPathExists=/nonexistent/x\n", False},
	} {
		out := "== fence\n" + c.text + "\n== end 0\n== done\n"
		if got := ParseHost(out).FenceHolds; got != c.want {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
	for name, out := range map[string]string{
		"no section":   "== done\n",
		"failed":       "== fence\n" + runbookFence + "\n== end 1\n== done\n",
		"torn":         "== fence\n" + runbookFence,
		"not its last": "== fence\n[Unit]\n== unit\n== end 0\n",
		"twice":        "== fence\n" + runbookFence + "== end 0\n== fence\n" + runbookFence + "== end 0\n== done\n",
	} {
		if got := ParseHost(out).FenceHolds; got != Unknown {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The text is read where the runbook writes it, by the login itself or with
// sudo, and sudo is not asked for what is seen not to be there.
func TestHostScriptReadsTheFence(t *testing.T) {
	home := makeHome(t)
	units := filepath.Join(t.TempDir(), "unit's dir")
	log := filepath.Join(t.TempDir(), "sudo.log")
	look := func(dir, unit string, shims map[string]string) Tri {
		t.Helper()
		s, err := HostScript(HostSpec{Name: "h", Unit: unit, UnitDir: dir, Home: home})
		if err != nil {
			t.Fatal(err)
		}
		shims["systemctl"] = systemctlShim
		shims["sudo"] = firstOf(shims["sudo"], `echo "$@" >>`+quote(log)+`; exit 1`)
		f := ParseHost(shell(t, home, s, shims))
		if f.Unit.ActiveState != "inactive" || f.Key.Present != True {
			t.Errorf("the rest of the answer: %+v", f)
		}
		return f.FenceHolds
	}
	if err := os.MkdirAll(units, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := look(units, "virtengine", map[string]string{}); got != Unknown {
		t.Errorf("no drop-in: %v", got)
	}
	file := filepath.Join(units, "virtengine.service.d", FenceDropIn)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := look(units, "virtengine", map[string]string{}); got != Unknown {
		t.Errorf("an empty folder: %v", got)
	}
	if b, err := os.ReadFile(log); err == nil {
		t.Errorf("sudo was asked: %s", b)
	}
	for text, want := range map[string]Tri{runbookFence: True, strings.TrimSpace(runbookFence): True, "[Unit]\n": False, "": False} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, unit := range []string{"virtengine", "virtengine.service"} {
			if got := look(units+"/", unit, map[string]string{}); got != want {
				t.Errorf("%s, %q: %v, want %v", unit, text, got, want)
			}
		}
	}
	if err := os.WriteFile(file, []byte(runbookFence), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", "relative", "~/units"} {
		if got := look(dir, "virtengine", map[string]string{}); got != Unknown {
			t.Errorf("the folder %q: %v", dir, got)
		}
	}
	cat := `case $1 in *90-fence.conf) [ -n "$RELIGHT_ROOT" ] || exit 1 ;; esac; exec ` + realPath(t, "cat") + ` "$@"`
	if got := look(units, "virtengine", map[string]string{"cat": cat}); got != Unknown {
		t.Errorf("it may not be read: %v", got)
	}
	if got := look(units, "virtengine", map[string]string{"cat": cat, "sudo": `shift; RELIGHT_ROOT=1 exec "$@"`}); got != True {
		t.Errorf("with sudo: %v", got)
	}
}
