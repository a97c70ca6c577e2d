package clock

import "testing"

// Ages are differences of what the wall shows: the monotonic reading, which
// stands still while a laptop sleeps, is left out.
func TestRealHasNoMonotonicReading(t *testing.T) {
	if now := Real().Now(); now != now.Round(0) {
		t.Errorf("%v carries a monotonic reading", now)
	}
}
