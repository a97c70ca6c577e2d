package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	xssh "golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// maxOutput is the most that is kept of a script's output, in bytes.
const maxOutput = 64 << 10

// Hosts reaches hosts by their names. It is a nodes.Dialer and a
// nodes.HostExec.
type Hosts struct {
	pool    *ssh.Pool
	targets map[string]ssh.Target
	direct  net.Dialer
}

var (
	_ nodes.Dialer   = (*Hosts)(nil)
	_ nodes.HostExec = (*Hosts)(nil)
)

// New reaches the given targets, by the names the fleet has for its hosts. The
// map must not be changed afterwards.
func New(pool *ssh.Pool, targets map[string]ssh.Target) *Hosts {
	return &Hosts{pool: pool, targets: targets}
}

// Dial opens a connection from here.
func (h *Hosts) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return h.direct.DialContext(ctx, network, addr)
}

// DialHost opens a connection from the host to addr.
func (h *Hosts) DialHost(ctx context.Context, host, network, addr string) (net.Conn, error) {
	t, ok := h.targets[host]
	if !ok {
		return nil, fmt.Errorf("%w: no host %q", nodes.ErrUnreachable, host)
	}
	c, err := h.pool.DialThrough(ctx, t, network, addr)
	if err != nil {
		return nil, translate(ctx, err, t)
	}
	return c, nil
}

// Read runs a script on the host and returns its output.
func (h *Hosts) Read(ctx context.Context, host, script string) (string, error) {
	t, ok := h.targets[host]
	if !ok {
		return "", fmt.Errorf("%w: no host %q", nodes.ErrUnreachable, host)
	}
	var out strings.Builder
	cut := false
	res, err := h.pool.Exec(ctx, t, ssh.Command{Script: script, Stdout: func(b []byte) {
		n := min(len(b), maxOutput-out.Len())
		cut = cut || n < len(b)
		out.Write(b[:n])
	}})
	switch {
	case res.Class != ssh.Exited:
		return "", translate(ctx, err, t)
	case cut:
		return "", errors.New("the host printed more than 64 KiB")
	case res.Exit != 0:
		return out.String(), fmt.Errorf("exit status %d %s", res.Exit, res.Signal)
	}
	return out.String(), nil
}

// translate says in the words of nodes what an error of the transport proves.
// A refusal counts only when it is the tunnel's own, on the target itself: the
// sshd of a jump host tells of a refused next sshd in the same words.
func translate(ctx context.Context, err error, t ssh.Target) error {
	if err == nil {
		err = ssh.ErrLost
	}
	text := safe.Short(err.Error(), 200)
	for _, key := range []error{ssh.ErrHostUnknown, ssh.ErrHostChanged, ssh.ErrHostRevoked} {
		if errors.Is(err, key) {
			return fmt.Errorf("%w: %s", nodes.ErrHostKey, text)
		}
	}
	var at *ssh.Error
	var open *xssh.OpenChannelError
	if errors.As(err, &at) && at.Op == "tunnel" && at.Target == t.String() &&
		errors.As(err, &open) && open.Reason == xssh.ConnectionFailed && strings.Contains(strings.ToLower(open.Message), "refused") {
		return fmt.Errorf("%w: %s", nodes.ErrRefused, text)
	}
	if errors.Is(err, ssh.ErrTimeout) || ctx.Err() != nil {
		return fmt.Errorf("%w: %s: %w", nodes.ErrUnreachable, text, context.DeadlineExceeded)
	}
	return fmt.Errorf("%w: %s", nodes.ErrUnreachable, text)
}
