package words

import (
	"time"

	"github.com/virtengine/relight/cockpit"
)

// Bells: at most one in this long, and an alert that was away for longer than
// that is a new one when it comes back.
const (
	bellEvery = 30 * time.Second
	bellAway  = 5 * time.Minute
)

// Bell rings once for each new alert. Alerts that come while it must be still
// share the next one.
//
// Its zero value has heard nothing.
type Bell struct {
	seen map[string]time.Time // alert -> last time it stood
	owed map[string]bool      // alerts that had no bell yet
	last time.Time
}

// Hear takes the alerts that stand and says whether to ring now.
func (b *Bell) Hear(alerts []cockpit.Alert, now time.Time) bool {
	if b.seen == nil {
		b.seen, b.owed = map[string]time.Time{}, map[string]bool{}
	}
	loud := map[string]bool{}
	for _, a := range alerts {
		at, known := b.seen[a.Kind]
		if !known || now.Sub(at) > bellAway {
			b.owed[a.Kind] = true
		}
		b.seen[a.Kind] = now
		loud[a.Kind] = !a.Quiet
	}
	for kind := range b.owed { // gone, or quieted by a key before its bell
		if !loud[kind] {
			delete(b.owed, kind)
		}
	}
	if len(b.owed) == 0 || (!b.last.IsZero() && now.Sub(b.last) < bellEvery) {
		return false
	}
	b.last = now
	clear(b.owed)
	return true
}
