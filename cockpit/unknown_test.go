package cockpit

import (
	"context"
	"testing"

	"github.com/virtengine/relight/incident"
)

// Whoever must say what became of a step is shown what its own scripts read now,
// not only its probes.
func TestAnUnknownStepIsReadBack(t *testing.T) {
	c, _, _ := sit(t)
	c.mu.Lock()
	for i := range c.state.Steps {
		if st := &c.state.Steps[i]; st.Step.ID == "key-aside" {
			st.Status, st.Effect = incident.Unknown, "e1"
		}
	}
	c.mu.Unlock()
	for range 3 { // the answer comes behind the look that asked for it
		c.look(context.Background())
		c.wg.Wait()
	}
	for _, st := range c.View().Steps {
		if st.Status != incident.Unknown {
			continue
		}
		if len(st.Checks) != 1 || len(st.Checks[0]) != 1 || st.Checks[0][0].Truth != incident.True || st.Checks[0][0].Source != "val-2 SSH" {
			t.Errorf("read back: %+v", st.Checks)
		}
		return
	}
	t.Fatal("no step is unknown")
}
