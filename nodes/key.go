package nodes

import "time"

// Key is what the chain and the endpoints show of one validator key.
type Key struct {
	Name       string   `json:"name"`
	PublicName string   `json:"public_name,omitempty"`
	Address    string   `json:"address"`
	Hosts      []string `json:"hosts,omitempty"` // every holder, the standbys among them
	Standbys   []string `json:"standbys,omitempty"`
	// Remote says that a remote signer holds the key: what lies on the hosts
	// proves nothing about who signs.
	Remote bool  `json:"remote,omitempty"`
	Power  int64 `json:"power,omitempty"` // in the last known set
	InSet  Tri   `json:"in_set"`

	// Signing says whether the last canonical commit holds a signature. It is
	// unknown while the chain stands: then that commit shows the past.
	Signing    Tri       `json:"signing"`
	SigningWhy string    `json:"signing_why,omitempty"`
	SigningAt  time.Time `json:"signing_at,omitzero"`
	Witness    string    `json:"witness,omitempty"` // whose commits are counted here

	// Recent has one Mark for each canonical commit up to RecentTo, newest
	// last.
	Recent   string `json:"recent,omitempty"`
	RecentTo int64  `json:"recent_to,omitempty"`

	LastSigned   int64 `json:"last_signed,omitempty"` // highest height with a signature, from any witness
	MissedStreak int   `json:"missed_streak"`         // newest commits without a signature
	StreakOpen   bool  `json:"streak_open,omitempty"` // the streak is at least that long
	// StoppedSince is the block time of the first miss of the streak; with
	// StreakOpen of the first one known.
	StoppedSince time.Time `json:"stopped_since,omitzero"`

	// SignedFrom and SignedSince are height and block time of the first of the
	// newest commits that all hold a signature, when a miss before it is known.
	SignedFrom  int64     `json:"signed_from,omitempty"`
	SignedSince time.Time `json:"signed_since,omitzero"`

	LiveEndpoints []string  `json:"live_endpoints"` // that answered now and show the address
	Jailed        Tri       `json:"jailed"`
	Tombstoned    Tri       `json:"tombstoned"`
	JailedWhy     string    `json:"jailed_why,omitempty"`
	JailedAt      time.Time `json:"jailed_at,omitzero"` // when REST answered

	Silence []Silence `json:"silence,omitempty"` // one for each witness

	// Elsewhere is not zero when somebody else signs with the key.
	Elsewhere Elsewhere `json:"elsewhere,omitzero"`
}

// The marks of Key.Recent.
const (
	MarkSigned  = 's'
	MarkNil     = 'n' // voted for nothing: a miss, and a sign of life
	MarkAbsent  = 'a'
	MarkNotIn   = '-' // not in the validator set
	MarkUnknown = '?'
)

// MissedLast is how many of the last n canonical commits lack a signature. It
// is known only when all n were read and the key was in the set in each.
func (k Key) MissedLast(n int) (missed int, known bool) {
	if n <= 0 || n > len(k.Recent) {
		return 0, false
	}
	for _, m := range []byte(k.Recent[len(k.Recent)-n:]) {
		switch m {
		case MarkSigned:
		case MarkAbsent, MarkNil:
			missed++
		default:
			return 0, false
		}
	}
	return missed, true
}

// Silence is one witness's account of a key over the canonical commits From to
// To, all read. In Key.Silence it is the longest run without the key that ends
// at To (Absent equals Span); Watcher.Silence gives the account since a stop,
// whatever is in it.
//
// A vote for nothing is no absence, and a commit at which the key was not in
// the validator set ends the account: there it could not have spoken.
type Silence struct {
	Key      string    `json:"key"`
	Witness  string    `json:"witness"`        // node
	Host     string    `json:"host,omitempty"` // where the witness runs
	From     int64     `json:"from"`           // To+1 when Span is 0
	To       int64     `json:"to"`             // the same for all witnesses in step
	Span     int       `json:"span"`           // commits From to To
	Absent   int       `json:"absent"`         // of those, without the key
	Hash     string    `json:"hash"`           // of block To
	FromTime time.Time `json:"from_time,omitzero"`
	ToTime   time.Time `json:"to_time,omitzero"`
	// NotBefore is a domain time at which From was not yet a block, zero if
	// none is known.
	NotBefore time.Time `json:"not_before,omitzero"`
	At        time.Time `json:"at,omitzero"`    // when To was read
	Open      bool      `json:"open,omitempty"` // reaches the first commit known: it may be longer
}
