package cockpit

import (
	"strings"
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

// A stolen key stays an alert with what to know by heart, from the report to the
// end of the incident.
func TestAStolenKeyStaysAnAlert(t *testing.T) {
	k := New(Options{Clock: clock.NewRehearsal(start, 1), Books: &rooms{}, Runbook: stolenBook, Told: Report{At: start, Text: "It is told."}})
	k.mu.Lock()
	told := k.alertsLocked()
	k.mu.Unlock()
	if len(told) != 1 || len(told[0].Memory) != 3 {
		t.Errorf("told: %+v", told)
	}
	c, _, _ := sit(t)
	c.state.Runbook = stolenBook
	stands := func() []Alert { c.mu.Lock(); defer c.mu.Unlock(); return c.alertsLocked() }
	if a := stands(); len(a) != 1 || !a[0].Warning || len(a[0].Memory) != 3 || !strings.Contains(a[0].Text, "val-2 counts as stolen") || a[0].Asks {
		t.Errorf("declared: %+v", a)
	}
	c.state.Resolved = start.Add(time.Hour)
	if a := stands(); len(a) != 0 {
		t.Errorf("resolved: %+v", a)
	}
}
