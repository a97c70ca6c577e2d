package checklists

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// mutations is how many one-byte edits are tried on all shipped runbooks
// together (fewer under the race detector, which makes each ten times slower),
// and silentCeiling how many of a thousand may lose a step or a block
// without an error. The format's page sets the ceiling; a reader without the
// cross-check loses 139 of a thousand.
const (
	mutations      = 20_000
	mutationsRaced = 2_000
	silentCeiling  = 1.0 / 1000
)

// inventory is what must not vanish: the ids of all steps, and every
// executable block by its kind.
func contents(b Book) []string {
	var out []string
	for _, ph := range b.Phases {
		for _, g := range ph.Groups {
			if g.Suggest != nil {
				out = append(out, "block "+g.Suggest.Kind)
			}
			for _, s := range g.Steps {
				out = append(out, "step "+s.ID)
				for _, bl := range s.blocks() {
					out = append(out, "block "+bl.Kind)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// lost are the entries of a that b lacks; both are sorted.
func lost(a, b []string) []string {
	var out []string
	for len(a) > 0 {
		switch {
		case len(b) == 0 || a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] == b[0]:
			a, b = a[1:], b[1:]
		default:
			b = b[1:]
		}
	}
	return out
}

// mutate makes one edit of one byte: replace, insert, delete, or swap with the
// next.
func mutate(rng *rand.Rand, src []byte) (out []byte, what string) {
	const likely = "`*-[]{}()# \n\tabcxyzAB01=:.,$\"_>~\\!<|"
	at := rng.IntN(len(src))
	c := likely[rng.IntN(len(likely))]
	if rng.IntN(4) == 0 {
		c = byte(rng.IntN(256))
	}
	switch rng.IntN(4) {
	case 0:
		out = slices.Clone(src)
		out[at] = c
		return out, fmt.Sprintf("replace %q at %d by %q", src[at], at, c)
	case 1:
		return slices.Insert(slices.Clone(src), at, c), fmt.Sprintf("insert %q at %d", c, at)
	case 2:
		return slices.Delete(slices.Clone(src), at, at+1), fmt.Sprintf("delete %q at %d", src[at], at)
	}
	out = slices.Clone(src)
	if at+1 < len(out) {
		out[at], out[at+1] = out[at+1], out[at]
	}
	return out, fmt.Sprintf("swap %q at %d with the next", src[at], at)
}

// TestMutationsAreNotSilent edits the shipped runbooks byte by byte and counts
// the edits that lose a step or a block without any error. It counts edits of
// prose too, which is stricter than the format asks.
func TestMutationsAreNotSilent(t *testing.T) {
	books, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	total := mutations
	if raced {
		total = mutationsRaced
	}
	each := (total + len(books) - 1) / len(books)
	var silent atomic.Int64
	var workers sync.WaitGroup
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, b := range books {
		src, err := Source(b.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := contents(b)
		rng := rand.New(rand.NewPCG(uint64(i), 20260130))
		for range each {
			edited, what := mutate(rng, src)
			limit <- struct{}{}
			workers.Go(func() {
				defer func() { <-limit }()
				got, problems := Parse(b.Path, edited, nil)
				if gone := lost(want, contents(got)); !Failed(problems) && len(gone) > 0 {
					silent.Add(1)
					t.Logf("silent: %s line %d: %s loses %v", b.Path, newSource(src).at(firstDifference(src, edited)), what, gone)
				}
			})
		}
	}
	workers.Wait()
	tried := each * len(books)
	rate := float64(silent.Load()) / float64(tried)
	t.Logf("%d of %d one-byte edits lost something in silence: %.3f %%", silent.Load(), tried, 100*rate)
	ceiling := silentCeiling
	if raced {
		ceiling *= 3 // a tenth of the edits: one more or less is chance
	}
	if rate > ceiling {
		t.Errorf("%.3f %% of the edits are silent losses, the ceiling is %.1f %%", 100*rate, 100*ceiling)
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
