package fleet

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/virtengine/relight/drill/world"
)

func TestSSHRunsOnTheWorldAndSavesBeforeItAnswers(t *testing.T) {
	var mu sync.Mutex
	var saves []string
	l := newLab(t, func(w world.World) error {
		mu.Lock()
		defer mu.Unlock()
		saves = append(saves, w.Host("val-2").Unit("virtengine").Active)
		return nil
	})
	c := l.login(t, "val-2")
	if out, code := l.run(t, c, "hostname; systemctl is-active virtengine; cat nothing; exit 3"); code != 3 ||
		!strings.Contains(out, "val-2\nactive\n") || !strings.Contains(out, "cat: nothing: No such file or directory\n") {
		t.Errorf("%d %q", code, out)
	}
	if len(saves) != 0 {
		t.Errorf("reading was saved: %v", saves)
	}
	if _, code := l.run(t, c, "sudo -n systemctl disable --now virtengine"); code != 0 {
		t.Errorf("exit %d", code)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(saves) != 1 || saves[0] != "inactive" {
		t.Errorf("saved %v when the answer came", saves)
	}
}

func TestAWorldThatCannotBeSavedGivesNoAnswer(t *testing.T) {
	l := newLab(t, func(world.World) error { return errors.New("disk full") })
	c := l.login(t, "val-2")
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var missing *ssh.ExitMissingError
	if err := s.Run("touch /tmp/x"); !errors.As(err, &missing) {
		t.Errorf("%v, want no exit status", err)
	}
	if l.Err() == nil {
		t.Error("the fleet does not say why")
	}
}

func TestSSHFaults(t *testing.T) {
	l := newLab(t, nil)
	kept := l.login(t, "val-2")
	if err := l.Fault("ssh-down", "val-2"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.dialSSH(t, "val-2"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("ssh-down: %v", err)
	}
	if out, code := l.run(t, kept, "echo still here"); code != 0 || out != "still here\n" {
		t.Errorf("a standing connection: %d %q", code, out)
	}
	if err := l.Mend("ssh-down", "val-2"); err != nil {
		t.Fatal(err)
	}
	if err := l.Fault("ssh-new-key", "val-2"); err != nil {
		t.Fatal(err)
	}
	var key *knownhosts.KeyError
	if _, err := l.dialSSH(t, "val-2"); !errors.As(err, &key) {
		t.Errorf("ssh-new-key: %v", err)
	}
	if err := l.Fault("host-down", "val-2"); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.NewSession(); err == nil {
		t.Error("a connection outlived its machine")
	}
}

// A hung sshd takes the connection and says nothing; mended, it goes on where
// the caller waits.
func TestAHungSSHServer(t *testing.T) {
	l := newLab(t, nil)
	if err := l.Fault("ssh-hang", "val-2"); err != nil {
		t.Fatal(err)
	}
	c, err := l.Dial(t.Context(), "tcp", l.machines["val-2"].ssh.addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a hung server said %d bytes, %v", n, err)
	}
	c.Close()
	answered := make(chan error, 1)
	go func() {
		c, err := l.dialSSH(t, "val-2")
		if err == nil {
			c.Close()
		}
		answered <- err
	}()
	for waiting := 0; waiting == 0; {
		m := l.machines["val-2"].conns
		m.mu.Lock()
		waiting = len(m.open)
		m.mu.Unlock()
	}
	if err := l.Mend("ssh-hang", "val-2"); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Errorf("mended while somebody waited: %v", err)
	}
}

func TestSessionLimit(t *testing.T) {
	l := newLab(t, nil)
	c := l.login(t, "val-1")
	for i := range maxSessions {
		if _, err := c.NewSession(); err != nil {
			t.Fatalf("session %d: %v", i, err)
		}
	}
	if _, err := c.NewSession(); err == nil {
		t.Error("one more than sshd allows")
	}
}

func TestSignalEndsAScript(t *testing.T) {
	l := newLab(t, nil)
	c := l.login(t, "val-1")
	hold := l.clk.Busy() // time stands: the sleep cannot end by itself
	hold2 := l.clk.Busy()
	defer hold()
	defer hold2()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("sleep 1000"); err != nil {
		t.Fatal(err)
	}
	if err := s.Signal(ssh.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var exit *ssh.ExitError
	if err := s.Wait(); !errors.As(err, &exit) || exit.Signal() != "TERM" {
		t.Errorf("%v", err)
	}
}

func TestStrangersStayOut(t *testing.T) {
	l := newLab(t, nil)
	other, err := clientKey(filepath.Join(t.TempDir(), "other"))
	if err != nil || other == nil {
		t.Fatal(err)
	}
	b := t.TempDir()
	if _, err := clientKey(filepath.Join(b, "k")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(b, "k"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ssh.Dial("tcp", l.machines["val-1"].ssh.addr, &ssh.ClientConfig{User: "validator", Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey()}); err == nil {
		t.Error("another key was let in")
	}
	for _, d := range l.machines {
		if host, _, err := net.SplitHostPort(d.ssh.addr); err != nil || host != "127.0.0.1" {
			t.Errorf("listens on %s", d.ssh.addr)
		}
	}
}
