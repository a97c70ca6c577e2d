package comms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
)

// statuspage posts incidents and their updates to an Atlassian Statuspage. The
// first row of a lane creates the incident; every later one updates it, and
// never creates another.
type statuspage struct{ link }

var statuspageID = lazy.Pattern(`^[0-9a-z]{3,40}$`)

// pageRequest is the body of both requests.
type pageRequest struct {
	Incident pageIncident `json:"incident"`
}

func (pageRequest) requestBody() {}

type pageIncident struct {
	Name           string            `json:"name,omitempty"`
	Status         string            `json:"status,omitempty"`
	ImpactOverride string            `json:"impact_override,omitempty"`
	Body           string            `json:"body"`
	ComponentIDs   []string          `json:"component_ids,omitempty"`
	Components     map[string]string `json:"components,omitempty"`
	Notify         bool              `json:"deliver_notifications"`
	Metadata       pageMetadata      `json:"metadata"`
}

// pageMetadata is readable by whoever may read the page's API: opaque keys only.
// Its top-level values must be objects.
type pageMetadata struct {
	Relight pageKeys `json:"relight"`
}

type pageKeys struct {
	Incident string `json:"incident"`
	LastKey  string `json:"last_key"`
}

// pageAnswer is an incident as the page lists it.
type pageAnswer struct {
	ID        string       `json:"id"`
	Shortlink string       `json:"shortlink"`
	Metadata  pageMetadata `json:"metadata"`
}

// longestName is what the page takes as an incident's name.
const longestName = 255

// pageBody is the request's incident. The page keeps one name for an incident,
// so the title of an update becomes the first line of its text.
func pageBody(p Post) pageIncident {
	title, body := announced(p.Row.Drill, p.Row.Title, p.Row.Body)
	in := pageIncident{Status: p.Row.StatusState, Components: p.Components, Notify: true,
		Metadata: pageMetadata{pageKeys{Incident: p.IncidentKey, LastKey: p.Row.Marker}}}
	for id := range p.Components {
		in.ComponentIDs = append(in.ComponentIDs, id)
	}
	slices.Sort(in.ComponentIDs)
	name := []rune(title)
	if !p.Opens || len(name) > longestName || title == "" {
		in.Body = outbox.Row{Title: title, Body: body}.Text()
	} else {
		in.Body = body
	}
	if !p.Opens {
		return in
	}
	in.ImpactOverride = p.Impact
	if in.Status == "" {
		in.Status = "investigating"
	}
	if title == "" {
		name = []rune(strings.SplitN(body, "\n", 2)[0])
	}
	if len(name) > longestName {
		name = append(name[:longestName-1], '…')
	}
	in.Name = string(name)
	return in
}

func (d statuspage) Send(ctx context.Context, p Post) outbox.Outcome {
	s, err := d.open()
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassNotSent, Reason: err.Error()}
	}
	method, path := http.MethodPost, "/incidents"
	if !p.Opens {
		id, out := s.incidentToUpdate(ctx, p)
		if id == "" {
			return out
		}
		method, path = http.MethodPatch, "/incidents/"+id
	}
	req, err := s.page(ctx, method, path, pageRequest{pageBody(p)})
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: err.Error(), Fix: fixOf(0)}
	}
	return s.classify(do(d.client, req), s.readPage)
}

// page builds a request under the page.
func (s session) page(ctx context.Context, method, path string, body jsonBody) (*http.Request, error) {
	req, err := s.request(ctx, method, s.ch.URL+"/pages/"+s.ch.Target+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "OAuth "+s.token)
	return req, nil
}

// incidentToUpdate is the id of the remote incident: the parent's, or that of
// the open incident with our key. Without one the row is refused, because an
// update that opens a second incident tells the public the wrong story.
func (s session) incidentToUpdate(ctx context.Context, p Post) (string, outbox.Outcome) {
	if id := s.id(p.Parent.ID, statuspageID); id != "" {
		return id, outbox.Outcome{}
	}
	list, x := s.incidents(ctx, "/incidents/unresolved?per_page=100")
	if list == nil {
		out := s.classify(x, s.readPage)
		if out.Class == outbox.ClassUnknown || out.Class == outbox.ClassDelivered {
			// Only a read went out: nothing can have been posted.
			out = outbox.Outcome{Class: outbox.ClassNotSent, Reason: "the open incidents cannot be read: " + out.Reason}
		}
		return "", out
	}
	for _, in := range list {
		if in.Metadata.Relight.Incident == p.IncidentKey && s.id(in.ID, statuspageID) != "" {
			return in.ID, outbox.Outcome{}
		}
	}
	return "", outbox.Outcome{Class: outbox.ClassRejected, Reason: "no open incident on the page is ours to update",
		Fix: "post the update by hand, or give the id of the incident that was opened by hand"}
}

// incidents reads a list. It is nil unless the page answered in full.
func (s session) incidents(ctx context.Context, path string) ([]pageAnswer, exchange) {
	req, err := s.page(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, exchange{err: err}
	}
	x := do(s.client, req)
	var list []pageAnswer
	if x.status != http.StatusOK || x.err != nil || json.Unmarshal(x.body, &list) != nil {
		return nil, x
	}
	return list, x
}

// readPage reads an incident, or an error.
func (s session) readPage(body []byte) reading {
	var a struct {
		pageAnswer
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &a) != nil {
		return reading{reason: "the answer is not the status page's"}
	}
	id := s.id(a.ID, statuspageID)
	if id == "" {
		return reading{reason: s.pageError(a.Error)}
	}
	return reading{class: outbox.ClassDelivered, remote: s.pageRemote(a.pageAnswer)}
}

func (s session) pageRemote(a pageAnswer) outbox.Remote {
	r := outbox.Remote{ID: s.id(a.ID, statuspageID), Channel: s.ch.Target}
	if shortlink.MatchString(a.Shortlink) && s.hide.Redact(a.Shortlink) == a.Shortlink {
		r.Link = a.Shortlink
	}
	return r
}

var shortlink = lazy.Pattern(`^https?://[0-9A-Za-z.:-]{1,100}/[0-9A-Za-z/._-]{0,100}$`)

// pageError is the text of an error, which is one string or several.
func (s session) pageError(raw json.RawMessage) string {
	var one string
	var many []string
	switch {
	case json.Unmarshal(raw, &one) == nil:
		return s.say(one)
	case json.Unmarshal(raw, &many) == nil:
		return s.say(strings.Join(many, "; "))
	}
	return ""
}

// Lookup finds the row by the key that its own request wrote: of an opening row
// among the page's newest incidents, of an update in the incident it updated. A lane has
// one request in flight, so the last key written is this row's or an older one.
func (d statuspage) Lookup(ctx context.Context, p Post) outbox.LookupResult {
	s, err := d.open()
	if err != nil {
		return outbox.LookupResult{Class: outbox.Failed, Reason: err.Error()}
	}
	if id := s.id(p.Parent.ID, statuspageID); id != "" && !p.Opens {
		return s.lookupOne(ctx, p, id)
	}
	// All incidents, newest first, not only the open ones: a colleague may have
	// resolved ours meanwhile, and "absent" would open it a second time.
	list, x := s.incidents(ctx, "/incidents?limit=100")
	if list == nil {
		return s.missed(x, s.readPage)
	}
	for _, in := range list {
		if r, ok := s.mine(in, p); ok {
			return outbox.LookupResult{Class: outbox.Found, Remote: r}
		}
	}
	return outbox.LookupResult{Class: outbox.Absent}
}

func (s session) lookupOne(ctx context.Context, p Post, id string) outbox.LookupResult {
	req, err := s.page(ctx, http.MethodGet, "/incidents/"+id, nil)
	if err != nil {
		return outbox.LookupResult{Class: outbox.Failed, Reason: err.Error()}
	}
	x := do(s.client, req)
	var in pageAnswer
	if x.status != http.StatusOK || x.err != nil || json.Unmarshal(x.body, &in) != nil || in.ID != id {
		return s.missed(x, s.readPage)
	}
	if r, ok := s.mine(in, p); ok {
		return outbox.LookupResult{Class: outbox.Found, Remote: r}
	}
	return outbox.LookupResult{Class: outbox.Absent}
}

// mine says that the incident carries the row's own key.
func (s session) mine(in pageAnswer, p Post) (outbox.Remote, bool) {
	k := in.Metadata.Relight
	if p.Row.Marker == "" || k.LastKey != p.Row.Marker || k.Incident != p.IncidentKey {
		return outbox.Remote{}, false
	}
	r := s.pageRemote(in)
	return r, r.ID != ""
}

func (d statuspage) Name(ctx context.Context) (string, error) {
	s, err := d.open()
	if err != nil {
		return "", err
	}
	req, err := s.page(ctx, http.MethodGet, "", nil)
	if err != nil {
		return "", fmt.Errorf("channel %s: %w", d.ch.Name, err)
	}
	x := do(d.client, req)
	var a struct {
		Name string `json:"name"`
	}
	if x.status == http.StatusOK && json.Unmarshal(x.body, &a) == nil && a.Name != "" {
		return s.say(a.Name), nil
	}
	return "", s.nameless(x, s.readPage)
}
