package tui

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// patience bounds every wait on a wire. Nothing waits for it unless something
// is wrong.
const patience = 30 * time.Second

// wire is a person at the far end of a real pseudo-terminal: keys go in, and
// what comes out is kept with the time at which it came.
type wire struct {
	tb        testing.TB
	far, near *os.File

	mu     sync.Mutex
	got    []byte
	pieces []piece
	more   chan struct{} // closed and replaced when something came

	keys chan delayed // to the program, in order
	line slowLine
}

// piece says when the bytes up to an offset had come.
type piece struct {
	end int
	at  time.Time
}

// slowLine is a slow line: how many bytes a second it carries towards the person
// and how long each way takes. The zero value is no line at all.
type slowLine struct {
	rate  int
	delay time.Duration
}

type delayed struct {
	b  []byte
	at time.Time // not before
}

func newWire(tb testing.TB, cols, rows uint16, l slowLine) *wire {
	tb.Helper()
	far, near, err := pty.Open()
	if err != nil {
		tb.Fatalf("no pseudo-terminal: %v", err)
	}
	if err := pty.Setsize(near, &pty.Winsize{Rows: rows, Cols: cols}); err != nil {
		tb.Fatal(err)
	}
	w := &wire{tb: tb, far: far, near: near, more: make(chan struct{}), keys: make(chan delayed, 1024), line: l}
	out := make(chan delayed, 1<<14) // the line's queue: a terminal server reads as fast as it can
	var all sync.WaitGroup
	all.Go(func() { w.read(out) })
	all.Go(func() { w.carry(out) })
	all.Go(w.write)
	tb.Cleanup(func() {
		close(w.keys)
		_ = near.Close()
		_ = far.Close()
		all.Wait()
	})
	return w
}

// read takes what the program writes, at once, into the line's queue.
func (w *wire) read(out chan<- delayed) {
	defer close(out)
	buf := make([]byte, 64<<10)
	for {
		n, err := w.far.Read(buf)
		switch {
		case n > 0 && w.line.rate == 0:
			w.keep(buf[:n])
		case n > 0:
			out <- delayed{append([]byte(nil), buf[:n]...), time.Now()}
		}
		if err != nil {
			return
		}
	}
}

// packet is how much a slow line carries at once.
const packet = 128

// carry brings it to the person, as fast as the line does.
func (w *wire) carry(out <-chan delayed) {
	var free time.Time // when the line has carried all before
	for d := range out {
		if free.Before(d.at) {
			free = d.at
		}
		for b := range slices.Chunk(d.b, packet) {
			free = free.Add(time.Duration(len(b)) * time.Second / time.Duration(w.line.rate))
			<-time.After(time.Until(free.Add(w.line.delay)))
			w.keep(b)
		}
	}
}

func (w *wire) keep(b []byte) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, b...)
	w.pieces = append(w.pieces, piece{len(w.got), now})
	close(w.more)
	w.more = make(chan struct{})
}

func (w *wire) write() {
	for d := range w.keys {
		<-time.After(time.Until(d.at))
		w.reach(d.b)
	}
}

func (w *wire) reach(b []byte) {
	if _, err := w.far.Write(b); err != nil {
		w.tb.Errorf("a key did not reach the terminal: %v", err)
	}
}

// press sends keys and says when.
func (w *wire) press(s string) time.Time {
	now := time.Now()
	if w.line.delay == 0 {
		w.reach([]byte(s))
	} else {
		w.keys <- delayed{[]byte(s), now.Add(w.line.delay)}
	}
	return now
}

// came is how many bytes have come.
func (w *wire) came() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.got)
}

// find looks for text in what came after an offset: where it ends and when it
// came.
func (w *wire) find(text string, from int) (end int, at time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.findLocked(text, from)
}

func (w *wire) findLocked(text string, from int) (end int, at time.Time, ok bool) {
	i := bytes.Index(w.got[from:], []byte(text))
	if i < 0 {
		return 0, time.Time{}, false
	}
	end = from + i + len(text)
	k, _ := slices.BinarySearchFunc(w.pieces, end, func(p piece, end int) int { return p.end - end })
	return end, w.pieces[k].at, true
}

// await waits until text comes after an offset.
func (w *wire) await(text string, from int) (end int, at time.Time) {
	w.tb.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		w.mu.Lock()
		end, at, ok := w.findLocked(text, from)
		more := w.more
		w.mu.Unlock()
		if ok {
			return end, at
		}
		select {
		case <-more:
		case <-late.C:
			w.tb.Fatalf("%q never came on the wire; the last of it: %q", text, w.tail())
		}
	}
}

func (w *wire) tail() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.got[max(0, len(w.got)-400):])
}

// runs runs a program on the wire until the test ends.
func (w *wire) runs(program func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = program(ctx) // ended from outside, as meant
	}()
	w.tb.Cleanup(func() { cancel(); <-over })
}

// show runs the screen on the wire until the test ends, and waits for it.
func (w *wire) show(c Cockpit, o Options) {
	w.tb.Helper()
	o.In, o.Out, o.Quiet = w.near, w.near, true
	w.runs(func(ctx context.Context) error { return Run(ctx, c, o) })
	w.await(" UTC", 0)
}

// pause waits a random while between a and b, so that keys come at no phase of
// anything.
func pause(r *rand.Rand, a, b time.Duration) {
	<-time.After(a + time.Duration(r.Int64N(int64(b-a))))
}

// spread are times from the shortest to the longest.
type spread []time.Duration

func (s spread) at(part float64) time.Duration {
	slices.Sort(s)
	return s[min(len(s)-1, int(part*float64(len(s))))]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkTicking is what fifty nodes send over the wire that all change four
// times a second while one is down: folded, as the pane shows what is normal, and
// each in a row of its own. In the last, another node is down at each look, and
// every frame has a new alert.
func BenchmarkTicking(b *testing.B) {
	for _, x := range []struct {
		name, keys string
		still      bool
	}{{"folded", "2", true}, {"listed", "2zo\x0c", true}, {"another-down-each-look", "2", false}} {
		b.Run(x.name, func(b *testing.B) {
			w := newWire(b, 120, 80, slowLine{})
			s := newStorm(50, 0)
			s.still = x.still
			w.show(s.cockpit(b, 0), Options{})
			for _, k := range x.keys {
				w.press(string(k))
			}
			if x.name == "listed" {
				w.await("node-048", 0)
			}
			<-time.After(time.Second)
			before, start := w.came(), time.Now()
			<-time.After(10 * time.Second)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(w.came()-before)/time.Since(start).Seconds(), "B/s")
		})
	}
}

// BenchmarkSlowLine is the time from a key to its effect over a line of 16 kB a
// second with 150 ms each way, while fifty nodes change four times a second.
func BenchmarkSlowLine(b *testing.B) {
	const trip = 300 * time.Millisecond
	c := newStorm(50, 0).cockpit(b, 0)
	w := newWire(b, 120, 40, slowLine{rate: 16_000, delay: trip / 2})
	w.show(c, Options{})
	r := rand.New(rand.NewPCG(1, 2))
	b.Run("letter", func(b *testing.B) {
		got := w.notes(c, r, 3, 40, 20*time.Millisecond, 300*time.Millisecond)
		got.report(b)
		b.ReportMetric(float64(got.took.at(0.99))/float64(trip), "p99-round-trips")
	})
	b.Run("cursor", func(b *testing.B) {
		var got typed
		before := w.came()
		const keys = 20
		for i := range keys {
			from := w.came()
			sent := w.press("jk"[i/10 : i/10+1])
			_, at := w.await("▶", from)
			got.took = append(got.took, at.Sub(sent))
			pause(r, 100*time.Millisecond, 400*time.Millisecond)
		}
		got.report(b)
		b.ReportMetric(float64(got.took.at(0.99))/float64(trip), "p99-round-trips")
		b.ReportMetric(float64(w.came()-before)/keys, "B/key")
	})
}
