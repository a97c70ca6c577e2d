package cockpit

import (
	"context"
	"fmt"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// evidence reads everything that matters to a start of key on target, now, and
// gives it raw. It judges nothing.
func (c *Cockpit) evidence(ctx context.Context, key, target string, installs bool) fence.Evidence {
	k, ok := c.o.Fleet.Key(key)
	if !ok {
		return fence.Evidence{Key: key, Target: target}
	}
	c.o.Watcher.WatchVotes(true)
	c.lookNow(ctx, append([]string{target}, k.Hosts...))
	backups := c.readBackups(ctx, k)
	outside := c.readOutside(ctx, k, target)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trail.keepBackups(k.Name, backups)
	c.trail.keepOutside(outside)
	e := c.evidenceLocked(k, target, installs)
	for i := range e.Holders {
		if f, ok := outside[e.Holders[i].Host]; ok {
			e.Holders[i].Other = f
		}
	}
	return e
}

func (c *Cockpit) evidenceLocked(k config.Key, target string, installs bool) fence.Evidence {
	s, f := c.snap, c.o.Fleet
	old := c.signer(k)
	e := fence.Evidence{Kind: fence.Elsewhere, Key: k.Name, Address: k.Address, Target: target, Old: old,
		Hosts: k.Hosts, Blocks: int64(f.Fence.Blocks), TTL: f.Fence.ProofTTL}
	if target == old && !installs {
		e.Kind, e.Old = fence.InPlace, ""
	}
	e.Commander = fence.Saw(fence.Command{You: c.state.Roles["commander"] == c.o.Person}, s.At, "record")
	e.Jail = jail(s, k, f)
	e.TargetIs = c.targetFacts(k, target, e.Kind)
	for _, h := range k.Hosts {
		e.Holders = append(e.Holders, holder(s, k, h, target))
	}
	e.Chain = chainFacts(s, k, f)
	e.StoppedAt = c.stoppedAt(k, target, e.Kind)
	e.Signs, e.Votes, e.States = c.signs(k), c.votes(k), c.trail.backups[k.Name]
	answered := 0
	for _, n := range s.Nodes {
		if n.State == nodes.Up {
			answered++
		}
	}
	e.Looked = fence.Saw(answered, s.At, "all endpoints")
	e.Silence = c.silence(k, target, e.Old, e.StoppedAt)
	return e
}

// signer is the host that signed with the key last: the holder that shows its
// address or showed it last, else the holder with the highest sign state (also
// when its key was put aside), else the first holder that is no standby.
func (c *Cockpit) signer(k config.Key) string {
	best, at := "", time.Time{}
	for _, h := range k.Hosts {
		if s, ok := c.trail.shown[h]; ok && s.address == k.Address && s.at.After(at) {
			best, at = h, s.at
		}
	}
	if best != "" {
		return best
	}
	var top nodes.SignOnDisk
	for _, h := range k.Hosts {
		f, ok := c.snap.Host(h)
		if ok && f.State.Known && f.State.Height > 0 && (best == "" || f.State.Compare(top) > 0) {
			best, top = h, f.State
		}
	}
	if best != "" {
		return best
	}
	for _, h := range k.Hosts {
		if !contains(k.Standbys, h) {
			return h
		}
	}
	return ""
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func jail(s nodes.Snapshot, k config.Key, f config.Fleet) fence.Jail {
	out := fence.Jail{NoREST: true}
	for _, n := range f.Nodes {
		if n.REST != "" {
			out.NoREST = false
		}
	}
	v, ok := s.Key(k.Name)
	if !ok || v.JailedAt.IsZero() {
		return out
	}
	if b, known := v.Jailed.Bool(); known {
		out.Jailed = fence.Saw(b, v.JailedAt, "REST")
	}
	if b, known := v.Tombstoned.Bool(); known {
		out.Banned = fence.Saw(b, v.JailedAt, "REST")
	}
	return out
}

func (c *Cockpit) targetFacts(k config.Key, target string, kind fence.Kind) fence.Target {
	var t fence.Target
	if n, ok := c.snap.Node(target); ok {
		src := n.Name + " RPC"
		if n.Network != "" {
			t.Network = fence.Saw(n.Network, n.SeenAt, src)
		}
		if n.State == nodes.Up {
			t.Height = fence.Saw(n.Height, n.SeenAt, src)
			t.BlockAge = fence.Saw(n.Age, n.SeenAt, src)
			if up, known := n.CatchingUp.Bool(); known {
				t.CatchingUp = fence.Saw(up, n.SeenAt, src)
			}
			t.Shows = fence.Saw(n.Address, n.SeenAt, src)
		}
		if same, known := n.InStep.Bool(); known {
			t.Common = fence.Saw(fence.Common{Height: n.AgreedAt, Equal: same}, n.SeenAt, src)
		}
	}
	h, ok := c.snap.Host(target)
	if !ok || h.Reachable != nodes.True {
		return t
	}
	src := target + " file"
	if h.Config.Known && !h.Config.Odd {
		t.CheckHeight = fence.Saw(max(h.Config.CheckHeight, 0), h.At, src)
	}
	mark := h.StagedState
	if kind == fence.InPlace {
		mark = h.State
		if h.ChainID != "" && !t.Height.Known() {
			t.Network = fence.Saw(h.ChainID, h.At, target+" genesis")
		}
	}
	if mark.Known {
		t.Mark = fence.Saw(signState(mark), h.At, src)
	}
	if h.StagedKey.Address != "" {
		t.Staged = fence.Saw(h.StagedKey.Address, h.At, src)
	}
	return t
}

func signState(s nodes.SignOnDisk) fence.SignState {
	return fence.SignState{Height: s.Height, Round: s.Round, Step: int32(s.Step)}
}

// unitOf is what systemd says of a host's unit. A drop-in whose text is not the
// fence's is none, whatever its name.
func unitOf(h nodes.HostFacts) fence.Unit {
	if h.FenceHolds != nodes.True {
		h.Unit.DropInPaths = ""
	}
	return fence.Unit{ActiveState: h.Unit.ActiveState, SubState: h.Unit.SubState, MainPID: h.Unit.MainPID,
		UnitFileState: h.Unit.UnitFileState, DropInPaths: h.Unit.DropInPaths, NeedDaemonReload: h.Unit.NeedDaemonReload}
}

// holder is what is known about one host that holds the key.
func holder(s nodes.Snapshot, k config.Key, name, target string) fence.Holder {
	out := fence.Holder{Host: name, Standby: contains(k.Standbys, name)}
	for _, n := range s.NodesOf(name) {
		src := n.Name + " RPC"
		switch {
		case n.State == nodes.Up:
			out.Refuses = fence.Saw(false, n.SeenAt, src)
			out.Shows = fence.Saw(n.Address, n.SeenAt, src)
		case n.Fail == nodes.FailRefused:
			out.Refuses = fence.Saw(true, n.AskedAt, src)
		}
	}
	h, ok := s.Host(name)
	if !ok || h.Reachable != nodes.True {
		return out
	}
	src := name + " SSH"
	if h.Unit.ActiveState != "" {
		out.Unit = fence.Saw(unitOf(h), h.At, src)
	}
	if h.ProcsKnown {
		out.Processes = fence.Saw(h.Procs, h.At, src)
	}
	switch h.Key.Present {
	case nodes.False:
		out.KeyThere = fence.Saw(false, h.At, src)
	case nodes.True:
		if h.Key.Address != "" && !h.Config.Odd {
			out.KeyThere = fence.Saw(h.Key.Address == k.Address, h.At, src)
		}
	}
	if !h.Config.Known || h.Config.Odd || h.Config.SignerAddr != "" {
		// Where the key lies is not known, or a remote signer holds it: that no
		// file is there proves nothing.
		if out.KeyThere.Known() && !out.KeyThere.V {
			out.KeyThere = fence.Fact[bool]{}
		}
	}
	// A holder's sign state can only raise the mark, so it always counts, but
	// for a target that signs with another key: that state is not this key's.
	if h.State.Known && !(name == target && h.Key.Address != "" && h.Key.Address != k.Address) {
		out.State = fence.Saw(signState(h.State), h.At, name+" file")
	}
	return out
}

func chainFacts(s nodes.Snapshot, k config.Key, f config.Fleet) fence.Chain {
	out := fence.Chain{Interval: f.Chain.BlockTime}
	for _, n := range s.Nodes {
		if n.Witness && n.State == nodes.Up && n.RightNet == nodes.True {
			out.Network = fence.Saw(n.Network, n.SeenAt, n.Name+" RPC")
		}
	}
	moving, known := s.Chain.Moving.Bool()
	if halted, ok := s.Chain.Halted.Bool(); ok && !known {
		moving, known = !halted, true
	}
	if known {
		out.Moving = fence.Saw(moving, s.At, "witnesses")
	}
	if s.Chain.Height > 0 {
		out.Tip = fence.Saw(s.Chain.Height, s.At, "witnesses")
	}
	v, ok := s.Key(k.Name)
	switch {
	case ok && v.LastSigned > 0:
		out.LastSigned = fence.Saw(v.LastSigned, s.At, "commits")
	case ok && v.StreakOpen && v.MissedStreak > 0 && v.RecentTo > int64(v.MissedStreak):
		// Silent for longer than we look back: what it signed last lies before
		// the first commit we know, and the highest it can be is what counts.
		out.LastSigned = fence.Saw(v.RecentTo-int64(v.MissedStreak), s.At, "commits, at most")
	}
	return out
}

// stoppedAt is when nothing can have signed with the key any more: the last of
// the read-backs of the other holders. A holder that never held the key in
// place (a standby showing another address) is no part of it.
func (c *Cockpit) stoppedAt(k config.Key, target string, kind fence.Kind) time.Time {
	if kind == fence.InPlace {
		return c.trail.down[target]
	}
	if len(k.Hosts) == 1 { // built anew where it stood: since when it runs without this key
		return c.trail.other[target]
	}
	var last time.Time
	for _, h := range k.Hosts {
		if h == target {
			continue
		}
		at, ok := c.trail.fenced[h]
		if cut, held := c.trail.cut[h]; held && (!ok || cut.Before(at)) {
			at, ok = cut, true
		}
		if f, known := c.snap.Host(h); !ok && known && contains(k.Standbys, h) && f.Key.Address != k.Address && f.Key.Present != nodes.Unknown {
			continue
		}
		if !ok {
			return time.Time{}
		}
		if at.After(last) {
			last = at
		}
	}
	return last
}

// signs are the latest signs of life with the key.
func (c *Cockpit) signs(k config.Key) []fence.Sign {
	var out []fence.Sign
	for host, s := range c.trail.shown {
		if s.address == k.Address {
			out = append(out, fence.Sign{Host: host, What: host + " shows this key", Height: s.height, At: s.at, Source: host + " RPC"})
		}
	}
	if v, ok := c.trail.votes[k.Name]; ok {
		out = append(out, fence.Sign{What: fmt.Sprintf("a vote with this key for block %d", v.height), Height: v.height, At: v.seen, Source: "consensus state"})
	}
	return out
}

// votes are what the key is known to have voted for: the mark must be above.
func (c *Cockpit) votes(k config.Key) []fence.StateSeen {
	v, ok := c.trail.votes[k.Name]
	if !ok {
		return nil
	}
	return []fence.StateSeen{{Where: "consensus state", State: fence.SignState{Height: v.height, Round: v.round, Step: fence.Precommit}, At: v.seen}}
}

// silence is what each witness saw since the stop, on hosts that are neither
// the target nor the one that signed last.
func (c *Cockpit) silence(k config.Key, target, old string, stopped time.Time) []fence.Witness {
	if stopped.IsZero() {
		return nil
	}
	var out []fence.Witness
	for _, s := range c.o.Watcher.Silence(k.Name, stopped) {
		if s.Span < 2 || s.NotBefore.IsZero() || (s.Host != "" && (s.Host == target || s.Host == old)) {
			continue
		}
		// The first commit may hold a vote cast just before the stop: counting
		// begins with the next one.
		absent := min(s.Absent, s.Span-1)
		if s.Absent == s.Span-1 && c.votedAt(k.Name, s.From) {
			absent = s.Span - 1
		} else if s.Absent < s.Span {
			absent = min(s.Absent, s.Span-2)
		}
		out = append(out, fence.Witness{Name: s.Witness, Host: s.Host, From: s.From + 1, To: s.To,
			Absent: int64(absent), Hash: s.Hash, Since: s.NotBefore, At: s.At})
	}
	return out
}

// votedAt says that the commit of that height is known and holds the key.
func (c *Cockpit) votedAt(key string, height int64) bool {
	v, ok := c.snap.Key(key)
	if !ok {
		return false
	}
	i := int64(len(v.Recent)) - 1 - (v.RecentTo - height)
	return i >= 0 && i < int64(len(v.Recent)) && v.Recent[i] != nodes.MarkAbsent
}
