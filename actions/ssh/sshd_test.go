package ssh

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// daemon is a real OpenSSH server of this test's own.
type daemon struct {
	target Target
	log    string
}

const sshdPath = "/usr/sbin/sshd"

// sshd starts OpenSSH on loopback with extra lines of configuration.
func sshd(t *testing.T, extra string) daemon {
	t.Helper()
	if _, err := os.Stat(sshdPath); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed: the transport must be proven against it", sshdPath)
		}
		fmt.Fprintf(os.Stderr, "NOT TESTED: %s against OpenSSH, %s is not installed\n", t.Name(), sshdPath)
		t.Skip("no sshd")
	}
	if os.Getuid() == 0 {
		must(t, os.MkdirAll("/run/sshd", 0o755)) // where it separates privileges
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	host, hostPEM := newKey(t)
	client, clientPEM := newKey(t)
	must(t, os.WriteFile(in("host"), hostPEM, 0o600))
	must(t, os.WriteFile(in("key"), clientPEM, 0o600))
	must(t, os.WriteFile(in("authorized"), ssh.MarshalAuthorizedKey(client.PublicKey()), 0o600))
	me, err := user.Current()
	must(t, err)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := l.Addr().String()
	must(t, l.Close())
	_, port, _ := net.SplitHostPort(addr)
	config := fmt.Sprintf(`ListenAddress 127.0.0.1
Port %s
HostKey %s
AuthorizedKeysFile %s
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
LogLevel DEBUG
%s
`, port, in("host"), in("authorized"), extra)
	must(t, os.WriteFile(in("config"), []byte(config), 0o600))
	must(t, os.WriteFile(in("known_hosts"), []byte(xknownhosts.Line([]string{addr}, host.PublicKey())+"\n"), 0o600))
	cmd := exec.Command(sshdPath, "-D", "-f", in("config"), "-E", in("log"))
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })

	d := daemon{target: target(addr, in("known_hosts"), in("key")), log: in("log")}
	d.target.User = me.Username
	d.wait(t, "Server listening", 1)
	return d
}

// wait waits until the log holds the words n times.
func (d daemon) wait(t *testing.T, words string, n int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx := within(t, patience)
	for {
		b, _ := os.ReadFile(d.log)
		if bytes.Count(b, []byte(words)) >= n {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("sshd never said %q %d times:\n%s", words, n, b)
		case <-tick.C:
		}
	}
}

func TestCutScriptDoesNotRunOnOpenSSH(t *testing.T) {
	d := sshd(t, "")
	for i, n := range []int64{1_000, 33_000, 70_000, 98_000} {
		marker := filepath.Join(t.TempDir(), "marker")
		if res := cutAt(t, d.target, n, marking(marker)); res.Class != NotStarted {
			t.Errorf("cut after %d bytes: %+v", n, res)
		}
		d.wait(t, "Starting session: command", i+1)
		d.wait(t, "Closing connection to", i+1)
		if _, err := os.Stat(marker); err == nil {
			t.Errorf("cut after %d bytes: a part of it ran", n)
		}
	}
}

func TestOpenSSHOneSession(t *testing.T) {
	d := sshd(t, "MaxSessions 1")
	p := newPool(t, Options{})
	must(t, p.Arm(within(t, patience), d.target))
	errs := make(chan error, 6)
	for range cap(errs) {
		go func() {
			res, err := p.Exec(within(t, patience), d.target, Command{Script: "echo ok"})
			if err == nil && res.Exit != 0 {
				err = fmt.Errorf("%+v", res)
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestOpenSSHChildKeepsOutputOpen(t *testing.T) {
	d := sshd(t, "")
	p := newPool(t, Options{Drain: 100 * time.Millisecond})
	pidFile := filepath.Join(t.TempDir(), "pid")
	var o output
	res, err := p.Exec(within(t, patience), d.target, o.command("sleep 60 & echo $! >"+pidFile+"; echo done"))
	if err != nil || res.Class != Exited || res.Exit != 0 || o.String() != "done\n|" {
		t.Errorf("%+v, %v, %q", res, err, o.String())
	}
	b, err := os.ReadFile(pidFile)
	must(t, err)
	must(t, exec.Command("kill", strings.TrimSpace(string(b))).Run())
}

func TestOpenSSHKeepsOneConnection(t *testing.T) {
	d := sshd(t, "ClientAliveInterval 1\nClientAliveCountMax 1")
	p := newPool(t, Options{KeepAlive: time.Hour})
	must(t, p.Arm(within(t, patience), d.target))
	// sshd asks the armed session itself whether the client lives.
	var o output
	res, err := p.Exec(within(t, patience), d.target, o.command("sleep 3; echo still here"))
	if err != nil || res.Exit != 0 || o.String() != "still here\n|" {
		t.Errorf("%+v, %v, %q", res, err, o.String())
	}
	for range 5 {
		if res, err := p.Exec(within(t, patience), d.target, Command{Script: "echo"}); err != nil || res.Exit != 0 {
			t.Errorf("%+v, %v", res, err)
		}
	}
	b, err := os.ReadFile(d.log)
	must(t, err)
	if n := bytes.Count(b, []byte("Accepted publickey")); n != 1 {
		t.Errorf("%d logins for 6 scripts", n)
	}
}
