package ssh

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// Pool keeps one connection per target. All its methods may be called from any
// goroutine.
type Pool struct {
	opt Options

	mu     sync.Mutex
	closed bool
	kept   map[string]*entry
}

// entry is the place of one target's connection. turn holds one token: who has
// it may dial.
type entry struct {
	turn chan struct{}
	mu   sync.Mutex
	conn *conn
}

// NewPool is an empty pool.
func NewPool(opt Options) *Pool {
	return &Pool{opt: opt.withDefaults(), kept: map[string]*entry{}}
}

// Close ends all connections. Scripts that run become Lost.
func (p *Pool) Close() {
	p.mu.Lock()
	kept := p.kept
	p.closed, p.kept = true, map[string]*entry{}
	p.mu.Unlock()
	for _, e := range kept {
		if c := e.live(); c != nil {
			c.close()
		}
	}
}

// Arm connects to the target and keeps a session open ahead, from now on: an
// action then costs one round trip.
func (p *Pool) Arm(ctx context.Context, t Target) error {
	c, _, err := p.get(ctx, t)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.arm = true
	c.mu.Unlock()
	if err := c.rearm(ctx); err != nil {
		return fail("dial", t, err, "")
	}
	return nil
}

func (c *conn) wantsArm() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.arm
}

// Ping asks whether the target answers now, with the right host key.
func (p *Pool) Ping(ctx context.Context, t Target) error {
	for {
		c, fresh, err := p.get(ctx, t)
		if err != nil || fresh { // a handshake just now is an answer
			return err
		}
		if err = c.ping(ctx); err == nil {
			return nil
		}
		if ctx.Err() != nil { // the connection stays: scripts may run on it
			return fail("ping", t, fmt.Errorf("%w: %w", ErrTimeout, context.Cause(ctx)), "a timeout proves nothing about the host")
		}
		c.drop()
	}
}

// DialThrough opens a connection from the target to addr, like a tunnel. It
// ends with the target's connection. It knows no deadlines: cancel ctx while
// it dials, close it after that.
func (p *Pool) DialThrough(ctx context.Context, t Target, network, addr string) (net.Conn, error) {
	for {
		c, fresh, err := p.get(ctx, t)
		if err != nil {
			return nil, err
		}
		through, err := c.client.DialContext(ctx, network, addr)
		if err == nil {
			return through, nil
		}
		if c.isDead() && !fresh && ctx.Err() == nil {
			c.drop()
			continue
		}
		return nil, fail("tunnel", t, fmt.Errorf("%s from there: %w", addr, err), "does it listen there, and does sshd allow forwarding?")
	}
}

// get is the target's connection, and whether it was made just now.
func (p *Pool) get(ctx context.Context, t Target) (c *conn, fresh bool, err error) {
	e, err := p.entry(t)
	if err != nil {
		return nil, false, err
	}
	if c := e.live(); c != nil {
		return c, false, nil
	}
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, false, fail("dial", t, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)), "")
	}
	defer func() { <-e.turn }()
	if c := e.live(); c != nil { // another caller was faster
		return c, false, nil
	}
	c, err = p.dial(ctx, t)
	if err != nil {
		return nil, false, err
	}
	e.mu.Lock()
	if e.conn != nil {
		c.arm = e.conn.wantsArm()
	}
	e.conn = c
	e.mu.Unlock()
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		c.close()
		return nil, false, fail("dial", t, ErrClosed, "")
	}
	return c, true, nil
}

func (p *Pool) entry(t Target) (*entry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fail("dial", t, ErrClosed, "")
	}
	id := t.id()
	e := p.kept[id]
	if e == nil {
		e = &entry{turn: make(chan struct{}, 1)}
		p.kept[id] = e
	}
	return e, nil
}

// live is the connection if it is not known to be dead.
func (e *entry) live() *conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn == nil || e.conn.isDead() {
		return nil
	}
	return e.conn
}
