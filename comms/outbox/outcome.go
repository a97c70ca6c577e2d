package outbox

import "time"

// Class says what one attempt to send became. There are five, for every
// channel.
type Class string

const (
	ClassNotSent     Class = "not-sent"     // the request never left: retry freely
	ClassRateLimited Class = "rate-limited" // refused for now: wait, no attempt charged
	ClassRejected    Class = "rejected"     // refused for good
	ClassDelivered   Class = "delivered"    // confirmed, with the id it got
	ClassUnknown     Class = "unknown"      // it may be there: look, never retry blindly
)

// Outcome is what one attempt became.
type Outcome struct {
	Class      Class         `json:"class"`
	RetryAfter time.Duration `json:"retry_after,omitempty"` // rate-limited: how long the channel asked to wait
	Remote     Remote        `json:"remote,omitzero"`       // delivered: where it stands
	Reason     string        `json:"reason,omitempty"`      // for a person; never holds a secret
	Fix        string        `json:"fix,omitempty"`         // rejected: what to do
}

// LookupClass says what a look-up found.
type LookupClass string

const (
	Found      LookupClass = "found"      // the marker stands in the channel
	Absent     LookupClass = "absent"     // the channel answered in full and it is not there
	Failed     LookupClass = "failed"     // the channel did not answer, or not in full
	Impossible LookupClass = "impossible" // this channel cannot be asked
)

// LookupResult is what a look-up found.
type LookupResult struct {
	Class      LookupClass   `json:"class"`
	Remote     Remote        `json:"remote,omitzero"`       // found: where it stands
	RetryAfter time.Duration `json:"retry_after,omitempty"` // failed by a rate limit: not charged
	Reason     string        `json:"reason,omitempty"`
}

// Answer is what a person says about a row.
type Answer string

const (
	AnswerSent    Answer = "sent"    // it stands in the channel
	AnswerNotSent Answer = "notsent" // it does not: send it
	AnswerByHand  Answer = "byhand"  // I posted it myself
)

// Verb is what the caller shall do with a row.
type Verb string

const (
	Send      Verb = "send"
	Reconcile Verb = "reconcile"
)

// Action is one thing to do now.
type Action struct {
	Verb Verb `json:"verb"`
	Row  Row  `json:"row"`
}
