package comms

import (
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

// The end that a message names is a time, not in the future and not before the
// start; what is wrong comes with what to write.
func TestTheEndIsATime(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 20, 30, 0, time.UTC)
	tmpl := Template{Name: "t", Audience: outbox.Public, Body: "From {{start}} to {{end}}."}
	for end, why := range map[string]string{
		"00:20 UTC":            "",
		"00:20":                "does not say UTC",
		"23:50 UTC":            "",
		"2026-03-01 23:50 UTC": "",
		"23:04 UTC":            "", // the minute it began in
		"00:21 UTC":            whyFuture,
		"2026-03-03 00:00 UTC": whyFuture,
		"23:03 UTC":            whyBefore,
		"2026-03-01 00:20 UTC": whyBefore,
		"2026-03-02T00:10:00Z": "",
		"soon":                 whyNoTime,
		"25:00 UTC":            whyNoTime,
		"00:20 UTC or so":      whyNoTime,
	} {
		m, err := Render(tmpl, Fields{FieldStart: "2026-03-01 23:04 UTC", FieldEnd: end},
			Rules{Audience: outbox.Public, Now: now, Onset: time.Date(2026, 3, 1, 23, 4, 40, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case why == "" && !m.Ready():
			t.Errorf("%q: %v", end, m.Problems)
		case why != "" && (len(m.Problems) != 1 || m.Problems[0].Why != why && m.Problems[0].Why != "end "+why):
			t.Errorf("%q: %v, want %q", end, m.Problems, why)
		case why != "" && Instead(m.Problems[0]) == "":
			t.Errorf("%q: nobody says what to write", end)
		}
	}
	if m, _ := Render(Template{Name: "t", Audience: outbox.Internal, Body: "no end here"}, Fields{FieldEnd: "soon"}, Rules{Audience: outbox.Internal, Now: now}); !m.Ready() {
		t.Errorf("a text without an end: %v", m.Problems)
	}
}
