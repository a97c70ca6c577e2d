package cockpit

import (
	"fmt"
	"time"

	"github.com/virtengine/relight/clock"
)

// When two looks are that far apart, nobody watched in between.
const (
	gapLooks = 10               // turns of the watch
	gapLeast = 20 * time.Second // a look may wait for hosts and nodes that hang
	gapBack  = 5 * time.Second  // how far a clock may be set back unnoticed
)

// gapLocked says whether nobody watched before this look: the first of a
// cockpit, one after the machine slept, or after its clock was set. What was
// counted since when then counts anew, and so waits longer, never shorter.
func (c *Cockpit) gapLocked() bool {
	now, last := c.clk.Now(), c.looked
	c.looked = now
	if last.IsZero() {
		return true
	}
	limit := max(gapLeast, gapLooks*c.every)
	if r, ok := c.clk.(*clock.Rehearsal); ok && r.Speed() > 1 {
		limit = time.Duration(float64(limit) * r.Speed())
	}
	if d := now.Sub(last); d <= limit && d >= -gapBack {
		return false
	}
	c.trail.fenced, c.trail.down, c.trail.cut, c.trail.other, c.trail.outside = nil, nil, nil, nil, nil
	if c.state.Open() {
		c.away = back(len(c.log), last, now)
		c.away.events = len(c.log)
		c.notice = fmt.Sprintf("Nobody watched from %s to %s: this machine slept, or its clock was set. Whatever must hold for a time is counted anew.",
			last.UTC().Format("15:04:05"), now.UTC().Format("15:04:05 UTC"))
	}
	return true
}
