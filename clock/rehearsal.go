package clock

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Rehearsal is the clock of a drill. With speed 0 it jumps: it stands still
// while any Busy token is out and moves to the next timer when none is. With a
// speed above 0 it runs, that many times as fast as the machine's clock, and
// jumps only inside a SkipTo.
//
// Run must be going for time to move.
type Rehearsal struct {
	mu     sync.Mutex
	now    time.Time // domain time at real
	real   time.Time // machine time when now was set (running clocks only)
	speed  float64
	busy   int
	hung   map[string]bool
	seq    uint64
	timers timerHeap
	skip   time.Time // jump until here, zero: no skip under way
	idle   []func() bool
	moved  []func()
	wake   chan struct{}
}

type timer struct {
	at    time.Time
	seq   uint64
	index int
	// fire runs with the lock held; it may take a token for whom it wakes.
	fire func(*Rehearsal)
}

// NewRehearsal is a clock that stands at start. Speed 0 jumps when idle.
func NewRehearsal(start time.Time, speed float64) *Rehearsal {
	return &Rehearsal{now: start.UTC(), real: time.Now(), speed: speed,
		hung: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// Now is the domain time.
func (r *Rehearsal) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nowLocked()
}

// jumping says that time moves by jumps, not by running.
func (r *Rehearsal) jumping() bool { return r.speed == 0 || !r.skip.IsZero() }

func (r *Rehearsal) nowLocked() time.Time {
	if r.jumping() {
		return r.now
	}
	n := r.now.Add(time.Duration(float64(time.Since(r.real)) * r.speed))
	// A running clock never passes a timer that has not fired: who waits for
	// a time sees that time, in order.
	if len(r.timers) > 0 && n.After(r.timers[0].at) && !r.timers[0].at.Before(r.now) {
		return r.timers[0].at
	}
	return n
}

// Busy takes a token.
func (r *Rehearsal) Busy() func() {
	r.mu.Lock()
	r.busy++
	r.mu.Unlock()
	var once sync.Once
	return func() { once.Do(func() { r.add(-1) }) }
}

func (r *Rehearsal) add(n int) {
	r.mu.Lock()
	r.busy += n
	r.mu.Unlock()
	r.nudge()
}

func (r *Rehearsal) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Wait suspends the caller's token for d of domain time.
func (r *Rehearsal) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	fired := make(chan struct{})
	r.mu.Lock()
	t := r.pushLocked(r.nowLocked().Add(max(d, 0)), func(r *Rehearsal) { r.busy++; close(fired) })
	r.busy--
	r.mu.Unlock()
	r.nudge()
	select {
	case <-fired:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t.index < 0 { // it fired meanwhile and took the token
		return nil
	}
	heap.Remove(&r.timers, t.index)
	r.busy++
	return context.Cause(ctx)
}

// WithTimeout bounds work by domain time. When it fires it holds a token of
// its own until cancel is called, so that time stands still while the caller
// puts the timeout into words.
func (r *Rehearsal) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	r.mu.Lock()
	t := r.pushLocked(r.nowLocked().Add(d), func(r *Rehearsal) { r.busy++; cancel(context.DeadlineExceeded) })
	r.mu.Unlock()
	r.nudge()
	var once sync.Once
	return ctx, func() {
		once.Do(func() {
			r.mu.Lock()
			if t.index < 0 {
				r.busy--
			} else {
				heap.Remove(&r.timers, t.index)
			}
			r.mu.Unlock()
			cancel(context.Canceled)
			r.nudge()
		})
	}
}

// Hang counts one token as idle for as long as key hangs.
func (r *Rehearsal) Hang(key string) {
	r.mu.Lock()
	if !r.hung[key] {
		r.hung[key] = true
		r.busy--
	}
	r.mu.Unlock()
	r.nudge()
}

// Unhang ends a Hang; a key that does not hang is no error.
func (r *Rehearsal) Unhang(key string) {
	r.mu.Lock()
	if r.hung[key] {
		delete(r.hung, key)
		r.busy++
	}
	r.mu.Unlock()
}

// OnIdle registers f, called without the lock whenever nothing is busy and
// before time moves on. It says whether it gave the house something to do.
func (r *Rehearsal) OnIdle(f func() bool) {
	r.mu.Lock()
	r.idle = append(r.idle, f)
	r.mu.Unlock()
}

// OnMove registers f, called without the lock each time the clock has reached
// a timer and before whoever waits for it wakes: the rehearsal world changes
// first, and everybody who looks at that time sees the same.
func (r *Rehearsal) OnMove(f func()) {
	r.mu.Lock()
	r.moved = append(r.moved, f)
	r.mu.Unlock()
}

// SkipTo makes a running clock jump, from timer to timer, until t.
func (r *Rehearsal) SkipTo(t time.Time) {
	r.mu.Lock()
	if n := r.nowLocked(); t.After(n) {
		r.now, r.skip = n, t
	}
	r.mu.Unlock()
	r.nudge()
}

// Speed is how fast the clock runs; 0: it jumps.
func (r *Rehearsal) Speed() float64 { return r.speed }

// Skipping says whether a SkipTo is under way.
func (r *Rehearsal) Skipping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.skip.IsZero()
}

// Run moves time until ctx ends.
func (r *Rehearsal) Run(ctx context.Context) {
	for ctx.Err() == nil {
		var pause <-chan time.Time
		r.mu.Lock()
		switch {
		case r.jumping() && r.busy == 0:
			idle := r.idle
			r.mu.Unlock()
			if anyDid(idle) {
				continue
			}
			r.mu.Lock()
			if r.jumping() && r.busy == 0 && r.jumpLocked() {
				r.mu.Unlock()
				continue
			}
		case !r.jumping() && len(r.timers) > 0:
			left := r.untilLocked(r.timers[0].at)
			if left <= 0 {
				r.fireLocked()
				r.mu.Unlock()
				continue
			}
			pause = time.After(left)
		}
		r.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-pause:
		}
	}
}

func anyDid(idle []func() bool) bool {
	did := false
	for _, f := range idle {
		did = f() || did
	}
	return did
}

// untilLocked is the machine time left until domain time t.
func (r *Rehearsal) untilLocked(t time.Time) time.Duration {
	n := r.now.Add(time.Duration(float64(time.Since(r.real)) * r.speed))
	return time.Duration(float64(t.Sub(n)) / r.speed)
}

// jumpLocked moves to the next timer, or ends a skip that comes before it. It
// says whether there was anything to move to.
func (r *Rehearsal) jumpLocked() bool {
	if !r.skip.IsZero() && (len(r.timers) == 0 || r.timers[0].at.After(r.skip)) {
		r.now, r.real, r.skip = r.skip, time.Now(), time.Time{}
		return true
	}
	if len(r.timers) == 0 {
		return false
	}
	r.fireLocked()
	return true
}

// fireLocked moves to the next timer and fires it. It lets go of the lock while
// the world is told; the timer may be gone by then.
func (r *Rehearsal) fireLocked() {
	t := r.timers[0]
	if t.at.After(r.now) {
		r.real = r.real.Add(r.realFor(t.at.Sub(r.now)))
		r.now = t.at
		moved := r.moved
		r.mu.Unlock()
		for _, f := range moved {
			f()
		}
		r.mu.Lock()
	}
	if t.index >= 0 {
		heap.Remove(&r.timers, t.index)
		t.fire(r)
	}
}

func (r *Rehearsal) realFor(d time.Duration) time.Duration {
	if r.jumping() {
		return 0
	}
	return time.Duration(float64(d) / r.speed)
}

func (r *Rehearsal) pushLocked(at time.Time, fire func(*Rehearsal)) *timer {
	r.seq++
	t := &timer{at: at, seq: r.seq, fire: fire}
	heap.Push(&r.timers, t)
	return t
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
