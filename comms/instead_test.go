package comms

import (
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

func TestTimeOf(t *testing.T) {
	now := time.Date(2026, 11, 23, 23, 50, 0, 0, time.UTC)
	for value, want := range map[string]string{
		"23:55 UTC":            "2026-11-23T23:55:00Z",
		"00:20 UTC":            "2026-11-24T00:20:00Z",
		"2026-11-24 01:00 UTC": "2026-11-24T01:00:00Z",
		"when it is resolved":  "",
		"":                     "",
	} {
		got, ok := TimeOf(value, now)
		if ok != (want != "") || ok && got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v %v", value, got, ok)
		}
	}
	for _, d := range []time.Duration{0, 7 * time.Minute, 5 * time.Hour, -3 * time.Hour} {
		at := now.Add(d).Truncate(time.Minute)
		if got, ok := TimeOf(When(at, now), now); !ok || !got.Equal(at) {
			t.Errorf("%s came back as %s", at, got)
		}
	}
}

// Whatever a message refuses, it says what to write instead, or the reason says
// it already.
func TestInstead(t *testing.T) {
	text := "sentry-3 at 10.0.0.1, see /etc/passwd, key.pem, TBD, [put it here], password=hunter2, exit status 1, " +
		"0123456789012345678901234567890123456789, panic: x, cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
	m, err := Render(Template{Name: "x", Audience: outbox.Public, Body: text}, Fields{}, Rules{Audience: outbox.Public, Hosts: []string{"sentry-3"}})
	if err != nil || len(m.Problems) < 8 {
		t.Fatalf("%v %+v", err, m.Problems)
	}
	for _, p := range m.Problems {
		if Instead(p) == "" {
			t.Errorf("%q (%s): nothing is said of what to write", p.Match, p.Why)
		}
	}
}
