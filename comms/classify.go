package comms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
)

// idShape is what ids of a channel look like.
type idShape = *lazy.Regexp

// reading is what a driver understands of an answer's body. The zero value is
// "nothing": of a 2xx that is unknown.
type reading struct {
	class  outbox.Class
	remote outbox.Remote
	reason string // a vendor's word, cleaned by the driver
	fix    string
}

// classify is the one table of all channels: what was seen of a request → what
// became of it. read is asked about the bodies of 2xx and 4xx answers.
func (s session) classify(x exchange, read func(body []byte) reading) outbox.Outcome {
	switch {
	case x.status == 0 && !x.wrote:
		return outbox.Outcome{Class: outbox.ClassNotSent, Reason: s.why(x.err)}
	case x.status == 0:
		return unsure(s.why(x.err))
	case x.status == 429 || x.status == 420: // 420: Statuspage
		return outbox.Outcome{Class: outbox.ClassRateLimited, RetryAfter: waitOf(x), Reason: "the channel asks to slow down"}
	case x.status == 301 || x.status == 307 || x.status == 308:
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: "the address redirects elsewhere",
			Fix: "correct the channel's url in the configuration, then retry"}
	case x.status == 408 || x.status >= 500 || x.status < 200 || x.status/100 == 3:
		return unsure(fmt.Sprintf("HTTP %d %s", x.status, http.StatusText(x.status)))
	case x.status/100 == 4:
		return refused(x.status, read(x.body))
	case x.err != nil:
		return unsure(s.why(x.err))
	}
	return confirmed(x, read(x.body))
}

// refused is the outcome of a 4xx.
func refused(status int, r reading) outbox.Outcome {
	out := outbox.Outcome{Class: outbox.ClassRejected, Fix: r.fix,
		Reason: fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))}
	if r.reason != "" {
		out.Reason += ": " + r.reason
	}
	if out.Fix == "" {
		out.Fix = fixOf(status)
	}
	return out
}

// confirmed is the outcome of a 2xx: delivered only if its body says so.
func confirmed(x exchange, r reading) outbox.Outcome {
	switch r.class {
	case outbox.ClassDelivered:
		return outbox.Outcome{Class: outbox.ClassDelivered, Remote: r.remote}
	case outbox.ClassRejected:
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: r.reason, Fix: r.fix}
	case outbox.ClassRateLimited:
		return outbox.Outcome{Class: outbox.ClassRateLimited, RetryAfter: waitOf(x), Reason: r.reason}
	}
	if r.reason == "" {
		r.reason = "the answer says OK and names no message"
	}
	return unsure(r.reason)
}

func unsure(reason string) outbox.Outcome {
	return outbox.Outcome{Class: outbox.ClassUnknown, Reason: reason}
}

// fixOf is what to do about a status when the body told nothing better.
func fixOf(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "renew the channel's token, then retry"
	case http.StatusForbidden:
		return "give the token the right to post there, then retry"
	case http.StatusNotFound, http.StatusGone:
		return "check the channel's target and url, then retry"
	case http.StatusRequestEntityTooLarge:
		return "shorten the text"
	}
	return "post it by hand, or mend the cause and retry"
}

const longestWait = time.Hour

// waitOf is how long a rate limit asks to wait: the longest of all the ways to
// say it, between one second and one hour.
func waitOf(x exchange) time.Duration {
	wait := time.Second
	longer := func(seconds float64) {
		if math.IsNaN(seconds) || seconds <= wait.Seconds() {
			return
		}
		wait = time.Duration(min(seconds, longestWait.Seconds()) * float64(time.Second))
	}
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset-After", "RateLimit-Reset"} {
		if v, err := strconv.ParseFloat(strings.TrimSpace(x.header.Get(name)), 64); err == nil {
			longer(v)
		}
	}
	if until, err := http.ParseTime(x.header.Get("Retry-After")); err == nil {
		if from, err := http.ParseTime(x.header.Get("Date")); err == nil {
			longer(until.Sub(from).Seconds())
		}
	}
	var body struct {
		RetryAfter float64 `json:"retry_after"`
	}
	if json.Unmarshal(x.body, &body) == nil {
		longer(body.RetryAfter)
	}
	return wait
}

// why says what failed on the wire without the address: *url.Error quotes it,
// and a webhook's address is its token.
func (s session) why(err error) string {
	var dns *net.DNSError
	var u *url.Error
	switch {
	case err == nil:
		return "no answer"
	case errors.Is(err, context.Canceled):
		return "stopped"
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return "no answer in time"
	case errors.As(err, &dns):
		return "no such host: " + s.say(dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection closed before the answer"
	case errors.As(err, &u):
		err = u.Err
	}
	return s.say(err.Error())
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// missed is the result of a look-up whose request failed.
func (s session) missed(x exchange, read func(body []byte) reading) outbox.LookupResult {
	o := s.classify(x, read)
	if o.Class == outbox.ClassRejected {
		// Asking again would be refused again; too many refusals get us banned.
		return outbox.LookupResult{Class: outbox.Impossible, Reason: "the look-up was refused: " + o.Reason}
	}
	return outbox.LookupResult{Class: outbox.Failed, RetryAfter: o.RetryAfter, Reason: "the look-up failed: " + o.Reason}
}

// Date headers have whole seconds: differences up to skew are no wrong clock,
// and the margin covers them.
const (
	skew   = 2 * time.Second
	margin = 5 * time.Second
)

// since is the earliest time, by the channel's clock, at which a request sent
// at r.FirstAt can have been stored. Our own clock may run ahead of the
// channel's: then the row would be searched for in the future and called
// absent. date is the channel's own clock (the Date header of an answer).
func since(p Post, date time.Time) time.Time {
	from := p.Row.FirstAt
	if from.IsZero() {
		from = p.Row.QueuedAt
	}
	if !date.IsZero() && !p.Now.IsZero() {
		if t := date.Add(from.Sub(p.Now)); from.Sub(t) > skew {
			from = t
		}
	}
	return from.Add(-margin)
}

// dateOf is the channel's clock when it answered.
func dateOf(x exchange) time.Time {
	t, err := http.ParseTime(x.header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t
}
