package nodes

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// Bounds of reading commits.
const (
	backfill   = 120 // commits read backwards after the start
	batch      = 150 // most commits read from one node in one look
	parallel   = 8   // requests to one node at a time
	keptSets   = 3   // validator sets kept for each witness
	maxLedgers = 8
)

// entry is one canonical commit as one witness showed it.
type entry struct {
	height   int64
	hash     string
	last     string // hash of the block before
	app      string // app hash in the header: the result of height-1
	time     time.Time
	read     time.Time // domain time
	online   int64     // power of the signers
	total    int64
	marks    []byte // one Mark for each key of the fleet
	evidence bool   // the block carries some
}

// ledger is what one witness says was committed: the heights low to high
// without a gap. It is used by one goroutine at a time.
type ledger struct {
	src     comet.Getter
	chainID string
	keys    []string // addresses, in the order of the fleet
	window  int

	mu      sync.Mutex // held to write and by Watcher.Silence, which reads from elsewhere
	entries map[int64]entry
	low     int64
	high    int64
	floor   bool // nothing older can be read
	// from and fromTime are the height and the block time of the first block of
	// the gap-free stretch read so far. Trimming the entries does not move them:
	// what was read once stays looked at.
	passage
	past     []passage // those before a gap, and not joined with it yet
	bottom   bool      // headers further down are not to be had here
	sets     []knownSet
	set      []comet.Validator // of high
	last     []int64           // by key: the highest height at which it spoke
	seenTip  int64             // the height whose seen commit was read
	evidence []entry           // blocks that carry evidence, trimmed ones too
	err      error
}

// passage is a row of blocks looked at without a gap, down to from; below is the
// hash of the block before that one.
type passage struct {
	from     int64
	to       int64 // of a past stretch
	fromTime time.Time
	below    string
}

// knownSet is a validator set and the hash by which headers name it.
type knownSet struct {
	hash string
	set  []comet.Validator
}

func newLedger(src comet.Getter, f Fleet, window int) *ledger {
	l := &ledger{src: src, chainID: f.ChainID, window: max(window, backfill), entries: map[int64]entry{}}
	for _, k := range f.Keys {
		l.keys = append(l.keys, normAddress(k.Address))
	}
	l.last = make([]int64, len(l.keys))
	return l
}

// update reads what is new up to tip-1, then goes back in time. It stops at
// the first error and at the end of ctx; what it has is always without a gap.
func (l *ledger) update(ctx context.Context, now time.Time, tip int64, wantTip bool) {
	l.err = nil
	last := tip - 1
	if last < 1 {
		return
	}
	if l.high == 0 || last-l.high > batch {
		// Who signs now is wanted now; the gap is filled by headers.
		l.reset()
		if !l.add(ctx, now, []int64{last}) {
			return
		}
	}
	if !l.add(ctx, now, span(l.high+1, last, batch)) {
		return
	}
	if wantTip {
		l.readTip(ctx, now, tip)
	}
	want := int64(backfill) - (l.high - l.low + 1)
	if !l.floor && want > 0 && l.low > 1 {
		down := span(max(1, l.low-min(want, batch/2)), l.low-1, batch)
		for i, j := 0, len(down)-1; i < j; i, j = i+1, j-1 {
			down[i], down[j] = down[j], down[i]
		}
		if !l.add(ctx, now, down) {
			// A pruned node is no failure: it has what it has.
			l.floor, l.err = comet.IsRPC(l.err), nil
		}
	}
}

func (l *ledger) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldHigh := l.high
	l.entries, l.low, l.high, l.floor = map[int64]entry{}, 0, 0, false
	if l.from > 0 {
		l.past = append(l.past, passage{from: l.from, to: oldHigh, fromTime: l.fromTime, below: l.below})
		l.past = l.past[max(0, len(l.past)-maxPast):]
	}
	l.passage, l.bottom = passage{}, false
}

// span is the heights from lo to hi, at most n of them.
func span(lo, hi int64, n int) []int64 {
	var out []int64
	for h := lo; h <= hi && len(out) < n; h++ {
		out = append(out, h)
	}
	return out
}

// add reads commits in the given order, which must extend the ledger at one of
// its ends. It says whether all could be read.
func (l *ledger) add(ctx context.Context, now time.Time, heights []int64) bool {
	commits := make([]comet.Commit, len(heights))
	errs := make([]error, len(heights))
	gate := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i, h := range heights {
		gate <- struct{}{}
		if ctx.Err() != nil {
			errs[i] = ctx.Err()
			<-gate
			break
		}
		wg.Go(func() {
			commits[i], errs[i] = comet.GetCommit(ctx, l.src, h)
			<-gate
		})
	}
	wg.Wait()
	for i, c := range commits {
		err := errs[i]
		if err == nil && !c.Canonical {
			err = fmt.Errorf("commit %d is not canonical", c.Height)
		}
		var e entry
		var set []comet.Validator
		if err == nil {
			e, set, err = l.judge(ctx, now, c)
		}
		if err != nil {
			l.err = err
			return false
		}
		l.keep(e, set)
	}
	return true
}

func (l *ledger) keep(e entry, set []comet.Validator) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[e.height] = e
	l.spoke(e)
	if e.evidence && !slices.ContainsFunc(l.evidence, func(o entry) bool { return o.height == e.height }) {
		l.evidence = append(l.evidence, e)
	}
	if e.height >= l.high {
		l.set = set
	}
	if l.low == 0 || e.height < l.low {
		l.low = e.height
	}
	if l.from == 0 || e.height < l.from {
		l.from, l.fromTime, l.below = e.height, e.time, e.last
		l.join()
	}
	l.high = max(l.high, e.height)
	for ; l.high-l.low >= int64(l.window); l.low++ {
		delete(l.entries, l.low)
	}
}

// judge maps a commit's signatures to validators by their index in the set of
// that height: an absent validator is named by nothing else.
func (l *ledger) judge(ctx context.Context, now time.Time, c comet.Commit) (entry, []comet.Validator, error) {
	if l.chainID != "" && c.ChainID != l.chainID {
		return entry{}, nil, fmt.Errorf("commit %d is of the chain %q", c.Height, c.ChainID)
	}
	set, err := l.setFor(ctx, c)
	if err != nil {
		return entry{}, nil, err
	}
	if len(set) != len(c.Signatures) {
		return entry{}, nil, fmt.Errorf("commit %d has %d signatures, the set %d validators", c.Height, len(c.Signatures), len(set))
	}
	e := entry{
		height: c.Height, hash: c.Hash, last: c.Last, app: c.AppHash, time: c.Time, read: now,
		evidence: c.HasEvidence(), marks: make([]byte, len(l.keys)),
	}
	for i := range e.marks {
		e.marks[i] = MarkNotIn
	}
	for i, s := range c.Signatures {
		v := set[i]
		if s.Flag != comet.FlagAbsent && s.Address != v.Address {
			return entry{}, nil, fmt.Errorf("commit %d: signature %d is not of validator %d", c.Height, i, i)
		}
		e.total += v.Power
		mark := byte(MarkAbsent)
		switch s.Flag {
		case comet.FlagCommit:
			e.online += v.Power
			mark = MarkSigned
		case comet.FlagNil:
			mark = MarkNil
		}
		for k, a := range l.keys {
			if a != "" && a == v.Address {
				e.marks[k] = mark
			}
		}
	}
	if e.total == 0 {
		return entry{}, nil, fmt.Errorf("commit %d: a set without power", c.Height)
	}
	return e, set, nil
}

// setFor is the validator set of a commit, read again only when the hash in
// the header changes.
func (l *ledger) setFor(ctx context.Context, c comet.Commit) ([]comet.Validator, error) {
	for _, k := range l.sets {
		if k.hash == c.ValidatorsHash && k.hash != "" {
			return k.set, nil
		}
	}
	set, err := comet.GetSet(ctx, l.src, c.Height)
	if err != nil {
		return nil, err
	}
	l.sets = append(l.sets, knownSet{hash: c.ValidatorsHash, set: set})
	if len(l.sets) > keptSets {
		l.sets = append([]knownSet(nil), l.sets[1:]...)
	}
	return set, nil
}

// readTip reads the commit at the tip. It is not canonical: who is missing
// there may only be late, so it proves signatures and no misses.
func (l *ledger) readTip(ctx context.Context, now time.Time, tip int64) {
	if l.seenTip == tip {
		return
	}
	c, err := comet.GetCommit(ctx, l.src, tip)
	if err != nil {
		return
	}
	if e, _, err := l.judge(ctx, now, c); err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.spoke(e)
		l.seenTip = tip
	}
}

// spoke notes who signed or voted for nothing at e: both are signs of life.
func (l *ledger) spoke(e entry) {
	for k, m := range e.marks {
		if m == MarkSigned || m == MarkNil {
			l.last[k] = max(l.last[k], e.height)
		}
	}
}

func mark(e entry, k int) byte {
	if k >= len(e.marks) {
		return MarkUnknown
	}
	return e.marks[k]
}

// silence is the account of heights from to to of key k. When from is 0 it is
// the longest run without the key that ends at to.
func (l *ledger) silence(k int, from, to int64) Silence {
	s := Silence{To: to, From: to + 1}
	if e, ok := l.entries[to]; ok {
		s.Hash, s.ToTime, s.At = e.hash, e.time, e.read
	}
	for h := to; h >= max(l.low, from, 1); h-- {
		m := mark(l.entries[h], k)
		if m == MarkNotIn || m == MarkUnknown || (from == 0 && m != MarkAbsent) {
			return s
		}
		s.From, s.FromTime = h, l.entries[h].time
		s.Span++
		if m == MarkAbsent {
			s.Absent++
		}
	}
	s.Open = s.From == l.low && from < l.low
	return s
}
