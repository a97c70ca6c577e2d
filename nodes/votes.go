package nodes

import (
	"context"
	"sync"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// maxVoteNodes is how many nodes are asked for the running round.
const maxVoteNodes = 8

// voteJob asks several nodes for the votes of the running round: one alone may
// be cut off from the others.
func (w *Watcher) voteJob(now time.Time) job {
	var ask []int
	for _, witness := range []bool{true, false} {
		for i := range w.nodes {
			if n := &w.nodes[i]; n.live(w.round, w.fleet) && n.spec.Witness == witness && len(ask) < maxVoteNodes {
				ask = append(ask, i)
			}
		}
	}
	return func(ctx context.Context) func() {
		states := make([]comet.RoundState, len(ask))
		errs := make([]error, len(ask))
		var wg sync.WaitGroup
		for k, i := range ask {
			wg.Go(func() { states[k], errs[k] = comet.GetRoundState(ctx, w.nodes[i].rpc) })
		}
		wg.Wait()
		return func() {
			var ok []comet.RoundState
			var names []string
			for k, i := range ask {
				if errs[k] == nil {
					ok, names = append(ok, states[k]), append(names, w.nodes[i].spec.Name)
				}
			}
			w.votes = w.union(now, ok, names)
		}
	}
}

// union joins what several nodes show of the highest running height. A voter
// counts when a node shows its vote in that node's present round or the one
// before: a round that has just begun shows nobody.
func (w *Watcher) union(now time.Time, states []comet.RoundState, names []string) *Votes {
	v := Votes{At: now}
	for _, s := range states {
		if s.Height > v.Height {
			v.Height, v.Round, v.Step = s.Height, s.Round, s.Step
		}
	}
	if len(states) == 0 || v.Height <= w.tip.height-1 {
		return nil
	}
	voted := map[string]bool{}
	newest := map[string]time.Time{}
	for k, s := range states {
		if s.Height != v.Height {
			continue
		}
		v.Nodes = append(v.Nodes, names[k])
		if s.Round > v.Round || (s.Round == v.Round && s.Step > v.Step) {
			v.Round, v.Step = s.Round, s.Step
		}
		for _, vote := range s.Votes {
			if vote.Round >= s.Round-1 && vote.Round <= s.Round {
				voted[vote.Prefix] = true
			}
			if t, ok := newest[vote.Prefix]; !ok || vote.Time.After(t) {
				newest[vote.Prefix] = vote.Time
			}
		}
	}
	// By address, not by index: the set of the next height may be another one.
	for _, val := range w.set {
		if voted[val.Address[:12]] {
			v.Power += val.Power
			v.Voters = append(v.Voters, val.Address)
		}
	}
	for _, k := range w.fleet.Keys {
		if a := normAddress(k.Address); a != "" {
			if t, ok := newest[a[:12]]; ok {
				v.Keys = append(v.Keys, KeyVotes{Key: k.Name, At: t})
			}
		}
	}
	return &v
}
