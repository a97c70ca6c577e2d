package checklists

import (
	"testing"
	"time"
)

func TestScheduleAfter(t *testing.T) {
	last := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for every, want := range map[string]string{"daily": "2026-11-24", "weekly": "2026-11-30", "monthly": "2026-12-23",
		"quarterly": "2027-02-23", "annually": "2027-11-23", "now and then": "0001-01-01"} {
		if got := (Schedule{Every: every}).After(last).Format(time.DateOnly); got != want {
			t.Errorf("%s after %s: %s, want %s", every, last.Format(time.DateOnly), got, want)
		}
	}
}
