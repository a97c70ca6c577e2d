package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// A red pane explains itself in one key, wherever that key is pressed.
func TestARedNodeExplainsItself(t *testing.T) {
	want := []string{"Why val-2 is red", "RPC refuses the connection", "key absent from 45 commits", "What it means", "What waiting costs", "What can be done"}
	d := open(t, fixture.Alert(), 80, 24)
	d.press("2", "enter").sees(want[:3]...).press("G").sees("All that was read", "address")
	d.press("esc").sees("[2 Nodes ✗]", "▶✗ val-2")
	d = open(t, fixture.Alert(), 120, 60)
	d.sees(want[:3]...) // where there is room it needs no key at all
	d.press("ctrl+p").typing("val-2").press("enter").sees(want...)
	d.press("esc").sees("▶✗ val-2")
}

// What is normal is one counted line; Enter lists it, Esc folds it again.
func TestTheFoldOpens(t *testing.T) {
	d := open(t, fixture.Home(), 80, 24)
	d.press("2").sees("▶✓ 4 signing: val-1, val-2, val-3, val-4", "✓ 4 synced").misses("peers")
	d.press("enter").sees("▶✓ val-1     signing", "✓ sentry-3  synced")
	d.press("esc").misses("peers")
}

func TestTheOrderChangesWithO(t *testing.T) {
	v := fixture.Alert()
	for i := range v.Snap.Nodes {
		v.Snap.Nodes[i].Power = int64(10 * i)
	}
	d := open(t, v, 80, 24)
	d.press("2").below("val-2 ", "3 signing")
	d.press("o").sees("8 nodes by name").below("sentry-1", "val-1 ").below("val-1 ", "val-2 ")
	d.press("o").sees("8 nodes by power").below("sentry-3", "sentry-2")
	d.press("o").sees("3 signing")
}

// below fails unless a stands above b.
func (d *driver) below(a, b string) *driver {
	d.t.Helper()
	f := d.frame()
	if i, j := strings.Index(f, " "+a), strings.Index(f, " "+b); i < 0 || j < i {
		d.t.Errorf("%q does not stand above %q:\n%s", a, b, f)
	}
	return d
}

// Nothing changes its place under a hand: what goes wrong comes below, what
// became well stays; a hand that rests for ten seconds lets it be sorted.
func TestNothingMovesUnderTheHand(t *testing.T) {
	later := func(n int, v cockpit.View) cockpit.View {
		v.Now = v.Now.Add(time.Duration(n) * time.Second)
		return v
	}
	d := open(t, fixture.Alert(), 80, 24)
	d.press("2")
	v := later(1, fixture.Alert())
	v.Snap.Nodes[0].State, v.Snap.Nodes[0].Fail = nodes.Down, nodes.FailTimeout
	d.shows(v)
	d.below("val-2 ", "val-1 ").sees("▶✗ val-2")
	well := later(2, fixture.Home())
	well.Now = v.Now.Add(time.Second)
	d.shows(well)
	d.sees("▶✓ val-2     signing")
	d.pause(restFor)
	d.sees("▶✓ 4 signing")
}

// A cursor is on a name, not on a row.
func TestTheCursorKeepsItsNode(t *testing.T) {
	v := fixture.Halted()
	v.Snap.Chain.Votes = nil
	d := open(t, v, 80, 24)
	d.press("2", "j", "j", "j").sees("▶✗ val-3")
	again := fixture.Halted()
	again.Snap.Chain.Votes = nil
	again.Now = again.Now.Add(time.Second)
	again.Snap.Nodes[0].State, again.Snap.Nodes[0].Fail = nodes.Up, nodes.FailNone
	d.pause(restFor).shows(again)
	d.sees("▶✗ val-3")
}

// many is a fleet of a thousand nodes, every third of the first thirty down.
func many() cockpit.View {
	v := fixture.Home()
	first := v.Snap.Nodes[5]
	v.Snap.Nodes = nil
	for i := range 1000 {
		n := first
		n.Name, n.Host, n.Moniker = fmt.Sprintf("node-%d", i), fmt.Sprintf("host-%d", i), fmt.Sprintf("moniker-%d", i)
		if i < 30 && i%3 == 0 {
			n.State, n.Fail, n.Err = nodes.Down, nodes.FailTimeout, "no answer in 3 s"
		}
		v.Snap.Nodes = append(v.Snap.Nodes, n)
	}
	return v
}

func TestAThousandNodesStayReadable(t *testing.T) {
	d := open(t, many(), 80, 24)
	d.press("2").sees("✗ node-0    DOWN, no answer in time", "✗ node-27   DOWN", "✓ 990 synced")
	d.press("o").sees("1,000 nodes by name", "below: ", "more normal").below("node-1 ", "node-2 ")
	d.press("/").typing("node-777").press("enter").sees("▶✓ node-777")
	d.press("G", "k").sees("▶✓ node-999")
}

// BenchmarkThousandNodes is one key and the frame it leads to, and a new View
// of a thousand nodes.
func BenchmarkThousandNodes(b *testing.B) {
	c := fixture.New(many())
	m := newModel(b.Context(), c, Options{Quiet: true})
	m.resize(120, 40)
	m.focus = paneNodes
	m.settle(m.clock())
	b.Run("key", func(b *testing.B) {
		for b.Loop() {
			m.Update(keyOf("j"))
			m.View()
		}
	})
	b.Run("home", func(b *testing.B) {
		m.focus = paneList
		for b.Loop() {
			m.Update(keyOf("j"))
			m.View()
		}
	})
	b.Run("view", func(b *testing.B) {
		v := many()
		for b.Loop() {
			v.Now = v.Now.Add(time.Second)
			m.Update(viewed{v, nil})
			m.View()
		}
	})
}

// What must be known by heart stands in the first frame of its condition,
// whatever is looked at, until it ends: quiet is the bell, not the knowledge.
func TestMemoryItemsStandInEveryFrame(t *testing.T) {
	for _, s := range []size{{60, 20}, {80, 24}, {100, 30}, {120, 40}, {200, 60}} {
		for _, keys := range [][]string{nil, {"2"}, {"3"}, {"4"}, {"5"}, {"enter"}, {"?"}, {"2", "z"}, {"ctrl+p"}} {
			d := open(t, fixture.Before(), s.w, s.h)
			d.press(keys...).misses("MEMORY")
			d.shows(fixture.Halted())
			d.sees("MEMORY  1 Do not restart all together: deadlock.", "2 Start no standby with a copied key.", "3 Nothing may reset a sign state.")
			v := fixture.Halted()
			v.Now = v.Now.Add(time.Second)
			for i := range v.Alerts {
				v.Alerts[i].Quiet = true
			}
			d.shows(v).sees("MEMORY  1 Do not restart all together: deadlock.", "2 Start no standby with a copied key.", "3 Nothing may reset a sign state.")
			v.Now, v.Alerts = v.Now.Add(time.Second), nil
			d.shows(v).misses("MEMORY  1")
		}
	}
}

// The halted chain: who is missing first, what it means and the nearest ways
// back one key away in every size, and the nodes behind another.
func TestAHaltedChain(t *testing.T) {
	for _, s := range []size{{80, 24}, {100, 30}, {120, 40}, {200, 60}} {
		d := open(t, fixture.Halted(), s.w, s.h)
		d.press("2").sees("For the block 670   for none 90   no vote 440", "▶✗ val-1         140  ours  no vote      DOWN, no answer in time", "! mosaic         90        nil", "✓ northstake    130        block 5F1C…  voted")
		d.below("✗ oak", "! mosaic").below("! mosaic", "✓ northstake")
		d.press("w").sees("✓ Not a planned halt", "✓ Not a fork", "✗ Power is missing", "Nearest ways back over 801", "up, peers 0: reach its network", "not ours: ask oak").press("esc")
		d.press("j", "j", "j", "enter").sees("Why oak is missed", "Ask oak").press("esc")
		d.press("v").sees("✗ val-1     DOWN", "UP, peers 0").press("v").sees("northstake")
	}
	d := open(t, fixture.Halted(), 120, 40)
	d.press("2").sees("─ 2 Nodes: votes for block 1,204,037, round 0, step prevote", "─ What this means", "val-3      +110", "▶[ ] What changed", "4 Next message")
	d.press("1").sees("─ 1 Checklist", "3 Output", "val-1        140  ours  DOWN, no answer", "UP, peers 0")
	d.press("x").asked()
}

// A hundred and fifty validators: who voted is one line.
func TestManyValidatorsFold(t *testing.T) {
	v := fixture.Halted()
	list := v.Snap.Chain.Votes.Ballots
	for i := range 138 {
		b := list[1]
		b.Address, b.Name = fmt.Sprintf("%040X", 0xB000+i), fmt.Sprintf("other-%d", i)
		list = append(list, b)
	}
	v.Snap.Chain.Votes.Ballots = list
	d := open(t, v, 80, 24)
	d.press("2").sees("✗ oak", "! mosaic", "✓ 145 voted for block 5F1C…")
	d.press("G", "enter").press("G").sees("other-137")
}

// Whatever is seen and pressed: all that is wrong is listed one by one, every
// place is listed or folded once, the cursor stands on something, and nothing
// that was listed changes its order under a hand.
func TestTheListLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f fleet
		v := fixture.Home()
		f.SetSize(size{60, 14})
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			held := rapid.Bool().Draw(t, "held")
			before := append([]spot(nil), f.seq...)
			was := f.held && held
			f.Hand(true, held)
			v.Now = v.Now.Add(time.Second)
			v.Snap.Nodes = append([]nodes.Node(nil), v.Snap.Nodes...)
			i := rapid.IntRange(0, len(v.Snap.Nodes)-1).Draw(t, "node")
			v.Snap.Nodes[i].State = rapid.SampledFrom([]nodes.State{nodes.Up, nodes.Down, nodes.NeverAsked}).Draw(t, "state")
			if rapid.IntRange(0, 9).Draw(t, "gone") == 0 && len(v.Snap.Nodes) > 2 {
				v.Snap.Nodes = append(v.Snap.Nodes[:i:i], v.Snap.Nodes[i+1:]...)
			}
			f.SetView(v, v.Now)
			if was {
				var kept []spot
				for _, p := range before {
					if _, ok := f.seen[p]; ok {
						kept = append(kept, p)
					}
				}
				if len(f.seq) < len(kept) || !slices.Equal(f.seq[:len(kept)], kept) {
					t.Fatalf("under a hand %v became %v", kept, f.seq)
				}
			}
			switch rapid.IntRange(0, 4).Draw(t, "key") {
			case 0:
				f.Turn()
			case 1:
				f.Move(rapid.IntRange(-9, 9).Draw(t, "by"))
			case 2:
				f.Follow()
			}
			times := map[spot]int{}
			for _, p := range f.places() {
				times[p]++
			}
			for _, p := range f.all {
				if times[p] != 1 {
					t.Fatalf("%s stands in %d places", p, times[p])
				}
				if f.seen[p].group == "" && !slices.Contains(f.seq, p) {
					t.Fatalf("%s is wrong and folded", p)
				}
			}
			if p, ok := f.Selected(); !ok || !slices.Contains(f.list, p) {
				t.Fatalf("the cursor stands on %q", p)
			}
			if got := len(f.View()); got != 14 {
				t.Fatalf("%d rows", got)
			}
		}
	})
}
