package ssh

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/safe"
)

// maxSessions is how many scripts run at a time on one connection. sshd allows
// 10 sessions by default.
const maxSessions = 8

// conn is one kept connection.
type conn struct {
	client *ssh.Client
	opt    Options
	dead   chan struct{} // closed when the connection has ended

	mu    sync.Mutex
	used  int // open sessions, the armed one included
	limit int
	freed chan struct{} // closed and replaced when a session ends
	armed *session      // opened ahead, idle
	arm   bool          // keep one armed
}

func newConn(client *ssh.Client, opt Options) *conn {
	c := &conn{client: client, opt: opt, dead: make(chan struct{}), limit: maxSessions, freed: make(chan struct{})}
	go func() {
		_ = client.Wait()
		close(c.dead)
	}()
	go c.keepAlive()
	return c
}

func (c *conn) isDead() bool {
	select {
	case <-c.dead:
		return true
	default:
		return false
	}
}

func (c *conn) close() { _ = c.client.Close() }

// drop closes a connection that proved dead, and waits until everybody can see
// it, so that the next call dials.
func (c *conn) drop() {
	c.close()
	<-c.dead
}

// keepAlive closes a connection that no longer answers. What waits on it then
// ends.
func (c *conn) keepAlive() {
	tick := time.NewTicker(c.opt.KeepAlive)
	defer tick.Stop()
	for {
		select {
		case <-c.dead:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), c.opt.KeepAlive)
		err := c.ping(ctx)
		cancel()
		if err != nil {
			c.close()
			return
		}
	}
}

// ping asks the server for an answer; a refusal is one.
func (c *conn) ping(ctx context.Context) error {
	answer := make(chan error, 1)
	go func() {
		_, _, err := c.client.SendRequest("keepalive@openssh.com", true, nil)
		answer <- err
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// session is one open session channel on which nothing was started yet, or one
// script.
type session struct {
	ch    ssh.Channel
	conn  *conn
	once  sync.Once
	told  chan struct{} // closed when the server said how the script ended
	ended chan struct{} // closed when the channel has ended
	// To be read once told is closed.
	exit   int
	signal string
}

// session takes the armed channel, or opens one as soon as there is room.
func (c *conn) session(ctx context.Context) (*session, error) {
	for refusals := 0; ; {
		c.mu.Lock()
		if s := c.armed; s != nil {
			c.armed = nil
			c.mu.Unlock()
			if s.over() { // sshd closed it while it was idle
				s.release()
				continue
			}
			return s, nil
		}
		freed := c.freed
		room := c.used < c.limit
		if room {
			c.used++
		}
		c.mu.Unlock()
		if room {
			s, again, err := c.open(ctx)
			if again {
				continue
			}
			// With MaxSessions 1 the session that just ended may still count
			// over there.
			if errors.Is(err, errNoSession) && refusals < 5 {
				refusals++
				if pause(ctx, 20*time.Millisecond<<refusals) {
					continue
				}
			}
			return s, err
		}
		select {
		case <-freed:
		case <-c.dead:
			return nil, ErrLost
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx))
		}
	}
}

// open opens a session channel. Its place is already counted. again says that
// the server has fewer places than thought: the limit is lowered to those in
// use, and the caller waits for one of them.
func (c *conn) open(ctx context.Context) (s *session, again bool, err error) {
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
		err  error
	}
	got := make(chan opened, 1)
	go func() {
		ch, reqs, err := c.client.OpenChannel("session", nil)
		got <- opened{ch, reqs, err}
	}()
	var o opened
	select {
	case o = <-got:
	case <-ctx.Done():
		go func() { // it may still come
			if late := <-got; late.err == nil {
				go ssh.DiscardRequests(late.reqs)
				_ = late.ch.Close()
			}
			c.free()
		}()
		return nil, false, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx))
	}
	if o.err == nil {
		s = &session{ch: o.ch, conn: c, told: make(chan struct{}), ended: make(chan struct{})}
		go s.listen(o.reqs)
		return s, false, nil
	}
	var refused *ssh.OpenChannelError
	if !errors.As(o.err, &refused) {
		c.free()
		c.close() // the transport is broken, whatever it thinks
		return nil, false, fmt.Errorf("%w: %w", ErrLost, o.err)
	}
	c.mu.Lock()
	others := c.used - 1
	if others > 0 {
		c.limit = others
	}
	c.mu.Unlock()
	c.free()
	if others > 0 {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("%w: %w", errNoSession, o.err)
}

var errNoSession = errors.New("the server opens no session")

// pause is a short wait in real time; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// free gives one place back.
func (c *conn) free() {
	c.mu.Lock()
	c.used--
	close(c.freed)
	c.freed = make(chan struct{})
	c.mu.Unlock()
}

// rearm opens a session ahead, if one is wanted and there is room. It is worth
// one of the two round trips of an action.
func (c *conn) rearm(ctx context.Context) error {
	c.mu.Lock()
	want := c.arm && c.armed == nil && c.used < c.limit
	if want {
		c.used++
	}
	c.mu.Unlock()
	if !want {
		return nil
	}
	s, again, err := c.open(ctx)
	if err != nil || again {
		return err
	}
	c.mu.Lock()
	if c.armed == nil {
		c.armed, s = s, nil
		close(c.freed) // who waits for a place may take it
		c.freed = make(chan struct{})
	}
	c.mu.Unlock()
	if s != nil {
		s.release()
	}
	return nil
}

// listen answers what the server asks on the channel (sshd's own keep-alives
// end a connection that does not) and keeps what it says of the end.
func (s *session) listen(reqs <-chan *ssh.Request) {
	defer close(s.ended)
	told := false
	for r := range reqs {
		if exit, signal, ok := ending(r); ok && !told {
			told = true
			s.exit, s.signal = exit, signal
			close(s.told)
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
}

// ending reads an exit status or signal (RFC 4254, 6.10).
func ending(r *ssh.Request) (exit int, signal string, ok bool) {
	switch r.Type {
	case "exit-status":
		if len(r.Payload) < 4 {
			return 0, "", false
		}
		return int(binary.BigEndian.Uint32(r.Payload)), "", true
	case "exit-signal":
		var sig struct {
			Signal string
			Core   bool
			Text   string
			Lang   string
		}
		if ssh.Unmarshal(r.Payload, &sig) != nil {
			return 0, "", false
		}
		return -1, safe.Short(sig.Signal, 16), true
	}
	return 0, "", false
}

func (s *session) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// release closes the channel, and gives its place back once the server has
// closed it too: only then it has room again.
func (s *session) release() {
	s.once.Do(func() {
		_ = s.ch.Close()
		if s.over() {
			s.conn.free()
			return
		}
		go func() {
			<-s.ended
			s.conn.free()
		}()
	})
}
