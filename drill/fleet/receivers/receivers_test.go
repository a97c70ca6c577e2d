package receivers

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// desk is the receivers of one world at a time that the test moves.
type desk struct {
	mu  sync.Mutex
	w   world.World
	now time.Time
	all map[string]http.Handler
}

func newDesk() *desk {
	d := &desk{now: time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)}
	d.w = world.New(1, d.now)
	d.all = All(func(f func(*world.World, Moment)) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		f(&d.w, Moment{Now: d.now, Token: func(string) string { return "tok" }})
		return nil
	})
	return d
}

// ask sends one request; auth is the Authorization header.
func (d *desk) ask(t *testing.T, service, auth, method, target, ctype, body string) (int, map[string]any, http.Header) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", auth)
	r.Header.Set("Content-Type", ctype)
	rec := httptest.NewRecorder()
	d.all[service].ServeHTTP(rec, r)
	b, err := io.ReadAll(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	_ = json.Unmarshal(b, &out) // lists and empty bodies have no fields
	return rec.Code, out, rec.Header()
}

const (
	jsonBody = "application/json"
	formBody = "application/x-www-form-urlencoded"
)

func TestSlackIsAsStrictAsSlack(t *testing.T) {
	d := newDesk()
	for _, c := range []struct{ auth, method, ctype, body, want string }{
		{"", "chat.postMessage", formBody, "channel=c&text=x", "not_authed"},
		{"Bearer other", "chat.postMessage", formBody, "channel=c&text=x", "invalid_auth"},
		{"Bearer tok", "chat.postMessage", formBody, "text=x", "channel_not_found"},
		{"Bearer tok", "chat.postMessage", formBody, "channel=c", "no_text"},
		{"Bearer tok", "chat.postMessage", jsonBody, `{"channel":"c","text":"` + strings.Repeat("x", slackMax+1) + `"}`, "msg_too_long"},
		{"Bearer tok", "chat.update", jsonBody, `{"channel":"c","text":"y","ts":"1.2"}`, "message_not_found"},
		{"Bearer tok", "chat.fly", jsonBody, `{}`, "unknown_method"},
	} {
		code, out, _ := d.ask(t, "slack", c.auth, http.MethodPost, "/api/"+c.method, c.ctype, c.body)
		if code != 200 || out["ok"] != false || out["error"] != c.want {
			t.Errorf("%s %.60s: %d %v, want %s", c.method, c.body, code, out, c.want)
		}
	}
	if len(d.w.Posts) != 0 {
		t.Errorf("kept %v", d.w.Posts)
	}
}

func TestSlackHistoryHasUniqueStampsAndMetadata(t *testing.T) {
	d := newDesk()
	seen := map[string]bool{}
	for range 3 { // all within one second of the domain
		_, out, _ := d.ask(t, "slack", "Bearer tok", http.MethodPost, "/api/chat.postMessage", jsonBody,
			`{"channel":"`+SlackID("drill-incident")+`","text":"hello","metadata":{"event_type":"relight","event_payload":{"key":"k1"}}}`)
		ts, _ := out["ts"].(string)
		if ts == "" || seen[ts] {
			t.Fatalf("ts %q again: %v", ts, out)
		}
		seen[ts] = true
	}
	_, out, _ := d.ask(t, "slack", "Bearer tok", http.MethodGet, "/api/conversations.history?channel="+SlackID("drill-incident")+
		"&oldest=1770127195&include_all_metadata=true&limit=2", formBody, "")
	list, _ := out["messages"].([]any)
	if len(list) != 2 || out["has_more"] != true {
		t.Fatalf("%v", out)
	}
	first, _ := list[0].(map[string]any)
	if first["metadata"] == nil {
		t.Errorf("no metadata in %v", first)
	}
}

func TestDiscordRemembersANonceForMinutes(t *testing.T) {
	d := newDesk()
	post := func(nonce string) string {
		_, out, _ := d.ask(t, "discord", "Bot tok", http.MethodPost, "/api/v10/channels/"+ValidatorsChannel+"/messages", jsonBody,
			`{"content":"hello","nonce":"`+nonce+`","enforce_nonce":true,"allowed_mentions":{"parse":[]}}`)
		id, _ := out["id"].(string)
		return id
	}
	a, b, c := post("n1"), post("n1"), post("n2")
	if a == "" || a != b || a == c || len(d.w.Posts) != 2 {
		t.Errorf("%s %s %s, %d posts", a, b, c, len(d.w.Posts))
	}
	d.now = d.now.Add(10 * time.Minute)
	if post("n1") == a {
		t.Error("a nonce is not remembered for ever")
	}
	for _, x := range []struct {
		auth, path, body string
		status           int
		code             float64
	}{
		{"Bot other", "channels/1/messages", `{"content":"x"}`, 401, 0},
		{"Bot tok", "channels/1/messages", `{"content":""}`, 400, 50006},
		{"Bot tok", "channels/1/messages", `{"content":"` + strings.Repeat("x", discordMax+1) + `"}`, 400, 50035},
		{"Bot tok", "webhooks/1/wrong?wait=true", `{"content":"x"}`, 404, 10015},
	} {
		status, out, _ := d.ask(t, "discord", x.auth, http.MethodPost, "/api/v10/"+x.path, jsonBody, x.body)
		if status != x.status || out["code"] != x.code {
			t.Errorf("%s: %d %v", x.path, status, out)
		}
	}
	if status, out, _ := d.ask(t, "discord", "", http.MethodPost, "/api/v10/webhooks/1/tok?wait=true", jsonBody, `{"content":"x"}`); status != 200 || out["id"] == nil {
		t.Errorf("webhook: %d %v", status, out)
	}
	if status, _, _ := d.ask(t, "discord", "", http.MethodPost, "/api/v10/webhooks/1/tok", jsonBody, `{"content":"x"}`); status != http.StatusNoContent {
		t.Errorf("webhook without wait: %d", status)
	}
}

func TestStatuspageKeepsTheIncident(t *testing.T) {
	d := newDesk()
	at := "/v1/pages/" + Page
	status, out, _ := d.ask(t, "statuspage", "OAuth tok", http.MethodPost, at+"/incidents", jsonBody,
		`{"incident":{"name":"Drill","status":"identified","impact_override":"major","body":"one","components":{"cmpvalidator":"major_outage"},"metadata":{"relight":{"key":"k"}}}}`)
	id, _ := out["id"].(string)
	if status != http.StatusCreated || id == "" {
		t.Fatalf("%d %v", status, out)
	}
	if d.w.Components["cmpvalidator"] != "major_outage" {
		t.Errorf("%v", d.w.Components)
	}
	status, out, _ = d.ask(t, "statuspage", "OAuth tok", http.MethodPatch, at+"/incidents/"+id, jsonBody,
		`{"incident":{"status":"resolved","body":"two","components":{"cmpvalidator":"operational"}}}`)
	updates, _ := out["incident_updates"].([]any)
	if status != 200 || len(updates) != 2 || out["resolved_at"] == nil || out["metadata"] == nil {
		t.Errorf("%d %v", status, out)
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, at+"/incidents/unresolved", nil)
	r.Header.Set("Authorization", "OAuth tok")
	d.all["statuspage"].ServeHTTP(rec, r)
	if strings.TrimSpace(rec.Body.String()) != "[]" {
		t.Errorf("unresolved: %s", rec.Body)
	}
	for _, x := range []struct {
		auth, path, body string
		status           int
	}{
		{"OAuth no", "/incidents", `{}`, 401},
		{"OAuth tok", "/incidents", `{"incident":{"body":"no name"}}`, 422},
		{"OAuth tok", "/incidents", `{"incident":{"name":"n","metadata":{"flat":"text"}}}`, 422},
		{"OAuth tok", "/incidents", `{"incident":{"name":"n","status":"fine"}}`, 422},
	} {
		if status, out, _ := d.ask(t, "statuspage", x.auth, http.MethodPost, at+x.path, jsonBody, x.body); status != x.status {
			t.Errorf("%s %s: %d %v", x.auth, x.body, status, out)
		}
	}
	if got := Messages(&d.w); len(got) != 2 || got[1].Text != "two" || got[1].Status != "resolved" {
		t.Errorf("%+v", got)
	}
}

func TestLimits(t *testing.T) {
	for service, x := range map[string]struct {
		auth, path, body string
		status           int
	}{
		"slack":      {"Bearer tok", "/api/chat.postMessage", `{"channel":"c","text":"x"}`, 429},
		"discord":    {"Bot tok", "/api/v10/channels/1/messages", `{"content":"x"}`, 429},
		"statuspage": {"OAuth tok", "/v1/pages/" + Page + "/incidents", `{"incident":{"name":"n"}}`, 420},
	} {
		d := newDesk()
		if err := d.w.Fault("slack-429", service); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			status, _, head := d.ask(t, service, x.auth, http.MethodPost, x.path, jsonBody, x.body)
			if (status == x.status) != (i < 2) {
				t.Errorf("%s, try %d: %d", service, i, status)
			}
			if status == 429 && head.Get("Retry-After") != "5" {
				t.Errorf("%s: %v", service, head)
			}
		}
	}
}
