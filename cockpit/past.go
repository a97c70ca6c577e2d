package cockpit

import (
	"context"
	"slices"
	"time"
)

// Other is an incident of the journal that this cockpit does not command.
type Other struct {
	ID, Title string
	Severity  string // sev1 .. sev4
	Status    string // "open", "resolved", "closed", "aborted" or "unreadable"
	Runbook   string
	Commander string
	Drill     bool
	Declared  time.Time
	Ended     time.Time // of the close or the abort; zero while it is open
	Open      bool
}

// Review is a runbook that is to be rehearsed, or read again.
type Review struct {
	Runbook, Title string
	Every          string    // daily weekly monthly quarterly annually; "": its text is to be read again
	Due            time.Time // zero: it was never flown, so it is due now
	Last           time.Time // when it was flown to its end last; zero: never, or a text
}

// past is what was read of the journal last.
type past struct {
	others  []Other
	reviews []Review
	why     string // what could not be read
}

// shown is how many other incidents a View holds.
const shown = 6

// pastEvery is how often the journal is read anew: somebody else may have
// declared or closed.
const pastEvery = time.Minute

// recall reads the journal, outside the lock. What cannot be read leaves what
// was known, and is said.
func (c *Cockpit) recall(ctx context.Context) {
	if c.o.Past == nil {
		return
	}
	others, reviews, err := c.o.Past(ctx, c.clk.Now())
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	why := ""
	if err != nil {
		why = err.Error()
	}
	if why != c.past.why {
		c.keep(err) // said once, not each minute
	}
	if err == nil || others != nil || reviews != nil {
		c.past.others, c.past.reviews = order(others), reviews
	}
	c.past.why = why
	c.publishLocked()
}

// order is the open ones first, then the newest ended.
func order(list []Other) []Other {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b Other) int {
		switch {
		case a.Open != b.Open:
			if a.Open {
				return -1
			}
			return 1
		case a.Open:
			return b.Declared.Compare(a.Declared)
		}
		return b.Ended.Compare(a.Ended)
	})
	return out
}

// without are the first few but for this cockpit's own.
func (p past) without(id string) []Other {
	var out []Other
	for _, o := range p.others {
		if o.ID != id && len(out) < shown {
			out = append(out, o)
		}
	}
	return out
}
