package receivers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

const (
	pageBodyMax = 25_000
	pageNameMax = 255
)

// Page is the id of the drill's status page.
const Page = "drillpage01"

// PageComponents are its components, id and name.
func PageComponents() [][2]string {
	return [][2]string{{"cmpvalidator", "Validator node"}, {"cmpprovider", "Provider daemon"}, {"cmprpc", "RPC endpoints"},
		{"cmpmonitor", "Monitoring"}, {"cmpservices", "Supporting services"}, {"cmpdatabase", "Databases"}}
}

func pageNo(status int, text ...string) reply {
	return reply{status: status, body: struct {
		Error []string `json:"error"`
	}{text}}
}

// pageFields are the fields of an incident in a request.
type pageFields struct {
	Name       string                     `json:"name"`
	Status     string                     `json:"status"`
	Impact     string                     `json:"impact_override"`
	Body       string                     `json:"body"`
	Metadata   map[string]json.RawMessage `json:"metadata"`
	Components map[string]string          `json:"components"`
	IDs        []string                   `json:"component_ids"`
}

type pageComponent struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Page   string `json:"page_id"`
}

type pageUpdate struct {
	ID       string    `json:"id"`
	Incident string    `json:"incident_id"`
	Status   string    `json:"status"`
	Body     string    `json:"body"`
	Created  time.Time `json:"created_at"`
	Display  time.Time `json:"display_at"`
}

type pageIncident struct {
	ID         string          `json:"id"`
	Page       string          `json:"page_id"`
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	Impact     string          `json:"impact"`
	Override   string          `json:"impact_override"`
	Created    time.Time       `json:"created_at"`
	Updated    time.Time       `json:"updated_at"`
	Resolved   *time.Time      `json:"resolved_at"`
	Link       string          `json:"shortlink"`
	Metadata   json.RawMessage `json:"metadata"`
	Components []pageComponent `json:"components"`
	Updates    []pageUpdate    `json:"incident_updates"` // the newest first
}

func pageView(w *world.World, i world.PageIncident) pageIncident {
	v := pageIncident{ID: i.ID, Page: i.Page, Name: i.Name, Status: i.Status, Impact: i.Impact, Override: i.Impact, Created: i.Created,
		Updated: i.Updated, Link: "https://stspg.example/" + i.ID, Metadata: i.Metadata, Components: []pageComponent{}}
	if !i.Resolved.IsZero() {
		v.Resolved = &i.Resolved
	}
	if len(v.Metadata) == 0 {
		v.Metadata = json.RawMessage("{}")
	}
	ids := make([]string, 0, len(i.Components))
	for id := range i.Components {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		v.Components = append(v.Components, componentView(w, i.Page, id))
	}
	for n := len(i.Updates) - 1; n >= 0; n-- {
		u := i.Updates[n]
		v.Updates = append(v.Updates, pageUpdate{u.ID, i.ID, u.Status, u.Body, u.At, u.At})
	}
	return v
}

func componentView(w *world.World, page, id string) pageComponent {
	c := pageComponent{ID: id, Name: id, Status: "operational", Page: page}
	for _, k := range PageComponents() {
		if k[0] == id {
			c.Name = k[1]
		}
	}
	if s := w.Components[id]; s != "" {
		c.Status = s
	}
	return c
}

func statuspage(w *world.World, in Moment, r request) reply {
	if r.header.Get("Authorization") != "OAuth "+in.Token("statuspage") {
		return reply{status: http.StatusUnauthorized, body: struct {
			Error string `json:"error"`
		}{"Could not authenticate"}}
	}
	_, route, found := strings.Cut(r.path, "/v1/pages/")
	parts := strings.Split(route, "/")
	if !found || parts[0] != Page {
		return pageNo(http.StatusNotFound, "Not found")
	}
	rest := strings.Join(parts[1:], "/")
	change := r.method == http.MethodPost || r.method == http.MethodPatch || r.method == http.MethodPut
	if change && limited(w, "statuspage") {
		return pageNo(420, "Enhance your calm")
	}
	rep := pageRoute(w, in, r, parts[1:], rest)
	rep.lost = change && rep.status < 300 && loses(w, "statuspage")
	return rep
}

func pageRoute(w *world.World, in Moment, r request, parts []string, rest string) reply {
	switch {
	case rest == "":
		return ok(struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		}{Page, "Drill status"})
	case rest == "components" && r.method == http.MethodGet:
		out := []pageComponent{}
		for _, k := range PageComponents() {
			out = append(out, componentView(w, Page, k[0]))
		}
		return ok(out)
	case parts[0] == "components" && len(parts) == 2:
		return pageSetComponent(w, r, parts[1])
	case rest == "incidents" && r.method == http.MethodPost:
		return pageCreate(w, in, r)
	case rest == "incidents" || rest == "incidents/unresolved":
		return pageList(w, r, rest == "incidents/unresolved")
	case parts[0] == "incidents" && len(parts) >= 2:
		return pageOne(w, in, r, parts[1:])
	}
	return pageNo(http.StatusNotFound, "Not found")
}

func pageSetComponent(w *world.World, r request, id string) reply {
	known := false
	for _, k := range PageComponents() {
		known = known || k[0] == id
	}
	if !known {
		return pageNo(http.StatusNotFound, "Component not found")
	}
	if r.method != http.MethodGet {
		var b struct {
			Component struct {
				Status string `json:"status"`
			} `json:"component"`
		}
		if err := json.Unmarshal(r.body, &b); err != nil || !componentStatus(b.Component.Status) {
			return pageNo(http.StatusUnprocessableEntity, "Status is not included in the list")
		}
		setComponent(w, id, b.Component.Status)
	}
	return ok(componentView(w, Page, id))
}

func setComponent(w *world.World, id, status string) {
	if w.Components == nil {
		w.Components = map[string]string{}
	}
	w.Components[id] = status
	w.Touched()
}

func componentStatus(s string) bool {
	switch s {
	case "operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage":
		return true
	}
	return false
}

// readFields reads and checks what the vendor checks.
func readFields(r request) (pageFields, []string) {
	var b struct {
		Incident pageFields `json:"incident"`
	}
	if err := json.Unmarshal(r.body, &b); err != nil {
		return b.Incident, []string{"Request body is not JSON"}
	}
	f := b.Incident
	var wrong []string
	switch f.Status {
	case "", "investigating", "identified", "monitoring", "resolved":
	default:
		wrong = append(wrong, "Status is not included in the list")
	}
	switch f.Impact {
	case "", "none", "maintenance", "minor", "major", "critical":
	default:
		wrong = append(wrong, "Impact override is not included in the list")
	}
	if len([]rune(f.Name)) > pageNameMax {
		wrong = append(wrong, "Name is too long (maximum is 255 characters)")
	}
	if len([]rune(f.Body)) > pageBodyMax {
		wrong = append(wrong, "Body is too long (maximum is 25000 characters)")
	}
	for _, v := range f.Metadata {
		if !strings.HasPrefix(strings.TrimSpace(string(v)), "{") {
			wrong = append(wrong, "Metadata values must be objects")
			break
		}
	}
	for _, s := range f.Components {
		if !componentStatus(s) {
			wrong = append(wrong, "Component status is not included in the list")
			break
		}
	}
	return f, wrong
}

func pageCreate(w *world.World, in Moment, r request) reply {
	f, wrong := readFields(r)
	if f.Name == "" {
		wrong = append(wrong, "Name can't be blank")
	}
	if len(wrong) > 0 {
		return pageNo(http.StatusUnprocessableEntity, wrong...)
	}
	if f.Status == "" {
		f.Status = "investigating"
	}
	if f.Impact == "" {
		f.Impact = "none"
	}
	i := world.PageIncident{Page: Page, ID: fmt.Sprintf("drillinc%04d", len(w.Incidents)+1), Created: in.Now, Components: map[string]string{}}
	w.Incidents = append(w.Incidents, i)
	got := &w.Incidents[len(w.Incidents)-1]
	pageApply(w, got, in, f)
	return reply{status: http.StatusCreated, body: pageView(w, *got)}
}

// pageApply changes an incident: a status or a body is a new update.
func pageApply(w *world.World, i *world.PageIncident, in Moment, f pageFields) {
	if f.Name != "" {
		i.Name = f.Name
	}
	if f.Impact != "" {
		i.Impact = f.Impact
	}
	for _, id := range f.IDs {
		i.Components[id] = w.Components[id]
	}
	for id, s := range f.Components {
		i.Components[id] = s
		setComponent(w, id, s)
	}
	if f.Metadata != nil {
		if b, err := json.Marshal(f.Metadata); err == nil {
			i.Metadata = b
		}
	}
	if f.Status != "" || f.Body != "" {
		if f.Status != "" {
			i.Status = f.Status
		}
		i.Updates = append(i.Updates, world.PageUpdate{ID: i.ID + "u" + strconv.Itoa(len(i.Updates)+1), Status: i.Status, Body: f.Body, At: in.Now})
	}
	i.Resolved = time.Time{}
	if i.Status == "resolved" {
		i.Resolved = in.Now
	}
	i.Updated = in.Now
	w.Touched()
}

func pageList(w *world.World, r request, unresolved bool) reply {
	out := []pageIncident{}
	for n := len(w.Incidents) - 1; n >= 0; n-- {
		i := w.Incidents[n]
		if unresolved && i.Status == "resolved" || !strings.Contains(strings.ToLower(i.Name), strings.ToLower(r.form["q"])) {
			continue
		}
		out = append(out, pageView(w, i))
	}
	return ok(out)
}

func pageOne(w *world.World, in Moment, r request, parts []string) reply {
	for n := range w.Incidents {
		i := &w.Incidents[n]
		if i.ID != parts[0] {
			continue
		}
		switch {
		case len(parts) == 1 && r.method == http.MethodGet:
		case len(parts) == 1 && (r.method == http.MethodPatch || r.method == http.MethodPut):
			f, wrong := readFields(r)
			if len(wrong) > 0 {
				return pageNo(http.StatusUnprocessableEntity, wrong...)
			}
			pageApply(w, i, in, f)
		default:
			return pageNo(http.StatusNotFound, "Not found")
		}
		return ok(pageView(w, *i))
	}
	return pageNo(http.StatusNotFound, "Incident not found")
}
