package outbox

import (
	"errors"
	"fmt"
	"time"
)

// ErrDuplicate says that the same message is already on its way or there: the
// second keystroke is a no-op with a notice. ErrNotDraft says that the row was
// queued before.
var (
	ErrDuplicate = errors.New("already said")
	ErrNotDraft  = errors.New("not a draft")
)

// Enqueue is the draft r as the last of its lane, after a person pressed the
// key. Several drafts queued in one go need each its turn in rows.
func Enqueue(rows []Row, r Row, who string, now time.Time) (Row, error) {
	if r.State != Draft && r.State != "" {
		return r, fmt.Errorf("%s to %s is %s: %w", r.Template, r.Lane, r.State, ErrNotDraft)
	}
	if o, ok := Duplicate(rows, r); ok {
		return r, fmt.Errorf("%s to %s is %s since %s: %w", r.Template, r.Lane, o.State,
			o.QueuedAt.UTC().Format("15:04:05 UTC"), ErrDuplicate)
	}
	r = Seal(r)
	r.Place = max(r.Place, 1)
	for _, o := range lane(rows, r) {
		r.Place = max(r.Place, o.Place+1)
	}
	r.State, r.By, r.QueuedAt = Queued, who, now
	return r, nil
}

// Answers are what a person may say about the row now.
func Answers(r Row) []Answer {
	switch r.State {
	case Unknown, NeedsHuman:
		return []Answer{AnswerSent, AnswerNotSent, AnswerByHand}
	case Reconciling:
		// "Not sent" waits for the look-up's own answer: it may be about to find it.
		return []Answer{AnswerSent, AnswerByHand}
	case Rejected, RetryWait:
		return []Answer{AnswerNotSent, AnswerByHand}
	case Draft, Queued, Held:
		return []Answer{AnswerByHand}
	}
	return nil
}

// Human is the row after a person answered for the channel. An answer that
// Answers does not offer changes nothing: nothing is said about a request in
// flight. Set r.Remote before the call when the person gave a link or an id.
func Human(r Row, a Answer, who string, now time.Time) Row {
	offered := false
	for _, o := range Answers(r) {
		offered = offered || o == a
	}
	if !offered {
		return r
	}
	r.Judge = who
	switch a {
	case AnswerSent:
		return delivered(r, r.Remote, now)
	case AnswerNotSent:
		return queuedAgain(r)
	default:
		r.State, r.EndedAt, r.NotBefore = ByHand, now, time.Time{}
		return r
	}
}

// Retry is a rejected or waiting row put back at once, after its cause was
// mended. It keeps its place.
func Retry(r Row, who string, now time.Time) Row {
	if r.State != Rejected && r.State != RetryWait {
		return r
	}
	return Human(r, AnswerNotSent, who, now)
}

// LookAgain starts the look-ups of a row that needs a person once more.
func LookAgain(r Row, now time.Time) Row {
	if r.State != NeedsHuman {
		return r
	}
	r = unknown(r, now)
	r.NotBefore = now
	return r
}

// Hold keeps an unsent row back until the row with id behind is settled, or,
// when behind is empty, until Release. It keeps its place: what stands after it
// waits too.
func Hold(r Row, behind string) Row {
	if r.State == Queued || r.State == RetryWait || r.State == Held {
		r.State, r.Behind = Held, behind
	}
	return r
}

// Release puts a held row back into its turn.
func Release(r Row, who string) Row {
	if r.State == Held {
		r.State, r.Behind, r.Judge = Queued, "", who
	}
	return r
}

// Cancel takes back a row that is known not to have been sent.
func Cancel(r Row, who string, now time.Time) Row {
	return end(r, Cancelled, who, now)
}

// Unneeded ends a row that was not due when the incident resolved.
func Unneeded(r Row, now time.Time) Row { return end(r, NotNeeded, r.Judge, now) }

func end(r Row, s State, who string, now time.Time) Row {
	if r.State.Unsent() {
		r.State, r.Judge, r.EndedAt, r.NotBefore = s, who, now, time.Time{}
	}
	return r
}

// MaySupersede says why a newer text may not take the row's place, or nil. Only
// a row that is known not to have been sent may be superseded, and never the
// first announcement of a lane nor a pinned row (a pager's trigger).
func MaySupersede(rows []Row, r Row) error {
	switch {
	case !r.State.Unsent():
		return fmt.Errorf("%s to %s is %s: it may stand in the channel", r.Template, r.Lane, r.State)
	case r.Pinned:
		return fmt.Errorf("%s to %s must go out as it is", r.Template, r.Lane)
	case r.State != Draft && first(rows, r):
		return fmt.Errorf("%s is the first announcement to %s: cancel it or let it go out", r.Template, r.Lane)
	}
	return nil
}

// first says that no row of the lane stands before r, drafts apart.
func first(rows []Row, r Row) bool {
	for _, o := range lane(rows, r) {
		taken := o.State == Cancelled || o.State == Superseded || o.State == NotNeeded
		if o.State != Draft && !taken && Order(o, r) < 0 {
			return false
		}
	}
	return true
}

// Supersede is the row after the one with id by took its place, or the row
// unchanged and the reason why not.
func Supersede(rows []Row, r Row, by string, now time.Time) (Row, error) {
	if err := MaySupersede(rows, r); err != nil {
		return r, err
	}
	r = end(r, Superseded, r.Judge, now)
	r.NewID = by
	return r, nil
}
