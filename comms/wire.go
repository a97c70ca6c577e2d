package comms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/virtengine/relight/safe"
)

const (
	patience = 10 * time.Second // one request, to the last byte of its answer
	mostBody = 4 << 20          // a page of messages fits many times
)

// newClient is an HTTP client that does nothing on its own: no redirect is
// followed (the token would follow too), no connection is reused (a dead one
// would be retried inside), HTTP/2 with its replays is off.
func newClient(dial Dial) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dial,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// exchange is what was seen of one request.
type exchange struct {
	wrote  bool // from here on it may have arrived
	status int  // 0: no answer
	header http.Header
	body   []byte
	err    error // before the answer, or while its body came
}

// do sends req once and watches.
func do(client *http.Client, req *http.Request) exchange {
	ctx, stop := context.WithTimeout(req.Context(), patience)
	defer stop()
	// httptrace.WroteRequest alone is not enough: it runs in the writing
	// goroutine and may come after a cancelled call has returned. With a
	// connection in hand the write begins, so GotConn is where doubt begins.
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { wrote.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { wrote.Store(true) },
	})
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return exchange{wrote: wrote.Load(), err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	return exchange{wrote: true, status: resp.StatusCode, header: resp.Header, body: body, err: err}
}

// link is a channel's configuration with the client to reach it.
type link struct {
	ch     ChannelConfig
	client *http.Client
}

// session is one call with the token that was read for it.
type session struct {
	link
	token string
	hide  safe.Redactor
}

// open reads the token. The error holds no secret.
func (l link) open() (session, error) {
	token, err := l.ch.Token()
	token = strings.TrimSpace(token)
	s := session{link: l, token: token, hide: safe.Redactor{}.With(token, url.QueryEscape(token), url.PathEscape(token), lastPart(token))}
	switch {
	case err != nil:
		return s, fmt.Errorf("channel %s: the token cannot be read: %s", l.ch.Name, s.say(err.Error()))
	case token == "":
		return s, fmt.Errorf("channel %s: the token is empty", l.ch.Name)
	case strings.ContainsAny(token, "\r\n\x00"):
		return s, fmt.Errorf("channel %s: the token holds a line break: keep it alone in its file", l.ch.Name)
	}
	return s, nil
}

// lastPart is the secret part of a webhook's address.
func lastPart(token string) string { return token[strings.LastIndex(token, "/")+1:] }

// say makes a text from outside fit for a person: short, drawable, without the
// token.
func (s session) say(text string) string {
	// Redacted before and after: cleaning may join what an attacker parted.
	return s.hide.Redact(safe.Short(s.hide.Redact(safe.Clean(text)), 200))
}

// id accepts an id from outside only if it looks like one and is not the token
// come back.
func (s session) id(text string, like idShape) string {
	if !like.MatchString(text) || s.hide.Redact(text) != text {
		return ""
	}
	return text
}

// request builds a request with a JSON body; a nil body has none.
func (s session) request(ctx context.Context, method, address string, body jsonBody) (*http.Request, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, errors.New("the request cannot be written as JSON")
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, r)
	if err != nil {
		// The error of net/url quotes the address, which may be a token.
		return nil, errors.New("the channel's address cannot be used")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// jsonBody is a request body: one struct per request in its driver.
type jsonBody interface{ requestBody() }
