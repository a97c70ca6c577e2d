package fleet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/drill/fleet/shell"
	"github.com/virtengine/relight/drill/world"
)

// maxSessions is sshd's default.
const maxSessions = 10

// handshakeLimit bounds a handshake in real time: it is transport, and a test
// that forgets a connection must not keep the fleet from closing.
const handshakeLimit = 30 * time.Second

func (f *Fleet) serveSSH(m *machine, l net.Listener) func() {
	f.wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			m.conns.add(nc)
			f.wg.Go(func() {
				defer m.conns.remove(nc)
				defer nc.Close()
				f.connection(m, nc)
			})
		}
	})
	return func() { l.Close() }
}

// sshState is what a caller of a host's SSH meets now, and what is closed when
// that may have changed.
func (f *Fleet) sshState(host string, established bool) (state string, changed <-chan struct{}) {
	f.touch()
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.w.Host(host)
	state = h.SSHState()
	// A connection that stands outlives sshd, but not the machine.
	if established && h.Power == world.On && !h.Silent() {
		state = "up"
	}
	return state, f.changed
}

// sshConn is one connection.
type sshConn struct {
	f        *Fleet
	m        *machine
	key      string // the caller's address
	gone     chan struct{}
	channels atomic.Int64
	sessions atomic.Int64
}

func (f *Fleet) connection(m *machine, nc net.Conn) {
	key := nc.RemoteAddr().String()
	nc, up := f.untilUp(m, nc)
	if !up {
		return
	}
	f.mu.Lock()
	cfg, err := f.serverConfig(f.w.Host(m.name))
	f.mu.Unlock()
	if err != nil {
		return
	}
	nc.SetDeadline(time.Now().Add(handshakeLimit))
	sc, chans, reqs, err := ssh.NewServerConn(nc, cfg)
	if err != nil {
		return
	}
	nc.SetDeadline(time.Time{})
	c := &sshConn{f: f, m: m, key: key, gone: make(chan struct{})}
	f.wg.Go(func() {
		for r := range reqs { // keep-alives get their "no", as from sshd
			if c.awake(c.gone) && r.WantReply {
				r.Reply(false, nil)
			}
		}
	})
	f.wg.Go(func() {
		sc.Wait()
		close(c.gone)
		f.hangs.leave(key)
	})
	for nch := range chans {
		f.wg.Go(func() { c.channel(nch) })
	}
}

// untilUp holds a new connection while the host says nothing. It gives the
// connection with what was sent meanwhile, and whether to go on.
func (f *Fleet) untilUp(m *machine, nc net.Conn) (net.Conn, bool) {
	state, changed := f.sshState(m.name, false)
	if state == "up" {
		return nc, true
	}
	if state == "refused" {
		// It was listening a moment ago: reset, which is as near as it gets.
		if t, ok := nc.(*net.TCPConn); ok {
			t.SetLinger(0)
		}
		return nc, false
	}
	early := &earlyConn{Conn: nc}
	gone := make(chan struct{})
	read := make(chan struct{})
	f.wg.Go(func() {
		defer close(read)
		early.fill(gone)
	})
	for state == "hang" {
		if !f.waitHung(changed, gone) {
			nc.Close()
			<-read
			return nc, false
		}
		state, changed = f.sshState(m.name, false)
	}
	nc.SetReadDeadline(time.Now())
	<-read
	nc.SetReadDeadline(time.Time{})
	return early, state == "up"
}

// earlyConn keeps what a caller sent before anybody listened to it.
type earlyConn struct {
	net.Conn
	early []byte
}

func (e *earlyConn) fill(gone chan struct{}) {
	buf := make([]byte, 4096)
	for {
		n, err := e.Conn.Read(buf)
		e.early = append(e.early, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			close(gone)
			return
		}
	}
}

func (e *earlyConn) Read(b []byte) (int, error) {
	if len(e.early) > 0 {
		n := copy(b, e.early)
		e.early = e.early[n:]
		return n, nil
	}
	return e.Conn.Read(b)
}

// awake waits while the host is hung; it says whether the caller is still
// there.
func (c *sshConn) awake(gone <-chan struct{}) bool {
	for {
		state, changed := c.f.sshState(c.m.name, true)
		switch {
		case state == "up":
			return true
		case state == "refused" || !c.f.waitHung(changed, gone):
			return false
		}
	}
}

func (c *sshConn) channel(nch ssh.NewChannel) {
	key := c.key + "#" + strconv.FormatInt(c.channels.Add(1), 10)
	if !c.awake(c.gone) {
		return
	}
	switch nch.ChannelType() {
	case "session":
		if c.sessions.Add(1) > maxSessions {
			c.sessions.Add(-1)
			nch.Reject(ssh.ConnectionFailed, "open failed")
			return
		}
		defer c.sessions.Add(-1)
		ch, reqs, err := nch.Accept()
		if err != nil {
			return
		}
		s := &session{sshConn: c, key: key, ch: ch, gone: make(chan struct{})}
		s.serve(reqs)
	case "direct-tcpip":
		c.tunnel(nch)
	default:
		nch.Reject(ssh.UnknownChannelType, "unknown channel type")
	}
}

// tunnel forwards to a port of the host itself.
func (c *sshConn) tunnel(nch ssh.NewChannel) {
	var to struct {
		Host  string
		Port  uint32
		From  string
		FPort uint32
	}
	if err := ssh.Unmarshal(nch.ExtraData(), &to); err != nil {
		nch.Reject(ssh.ConnectionFailed, "malformed request")
		return
	}
	var d *door
	switch {
	case to.Host != "127.0.0.1" && to.Host != "localhost":
	case to.Port == 26657:
		d = c.m.rpc
	case to.Port == 1317:
		d = c.m.rest
	case to.Port == 5432:
		d = c.m.pg
	case to.Port == 8080 || to.Port == 9090:
		d = c.m.svc
	}
	if d == nil {
		nch.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	near, err := net.Dial("tcp4", d.addr)
	if err != nil {
		nch.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	defer near.Close()
	ch, reqs, err := nch.Accept()
	if err != nil {
		return
	}
	defer ch.Close()
	var wg sync.WaitGroup
	wg.Go(func() { ssh.DiscardRequests(reqs) })
	wg.Go(func() {
		io.Copy(near, ch)
		near.Close()
	})
	io.Copy(ch, near)
	ch.Close()
	near.Close()
	wg.Wait()
}

// session is one exec channel.
type session struct {
	*sshConn
	key    string
	ch     ssh.Channel
	env    []string
	gone   chan struct{} // closed when the caller closed the channel
	done   chan struct{} // closed when the command ended; nil before exec
	cancel context.CancelCauseFunc
}

// signalled ends a command, as the shell that ran it ends.
type signalled struct{ name string }

func (s signalled) Error() string { return "signal " + s.name }

func (s *session) serve(reqs <-chan *ssh.Request) {
	defer s.ch.Close()
	for r := range reqs {
		ok := false
		switch r.Type {
		case "env":
			var e struct{ Name, Value string }
			if ok = ssh.Unmarshal(r.Payload, &e) == nil; ok {
				s.env = append(s.env, e.Name+"="+e.Value)
			}
		case "exec":
			var e struct{ Command string }
			if s.done == nil && ssh.Unmarshal(r.Payload, &e) == nil {
				s.start(e.Command, r)
				continue
			}
		case "signal":
			var e struct{ Name string }
			if ok = s.cancel != nil && ssh.Unmarshal(r.Payload, &e) == nil; ok {
				s.cancel(signalled{e.Name})
			}
		}
		if r.WantReply {
			r.Reply(ok, nil)
		}
	}
	// The caller closed the channel. What runs goes on, as on a real host; its
	// caller waits no longer, so it holds a token of its own.
	close(s.gone)
	s.f.hangs.leave(s.key)
	if s.done != nil {
		select {
		case <-s.done:
		default:
			busy := s.f.opt.Clock.Busy()
			<-s.done
			busy()
		}
	}
}

// start runs the command beside the loop that reads requests, so that signals
// and the end of the channel are seen.
func (s *session) start(command string, r *ssh.Request) {
	ctx, cancel := context.WithCancelCause(s.f.ctx)
	s.cancel, s.done = cancel, make(chan struct{})
	env := append([]string(nil), s.env...)
	s.f.wg.Go(func() {
		defer close(s.done)
		defer cancel(nil)
		defer s.ch.Close()
		if !s.awake(s.gone) {
			return
		}
		if r.WantReply {
			r.Reply(true, nil)
		}
		code := s.f.shell.Run(ctx, s.f.machineFor(s.m.name, s.sleep), shell.Invocation{
			Command: command, Env: env, Stdin: s.ch, Stdout: s.ch, Stderr: s.ch.Stderr()})
		// First the world, then the answer: nobody may know of a change that a
		// crash could still undo.
		if err := s.f.save(); err != nil || !s.awake(s.gone) {
			return
		}
		s.ch.CloseWrite()
		var sig signalled
		if errors.As(context.Cause(ctx), &sig) {
			s.ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
				Name      string
				Core      bool
				Err, Lang string
			}{Name: sig.name}))
			return
		}
		s.ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)}))
	})
}

// sleep waits in domain time while the caller waits for the command: the
// caller's token counts as idle, and this wait has one of its own, so that time
// stands still the moment it is over.
func (s *session) sleep(ctx context.Context, d time.Duration) error {
	busy := s.f.opt.Clock.Busy()
	defer busy()
	s.f.hangs.hang(s.key)
	defer s.f.hangs.unhang(s.key)
	return s.f.opt.Clock.Wait(ctx, d)
}

// machineFor is a host as the shell sees it.
func (f *Fleet) machineFor(host string, sleep func(context.Context, time.Duration) error) shell.Machine {
	return shell.Machine{Host: host, User: world.Login, Do: f.do, Sleep: sleep}
}
