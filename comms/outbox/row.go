package outbox

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// State is where a row stands. The words are kept in the record.
type State string

const (
	Draft       State = "draft"       // written, no key pressed yet; not in its lane
	Queued      State = "queued"      // waits for its turn
	Sending     State = "sending"     // recorded, the request may have left
	Delivered   State = "delivered"   // the channel confirmed it, or it was found there
	RetryWait   State = "retry-wait"  // known not to have been sent; again at NotBefore
	Rejected    State = "rejected"    // the channel refused it for good; Error and Fix say why
	Unknown     State = "unknown"     // may or may not have been posted; never resent blindly
	Reconciling State = "reconciling" // a look-up is in flight
	NeedsHuman  State = "needs-human" // only a person can say whether it was posted
	Superseded  State = "superseded"  // a newer text took its place before it was sent
	Cancelled   State = "cancelled"   // taken back before it was sent
	Held        State = "held"        // waits for the row named in Behind, or for a person
	NotNeeded   State = "not-needed"  // the incident was over before it was due
	ByHand      State = "by-hand"     // a person posted it past relight
)

// States are all states in the order of a row's way, for tables and tests.
func States() []State {
	return []State{Draft, Queued, Held, Sending, RetryWait, Unknown, Reconciling, NeedsHuman,
		Rejected, Delivered, ByHand, Superseded, Cancelled, NotNeeded}
}

// Settled says that nothing more will happen to the row.
func (s State) Settled() bool {
	switch s {
	case Delivered, ByHand, Superseded, Cancelled, NotNeeded:
		return true
	}
	return false
}

// InFlight says that a request of the row may be under way.
func (s State) InFlight() bool { return s == Sending || s == Reconciling }

// Unsent says that the row is known not to stand in its channel, and that no
// request of it is under way: only then may it be taken back.
func (s State) Unsent() bool {
	switch s {
	case Draft, Queued, Held, RetryWait, Rejected:
		return true
	}
	return false
}

// Audience is who can read a channel.
type Audience string

const (
	Public   Audience = "public"   // leaves the company
	Internal Audience = "internal" // stays inside
)

// Remote is where a posted row stands in its channel. What ID means is the
// channel's own affair: a Slack ts, a Discord snowflake, a Statuspage incident.
type Remote struct {
	ID      string `json:"id,omitempty"`
	Channel string `json:"channel,omitempty"`
	Link    string `json:"link,omitempty"`
}

// Row is one message to one destination. It is a value and survives JSON
// unchanged.
type Row struct {
	ID       string   `json:"id"` // given from outside, a ULID
	Incident string   `json:"incident"`
	Lane     string   `json:"lane"`             // the channel's name in the configuration
	Bucket   string   `json:"bucket,omitempty"` // lanes that share a rate limit; empty: the lane alone
	Place    int      `json:"place"`            // order in the lane
	Template string   `json:"template"`
	Update   int      `json:"update"`         // 0 for the first, then the number of the repeat
	Part     int      `json:"part,omitempty"` // 1..Parts when the text was too long for one message
	Parts    int      `json:"parts,omitempty"`
	Audience Audience `json:"audience"`
	Title    string   `json:"title,omitempty"`
	Body     string   `json:"body"`
	// StatusState is the state of a status page's incident: investigating,
	// identified, monitoring, resolved. Empty elsewhere.
	StatusState string `json:"status_state,omitempty"`
	SHA256      string `json:"sha256"` // of Text, hex
	Marker      string `json:"marker"` // 20 characters, opaque: what a look-up searches for
	Drill       bool   `json:"drill,omitempty"`
	Pinned      bool   `json:"pinned,omitempty"` // never superseded, as a pager's trigger

	State    State     `json:"state"`
	Attempt  int       `json:"attempt,omitempty"`  // requests charged so far; a 429 is not charged
	Lookups  int       `json:"lookups,omitempty"`  // look-ups charged since the row became unknown
	Absents  int       `json:"absents,omitempty"`  // of these, how many cleanly found nothing
	Limited  bool      `json:"limited,omitempty"`  // retry-wait because of a rate limit
	QueuedAt time.Time `json:"queued_at,omitzero"` // when the key was pressed
	FirstAt  time.Time `json:"first_at,omitzero"`  // start of the first attempt: look-ups search from here
	SentAt   time.Time `json:"sent_at,omitzero"`   // start of the latest attempt
	EndedAt  time.Time `json:"ended_at,omitzero"`  // when the row settled
	// NotBefore is when the row may move again.
	NotBefore time.Time `json:"not_before,omitzero"`

	Remote Remote `json:"remote,omitzero"`
	By     string `json:"by,omitempty"`     // who pressed the key
	Judge  string `json:"judge,omitempty"`  // who answered for the channel, took back or released
	Behind string `json:"behind,omitempty"` // held: the id of the row it waits for
	NewID  string `json:"new_id,omitempty"` // superseded: the id of the row that took its place
	Error  string `json:"error,omitempty"`  // what the channel said last, for a person
	Fix    string `json:"fix,omitempty"`    // what to do about it
}

// Key makes a row unique: pressing the key twice says it once. Part is 0 for a
// text that was not split.
type Key struct {
	Incident, Template string
	Update             int
	Lane               string
	Part               int
}

// Key is the row's key.
func (r Row) Key() Key { return Key{r.Incident, r.Template, r.Update, r.Lane, r.Part} }

// Text is what stands in the channel: the title, an empty line, the body.
func (r Row) Text() string {
	if r.Title == "" || r.Body == "" {
		return r.Title + r.Body
	}
	return r.Title + "\n\n" + r.Body
}

// Seal is r as a finished draft: the hash of its text and its marker are set,
// and its state is draft if it had none. Sealing again after an edit keeps the
// marker.
func Seal(r Row) Row {
	sum := sha256.Sum256([]byte(r.Text()))
	r.SHA256 = hex.EncodeToString(sum[:])
	if r.Marker == "" {
		r.Marker = MarkerOf(r)
	}
	if r.State == "" {
		r.State = Draft
	}
	return r
}

// markerLen fits Discord's nonce (25 characters at most); a ULID does not.
const markerLen = 20

// MarkerOf is the opaque key of a row: 100 bits of a hash over its id and its
// key, in lower-case base 32. It tells a reader of the channel nothing, for
// every app of a workspace can read message metadata.
func MarkerOf(r Row) string {
	return Opaque("row", r.ID, r.Incident, r.Template, fmt.Sprint(r.Update), r.Lane, fmt.Sprint(r.Part))
}

// Opaque is a 20-character hash of the parts, the same for the same parts.
func Opaque(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s;", len(p), p)
	}
	enc := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil))
	return strings.ToLower(enc)[:markerLen]
}
