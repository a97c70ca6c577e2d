package cockpit

import (
	"maps"
	"slices"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// trail is what only watching over time can know, and what a fence asks for:
// since when a host's read-backs hold, since when it is down, who showed which
// address last, which block came when. It is an aid to the evidence, no state
// of the incident: a cockpit that starts anew counts anew, and so waits longer,
// never shorter.
type trail struct {
	fenced map[string]time.Time // host -> since when stopped and fenced without a break
	down   map[string]time.Time // host -> since when not running
	other  map[string]time.Time // host -> since when it runs with a key that is none of ours, or is stopped after that
	shown  map[string]sighting  // host -> last time its RPC showed a key of ours
	votes  map[string]vote      // key -> its newest vote seen in a running round
	cut    map[string]time.Time // host -> since when it is cut off from outside, read back each time
	// outside is what the last read-back from outside said of each host.
	outside map[string]fence.Fact[fence.Proof]
	blocks  []block // tips seen, rising
	// backups are the highest copies of sign states ever read, by key.
	backups map[string][]fence.StateSeen
}

type sighting struct {
	address string
	height  int64
	at      time.Time
}

type vote struct {
	height int64
	round  int32
	at     time.Time // as written in the vote, by somebody else's clock
	seen   time.Time // when this vote was first seen, by ours
}

type block struct {
	height int64
	time   time.Time // by the chain
	seen   time.Time // by our clock
}

const maxBlocks = 1024

// follow takes a snapshot into account. It changes no map that was given away.
func (t *trail) follow(s nodes.Snapshot, f config.Fleet) {
	fenced, down, shown := maps.Clone(t.fenced), maps.Clone(t.down), maps.Clone(t.shown)
	if fenced == nil {
		fenced, down, shown = map[string]time.Time{}, map[string]time.Time{}, map[string]sighting{}
	}
	for _, h := range s.Hosts {
		keep(fenced, h.Name, hostStopped(s, h) && hostFenced(h), h.At)
		keep(down, h.Name, hostStopped(s, h), h.At)
	}
	t.other = withOwnKey(t.other, s, f, down)
	for _, n := range s.Nodes {
		if n.State != nodes.Up || n.Host == "" || n.Address == "" {
			continue
		}
		delete(down, n.Host)
		delete(fenced, n.Host)
		for _, k := range f.Keys {
			if k.Address == n.Address {
				shown[n.Host] = sighting{address: n.Address, height: n.Height, at: n.SeenAt}
			}
		}
	}
	t.fenced, t.down, t.shown = fenced, down, shown
	if v := s.Chain.Votes; v != nil {
		votes := maps.Clone(t.votes)
		if votes == nil {
			votes = map[string]vote{}
		}
		for _, k := range v.Keys {
			now := vote{height: v.Height, round: v.Round, at: k.At}
			old := votes[k.Key]
			if same := (vote{height: old.height, round: old.round, at: old.at}); same != now {
				now.seen = v.At
				votes[k.Key] = now
			}
		}
		t.votes = votes
	}
	if last := len(t.blocks); s.Chain.Height > 0 && (last == 0 || t.blocks[last-1].height < s.Chain.Height) {
		t.blocks = append(t.blocks, block{height: s.Chain.Height, time: s.Chain.LastBlock, seen: s.At})
		if len(t.blocks) > maxBlocks {
			t.blocks = append([]block(nil), t.blocks[maxBlocks/2:]...)
		}
	}
}

// keep remembers since when something holds.
func keep(m map[string]time.Time, name string, holds bool, at time.Time) {
	switch _, had := m[name]; {
	case !holds:
		delete(m, name)
	case !had:
		m[name] = at
	}
}

// hostStopped says that nothing of the unit runs, by systemd, by the process
// list and by a refused RPC.
func hostStopped(s nodes.Snapshot, h nodes.HostFacts) bool {
	if h.Reachable != nodes.True || !h.ProcsKnown || h.Procs != 0 || h.Unit.MainPID != "0" {
		return false
	}
	if h.Unit.ActiveState != "inactive" && h.Unit.ActiveState != "failed" {
		return false
	}
	for _, n := range s.NodesOf(h.Name) {
		if n.State == nodes.Up {
			return false
		}
	}
	return true
}

func hostFenced(h nodes.HostFacts) bool { return unitOf(h).Fenced(nodes.FenceDropIn) }

// blockTime is the chain's own time of a height, from the first tip at or
// above it that was seen; zero if it lies before the watch.
func (t trail) blockTime(height int64) time.Time {
	for i, b := range t.blocks {
		if b.height >= height {
			if i == 0 && b.height > height {
				return time.Time{}
			}
			return b.time
		}
	}
	return time.Time{}
}

// keepBackups adds copies of sign states; the highest of each place stays.
func (t *trail) keepBackups(key string, seen []fence.StateSeen) {
	all := maps.Clone(t.backups)
	if all == nil {
		all = map[string][]fence.StateSeen{}
	}
	list := append([]fence.StateSeen(nil), all[key]...)
	for _, s := range seen {
		known := false
		for i := range list {
			if list[i].Where == s.Where {
				known = true
				if list[i].State.Compare(s.State) < 0 {
					list[i] = s
				}
			}
		}
		if !known {
			list = append(list, s)
		}
	}
	all[key] = list
	t.backups = all
}

// withOwnKey is since when each host runs with a key that is none of ours. A host
// that is proven stopped after that stays in; one of which nothing is known goes.
func withOwnKey(was map[string]time.Time, s nodes.Snapshot, f config.Fleet, down map[string]time.Time) map[string]time.Time {
	out := map[string]time.Time{}
	for _, n := range s.Nodes {
		ours := slices.ContainsFunc(f.Keys, func(k config.Key) bool { return k.Address == n.Address })
		since, known := was[n.Host]
		switch {
		case n.State == nodes.Up && n.Address != "" && !ours && !known:
			out[n.Host] = n.SeenAt
		case n.State == nodes.Up && n.Address != "" && !ours, known && !down[n.Host].IsZero() && n.State != nodes.Up:
			out[n.Host] = since
		}
	}
	return out
}
