package words

import (
	"testing"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
)

// With every step settled, what is left to do is to tell who still waits.
func TestTheLastWordIsToDo(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC)
	v := cockpit.View{Now: now, State: incident.State{ID: "INC", Declared: now.Add(-time.Hour), Resolved: now}}
	v.Says = []cockpit.SayView{{Say: incident.Say{Template: "locked"}, Due: now, Lock: incident.Lock{Why: "x"}}, {Say: incident.Say{Template: "mail"}, Due: now}}
	if n := NextOf(v); n.Do != DoPost || n.Say.Template != "mail" {
		t.Errorf("next is %v %q", n.Do, n.Say.Template)
	}
	v.State.Resolved = time.Time{}
	if n := NextOf(v); n.Do != DoNothing {
		t.Errorf("before the end next is %v", n.Do)
	}
}
