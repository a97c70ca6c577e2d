package nodes

import (
	"context"
	"errors"
	"net"
	"time"
)

// Fleet is what there is to look at. It is a value: a Watcher keeps its own
// copy.
type Fleet struct {
	ChainID    string        // nodes that name another network do not count
	BlockTime  time.Duration // expected interval between blocks; 0: 6 s
	ConsPrefix string        // bech32 prefix of consensus addresses, like "virtenginevalcons"
	Nodes      []NodeSpec
	Keys       []KeySpec
	Hosts      []HostSpec
	Endpoints  []EndpointSpec
	Databases  []DatabaseSpec
}

// NodeSpec is one CometBFT RPC endpoint.
type NodeSpec struct {
	Name    string
	Host    string // name in Fleet.Hosts; "" if it runs elsewhere
	RPC     string // "http://10.0.0.1:26657" or "ssh:127.0.0.1:26657" (through Host)
	REST    string // Cosmos SDK REST, the same two forms; "" if there is none
	Witness bool   // its commits are read for the silence of keys
}

// KeySpec is one validator key, known by its address alone.
type KeySpec struct {
	Name         string
	PublicName   string
	Address      string   // 40 hex digits, any case
	Hosts        []string // every holder, the standbys among them
	Standbys     []string
	StateBackups []string
	SealedBackup string
	RemoteSigner bool // several nodes may then show the address
}

// HostSpec is one machine that is asked over SSH.
type HostSpec struct {
	Name    string
	Unit    string // systemd unit of the node, like "virtengine"
	UnitDir string
	Home    string // home of the node, absolute or starting with "~/"
	Region  string // "" where the configuration does not say
	Zone    string
	// Sealed are the encrypted keys that are meant to lie on this host, by
	// absolute path. Whether they are there is read, never what is in them.
	Sealed []string
}

// EndpointSpec is something that answers over HTTP.
type EndpointSpec struct {
	Name   string
	Kind   string // only "http" is watched
	Host   string // name in Fleet.Hosts; "" if nobody says
	URL    string
	Expect string // "": any 2xx; three digits: that status; else: text in the body
}

// Dialer opens connections. Dial goes out directly, DialHost goes through the
// SSH connection of a host. Both must return when ctx ends.
//
// A direct connection that was actively refused satisfies errors.Is with
// syscall.ECONNREFUSED, as a net.Dialer's does. DialHost says ErrRefused, and
// only then, when the host itself was reached and its loopback refused: an
// sshd that is down must not look like a node that is down. ErrHostKey says
// that the host showed a wrong key.
type Dialer interface {
	Dial(ctx context.Context, network, addr string) (net.Conn, error)
	DialHost(ctx context.Context, host, network, addr string) (net.Conn, error)
}

// HostExec runs a read-only POSIX shell script on a host and returns what it
// printed (at most a few KiB). A nil error means that the script ran and
// exited 0. Otherwise the error satisfies errors.Is with ErrUnreachable (no
// connection, no answer in time), ErrHostKey (the host showed a wrong key), or
// neither: then the script ran and failed.
type HostExec interface {
	Read(ctx context.Context, host, script string) (stdout string, err error)
}

// Errors by which a Dialer and a HostExec say what went wrong.
var (
	ErrRefused     = errors.New("connection refused")
	ErrUnreachable = errors.New("host unreachable")
	ErrHostKey     = errors.New("host key refused")
)

// Options tune a Watcher. The zero value is what production uses.
type Options struct {
	// Every is how often Look is called, in domain time; what was read more
	// than three of them ago is unknown. 0: 2 s.
	Every time.Duration
	// HostEvery is the same for LookHosts. 0: 20 s.
	HostEvery time.Duration
	// Timeout bounds one request, in real time. 0: 2 s.
	Timeout time.Duration
	// HostTimeout bounds one host script, in real time. 0: 10 s.
	HostTimeout time.Duration
	// Window is how many canonical commits are kept for each witness. 0: 120.
	Window int
}

func (o Options) withDefaults() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.Every, 2*time.Second)
	def(&o.HostEvery, 20*time.Second)
	def(&o.Timeout, 2*time.Second)
	def(&o.HostTimeout, 10*time.Second)
	if o.Window <= 0 {
		o.Window = 120
	}
	return o
}

func (f Fleet) blockTime() time.Duration {
	if f.BlockTime <= 0 {
		return 6 * time.Second
	}
	return f.BlockTime
}

// freshFor is how old the last block of a node in step may be: block time is
// the median of the votes before, so it lags by one interval by design.
func (f Fleet) freshFor() time.Duration { return max(3*f.blockTime(), 10*time.Second) }

// haltAfter is T: how long the highest block must stand still.
func (f Fleet) haltAfter() time.Duration { return max(5*f.blockTime(), 30*time.Second) }

// stallAfter is when the votes of the running round are looked at, well before
// the chain is called halted.
func (f Fleet) stallAfter() time.Duration { return max(2*f.blockTime(), 3*time.Second) }
