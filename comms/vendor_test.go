package comms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/virtengine/relight/comms/outbox"
)

// speak makes a driver send everything it can say to a fake channel, with the
// texts that hurt.
func speak(t *testing.T, driver string) []seenRequest {
	t.Helper()
	f := newFake(t)
	d := f.driver(driver)
	rows := []outbox.Row{outbox.Seal(outbox.Row{ID: "a", Incident: "I", Lane: "incident", Place: 1, Template: "activated",
		Title: "[MAJOR OUTAGE] A <!channel> & @everyone", Body: strings.Repeat("ü", 1900), StatusState: "identified"})}
	p := PostOf(rows, rows[0], time.Now())
	p.Mention, p.Impact = true, "critical"
	p.Components = map[string]string{"abc123def456": "major_outage"}
	out := d.Send(context.Background(), p)
	if out.Class != outbox.ClassDelivered {
		t.Fatalf("%s: %+v", driver, out)
	}
	d.Lookup(context.Background(), p)
	d.Name(context.Background())
	rows[0].State, rows[0].Remote = outbox.Delivered, out.Remote
	next := outbox.Seal(outbox.Row{ID: "b", Incident: "I", Lane: "incident", Place: 2, Template: "progress",
		Title: "[RESOLVED]", Body: "x", StatusState: "resolved"})
	p = PostOf(append(rows, next), next, time.Now())
	if out := d.Send(context.Background(), p); out.Class != outbox.ClassDelivered {
		t.Fatalf("%s, update: %+v", driver, out)
	}
	d.Lookup(context.Background(), p)
	return f.requests()
}

// check holds a JSON request and its query against the vendor's description.
func check(t *testing.T, doc *openapi3.T, r seenRequest) {
	t.Helper()
	for path, item := range doc.Paths.Map() {
		if !pathMatches(path, r.path) || item.GetOperation(r.method) == nil {
			continue
		}
		op := item.GetOperation(r.method)
		for name, values := range r.query {
			param := op.Parameters.GetByInAndName("query", name)
			if param == nil {
				t.Errorf("%s %s: no such query parameter: %s", r.method, path, name)
				continue
			}
			var v any = values[0]
			if param.Schema.Value.Type.Is("integer") || param.Schema.Value.Type.Is("boolean") {
				if err := json.Unmarshal([]byte(values[0]), &v); err != nil {
					t.Errorf("%s %s: %s=%s: %v", r.method, path, name, values[0], err)
				}
			}
			if err := param.Schema.Value.VisitJSON(v, dialect(doc)...); err != nil {
				t.Errorf("%s %s: %s: %v", r.method, path, name, err)
			}
		}
		if op.RequestBody == nil {
			return
		}
		var body any
		if err := json.Unmarshal(r.body, &body); err != nil {
			t.Fatal(err)
		}
		schema := op.RequestBody.Value.Content["application/json"].Schema.Value
		if err := schema.VisitJSON(body, dialect(doc)...); err != nil {
			t.Errorf("%s %s %.200s: %.1500s", r.method, path, r.body, err.Error())
		}
		known(t, schema, body, r.path)
		return
	}
	t.Errorf("%s %s is not in the vendor's description", r.method, r.path)
}

// dialect is how the document's schemas are to be read: since 3.1 they are JSON
// Schema, and Discord's enums are invisible to a reader of 3.0.
func dialect(doc *openapi3.T) []openapi3.SchemaValidationOption {
	if doc.IsOpenAPI31OrLater() {
		return []openapi3.SchemaValidationOption{openapi3.EnableJSONSchema2020()}
	}
	return nil
}

// known says which fields the vendor does not know: the schemas allow unknown
// ones, and a misspelt field is silently nothing.
func known(t *testing.T, s *openapi3.Schema, body any, at string) {
	t.Helper()
	fields, ok := body.(map[string]any)
	if !ok {
		return
	}
	props := openapi3.Schemas{}
	for _, alt := range append([]*openapi3.SchemaRef{{Value: s}}, slices.Concat(s.AnyOf, s.OneOf, s.AllOf)...) {
		for name, p := range alt.Value.Properties {
			props[name] = p
		}
	}
	if len(props) == 0 {
		return // a free map
	}
	for name, v := range fields {
		if props[name] == nil {
			t.Errorf("%s: the vendor knows no field %q", at, name)
			continue
		}
		if name == "components" {
			continue // Statuspage's file names one example id there
		}
		known(t, props[name].Value, v, at+"."+name)
	}
}

func pathMatches(pattern, path string) bool {
	re := regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(pattern, `[^/]+`)
	if ok, _ := regexp.MatchString("^"+re+"$", path); !ok {
		return false
	}
	return !strings.HasSuffix(path, "/unresolved") || strings.HasSuffix(pattern, "/unresolved")
}

func TestDiscordRequests(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("testdata/vendor/discord.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, driver := range []string{Discord, DiscordWebhook} {
		seen := speak(t, driver)
		for _, r := range seen {
			check(t, doc, r)
			if !strings.HasPrefix(r.header.Get("User-Agent"), "DiscordBot (") {
				t.Errorf("%s %s: User-Agent %q", r.method, r.path, r.header.Get("User-Agent"))
			}
		}
		if driver == Discord && seen[0].header.Get("Authorization") != "Bot "+fakeToken {
			t.Errorf("authorization %q", seen[0].header.Get("Authorization"))
		}
		var second map[string]any
		for _, r := range seen[1:] {
			if r.method == "POST" {
				json.Unmarshal(r.body, &second)
			}
		}
		if got := fmt.Sprint(second["allowed_mentions"]); got != "map[parse:[]]" {
			t.Errorf("%s without a mention may call %s", driver, got)
		}
	}
}

// TestSlackRequests holds the forms against Slack's description of 2021. Its
// known defects are named here and nowhere else: it wants the token as a
// header, shows readers as GET, and is older than message metadata.
func TestSlackRequests(t *testing.T) {
	data, err := os.ReadFile("testdata/vendor/slack.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc openapi2.T
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	newer := map[string]bool{"metadata": true, "include_all_metadata": true, "token": true}
	for _, r := range speak(t, Slack) {
		item := doc.Paths[r.path]
		if item == nil {
			t.Fatalf("%s is not in Slack's description", r.path)
		}
		op := item.Post
		if op == nil {
			op = item.Get
		}
		form, err := url.ParseQuery(string(r.body))
		if err != nil || r.header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Fatalf("%s: %v %s", r.path, err, r.header.Get("Content-Type"))
		}
		types := map[string]string{}
		for _, p := range op.Parameters {
			if p.Type != nil {
				types[p.Name] = p.Type.Slice()[0]
			}
			if p.Required && p.In == "formData" && form.Get(p.Name) == "" {
				t.Errorf("%s: %s is required", r.path, p.Name)
			}
		}
		for name := range form {
			v := form.Get(name)
			bad := map[string]string{"boolean": `^(true|false|0|1)$`, "integer": `^\d+$`, "number": `^\d+(\.\d+)?$`}[types[name]]
			switch {
			case types[name] == "" && !newer[name]:
				t.Errorf("%s: Slack knows no field %q", r.path, name)
			case bad != "" && !regexp.MustCompile(bad).MatchString(v):
				t.Errorf("%s: %s=%q is no %s", r.path, name, v, types[name])
			}
		}
		if strings.HasSuffix(r.path, "postMessage") {
			if form.Get("parse") != "none" || strings.Contains(form.Get("text"), "A <!channel>") {
				t.Errorf("a mention could fire: parse=%s text=%.60s", form.Get("parse"), form.Get("text"))
			}
			if got := form.Get("metadata"); !regexp.MustCompile(`^\{"event_type":"relight_message","event_payload":\{"key":"[a-z2-7]{20}"\}\}$`).MatchString(got) {
				t.Errorf("metadata %s", got)
			}
		}
	}
}

// TestStatuspageRequests needs the vendor's file, which has no licence to be
// copied here. Without it only the shape that we know ourselves is checked.
func TestStatuspageRequests(t *testing.T) {
	seen := speak(t, Statuspage)
	for _, r := range seen {
		if r.header.Get("Authorization") != "OAuth "+fakeToken {
			t.Errorf("authorization %q", r.header.Get("Authorization"))
		}
	}
	var first struct{ Incident pageIncident }
	if err := json.Unmarshal(seen[0].body, &first); err != nil || first.Incident.ImpactOverride != "critical" || len(first.Incident.ComponentIDs) != 1 {
		t.Errorf("%v %s", err, seen[0].body)
	}
	if last := seen[len(seen)-2]; last.method != "PATCH" {
		t.Errorf("the update was a %s", last.method)
	}
	dir := os.Getenv("RELIGHT_VENDOR_SPECS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "vendor-specs")
	}
	file := filepath.Join(dir, "statuspage-openapi3-voxgig.json")
	if _, err := os.Stat(file); err != nil {
		fmt.Println("NOT CHECKED: Statuspage requests against the vendor's description: no " + file + " (set RELIGHT_VENDOR_SPECS)")
		return
	}
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range seen {
		check(t, doc, r)
	}
}
