package clock

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// A jumping clock goes from timer to timer, in the order of their times, and
// each waiter sees exactly the time it waited for.
func TestJumps(t *testing.T) {
	r := NewRehearsal(start, 0)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	var seen []string
	var all sync.WaitGroup
	for _, every := range []time.Duration{7 * time.Second, 3 * time.Second, time.Hour} {
		done := r.Busy()
		all.Go(func() {
			defer done()
			for range 3 {
				if r.Wait(ctx, every) != nil {
					return
				}
				mu.Lock()
				seen = append(seen, fmt.Sprint(r.Now().Sub(start)))
				mu.Unlock()
			}
		})
	}
	go r.Run(ctx)
	all.Wait()
	want := []string{"3s", "6s", "7s", "9s", "14s", "21s", "1h0m0s", "2h0m0s", "3h0m0s"}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %v, want %v", seen, want)
	}
}

// Time stands still while a token is out, also under a timer that is due.
func TestStandsStillWhileBusy(t *testing.T) {
	r := NewRehearsal(start, 0)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	work := r.Busy()
	waiting := r.Busy()
	woken := make(chan time.Time, 1)
	go func() {
		defer waiting()
		_ = r.Wait(ctx, time.Minute)
		woken <- r.Now()
	}()
	go r.Run(ctx)
	for range 100 {
		select {
		case <-woken:
			t.Fatal("time went on under a token")
		default:
		}
		r.nudge()
	}
	work()
	if at := <-woken; !at.Equal(start.Add(time.Minute)) {
		t.Errorf("woken at %v", at)
	}
}

// A server that hangs on purpose lets time reach the caller's own deadline,
// and time stands still until the caller has put that into words.
func TestHangEndsAtTheDeadline(t *testing.T) {
	r := NewRehearsal(start, 0)
	run, cancel := context.WithCancel(context.Background())
	defer cancel()
	go r.Run(run)
	for i := range 50 {
		from := r.Now()
		done := r.Busy()
		ctx, stop := r.WithTimeout(run, 5*time.Second)
		key := fmt.Sprint("conn", i)
		go r.Hang(key)
		<-ctx.Done()
		r.Unhang(key) // the dialer closes the connection
		if got := r.Now().Sub(from); got != 5*time.Second {
			t.Fatalf("round %d: the deadline came after %v", i, got)
		}
		stop()
		done()
	}
}

// Before time moves, whoever wants to act is asked.
func TestIdleComesBeforeTime(t *testing.T) {
	r := NewRehearsal(start, 0)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	acts := 0
	r.OnIdle(func() bool {
		if acts == 3 {
			return false
		}
		acts++
		if !r.Now().Equal(start) {
			t.Error("time moved before the act")
		}
		return true
	})
	done := r.Busy()
	go r.Run(ctx)
	if err := r.Wait(ctx, time.Second); err != nil {
		t.Fatal(err)
	}
	done()
	if acts != 3 {
		t.Errorf("%d acts", acts)
	}
}

// A running clock keeps its speed, and skips when told.
func TestRunsAndSkips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRehearsal(start, 10)
		ctx, cancel := context.WithCancel(t.Context())
		go r.Run(ctx)
		done := r.Busy()
		real := time.Now()
		if err := r.Wait(ctx, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(real); got != 6*time.Second {
			t.Errorf("a minute at speed 10 took %v", got)
		}
		r.SkipTo(r.Now().Add(time.Hour))
		real = time.Now()
		if err := r.Wait(ctx, 30*time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(real); got != 0 {
			t.Errorf("a skipped half-hour took %v", got)
		}
		if got := r.Now().Sub(start); got != 31*time.Minute {
			t.Errorf("now is %v after the start", got)
		}
		done()
		synctest.Wait()
		time.Sleep(time.Second) // the fake clock of synctest
		if got := r.Now().Sub(start); got < 61*time.Minute {
			t.Errorf("the skip ended early, at %v", got)
		}
		cancel()
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	r := NewRehearsal(start, 0)
	ctx, cancel := context.WithCancel(context.Background())
	defer r.Busy()()
	cancel()
	if r.Wait(ctx, time.Hour) == nil {
		t.Error("a cancelled wait returned no error")
	}
}
