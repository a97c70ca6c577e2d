package ssh

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

func TestHostKeys(t *testing.T) {
	s := &server{}
	to := serve(t, s)
	other, _ := newKey(t)
	good := xknownhosts.Line([]string{s.addr}, s.host.PublicKey())
	ecdsa := "[127.0.0.1]:" + s.addr[strings.LastIndex(s.addr, ":")+1:] + " ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
	for _, c := range []struct {
		name, file string
		want       error
	}{
		{"known", good, nil},
		{"unknown", xknownhosts.Line([]string{"10.9.9.9"}, s.host.PublicKey()), ErrHostUnknown},
		{"empty", "", ErrHostUnknown},
		{"changed", xknownhosts.Line([]string{s.addr}, other.PublicKey()), ErrHostChanged},
		{"changed to another kind", ecdsa, ErrHostChanged},
		{"revoked", good + "\n@revoked " + good, ErrHostRevoked},
		{"garbage", "127.0.0.1 what is this", ErrKnownHosts},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "known_hosts")
			must(t, os.WriteFile(file, []byte(c.file+"\n"), 0o600))
			to := to
			to.KnownHosts = []string{file}
			p := newPool(t, Options{})
			res, err := p.Exec(within(t, patience), to, Command{Script: "echo ok"})
			if !errors.Is(err, c.want) || (c.want == nil) != (res.Class == Exited) {
				t.Fatalf("%+v, %v; want %v", res, err, c.want)
			}
			var e *Error
			if c.want != nil && (!errors.As(err, &e) || e.Hint == "") {
				t.Errorf("no hint: %v", err)
			}
		})
	}
	to.KnownHosts = nil
	if _, err := newPool(t, Options{}).Exec(within(t, patience), to, Command{Script: "echo"}); !errors.Is(err, ErrKnownHosts) {
		t.Error(err)
	}
	to.KnownHosts = []string{filepath.Join(t.TempDir(), "absent")}
	if _, err := newPool(t, Options{}).Exec(within(t, patience), to, Command{Script: "echo"}); !errors.Is(err, ErrKnownHosts) {
		t.Error(err)
	}
}

func TestLogin(t *testing.T) {
	to := serve(t, &server{})
	dir := t.TempDir()
	_, wrong := newKey(t)
	write := func(name string, b []byte, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, b, mode))
		return file
	}
	_, raw, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(raw, "", []byte("open sesame"))
	must(t, err)
	good, err := os.ReadFile(to.KeyFiles[0])
	must(t, err)
	for _, c := range []struct {
		name string
		keys []string
		want error
	}{
		{"refused", []string{write("wrong", wrong, 0o600)}, ErrAuth},
		{"absent", []string{filepath.Join(dir, "absent")}, ErrKey},
		{"open to others", []string{write("open", good, 0o644)}, ErrKey},
		{"with a passphrase", []string{write("locked", pem.EncodeToMemory(locked), 0o600)}, ErrKey},
		{"garbage", []string{write("garbage", []byte("sesame-7781"), 0o600)}, ErrKey},
		{"none", nil, ErrKey},
		{"the second one fits", []string{write("wrong2", wrong, 0o600), to.KeyFiles[0]}, nil},
	} {
		to := to
		to.KeyFiles = c.keys
		_, err := newPool(t, Options{}).Exec(within(t, patience), to, Command{Script: "echo"})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: the error tells a secret: %v", c.name, err)
		}
	}
}

func TestAgent(t *testing.T) {
	to := serve(t, &server{})
	b, err := os.ReadFile(to.KeyFiles[0])
	must(t, err)
	key, err := ssh.ParseRawPrivateKey(b)
	must(t, err)
	ring := agent.NewKeyring()
	must(t, ring.Add(agent.AddedKey{PrivateKey: key}))
	socket := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	must(t, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, c) }()
		}
	}()
	to.KeyFiles, to.Agent = nil, true
	if res, err := newPool(t, Options{AgentSocket: socket}).Exec(within(t, patience), to, Command{Script: "echo"}); err != nil || res.Exit != 0 {
		t.Errorf("%+v, %v", res, err)
	}
	if _, err := newPool(t, Options{AgentSocket: socket + "x"}).Exec(within(t, patience), to, Command{Script: "echo"}); !errors.Is(err, ErrKey) {
		t.Error(err)
	}
}

func TestUnreachable(t *testing.T) {
	to := serve(t, &server{})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	file := filepath.Join(t.TempDir(), "known_hosts")
	host, _ := newKey(t)
	must(t, os.WriteFile(file, []byte(xknownhosts.Line([]string{silent.Addr().String()}, host.PublicKey())+"\n"), 0o600))
	hung := target(silent.Addr().String(), file, to.KeyFiles[0])
	p := newPool(t, Options{ConnectTimeout: 100 * time.Millisecond})
	res, err := p.Exec(within(t, patience), hung, Command{Script: "echo"})
	if res.Class != NotStarted || !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "sshd hangs") {
		t.Errorf("hung banner: %+v, %v", res, err)
	}
	_ = silent.Close()
	res, err = p.Exec(within(t, patience), hung, Command{Script: "echo"})
	if res.Class != NotStarted || !errors.Is(err, ErrUnreachable) {
		t.Errorf("closed port: %+v, %v", res, err)
	}
	p.Close()
	if _, err := p.Exec(within(t, patience), hung, Command{Script: "echo"}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed pool: %v", err)
	}
}
