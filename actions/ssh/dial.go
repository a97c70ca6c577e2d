package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// keyExchanges are tried in this order. The default of today, post-quantum,
// costs a client 85 ms of CPU a host instead of 12, and the fleet is called
// all at once.
var keyExchanges = [...]string{
	ssh.KeyExchangeCurve25519, ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeECDHP256,
	ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP521, ssh.KeyExchangeDH16SHA512, ssh.KeyExchangeDH14SHA256,
}

// dial opens a connection and logs in. ctx and ConnectTimeout bound all of it,
// whatever the other side does.
func (p *Pool) dial(ctx context.Context, t Target) (*conn, error) {
	keys, err := readHostKeys(t)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.opt.ConnectTimeout, ErrTimeout)
	defer cancel()
	signers, done, err := p.opt.signers(ctx, t)
	if err != nil {
		return nil, err
	}
	defer done()
	raw, err := p.dialTCP(ctx, t)
	if err != nil {
		return nil, err
	}
	// Closing is the one way to end a handshake that works for every kind of
	// connection: one through a jump host knows no deadlines.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	var verdict error
	link, chans, reqs, err := ssh.NewClientConn(&timedConn{Conn: raw, limit: 2 * p.opt.KeepAlive}, t.HostPort(), &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: keyExchanges[:]},
		User:              t.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signers...)},
		HostKeyCallback:   keys.callback(t, &verdict),
		HostKeyAlgorithms: keys.algorithms,
	})
	if err != nil {
		stop()
		_ = raw.Close()
		return nil, p.handshakeError(ctx, t, verdict, err)
	}
	client := ssh.NewClient(link, chans, reqs)
	if !stop() { // the time ran out just now, and closed it
		_ = client.Close()
		return nil, p.handshakeError(ctx, t, nil, context.Cause(ctx))
	}
	return newConn(client, p.opt), nil
}

func (p *Pool) dialTCP(ctx context.Context, t Target) (net.Conn, error) {
	if t.Via != nil {
		c, err := p.DialThrough(ctx, *t.Via, "tcp", t.HostPort())
		if err != nil {
			return nil, fail("dial", t, err, "through "+t.Via.Name)
		}
		return c, nil
	}
	c, err := p.opt.Dial(ctx, "tcp", t.HostPort())
	if err == nil {
		return c, nil
	}
	switch {
	case errors.Is(context.Cause(ctx), ErrTimeout) || errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fail("dial", t, fmt.Errorf("%w after %s", ErrTimeout, p.opt.ConnectTimeout), "off, cut off, or a firewall that drops: a timeout proves nothing about the host")
	case ctx.Err() != nil:
		return nil, fail("dial", t, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)), "")
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fail("dial", t, fmt.Errorf("%w: %w", ErrUnreachable, err), "the host answers, sshd does not: is it running, is the port right?")
	}
	return nil, fail("dial", t, fmt.Errorf("%w: %w", ErrUnreachable, err), "check address, route and name")
}

func (p *Pool) handshakeError(ctx context.Context, t Target, verdict, err error) error {
	var algorithms *ssh.AlgorithmNegotiationError
	switch {
	case verdict != nil:
		return verdict
	case errors.Is(context.Cause(ctx), ErrTimeout):
		return fail("handshake", t, fmt.Errorf("%w after %s", ErrTimeout, p.opt.ConnectTimeout), "the port is open but sshd hangs: try the console")
	case ctx.Err() != nil:
		return fail("handshake", t, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)), "")
	case errors.As(err, &algorithms) && strings.Contains(err.Error(), "host key"):
		return fail("handshake", t, fmt.Errorf("%w: it offers none of the kinds that known_hosts has", ErrHostChanged), "compare its keys on its console")
	case strings.Contains(err.Error(), "unable to authenticate"):
		return fail("login", t, fmt.Errorf("%w: %w", ErrAuth, err), "is the public key in authorized_keys of "+t.User+"?")
	}
	return fail("handshake", t, fmt.Errorf("%w: %w", ErrUnreachable, err), "sshd ended the connection: see its log")
}

// timedConn bounds each write: a peer that reads no more must not hold a
// keystroke for ever. Reads are bounded by keep-alives. Connections that know
// no deadlines are left to the keep-alives too.
type timedConn struct {
	net.Conn
	limit time.Duration
}

func (c *timedConn) Write(b []byte) (int, error) {
	_ = c.SetWriteDeadline(time.Now().Add(c.limit))
	return c.Conn.Write(b)
}
