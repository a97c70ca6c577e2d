package comms

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

const fakeToken = "xoxb-7777777777-SECRETsecretSECRET"

// stored is a message in a fake channel.
type stored struct {
	id     string
	at     time.Time
	fields map[string]any
}

// seenRequest is one request a fake channel got.
type seenRequest struct {
	method, path string
	header       http.Header
	query        url.Values
	body         []byte
}

// fake is a chat or a status page on loopback that keeps what it is given. A
// fault makes the next posts misbehave: "lost" stores and drops the answer,
// "refuse" drops before storing, "429", "429-bare", "html", "empty", "500".
type fake struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	faults []string
	blind  bool // look-ups answer 500
	noRead bool // look-ups answer an empty list, as Discord does without the right to read
	skew   time.Duration
	list   []stored
	seen   []seenRequest
}

func newFake(t *testing.T) *fake {
	f := &fake{t: t}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fake) fault(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, names...)
}

func (f *fake) messages() []stored {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

func (f *fake) requests() []seenRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, seenRequest{r.Method, r.URL.Path, r.Header.Clone(), r.URL.Query(), body})
	now := time.Now().Add(f.skew)
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	reads := r.Method == http.MethodGet || strings.Contains(r.URL.Path, "conversations.")
	if reads && f.blind {
		http.Error(w, "down", http.StatusInternalServerError)
		return
	}
	fault := ""
	if !reads && len(f.faults) > 0 {
		fault, f.faults = f.faults[0], f.faults[1:]
	}
	switch fault {
	case "refuse":
		panic(http.ErrAbortHandler)
	case "429":
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(429)
		io.WriteString(w, `{"ok":false,"error":"ratelimited","message":"slow","retry_after":7.5}`)
		return
	case "429-bare":
		w.WriteHeader(429)
		return
	case "html":
		io.WriteString(w, "<html>Sign in to the hotel's wireless network</html>")
		return
	case "empty":
		io.WriteString(w, "{}")
		return
	case "500":
		http.Error(w, "oops", http.StatusInternalServerError)
		return
	}
	answer := f.answer(r, body, now)
	if fault == "lost" {
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, answer)
}

// answer does what the request asks and returns the vendor's reply.
func (f *fake) answer(r *http.Request, body []byte, now time.Time) string {
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/chat.postMessage"):
		form, _ := url.ParseQuery(string(body))
		var meta map[string]any
		json.Unmarshal([]byte(form.Get("metadata")), &meta)
		ts := fmt.Sprintf("%d.%06d", now.Unix(), len(f.list)+1)
		f.list = append(f.list, stored{ts, now, map[string]any{"ts": ts, "text": form.Get("text"), "metadata": meta}})
		return fmt.Sprintf(`{"ok":true,"ts":%q,"channel":"C0123ABCD"}`, ts)
	case strings.HasSuffix(path, "/conversations.history"):
		form, _ := url.ParseQuery(string(body))
		oldest, _ := strconv.ParseFloat(form.Get("oldest"), 64)
		return marshal(map[string]any{"ok": true, "has_more": false, "messages": f.after(time.UnixMicro(int64(oldest * 1e6)))})
	case strings.HasSuffix(path, "/conversations.info"):
		return `{"ok":true,"channel":{"id":"C0123ABCD","name":"incident"}}`
	case strings.HasPrefix(path, "/services/"):
		f.list = append(f.list, stored{"", now, nil})
		return "ok"
	case strings.HasSuffix(path, "/incidents") || strings.Contains(path, "/incidents/"):
		return f.incident(r, body, now)
	case strings.HasPrefix(path, "/pages/"):
		return `{"id":"p1","name":"VirtEngine Status"}`
	}
	return f.discord(r, body, now)
}

func (f *fake) discord(r *http.Request, body []byte, now time.Time) string {
	if r.Method == http.MethodPost {
		var m map[string]any
		json.Unmarshal(body, &m)
		if nonce, ok := m["nonce"].(string); ok && m["enforce_nonce"] == true {
			for _, s := range f.list {
				if s.fields["nonce"] == nonce {
					return fmt.Sprintf(`{"id":%q,"channel_id":"998877665544"}`, s.id)
				}
			}
		}
		id := strconv.FormatInt((now.UnixMilli()-discordEpoch)<<22+int64(len(f.list))+1, 10)
		f.list = append(f.list, stored{id, now, map[string]any{"id": id, "content": m["content"],
			"nonce": m["nonce"], "author": map[string]any{"bot": true}}})
		return fmt.Sprintf(`{"id":%q,"channel_id":"998877665544"}`, id)
	}
	if !strings.HasSuffix(r.URL.Path, "/messages") {
		return `{"id":"998877665544","name":"validators"}`
	}
	if f.noRead {
		return "[]"
	}
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	list := f.after(time.UnixMilli(after>>22 + discordEpoch))
	for _, m := range list {
		delete(m, "nonce") // Discord need not list it
	}
	return marshal(list)
}

func (f *fake) incident(r *http.Request, body []byte, now time.Time) string {
	var req struct {
		Incident map[string]any `json:"incident"`
	}
	json.Unmarshal(body, &req)
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch r.Method {
	case http.MethodPost:
		id = fmt.Sprintf("inc%d", len(f.list)+1)
		in := req.Incident
		in["id"], in["shortlink"], in["updates"] = id, "https://stspg.io/"+id, 1
		f.list = append(f.list, stored{id, now, in})
		return marshal(in)
	case http.MethodPatch:
		for _, s := range f.list {
			if s.id == id {
				for k, v := range req.Incident {
					s.fields[k] = v
				}
				s.fields["updates"] = s.fields["updates"].(int) + 1
				return marshal(s.fields)
			}
		}
		return `{}`
	}
	out := []map[string]any{}
	for _, s := range slices.Backward(f.list) {
		if s.id == id {
			return marshal(s.fields)
		}
		if !strings.HasSuffix(r.URL.Path, "unresolved") || s.fields["status"] != "resolved" {
			out = append(out, s.fields)
		}
	}
	return marshal(out)
}

func (f *fake) after(t time.Time) []map[string]any {
	out := []map[string]any{}
	for _, s := range slices.Backward(f.list) {
		if !s.at.Before(t) {
			c := map[string]any{}
			for k, v := range s.fields {
				c[k] = v
			}
			out = append(out, c)
		}
	}
	return out
}

func marshal(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// channelOf is the configuration of a driver that speaks to the fake.
func (f *fake) channelOf(driver string) ChannelConfig {
	ch := ChannelConfig{Name: "incident", Driver: driver, URL: f.server.URL, Audience: outbox.Internal,
		Token: func() (string, error) { return fakeToken, nil }}
	switch driver {
	case Slack:
		ch.Target, ch.Mention = "C0123ABCD", "<!here>"
	case SlackWebhook:
		ch.URL += "/services"
	case Discord:
		ch.Target, ch.Mention = "998877665544", "<@&42>"
	case DiscordWebhook:
		ch.Target, ch.Mention = "112233445566", "@everyone"
	case Statuspage:
		ch.Target = "p1"
	}
	return ch
}

func (f *fake) driver(name string) Driver {
	d, err := New(f.channelOf(name), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func allDrivers() []string {
	return []string{Slack, SlackWebhook, Discord, DiscordWebhook, Statuspage}
}
