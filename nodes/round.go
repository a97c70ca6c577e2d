package nodes

import (
	"context"
	"sort"
	"sync"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// job asks something and returns what to do with the answer, which is done
// under the Watcher's lock. A nil merge changes nothing.
type job func(ctx context.Context) (merge func())

// askRest is the second half of a look: everything that depends on which
// nodes answered and how high they are.
func (w *Watcher) askRest(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, w.opts.Timeout)
	defer cancel()
	w.mu.Lock()
	stalled := !w.tip.first.IsZero() && now.Sub(w.tip.since) >= w.fleet.stallAfter()
	jobs := w.ledgerJobs(now, stalled || w.asking)
	jobs = append(jobs, w.peerJobs(now)...)
	jobs = append(jobs, w.restJobs(now)...)
	jobs = append(jobs, w.endpointJobs(now)...)
	jobs = append(jobs, w.appJobs(stalled)...)
	jobs = append(jobs, w.databaseJobs(now)...)
	w.votes = nil
	if stalled || w.asking {
		jobs = append(jobs, w.voteJob(now, stalled))
	} else {
		w.tally = tally{}
	}
	w.mu.Unlock()

	w.run(ctx, jobs)

	w.mu.Lock()
	w.pickLead()
	jobs = append(w.evidenceJobs(now), w.headerJobs()...)
	w.mu.Unlock()
	w.run(ctx, jobs)
}

// run does all jobs at the same time and merges their answers.
func (w *Watcher) run(ctx context.Context, jobs []job) {
	merges := make([]func(), len(jobs))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() { merges[i] = j(ctx) })
	}
	wg.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range merges {
		if m != nil {
			m()
		}
	}
}

// sources are the nodes whose commits are read: the witnesses that answer, or
// when there is none, those read before, or the highest two.
func (w *Watcher) sources() []int {
	var witness, known, other []int
	for i := range w.nodes {
		n := &w.nodes[i]
		switch {
		case !n.live(w.round, w.fleet):
		case n.spec.Witness:
			witness = append(witness, i)
		case w.ledgers[i] != nil:
			known = append(known, i)
		default:
			other = append(other, i)
		}
	}
	if len(witness) > 0 {
		return witness[:min(len(witness), maxLedgers)]
	}
	sort.SliceStable(other, func(a, b int) bool {
		return w.nodes[other[a]].view.Height > w.nodes[other[b]].view.Height
	})
	list := append(known, other...)
	return list[:min(len(list), 2)]
}

func (w *Watcher) ledgerJobs(now time.Time, wantTip bool) []job {
	var jobs []job
	sources := w.sources()
	behind, since := w.catchUp(sources), w.since
	for _, i := range sources {
		l := w.ledgers[i]
		if l == nil {
			l = newLedger(w.nodes[i].rpc, w.fleet, w.opts.Window)
			w.ledgers[i] = l
		}
		tip := w.nodes[i].view.Height
		jobs = append(jobs, func(ctx context.Context) func() {
			l.update(ctx, now, tip, wantTip)
			if i == behind {
				l.down(ctx, since)
			}
			return nil
		})
	}
	return jobs
}

// pickLead chooses whose commits speak for the chain: the highest among the
// nodes that answer, and the present one as long as it keeps up.
func (w *Watcher) pickLead() {
	best, high := -1, int64(0)
	for i := range w.nodes {
		l := w.ledgers[i]
		if l == nil || l.high == 0 || !w.nodes[i].live(w.round, w.fleet) {
			continue
		}
		if l.high > high {
			best, high = i, l.high
		}
	}
	if best < 0 {
		return // keep the old one: its age tells
	}
	if old := w.ledgers[w.lead]; old != nil && w.nodes[w.lead].live(w.round, w.fleet) && old.high == high {
		best = w.lead
	}
	w.lead = best
	w.set = w.ledgers[best].set
}

func (w *Watcher) peerJobs(now time.Time) []job {
	var jobs []job
	for i := range w.nodes {
		n := &w.nodes[i]
		if n.view.State != Up || n.round != w.round || !(due(w.round, i) || n.view.PeersAt.IsZero()) {
			continue
		}
		jobs = append(jobs, func(ctx context.Context) func() {
			peers, err := comet.GetPeers(ctx, n.rpc)
			if err != nil {
				return nil
			}
			return func() { n.view.Peers, n.view.PeersAt = peers, now }
		})
	}
	return jobs
}

// appJobs ask the application of nodes that stand still what it came to: a
// node that died of a wrong app hash goes on answering with all signs of
// health.
func (w *Watcher) appJobs(stalled bool) []job {
	var jobs []job
	for i := range w.nodes {
		n := &w.nodes[i]
		stands := stalled || w.stuck(n.view) == True
		if !stands || !n.live(w.round, w.fleet) || len(jobs) >= 2*maxLedgers || (n.app.Height == n.view.Height && !due(w.round, i)) {
			continue
		}
		round := w.round
		jobs = append(jobs, func(ctx context.Context) func() {
			app, err := comet.GetApp(ctx, n.rpc)
			if err != nil {
				return nil
			}
			return func() { n.app, n.appAt = app, round }
		})
	}
	return jobs
}

// stuck says whether a node stands still while the chain moves.
func (w *Watcher) stuck(v Node) Tri {
	if v.State != Up || v.HeightSince.IsZero() || !w.tip.moved {
		return Unknown
	}
	wait := 3 * w.fleet.blockTime()
	// The chain moved after the node stopped, and the node had time to follow.
	stood := v.SeenAt.Sub(v.HeightSince) >= wait
	return TriOf(stood && v.Height < w.tip.height && w.tip.since.After(v.HeightSince))
}
