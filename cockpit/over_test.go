package cockpit

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/incident"
)

// A text that is posted once it is over says so throughout: no component stands
// in progress under it, and a typed end reads like every other time and carries
// the duration with it.
func TestOverIsOverThroughout(t *testing.T) {
	c, _, _ := sit(t)
	c.state.Onset = start
	now := start.Add(40 * time.Minute)
	say := SayView{Say: incident.Say{Template: "status-resolved"}}
	if got := c.fieldsLocked(say, now)[comms.FieldComponents]; !strings.Contains(got, string(comms.InProgress)) {
		t.Errorf("while it lasts: %q", got)
	}
	if got := c.fieldsLocked(say, now)[comms.FieldEnd]; got != "" {
		t.Errorf("an end before the end: %q", got)
	}
	c.state.Resolved = start.Add(30 * time.Minute)
	f := c.fieldsLocked(say, now)
	if got := f[comms.FieldComponents]; !strings.Contains(got, string(comms.Restored)) || strings.Contains(got, string(comms.InProgress)) {
		t.Errorf("once it is over: %q", got)
	}
	if f[comms.FieldEnd] != "03:30 UTC" || f[comms.FieldDuration] != "30 min" {
		t.Errorf("ended %q after %q", f[comms.FieldEnd], f[comms.FieldDuration])
	}
	for _, typed := range []string{"03:20", "03:20 UTC", "2026-11-23T04:20:00+01:00"} {
		c.state.Fields = map[string]string{comms.FieldEnd: typed}
		if f := c.fieldsLocked(say, now); f[comms.FieldEnd] != "03:20 UTC" || f[comms.FieldDuration] != "20 min" {
			t.Errorf("%q: ended %q after %q", typed, f[comms.FieldEnd], f[comms.FieldDuration])
		}
	}
}
