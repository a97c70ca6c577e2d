package outbox

import (
	"hash/fnv"
	"strconv"
	"time"
)

const (
	lookAfter   = 2 * time.Second // channels list a message a moment after they took it
	leastWait   = time.Second     // after a rate limit that names no time
	mostWait    = time.Hour       // a channel that asks for longer is asked again all the same
	lookTries   = 3
	cleanAbsent = 2
)

// lookGap is the wait before the second and third look-up: the three fall
// 2, 12 and 30 s after the row became unknown.
func lookGap(done int) time.Duration {
	if done <= 1 {
		return 10 * time.Second
	}
	return 18 * time.Second
}

// Started is the row once its action is to be carried out: sending, or
// reconciling if it was unknown. Record it before the request leaves.
func Started(r Row, now time.Time) Row {
	switch r.State {
	case Queued, RetryWait, Held:
		r.State, r.Limited, r.Behind = Sending, false, ""
		r.Error, r.Fix = "", ""
		r.Attempt++
		r.SentAt = now
		if r.FirstAt.IsZero() {
			r.FirstAt = now
		}
	case Unknown:
		r.State = Reconciling
	}
	return r
}

// Ended is the row after an attempt. The seed spreads the waits of rows that
// fail together; the same seed gives the same wait.
func Ended(r Row, o Outcome, now time.Time, jitterSeed uint64) Row {
	if r.State != Sending {
		return r
	}
	r.Error, r.Fix = o.Reason, o.Fix
	switch o.Class {
	case ClassDelivered:
		return delivered(r, o.Remote, now)
	case ClassNotSent:
		r.State, r.NotBefore = RetryWait, now.Add(Backoff(r.Attempt, jitterSeed, r.ID))
	case ClassRateLimited:
		r.State, r.Limited = RetryWait, true
		r.Attempt--
		r.NotBefore = now.Add(min(max(o.RetryAfter, leastWait), mostWait))
	case ClassRejected:
		r.State = Rejected
	default:
		// Also a class from the future: what is not understood may be there.
		return unknown(r, now)
	}
	return r
}

func delivered(r Row, at Remote, now time.Time) Row {
	r.State, r.EndedAt, r.NotBefore = Delivered, now, time.Time{}
	r.Error, r.Fix = "", ""
	if at.ID != "" {
		r.Remote = at
	}
	return r
}

func unknown(r Row, now time.Time) Row {
	r.State, r.NotBefore = Unknown, now.Add(lookAfter)
	r.Lookups, r.Absents = 0, 0
	return r
}

// queuedAgain is the row after it was found not to have been posted. It keeps
// its place, its marker and its attempts.
func queuedAgain(r Row) Row {
	r.State, r.NotBefore, r.Limited = Queued, time.Time{}, false
	r.Lookups, r.Absents = 0, 0
	r.Error, r.Fix = "", ""
	return r
}

// Reconciled is the row after a look-up: found is delivered, two clean absents
// are queued again, three tries without either need a person.
func Reconciled(r Row, found LookupResult, now time.Time) Row {
	if r.State != Reconciling {
		return r
	}
	if found.Reason != "" {
		r.Error = found.Reason
	}
	switch found.Class {
	case Found:
		return delivered(r, found.Remote, now)
	case Impossible:
		r.State, r.NotBefore = NeedsHuman, time.Time{}
		r.Fix = "look into the channel and say whether it was posted"
		return r
	case Absent:
		r.Absents++
	}
	if found.Class != Absent && found.RetryAfter > 0 {
		r.State, r.NotBefore = Unknown, now.Add(min(max(found.RetryAfter, leastWait), mostWait))
		return r
	}
	r.Lookups++
	switch {
	case r.Absents >= cleanAbsent:
		return queuedAgain(r)
	case r.Lookups >= lookTries:
		r.State, r.NotBefore = NeedsHuman, time.Time{}
		r.Fix = "look into the channel and say whether it was posted"
	default:
		r.State, r.NotBefore = Unknown, now.Add(lookGap(r.Lookups))
	}
	return r
}

// Reopen is the row as it is found when the record is opened again: what was
// in flight is unknown. Look-ups already charged stay charged.
func Reopen(r Row) Row {
	switch r.State {
	case Sending:
		r = unknown(r, r.SentAt)
		r.Error = "relight stopped before the answer came"
	case Reconciling:
		r.State = Unknown
	}
	return r
}

// Backoff is the wait after the nth attempt (from 1): 1, 2, 4, 8, 16, then
// always 30 s, each spread by up to a fifth to either side.
func Backoff(attempt int, seed uint64, id string) time.Duration {
	base := 30 * time.Second
	if attempt < 1 {
		attempt = 1
	}
	if attempt <= 5 {
		base = time.Second << (attempt - 1)
	}
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatUint(seed, 16) + "/" + id + "/" + strconv.Itoa(attempt)))
	perMille := time.Duration(h.Sum64()%401) + 800
	return base * perMille / 1000
}
