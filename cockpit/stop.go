package cockpit

import (
	"context"

	"github.com/virtengine/relight/incident"
)

// StopStep stops the running action of a step: on every host that has not ended
// it is interrupted and its connection closed. confirm must be incident.StopWord.
// The stop is recorded before it is done. Hosts without an answer by then are
// lost and the step is unknown: it may still run there.
func (c *Cockpit) StopStep(_ context.Context, step, confirm string) error {
	done := c.clk.Busy()
	defer done()
	return c.Do(incident.Stop{Step: step, By: c.o.Person, Confirm: confirm})
}

// endRun forgets a run that has ended.
func (c *Cockpit) endRun(effect string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stop := c.stops[effect]; stop != nil {
		stop()
		delete(c.stops, effect)
	}
}

// whyEnded is why a run ended on a host without an exit status. A stop is said
// as such, not as the broken connection it makes.
func (c *Cockpit) whyEnded(effect string, h HostEnd) string {
	by := c.State().Runs[effect].Stopped
	if by == "" || h.Class == incident.Exited {
		return h.Reason
	}
	if h.Class == incident.NotStarted {
		return "stopped by " + by + " before it was started here"
	}
	return "stopped by " + by + " while it ran; it may still run here"
}
