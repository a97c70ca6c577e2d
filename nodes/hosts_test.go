package nodes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const secret = "PRIVATEKEYPRIVATEKEYPRIVATEKEY=="

// shell runs the host script in a real shell, with everything that acts
// replaced by shims.
func shell(t *testing.T, home, script string, shims map[string]string) string {
	t.Helper()
	bin := t.TempDir()
	shims["sudo"] = firstOf(shims["sudo"], "exit 1")
	shims["systemctl"] = firstOf(shims["systemctl"], "exit 1")
	if _, err := exec.LookPath("pgrep"); err != nil {
		shims["pgrep"] = firstOf(shims["pgrep"], "exit 1")
	}
	for name, body := range shims {
		if body == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + filepath.Dir(home)}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the script failed: %v\n%s", err, out)
	}
	return string(out)
}

const systemctlShim = `printf '%s\n' LoadState=loaded ActiveState=inactive SubState=dead MainPID=0 UnitFileState=disabled \
 DropInPaths=/etc/systemd/system/virtengine.service.d/90-fence.conf NeedDaemonReload=no`

// dfShim has the data on a disk of its own, the fuller one.
const dfShim = `[ "$1" = -P ] || exit 2
echo "Filesystem      1024-blocks      Used Available Capacity Mounted on"
case $2 in
*/data) echo "/dev/mapper/my vg  1921802520 1748840293  75302227      91% /srv/node data" ;;
*) echo "/dev/sda1         102400   20480     81920      20% /" ;;
esac`

func makeHome(t *testing.T) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "validator's home.d")
	for name, body := range map[string]string{
		"config/" + KeyFile: `{
  "address": "46DA1626DB331B10409E51F25DDAAA12839FAD1B",
  "pub_key": { "type": "tendermint/PubKeyEd25519", "value": "gRmWN/noWzdPmo5Io9afJOzZXE8TJ4TDh1Hix5GOpW8=" },
  "priv_key": { "type": "tendermint/PrivKeyEd25519", "value": "` + secret + `" }
}`,
		"config/" + StagedKeyFile: `{"address":"da16a026DB331B10409E51F25DDAAA12839FAD1B","priv_key":{"value":"` + secret + `"}}`,
		"config/config.toml": `moniker = "x"
double_sign_check_height = 10
# priv_validator_key_file = "elsewhere"
priv_validator_key_file = "config/priv_validator_key.json"
priv_validator_state_file = "data/priv_validator_state.json"
priv_validator_laddr = ""
`,
		"data/" + StateFile: `{
  "height": "1204148",
  "round": 1,
  "step": 3,
  "signature": "c2ln",
  "signbytes": "00"
}`,
		"data/" + StagedStateFile: `{"height":"1204158","round":0,"step":0}`,
	} {
		p := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func script(t *testing.T, home string) string {
	t.Helper()
	s, err := HostScript(HostSpec{Name: "h", Unit: "virtengine", Home: home})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHostScriptInAShell(t *testing.T) {
	home := makeHome(t)
	out := shell(t, home, script(t, home), map[string]string{"systemctl": systemctlShim, "df": dfShim})
	if strings.Contains(out, secret) || strings.Contains(out, "priv_key") {
		t.Fatal("the private key was printed")
	}
	f := ParseHost(out)
	want := HostFacts{
		Unit: Unit{LoadState: "loaded", ActiveState: "inactive", SubState: "dead", MainPID: "0", UnitFileState: "disabled",
			DropInPaths: "/etc/systemd/system/virtengine.service.d/90-fence.conf", NeedDaemonReload: "no"},
		// The script's own shell carries the home in two halves.
		Procs: 0, ProcsKnown: true,
		Key:         KeyOnDisk{Present: True, Address: "46DA1626DB331B10409E51F25DDAAA12839FAD1B"},
		StagedKey:   KeyOnDisk{Present: True, Address: "DA16A026DB331B10409E51F25DDAAA12839FAD1B"},
		State:       SignOnDisk{Present: True, Known: true, Height: 1204148, Round: 1, Step: 3},
		StagedState: SignOnDisk{Present: True, Known: true, Height: 1204158},
		Config:      ConfigFacts{Known: true, CheckHeight: 10, KeyFile: "config/" + KeyFile, StateFile: "data/" + StateFile},
		DiskUsed:    91,
	}
	if f != want {
		t.Errorf("got  %+v\nwant %+v\n%s", f, want, out)
	}
	if f.State.Compare(f.StagedState) >= 0 {
		t.Error("the staged state is the higher one")
	}

	// Gone files are absent, a gone folder is unknown.
	os.Remove(filepath.Join(home, "config", StagedKeyFile))
	os.RemoveAll(filepath.Join(home, "data"))
	f = ParseHost(shell(t, home, script(t, home), map[string]string{}))
	if f.StagedKey.Present != False || f.Key.Present != True || f.State.Present != Unknown || f.Unit.ActiveState != "" {
		t.Errorf("%+v", f)
	}
}

// The home of a login that only ever used the command line tool is no node's:
// that nothing runs there and that no key lies there says nothing.
func TestHostScriptWrongHome(t *testing.T) {
	home := makeHome(t)
	for _, gone := range []string{"config/" + KeyFile, "config/" + StagedKeyFile, "data/" + StateFile, "data/" + StagedStateFile} {
		if err := os.Remove(filepath.Join(home, gone)); err != nil {
			t.Fatal(err)
		}
	}
	f := ParseHost(shell(t, home, script(t, home), map[string]string{"systemctl": systemctlShim}))
	if f.ProcsKnown || f.Key.Present != Unknown || f.State.Present != Unknown || f.Err == "" || f.Unit.ActiveState != "inactive" {
		t.Errorf("%+v", f)
	}
	f = ParseHost(shell(t, home, script(t, "/nowhere/at/all"), map[string]string{"systemctl": systemctlShim}))
	if f.ProcsKnown || f.Key.Present != Unknown || f.Config.Known {
		t.Errorf("%+v", f)
	}
}

// A running node is found by its home, also below the login's, and by its bare
// command line.
func TestHostScriptFindsProcesses(t *testing.T) {
	home := makeHome(t)
	// A shell that waits for input carries the command line of a node.
	sleeper := exec.Command("sh", "-c", "echo up; read x", "virtengine", "--home", home)
	stdin, err := sleeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := sleeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stdin.Close(); _ = sleeper.Wait() }()
	if _, err := stdout.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("pgrep"); err != nil {
		t.Fatal("this test needs pgrep (procps)")
	}
	for _, h := range []string{home, "~/" + filepath.Base(home)} {
		if f := ParseHost(shell(t, home, script(t, h), map[string]string{})); f.Procs != 1 || !f.ProcsKnown {
			t.Errorf("%s: %d %v", h, f.Procs, f.ProcsKnown)
		}
	}
	bare := `case $2 in *start\$) echo 4711; exit 0;; *) exit 1;; esac`
	if f := ParseHost(shell(t, home, script(t, home), map[string]string{"pgrep": bare})); f.Procs != 1 || !f.ProcsKnown {
		t.Errorf("bare: %d %v", f.Procs, f.ProcsKnown)
	}
	if f := ParseHost(shell(t, home, script(t, home), map[string]string{"pgrep": "exit 127"})); f.ProcsKnown {
		t.Error("no pgrep: not known")
	}
}

// What cannot be read without sudo is read with it, and only that.
func TestHostScriptSudo(t *testing.T) {
	home := makeHome(t)
	log := filepath.Join(t.TempDir(), "sudo.log")
	shims := map[string]string{
		"sudo": `printf '%s ' "$@" >>` + quote(log) + `; echo >>` + quote(log) + `; shift; RELIGHT_ROOT=1 exec "$@"`,
		"sed":  `[ -n "$RELIGHT_ROOT" ] || exit 2; exec ` + realPath(t, "sed") + ` "$@"`,
	}
	f := ParseHost(shell(t, home, script(t, home), shims))
	if f.Key.Address == "" || f.Config.CheckHeight != 10 || !f.State.Known {
		t.Errorf("%+v", f)
	}
	b, _ := os.ReadFile(log)
	if n := strings.Count(string(b), "\n"); n != 3 || strings.Contains(string(b), " ls ") {
		t.Errorf("sudo was used for:\n%s", b)
	}
}

func realPath(t *testing.T, name string) string {
	p, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHostScriptRefuses(t *testing.T) {
	for _, h := range []HostSpec{
		{Unit: "virtengine", Home: ""}, {Unit: "virtengine", Home: "/"}, {Unit: "virtengine", Home: "relative"},
		{Unit: "virtengine", Home: "~/"}, {Unit: "virtengine", Home: "/srv/a\nrm -rf /"},
		{Unit: "", Home: "/srv/home"}, {Unit: "a; reboot", Home: "/srv/home"}, {Unit: "-H", Home: "/srv/home"},
	} {
		if s, err := HostScript(h); err == nil {
			t.Errorf("%+v gave %s", h, s)
		}
	}
	s, err := HostScript(HostSpec{Unit: "u", Home: "/srv/$(reboot)'x"})
	if err != nil || strings.Contains(s, "/srv/$(reboot)'x") || !strings.Contains(s, `'\''`) {
		t.Errorf("%v\n%s", err, s)
	}
}

func TestParseHostTorn(t *testing.T) {
	home := makeHome(t)
	whole := shell(t, home, script(t, home), map[string]string{"systemctl": systemctlShim})
	full := ParseHost(whole)
	for i := range len(whole) {
		f := ParseHost(whole[:i])
		// A torn answer may know less, never something else.
		if f.Key.Present == False || f.StagedKey.Present == False || f.State.Present == False || f.StagedState.Present == False {
			t.Fatalf("torn at %d: a file is said to be absent\n%s", i, whole[:i])
		}
		if (f.State.Known && f.State != full.State) || (f.Key.Address != "" && f.Key != full.Key) || (f.ProcsKnown && f.Procs != full.Procs) ||
			(f.Unit != Unit{} && f.Unit != full.Unit) {
			t.Fatalf("torn at %d: %+v", i, f)
		}
	}
	for name, out := range map[string]string{
		"unit twice":           "== unit\nMainPID=0\n== end 0\n== unit\nMainPID=7\n== end 0\n== done\n",
		"pid twice in one":     "== unit\nMainPID=0\nMainPID=7\n== end 0\n== done\n",
		"systemctl failed":     "== unit\nMainPID=0\n== end 1\n== done\n",
		"processes not a list": "== procs\nnone\n== end 0\n== bare\n== end 1\n== done\n",
		"found and none shown": "== procs\n== end 0\n== bare\n== end 1\n== done\n",
	} {
		if f := ParseHost(out); f.Unit.MainPID != "" || f.ProcsKnown {
			t.Errorf("%s: %+v", name, f)
		}
	}
	odd := strings.Replace(whole, `"config/priv_validator_key.json"`, `"/run/keys/val.json"`, 1)
	if f := ParseHost(odd); !f.Config.Odd || f.Key.Present != Unknown || f.State.Known {
		t.Errorf("the key lies elsewhere: %+v", f)
	}
}

func TestParseDisk(t *testing.T) {
	head := "Filesystem 1024-blocks Used Available Capacity Mounted on"
	for line, want := range map[string]int{
		"/dev/sda1 2097152000 432013312 1665138688 21% /":   21,
		"/dev/sda1 2097152000 2097152000 0 100% /":          100,
		"/dev/disk1s1 488245288 488245288 -9 103% /":        100, // what root alone may use is gone as well
		"//nas/a share 10 9 1 90% /srv/50% full":            90,
		"tmpfs 0 0 0 - /dev":                                -1,
		"/dev/sda1 2097152000 432013312 1665138688 -21% /":  -1,
		"/dev/sda1 2097152000 432013312 1665138688 9999% /": -1,
		"df: /srv/home: Permission denied":                  -1,
		"/dev/sda1 21% /":                                   -1,
		"":                                                  -1,
	} {
		if got := parseDisk(section{lines: []string{head, line}, ended: true}); got != want {
			t.Errorf("%q: %d, want %d", line, got, want)
		}
	}
	ok := []string{head, "/dev/sda1 10 9 1 90% /"}
	for _, s := range []section{{lines: ok}, {lines: ok, ended: true, status: 1}, {lines: ok[1:], ended: true}, {lines: append(ok, ok[1]), ended: true}, {}} {
		if got := parseDisk(s); got != -1 {
			t.Errorf("%+v: %d", s, got)
		}
	}
	if f := (ParseHost("== done\n")); f.DiskUsed != -1 {
		t.Errorf("nothing was printed: %d", f.DiskUsed)
	}
}

func FuzzParseHost(f *testing.F) {
	f.Add("== unit\nActiveState=active\n== end 0\n== procs\n1\n== end 0\n== bare\n== end 1\n== config\n== end 0\n== done\n")
	f.Add("== priv_validator_state.json\n{\"height\":\"9\",\"round\":0,\"step\":3}\n\n== end 0\n")
	f.Fuzz(func(t *testing.T, out string) {
		h := ParseHost(out)
		if h.DiskUsed < -1 || h.DiskUsed > 100 || h.Procs < 0 || (h.Key.Address != "" && len(h.Key.Address) != 40) || (h.State.Known && h.State.Height < 0) {
			t.Fatalf("%+v", h)
		}
		if h.Key.Present == False && !strings.Contains(out, "== done") {
			t.Fatal("absent, from a torn answer")
		}
	})
}

// execFunc is a HostExec.
type execFunc func(ctx context.Context, host, script string) (string, error)

func (f execFunc) Read(ctx context.Context, host, script string) (string, error) {
	return f(ctx, host, script)
}

func TestLookHosts(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.watch(l.w.fleet, execFunc(func(ctx context.Context, host, _ string) (string, error) {
		switch host {
		case "h0":
			return "== unit\nActiveState=active\nMainPID=17\n== end 0\n== done\n", nil
		case "h1":
			return "", fmt.Errorf("dial: %w", ErrUnreachable)
		case "h2":
			return "", fmt.Errorf("dial: %w", ErrHostKey)
		}
		return "", errors.New("exit status 127\x1b[31m")
	}))
	now := epoch.Add(time.Hour)
	got := l.w.LookHosts(context.Background(), now, []string{"h0", "h1", "h2", "h3", "stranger"})
	if got[0].Reachable != True || got[0].Unit.MainPID != "17" || got[0].Key.Present != Unknown {
		t.Errorf("%+v", got[0])
	}
	if got[1].Reachable != False || got[1].HostKey || got[2].Reachable != False || !got[2].HostKey {
		t.Errorf("%+v %+v", got[1], got[2])
	}
	if got[3].Reachable != True || strings.Contains(got[3].Err, "\x1b") || got[3].Unit.ActiveState != "" {
		t.Errorf("%+v", got[3])
	}
	if got[4].Reachable != Unknown || !got[4].At.IsZero() {
		t.Errorf("%+v", got[4])
	}
	l.now = now
	s := l.look()
	if h, ok := s.Host("h0"); !ok || h != got[0] {
		t.Errorf("%+v", h)
	}
	// Older facts never replace newer ones.
	l.w.LookHosts(context.Background(), now.Add(-time.Minute), []string{"h1"})
	if h, _ := l.look().Host("h1"); !h.At.Equal(now) {
		t.Errorf("%+v", h)
	}
}

// The encrypted key is looked for, never into; that it is absent is said only
// after a listing of its folder.
func TestHostScriptSealed(t *testing.T) {
	home := makeHome(t)
	dir := t.TempDir()
	there, empty := filepath.Join(dir, "it's there.gpg"), filepath.Join(dir, "empty.gpg")
	for name, body := range map[string]string{there: "sealed", empty: ""} {
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		sealed []string
		want   Tri
	}{
		{nil, Unknown},
		{[]string{there}, True},
		{[]string{there, there}, True},
		{[]string{filepath.Join(dir, "gone.gpg")}, False},
		{[]string{there, filepath.Join(dir, "gone.gpg")}, False},
		{[]string{empty}, Unknown},
		{[]string{"/nowhere/at/all/key.gpg"}, Unknown},
		{[]string{"relative"}, Unknown},
	} {
		s, err := HostScript(HostSpec{Name: "h", Unit: "virtengine", Home: home, Sealed: c.sealed})
		if err != nil {
			t.Fatal(err)
		}
		out := shell(t, home, s, map[string]string{})
		f := ParseHost(out)
		if f.Sealed != c.want || !f.State.Known || strings.Contains(out, "sealed\n") {
			t.Errorf("%v: %v, want %v\n%s", c.sealed, f.Sealed, c.want, out)
		}
	}
}
