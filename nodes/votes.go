package nodes

import (
	"context"
	"sync"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// maxVoteNodes is how many nodes are asked for the running round.
const maxVoteNodes = 8

// tally is what the asked nodes show of the highest running height, before it
// is put beside the validators.
type tally struct {
	height  int64
	set     []comet.Validator // of that height; nil: not read
	heard   map[string]seenVote
	unheard map[string]bool // prefixes that only nodes apart from the others show
}

// seenVote is the newest prevote of one validator.
type seenVote struct {
	vote comet.Vote
	has  bool // else a precommit alone was seen
}

// voteJob asks several nodes for the votes of the running round: one alone may
// be cut off from the others. While the chain stands it also reads the set of
// that very height once: it may differ from that of the last commit.
func (w *Watcher) voteJob(now time.Time, stalled bool) job {
	var ask []int
	for _, witness := range []bool{true, false} {
		for i := range w.nodes {
			if n := &w.nodes[i]; n.live(w.round, w.fleet) && n.spec.Witness == witness && len(ask) < maxVoteNodes {
				ask = append(ask, i)
			}
		}
	}
	known := w.tally
	return func(ctx context.Context) func() {
		states := make([]comet.RoundState, len(ask))
		errs := make([]error, len(ask))
		var wg sync.WaitGroup
		for k, i := range ask {
			wg.Go(func() { states[k], errs[k] = comet.GetRoundState(ctx, w.nodes[i].rpc) })
		}
		wg.Wait()
		var ok []comet.RoundState
		var who []int
		top := -1
		for k, i := range ask {
			if errs[k] == nil {
				ok, who = append(ok, states[k]), append(who, i)
				if top < 0 || ok[len(ok)-1].Height > ok[top].Height {
					top = len(ok) - 1
				}
			}
		}
		var set []comet.Validator
		switch {
		case top < 0 || !stalled:
		case known.height == ok[top].Height && known.set != nil:
			set = known.set
		default:
			// Without it the last known set stands in.
			set, _ = comet.GetSet(ctx, w.nodes[who[top]].rpc, ok[top].Height)
		}
		return func() { w.votes = w.union(now, ok, who, set) }
	}
}

// union joins what several nodes show of the highest running height. A voter
// counts when a node shows its vote in that node's present round or the one
// before: a round that has just begun shows nobody.
func (w *Watcher) union(now time.Time, states []comet.RoundState, who []int, set []comet.Validator) *Votes {
	v := Votes{At: now}
	for _, s := range states {
		if s.Height > v.Height {
			v.Height, v.Round, v.Step = s.Height, s.Round, s.Step
		}
	}
	w.tally = tally{}
	if len(states) == 0 || v.Height <= w.tip.height-1 {
		return nil
	}
	w.tally = tally{height: v.Height, set: set}
	newest := map[string]time.Time{}
	var views []map[string]seenVote
	for k, s := range states {
		if s.Height != v.Height {
			continue
		}
		v.Nodes = append(v.Nodes, w.nodes[who[k]].spec.Name)
		if s.Round > v.Round || (s.Round == v.Round && s.Step > v.Step) {
			v.Round, v.Step = s.Round, s.Step
		}
		views = append(views, view(s))
		for _, vote := range s.Votes {
			if t, ok := newest[vote.Prefix]; !ok || vote.Time.After(t) {
				newest[vote.Prefix] = vote.Time
			}
		}
	}
	w.tally.heard, w.tally.unheard = hear(views, w.running())
	// By address, not by index: the set of the next height may be another one.
	for _, val := range w.running() {
		if _, ok := w.tally.heard[val.Address[:12]]; ok {
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

// running is the set whose votes are counted: that of the running height when
// it was read, else the last known one.
func (w *Watcher) running() []comet.Validator {
	if w.tally.set != nil {
		return w.tally.set
	}
	return w.set
}

// view is what one node shows, by prefix of the address.
func view(s comet.RoundState) map[string]seenVote {
	out := map[string]seenVote{}
	for _, vote := range s.Votes {
		if vote.Round < s.Round-1 || vote.Round > s.Round {
			continue
		}
		old, ok := out[vote.Prefix]
		switch {
		case vote.Precommit && ok:
		case vote.Precommit:
			out[vote.Prefix] = seenVote{vote: vote}
		case !old.has || vote.Round >= old.vote.Round:
			out[vote.Prefix] = seenVote{vote: vote, has: true}
		}
	}
	return out
}

// hear joins the views that belong together: the one that shows most power, and
// every one that has a vote in common with those. What only a view apart from
// them shows is not heard: a node without a way to the others shows its own
// vote for ever, and the power of two halves that cannot hear each other
// decides nothing.
func hear(views []map[string]seenVote, set []comet.Validator) (heard map[string]seenVote, unheard map[string]bool) {
	heard, unheard = map[string]seenVote{}, map[string]bool{}
	best, most := -1, int64(-1)
	for i, v := range views {
		var power int64
		for _, val := range set {
			if _, ok := v[val.Address[:12]]; ok {
				power += val.Power
			}
		}
		if power > most {
			best, most = i, power
		}
	}
	if best < 0 {
		return heard, unheard
	}
	join(heard, views[best])
	joined := map[int]bool{best: true}
	for more := true; more; {
		more = false
		for i, v := range views {
			if !joined[i] && meet(heard, v) {
				join(heard, v)
				joined[i], more = true, true
			}
		}
	}
	for _, v := range views {
		for p := range v {
			if _, ok := heard[p]; !ok {
				unheard[p] = true
			}
		}
	}
	return heard, unheard
}

func meet(a, b map[string]seenVote) bool {
	for p := range b {
		if _, ok := a[p]; ok {
			return true
		}
	}
	return false
}

// join adds the votes of a view; of two prevotes the one of the higher round
// counts, and one that says what it is for before one that does not.
func join(all, v map[string]seenVote) {
	for p, s := range v {
		old, ok := all[p]
		if !ok || (s.has && (!old.has || s.vote.Round > old.vote.Round || (s.vote.Round == old.vote.Round && old.vote.For == comet.ForUnread))) {
			all[p] = s
		}
	}
}
