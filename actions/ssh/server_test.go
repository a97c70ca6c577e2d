package ssh

import (
	"context"
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
	"time"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// server is an SSH server in this process. It runs what it is told with the
// machine's sh, as the login shell would.
type server struct {
	addr     string
	host     ssh.Signer
	hold     chan struct{} // not nil: a script's exit is told only after it is closed
	sessions int           // at most so many at a time; 0: any

	mu         sync.Mutex
	conns      []net.Conn
	handshakes int
	opened     int
	open       int
	mostOpen   int
	wantReply  bool
	signals    []string
	finished   chan struct{} // one for each command that has ended
	started    chan struct{} // one for each command that was started
}

func newKey(t *testing.T) (ssh.Signer, []byte) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(key, "")
	must(t, err)
	s, err := ssh.NewSignerFromKey(key)
	must(t, err)
	return s, pem.EncodeToMemory(block)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve starts the server and gives the target that reaches it.
func serve(t *testing.T, s *server) Target {
	t.Helper()
	s.host, _ = newKey(t)
	client, pemBytes := newKey(t)
	s.finished, s.started = make(chan struct{}, 1000), make(chan struct{}, 1000)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.addr = l.Addr().String()
	cfg := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(client.PublicKey().Marshal()) {
			return nil, os.ErrPermission
		}
		return nil, nil
	}}
	cfg.AddHostKey(s.host)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.handle(c, cfg) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); s.cut(); all.Wait() })

	dir := t.TempDir()
	known, key := filepath.Join(dir, "known_hosts"), filepath.Join(dir, "key")
	must(t, os.WriteFile(known, []byte(xknownhosts.Line([]string{s.addr}, s.host.PublicKey())+"\n"), 0o600))
	must(t, os.WriteFile(key, pemBytes, 0o600))
	return target(s.addr, known, key)
}

func target(addr, known, key string) Target {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return Target{Name: "val-1", Addr: host, Port: n, User: "ops", KnownHosts: []string{known}, KeyFiles: []string{key}}
}

// cut ends all connections, without a word.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.conns = nil
}

func (s *server) handle(raw net.Conn, cfg *ssh.ServerConfig) {
	s.mu.Lock()
	s.conns = append(s.conns, raw)
	s.mu.Unlock()
	_, chans, reqs, err := ssh.NewServerConn(raw, cfg)
	if err != nil {
		_ = raw.Close()
		return
	}
	s.mu.Lock()
	s.handshakes++
	s.mu.Unlock()
	go ssh.DiscardRequests(reqs)
	for nc := range chans {
		switch nc.ChannelType() {
		case "session":
			s.mu.Lock()
			full := s.sessions > 0 && s.open >= s.sessions
			if !full {
				s.opened++
				s.open++
				s.mostOpen = max(s.mostOpen, s.open)
			}
			s.mu.Unlock()
			if full {
				_ = nc.Reject(ssh.ConnectionFailed, "open failed")
				continue
			}
			ch, reqs, err := nc.Accept()
			if err != nil {
				return
			}
			go s.session(ch, reqs)
		case "direct-tcpip":
			go forward(nc)
		default:
			_ = nc.Reject(ssh.UnknownChannelType, "")
		}
	}
}

func (s *server) session(ch ssh.Channel, reqs <-chan *ssh.Request) {
	var once sync.Once
	over := func() { once.Do(func() { s.mu.Lock(); s.open--; s.mu.Unlock() }) }
	defer over()
	for r := range reqs {
		switch r.Type {
		case "exec":
			var p struct{ Command string }
			_ = ssh.Unmarshal(r.Payload, &p)
			s.mu.Lock()
			s.wantReply = s.wantReply || r.WantReply
			s.mu.Unlock()
			go s.run(ch, p.Command, over)
		case "signal":
			var p struct{ Signal string }
			_ = ssh.Unmarshal(r.Payload, &p)
			s.mu.Lock()
			s.signals = append(s.signals, p.Signal)
			s.mu.Unlock()
		}
	}
}

func (s *server) run(ch ssh.Channel, line string, over func()) {
	s.started <- struct{}{}
	cmd := exec.Command("sh", "-c", line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = ch, ch, ch.Stderr()
	_ = cmd.Run()
	if s.hold != nil {
		<-s.hold
	}
	code := cmd.ProcessState.ExitCode()
	if code >= 0 {
		_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ N uint32 }{uint32(code)}))
	} else {
		_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Signal     string
			Core       bool
			Text, Lang string
		}{"KILL", false, "", ""}))
	}
	over()
	_ = ch.Close()
	s.finished <- struct{}{}
}

func forward(nc ssh.NewChannel) {
	var p struct {
		Host string
		Port uint32
		From string
		FP   uint32
	}
	_ = ssh.Unmarshal(nc.ExtraData(), &p)
	to, err := net.Dial("tcp", net.JoinHostPort(p.Host, strconv.Itoa(int(p.Port))))
	if err != nil {
		_ = nc.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	ch, reqs, err := nc.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(reqs)
	go func() { _, _ = io.Copy(ch, to); _ = ch.Close() }()
	_, _ = io.Copy(to, ch)
	_ = to.Close()
}

// within is a context that bounds a test's step.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func newPool(t *testing.T, opt Options) *Pool {
	p := NewPool(opt)
	t.Cleanup(p.Close)
	return p
}

// output collects both streams.
type output struct {
	mu       sync.Mutex
	out, err []byte
}

func (o *output) command(script string, env ...Var) Command {
	return Command{Script: script, Env: env, Effect: "01J",
		Stdout: func(b []byte) { o.mu.Lock(); o.out = append(o.out, b...); o.mu.Unlock() },
		Stderr: func(b []byte) { o.mu.Lock(); o.err = append(o.err, b...); o.mu.Unlock() }}
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.out) + "|" + string(o.err)
}
