package config

import "time"

// Config is one loaded file. It is a value: nobody changes it after Load.
type Config struct {
	Path     string // absolute
	Live     Fleet
	Drill    Fleet // only what stands under [drill]; zero without it
	HasDrill bool
	Faults   Faults
	Library  Library
	Warnings Problems // findings that do not stop a start, such as targets that contradict each other
}

// Fleet is everything one incident can see, touch and tell. Live and drill have
// the same shape and share nothing. Slices are in file order.
type Fleet struct {
	Chain      Chain
	SSH        SSH
	Hosts      []Host
	Nodes      []Node
	Keys       []Key
	Databases  []Database
	Endpoints  []Endpoint
	Components []Component
	Channels   []Channel
	Say        []Say
	Targets    []Target
	Fence      Fence
	People     []Person
}

// Chain is [chain].
type Chain struct {
	ID        string
	Prefix    string        // bech32, of accounts: "ve"
	BlockTime time.Duration // expected; default 6 s
	Unit      string        // systemd unit of the node; default "virtengine"
	UnitDir   string        // remote folder of the unit and its drop-ins; default /etc/systemd/system
	Home      string        // remote; may start with ~/; default ~/.virtengine
}

// SSH is [ssh]: what a host has unless it says otherwise.
type SSH struct {
	User         string // default $USER
	Port         int    // default 22
	KnownHosts   []string
	KeyFiles     []string
	Agent        bool // default true
	Jump         string
	UseSSHConfig bool
}

// Host is one [[host]], with everything it inherits filled in.
type Host struct {
	Name       string
	Addr       string // IP or DNS name, without a port; IPv6 without brackets
	Region     string
	Zone       string
	Groups     []string
	PublicName string // what outsiders may read; "" is never shown outside

	User       string
	Port       int
	KnownHosts []string // absolute local paths
	KeyFiles   []string // absolute local paths
	Agent      bool
	Jump       string // name of a host of the same fleet, or [user@]addr[:port]; "" is direct

	Unit    string
	UnitDir string
	Home    string

	Power   Power   // zero: cannot be cut from outside
	Isolate Isolate // zero: cannot be cut off from outside
}

// Power cuts a host's power from outside. Off and State are shell commands for
// the machine relight runs on. State exits 0 and prints "off" as its last word
// once the host cannot come back by itself; anything else is no proof.
type Power struct{ Off, State string }

// Isolate cuts a host's network in both directions, over a reboot. On and State
// are local shell commands; State exits 0 and prints "on" as its last word
// while the isolation holds.
type Isolate struct{ On, State string }

// Node is one [[node]]: an RPC endpoint of the chain.
type Node struct {
	Name    string
	Host    string // "" when it is nobody's host here, as a public witness may be
	RPC     string // "http://…", "https://…" or "ssh:127.0.0.1:26657" (through Host)
	REST    string // the same forms; "" is not configured
	Witness bool   // may testify about a key that its host does not hold
}

// Key is one [[key]]: a validator's consensus key. The key itself is never
// here, only who it is and where it lies.
type Key struct {
	Name         string
	PublicName   string
	Address      string   // 40 upper-case hex digits
	Hosts        []string // every holder, standbys included
	Standbys     []string // a subset of Hosts
	Signer       string   // "file" or "remote"
	StateBackups []string // remote paths (globs) of copies of the sign state, looked for on every holder
	SealedBackup string   // remote path of the encrypted key on the standby; "" is none
}

// Signers.
const (
	SignerFile   = "file"
	SignerRemote = "remote"
)

// Database is one [[database]].
type Database struct {
	Name    string
	Host    string
	DSN     Secret // zero: not configured
	Role    string // "primary" or "replica": what it is meant to be
	Manager string // who else promotes or restarts it, such as "patroni"; "none" is nobody
}

// Endpoint is one [[endpoint]].
type Endpoint struct {
	Name   string
	Kind   string // http tls dns prometheus alertmanager kubernetes provider
	URL    string // tls: host:port; dns: a name, or dns://SERVER/NAME; else http(s)
	Expect string // what the answer must hold; "" is the kind's own default
	Host   string // that serves it; "" is none of ours, or several
}

// Component is one [[component]]: what messages and clocks speak of.
type Component struct {
	Name         string // free text: "Validator node"
	Members      []Member
	StatusPageID string // the vendor's id; "" is not on the page
}

// MemberKind says what a Member is.
type MemberKind string

// The kinds of members.
const (
	MemberHost     MemberKind = "host"
	MemberNode     MemberKind = "node"
	MemberEndpoint MemberKind = "endpoint"
	MemberDatabase MemberKind = "database"
)

// Member is one thing a component is made of. A bare name in the file that
// stands for several things (a host and the node on it) gives one of each;
// "node:NAME" gives one.
type Member struct {
	Kind MemberKind
	Name string
}

// Channel is one [[channel]]: one destination.
type Channel struct {
	Name     string
	Driver   string
	Audience string // Public or Internal
	URL      string // base address; "" is the vendor's
	Target   string // channel, page, service or mail addresses, as the driver names them
	Token    Secret
	From     string
	Mention  string // the only mention allowed, once per incident; "" is none
}

// Audiences.
const (
	Public   = "public"
	Internal = "internal"
)

// Say is one [[say]]: what is due to whom, and how often after that.
type Say struct {
	Template string
	To       []string                 // channel names
	Due      time.Duration            // after the declaration; only with Timed
	Timed    bool                     // false: nothing makes it overdue
	Every    map[string]time.Duration // "sev1".."sev4" → time to the next update; may be nil
	Until    string                   // "resolved", "closed" or the template that ends the cadence
	Approve  string                   // "", a role, or "2"
}

// Target is one [[target]]. Exactly one of Component and Scenario is set.
type Target struct {
	Component string
	Scenario  string
	RTO       time.Duration // 0: not stated
	RPO       time.Duration
	HasRPO    bool // an RPO of 0 is a promise, not an omission
	Source    string
}

// Fence is [fence], with its defaults filled in.
type Fence struct {
	Blocks   int           // consecutive canonical commits without the key; at least 10
	ProofTTL time.Duration // default 10 min
	Watch    time.Duration // default max(2*Blocks*BlockTime, 60 s)
}

// Person is one [people.NAME].
type Person struct {
	Name      string
	Login     string // who is typing; default Name
	Roles     []string
	SSHKey    string // public, in authorized_keys form; "" cannot approve from elsewhere
	PagerDuty string
	Phone     string // for people who have only paper; "" is a line to write on
}

// Library is [library]: absolute local folders that override what is embedded.
type Library struct {
	Runbooks  []string
	Templates []string
}

// Faults is [drill.faults].
type Faults struct {
	List     []Fault           // file order
	Runbooks map[string]string // runbook id → the fault that starts its drill
}

// Fault is one [drill.faults.NAME]: how to make it on that fleet and how to
// mend it.
type Fault struct {
	Name string
	Make []Command // run in this order
	Mend []Command
}

// Command is one line of a fault.
type Command struct {
	Host string // a drill host, or Local
	Run  string // shell
}

// Local is the machine relight runs on.
const Local = "local"
