package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Marks: one alphabet for everything that has a state.
const (
	Good    = "✓"
	Going   = "~"
	Look    = "!"
	Bad     = "✗"
	Asks    = "?"
	Left    = "–"
	Undone  = "<"
	Nothing = " "
)

// Level says how much of the eye something wants.
type Level int

// The levels, from calm to the worst.
const (
	Calm Level = iota
	Caution
	Unknown
	Warning
)

// Badge is DRILL or LIVE.
func Badge(v cockpit.View) string {
	if v.Drill || v.State.Drill {
		return "DRILL"
	}
	return "LIVE"
}

// Severity is "SEV-2" for "sev2".
func Severity(s string) string {
	s = safe.Short(s, 12)
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "sev"); ok {
		return "SEV-" + strings.TrimPrefix(rest, "-")
	}
	return strings.ToUpper(s)
}

// Progress says in which phase the incident is and how far that phase is done:
// "During, 3 of 10 done".
func Progress(v cockpit.View) string {
	switch s := v.State; {
	case s.ID == "":
		return ""
	case !s.Aborted.IsZero():
		return "aborted"
	case !s.Closed.IsZero():
		return "closed"
	}
	phase := v.State.Phase()
	done, all := Counted(v, phase)
	for _, c := range v.Choices {
		if c.Phase == phase && c.Taken == "" {
			return fmt.Sprintf("%s, %d done, a choice ahead", Phase(phase), done)
		}
	}
	return fmt.Sprintf("%s, %d of %d done", Phase(phase), done, all)
}

// Counted is how many steps of a phase are settled, of how many.
func Counted(v cockpit.View, phase checklists.PhaseKind) (done, all int) {
	for _, st := range v.Steps {
		if st.Phase != phase || st.Passed || Elsewhere(v, st) {
			continue
		}
		all++
		if st.Settled() {
			done++
		}
	}
	return done, all
}

// Elsewhere says that the step belongs to an option that was not taken, or
// that is still to be chosen.
func Elsewhere(v cockpit.View, st cockpit.StepView) bool {
	return st.Choice != "" && v.State.Choices[st.Choice] != st.Letter
}

// Phase is the name of a phase.
func Phase(k checklists.PhaseKind) string {
	switch k {
	case checklists.Before:
		return "Before"
	case checklists.During:
		return "During"
	}
	return "After"
}

// Role is who holds a role, "-" for nobody.
func Role(v cockpit.View, role string) string {
	if p := safe.Short(v.State.Roles[role], 20); p != "" {
		return p
	}
	return "-"
}

// Power is the power line: how much is online, and how much is needed.
func Power(v cockpit.View) (text string, level Level) {
	p := v.Snap.Chain.Power
	if p.Known != nodes.True || p.Total <= 0 {
		why := safe.Short(p.Why, 60)
		if why == "" {
			why = "not seen yet"
		}
		return "Power online is not known: " + why, Unknown
	}
	text = fmt.Sprintf("Power %s of %s online (%.1f %%), needs %s", Num(p.Online), Num(p.Total),
		100*float64(p.Online)/float64(p.Total), Num(p.Needed))
	if p.Spare < 0 {
		return text + ", " + Num(-p.Spare) + " short", Warning
	}
	return text, Calm
}

// Chain says whether the chain moves, and how old its last block is.
func Chain(v cockpit.View, now time.Time) (mark, text string, level Level) {
	c := v.Snap.Chain
	switch {
	case c.Halted == nodes.True:
		text = "HALTED at " + Num(c.Height)
		if !c.HaltedSince.IsZero() {
			text += " since " + HMS(c.HaltedSince, now)
		}
		return Bad, text, Warning
	case c.Moving == nodes.True:
		return Good, fmt.Sprintf("moving, block %s, %s ago", Num(c.Height), blockAge(v, now)), Calm
	case c.Height == 0:
		return Asks, "no endpoint has answered yet", Unknown
	}
	if c.Halted == nodes.False {
		return Asks, fmt.Sprintf("LATE: no block for %s", blockAge(v, now)), Unknown
	}
	return Asks, fmt.Sprintf("not known if it moves, block %s, %s ago", Num(c.Height), blockAge(v, now)), Unknown
}

// blockAge is the age of the last block: by the chain's own time where that is
// not ahead of ours.
func blockAge(v cockpit.View, now time.Time) string {
	c := v.Snap.Chain
	at := c.LastBlock
	if at.IsZero() || at.After(now) {
		at = c.HeightSince
	}
	return Age(at, now)
}

// OldestAnswer is the age of the oldest answer of an endpoint that is up:
// proof that the watch lives.
func OldestAnswer(v cockpit.View, now time.Time) string {
	oldest := time.Time{}
	for _, n := range v.Snap.Nodes {
		if n.State == nodes.Up && (oldest.IsZero() || n.SeenAt.Before(oldest)) {
			oldest = n.SeenAt
		}
	}
	for _, e := range v.Snap.Endpoints {
		if e.OK == nodes.True && (oldest.IsZero() || e.At.Before(oldest)) {
			oldest = e.At
		}
	}
	if oldest.IsZero() {
		return "no answer yet"
	}
	return "oldest answer " + Age(oldest, now)
}

// Record says where the record stands.
func Record(v cockpit.View) (mark, text string, level Level) {
	switch {
	case v.Trouble != "":
		return Bad, "NOT SAVED", Warning
	case v.State.ID == "":
		return Nothing, "no record yet", Calm
	}
	return Good, "saved", Calm
}

// Clock is the recovery clock that presses most.
type Clock struct {
	Mark, Text string
	Short      string // for a narrow window
	Level      Level
}

// Clocks are the clocks that ran or run, the most pressing first.
func Clocks(v cockpit.View, now time.Time) []Clock {
	var late, running, over []Clock
	all := slices.Clone(v.State.Clocks)
	slices.SortStableFunc(all, func(a, b incident.Clock) int { return ends(a).Compare(ends(b)) })
	for _, c := range all {
		if c.Started.IsZero() {
			continue
		}
		w := clock(c, now)
		switch {
		case !c.Stopped.IsZero():
			over = append(over, w)
		case w.Level == Warning:
			late = append(late, w)
		default:
			running = append(running, w)
		}
	}
	return append(append(late, running...), over...)
}

// ends is when a clock's time is up; one without a target comes last.
func ends(c incident.Clock) time.Time {
	if c.RTO == 0 {
		return c.Started.AddDate(100, 0, 0)
	}
	return c.Started.Add(c.RTO)
}

func clock(c incident.Clock, now time.Time) Clock {
	name := safe.Short(c.Name, 28)
	if took, ok := c.Measured(); ok {
		switch {
		case c.RTO == 0:
			return Clock{Good, fmt.Sprintf("%s took %s, no target", name, Dur(took)), name + " took " + Dur(took), Calm}
		case took <= c.RTO:
			return Clock{Good, fmt.Sprintf("%s took %s of %s", name, Dur(took), Dur(c.RTO)), name + " took " + Dur(took), Calm}
		}
		return Clock{Bad, fmt.Sprintf("%s took %s, MISSED by %s", name, Dur(took), Dur(took-c.RTO)), name + " MISSED", Warning}
	}
	gone := now.Sub(c.Started)
	left := c.RTO - gone
	switch {
	case c.RTO == 0:
		return Clock{Going, fmt.Sprintf("%s runs for %s, no target", name, Dur(gone)), name + ": " + Dur(gone), Calm}
	case left < 0:
		return Clock{Bad, fmt.Sprintf("%s OVER by %s", name, Dur(-left)), name + " OVER " + Dur(-left), Warning}
	case gone >= c.RTO*3/4:
		return Clock{Look, fmt.Sprintf("%s by %s: %s left", name, HMS(c.Started.Add(c.RTO), now), Dur(left)), name + ": " + Dur(left) + " left", Caution}
	}
	return Clock{Going, fmt.Sprintf("%s by %s: %s left", name, HMS(c.Started.Add(c.RTO), now), Dur(left)), name + ": " + Dur(left) + " left", Calm}
}

// Fenced says that the step to do next starts a signer, or that a start was
// refused. Then the cost of waiting is shown, never a recovery clock: it must
// not push a tired person into a double sign.
func Fenced(v cockpit.View) bool {
	if slices.ContainsFunc(v.Steps, func(st cockpit.StepView) bool { return !st.Passed && Refused(st) }) {
		return true
	}
	st, ok := v.Step(v.Current)
	return ok && st.Step.Step.Run != nil && st.Step.Step.Run.HasFence()
}

// ClockText is one clock in words.
func ClockText(c incident.Clock, now time.Time) string { return clock(c, now).Text }
