package receivers

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// Moment is when a request came, and the token it must carry.
type Moment struct {
	Now   time.Time
	Token func(service string) string
}

// Do changes the world under its lock and saves it; an error means that it
// could not be saved.
type Do func(func(w *world.World, in Moment)) error

// Message is one thing that was said, as its readers see it.
type Message struct {
	Service string    `json:"service"` // slack, discord, statuspage
	Channel string    `json:"channel"` // channel, or page
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
	Title   string    `json:"title,omitempty"`  // of the incident on the page
	Status  string    `json:"status,omitempty"` // of the incident on the page
	Nonce   string    `json:"nonce,omitempty"`
	Edits   int       `json:"edits,omitempty"`
}

// Messages is everything that the world's receivers took: posts in their
// order, then the updates of the status page in theirs.
func Messages(w *world.World) []Message {
	var out []Message
	for _, p := range w.Posts {
		out = append(out, Message{Service: p.Service, Channel: p.Channel, ID: p.ID, At: p.At, Text: p.Text, Nonce: p.Nonce, Edits: p.Edits})
	}
	for _, i := range w.Incidents {
		for _, u := range i.Updates {
			out = append(out, Message{Service: "statuspage", Channel: i.Page, ID: u.ID, At: u.At, Text: u.Body, Title: i.Name, Status: u.Status})
		}
	}
	return out
}

// Names are the services.
func Names() []string { return []string{"slack", "discord", "statuspage"} }

// All are the services' handlers by name.
func All(do Do) map[string]http.Handler {
	return map[string]http.Handler{
		"slack":      service(do, "slack", slack),
		"discord":    service(do, "discord", discord),
		"statuspage": service(do, "statuspage", statuspage),
	}
}

// request is one request, read.
type request struct {
	method string
	path   string
	header http.Header
	form   map[string]string // query, and a form body
	body   []byte
}

// reply is its answer.
type reply struct {
	status int
	header map[string]string
	body   any
	lost   bool // the connection ends instead
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

type handler func(*world.World, Moment, request) reply

func service(do Do, name string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return
		}
		req := request{method: r.Method, path: strings.TrimRight(r.URL.Path, "/"), header: r.Header, form: map[string]string{}, body: body}
		fill(&req, r)
		var rep reply
		err = do(func(w *world.World, in Moment) { rep = h(w, in, req) })
		if err != nil || rep.lost {
			panic(http.ErrAbortHandler) // the connection ends, no answer comes
		}
		write(w, rep)
	})
}

// fill reads query and form body; a JSON body stays in body, its plain fields
// are in the form too.
func fill(req *request, r *http.Request) {
	for k, v := range r.URL.Query() {
		req.form[k] = v[0]
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var fields map[string]json.RawMessage
		if json.Unmarshal(req.body, &fields) != nil {
			return
		}
		for k, v := range fields {
			var s string
			if json.Unmarshal(v, &s) != nil {
				s = string(v)
			}
			req.form[k] = s
		}
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(req.body)))
	if r.ParseForm() == nil {
		for k, v := range r.PostForm {
			req.form[k] = v[0]
		}
	}
}

func write(w http.ResponseWriter, rep reply) {
	for k, v := range rep.header {
		w.Header().Set(k, v)
	}
	if rep.body == nil {
		w.WriteHeader(rep.status)
		return
	}
	b, err := json.Marshal(rep.body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(rep.status)
	w.Write(b)
}

// limited counts a post against the limit that a fault set.
func limited(w *world.World, name string) bool {
	r := w.Receivers[name]
	if r.Limit <= 0 {
		return false
	}
	r.Limit--
	w.Receivers[name] = r
	return true
}

// loses says whether the answer to a post that was just kept gets lost.
func loses(w *world.World, name string) bool {
	r := w.Receivers[name]
	if r.LoseReply <= 0 {
		return false
	}
	r.LoseReply--
	w.Receivers[name] = r
	return true
}

// retryAfter is how long a limit lasts, in seconds.
const retryAfter = 5
