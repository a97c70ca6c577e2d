package world

import (
	"errors"
	"strconv"
	"time"

	"github.com/virtengine/relight/lazy"
)

// Process is a live chain node.
type Process struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Address string    `json:"address"` // of the key it loaded
	PubKey  string    `json:"pub_key"`
	Mark    Mark      `json:"mark"`
	RPC     bool      `json:"rpc"`
	Synced  bool      `json:"synced"`
	SyncAt  time.Time `json:"sync_at"` // when it will be
	From    int64     `json:"from"`    // the height its data had at the start
	// Frozen is the height at which a hung, cut off or diverged node stands;
	// zero for one that follows the chain.
	Frozen int64 `json:"frozen,omitempty"`
	// Diverged is the height from which its application disagrees.
	Diverged int64 `json:"diverged,omitempty"`
	// LagUntil is when a node that was held comes back into step. All that
	// time it says that it is not catching up.
	LagUntil time.Time `json:"lag_until,omitzero"`
}

// spawn starts the chain process of a host: it loads key and sign state as
// CometBFT does. Without a key file it makes a new, harmless key and a zero
// sign state; with a key but without a state it does not start.
func (w *World) spawn(h *Host, u *Unit) {
	h.Starts++
	p := &Process{PID: u.MainPID, Started: w.Now, From: h.Data}
	h.Proc = p
	why, late := h.unready(), time.Duration(0)
	if why == "" {
		late, why = w.lightSync(h)
	}
	p.From = h.Data
	if why == "" {
		why = w.loadSigner(h, p)
	}
	if why != "" {
		w.after(Event{At: w.Now.Add(300 * time.Millisecond), Kind: evDie, Target: h.Name, Name: "Error: " + why, PID: p.PID})
		return
	}
	n := strconv.Itoa(h.Starts)
	rpc := w.Now.Add(w.between(900*time.Millisecond, 1300*time.Millisecond, "rpc", h.Name, n))
	behind := max(0, w.Tip().Height-h.Data)
	p.SyncAt = rpc.Add(w.between(2*time.Second, 6*time.Second, "sync", h.Name, n)).
		Add(time.Duration(behind)*20*time.Millisecond + late)
	w.log(h, u.Name, "starting node, chain %s, validator address %s", ChainID, p.Address)
	w.after(Event{At: rpc, Kind: evRPC, Target: h.Name, PID: p.PID})
	w.after(Event{At: p.SyncAt, Kind: evSynced, Target: h.Name, PID: p.PID})
	if h.DiskFull {
		w.after(Event{At: rpc, Kind: evDie, Target: h.Name, Name: "write " + Home + "/data/cs.wal/wal: no space left on device", PID: p.PID})
	}
}

// loadSigner gives the reason why the process cannot go on, or "".
func (w *World) loadSigner(h *Host, p *Process) string {
	text, err := h.Read(Login, KeyPath)
	switch {
	case errors.Is(err, ErrNotExist):
		k := w.deriveKey(h.Name, "made", strconv.Itoa(h.Starts))
		w.put(h, string(Login), KeyPath, k.KeyFile(), 0o600)
		w.put(h, string(Login), StatePath, Mark{}.StateFile(), 0o600)
		p.Address, p.PubKey = k.Address, k.PubB64()
		return ""
	case err != nil:
		return "open " + KeyPath + ": " + err.Error()
	}
	k, err := ParseKeyFile(text)
	if err != nil {
		return "reading PrivValidator key from " + KeyPath
	}
	state, err := h.Read(Login, StatePath)
	if err != nil {
		return "open " + StatePath + ": " + err.Error()
	}
	p.Mark, err = ParseStateFile(state)
	if err != nil {
		return "reading PrivValidator state from " + StatePath
	}
	p.Address, p.PubKey = k.Address, k.PubB64()
	return ""
}

func (w *World) processEvent(h *Host, p *Process, ev Event) {
	switch ev.Kind {
	case evRPC:
		p.RPC = true
		w.lives()
	case evDie:
		w.die(h, ev.Name)
	case evSynced:
		if h.Hung || h.Cut {
			// Nobody to catch up with: look again later.
			p.SyncAt = w.Now.Add(5 * time.Second)
			w.after(Event{At: p.SyncAt, Kind: evSynced, Target: h.Name, PID: p.PID})
			return
		}
		k := h.CheckHeight()
		if w.SetAt(w.Tip().Height).Index(p.Address) >= 0 && w.SignedWithin(p.Address, k) {
			w.die(h, "panic: Failed to start consensus state: found signature from the same key")
			return
		}
		p.Synced = true
		w.log(h, ChainUnit, "consensus starts at height %d", w.Tip().Height+1)
		w.lives()
		if h.BadApp > 0 {
			w.diverge(h)
		}
	}
}

var checkHeight = lazy.Pattern(`(?m)^\s*double_sign_check_height\s*=\s*(\d+)`)

// CheckHeight is double_sign_check_height of the host's config.toml, 0 where
// it is not set.
func (h *Host) CheckHeight() int64 {
	m := checkHeight.FindStringSubmatch(h.Files[ConfigPath].Text)
	if m == nil {
		return 0
	}
	k, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return k
}

// die ends the chain process with a failure; systemd then does what the unit
// says.
func (w *World) die(h *Host, why string) {
	u := h.unit(ChainUnit)
	w.log(h, ChainUnit, "%s", why)
	w.endProcess(h)
	w.failUnit(h, u, "exit-code")
}

// endProcess takes the chain process away, however it ended.
func (w *World) endProcess(h *Host) {
	if h.Proc == nil {
		return
	}
	if h.Proc.RPC { // one that never came up has done nothing
		h.Data = w.NodeHeight(h)
	}
	pid := h.Proc.PID
	h.Proc = nil
	w.drop(func(ev Event) bool { return ev.PID == pid && ev.Target == h.Name })
	w.lives()
}

// canVote says whether the process of a host can vote at h.
func (w *World) canVote(host *Host, h int64) bool {
	p := host.Proc
	return host.Power == On && p.Synced && p.Frozen == 0 && !host.DiskFull &&
		!w.Now.Before(p.LagUntil) && p.Mark.allows(h)
}

// sign raises the mark of a host's process and writes its sign state.
func (w *World) sign(h *Host, m Mark) {
	p := h.Proc
	if !p.Mark.Less(m) {
		return
	}
	p.Mark = m
	f, ok := h.Files[StatePath]
	if !ok {
		f = File{Mode: 0o600, Owner: string(Login)}
	}
	f.Text = m.stateFile(w.Signature(p.Address, m.Height), w.Hex("bytes", p.Address, strconv.FormatInt(m.Height, 10)))
	f.MTime = w.Now
	h.Files[StatePath] = f
}

// NodeHeight is the height the node of a host has, or had last.
func (w *World) NodeHeight(h *Host) int64 {
	p, tip := h.Proc, w.Tip().Height
	switch {
	case p == nil:
		return h.Data
	case p.Frozen > 0:
		return min(p.Frozen, tip)
	case w.Now.Before(p.LagUntil):
		return min(p.From, tip)
	case p.Synced:
		return tip
	}
	whole, gone := p.SyncAt.Sub(p.Started), w.Now.Sub(p.Started)
	if whole <= 0 || gone >= whole {
		return tip
	}
	return p.From + int64(float64(tip-p.From)*float64(gone)/float64(whole))
}

// CatchingUp is what the node says of itself.
func (h *Host) CatchingUp() bool { return h.Proc != nil && !h.Proc.Synced }

// freeze holds a node where it is, as a hang, a partition or a wrong
// application hash does.
func (w *World) freeze(h *Host) {
	if p := h.Proc; p != nil && p.Frozen == 0 {
		p.Frozen = max(1, w.NodeHeight(h))
	}
	w.lives()
}

// diverge is a CONSENSUS FAILURE: process and RPC stay up, the height stands.
func (w *World) diverge(h *Host) {
	p := h.Proc
	if p == nil {
		return
	}
	p.Frozen, p.Diverged = h.BadApp, h.BadApp
	w.log(h, ChainUnit, "CONSENSUS FAILURE!!! err=\"wrong Block.Header.AppHash\" height=%d", h.BadApp+1)
	w.lives()
}

// thaw lets a frozen node come back into step over some seconds.
func (w *World) thaw(h *Host) {
	if p := h.Proc; p != nil && p.Frozen > 0 && h.BadApp == 0 && !h.Hung && !h.Cut {
		p.From = p.Frozen
		behind := w.Tip().Height - p.Frozen
		p.Frozen, p.Diverged = 0, 0
		p.LagUntil = w.Now.Add(2*time.Second + time.Duration(behind)*100*time.Millisecond)
	}
	w.lives()
}

// Peers are the other hosts whose chain processes a node believes it is
// connected to: a hung peer is still counted.
func (w *World) Peers(of *Host) []*Host {
	if of.Cut {
		return nil
	}
	var out []*Host
	for _, h := range w.Hosts {
		if h != of && h.Power == On && h.Proc != nil && h.Proc.RPC && !h.Cut {
			out = append(out, h)
		}
	}
	return out
}
