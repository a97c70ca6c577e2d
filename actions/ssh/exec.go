package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Command is a script with its variables. Stdout and Stderr are called with
// the bytes as they come, each from one goroutine, and never after Exec has
// returned; the slice is theirs only during the call. nil drops the bytes.
type Command struct {
	Shell  Shell  // "": Sh
	Script string // POSIX shell (or bash), complete by itself
	Env    []Var  // exported, quoted
	Effect string // exported as RELIGHT_EFFECT
	Stdout func([]byte)
	Stderr func([]byte)
}

// Class is what is known of a script.
type Class string

// The classes. Lost means that it may have run, may run, or may not.
const (
	Exited     Class = "exited"
	NotStarted Class = "not-started"
	Lost       Class = "lost"
)

// Result of a script. Exit and Signal count only when it Exited.
type Result struct {
	Class  Class
	Exit   int    // -1 when a signal ended it
	Signal string // like "KILL"; "" for none
}

// maxTries bounds how often a script that did not start is sent again.
const maxTries = 2

// Exec runs one script and waits for its end. A script that exits with
// whatever code gives no error; NotStarted and Lost always come with an *Error.
// When ctx ends, the script is sent TERM and left: it may go on (sudo's
// children do), and the Result is Lost.
func (p *Pool) Exec(ctx context.Context, t Target, cmd Command) (Result, error) {
	line, stdin, err := Encode(cmd.Shell, cmd.Effect, cmd.Script, cmd.Env)
	if err != nil {
		return Result{Class: NotStarted}, fail("run", t, err, "nothing was sent")
	}
	for try := 0; ; try++ {
		c, fresh, err := p.get(ctx, t)
		if err != nil {
			return Result{Class: NotStarted}, err
		}
		res, err := c.exec(ctx, line, stdin, cmd)
		if res.Class == NotStarted && errors.Is(err, ErrLost) && !fresh && ctx.Err() == nil && try < maxTries {
			c.drop() // the kept connection was dead: on a fresh one, then
			continue
		}
		if c.wantsArm() && !c.isDead() {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), c.opt.ConnectTimeout)
				defer cancel()
				_ = c.rearm(ctx) // the next action opens its own
			}()
		}
		switch {
		case err == nil:
			return res, nil
		case res.Class == NotStarted:
			return res, fail("run", t, err, "it did not start")
		}
		return res, fail("run", t, err, "it may have run, and may still run: read back before doing it again")
	}
}

// exec runs the script on one session. The exec request asks for no reply: its
// answer would be a round trip that tells nothing.
func (c *conn) exec(ctx context.Context, line string, stdin []byte, cmd Command) (Result, error) {
	s, err := c.session(ctx)
	if err != nil {
		return Result{Class: NotStarted}, err
	}
	defer s.release()
	if ctx.Err() != nil {
		return Result{Class: NotStarted}, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx))
	}
	out := s.stream(cmd)
	defer out.mute()
	sent := make(chan error, 1)
	go func() { sent <- s.send(line, stdin) }()
	select {
	case <-s.told:
	case <-s.ended:
	case <-ctx.Done():
	}
	// An answer that is there counts, whatever else has happened.
	select {
	case <-s.told:
		// The end of the output follows, unless a child keeps it open.
		out.wait(c.opt.Drain)
		return Result{Class: Exited, Exit: s.exit, Signal: s.signal}, nil
	default:
	}
	if ctx.Err() == nil {
		out.wait(c.opt.Drain)
		return s.unanswered(sent, ErrLost)
	}
	s.leave()
	return s.unanswered(sent, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)))
}

// send writes request and script. It fails only where the end of the script
// was certainly not handed to the transport. x/crypto tells a write that failed
// only at the next one, so a connection that breaks in the very last packet is
// not noticed here: that one is lost, not "not started".
func (s *session) send(line string, stdin []byte) error {
	if _, err := s.ch.SendRequest("exec", false, ssh.Marshal(struct{ Command string }{line})); err != nil {
		s.conn.close() // nothing can be sent any more
		return err
	}
	if n, err := s.ch.Write(stdin); n < len(stdin) {
		if err == nil {
			err = io.ErrShortWrite
		}
		return err
	}
	_ = s.ch.CloseWrite() // the script is out: from here on it may run
	return nil
}

// unanswered is the result of a session that ended, or was left, without the
// exit of its script.
func (s *session) unanswered(sent <-chan error, cause error) (Result, error) {
	select {
	case err := <-sent:
		if err != nil {
			return Result{Class: NotStarted}, fmt.Errorf("%w before the whole script was sent", cause)
		}
	case <-time.After(s.conn.opt.Drain): // it hangs in the transport
	}
	return Result{Class: Lost}, cause
}

// leave ends the wait for a script. Signal and close are sent from aside: a
// connection that takes no more bytes must not hold the caller.
func (s *session) leave() {
	told := make(chan struct{})
	go func() {
		_, _ = s.ch.SendRequest("signal", false, ssh.Marshal(struct{ Signal string }{"TERM"}))
		_ = s.ch.Close()
		close(told)
	}()
	select {
	case <-told:
	case <-time.After(s.conn.opt.Drain):
		s.conn.close()
	}
}

// streams are the two output streams of a script.
type streams struct {
	done  chan struct{} // closed when both have ended
	mu    sync.Mutex    // held during a callback
	muted bool
}

func (s *session) stream(cmd Command) *streams {
	out := &streams{done: make(chan struct{})}
	var both sync.WaitGroup
	both.Go(func() { out.copy(s.ch, cmd.Stdout) })
	both.Go(func() { out.copy(s.ch.Stderr(), cmd.Stderr) })
	go func() { both.Wait(); close(out.done) }()
	return out
}

// copy reads to the end also when nobody listens: unread output would stop the
// script.
func (out *streams) copy(from io.Reader, to func([]byte)) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		out.mu.Lock()
		if n > 0 && to != nil && !out.muted {
			to(buf[:n])
		}
		out.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (out *streams) wait(limit time.Duration) {
	select {
	case <-out.done:
	case <-time.After(limit):
	}
}

// mute ends the callbacks.
func (out *streams) mute() {
	out.mu.Lock()
	out.muted = true
	out.mu.Unlock()
}
