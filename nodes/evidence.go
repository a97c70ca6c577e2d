package nodes

import (
	"context"
	"sort"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// Bounds of what is kept.
const (
	maxEvidence = 256
	maxHeaders  = 64
)

// evidenceState is the evidence found, by the height of the block that carries
// it. An empty list means that the block could not be read yet.
type evidenceState struct {
	found map[int64][]Evidence
	read  map[int64]bool
}

// forkState holds headers that were asked for to compare a node that lags far
// behind, by height, as the lead showed them.
type forkState struct {
	headers map[int64]blockRef
}

// evidenceJobs read the blocks whose header says that they carry evidence. The
// header's evidence hash tells without the block, which may be megabytes.
func (w *Watcher) evidenceJobs(now time.Time) []job {
	if w.evidence.found == nil {
		w.evidence = evidenceState{found: map[int64][]Evidence{}, read: map[int64]bool{}}
	}
	var jobs []job
	busy := map[int64]bool{}
	for i := range w.nodes {
		l := w.ledgers[i]
		if l == nil {
			continue
		}
		for _, e := range l.evidence {
			h := e.height
			if busy[h] || w.evidence.read[h] {
				continue
			}
			if w.evidence.found[h] == nil {
				w.evidence.found[h] = []Evidence{{Height: h, Time: e.time, Seen: now}}
			}
			if busy[h] = true; len(jobs) < 2*maxLedgers && w.nodes[i].live(w.round, w.fleet) {
				jobs = append(jobs, w.evidenceJob(l.src, e, now))
			}
		}
	}
	return jobs
}

func (w *Watcher) evidenceJob(src comet.Getter, e entry, now time.Time) job {
	return func(ctx context.Context) func() {
		list, err := comet.GetEvidence(ctx, src, e.height)
		if err != nil || len(list) == 0 {
			return nil
		}
		return func() {
			w.evidence.read[e.height] = true
			var out []Evidence
			for _, m := range list {
				out = append(out, Evidence{Height: e.height, Time: e.time, Address: m.Address, Kind: m.Kind, At: m.Height, Seen: now})
			}
			if old := w.evidence.found[e.height]; len(old) > 0 {
				for i := range out {
					out[i].Seen = old[0].Seen
				}
			}
			w.evidence.found[e.height] = out[:min(len(out), maxEvidence)]
		}
	}
}

// lookedAt is the first block of the gap-free stretch that ends with l, and its
// time, not counting what l itself had read before a gap. Where another witness read on while l was away, the two stretches are
// one: each block in it was read by somebody.
func (w *Watcher) lookedAt(l *ledger) (from int64, at time.Time) {
	from, at = l.from, l.fromTime
	for more := true; more; {
		more = false
		for _, o := range w.ledgers {
			if o.from > 0 && o.from < from && o.high+1 >= from {
				from, at, more = o.from, o.fromTime, true
			}
		}
	}
	return from, at
}

// evidenceList is all evidence, oldest first, the newest maxEvidence of it.
func (w *Watcher) evidenceList() []Evidence {
	var out []Evidence
	for _, list := range w.evidence.found {
		out = append(out, list...)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Height != out[j].Height {
			return out[i].Height < out[j].Height
		}
		return out[i].Address < out[j].Address
	})
	return out[max(0, len(out)-maxEvidence):]
}

// headerJobs ask the lead for headers below its ledger, to compare nodes that
// stand far behind.
func (w *Watcher) headerJobs() []job {
	l := w.ledgers[w.lead]
	if l == nil || !w.nodes[w.lead].live(w.round, w.fleet) {
		return nil
	}
	if w.forks.headers == nil || len(w.forks.headers) > maxHeaders {
		w.forks.headers = map[int64]blockRef{}
	}
	var jobs []job
	for i := range w.nodes {
		n := &w.nodes[i]
		k := len(n.recent)
		if i == w.lead || k == 0 || !n.live(w.round, w.fleet) || len(jobs) >= 4 {
			continue
		}
		for _, h := range []int64{n.recent[k-1].height, n.app.Height + 1} {
			if _, known := w.forks.headers[h]; known || h >= l.low || h <= 1 {
				continue
			}
			jobs = append(jobs, func(ctx context.Context) func() {
				c, err := comet.GetCommit(ctx, l.src, h)
				if err != nil || !c.Canonical {
					return nil
				}
				return func() { w.forks.headers[h] = blockRef{height: h, hash: c.Hash, app: c.AppHash} }
			})
		}
	}
	return jobs
}
