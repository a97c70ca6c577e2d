package fence

import (
	"strings"
	"time"
)

// Fact is one thing read: its value, when it was read by the domain clock, and
// where ("val-4 RPC"). The zero value, like every Fact without a time, is "not
// known".
type Fact[T any] struct {
	V      T         `json:"v"`
	At     time.Time `json:"at,omitzero"`
	Source string    `json:"source,omitempty"`
}

// Known says that something was read.
func (f Fact[T]) Known() bool { return !f.At.IsZero() }

// Saw is a known fact.
func Saw[T any](v T, at time.Time, source string) Fact[T] {
	return Fact[T]{V: v, At: at, Source: source}
}

// Kind is the kind of a start.
type Kind string

// The two kinds of start.
const (
	// Elsewhere is a start on a host that did not sign last: failover,
	// failback, and the undo of a fence.
	Elsewhere Kind = "elsewhere"
	// InPlace is a restart on the host that signed last.
	InPlace Kind = "in-place"
)

// Limits of the protocol.
const (
	MinBlocks  = 10               // fewest silent blocks ever asked for
	DefaultTTL = 10 * time.Minute // how long a fact proves anything
	DropInName = "90-fence.conf"  // base name of the fence's drop-in
	// OverrideFactor is how many times the silence, and how many times K
	// above the tip the mark, an override needs.
	OverrideFactor = 10
)

// Evidence is all that is known about one start, raw. The zero value knows
// nothing and is refused.
type Evidence struct {
	Kind    Kind          `json:"kind"`
	Key     string        `json:"key"`     // name in the configuration
	Address string        `json:"address"` // of the public key, hex
	Target  string        `json:"target"`  // host to be started
	Old     string        `json:"old"`     // host that signed last; not needed InPlace
	Hosts   []string      `json:"hosts"`   // every holder in the configuration, target and standbys included
	Blocks  int64         `json:"blocks"`  // K; at least MinBlocks and the target's double_sign_check_height are used
	TTL     time.Duration `json:"ttl"`     // 0: DefaultTTL
	DropIn  string        `json:"drop_in"` // base name of the fence's drop-in; "": DropInName

	Commander Fact[Command] `json:"commander"`
	Jail      Jail          `json:"jail"`
	TargetIs  Target        `json:"target_is"`
	Holders   []Holder      `json:"holders"` // observations; the target's own may be among them
	Chain     Chain         `json:"chain"`

	// StoppedAt is from when nothing may have signed with the key: when the
	// stop, or what stands for it (power, signer, network), was read back for
	// the last of the other holders; for an override, when the silence began
	// to be watched. Zero: not known. Not needed InPlace; there, it is when
	// the target was seen down.
	StoppedAt time.Time `json:"stopped_at,omitzero"`

	Signs   []Sign      `json:"signs"`   // of life with the key, ever
	Touches []Touch     `json:"touches"` // what could have revived a holder
	Looked  Fact[int]   `json:"looked"`  // how many endpoints answered the last look for the address and its votes
	Silence []Witness   `json:"silence"`
	States  []StateSeen `json:"states"` // sign states of backups and copies
	Votes   []StateSeen `json:"votes"`  // votes and signatures with the key seen anywhere
	Over    *Override   `json:"override,omitempty"`
}

// Command is who commands.
type Command struct {
	You   bool   `json:"you"`   // the one who asks is the commander
	Other string `json:"other"` // somebody else who acts on this key; "" for nobody
}

// Jail is what the application chain says about the validator.
type Jail struct {
	// NoREST says that no REST endpoint is configured: then it is shown as
	// not checked, and does not refuse.
	NoREST bool       `json:"no_rest"`
	Jailed Fact[bool] `json:"jailed"`
	Banned Fact[bool] `json:"banned"` // tombstoned, for ever
}

// Target is what is known about the host to be started.
type Target struct {
	Network     Fact[string]        `json:"network"` // chain id, of its RPC or, when it is down, its genesis
	Height      Fact[int64]         `json:"height"`
	BlockAge    Fact[time.Duration] `json:"block_age"` // of its last block, when read
	CatchingUp  Fact[bool]          `json:"catching_up"`
	Common      Fact[Common]        `json:"common"`
	Shows       Fact[string]        `json:"shows"`        // address its RPC shows now
	CheckHeight Fact[int64]         `json:"check_height"` // double_sign_check_height of its config.toml
	Mark        Fact[SignState]     `json:"mark"`         // staged (Elsewhere), or in place (InPlace)
	Staged      Fact[string]        `json:"staged"`       // address of the staged key (Elsewhere)
}

// Common compares the target with a witness at a height both have.
type Common struct {
	Height int64 `json:"height"`
	Equal  bool  `json:"equal"` // block and app hash
}

// Holder is what is known about one host that holds the key.
type Holder struct {
	Host      string          `json:"host"`
	Standby   bool            `json:"standby"`   // in [[key]] standbys
	Unit      Fact[Unit]      `json:"unit"`      // systemctl show
	Processes Fact[int]       `json:"processes"` // with the validator's home
	Refuses   Fact[bool]      `json:"refuses"`   // its RPC port refuses a connection; a timeout is not known
	Shows     Fact[string]    `json:"shows"`     // address its RPC shows
	KeyThere  Fact[bool]      `json:"key_there"` // the key file in place is this key's
	State     Fact[SignState] `json:"state"`     // its priv_validator_state.json
	Other     Fact[Proof]     `json:"other"`     // what stands for the read-backs
}

// Class is a class of proof that a host which cannot be reached cannot sign.
type Class string

// The classes, strongest first. Each counts only when it was read back.
const (
	Power   Class = "power"   // stopped or off, no automatic start, or its disk detached
	Signer  Class = "signer"  // the one remote signer refuses the host
	Network Class = "network" // cut off in both directions, kept over a reboot
)

// Proof is a read-back from outside the host.
type Proof struct {
	Class Class  `json:"class"`
	Held  bool   `json:"held"` // the read-back says that the fence holds
	Text  string `json:"text"` // what it said
}

// Chain is what witnesses say about the chain.
type Chain struct {
	Network    Fact[string]  `json:"network"`
	Moving     Fact[bool]    `json:"moving"` // false: halted, by two witnesses
	Tip        Fact[int64]   `json:"tip"`
	LastSigned Fact[int64]   `json:"last_signed"` // highest height whose commit the key signed
	Interval   time.Duration `json:"interval"`    // between blocks; 0: not known
}

// Sign is a sign of life with the key: an endpoint that showed its address, or
// a vote.
type Sign struct {
	Host   string    `json:"host"` // whose endpoint showed the address; "" for a vote
	What   string    `json:"what"` // "a vote for 1204148"
	Height int64     `json:"height"`
	At     time.Time `json:"at"`
	Source string    `json:"source"`
}

// Touch is something that could have revived a holder: a reboot, a healed
// partition, somebody who says that they did something by hand.
type Touch struct {
	Host string    `json:"host"` // "" for all
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// Witness is one RPC's account of the silence: canonical commits From to To,
// all read.
type Witness struct {
	Name   string `json:"name"`
	Host   string `json:"host"` // where it runs
	From   int64  `json:"from"`
	To     int64  `json:"to"`     // the same for all witnesses of a judgement
	Absent int64  `json:"absent"` // commits in From..To without the key
	Hash   string `json:"hash"`   // of block To
	// Since is a time at which From-1 was not yet a block. Not From: a vote
	// for the block in flight may have been cast just before a stop, and would
	// contradict it for ever.
	Since time.Time `json:"since"`
	At    time.Time `json:"at"` // when To was read
}

// StateSeen is a sign state known from somewhere.
type StateSeen struct {
	Where string    `json:"where"`
	State SignState `json:"state"`
	At    time.Time `json:"at,omitzero"`
}

// sameAddress compares hex addresses. Unknown ones are equal to nothing.
func sameAddress(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && strings.EqualFold(a, b)
}
