package nodes

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

func TestHealthyChain(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	s := l.look()
	if s.Chain.Halted != False || s.Chain.Height != 200 || s.Chain.Endpoints != 4 {
		t.Fatalf("chain = %+v", s.Chain)
	}
	s = l.run(2)
	p := s.Chain.Power
	if p.Known != True || p.Online != 40 || p.Total != 40 || p.Needed != 27 || p.Spare != 13 || p.From != "commit" || p.Height != 201 {
		t.Errorf("power = %+v", p)
	}
	for _, n := range s.Nodes {
		if n.State != Up || n.Synced != True || n.Lag != 0 || n.InStep != True || n.Stuck != False || n.Peers != 4 {
			t.Errorf("%+v", n)
		}
	}
	k := s.Keys[1]
	if k.Signing != True || k.Power != 10 || k.LastSigned != 201 || !reflect.DeepEqual(k.LiveEndpoints, []string{"n1"}) {
		t.Errorf("key = %+v", k)
	}
	if m, known := k.MissedLast(100); m != 0 || !known {
		t.Errorf("missed = %d %v", m, known)
	}
	if k.Jailed != Unknown || k.JailedWhy != "not checked: no REST" {
		t.Errorf("jailed = %v %q", k.Jailed, k.JailedWhy)
	}
	if got := l.nodes[0].count("/validators"); got != 1 {
		t.Errorf("/validators was asked %d times: the set did not change", got)
	}
	if got := l.nodes[0].count("/consensus_state"); got != 0 {
		t.Error("/consensus_state was asked on a moving chain")
	}
	if got := l.nodes[2].count("/commit"); got != 0 {
		t.Error("commits were read from a node that is no witness")
	}
}

func TestSnapshotIsAValue(t *testing.T) {
	l := newLab(t, 50, 10, 10, 10, 10)
	first := l.look()
	b1, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	l.chain.miss(51, 60, comet.FlagAbsent, 1)
	l.run(4)
	b2, _ := json.Marshal(first)
	if string(b1) != string(b2) {
		t.Error("a later look changed an older snapshot")
	}
	var back Snapshot
	if err := json.Unmarshal(b1, &back); err != nil {
		t.Fatal(err)
	}
	if b3, _ := json.Marshal(back); string(b3) != string(b1) {
		t.Error("the snapshot does not survive JSON")
	}
}

// One key stops: the runbook's first step must see it, and the chain go on.
func TestKeyStops(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.look()
	l.chain.miss(201, 300, comet.FlagAbsent, 3)
	l.kill(3)
	s := l.run(6)
	k := s.Keys[3]
	if k.Signing != False || k.MissedStreak != 5 || k.LastSigned != 200 || k.StreakOpen {
		t.Errorf("key = %+v", k)
	}
	if !k.StoppedSince.Equal(chainTime(201)) {
		t.Errorf("stopped since %v", k.StoppedSince)
	}
	if m, known := k.MissedLast(10); m != 5 || !known {
		t.Errorf("missed = %d %v", m, known)
	}
	if _, known := k.MissedLast(10_000); known {
		t.Error("10,000 commits were not read")
	}
	if s.Chain.Halted != False || s.Chain.Power.Online != 30 || s.Chain.Power.Spare != 3 {
		t.Errorf("chain = %+v", s.Chain)
	}
	if n := s.Nodes[3]; n.State != Down || n.Fail != FailRefused || n.Height != 200 {
		t.Errorf("node = %+v", n)
	}
	if len(k.LiveEndpoints) != 0 || len(k.Silence) != 2 {
		t.Fatalf("key = %+v", k)
	}
	a, b := k.Silence[0], k.Silence[1]
	if a.Span != 5 || a.Absent != 5 || a.From != 201 || a.To != 205 || a.To != b.To || a.Hash != b.Hash || a.Hash == "" || a.Open {
		t.Errorf("silence = %+v", a)
	}
}

// The account of a silence begins after the stop, by the blocks and by the
// time of the blocks.
func TestSilenceSince(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.look()
	l.chain.miss(201, 300, comet.FlagAbsent, 3)
	l.run(3)
	stop := l.now.Add(time.Second)
	if got := l.w.Silence("k3", stop); len(got) != 2 || got[0].Span != 0 {
		t.Errorf("at the stop: %+v", got)
	}
	l.run(5) // blocks 204 to 208; canonical to 207
	for _, s := range l.w.Silence("k3", stop) {
		if s.From != 205 || s.To != 207 || s.Span != 3 || s.Absent != 3 || s.NotBefore.Before(stop) {
			t.Errorf("%+v", s)
		}
	}
	// A lagging clock of the chain makes the account start later, never earlier.
	for _, s := range l.w.Silence("k3", stop.Add(2*interval)) {
		if s.From <= 205 || s.Absent != s.Span {
			t.Errorf("%+v", s)
		}
	}
	for _, s := range l.w.Silence("k0", stop) {
		if s.Absent != 0 || s.Span != 3 {
			t.Errorf("a key that signs: %+v", s)
		}
	}
	if l.w.Silence("nobody", stop) != nil {
		t.Error("unknown key")
	}
}

func TestSilenceEnds(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.chain.miss(190, 199, comet.FlagAbsent, 2)
	l.chain.miss(195, 195, comet.FlagNil, 2) // a vote for nothing is a sign of life
	l.chain.removed[197] = []int{3}
	s := l.look()
	if got := s.Keys[2].Silence[0]; got.Span != 4 || got.From != 196 {
		t.Errorf("a nil vote must end a silence: %+v", got)
	}
	if s.Keys[2].LastSigned != 195 || s.Keys[2].MissedStreak != 10 {
		t.Errorf("%+v", s.Keys[2])
	}
	if k := s.Keys[3]; k.Silence[0].Span != 0 || k.InSet != False || k.Signing != False || k.MissedStreak != 0 {
		t.Errorf("who is not in the set cannot be silent: %+v", k)
	}
	if _, known := s.Keys[3].MissedLast(5); known {
		t.Error("who is not in the set misses nothing that can be counted")
	}
}

// The lie of the halt: the last commit shows three of four, while two are
// dead.
func TestHalt(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.chain.miss(200, 200, comet.FlagAbsent, 3)
	l.run(2)
	l.kill(3)
	l.kill(2)
	votes := `[{"round":0,"prevotes":["nil-Vote","Vote{1:` + address(1)[:12] + ` 203/00/SIGNED_MSG_TYPE_PREVOTE(Prevote) 0 A B @ 2026-02-01T12:20:20Z}","nil-Vote"],"precommits":[]}]`
	for _, n := range l.nodes[:2] {
		n.set(func(n *fakeNode) { n.hrs, n.votes = "203/0/4", votes })
	}
	s := l.wait(20 * time.Second)
	if s.Chain.Halted != False || s.Chain.Moving != Unknown {
		t.Errorf("after 20 s: halted %v %s, moving %v", s.Chain.Halted, s.Chain.HaltedWhy, s.Chain.Moving)
	}
	if s.Keys[0].Signing != Unknown {
		t.Error("the last commit shows the past")
	}
	s = l.wait(14 * time.Second)
	c := s.Chain
	if c.Halted != True || c.Moving != False || c.Endpoints != 2 || !c.HaltedSince.Equal(chainTime(202).Add(time.Second)) {
		t.Fatalf("chain = %+v", c)
	}
	// Validator 1 is seen by its vote, validator 0 by its node.
	if c.Power.From != "votes" || c.Power.Online != 20 || c.Power.Spare != -7 || Decides(c.Power.Online, c.Power.Total) {
		t.Errorf("power = %+v", c.Power)
	}
	if c.Votes == nil || c.Votes.Power != 10 || len(c.Votes.Nodes) != 2 || len(c.Votes.Keys) != 1 || c.Votes.Keys[0].Key != "k1" || c.Votes.Keys[0].At.IsZero() {
		t.Errorf("votes = %+v", c.Votes)
	}
	if n := s.Nodes[0]; n.Synced != False || n.CatchingUp != False || n.State != Up {
		t.Errorf("a node that answers is not fine: %+v", n)
	}
	// The seen commit of the tip proves a signature, and no miss.
	if k := s.Keys[0]; k.LastSigned != 202 || k.RecentTo != 201 {
		t.Errorf("key = %+v", k)
	}
	// One witness left: nothing is known any more.
	l.kill(1)
	if s = l.look(); s.Chain.Halted != Unknown || s.Chain.Power.Total != 40 {
		t.Errorf("one endpoint proves nothing: %+v", s.Chain)
	}
	l.kill(0)
	if s = l.look(); s.Chain.Halted != Unknown || s.Chain.Power.Known != Unknown || s.Chain.Endpoints != 0 {
		t.Errorf("nobody answers: %+v", s.Chain)
	}
}

// A node that catches up is no witness of a halt.
func TestCatchingUpIsNoHalt(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.look()
	l.kill(0)
	l.kill(1)
	for _, n := range l.nodes[2:] {
		n.set(func(n *fakeNode) { n.height = 150; n.catching = true })
	}
	var s Snapshot
	for range 20 {
		l.now = l.now.Add(2 * time.Second)
		for _, n := range l.nodes[2:] {
			n.set(func(n *fakeNode) { n.height++ })
		}
		s = l.look()
	}
	if s.Chain.Halted != Unknown || s.Chain.Height != 200 {
		t.Errorf("chain = %+v", s.Chain)
	}
}

func TestLies(t *testing.T) {
	for _, c := range []struct {
		name  string
		make  func(*fakeNode)
		check func(*testing.T, Snapshot)
	}{
		{"catching_up false but far behind", func(n *fakeNode) { n.height = 150 }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.Synced != False || !strings.Contains(n.SyncedWhy, "old") || n.Lag != 52 {
				t.Errorf("%+v", n)
			}
		}},
		{"catching_up true at the tip, no peers", func(n *fakeNode) { n.catching, n.peers = true, 0 }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.Synced != False || n.Lag != 0 {
				t.Errorf("%+v", n)
			}
		}},
		{"another network", func(n *fakeNode) { n.network, n.height = "testnet-9", 9_000_000 }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.Synced != False || n.RightNet != False || s.Chain.Height != 202 || s.Chain.Endpoints != 3 || len(s.Chain.Forks) != 0 {
				t.Errorf("%+v %+v", n, s.Chain)
			}
		}},
		{"another branch", func(n *fakeNode) { n.branch = "fork" }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.InStep != False || len(s.Chain.Forks) != 1 || s.Chain.Forks[0].Node != "n3" || s.Chain.Forks[0].Kind != "block" {
				t.Errorf("%+v %+v", n, s.Chain.Forks)
			}
		}},
		{"not a node at all", func(n *fakeNode) { n.body = "<html>" }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.State != Down || n.Fail != FailAnswer {
				t.Errorf("%+v", n)
			}
		}},
		{"an answer without end", func(n *fakeNode) { n.body = strings.Repeat("[", comet.MaxBody+10) }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.State != Down || n.Fail != FailAnswer || !strings.Contains(n.Err, "4 MiB") {
				t.Errorf("%+v", n)
			}
		}},
		{"a second node with the key of the first", func(n *fakeNode) { n.addr = strings.ToLower(address(0)) }, func(t *testing.T, s Snapshot) {
			want := []Duplicate{{Address: address(0), Key: "k0", Nodes: []string{"n0", "n3"}}}
			if !reflect.DeepEqual(s.Duplicates, want) || len(s.Keys[0].LiveEndpoints) != 2 {
				t.Errorf("%+v", s.Duplicates)
			}
		}},
		{"a copied machine, node key and all", func(n *fakeNode) { n.addr, n.id = address(0), "id-"+address(0) }, func(t *testing.T, s Snapshot) {
			if len(s.Duplicates) != 1 {
				t.Errorf("%+v", s.Duplicates)
			}
		}},
		{"block time of the future", func(n *fakeNode) { n.height = 500 }, func(t *testing.T, s Snapshot) {
			if n := s.Nodes[3]; n.Synced != Unknown {
				t.Errorf("%+v", n)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, 199, 10, 10, 10, 10)
			l.run(2)
			l.nodes[3].set(c.make)
			l.now = l.now.Add(interval)
			for _, n := range l.nodes[:3] {
				n.set(func(n *fakeNode) { n.height++ })
			}
			if n := l.nodes[3]; n.height == 201 {
				n.set(func(n *fakeNode) { n.height++ })
			}
			l.look()
			l.now = l.now.Add(2 * time.Second)
			c.check(t, l.look())
		})
	}
}

// CONSENSUS FAILURE from outside: everything answers, one node stands.
func TestAppHash(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.run(1)
	l.nodes[3].set(func(n *fakeNode) { n.appHash = "BB00" })
	var s Snapshot
	for range 6 {
		l.now = l.now.Add(interval)
		for _, n := range l.nodes[:3] {
			n.set(func(n *fakeNode) { n.height++ })
		}
		s = l.look()
	}
	n := s.Nodes[3]
	if n.Stuck != True || n.Synced != False || n.InStep != False || n.State != Up || n.CatchingUp != False {
		t.Errorf("%+v", n)
	}
	want := Fork{Height: 201, Kind: "app-hash", Node: "n3", Hash: "BB00", Theirs: "AA00", Other: "n0"}
	if len(s.Chain.Forks) != 1 || s.Chain.Forks[0] != want {
		t.Errorf("forks = %+v", s.Chain.Forks)
	}
}

func TestEvidence(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.chain.evidence[203] = []int{1}
	l.look()
	if got := l.nodes[0].count("/block"); got != 0 {
		t.Error("blocks without evidence need not be read")
	}
	s := l.run(5)
	if len(s.Chain.Evidence) != 1 {
		t.Fatalf("evidence = %+v", s.Chain.Evidence)
	}
	e := s.Chain.Evidence[0]
	if e.Height != 203 || e.Address != address(1) || e.At != 202 || !e.Time.Equal(chainTime(203)) || !e.Seen.Equal(chainTime(204).Add(time.Second)) {
		t.Errorf("evidence = %+v", e)
	}
	if a, b := l.nodes[0].count("/block"), l.nodes[1].count("/block"); a+b != 1 {
		t.Errorf("the block was read %d times", a+b)
	}
}

func TestJail(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	f := l.w.fleet
	f.Nodes[0].REST = l.nodes[0].server.URL
	l.watch(f, nil)
	info := func(until string, banned bool) string {
		b, _ := json.Marshal(map[string]any{"val_signing_info": map[string]any{"jailed_until": until, "tombstoned": banned, "missed_blocks_counter": "3"}})
		return string(b)
	}
	for _, c := range []struct {
		name, body     string
		jailed, banned Tri
	}{
		{"free", info("1970-01-01T00:00:00Z", false), False, False},
		{"jailed", info("2027-01-01T00:00:00Z", false), True, False},
		{"banned", info("9999-12-31T23:59:59Z", true), True, True},
	} {
		l.nodes[0].set(func(n *fakeNode) { n.jail = c.body })
		s := l.run(slowEvery)
		if k := s.Keys[2]; k.Jailed != c.jailed || k.Tombstoned != c.banned {
			t.Errorf("%s: %v %v %s", c.name, k.Jailed, k.Tombstoned, k.JailedWhy)
		}
	}
	l.nodes[0].set(func(n *fakeNode) { n.jail = `{"code":5,"message":"not found"}` })
	if s := l.run(8 * slowEvery); s.Keys[2].Jailed != Unknown || s.Keys[2].JailedWhy == "" {
		t.Errorf("stale: %+v", s.Keys[2])
	}
	// A jail that ran out is still one until somebody unjails.
	l.nodes[0].set(func(n *fakeNode) { n.jail = info("2026-01-01T00:00:00Z", false) })
	l.chain.mu.Lock()
	l.chain.removed[1] = []int{2}
	l.chain.mu.Unlock()
	if s := l.run(slowEvery); s.Keys[2].Jailed != Unknown || s.Keys[2].Tombstoned != False {
		t.Errorf("out of the set: %v %v", s.Keys[2].Jailed, s.Keys[2].Tombstoned)
	}
}

// Silent nodes are asked every fourth round, refusing ones in each.
func TestSilentNodes(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.look()
	l.nodes[3].set(func(n *fakeNode) { n.hang = true })
	before := l.nodes[3].count("/status")
	s := l.run(2 + 8)
	if n := s.Nodes[3]; n.State != Down || n.Fail != FailTimeout {
		t.Errorf("%+v", n)
	}
	if got := l.nodes[3].count("/status") - before; got != 4 {
		t.Errorf("asked %d times in ten rounds, want 2 and then 2", got)
	}
	l.nodes[3].set(func(n *fakeNode) { n.hang = false })
	if s = l.run(silentEvery); s.Nodes[3].State != Up {
		t.Errorf("%+v", s.Nodes[3])
	}
}

// A caller that gives up learns nothing, and forgets nothing.
func TestGivingUp(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.run(1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := l.w.Look(ctx, l.now.Add(time.Second))
	for _, n := range s.Nodes {
		if n.State != Up || n.Fail != FailNone {
			t.Errorf("%+v", n)
		}
	}
	if s.Chain.Halted == True || s.Chain.Endpoints != 0 {
		t.Errorf("%+v", s.Chain)
	}
}

func TestLateWitnessAndPrunedNode(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.nodes[0].set(func(n *fakeNode) { n.prune = 180 })
	s := l.run(3)
	if len(s.Keys[0].Silence) != 2 || s.Chain.Power.Known != True {
		t.Errorf("%+v", s.Chain.Power)
	}
	if _, known := s.Keys[0].MissedLast(20); !known {
		t.Error("twenty commits are there")
	}
	// A long absence of the watcher: it starts anew at the tip.
	for _, n := range l.nodes {
		n.set(func(n *fakeNode) { n.height += 5000; n.prune = 0 })
	}
	l.now = l.now.Add(5000 * interval)
	l.run(1)
	s = l.run(1)
	if k := s.Keys[0]; k.RecentTo != s.Chain.Height-1 || len(k.Recent) < 100 || k.Signing != True {
		t.Errorf("%d %d %v", k.RecentTo, len(k.Recent), k.Signing)
	}
}
