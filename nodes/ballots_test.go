package nodes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// prevotes writes a height_vote_set as CometBFT does: one place for each
// validator, "" for none, "nil" for a vote for nothing, else a block.
func prevotes(height int64, round int, list ...string) string {
	var out []string
	for i, what := range list {
		text := "nil-Vote" // CometBFT's word for no vote at all
		if what != "" {
			if what == "nil" {
				what = "000000000000"
			}
			text = fmt.Sprintf("Vote{%d:%s %d/%02d/SIGNED_MSG_TYPE_PREVOTE(Prevote) %s A1B2C3D4E5F6 000000000000 @ 2026-02-01T12:20:20Z}",
				i, address(i)[:12], height, round, what)
		}
		out = append(out, `"`+text+`"`)
	}
	return fmt.Sprintf(`[{"round":%d,"prevotes":[%s],"precommits":[]}]`, round, strings.Join(out, ","))
}

const proposal = "5F1C00AA11BB"

// halt stops a lab of seven at 202 and gives each node its view of 203.
func halt(l *lab, views map[int]string) Snapshot {
	l.run(2)
	for i, n := range l.nodes {
		if v, ok := views[i]; ok {
			n.set(func(n *fakeNode) { n.hrs, n.votes = "203/0/4", v })
		} else {
			l.kill(i)
		}
	}
	return l.wait(40 * time.Second)
}

func ballotOf(t *testing.T, s Snapshot, i int) Ballot {
	t.Helper()
	if s.Chain.Votes == nil {
		t.Fatalf("no votes were read: %+v", s.Chain)
	}
	for _, b := range s.Chain.Votes.Ballots {
		if b.Address == address(i) {
			return b
		}
	}
	t.Fatalf("no ballot of validator %d: %+v", i, s.Chain.Votes.Ballots)
	return Ballot{}
}

// While the chain stands the votes are looked at without being asked for: who
// votes for the block, who for nothing, who not at all.
func TestBallots(t *testing.T) {
	l := newLab(t, 200, 14, 13, 12, 11, 10, 9, 8)
	f := l.w.fleet
	f.Keys = f.Keys[:4]
	f.Nodes = f.Nodes[:6]
	f.Nodes[5].Host = ""
	l.watch(f, nil)
	v := prevotes(203, 0, proposal, proposal, "", "", "nil", "nil")
	s := halt(l, map[int]string{0: v, 1: v, 4: v, 5: v})
	if s.Chain.Halted != True || len(s.Chain.Votes.Ballots) != 7 {
		t.Fatalf("%+v", s.Chain)
	}
	for i, want := range []Ballot{
		{Name: "k0", Key: "k0", Power: 14, Prevote: PrevoteBlock, Block: proposal, Online: true},
		{Name: "k1", Key: "k1", Power: 13, Prevote: PrevoteBlock, Block: proposal, Online: true},
		{Name: "k2", Key: "k2", Power: 12, Prevote: PrevoteNone},
		{Name: "k3", Key: "k3", Power: 11, Prevote: PrevoteNone},
		{Name: "n4", Power: 10, Prevote: PrevoteNil, Online: true}, // on a host of ours
		{Name: "m", Power: 9, Prevote: PrevoteNil, Online: true},   // by its moniker
		{Name: address(6)[:12], Power: 8, Prevote: PrevoteNone},
	} {
		got := ballotOf(t, s, i)
		if want.Prevote == PrevoteBlock || want.Prevote == PrevoteNil {
			want.At = time.Date(2026, 2, 1, 12, 20, 20, 0, time.UTC)
		}
		want.Address = address(i)
		if got != want {
			t.Errorf("validator %d:\ngot  %+v\nwant %+v", i, got, want)
		}
	}
	if p := s.Chain.Power; p.Online != 46 || p.Total != 77 || p.Needed != 52 || p.From != "votes" {
		t.Errorf("power = %+v", p)
	}
}

// The set of the running height counts, not that of the last commit: a
// validator that leaves with it has no ballot, and its power is gone.
func TestBallotsOfTheRunningSet(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.chain.removed[203] = []int{3}
	v := prevotes(203, 0, proposal, "nil", "")
	s := halt(l, map[int]string{0: v, 1: v})
	if n := len(s.Chain.Votes.Ballots); n != 3 || s.Chain.Power.Total != 30 || s.Chain.Power.Needed != 21 || s.Chain.Power.Online != 20 {
		t.Errorf("%d ballots, %+v", n, s.Chain.Power)
	}
	if got := l.nodes[0].count("/validators") + l.nodes[1].count("/validators"); got > 3 {
		t.Errorf("/validators was asked %d times", got)
	}
}

// One endpoint alone may be cut off: what it does not show is unknown.
func TestBallotsOfOneNode(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.w.WatchVotes(true)
	v := prevotes(203, 0, proposal, "", "", "")
	s := halt(l, map[int]string{0: v})
	if s.Chain.Halted != Unknown {
		t.Fatalf("%+v", s.Chain)
	}
	if b := ballotOf(t, s, 0); b.Prevote != PrevoteBlock {
		t.Errorf("%+v", b)
	}
	if b := ballotOf(t, s, 1); b.Prevote != PrevoteUnknown || b.Online {
		t.Errorf("%+v", b)
	}
}

// A node without a way to the others shows its own vote for ever. Nobody hears
// it, so its power is not online, though it answers at the tip.
func TestAVoteNobodyHears(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	both := prevotes(203, 0, proposal, proposal, "", "")
	s := halt(l, map[int]string{0: both, 1: both, 2: prevotes(203, 0, "", "", "nil", "")})
	b := ballotOf(t, s, 2)
	if b.Prevote != PrevoteNone || !b.Unheard || b.Online || s.Chain.Power.Online != 20 || s.Chain.Votes.Power != 20 {
		t.Errorf("%+v, power %+v", b, s.Chain.Power)
	}
	// Once a node of the others shows it, it is heard.
	l.nodes[1].set(func(n *fakeNode) { n.votes = prevotes(203, 0, proposal, proposal, "nil", "") })
	s = l.wait(2 * time.Second)
	if b := ballotOf(t, s, 2); b.Prevote != PrevoteNil || b.Unheard || !b.Online || s.Chain.Power.Online != 30 {
		t.Errorf("%+v, power %+v", b, s.Chain.Power)
	}
}

// Two halves that cannot hear each other: their power together decides nothing.
func TestTwoHalves(t *testing.T) {
	l := newLab(t, 200, 11, 10, 10, 10)
	a, b := prevotes(203, 0, proposal, proposal, "", ""), prevotes(203, 0, "", "", "nil", "nil")
	s := halt(l, map[int]string{0: a, 1: a, 2: b, 3: b})
	if p := s.Chain.Power; p.Online != 21 || Decides(p.Online, p.Total) {
		t.Errorf("%+v", p)
	}
	if b := ballotOf(t, s, 3); !b.Unheard || b.Prevote != PrevoteNone {
		t.Errorf("%+v", b)
	}
}

// Our node that stands at the tip without a peer is not online.
func TestNoPeersIsNotOnline(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.nodes[1].set(func(n *fakeNode) { n.peers = 0 })
	v := prevotes(203, 0, proposal, "", "", "")
	s := halt(l, map[int]string{0: v, 1: prevotes(203, 0, "", "", "", "")})
	if b := ballotOf(t, s, 1); b.Online || b.Prevote != PrevoteNone || s.Chain.Power.Online != 10 {
		t.Errorf("%+v, power %+v", b, s.Chain.Power)
	}
}

// A round that has just begun shows nobody: the votes of the one before count,
// and the newer prevote wins.
func TestBallotsOverRounds(t *testing.T) {
	s := comet.RoundState{Height: 9, Round: 2, Votes: []comet.Vote{
		{Prefix: "A", Round: 0, For: comet.ForBlock, Block: "old"},
		{Prefix: "B", Round: 1, For: comet.ForBlock, Block: "one"},
		{Prefix: "C", Round: 1, For: comet.ForBlock, Block: "one"}, {Prefix: "C", Round: 2, For: comet.ForNothing},
		{Prefix: "D", Round: 2, Precommit: true, For: comet.ForNothing},
		{Prefix: "E", Round: 2, For: comet.ForBlock, Block: "two"}, {Prefix: "E", Round: 2, Precommit: true, For: comet.ForNothing},
	}}
	got := view(s)
	if len(got) != 4 || got["B"].vote.Block != "one" || got["C"].vote.For != comet.ForNothing || got["D"].has || got["E"].vote.Block != "two" || !got["E"].has {
		t.Errorf("%+v", got)
	}
}

// Who calls himself by a name of ours is told apart from it.
func TestForeignNames(t *testing.T) {
	l := newLab(t, 200, 10, 10)
	for _, c := range []struct{ moniker, want string }{
		{"northstake", "northstake"}, {"K1", "K1 " + address(9)[:12]}, {"validator 0", "validator 0 " + address(9)[:12]}, {"n1", "n1 " + address(9)[:12]}, {"", address(9)[:12]},
	} {
		l.w.names = map[string]string{address(9): c.moniker}
		if name, key := l.w.nameOf(address(9)); name != c.want || key != "" {
			t.Errorf("%q: %q %q", c.moniker, name, key)
		}
	}
	if name, key := l.w.nameOf(address(1)); name != "k1" || key != "k1" {
		t.Errorf("ours: %q %q", name, key)
	}
}
