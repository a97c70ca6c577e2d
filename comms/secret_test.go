package comms

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

// TestNothingLeaks asks every driver to talk to a server that gives back what
// it was sent, in every place it can, and looks for the token in all that comes
// out.
func TestNothingLeaks(t *testing.T) {
	const secret = "xoxb-9999-topsecretTOKEN9"
	echo := []func(w http.ResponseWriter, r *http.Request){
		func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(403)
			fmt.Fprintf(w, `{"message":%q,"error":%q,"code":50013}`, secret, secret)
		},
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"ok":true,"ts":%q,"channel":%q,"id":%q,"channel_id":%q,"name":%q,"shortlink":"https://x/%s"}`,
				secret, secret, secret, secret, secret, secret)
		},
		func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"ok":false,"error":%q}`, secret) },
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"ok":false,"error":"missing_scope","needed":%q}`, secret)
		},
		func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/"+secret, http.StatusTemporaryRedirect)
		},
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, secret) },
		func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(401)
			fmt.Fprintf(w, `{"error":["%s\u200b%s"],"message":"%s\u001b[31m%s"}`, secret[:9], secret[9:], secret[:9], secret[9:])
		},
		func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", secret)
			w.WriteHeader(429)
		},
	}
	for _, driver := range allDrivers() {
		for i, f := range echo {
			server := httptest.NewServer(http.HandlerFunc(f))
			token := secret
			if strings.HasSuffix(driver, "-webhook") {
				token = server.URL + "/hook/" + secret
			}
			ch := ChannelConfig{Name: "x", Driver: driver, URL: server.URL, Target: "C0123", Token: func() (string, error) { return token, nil }}
			out := everything(t, ch, nil)
			server.Close()
			out += everything(t, ch, nil) // and when nobody listens
			ch.Token = func() (string, error) { return token + "\nx", nil }
			out += everything(t, ch, nil)
			for _, bad := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), "topsecret", "\x1b"} {
				if strings.Contains(out, bad) {
					t.Errorf("%s, server %d: %q in %s", driver, i, bad, out)
				}
			}
		}
	}
}

// everything is all that a driver tells of a channel.
func everything(t *testing.T, ch ChannelConfig, dial Dial) string {
	t.Helper()
	d, err := New(ch, dial)
	if err != nil {
		t.Fatal(err)
	}
	p := Post{Row: outbox.Seal(outbox.Row{ID: "a", Incident: "I", Lane: "x", Title: "T", Body: "b"}), Opens: true, Now: time.Now()}
	name, nameErr := d.Name(context.Background())
	b, err := json.Marshal([]any{d.Send(context.Background(), p), d.Lookup(context.Background(), p), name, fmt.Sprint(nameErr)})
	if err != nil {
		t.Fatal(err)
	}
	p.Opens = false
	more, _ := json.Marshal(d.Send(context.Background(), p))
	return string(b) + string(more)
}

// TestRedirectsAreNotFollowed: the token must not travel to another address.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s came to another address", r.Method, r.URL.Path)
	}))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusPermanentRedirect)
	}))
	defer server.Close()
	for _, driver := range allDrivers() {
		ch := ChannelConfig{Name: "x", Driver: driver, URL: server.URL, Target: "C0123", Token: func() (string, error) { return "tokentoken", nil }}
		everything(t, ch, nil)
	}
}

func TestNew(t *testing.T) {
	token := func() (string, error) { return "t", nil }
	good := ChannelConfig{Name: "x", Driver: Slack, Target: "C0123", Token: token}
	if _, err := New(good, nil); err != nil {
		t.Error(err)
	}
	for _, driver := range []string{"email", "pagerduty", ""} {
		if _, err := New(ChannelConfig{Name: "x", Driver: driver, Token: token}, nil); !errors.Is(err, ErrByHand) {
			t.Errorf("%q: %v", driver, err)
		}
	}
	for name, change := range map[string]func(c *ChannelConfig){
		"no token":       func(c *ChannelConfig) { c.Token = nil },
		"clear text":     func(c *ChannelConfig) { c.URL = "http://slack.example/api" },
		"password":       func(c *ChannelConfig) { c.URL = "https://a:sesamsesam@slack.example" },
		"no host":        func(c *ChannelConfig) { c.URL = "sesamsesam" },
		"bent target":    func(c *ChannelConfig) { c.Target = "C1/../../x" },
		"no target":      func(c *ChannelConfig) { c.Target = "" },
		"text mention":   func(c *ChannelConfig) { c.Mention = "<!here> hello" },
		"foreign syntax": func(c *ChannelConfig) { c.Mention = "@everyone" },
	} {
		c := good
		change(&c)
		if _, err := New(c, nil); !errors.Is(err, ErrConfig) || strings.Contains(err.Error(), "sesam") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWire is the classification table seen from the wire: what the request met
// → what became of it.
func TestWire(t *testing.T) {
	answer := func(head string) Dial {
		return func(ctx context.Context, network, addr string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				if _, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
					io.WriteString(far, head)
				}
			}()
			return near, nil
		}
	}
	late, stop := context.WithCancel(context.Background())
	stop()
	for _, c := range []struct {
		name string
		ctx  context.Context
		dial Dial
		want outbox.Class
		wait time.Duration
	}{
		{"refused", nil, func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") }, outbox.ClassNotSent, 0},
		{"stopped before", late, answer(""), outbox.ClassNotSent, 0},
		{"closed after the request", nil, answer(""), outbox.ClassUnknown, 0},
		{"half an answer", nil, answer("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"ok\":true,"), outbox.ClassUnknown, 0},
		{"half a refusal", nil, answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 90\r\n\r\n{"), outbox.ClassRejected, 0},
		{"rubbish", nil, answer("SSH-2.0-OpenSSH\r\n\r\n"), outbox.ClassUnknown, 0},
		{"504", nil, answer("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"), outbox.ClassUnknown, 0},
		{"408", nil, answer("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), outbox.ClassUnknown, 0},
		{"303", nil, answer("HTTP/1.1 303 See Other\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), outbox.ClassUnknown, 0},
		{"308", nil, answer("HTTP/1.1 308 Permanent Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), outbox.ClassRejected, 0},
		{"420", nil, answer("HTTP/1.1 420 Calm\r\nContent-Length: 0\r\n\r\n"), outbox.ClassRateLimited, time.Second},
		{"429 with a date", nil, answer("HTTP/1.1 429 Slow\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\nRetry-After: Sun, 01 Mar 2026 12:00:09 GMT\r\nContent-Length: 0\r\n\r\n"), outbox.ClassRateLimited, 9 * time.Second},
		{"429 for ever", nil, answer("HTTP/1.1 429 Slow\r\nRetry-After: 1e300\r\nContent-Length: 0\r\n\r\n"), outbox.ClassRateLimited, time.Hour},
		{"429 of nothing", nil, answer("HTTP/1.1 429 Slow\r\nRetry-After: NaN\r\nX-RateLimit-Reset-After: -5\r\nContent-Length: 0\r\n\r\n"), outbox.ClassRateLimited, time.Second},
		{"429 in both", nil, answer("HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nContent-Length: 19\r\n\r\n{\"retry_after\":4.5}"), outbox.ClassRateLimited, 4500 * time.Millisecond},
		{"slack says so in words", nil, answer("HTTP/1.1 200 OK\r\nRetry-After: 6\r\nContent-Length: 35\r\n\r\n{\"ok\":false,\"error\":\"rate_limited\"}"), outbox.ClassRateLimited, 6 * time.Second},
		{"slack is unsure", nil, answer("HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n{\"ok\":false,\"error\":\"fatal_error\"}"), outbox.ClassUnknown, 0},
		{"slack refuses", nil, answer("HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n{\"ok\":false,\"error\":\"not_in_channel\"}"), outbox.ClassRejected, 0},
	} {
		ctx := c.ctx
		if ctx == nil {
			ctx = context.Background()
		}
		d, err := New(ChannelConfig{Name: "x", Driver: Slack, URL: "http://127.0.0.1", Target: "C0123", Token: func() (string, error) { return "tokentoken", nil }}, c.dial)
		if err != nil {
			t.Fatal(err)
		}
		got := d.Send(ctx, Post{Row: outbox.Row{Title: "T", Body: "b", Marker: "m"}})
		if got.Class != c.want || got.RetryAfter != c.wait || got.Reason == "" {
			t.Errorf("%s: %+v, want %s %s", c.name, got, c.want, c.wait)
		}
		if got.Class == outbox.ClassRejected && got.Fix == "" {
			t.Errorf("%s: rejected without a fix", c.name)
		}
	}
}

// TestTimeout: the server takes the request and says nothing.
func TestTimeout(t *testing.T) {
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-done }))
	defer server.Close()
	defer close(done)
	for _, driver := range allDrivers() {
		d, err := New(ChannelConfig{Name: "x", Driver: driver, URL: server.URL, Target: "C0123", Token: func() (string, error) { return "tokentoken", nil }}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if got := d.Send(ctx, Post{Opens: true, Row: outbox.Row{Body: "b"}}); got.Class != outbox.ClassUnknown {
			t.Errorf("%s: %+v", driver, got)
		}
		stop()
	}
}
