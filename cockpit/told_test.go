package cockpit

import (
	"testing"
	"time"

	"github.com/virtengine/relight/clock"
)

// What somebody reports is an alert from then on, with the runbook that was asked
// for, until an incident was declared.
func TestWhatSomebodyReports(t *testing.T) {
	for _, c := range []struct {
		runbook string
		after   time.Duration
		shown   bool
		warning bool
	}{
		{"key-compromise", time.Minute, false, false},
		{"key-compromise", 0, true, true},
		{"quarterly-review", 0, true, false},
		{"", 0, false, false},
	} {
		k := New(Options{Clock: clock.NewRehearsal(start, 1), Books: &rooms{}, Runbook: c.runbook, Told: Report{At: start.Add(c.after), Text: "It is told."}})
		k.mu.Lock()
		alerts := k.alertsLocked()
		k.mu.Unlock()
		if (len(alerts) == 1) != c.shown {
			t.Errorf("%+v: %+v", c, alerts)
			continue
		}
		if c.shown && (alerts[0].Warning != c.warning || alerts[0].Offer == nil || alerts[0].Offer.Runbook != c.runbook) {
			t.Errorf("%+v: %+v", c, alerts[0])
		}
	}
}
