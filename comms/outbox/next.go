package outbox

import (
	"cmp"
	"slices"
	"time"
)

// Next says what to do now: at most one action per lane, the lanes in the order
// of their names. The caller passes the action's row to Started, records it,
// and only then acts.
func Next(rows []Row, now time.Time) []Action {
	var out []Action
	for _, h := range heads(rows) {
		if at, ok := h.due(rows); ok && !at.After(now) {
			out = append(out, Action{Verb: verbOf(h.row), Row: h.row})
		}
	}
	return out
}

// NextWake is the earliest time at which Next has something to do, which may
// be in the past. The zero time says that only a result or a person can move
// anything.
func NextWake(rows []Row) time.Time {
	var wake time.Time
	for _, h := range heads(rows) {
		at, ok := h.due(rows)
		if ok && (wake.IsZero() || at.Before(wake)) {
			wake = at
		}
	}
	return wake
}

// head is the first unsettled row of a lane: the one everything waits for.
type head struct {
	row  Row
	busy bool // some row of the lane is in flight
}

// heads are the heads of all lanes, by name of the lane.
func heads(rows []Row) []head {
	var lanes []string
	byLane := map[string][]Row{}
	for _, r := range rows {
		if r.State == Draft || r.State == "" || r.State.Settled() {
			continue
		}
		if len(byLane[r.Lane]) == 0 {
			lanes = append(lanes, r.Lane)
		}
		byLane[r.Lane] = append(byLane[r.Lane], r)
	}
	slices.Sort(lanes)
	out := make([]head, 0, len(lanes))
	for _, lane := range lanes {
		open := byLane[lane]
		out = append(out, head{
			row:  slices.MinFunc(open, Order),
			busy: slices.ContainsFunc(open, func(r Row) bool { return r.State.InFlight() }),
		})
	}
	return out
}

// Order compares two rows by their turn in a lane: place, then id.
func Order(a, b Row) int {
	return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
}

// verbOf is what moves the row: a look-up if it may have been posted.
func verbOf(r Row) Verb {
	if r.State == Unknown {
		return Reconcile
	}
	return Send
}

// due is when the head may move, and false if time alone will not move it.
func (h head) due(rows []Row) (time.Time, bool) {
	if h.busy {
		return time.Time{}, false
	}
	switch h.row.State {
	case Queued, RetryWait, Unknown:
	case Held:
		if !released(rows, h.row.Behind) {
			return time.Time{}, false
		}
	default:
		return time.Time{}, false
	}
	at := later(h.row.QueuedAt, h.row.NotBefore)
	at = later(at, pausedUntil(rows, h.row.Bucket))
	// A wake-up must be told from "nothing to do", so it is never the zero time.
	return later(at, time.Unix(0, 0).UTC()), true
}

// released says that the row with this id is settled. An id that is not there
// never was: the row stays held and a person sees it.
func released(rows []Row, id string) bool {
	return id != "" && slices.ContainsFunc(rows, func(r Row) bool { return r.ID == id && r.State.Settled() })
}

// pausedUntil is the end of a rate limit that another lane of the bucket met.
func pausedUntil(rows []Row, bucket string) time.Time {
	var until time.Time
	for _, r := range rows {
		if bucket != "" && r.Bucket == bucket && r.State == RetryWait && r.Limited {
			until = later(until, r.NotBefore)
		}
	}
	return until
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lane are the rows of r's lane without r, in their order.
func lane(rows []Row, r Row) []Row {
	var out []Row
	for _, o := range rows {
		if o.Lane == r.Lane && o.ID != r.ID {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, Order)
	return out
}

// Blocker is the row of the same lane that r waits for: the first unsettled
// one before it. False if r is the head of its lane, a draft, or settled.
func Blocker(rows []Row, r Row) (Row, bool) {
	if r.State == Draft || r.State.Settled() {
		return Row{}, false
	}
	for _, o := range lane(rows, r) {
		if o.State != Draft && !o.State.Settled() && Order(o, r) < 0 {
			return o, true
		}
	}
	return Row{}, false
}

// Unsaid are the earlier rows of r's lane that are neither delivered nor posted
// by hand nor taken back. Before "resolved" is queued behind an announcement
// that never arrived, the commander is asked: both in order, one text, or none.
func Unsaid(rows []Row, r Row) []Row {
	var out []Row
	for _, o := range lane(rows, r) {
		if o.State == Draft || o.State.Settled() || (r.Place != 0 && Order(o, r) > 0) {
			continue
		}
		out = append(out, o)
	}
	return out
}

// Opens says that r is the first thing its lane hears of this incident: no
// earlier row was delivered or posted by hand. Only such a row may create a
// remote incident.
func Opens(rows []Row, r Row) bool {
	for _, o := range lane(rows, r) {
		if o.Incident == r.Incident && (r.Place == 0 || Order(o, r) < 0) && (o.State == Delivered || o.State == ByHand) {
			return false
		}
	}
	return true
}

// Parent is where the first delivered row of r's lane stands: the remote
// incident that r updates. False if there is none, or if it was posted by hand
// and nobody gave its id.
func Parent(rows []Row, r Row) (Remote, bool) {
	for _, o := range lane(rows, r) {
		if o.Incident == r.Incident && o.State.Settled() && o.Remote.ID != "" {
			return o.Remote, true
		}
	}
	return Remote{}, false
}

// Duplicate is the row that already says what r says: same key, another id,
// queued or further, and not taken back. A second keystroke finds the first
// here.
func Duplicate(rows []Row, r Row) (Row, bool) {
	for _, o := range rows {
		gone := o.State == Draft || o.State == Superseded || o.State == Cancelled || o.State == NotNeeded
		if o.ID != r.ID && !gone && o.Key() == r.Key() {
			return o, true
		}
	}
	return Row{}, false
}

const (
	stuckAfter    = 60 * time.Second
	stuckAttempts = 5
)

// Stuck says that a person must look: the channel refused the row, only a
// person can tell what became of it, or it is still not through 60 s after the
// key or after five attempts.
func Stuck(r Row, now time.Time) bool {
	switch {
	case r.State == Rejected || r.State == NeedsHuman:
		return true
	case r.State == Draft || r.State == "" || r.State.Settled():
		return false
	}
	return r.Attempt >= stuckAttempts || now.Sub(r.QueuedAt) > stuckAfter
}
