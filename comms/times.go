package comms

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/safe"
)

// What may be wrong with the end of an outage.
const (
	whyNoTime = "no time"
	whyFuture = "in the future"
	whyBefore = "before the start"
)

// checkEnd wants the end to be a time between the onset and now: it is the one
// sentence that readers hold against their own logs.
func (m *Message) checkEnd(t Template, f Fields, r Rules) {
	value := strings.TrimSpace(safe.Clean(f[FieldEnd]))
	if value == "" || !slices.Contains(t.Fields(), FieldEnd) {
		return
	}
	at, ok := TimeOf(value, r.Now)
	switch {
	case !ok:
		m.Problems = append(m.Problems, Problem{safe.Short(value, 40), whyNoTime})
	case r.Now.IsZero():
	case at.After(r.Now):
		m.Problems = append(m.Problems, Problem{value, whyFuture})
	case at.Before(r.Onset.Truncate(time.Minute)): // messages say minutes
		m.Problems = append(m.Problems, Problem{value, whyBefore})
	}
}

// TimeOf is the time that a value names: "14:30", "14:30 UTC" (the one nearest
// to now), "2026-11-23 14:30 UTC", or RFC 3339; false when it names none.
func TimeOf(value string, now time.Time) (time.Time, bool) {
	value, now = strings.TrimSpace(value), now.UTC()
	for _, layout := range []string{"2006-01-02 15:04 UTC", time.RFC3339} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), true
		}
	}
	t, err := time.Parse("15:04", strings.TrimSuffix(value, " UTC"))
	if err != nil {
		return time.Time{}, false
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	switch d := at.Sub(now); {
	case d < -12*time.Hour:
		at = at.AddDate(0, 0, 1)
	case d > 12*time.Hour:
		at = at.AddDate(0, 0, -1)
	}
	return at, true
}
