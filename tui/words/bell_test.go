package words

import (
	"testing"
	"time"

	"github.com/virtengine/relight/cockpit"
)

// TestBell: once for each new alert, at most one in 30 s, none for what was
// quieted first.
func TestBell(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(1e9+s), 0) }
	a, b, c := cockpit.Alert{Kind: "a"}, cockpit.Alert{Kind: "b"}, cockpit.Alert{Kind: "c"}
	still := func(x cockpit.Alert) cockpit.Alert { x.Quiet = true; return x }
	x := Bell{}
	for _, s := range []struct {
		at     int
		alerts []cockpit.Alert
		rings  bool
	}{
		{0, nil, false},
		{1, []cockpit.Alert{a}, true},
		{2, []cockpit.Alert{a}, false},
		{5, []cockpit.Alert{a, b, c}, false}, // too soon, both are owed
		{6, []cockpit.Alert{a, b, still(c)}, false},
		{31, []cockpit.Alert{a, b, still(c)}, true}, // b
		{70, []cockpit.Alert{a, b, c}, false},       // c was quieted
		{80, []cockpit.Alert{a}, false},
		{100, []cockpit.Alert{a, b}, false}, // b came back soon: it flaps
		{500, []cockpit.Alert{a}, true},     // nobody looked for minutes
		{501, []cockpit.Alert{a}, false},
		{540, []cockpit.Alert{a, still(b)}, false},
	} {
		if got := x.Hear(s.alerts, at(s.at)); got != s.rings {
			t.Errorf("at %d s: rings %v", s.at, got)
		}
	}
}
