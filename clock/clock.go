package clock

import (
	"context"
	"time"
)

// Clock is domain time. All its methods may be called from any goroutine.
type Clock interface {
	// Now is the domain time, in UTC.
	Now() time.Time
	// Wait returns after d of domain time, or with ctx's error. The caller
	// must hold a Busy token: it is suspended during the wait.
	Wait(ctx context.Context, d time.Duration) error
	// Busy says that work is under way. A rehearsal clock that jumps stands
	// still until every token was given back. The returned function gives the
	// token back; calling it again does nothing.
	Busy() (done func())
	// WithTimeout is context.WithTimeout in domain time. The caller must hold
	// a Busy token and call cancel when the work it bounds has ended.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// Real is the machine's clock. Busy tokens mean nothing to it.
func Real() Clock { return realClock{} }

type realClock struct{}

// Now is without the monotonic reading: that one stands still while a machine
// sleeps, so an age would be too young by the whole night, and another age than
// the one the record leads to.
func (realClock) Now() time.Time { return time.Now().UTC().Round(0) }

func (realClock) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (realClock) Busy() func() { return func() {} }

func (realClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}
