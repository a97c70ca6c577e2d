package reach

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/virtengine/relight/actions/ssh"
)

func newKey(t *testing.T) (xssh.Signer, []byte) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := xssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := xssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s, pem.EncodeToMemory(block)
}

// sshd is an SSH server in this process that forwards connections and runs
// scripts with the machine's sh.
type sshd struct {
	l   net.Listener
	all sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

func (s *sshd) stop() {
	s.l.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
}

// serve starts a server and gives the target that reaches it; known is whether
// its real key is in the target's known_hosts.
func serve(t *testing.T, name string, known bool) (*sshd, ssh.Target) {
	t.Helper()
	host, _ := newKey(t)
	_, clientPEM := newKey(t)
	cfg := &xssh.ServerConfig{PublicKeyCallback: func(xssh.ConnMetadata, xssh.PublicKey) (*xssh.Permissions, error) { return nil, nil }}
	cfg.AddHostKey(host)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sshd{l: l}
	s.all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			s.all.Go(func() { s.conn(c, cfg) })
		}
	})
	t.Cleanup(func() { s.stop(); s.all.Wait() })

	shown := host.PublicKey()
	if !known {
		other, _ := newKey(t)
		shown = other.PublicKey()
	}
	dir := t.TempDir()
	hosts, key := filepath.Join(dir, "known_hosts"), filepath.Join(dir, "id")
	line := knownhosts.Line([]string{l.Addr().String()}, shown)
	if err := os.WriteFile(hosts, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, clientPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	addr, port, _ := net.SplitHostPort(l.Addr().String())
	n, _ := strconv.Atoi(port)
	return s, ssh.Target{Name: name, Addr: addr, Port: n, User: "ops", KnownHosts: []string{hosts}, KeyFiles: []string{key}}
}

func (s *sshd) conn(c net.Conn, cfg *xssh.ServerConfig) {
	defer c.Close()
	sc, chans, reqs, err := xssh.NewServerConn(c, cfg)
	if err != nil {
		return
	}
	defer sc.Close()
	s.all.Go(func() { xssh.DiscardRequests(reqs) })
	for nc := range chans {
		switch nc.ChannelType() {
		case "direct-tcpip":
			s.all.Go(func() { s.forward(nc) })
		case "session":
			s.all.Go(func() { s.session(nc) })
		default:
			_ = nc.Reject(xssh.UnknownChannelType, "no")
		}
	}
}

func (s *sshd) forward(nc xssh.NewChannel) {
	var to struct {
		Host  string
		Port  uint32
		From  string
		FPort uint32
	}
	_ = xssh.Unmarshal(nc.ExtraData(), &to)
	out, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		// What OpenSSH says, word for word.
		_ = nc.Reject(xssh.ConnectionFailed, "Connection refused")
		return
	}
	ch, reqs, err := nc.Accept()
	if err != nil {
		out.Close()
		return
	}
	s.all.Go(func() { xssh.DiscardRequests(reqs) })
	s.all.Go(func() { _, _ = io.Copy(ch, out); ch.Close() })
	_, _ = io.Copy(out, ch)
	out.Close()
}

func (s *sshd) session(nc xssh.NewChannel) {
	ch, reqs, err := nc.Accept()
	if err != nil {
		return
	}
	for r := range reqs {
		if r.Type != "exec" {
			continue
		}
		var cmd struct{ Line string }
		_ = xssh.Unmarshal(r.Payload, &cmd)
		run := exec.Command("sh", "-c", cmd.Line)
		run.Stdin, run.Stdout, run.Stderr = ch, ch, ch.Stderr()
		run.Env = []string{"PATH=" + os.Getenv("RELIGHT_TEST_PATH") + ":" + os.Getenv("PATH")}
		code := uint32(0)
		if err := run.Run(); err != nil {
			code = uint32(run.ProcessState.ExitCode())
		}
		_, _ = ch.SendRequest("exit-status", false, xssh.Marshal(struct{ Code uint32 }{code}))
		ch.Close()
		return
	}
}
