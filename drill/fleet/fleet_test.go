package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/drill/world"
)

var start = time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)

// lab is a fleet with its clock and clients.
type lab struct {
	*Fleet
	clk  *clock.Rehearsal
	http *http.Client
	dir  string
}

func newLab(t testing.TB, save func(world.World) error) *lab {
	t.Helper()
	clk := clock.NewRehearsal(start, 0)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { clk.Run(ctx); close(done) }()
	dir := t.TempDir()
	f, err := Start(ctx, Options{World: world.New(1, start), Clock: clk, Dir: dir, Save: save})
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{Fleet: f, clk: clk, dir: dir, http: &http.Client{Transport: &http.Transport{DialContext: f.Dial}}}
	t.Cleanup(func() {
		l.http.CloseIdleConnections()
		f.Close()
		stop()
		<-done
	})
	return l
}

// wait lets domain time pass.
func (l *lab) wait(t testing.TB, d time.Duration) {
	t.Helper()
	defer l.clk.Busy()()
	if err := l.clk.Wait(context.Background(), d); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) rpc(host, path string) (string, error) {
	defer l.clk.Busy()()
	resp, err := l.http.Get("http://" + l.machines[host].rpc.addr + path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func (l *lab) dialSSH(t testing.TB, host string) (*ssh.Client, error) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(l.dir, "ssh", "id_ed25519"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(b)
	if err != nil {
		t.Fatal(err)
	}
	known, err := knownhosts.New(filepath.Join(l.dir, "known_hosts"))
	if err != nil {
		t.Fatal(err)
	}
	addr := l.machines[host].ssh.addr
	c, err := l.Dial(t.Context(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	sc, chans, reqs, err := ssh.NewClientConn(c, addr, &ssh.ClientConfig{User: "validator", Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: known})
	if err != nil {
		c.Close()
		return nil, err
	}
	return ssh.NewClient(sc, chans, reqs), nil
}

func (l *lab) login(t testing.TB, host string) *ssh.Client {
	t.Helper()
	c, err := l.dialSSH(t, host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// lockedBuffer takes both outputs of a session.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string { return l.b.String() }

// run runs a script the way the cockpit does and gives output and exit code.
func (l *lab) run(t testing.TB, c *ssh.Client, script string) (string, int) {
	t.Helper()
	defer l.clk.Busy()()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out lockedBuffer
	s.Stdout, s.Stderr, s.Stdin = &out, &out, strings.NewReader("{\n"+script+"\n}\n")
	err = s.Run(`sh -c 'exec sh -c "$(cat)" sh </dev/null'`)
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return out.String(), 0
	case errors.As(err, &exit):
		return out.String(), exit.ExitStatus()
	}
	t.Fatalf("%s: %v", script, err)
	return "", 0
}

func TestADownNodeRefusesAndComesBack(t *testing.T) {
	l := newLab(t, nil)
	if out, err := l.rpc("val-1", "/status"); err != nil || !strings.Contains(out, `"moniker":"VirtEngine 1"`) {
		t.Fatalf("%v %s", err, out)
	}
	if err := l.Fault("process-crash", "val-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.rpc("val-1", "/status"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a dead node: %v, want refused", err)
	}
	if out, code := l.run(t, l.login(t, "val-1"), "sudo -n systemctl restart virtengine"); code != 0 {
		t.Fatalf("%d %s", code, out)
	}
	if _, err := l.rpc("val-1", "/status"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("at once: %v, want refused", err)
	}
	l.wait(t, 2*time.Second)
	if out, err := l.rpc("val-1", "/status"); err != nil || !strings.Contains(out, `"catching_up":true`) {
		t.Errorf("two seconds later: %v %s", err, out)
	}
}

func TestTunnelReachesThatHostsOwnRPC(t *testing.T) {
	l := newLab(t, nil)
	c := l.login(t, "val-2s")
	web := &http.Client{Transport: &http.Transport{DialContext: func(_ context.Context, n, a string) (net.Conn, error) { return c.Dial(n, a) }}}
	defer web.CloseIdleConnections()
	for range 2 { // the second on the same connection
		resp, err := web.Get("http://127.0.0.1:26657/status")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(b), "VirtEngine 2 standby") {
			t.Fatalf("%v %s", err, b)
		}
	}
	if err := l.Fault("process-crash", "val-2s"); err != nil {
		t.Fatal(err)
	}
	web.CloseIdleConnections()
	_, err := c.Dial("tcp", "127.0.0.1:26657")
	var open *ssh.OpenChannelError
	if !errors.As(err, &open) || open.Reason != ssh.ConnectionFailed || !strings.Contains(open.Message, "refused") {
		t.Errorf("%v", err)
	}
	if _, err := c.Dial("tcp", "10.0.0.1:22"); !errors.As(err, &open) {
		t.Errorf("elsewhere: %v", err)
	}
}

// A script's sleep must let time pass, and no more than that.
func TestSleepPassesDomainTimeOnly(t *testing.T) {
	l := newLab(t, nil)
	c := l.login(t, "val-2")
	began := time.Now()
	out, code := l.run(t, c, "date +%s; sleep 300; date +%s")
	if code != 0 || out != "1770127200\n1770127500\n" {
		t.Errorf("%d %q", code, out)
	}
	if got := l.clk.Now(); !got.Equal(start.Add(300 * time.Second)) {
		t.Errorf("the clock says %v", got)
	}
	if real := time.Since(began); real > 20*time.Second {
		t.Errorf("it took %v of real time", real)
	}
}

// A hung node says nothing and moves no time: the caller's own deadline, in
// real time, ends it. Its token is then where it was.
func TestAHungNodeMovesNoTime(t *testing.T) {
	l := newLab(t, nil)
	if _, err := l.rpc("val-1", "/health"); err != nil { // a kept connection
		t.Fatal(err)
	}
	if err := l.Fault("host-hang", "val-1"); err != nil {
		t.Fatal(err)
	}
	l.http.Timeout = 150 * time.Millisecond
	for range 3 {
		var timeout net.Error
		if _, err := l.rpc("val-1", "/status"); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v, want a timeout", err)
		}
		if !l.clk.Now().Equal(start) {
			t.Errorf("the clock says %v", l.clk.Now())
		}
	}
	l.http.Timeout = 0
	l.wait(t, time.Second)
	if got := l.clk.Now(); !got.Equal(start.Add(time.Second)) {
		t.Errorf("the clock says %v", got)
	}
	if err := l.Mend("host-hang", "val-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.rpc("val-1", "/health"); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestConfigLoads(t *testing.T) {
	l := newLab(t, nil)
	path := filepath.Join(l.dir, "relight.toml")
	if err := l.WriteConfig(path); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	d := c.Drill
	k, ok := d.Key("val-2")
	if !c.HasDrill || len(c.Live.Hosts) != 0 || len(d.Hosts) != 12 || len(d.Nodes) != 6 || !ok || len(d.Witnesses(k)) != 4 || len(k.Standbys) != 1 {
		t.Errorf("%+v", d)
	}
	for _, ch := range d.Channels {
		if tok, err := ch.Token.Resolve(); err != nil || !strings.Contains(tok, "drill") {
			t.Errorf("%s: token %v", ch.Name, err)
		}
	}
}

// TestFailoverEndToEnd flies the good failover over the sockets.
func TestFailoverEndToEnd(t *testing.T) {
	l := newLab(t, nil)
	if err := l.Fault("process-crash", "val-2"); err != nil {
		t.Fatal(err)
	}
	old, standby := l.login(t, "val-2"), l.login(t, "val-2s")
	must := func(c *ssh.Client, script string) string {
		t.Helper()
		out, code := l.run(t, c, "set -eu\n"+script)
		if code != 0 {
			t.Fatalf("%s\nexit %d: %s", script, code, out)
		}
		return out
	}
	must(old, `sudo -n systemctl disable --now virtengine
sudo -n mkdir -p /etc/systemd/system/virtengine.service.d
printf '[Unit]\nAssertPathExists=/nonexistent/relight-fence\n' | sudo -n tee /etc/systemd/system/virtengine.service.d/90.conf >/dev/null
sudo -n systemctl daemon-reload
mv .virtengine/config/priv_validator_key.json .virtengine/config/priv_validator_key.json.aside`)
	if out, code := l.run(t, old, "sudo -n systemctl reset-failed virtengine; sudo -n systemctl start virtengine"); code != 1 || !strings.Contains(out, "Assertion failed") {
		t.Errorf("a fenced unit: %d %q", code, out)
	}
	l.wait(t, 75*time.Second)
	tip := l.World()
	mark := tip.Tip().Height
	must(standby, fmt.Sprintf(`sudo -n gpg --batch --yes --decrypt --output k backup/priv_validator_key.json.gpg
install -m 0600 k .virtengine/config/priv_validator_key.json && rm -f k
printf '{\n  "height": "%d",\n  "round": 0,\n  "step": 3\n}\n' > .virtengine/data/priv_validator_state.json
sudo -n systemctl enable virtengine
sudo -n systemctl restart virtengine`, mark))
	l.wait(t, 30*time.Second)
	w := l.World()
	addr := w.Chain.Sets[0].Vals[1].Address
	for _, v := range w.Chain.Sets[0].Vals {
		if v.Name == "val-2" {
			addr = v.Address
		}
	}
	if len(w.Chain.Offences) > 0 || !w.SignedWithin(addr, 1) || w.Host("val-2").Proc != nil {
		t.Errorf("offences %v, signed %v", w.Chain.Offences, w.SignedWithin(addr, 1))
	}
	var env struct {
		Result struct {
			Val struct {
				Address string `json:"address"`
			} `json:"validator_info"`
		} `json:"result"`
	}
	out := must(standby, "curl -sf -m 3 http://127.0.0.1:26657/status")
	if err := json.Unmarshal([]byte(out), &env); err != nil || env.Result.Val.Address != addr {
		t.Errorf("%v %s", err, out)
	}
}

func BenchmarkRPC(b *testing.B) {
	l := newLab(b, nil)
	for range b.N {
		if _, err := l.rpc("val-1", "/status"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExec(b *testing.B) {
	l := newLab(b, nil)
	c := l.login(b, "val-2")
	for range b.N {
		l.run(b, c, "systemctl show -p ActiveState,MainPID virtengine\ncat .virtengine/data/priv_validator_state.json")
	}
}
