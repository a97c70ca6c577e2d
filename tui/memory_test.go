package tui

import (
	"testing"
	"time"

	"github.com/virtengine/relight/cockpit"
)

// The items of a condition are there in the frame in which it is first seen, also
// while a worse one stands; once it is quieted the worst one's come back.
func TestTheNewestConditionIsKnownByHeart(t *testing.T) {
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	halt := cockpit.Alert{Warning: true, Since: at, Memory: []string{"halt"}}
	disk := cockpit.Alert{Since: at.Add(time.Minute), Memory: []string{"disk"}}
	plain := cockpit.Alert{Since: at.Add(time.Hour)}
	quiet := func(a cockpit.Alert) cockpit.Alert { a.Quiet = true; return a }
	for want, alerts := range map[string][]cockpit.Alert{
		"":     {plain},
		"halt": {halt, quiet(disk), plain},
		"disk": {halt, disk, plain},
	} {
		got := memoryOf(cockpit.View{Alerts: alerts})
		if (want == "") != (len(got) == 0) || want != "" && got[0] != want {
			t.Errorf("%q: %q", want, got)
		}
	}
	if got := memoryOf(cockpit.View{Alerts: []cockpit.Alert{quiet(halt), quiet(disk)}}); len(got) != 1 || got[0] != "halt" {
		t.Errorf("all quiet: %q", got)
	}
}
