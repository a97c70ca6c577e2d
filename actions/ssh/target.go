package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/safe"
)

// Target is one host as it is reached. It is a value; two equal targets share
// one connection.
type Target struct {
	Name       string   // in the configuration, for people
	Addr       string   // name or IP, without port
	Port       int      // 0: 22
	User       string   // never empty
	KnownHosts []string // files; at least one
	KeyFiles   []string // private keys, 0600, unencrypted (others belong in the agent)
	Agent      bool     // ask the agent too
	Via        *Target  // jump host
}

// HostPort is "addr:port".
func (t Target) HostPort() string {
	port := t.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(t.Addr, strconv.Itoa(port))
}

// String is "name (user@addr:port)".
func (t Target) String() string { return fmt.Sprintf("%s (%s@%s)", t.Name, t.User, t.HostPort()) }

// id is the same for equal targets.
func (t Target) id() string {
	id := fmt.Sprintf("%q %q %q %q %q %v", t.Name, t.HostPort(), t.User, t.KnownHosts, t.KeyFiles, t.Agent)
	if t.Via != nil {
		id += " via " + t.Via.id()
	}
	return id
}

// Options are the transport's own. The zero value is good.
type Options struct {
	// Dial opens the TCP connection; nil: a net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// ConnectTimeout bounds dialling and handshake together; 0: 5 s.
	ConnectTimeout time.Duration
	// KeepAlive is how often a kept connection is asked whether it lives, and
	// how long it may take to answer; 0: 5 s. A dead one is found within twice
	// that time.
	KeepAlive time.Duration
	// Drain is how long output may follow the exit of a script whose children
	// keep its output open; 0: 2 s.
	Drain time.Duration
	// AgentSocket is the agent's; "": $SSH_AUTH_SOCK.
	AgentSocket string
}

func (o Options) withDefaults() Options {
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	for _, d := range []struct {
		v *time.Duration
		d time.Duration
	}{{&o.ConnectTimeout, 5 * time.Second}, {&o.KeepAlive, 5 * time.Second}, {&o.Drain, 2 * time.Second}} {
		if *d.v <= 0 {
			*d.v = d.d
		}
	}
	return o
}

// What can be told apart with errors.Is.
var (
	ErrUnreachable = errors.New("cannot be reached")
	ErrTimeout     = errors.New("no answer in time")
	ErrHostUnknown = errors.New("host key is not known")
	ErrHostChanged = errors.New("host key is another one than the known")
	ErrHostRevoked = errors.New("host key is revoked")
	ErrKnownHosts  = errors.New("known_hosts cannot be used")
	ErrKey         = errors.New("private key cannot be used")
	ErrAuth        = errors.New("login refused")
	ErrScript      = errors.New("script cannot be sent")
	ErrLost        = errors.New("connection lost")
	ErrCancelled   = errors.New("stopped waiting")
	ErrClosed      = errors.New("closed")
)

// Error is what a person is told: what was done, to whom, why it failed, and
// what to do next.
type Error struct {
	Op     string // dial, handshake, login, run, tunnel, ping
	Target string
	Err    error
	Hint   string
}

// Error is one clean line. Servers write parts of it.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %v", e.Target, e.Op, e.Err)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return safe.Line(b.String())
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

func fail(op string, t Target, err error, hint string) error {
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	return &Error{Op: op, Target: t.String(), Err: err, Hint: hint}
}
