package shell

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/virtengine/relight/drill/world"
)

var start = time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)

// box is a world with one door.
type box struct {
	mu sync.Mutex
	w  world.World
}

func newBox() *box { return &box{w: world.New(1, start)} }

func (b *box) machine(host string) Machine {
	return Machine{Host: host, User: world.Login,
		Do: func(f func(*world.World)) {
			b.mu.Lock()
			defer b.mu.Unlock()
			f(&b.w)
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.w.Advance(b.w.Now.Add(d))
			return ctx.Err()
		}}
}

func (b *box) run(t testing.TB, host, script string) (out, errout string, code int) {
	return b.runIn(t, host, script, "")
}

func (b *box) runIn(t testing.TB, host, script, stdin string) (out, errout string, code int) {
	t.Helper()
	var o, e strings.Builder
	var s Shell
	code = s.Run(t.Context(), b.machine(host), Invocation{Command: script, Stdin: strings.NewReader(stdin), Stdout: &o, Stderr: &e})
	return o.String(), e.String(), code
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		name, script, out, errout string
		code                      int
	}{
		{"unknown command", "foo", "", "sh: foo: not found\n", 127},
		{"unknown path", "/opt/x", "", "sh: /opt/x: not found\n", 127},
		{"grammar", `for i in 1 2 3; do [ "$i" = 2 ] || echo "n$i"; done`, "n1\nn3\n", "", 0},
		{"here-document and redirection", "cat > /tmp/x <<E\na $USER\nE\ncat /tmp/x; wc -l < /tmp/x", "a validator\n1\n", "", 0},
		{"append", "echo a > /tmp/x; echo b >> /tmp/x; tail -n 1 /tmp/x", "b\n", "", 0},
		{"truncated script", "{ echo a; echo b", "", "syntax error", 2},
		{"subshell and cd", "(cd /tmp && pwd); pwd", "/tmp\n/home/validator\n", "", 0},
		{"globbing", "echo /home/validator/.virtengine/config/*.toml", "/home/validator/.virtengine/config/app.toml /home/validator/.virtengine/config/config.toml\n", "", 0},
		{"set -e", "set -eu; false; echo no", "", "", 1},
		{"missing file", "cat /tmp/none", "", "cat: /tmp/none: No such file or directory\n", 1},
		{"missing redirect", "cat < /tmp/none", "", "sh: cannot open /tmp/none: No such file or directory\n", 1},
		{"permission", "echo x > /etc/x", "", "sh: cannot open /etc/x: Permission denied\n", 1},
		{"sudo", "sudo -n sh -c 'echo x > /etc/x' && cat /etc/x && stat -c %U /etc/x", "x\nroot\n", "", 0},
		{"sudo forgets the environment", "export A=1; sudo -n sh -c 'echo [$A] $HOME'", "[] /root\n", "", 0},
		{"sudo with a builtin's twin", "sudo -n test -d /root && sudo -n echo yes", "yes\n", "", 0},
		{"systemctl needs root", "systemctl stop virtengine", "", "Failed to stop virtengine: Interactive authentication required.\n", 1},
		{"systemctl", "systemctl is-active virtengine; sudo -n systemctl stop virtengine; systemctl show -p ActiveState,MainPID virtengine", "active\nActiveState=inactive\nMainPID=0\n", "", 0},
		{"is-active says 3", "sudo -n systemctl stop virtengine; systemctl is-active --quiet virtengine", "", "", 3},
		{"field out of JSON by sed", `sed -n 's/.*"height": *"\([0-9]*\)".*/\1/p' ~/.virtengine/data/priv_validator_state.json | head -c 4`, "0\n", "", 0},
		{"jq", "jq -r .pub_key.type ~/.virtengine/config/priv_validator_key.json", "tendermint/PubKeyEd25519\n", "", 0},
		{"jq exit", "echo '{\"a\":null}' | jq -e .a", "null\n", "", 1},
		{"curl to the RPC", "curl -sf -m 2 http://127.0.0.1:26657/status | jq -r .result.node_info.network", "virtengine-1\n", "", 0},
		{"curl refused", "sudo -n systemctl stop virtengine; curl -sS -m 2 http://127.0.0.1:26657/health", "", "curl: (7) Failed to connect to 127.0.0.1 port 26657 after 0 ms: Couldn't connect to server\n", 7},
		{"curl elsewhere", "curl -s http://val-1:26657/status", "", "", 7},
		{"curl nowhere", "curl -sS http://example.com/", "", "curl: (6) Could not resolve host: example.com\n", 6},
		{"pgrep", "pgrep -f '[v]irtengine start' >/dev/null && echo up; sudo -n systemctl stop virtengine; pgrep -f '[v]irtengine start' || echo down", "up\ndown\n", "", 0},
		{"pgrep finds its own shell, as in reality", "sudo -n systemctl stop virtengine; pgrep -c -f 'virtengine start'", "1\n", "", 0},
		{"modes", "umask 077; echo k > k; stat -c '%a %s' k; chmod u=rw,go=r k; stat -c %a k; install -m 0600 k l; stat -c %a l", "600 2\n644\n600\n", "", 0},
		{"move", "mkdir -p a/b; echo 1 > a/b/c; mv a z; cat z/b/c; rm z || echo kept; rm -rf z; ls", "1\nkept\nbackup\n", "rm: cannot remove 'z': Is a directory\n", 0},
		{"grep", "printf 'a1\\nb2\\n' > f; grep -c '[0-9]' f; grep -oE '[0-9]+' f; grep -q zz f || echo none", "2\n1\n2\nnone\n", "", 0},
		{"sort, cut, tr", "printf 'b 2\\na 10\\n' | sort -k2 -n | cut -d' ' -f1 | tr a-z A-Z", "B\nA\n", "", 0},
		{"while read", "printf 'x\\ny\\n' | while read -r l; do echo \"<$l>\"; done", "<x>\n<y>\n", "", 0},
		{"date is the domain's", "date +%s; date -u '+%F %T'", "1770127200\n2026-02-03 14:00:00\n", "", 0},
		{"hostname", "hostname; whoami; id -u", "val-2s\nvalidator\n1000\n", "", 0},
		{"show-validator", "virtengine comet show-validator | cut -c1-45", "{\"@type\":\"/cosmos.crypto.ed25519.PubKey\",\"key\n", "", 0},
		{"show-validator as root finds no key", "sudo -n virtengine comet show-validator", "", "Error: private validator file /root/.virtengine/config/priv_validator_key.json does not exist\n", 1},
		{"status", "virtengine status | jq -r .sync_info.catching_up", "false\n", "", 0},
		{"gpg", "gpg --batch --yes --decrypt -o k backup/priv_validator_key.json.gpg && jq -r .priv_key.type k; grep -c PrivKey backup/priv_validator_key.json.gpg", "tendermint/PrivKeyEd25519\n0\n", "", 1},
		{"gpg on something else", "gpg -d .virtengine/config/app.toml", "", "gpg: no valid OpenPGP data found.\ngpg: decrypt_message failed: Unknown system error\n", 2},
		{"command -v", "command -v jq; command -v nonesuch || echo no; type cat", "/usr/bin/jq\nno\n/usr/bin/cat\n", "", 0},
		{"source", "echo 'V=1' > v.sh; . ./v.sh; echo $V; . ./w.sh; echo $?", "1\n2\n", "sh: .: cannot open ./w.sh: No such file or directory\n", 0},
		{"a script of the world", "printf '#!/bin/sh\\necho $1\\n' > s; ./s a; chmod +x s; ./s a", "a\n", "sh: ./s: Permission denied\n", 0},
		{"functions and traps", "f() { echo $1; return 3; }; trap 'echo bye' EXIT; f hi; echo $?", "hi\n3\nbye\n", "", 0},
		{"exec", "exec echo last; echo never", "last\n", "", 0},
		{"sleep moves the world", "date +%s; sleep 30; date +%s", "1770127200\n1770127230\n", "", 0},
		{"tee and mktemp", "d=$(mktemp -d) && echo a | tee $d/f && stat -c %a $d && ls $d", "a\n700\nf\n", "", 0},
		{"reading stops the writer", "seq 1 100000 | head -n 2", "1\n2\n", "", 0},
		{"sed in place", "printf 'a = 1\\n' > c; sed -i 's/^a = .*/a = 2/' c; cat c; sed -n '/a/,$p' c", "a = 2\na = 2\n", "", 0},
		{"exit code", "exit 42", "", "", 42},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errout, code := newBox().run(t, "val-2s", c.script)
			if out != c.out || code != c.code || (errout != c.errout && (c.errout == "" || !strings.Contains(errout, c.errout))) {
				t.Errorf("%s\n out %q\nwant %q\n err %q\nwant %q\ncode %d, want %d", c.script, out, c.out, errout, c.errout, code, c.code)
			}
		})
	}
}

// outer is the command that the cockpit sends: the script is data on standard
// input, so that it arrives whole or not at all.
const outer = `sh -c 'exec sh -c "$(cat)" sh </dev/null'`

func TestTheOuterCommandRunsAWholeScriptOnly(t *testing.T) {
	out, errout, code := newBox().runIn(t, "val-2", outer, "export failed='val 2'\n{\necho \"$failed\"; cat; echo end; exit 7\n}\n")
	if out != "val 2\nend\n" || code != 7 {
		t.Errorf("out %q err %q code %d", out, errout, code)
	}
	out, errout, code = newBox().runIn(t, "val-2", outer, "{\ntouch /tmp/cut\nsudo -n systemctl sto")
	if code != 2 || out != "" || !strings.Contains(errout, "syntax error") {
		t.Errorf("a cut script: out %q err %q code %d", out, errout, code)
	}
}

func TestSudoLocked(t *testing.T) {
	b := newBox()
	if err := b.w.Fault("sudo-locked", "val-2"); err != nil {
		t.Fatal(err)
	}
	_, errout, code := b.run(t, "val-2", "sudo -n systemctl stop virtengine")
	if code != 1 || errout != "sudo: a password is required\n" || b.w.Host("val-2").Unit("virtengine").Active != "active" {
		t.Errorf("code %d, %q", code, errout)
	}
}

// TestNothingEscapes runs what would reach the machine underneath.
func TestNothingEscapes(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("of the machine"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("RELIGHT_LEAK", "of the machine")
	t.Setenv("TMPDIR", dir)
	real, err := os.ReadFile("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{
		"cat " + secret, "cat < " + secret, "echo $(< " + secret + ")", ". " + secret, "source " + secret, "sudo -n cat " + secret,
		"cat /etc/passwd", "cat /proc/self/environ", "echo " + dir + "/*", "ls " + dir, "cd " + dir + " && cat secret",
		"eval 'cat " + secret + "'", "test -e " + secret + " && echo of the machine", "[ -r " + secret + " ] && echo of the machine",
		"[ " + secret + " -nt /tmp/none ] && echo of the machine", "sh " + secret, "bash -c 'cat " + secret + "'", secret,
		"touch " + dir + "/made", "echo x > " + dir + "/made", "mkdir -p " + dir + "/made", "cp /etc/hostname " + dir + "/made",
		"sudo -n touch " + dir + "/made", "sudo -n sh -c 'mkdir -p " + dir + "; echo x > " + dir + "/made'",
		"cat <(echo hi)", "eval 'cat <(echo hi)'", "bash -c 'cat <(echo hi)'", "echo hi > >(cat)",
		"export TMPDIR=" + dir + "; eval 'cat <(echo hi)'", "export TMPDIR=" + dir + "; bash -c \"eval 'cat <(echo hi)'\"",
		"echo $RELIGHT_LEAK", "env", "echo ~root ~daemon ~nobody", "command -v go git gofmt", "type ssh", "hash ls; hash",
		"/usr/bin/id; /bin/ls /", "exec /bin/sh -c 'echo $PPID'", "kill -9 " + "$PPID", "ulimit -a", "echo $$ $PPID $RANDOM",
		"rm -rf " + secret, "sudo -n rm -rf " + dir, "[ -O " + secret + " ]; [ -G /etc/hostname ]; [ -N /etc/hostname ]",
		"cat /dev/stdin /dev/random", "trap 'cat " + secret + "' EXIT", "cat<<E\n$(cat " + secret + ")\nE",
	} {
		b := newBox()
		out, errout, _ := b.run(t, "val-2", script)
		if strings.Contains(out+errout, "of the machine") || strings.Contains(out, string(real)) {
			t.Errorf("%s: read the machine: %q %q", script, out, errout)
		}
		again, _, _ := newBox().run(t, "val-2", script)
		if again != out {
			t.Errorf("%s: not the same twice: %q, %q", script, out, again)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left on the machine: %v %v", left, err)
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "of the machine" {
		t.Errorf("changed on the machine: %q %v", b, err)
	}
	if pid := os.Getpid(); pid > 0 {
		out, _, _ := newBox().run(t, "val-2", "echo $$; echo ${$}; eval 'echo $$'; trap 'echo $$' EXIT")
		for _, l := range strings.Fields(out) {
			if l == itoa(pid) {
				t.Errorf("the real process id shows: %q", out)
			}
		}
	}
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

func TestACancelledScriptEnds(t *testing.T) {
	b := newBox()
	ctx, cancel := context.WithCancel(t.Context())
	m := b.machine("val-2")
	m.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); <-ctx.Done(); return ctx.Err() }
	var s Shell
	var o strings.Builder
	if code := s.Run(ctx, m, Invocation{Command: "sleep 5; echo no", Stdout: &o, Stderr: &o}); code != 143 || o.String() != "" {
		t.Errorf("code %d, %q", code, o.String())
	}
}

func TestManyAtOnce(t *testing.T) {
	b := newBox()
	var s Shell
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			var o, e strings.Builder
			code := s.Run(t.Context(), b.machine("val-2"), Invocation{Command: outer, Stdin: strings.NewReader("a=1; echo $((a+1)) | cat; systemctl is-active virtengine {a,b}"), Stdout: &o, Stderr: &e})
			if !strings.HasPrefix(o.String(), "2\nactive\n") || code != 0 {
				t.Errorf("%q %q %d", o.String(), e.String(), code)
			}
		})
	}
	wg.Wait()
}

func BenchmarkOuter(b *testing.B) {
	x := newBox()
	var s Shell
	for range b.N {
		s.Run(b.Context(), x.machine("val-2"), Invocation{Command: outer, Stdout: &strings.Builder{}, Stderr: &strings.Builder{},
			Stdin: strings.NewReader("export a=1\n{\nsystemctl show -p ActiveState,MainPID virtengine\ncat /home/validator/.virtengine/data/priv_validator_state.json\n}\n")})
	}
}

// A provider that dies leaves usage behind; its command reports it once the
// daemon runs again, and to nobody but root.
func TestPendingUsage(t *testing.T) {
	b := newBox()
	if err := b.w.Fault("process-crash", "provider-1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		script, has string
		code        int
	}{
		{"provider-daemon usage list", "permission denied", 1},
		{"sudo -n provider-daemon usage list", "pending", 0},
		{"sudo -n provider-daemon usage submit", "the daemon does not run", 1},
		{"sudo -n systemctl restart provider-daemon && sudo -n provider-daemon usage submit", "submitted", 0},
		{"test -z \"$(sudo -n provider-daemon usage list)\" && echo none", "none", 0},
		{"sudo -n provider-daemon stop", "unknown command", 1},
	} {
		out, errs, code := b.run(t, "provider-1", c.script)
		if code != c.code || !strings.Contains(out+errs, c.has) {
			t.Errorf("%s: exit %d, %q %q", c.script, code, out, errs)
		}
	}
	if _, errs, code := b.run(t, "val-1", "sudo -n provider-daemon usage list"); code != 127 {
		t.Errorf("a host without a provider: exit %d, %q", code, errs)
	}
}

// The monitoring of the fleet knows its targets only after it asked them, and
// takes alerts by the API there is.
func TestMonitoring(t *testing.T) {
	b := newBox()
	if err := b.w.Fault("process-crash", "monitor-1"); err != nil {
		t.Fatal(err)
	}
	down := `curl -fsS http://127.0.0.1:9090/api/v1/targets | jq -r '[.data.activeTargets[] | select(.health != "up") | .labels.instance] | join(" ")'`
	post := func(to string) string {
		return `curl -sS -X POST -d '[{"labels":{"alertname":"Test"},"startsAt":"2026-02-03T14:00:00Z","endsAt":"` + to + `"}]' http://127.0.0.1:9093/api/v2/alerts`
	}
	count := "curl -fsS http://127.0.0.1:9093/api/v2/alerts | jq length"
	for _, c := range []struct{ script, out string }{
		{down + " || echo refused", ""},
		{"sudo -n systemctl reset-failed prometheus && sudo -n systemctl restart prometheus && " + down, "val-1 val-2 val-3 val-4 val-2s provider-1 provider-2 rpc-1"},
		{"sleep 20; " + down, ""},
		{"curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9093/api/v1/alerts", "410"},
		{post("2026-02-03T13:00:00Z") + "; " + count, "0"},
		{post("2026-02-03T15:00:00Z") + "; " + count, "1"},
	} {
		out, errs, code := b.run(t, "monitor-1", c.script)
		if strings.TrimSpace(out) != c.out {
			t.Errorf("%s: exit %d, %q %q, want %q", c.script, code, out, errs, c.out)
		}
	}
}
