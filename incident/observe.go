package incident

import (
	"fmt"
	"time"

	"github.com/virtengine/relight/checklists"
)

// observe takes what was read for verifications: windows begin and break,
// steps are proven, time out, or are no longer true. Readings are recorded
// when they change, never each time.
func observe(s State, c Observe, now time.Time) ([]Event, error) {
	var events []Event
	if c.DoubleSigns > s.DoubleSigns {
		events = append(events, DoubleSignSeen{Count: c.DoubleSigns})
	}
	events = append(events, alarms(s, c.Alarms, now)...)
	for _, id := range c.Claims {
		if st, ok := s.Step(id); ok && st.Claimed.IsZero() {
			events = append(events, ClaimSeen{Step: id})
		}
	}
	for _, o := range c.Steps {
		st, ok := s.Step(o.Step)
		if !ok || !s.Watched(st) || len(o.Checks) != len(st.Step.Verifies) {
			continue
		}
		if s.proven(st) {
			events = append(events, s.doubt(st, o, now)...)
			continue
		}
		events = append(events, s.look(st, o, c.Gap, now)...)
	}
	return events, nil
}

// look is one step's turn.
func (s State) look(st Step, o Observed, gap bool, now time.Time) []Event {
	var events []Event
	begun := st.At
	if st.Status == Todo || st.Status == Undone || gap && st.Status == Verifying {
		events = append(events, StepMoved{Step: st.Step.ID, To: Verifying})
		begun = now
	}
	all, proven := true, true
	var since time.Time
	for i, b := range st.Step.Verifies {
		old := Check{}
		if i < len(st.Checks) {
			old = st.Checks[i]
		}
		from := old
		if gap {
			from.Held = time.Time{}
		}
		held := s.window(b, from, o, i, now)
		if changed(old, held, o.Checks[i]) || gap && !held.Equal(old.Held) {
			events = append(events, CheckRead{Step: st.Step.ID, Block: i, Held: held, Readings: o.Checks[i]})
		}
		all = all && !held.IsZero()
		proven = proven && !held.IsZero() && now.Sub(held) >= s.Duration(b.For)
		if held.After(since) {
			since = held
		}
	}
	switch {
	case st.Status == Done:
		if seenFalse(o.Checks) {
			events = append(events, StepMoved{Step: st.Step.ID, To: NoLonger})
		}
	case proven && st.Step.CallsRoll():
		st.By = s.lastWord()
		events = append(events, s.complete(st, since, now, st.Value)...)
	case proven:
		events = append(events, s.complete(st, since, now, st.Value)...)
	case st.Status != NoLonger && st.Status != TimedOut:
		if limit := verifyLimit(st.Step); limit > 0 && now.Sub(begun) > limit {
			events = append(events, StepMoved{Step: st.Step.ID, To: TimedOut, Value: fmt.Sprintf("not proven within %s", limit)})
		}
	}
	return events
}

// window is since when the block's readings hold without a break; zero when
// they do not hold now.
func (s State) window(b checklists.Block, old Check, o Observed, i int, now time.Time) time.Time {
	if !holds(o.Checks[i], now, b.Every) {
		return time.Time{}
	}
	held := old.Held
	if held.IsZero() {
		held = now
	}
	if i < len(o.Since) && !o.Since[i].IsZero() && o.Since[i].Before(held) {
		held = o.Since[i] // the chain itself proves it that far back
	}
	return held
}

// seenFalse says that something reads false. Unknown does not undo a proof.
func seenFalse(checks [][]Reading) bool {
	for _, rs := range checks {
		for _, r := range rs {
			if r.Truth == False {
				return true
			}
		}
	}
	return false
}

// changed says that a check is worth a record: its window began or broke, or
// the truth of a reading turned.
func changed(old Check, held time.Time, rs []Reading) bool {
	if old.Held.IsZero() != held.IsZero() || len(old.Readings) != len(rs) {
		return true
	}
	for i := range rs {
		if rs[i].Truth != old.Readings[i].Truth || rs[i].Text != old.Readings[i].Text {
			return true
		}
	}
	return false
}

// never is a window that nothing fills.
const never = time.Duration(1<<63 - 1)

// Duration is d with its parameter filled in. A parameter that is no duration
// gives one that never passes: nothing is proven by a slip.
func (s State) Duration(d checklists.Dur) time.Duration {
	if d.Param == "" {
		return d.D
	}
	v, err := time.ParseDuration(s.Params[d.Param])
	if err != nil || v < 0 {
		return never
	}
	return v
}

// verifyLimit is the longest timeout of the step's verifications.
func verifyLimit(st checklists.Step) time.Duration {
	limit := time.Duration(0)
	for _, b := range st.Verifies {
		limit = max(limit, b.Timeout)
	}
	return limit
}
