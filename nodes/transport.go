package nodes

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/virtengine/relight/nodes/comet"
	"github.com/virtengine/relight/safe"
)

// tunnelSuffix marks the made-up host names under which the one HTTP transport
// keeps the connections that go through SSH. ".invalid" can never resolve.
const tunnelSuffix = ".tunnel.invalid"

// errBadAnswer is what an endpoint answered that is no answer of a node.
var errBadAnswer = errors.New("bad answer")

// web is the HTTP side of a Watcher: one transport, kept connections.
type web struct {
	client  *http.Client
	timeout time.Duration
}

// target is one HTTP server: base is a URL without a trailing slash, host the
// Host header to send ("" for that of the URL).
type target struct {
	web  *web
	base string
	host string
}

// via is where a made-up tunnel name leads.
type via struct{ host, addr string }

// newWeb builds the transport. tunnels maps made-up host names to the real
// way.
func newWeb(d Dialer, tunnels map[string]via, timeout time.Duration) *web {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		// The transport goes on dialling after the request gave up.
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		name, _, _ := strings.Cut(addr, ":")
		if v, ok := tunnels[name]; ok {
			c, err := d.DialHost(ctx, v.host, network, v.addr)
			return c, tunnelErr(err)
		}
		return d.Dial(ctx, network, addr)
	}
	return &web{timeout: timeout, client: &http.Client{
		Transport: &http.Transport{
			DialContext:            dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        90 * time.Second,
			DisableCompression:     true, // a small body must not unpack into a large one
			MaxResponseHeaderBytes: 32 << 10,
			TLSHandshakeTimeout:    timeout,
		},
		// An RPC endpoint has no business sending us elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// tunnelErr keeps of a tunnel's error only what it proves. An sshd that is down
// refuses a connection too: that says nothing about the node behind it, so the
// cause is kept as text alone and ErrRefused must be said in so many words.
func tunnelErr(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrHostKey):
		return ErrHostKey
	case errors.Is(err, ErrRefused) && !errors.Is(err, ErrUnreachable):
		return ErrRefused
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	return fmt.Errorf("%w: %s", ErrUnreachable, safe.Short(err.Error(), 200))
}

// parseTarget reads "http://host:port", "https://…" or "ssh:addr". The second
// is entered in tunnels under a name made of n.
func (w *web) parseTarget(s, host string, n int, tunnels map[string]via) (target, error) {
	if addr, ok := strings.CutPrefix(s, "ssh:"); ok {
		if host == "" {
			return target{}, fmt.Errorf("%q goes through a host, but none is named", s)
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return target{}, fmt.Errorf("%q: want ssh:ADDRESS:PORT", s)
		}
		name := "t" + strconv.Itoa(n) + tunnelSuffix
		tunnels[name] = via{host: host, addr: addr}
		return target{web: w, base: "http://" + name, host: addr}, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return target{}, fmt.Errorf("want http://HOST:PORT or ssh:ADDRESS:PORT, not %.60q", safe.Line(s))
	}
	return target{web: w, base: strings.TrimRight(s, "/")}, nil
}

// Get fetches base+path. Whatever the HTTP status is, the body is returned: a
// node says in the body of a 500 what is wrong.
func (t target) Get(ctx context.Context, path string) ([]byte, error) {
	body, _, err := t.fetch(ctx, path)
	return body, err
}

func (t target) fetch(ctx context.Context, path string) (body []byte, code int, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.web.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+path, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errBadAnswer, err)
	}
	if t.host != "" {
		req.Host = t.host
	}
	resp, err := t.web.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, comet.MaxBody+1))
	if err != nil {
		return nil, 0, err
	}
	if len(body) > comet.MaxBody {
		return nil, 0, fmt.Errorf("%w: %w", errBadAnswer, comet.ErrLarge)
	}
	return body, resp.StatusCode, nil
}

// classify says what kind of failure err is, and in few words safe to draw.
func classify(err error) (Fail, string) {
	var netErr net.Error
	switch {
	case err == nil:
		return FailNone, ""
	case errors.Is(err, ErrHostKey):
		return FailHostKey, "the host on the way showed a wrong key"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return FailTimeout, "no answer in time"
	case errors.Is(err, ErrUnreachable):
		return FailReach, shortErr(err)
	case errors.Is(err, ErrRefused), errors.Is(err, syscall.ECONNREFUSED):
		return FailRefused, "connection refused"
	case errors.Is(err, errBadAnswer), errors.Is(err, comet.ErrShape), errors.Is(err, comet.ErrLarge), comet.IsRPC(err):
		return FailAnswer, shortErr(err)
	case errors.As(err, new(*net.OpError)):
		return FailReach, shortErr(err)
	}
	// Something accepted the connection and then did not speak HTTP.
	return FailAnswer, shortErr(err)
}

// shortErr is the end of err's chain: the made-up tunnel names in front of it
// would only confuse.
func shortErr(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return safe.Short(strings.ReplaceAll(err.Error(), tunnelSuffix, ""), 120)
}
