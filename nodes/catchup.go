package nodes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// Bounds of catching up.
const (
	catchUpAsks = 5 // requests to one node in one look, of MaxHeaders each
	maxPast     = 8 // stretches kept for a witness that was away again and again
)

// EvidenceSince says from which time on evidence matters: the declaration. What
// lies between it and the first commit read is looked at by headers, some of
// them in each look, so that chain.evidence can be known again after a resume
// or a long absence. Zero: nothing is caught up on.
func (w *Watcher) EvidenceSince(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = t.UTC()
	if t.IsZero() {
		w.since = time.Time{}
	}
}

// catchUp is the node whose headers are read further down in this look, -1 if
// there is none: the lead, else another witness that still has them.
func (w *Watcher) catchUp(sources []int) int {
	lead := w.ledgers[w.lead]
	if w.since.IsZero() || lead == nil || lead.from == 0 {
		return -1
	}
	if from, at := w.lookedAt(lead); from <= 1 || !at.After(w.since) {
		return -1
	}
	order := append([]int{w.lead}, sources...)
	for _, i := range order {
		l := w.ledgers[i]
		if slices.Contains(sources, i) && l != nil && l.from > 1 && !l.bottom && l.fromTime.After(w.since) {
			return i
		}
	}
	return -1
}

// down reads headers below the stretch until it reaches since, at most
// catchUpAsks times. Each must name the one below it: a node cannot show another
// chain there without its commits being of that other chain too.
func (l *ledger) down(ctx context.Context, since time.Time) {
	for range catchUpAsks {
		if l.from <= 1 || !l.fromTime.After(since) || ctx.Err() != nil {
			return
		}
		list, err := comet.GetHeaders(ctx, l.src, max(1, l.from-comet.MaxHeaders), l.from-1)
		if err == nil && list[0].Hash != l.below {
			err = fmt.Errorf("header %d is not what block %d stands on", list[0].Height, l.from)
			l.bottom = true
		}
		if err == nil && l.chainID != "" && list[0].ChainID != l.chainID {
			err = fmt.Errorf("header %d is of the chain %q", list[0].Height, list[0].ChainID)
			l.bottom = true
		}
		if err != nil {
			// A pruned node is no failure: it has what it has.
			l.bottom = l.bottom || comet.IsRPC(err)
			return
		}
		l.take(list)
	}
}

func (l *ledger) take(list []comet.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range list {
		if h.HasEvidence() && !slices.ContainsFunc(l.evidence, func(o entry) bool { return o.height == h.Height }) {
			l.evidence = append(l.evidence, entry{height: h.Height, hash: h.Hash, time: h.Time, evidence: true})
		}
		l.from, l.fromTime, l.below = h.Height, h.Time, h.Last
	}
	l.join()
}

// join makes one of the stretch and those before it that it has reached.
func (l *ledger) join() {
	for more := true; more; {
		more = false
		for i, p := range l.past {
			if p.to+1 >= l.from {
				if p.from < l.from {
					l.from, l.fromTime, l.below = p.from, p.fromTime, p.below
				}
				l.past, more = slices.Delete(l.past, i, i+1), true
				break
			}
		}
	}
}
