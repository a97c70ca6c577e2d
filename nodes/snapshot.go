package nodes

import (
	"time"
)

// Snapshot is what one look saw. It is a value and shares no memory that
// changes later. Addresses are 40 upper-case hex digits, hashes upper-case
// hex, powers in the chain's own units, times UTC (block times are the
// chain's, all others the domain clock's).
type Snapshot struct {
	At    time.Time `json:"at"`
	Round int64     `json:"round"`
	// Every and HostEvery say how often is looked, for the age of probes.
	Every     time.Duration `json:"every"`
	HostEvery time.Duration `json:"host_every"`
	// Since is from when chain.evidence counts: the declaration. The Watcher
	// leaves it zero (then everything seen counts); who evaluates sets it on
	// the value.
	Since time.Time `json:"since,omitzero"`
	// Ready are the addresses of validators whose operators said, in the roll
	// call, that they are ready; set like Since.
	Ready []string `json:"ready,omitempty"`

	Nodes      []Node      `json:"nodes"`
	Chain      Chain       `json:"chain"`
	Keys       []Key       `json:"keys"`
	Hosts      []HostFacts `json:"hosts"`
	Endpoints  []Endpoint  `json:"endpoints,omitempty"`
	Databases  []Database  `json:"databases,omitempty"`
	Duplicates []Duplicate `json:"duplicates,omitempty"` // red alarm
	Places     []Place     `json:"places,omitempty"`
}

// State is whether an endpoint answers.
type State string

// The states of a node.
const (
	NeverAsked State = "unknown"
	Up         State = "up"
	Down       State = "down"
)

// Fail is why a node does not answer.
type Fail string

// The kinds of failure.
const (
	FailNone    Fail = ""
	FailRefused Fail = "refused"  // actively: nothing listens there
	FailTimeout Fail = "timeout"  // no answer in time: proves nothing
	FailHostKey Fail = "host-key" // the SSH host on the way showed a wrong key
	FailReach   Fail = "unreachable"
	FailAnswer  Fail = "bad-answer" // something answers, but not as a node
)

// Node is one endpoint. The values below State are those of the last answer.
type Node struct {
	Name    string `json:"name"`
	Host    string `json:"host,omitempty"`
	Witness bool   `json:"witness,omitempty"`
	State   State  `json:"state"`
	Fail    Fail   `json:"fail,omitempty"`
	Err     string `json:"err,omitempty"` // short, safe to draw

	ID         string    `json:"id,omitempty"`
	Network    string    `json:"network,omitempty"`
	Moniker    string    `json:"moniker,omitempty"`
	Version    string    `json:"version,omitempty"` // for show: binaries misname themselves
	Height     int64     `json:"height,omitempty"`
	BlockTime  time.Time `json:"block_time,omitzero"`
	BlockHash  string    `json:"block_hash,omitempty"`
	AppHash    string    `json:"app_hash,omitempty"` // in the header at Height: the result of Height-1
	CatchingUp Tri       `json:"catching_up"`
	// AppHeight and AppResult are what the application itself came to: it is
	// asked while the node stands. AppHeight 0: not asked.
	AppHeight   int64     `json:"app_height,omitempty"`
	AppResult   string    `json:"app_result,omitempty"`
	Peers       int       `json:"peers"`
	PeersAt     time.Time `json:"peers_at,omitzero"` // zero: Peers is not known
	Address     string    `json:"address,omitempty"`
	Power       int64     `json:"power,omitempty"`
	AskedAt     time.Time `json:"asked_at,omitzero"`
	SeenAt      time.Time `json:"seen_at,omitzero"` // last answer
	HeightSince time.Time `json:"height_since,omitzero"`

	Age       time.Duration `json:"age,omitempty"` // of the last block, by our clock
	RightNet  Tri           `json:"right_network"`
	Synced    Tri           `json:"synced"`
	SyncedWhy string        `json:"synced_why,omitempty"`
	Lag       int64         `json:"lag,omitempty"` // blocks below the highest
	Stuck     Tri           `json:"stuck"`         // stands still while the chain moves
	InStep    Tri           `json:"in_step"`       // block and app hash agree with the witnesses at AgreedAt
	AgreedAt  int64         `json:"agreed_at,omitempty"`
	InStepWhy string        `json:"in_step_why,omitempty"`
}

// Chain is what the endpoints say together.
type Chain struct {
	Height      int64         `json:"height"` // highest seen
	HeightSince time.Time     `json:"height_since,omitzero"`
	LastBlock   time.Time     `json:"last_block,omitzero"` // block time at Height
	LastAge     time.Duration `json:"last_age,omitempty"`
	Endpoints   int           `json:"endpoints"` // that answered now, on the right network
	Moving      Tri           `json:"moving"`
	Halted      Tri           `json:"halted"`
	HaltedSince time.Time     `json:"halted_since,omitzero"`
	HaltedWhy   string        `json:"halted_why,omitempty"`
	Power       Power         `json:"power"`
	Votes       *Votes        `json:"votes,omitempty"` // of the running round, when looked at
	Plan        Plan          `json:"plan,omitzero"`
	Forks       []Fork        `json:"forks,omitempty"`
	Evidence    []Evidence    `json:"evidence,omitempty"`
	// EvidenceFrom and EvidenceTo are the blocks looked at without a gap, and
	// EvidenceFromTime the block time of the first.
	EvidenceFrom     int64     `json:"evidence_from,omitempty"`
	EvidenceTo       int64     `json:"evidence_to,omitempty"`
	EvidenceFromTime time.Time `json:"evidence_from_time,omitzero"`
	EvidenceAt       time.Time `json:"evidence_at,omitzero"` // when EvidenceTo was read
}

// Plan is the upgrade that the application has planned, as REST says: the chain
// stands at its height on purpose.
type Plan struct {
	At     time.Time `json:"at,omitzero"`      // when REST answered last; zero: never
	Height int64     `json:"height,omitempty"` // 0: none is planned
	Name   string    `json:"name,omitempty"`   // safe to draw
	Why    string    `json:"why,omitempty"`    // why it was not read the last time
}

// Votes are the votes of the running height as several nodes show them.
type Votes struct {
	At     time.Time  `json:"at"`
	Height int64      `json:"height"`
	Round  int32      `json:"round"`
	Step   int        `json:"step"`
	Nodes  []string   `json:"nodes"` // who was asked and answered for this height
	Power  int64      `json:"power"` // of the voters of Round, in the last known set
	Voters []string   `json:"voters,omitempty"`
	Keys   []KeyVotes `json:"keys,omitempty"`
	// Ballots are all validators of the set at Height, in its order; of the
	// last known set where that one was not read.
	Ballots []Ballot `json:"ballots,omitempty"`
}

// KeyVotes is the newest vote of one of our keys at the running height, in any
// round. A vote stays visible for the whole halt: compare At with the stop.
type KeyVotes struct {
	Key string    `json:"key"`
	At  time.Time `json:"at,omitzero"` // as written in the vote; zero if unreadable
}

// Fork is a height at which two endpoints of one network show different
// blocks, or one node whose application came to another result.
type Fork struct {
	Height int64  `json:"height"`
	Kind   string `json:"kind"` // "block" or "app-hash"
	Node   string `json:"node"`
	Hash   string `json:"hash"`
	Other  string `json:"other"`
	Theirs string `json:"theirs"`
}

// Evidence is one proven misbehaviour in a block.
type Evidence struct {
	Height  int64     `json:"height"`            // of the block that carries it
	Time    time.Time `json:"time"`              // of that block
	Address string    `json:"address,omitempty"` // "" if the block could not be read
	Kind    string    `json:"kind,omitempty"`
	At      int64     `json:"at,omitempty"` // height of the double vote
	Seen    time.Time `json:"seen"`         // when we saw it
}

// Duplicate is one address shown by two live endpoints.
type Duplicate struct {
	Address string   `json:"address"`
	Key     string   `json:"key,omitempty"` // name, if it is one of ours
	Nodes   []string `json:"nodes"`
	// Shared says that the key is configured with a remote signer, where this
	// can be legitimate.
	Shared bool `json:"shared,omitempty"`
}

// Endpoint is something that answers over HTTP.
type Endpoint struct {
	Name string    `json:"name"`
	OK   Tri       `json:"ok"`
	Why  string    `json:"why,omitempty"`
	At   time.Time `json:"at,omitzero"`
	// Fails is how many looks in a row found it wrong, the first of them at Since.
	Fails int       `json:"fails,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// after is what an endpoint is, looked at once more.
func (e Endpoint) after(now time.Time, ok Tri, why string) Endpoint {
	next := Endpoint{Name: e.Name, OK: ok, Why: why, At: now}
	if ok == False {
		next.Fails, next.Since = e.Fails+1, e.Since
		if next.Since.IsZero() {
			next.Since = now
		}
	}
	return next
}

// Node is the node of that name, or the only node of the host of that name.
func (s Snapshot) Node(name string) (Node, bool) {
	var found Node
	n := 0
	for _, v := range s.Nodes {
		if v.Name == name {
			return v, true
		}
		if v.Host == name && name != "" {
			found = v
			n++
		}
	}
	return found, n == 1
}

// NodesOf are the nodes that run on the host.
func (s Snapshot) NodesOf(host string) []Node {
	var out []Node
	for _, v := range s.Nodes {
		if v.Host == host && host != "" {
			out = append(out, v)
		}
	}
	return out
}

// Key is the key of that name.
func (s Snapshot) Key(name string) (Key, bool) {
	for _, k := range s.Keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// Host is what is known of the host of that name.
func (s Snapshot) Host(name string) (HostFacts, bool) {
	for _, h := range s.Hosts {
		if h.Name == name {
			return h, true
		}
	}
	return HostFacts{DiskUsed: -1}, false
}

// Fresh says whether something read at t, by someone who looks every so
// often, may still be used at the time of this snapshot.
func (s Snapshot) Fresh(t time.Time, every time.Duration) bool {
	return !t.IsZero() && s.At.Sub(t) <= 3*every
}
