package fleet

import (
	"slices"
	"testing"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// read is look, with the hosts read before each look.
func (e *eyes) read(t *testing.T, d time.Duration, hosts ...string) nodes.Snapshot {
	t.Helper()
	var s nodes.Snapshot
	for end := e.clk.Now().Add(d); e.clk.Now().Before(end); {
		e.wait(t, 4*time.Second)
		busy := e.clk.Busy()
		e.watch.LookHosts(t.Context(), e.clk.Now(), hosts)
		s = e.watch.Look(t.Context(), e.clk.Now())
		busy()
	}
	return s
}

func alert(s nodes.Snapshot, kind string) (cockpit.Alert, bool) {
	for _, a := range cockpit.Alerts(s) {
		if a.Kind == kind {
			return a, true
		}
	}
	return cockpit.Alert{}, false
}

// A halted chain: who votes, who does not, why it stands, and who would do.
func TestTheRealEyesSeeTheVotesOfAHalt(t *testing.T) {
	e := newEyes(t)
	e.look(t, 20*time.Second)
	if err := e.Fault("halt", ""); err != nil {
		t.Fatal(err)
	}
	s := e.read(t, 60*time.Second, "val-1", "val-2", "val-3", "val-4")
	if s.Chain.Halted != nodes.True || s.Chain.Votes == nil || len(s.Chain.Votes.Ballots) != 4 {
		t.Fatalf("%+v", s.Chain)
	}
	gone := 0
	for _, b := range s.Chain.Votes.Ballots {
		n, _ := s.Node(b.Name)
		switch up := n.State == nodes.Up; {
		case up && (b.Prevote != nodes.PrevoteBlock || len(b.Block) != 12 || !b.Online || b.At.IsZero()):
			t.Errorf("%+v", b)
		case !up && (b.Prevote != nodes.PrevoteNone || b.Online):
			t.Errorf("%+v", b)
		case !up:
			gone++
		}
	}
	ways := nodes.WaysBack(s)
	if gone == 0 || len(ways) != gone || ways[0].Back[0].Near != nodes.NearHost {
		t.Errorf("%d are gone: %+v", gone, ways)
	}
	for _, c := range nodes.WhyHalted(s) {
		if c.Holds != nodes.True {
			t.Errorf("%+v", c)
		}
	}
	if a, ok := alert(s, "chain-halted"); !ok || !a.Warning {
		t.Errorf("%+v", a)
	} else {
		t.Log(a.Text)
	}
}

// A disk that is full is seen, and one with room.
func TestTheRealEyesSeeAFullDisk(t *testing.T) {
	e := newEyes(t)
	s := e.read(t, 4*time.Second, "val-1", "val-2")
	for _, name := range []string{"val-1", "val-2"} {
		if h, _ := s.Host(name); h.DiskUsed < 1 || h.DiskUsed > 80 {
			t.Errorf("%+v", h)
		}
	}
	if err := e.Fault("disk-full", "val-2"); err != nil {
		t.Fatal(err)
	}
	s = e.read(t, 4*time.Second, "val-1", "val-2")
	if a, ok := alert(s, "disk-full val-2"); !ok || !a.Warning {
		t.Errorf("%+v", cockpit.Alerts(s))
	}
	if _, ok := alert(s, "disk-full val-1"); ok {
		t.Error("val-1 has room")
	}
}

// Somebody signs with a key of ours on a machine that is none of ours: every
// host of ours with that key stands still, and the chain shows its signatures.
func TestTheRealEyesSeeAStolenKey(t *testing.T) {
	stranger := func(f *config.Fleet) {
		f.Nodes = slices.DeleteFunc(f.Nodes, func(n config.Node) bool { return n.Host == "val-2s" })
		for i := range f.Keys {
			f.Keys[i].Hosts = slices.DeleteFunc(slices.Clone(f.Keys[i].Hosts), func(h string) bool { return h == "val-2s" })
			f.Keys[i].Standbys = nil
		}
	}
	for _, known := range []bool{false, true} {
		e := newEyes(t)
		hosts := []string{"val-2", "val-2s"}
		if !known {
			e = newEyes(t, stranger)
			hosts = hosts[:1]
		}
		e.look(t, 20*time.Second)
		if err := e.Fault("process-crash", "val-2"); err != nil {
			t.Fatal(err)
		}
		s := e.read(t, 40*time.Second, hosts...)
		if k, _ := s.Key("val-2"); k.Elsewhere.Signed != 0 || k.Signing != nodes.False {
			t.Errorf("nobody signs: %+v", k)
		}
		if err := e.Fault("colleague-starts-standby", "val-2s"); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			s = e.read(t, 4*time.Second, hosts...)
			a, seen := alert(s, "key-elsewhere val-2")
			if known && seen {
				t.Fatalf("it is our own standby that signs: %+v", a)
			}
			if seen {
				break
			}
		}
		k, _ := s.Key("val-2")
		if _, seen := alert(s, "key-elsewhere val-2"); seen == known || k.Signing != nodes.True {
			t.Errorf("val-2s is known %v: %+v", known, k)
		}
		t.Logf("val-2s is known %v: %+v", known, k.Elsewhere)
	}
}

// If it broke now: the key with a standby can move while all that it takes is
// seen, and says what is missing.
func TestTheRealEyesSeeReadiness(t *testing.T) {
	e := newEyes(t)
	s := e.read(t, 16*time.Second, "val-2", "val-2s")
	for _, r := range cockpit.Readinesses(s, e.fleet) {
		t.Logf("%+v", r)
		if want := nodes.TriOf(r.What == "val-2"); r.OK != want || r.Text == "" {
			t.Errorf("%+v, want %v", r, want)
		}
	}
	if err := e.Fault("process-crash", "val-2s"); err != nil {
		t.Fatal(err)
	}
	s = e.read(t, 8*time.Second, "val-2", "val-2s")
	for _, r := range cockpit.Readinesses(s, e.fleet) {
		if r.OK == nodes.True {
			t.Errorf("%+v", r)
		}
	}
}

// A validator that nobody of ours runs is called by its own name, and its
// people are to be asked.
func TestTheRealEyesNameOthers(t *testing.T) {
	e := newEyes(t, func(f *config.Fleet) {
		f.Nodes = slices.DeleteFunc(f.Nodes, func(n config.Node) bool { return n.Host == "val-4" })
		f.Keys = slices.DeleteFunc(f.Keys, func(k config.Key) bool { return k.Name == "val-4" })
	})
	e.look(t, 20*time.Second)
	if err := e.Fault("halt", ""); err != nil {
		t.Fatal(err)
	}
	s := e.read(t, 60*time.Second, "val-1", "val-2", "val-3")
	seen := false
	for _, w := range nodes.WaysBack(s) {
		for _, a := range w.Back {
			seen = seen || (a.Key == "" && a.Name == "VirtEngine 4" && a.Seen == "not ours: ask VirtEngine 4" && a.Near == nodes.NearOthers)
		}
	}
	if !seen {
		t.Errorf("%+v", nodes.WaysBack(s))
	}
}
