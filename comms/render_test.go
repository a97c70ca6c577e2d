package comms

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

// filled are plausible values for every built-in field.
func filled() Fields {
	return Fields{FieldImpact: "blocks are slow", FieldETA: "15:00 UTC", FieldNextUpdate: "14:30 UTC", FieldStart: "14:02 UTC",
		FieldEnd: "14:09 UTC", FieldDuration: "7 min", FieldSeverity: "SEV-1", FieldCommander: "Ada", FieldPublicName: "Primary region",
		FieldCadence: "30 minutes", FieldComponents: Components([]ComponentState{{"Historical data", "?"}, {"Provider services", InProgress},
			{"Blockchain consensus", Restored}, {"RPC endpoints", Restored}})}
}

func public() Rules {
	return Rules{Audience: outbox.Public, Hosts: []string{"validator-1", "db"}, Now: time.Date(2026, 3, 1, 14, 10, 0, 0, time.UTC)}
}

func base(t testing.TB) map[string]Template {
	all, err := BaseTemplates()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBaseTemplates(t *testing.T) {
	all := base(t)
	for _, name := range []string{"incident-declared", "engineering-update", "leadership-summary", "validators-status",
		"providers-impact", "status-activated", "status-progress", "status-resolved", LastWord} {
		tmpl, ok := all[name]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		r := public()
		r.Audience = tmpl.Audience
		m, err := Render(tmpl, filled(), r)
		if err != nil || !m.Ready() || len(m.Warnings) > 0 {
			t.Errorf("%s: %v missing %v problems %v warnings %v", name, err, m.Missing, m.Problems, m.Warnings)
		}
		for _, f := range tmpl.Fields() {
			if !slices.Contains(BuiltIn(), f) {
				t.Errorf("%s asks for %q, which is no built-in field", name, f)
			}
			if tmpl.Audience == outbox.Public && !PublicField(f) {
				t.Errorf("%s is public and asks for %q", name, f)
			}
		}
		if m, _ := Render(tmpl, nil, r); m.Ready() || len(m.Missing) == 0 || slices.Contains(m.Missing, FieldETA) {
			t.Errorf("%s without fields: missing %v", name, m.Missing)
		}
	}
	for name, state := range map[string]string{"status-activated": "identified", "status-progress": "identified", "status-resolved": "resolved", LastWord: "resolved"} {
		if all[name].State != state {
			t.Errorf("%s has state %q", name, all[name].State)
		}
	}
}

func TestRenderedText(t *testing.T) {
	f := filled()
	delete(f, FieldETA)
	m, err := Render(base(t)["status-progress"], f, public())
	if err != nil || !m.Ready() {
		t.Fatal(err, m.Missing, m.Problems)
	}
	want := `The services are being brought back.

- ✅ Blockchain consensus (restored)
- ✅ RPC endpoints (restored)
- 🔄 Provider services (in progress)
- ⏳ Historical data (pending)

Next update 14:30 UTC.`
	if m.Body != want || m.Title != "Recovery in progress" {
		t.Errorf("got\n%s\n%s", m.Title, m.Body)
	}
}

func TestRefusedInPublic(t *testing.T) {
	cases := []struct{ say, match string }{
		{"the node 10.0.3.7 is back", "10.0.3.7"},
		{"peer fd00::12 left", "fd00::12"},
		{"rpc at [2001:db8::1]:26657", "2001:db8::1"},
		{"Validator-1 is back", "Validator-1"},
		{"restored on db.", "db"},
		{"see /var/lib/virtengine/config", "/var/lib/virtengine/config"},
		{"in ~/.virtengine", "~/.virtengine"},
		{"priv_validator_key.json is safe", "priv_validator_key.json"},
		{"the file ops.gpg", "ops.gpg"},
		{"address 00112233445566778899AABBCCDDEEFF00112233", "00112233445566778899AABBCCDDEEFF00112233"},
		{"virtenginevaloper1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu", "virtenginevaloper1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"},
		{"uses xoxb-1234567890-abcdef", "xoxb-123…"},
		{"password: hunter2", "password…"},
		{"postgres://ops:pw@db1/x", "postgres…"},
		{"https://hooks.slack.com/services/T0/B0/xyz", "https://…"},
		{"key Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg", "Zm9vYmFyYmF…"},
		{"panic: runtime error", "panic"},
		{"main.go:42", "main.go:42"},
		{"Traceback (most recent call last)", "Traceback (most recent"},
		{"$ systemctl status virtengine", "$ systemctl status virtengine"},
		{"ops@host:~$ ls", "ops@host:~$"},
		{"exit status 3", "exit status 3"},
		{`{"jsonrpc":"2.0"}`, `{"jsonrpc`},
		{"bash: curl: command not found", "curl: command not found"},
		{"back at [time]", "[time]"},
		{"ETA TBD", "TBD"},
		{"{{impact}}", "{{impact}}"},
		{"{{impact", "{{impact"},
		{"va\u200blidator-1 hidden by a zero-width space", "validator-1"},
	}
	tmpl := Template{Name: "t", Audience: outbox.Public, Body: "Impact: {{impact}}"}
	for _, c := range cases {
		m, err := Render(tmpl, Fields{FieldImpact: c.say}, public())
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(m.Problems, func(p Problem) bool { return p.Match == c.match && p.Why != "" })
		if m.Ready() || !found {
			t.Errorf("%q: want %q refused, got %v", c.say, c.match, m.Problems)
		}
	}
}

func TestAllowedInPublic(t *testing.T) {
	tmpl := Template{Name: "t", Audience: outbox.Public, Body: "Impact: {{impact}}"}
	for _, say := range []string{
		"validators 1 and/or 2 are back since 14:30 UTC, 2026-03-01",
		"[MAJOR OUTAGE - UPDATE] running CometBFT 0.38.21",
		"see https://status.virtengine.com/incidents/2026-03-01-primary-region for more",
		"std::string, 24/7, 3:2, TCP/IP, n/a",
		"67 % of the voting power is online; the database is back",
		"basic infrastructure and bot administrators are not affected",
	} {
		if m, err := Render(tmpl, Fields{FieldImpact: say}, public()); err != nil || !m.Ready() {
			t.Errorf("%q was refused: %v %v", say, err, m.Problems)
		}
	}
}

func TestParametersStayInside(t *testing.T) {
	tmpl := Template{Name: "t", Audience: outbox.Internal, Body: "{{failed}} by {{commander}}"}
	f := Fields{"failed": "validator-1", FieldCommander: "Ada"}
	if m, _ := Render(tmpl, f, Rules{Audience: outbox.Internal, Hosts: []string{"validator-1"}}); !m.Ready() {
		t.Errorf("internal: %v", m.Problems)
	}
	if m, _ := Render(tmpl, f, public()); len(m.Problems) < 3 {
		t.Errorf("public: parameter, commander and host must be refused: %v", m.Problems)
	}
	if m, _ := Render(tmpl, f, Rules{}); m.Ready() {
		t.Error("a channel of unknown audience is public")
	}
	if m, _ := Render(tmpl, Fields{"failed": "token: abcdef", FieldCommander: "Ada"}, Rules{Audience: outbox.Internal}); m.Ready() {
		t.Error("a secret passed inside")
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 3, 1, 23, 50, 30, 0, time.UTC)
	tmpl := Template{Name: "t", Audience: outbox.Internal, Body: "{{eta}} {{start}}"}
	for _, c := range []struct {
		eta      string
		problem  bool
		warnings int
	}{
		{"23:50 UTC", false, 0}, {"23:49 UTC", false, 1}, {"00:10 UTC", false, 0}, {"2026-03-01 23:00 UTC", false, 1},
		{"2026-03-02 00:20 UTC", false, 0}, {"23:55", true, 0}, {"in two hours", false, 0},
	} {
		m, err := Render(tmpl, Fields{FieldETA: c.eta, FieldStart: "22:00 UTC"}, Rules{Audience: outbox.Internal, Now: now})
		if err != nil || (len(m.Problems) > 0) != c.problem || len(m.Warnings) != c.warnings {
			t.Errorf("%q: %v problems %v warnings %v", c.eta, err, m.Problems, m.Warnings)
		}
	}
	if got := When(now.In(time.FixedZone("x", 3600)), now); got != "23:50 UTC" {
		t.Error(got)
	}
	if got := When(now.Add(time.Hour), now); got != "2026-03-02 00:50 UTC" {
		t.Error(got)
	}
	for d, want := range map[time.Duration]string{59 * time.Second: "under a minute", 47 * time.Minute: "47 min", 125 * time.Minute: "2 h 05 min"} {
		if got := HowLong(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}

func TestMissingInOrder(t *testing.T) {
	tmpl := Template{Name: "t", Audience: outbox.Internal, Title: "{{ b }}", Body: "{{a}} {{b}}\nETA: {{eta}}\n{{c}}"}
	m, _ := Render(tmpl, Fields{"c": "  "}, Rules{Audience: outbox.Internal})
	if !slices.Equal(m.Missing, []string{"b", "a", "c"}) || strings.Contains(m.Body, "ETA") {
		t.Errorf("missing %v, body %q", m.Missing, m.Body)
	}
}

func TestParseTemplate(t *testing.T) {
	for in, want := range map[string]string{
		"audience: public":                          "1:1:",
		"audience: everybody\n\nx":                  "1:1: audience",
		"title: x\n\nx":                             "1:1: no \"audience",
		"audience: public\naudience: public\n\nx":   "2:1:",
		"audience: public\nstate: broken\n\nx":      "2:1: state",
		"audience: public\nnote: x\n\nx":            "2:1: unknown key",
		"audience: public\n\n  ":                    "2:1: no body",
		"audience: public\n\nline\nan {{Impact}} x": "4:4:",
		"audience: public\n\xff\n\nx":               "1:1: not UTF-8",
	} {
		if _, err := ParseTemplate("t", []byte(in)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
	got, err := ParseTemplate("t", []byte("title: T\r\naudience: internal\r\n\r\nbody {{ impact }}\r\n"))
	if err != nil || got.Title != "T" || got.Body != "body {{ impact }}" || !slices.Equal(got.Fields(), []string{"impact"}) {
		t.Errorf("%+v %v", got, err)
	}
}

func FuzzParseTemplate(f *testing.F) {
	f.Add([]byte("audience: public\ntitle: T\n\nbody {{impact}}"))
	f.Add([]byte("audience: public\n\n{{{{a}}}} }} {{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tmpl, err := ParseTemplate("t", data)
		if err != nil {
			return
		}
		m, err := Render(tmpl, nil, Rules{})
		if err != nil {
			t.Fatalf("parsed and not rendered: %v", err)
		}
		if m.Ready() && strings.Contains(m.Title+m.Body, "{{") {
			t.Fatalf("ready with a placeholder: %q", m.Body)
		}
	})
}

func FuzzRefuse(f *testing.F) {
	f.Add("all is well", "validator-1")
	f.Add("10.0.0.1", "db")
	f.Fuzz(func(t *testing.T, say, host string) {
		tmpl := Template{Name: "t", Audience: outbox.Public, Body: "Impact: {{impact}}"}
		m, err := Render(tmpl, Fields{FieldImpact: say}, Rules{Audience: outbox.Public, Hosts: []string{host}})
		if err != nil {
			t.Fatal(err)
		}
		if !m.Ready() {
			return
		}
		for _, bad := range []string{"{{", "xoxb-123456", "-----BEGIN RSA"} {
			if strings.Contains(m.Body, bad) {
				t.Fatalf("ready with %q: %q", bad, m.Body)
			}
		}
	})
}
