package nodes

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/virtengine/relight/safe"
)

// Names of the files a fence looks at, below the home of a node. The staged
// ones are those of the failover runbook.
const (
	KeyFile         = "priv_validator_key.json"
	StateFile       = "priv_validator_state.json"
	StagedKeyFile   = KeyFile + ".staged"
	StagedStateFile = StateFile + ".staged"
	FenceDropIn     = "90-fence.conf"
)

// HostFacts is what one read-only script saw on one host. The zero value,
// with DiskUsed -1, knows nothing.
type HostFacts struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"` // when it was asked, also in vain
	// Reachable is true when SSH answered with the right host key and the
	// script ran, false when there was no connection or a wrong key.
	Reachable Tri    `json:"reachable"`
	HostKey   bool   `json:"host_key_refused,omitempty"`
	Err       string `json:"err,omitempty"` // safe to draw

	Unit Unit `json:"unit"`
	// FenceHolds says whether the text of the fence's drop-in, below the host's
	// UnitDir, keeps the unit from starting: true when its last
	// AssertPathExists= names a path that is never there, false when it is there
	// and says otherwise, unknown when it could not be read.
	FenceHolds Tri `json:"fence_holds"`
	// Procs is how many processes run with that home; see ProcsKnown.
	Procs      int  `json:"procs"`
	ProcsKnown bool `json:"procs_known"`

	Key         KeyOnDisk   `json:"key"`
	StagedKey   KeyOnDisk   `json:"staged_key"`
	State       SignOnDisk  `json:"state"`
	StagedState SignOnDisk  `json:"staged_state"`
	Config      ConfigFacts `json:"config"`
	ChainID     string      `json:"chain_id,omitempty"` // of the genesis on its disk; "" if it could not be read
	// DiskUsed is how full the file system of the node's home is, or that of its
	// data if that is fuller: percent of what its login may use, 0 to 100; -1 if
	// not known.
	DiskUsed int `json:"disk_used"`

	// NoHome says that the folder above the node's home was read and does not name
	// it: no node lives there, and no key of one.
	NoHome bool `json:"no_home,omitempty"`

	// Sealed says whether every encrypted key that is meant to lie on this host
	// is there and not empty; unknown where none is meant to.
	Sealed Tri `json:"sealed"`

	// Stopped is the row of reads, up to this one, that all found nothing of the
	// node running: unit inactive or failed, no main process, no process with
	// that home.
	Stopped Row `json:"stopped,omitzero"`
	// SameKey is the row of reads, up to this one, that all found the same state
	// of the key file: absent, or with this very address.
	SameKey Row `json:"same_key,omitzero"`
}

// Unit is what systemctl show printed, word for word. An empty word was not
// printed and is not known.
type Unit struct {
	LoadState        string `json:"load_state,omitempty"`
	ActiveState      string `json:"active_state,omitempty"`
	SubState         string `json:"sub_state,omitempty"`
	MainPID          string `json:"main_pid,omitempty"`
	UnitFileState    string `json:"unit_file_state,omitempty"`
	DropInPaths      string `json:"drop_in_paths,omitempty"`
	NeedDaemonReload string `json:"need_daemon_reload,omitempty"`
}

// KeyOnDisk is a key file. Address alone is ever read of it.
type KeyOnDisk struct {
	Present Tri    `json:"present"`
	Address string `json:"address,omitempty"` // "" if it could not be read
}

// SignOnDisk is a sign state file: the highest thing the key signed there.
type SignOnDisk struct {
	Present Tri   `json:"present"`
	Known   bool  `json:"known"` // the three numbers were read
	Height  int64 `json:"height,omitempty"`
	Round   int32 `json:"round,omitempty"`
	Step    int8  `json:"step,omitempty"` // 0 none, 1 propose, 2 prevote, 3 precommit
}

// Compare orders sign states by height, round and step, as whole numbers.
func (s SignOnDisk) Compare(o SignOnDisk) int {
	for _, d := range [3]int64{s.Height - o.Height, int64(s.Round) - int64(o.Round), int64(s.Step) - int64(o.Step)} {
		switch {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
	}
	return 0
}

// ConfigFacts are the lines of config.toml that matter to a fence.
type ConfigFacts struct {
	Known       bool   `json:"known"`
	CheckHeight int64  `json:"double_sign_check_height"` // -1: no such line
	KeyFile     string `json:"key_file,omitempty"`       // as written; "" if there is no such line
	StateFile   string `json:"state_file,omitempty"`
	SignerAddr  string `json:"signer_addr,omitempty"` // not empty: a remote signer is used
	// Odd says that the key or the state lies elsewhere than we looked: then
	// the files above prove nothing and are unknown.
	Odd bool `json:"odd,omitempty"`
}

// LookHosts runs one read-only script on each of the named hosts, all at once,
// and returns what it saw in the order of the names. The facts of each host also
// appear in the snapshots that follow its answer: one that hangs holds back no
// other. Unknown names give facts that know nothing.
func (w *Watcher) LookHosts(ctx context.Context, now time.Time, hosts []string) []HostFacts {
	out := make([]HostFacts, len(hosts))
	var wg sync.WaitGroup
	for i, name := range hosts {
		wg.Go(func() { out[i] = w.keepHost(w.lookHost(ctx, now.UTC(), name)) })
	}
	wg.Wait()
	return out
}

// keepHost takes new facts into the following snapshots, unless they are older
// than what is known, and continues the rows.
func (w *Watcher) keepHost(f HostFacts) HostFacts {
	i, ok := w.hostIndex[f.Name]
	if !ok || f.At.IsZero() {
		return f
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.hosts[i]
	f.Stopped = old.Stopped.next(old.At, f.At, f.stopped(), 3*w.opts.HostEvery)
	same := f.Key.Present != Unknown && (f.Key.Present == False || f.Key.Address != "")
	if f.Key != old.Key {
		old.SameKey = Row{}
	}
	f.SameKey = old.SameKey.next(old.At, f.At, same, 3*w.opts.HostEvery)
	if !f.At.Before(old.At) {
		w.hosts[i] = f
	}
	return f
}

func (w *Watcher) lookHost(ctx context.Context, now time.Time, name string) HostFacts {
	i, ok := w.hostIndex[name]
	if !ok {
		return HostFacts{Name: name, DiskUsed: -1, Err: "no such host in the configuration"}
	}
	if w.exec == nil {
		return HostFacts{Name: name, DiskUsed: -1, Err: "no way to read hosts"}
	}
	script, err := HostScript(w.fleet.Hosts[i])
	if err != nil {
		return HostFacts{Name: name, At: now, DiskUsed: -1, Err: safe.Short(err.Error(), 120)}
	}
	rctx, cancel := context.WithTimeout(ctx, w.opts.HostTimeout)
	defer cancel()
	out, err := w.exec.Read(rctx, name, script)
	switch {
	case ctx.Err() != nil && err != nil:
		// The caller gave up: that says nothing about the host.
		return HostFacts{Name: name, DiskUsed: -1, Err: "not read: the look was given up"}
	case errors.Is(err, ErrHostKey):
		return HostFacts{Name: name, At: now, DiskUsed: -1, Reachable: False, HostKey: true, Err: "the host showed a wrong key"}
	case errors.Is(err, ErrUnreachable), errors.Is(err, context.DeadlineExceeded):
		return HostFacts{Name: name, At: now, DiskUsed: -1, Reachable: False, Err: safe.Short(err.Error(), 120)}
	}
	f := ParseHost(out)
	f.Name, f.At, f.Reachable = name, now, True
	if err != nil {
		f.Err = safe.Short("the script failed: "+err.Error(), 120)
	}
	return f
}
