package nodes

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// region is the halt of the mock-up: 760 of 1,200 online, 801 needed.
func region() Snapshot {
	at := epoch.Add(time.Hour)
	s := Snapshot{At: at, Every: 2 * time.Second, HostEvery: 20 * time.Second}
	s.Chain = Chain{Height: 1218402, HeightSince: at.Add(-112 * time.Second), Halted: True, Endpoints: 2, Votes: &Votes{At: at, Height: 1218403, Nodes: []string{"val-4", "rpc-us"}}}
	online := int64(0)
	for i, v := range []struct {
		name  string
		power int64
		ours  bool
		vote  string
	}{
		{"val-1", 140, true, PrevoteNone}, {"northstake", 130, false, PrevoteBlock}, {"anchor", 120, false, PrevoteBlock}, {"val-2", 120, true, PrevoteNone},
		{"val-3", 110, true, PrevoteNone}, {"kite", 100, false, PrevoteBlock}, {"polar", 100, false, PrevoteBlock}, {"mosaic", 90, false, PrevoteNil},
		{"val-4", 90, true, PrevoteBlock}, {"tern", 80, false, PrevoteBlock}, {"oak", 70, false, PrevoteNone}, {"fjord", 50, false, PrevoteBlock},
	} {
		b := Ballot{Address: address(i), Name: v.name, Power: v.power, Prevote: v.vote, Online: v.vote != PrevoteNone}
		if v.ours {
			b.Key = v.name
			s.Keys = append(s.Keys, Key{Name: v.name, Address: address(i), Hosts: []string{v.name}, LiveEndpoints: []string{}})
		}
		if b.Online {
			online += b.Power
		}
		s.Chain.Votes.Ballots = append(s.Chain.Votes.Ballots, b)
	}
	s.Chain.Power = powerOf(online, 1200)
	s.Chain.Power.From, s.Chain.Power.At = "votes", at
	s.Nodes = []Node{
		{Name: "val-3", Host: "val-3", State: Up, Height: 1218402, PeersAt: at, Peers: 0, SeenAt: at, Address: address(4), InStep: True},
		{Name: "val-4", Host: "val-4", State: Up, Height: 1218402, PeersAt: at, Peers: 6, SeenAt: at, Address: address(8), InStep: True, BlockHash: "AA", AppHeight: 1218402, AppResult: "11"},
		{Name: "rpc-us", State: Up, Height: 1218402, PeersAt: at, Peers: 8, SeenAt: at, InStep: True, BlockHash: "AA", AppHeight: 1218402, AppResult: "11"},
	}
	s.Nodes[0].BlockHash, s.Keys[2].LiveEndpoints = "AA", []string{"val-3"}
	s.Hosts = []HostFacts{
		{Name: "val-1", At: at.Add(-20 * time.Second), Reachable: True, Key: KeyOnDisk{Present: True, Address: address(0)}},
		{Name: "val-2", At: at.Add(-5 * time.Second), Reachable: False, Err: "timeout"},
	}
	return s
}

func told(ways []Way) string {
	var out []string
	for _, w := range ways {
		var names []string
		for _, a := range w.Back {
			names = append(names, fmt.Sprintf("%s +%d %s", a.Name, a.Power, a.Seen))
		}
		out = append(out, fmt.Sprintf("%s = %d", strings.Join(names, " and "), w.Online))
	}
	return strings.Join(out, "\n")
}

func TestWaysBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Snapshot)
		want   string
	}{
		{"any one of four is enough", func(*Snapshot) {},
			"val-3 +110 up, peers 0: reach its network = 870\n" +
				"val-1 +140 down: val-1 answers SSH 0:20 ago = 900\n" +
				"oak +70 not ours: ask oak = 830\n" +
				"val-2 +120 down: val-2 gives no answer = 880"},
		{"one is not enough, two are", func(s *Snapshot) {
			s.Chain.Votes.Ballots[1].Online, s.Chain.Votes.Ballots[1].Prevote = false, PrevoteNone
			s.Chain.Power = powerOf(630, 1200)
		}, "val-3 +110 up, peers 0: reach its network and val-1 +140 down: val-1 answers SSH 0:20 ago = 880\n" +
			"val-3 +110 up, peers 0: reach its network and northstake +130 not ours: ask northstake = 870\n" +
			"val-3 +110 up, peers 0: reach its network and oak +70 not ours: ask oak = 810\n" +
			"val-1 +140 down: val-1 answers SSH 0:20 ago and northstake +130 not ours: ask northstake = 900\n" +
			"val-1 +140 down: val-1 answers SSH 0:20 ago and oak +70 not ours: ask oak = 840\n" +
			"northstake +130 not ours: ask northstake and oak +70 not ours: ask oak = 830\n" +
			"val-3 +110 up, peers 0: reach its network and val-2 +120 down: val-2 gives no answer = 860\n" +
			"val-1 +140 down: val-1 answers SSH 0:20 ago and val-2 +120 down: val-2 gives no answer = 890"},
		{"a fenced host, a host with another key, a stale reading", func(s *Snapshot) {
			s.Hosts[0].FenceHolds = True
			s.Hosts[1] = HostFacts{Name: "val-2", At: s.At, Reachable: True, Key: KeyOnDisk{Present: True, Address: address(9)}}
			s.Nodes[0].State, s.Keys[2].LiveEndpoints = Down, nil
			s.Hosts = append(s.Hosts, HostFacts{Name: "val-3", At: s.At.Add(-10 * time.Minute), Reachable: True})
		}, "oak +70 not ours: ask oak = 830\n" +
			"val-3 +110 val-3 was not read = 870\n" +
			"val-1 +140 fenced on val-1 = 900\n" +
			"val-2 +120 another key on val-2 = 880"},
		{"a standby is no way back", func(s *Snapshot) {
			s.Keys[1].Hosts, s.Keys[1].Standbys = []string{"val-2", "val-2s"}, []string{"val-2s"}
			s.Hosts = append(s.Hosts, HostFacts{Name: "val-2s", At: s.At, Reachable: True, Key: KeyOnDisk{Present: True, Address: address(12)}})
			s.Chain.Votes.Ballots = s.Chain.Votes.Ballots[3:4]
		}, "val-2 +120 down: val-2 gives no answer = 880"},
		{"not halted", func(s *Snapshot) { s.Chain.Halted = Unknown }, ""},
		{"the power is not known", func(s *Snapshot) { s.Chain.Power.Known = Unknown }, ""},
		{"the votes were not read", func(s *Snapshot) { s.Chain.Votes = nil }, ""},
		{"power is not what is missing", func(s *Snapshot) { s.Chain.Power = powerOf(801, 1200) }, ""},
		{"not even all of them", func(s *Snapshot) { s.Chain.Power = powerOf(100, 1200) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := region()
			c.change(&s)
			if got := told(WaysBack(s)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// A hundred dead validators: one way, found at once.
func TestWaysBackOfMany(t *testing.T) {
	s := region()
	s.Chain.Votes.Ballots = nil
	for i := range 100 {
		s.Chain.Votes.Ballots = append(s.Chain.Votes.Ballots, Ballot{Address: fmt.Sprintf("%040X", i), Name: fmt.Sprint(i), Power: 10, Online: i < 20})
	}
	s.Chain.Power = powerOf(200, 1000)
	ways := WaysBack(s)
	if len(ways) != 1 || len(ways[0].Back) != 47 || ways[0].Online != 670 {
		t.Errorf("%d ways: %+v", len(ways), ways)
	}
}

func TestWhyHalted(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Snapshot)
		row    int
		want   Tri
		saw    string
	}{
		{"no upgrade, read in the halt", func(s *Snapshot) { s.Chain.Plan.At = s.At }, 0, True, "no upgrade at 1218403"},
		{"an upgrade far off", func(s *Snapshot) { s.Chain.Plan = Plan{At: s.At, Height: 2000000, Name: "v2"} }, 0, True, "no upgrade at 1218403, the next at 2000000"},
		{"the upgrade", func(s *Snapshot) { s.Chain.Plan = Plan{At: s.At, Height: 1218403, Name: "v2"} }, 0, False, "upgrade v2 is planned for 1218403"},
		{"the upgrade, its block stored", func(s *Snapshot) { s.Chain.Plan = Plan{At: s.At, Height: 1218402, Name: "v2"} }, 0, False, "upgrade v2 is planned for 1218402"},
		{"read before the halt", func(s *Snapshot) { s.Chain.Plan.At = s.At.Add(-10 * time.Minute) }, 0, Unknown, "the plan was last read before the halt"},
		{"never read", func(s *Snapshot) { s.Chain.Plan.Why = "REST: connection refused" }, 0, Unknown, "not read: REST: connection refused"},
		{"one hash", func(*Snapshot) {}, 1, True, "same hash, 3 of 3"},
		{"two hashes", func(s *Snapshot) { s.Nodes[0].BlockHash = "BB" }, 1, False, "two blocks at 1218402"},
		{"an old fork", func(s *Snapshot) { s.Chain.Forks = []Fork{{Kind: "block", Node: "a", Other: "b", Height: 7}} }, 1, False, "a and b show two blocks at 7"},
		{"one node", func(s *Snapshot) { s.Nodes = s.Nodes[:1] }, 1, Unknown, "1 at the tip, two are needed"},
		{"one app hash", func(*Snapshot) {}, 2, True, "same app hash, 2 of 3"},
		{"two app hashes", func(s *Snapshot) { s.Nodes[0].AppHeight, s.Nodes[0].AppResult = 1218402, "22" }, 2, False, "two app hashes at 1218402"},
		{"a node behind an upgrade is compared at its own height", func(s *Snapshot) { s.Nodes[0].AppHeight, s.Nodes[0].AppResult = 1218401, "22" }, 2, True, "same app hash, 2 of 3"},
		{"a fork of applications", func(s *Snapshot) { s.Chain.Forks = []Fork{{Kind: "app-hash", Node: "a", Other: "b", Height: 7}} }, 2, False, "a came to another app hash at 7"},
		{"not asked", func(s *Snapshot) { s.Nodes[1].AppHeight = 0 }, 2, Unknown, "1 answer for their application, two are needed"},
		{"power", func(*Snapshot) {}, 3, True, "760 of 1200, short by 41"},
		{"power enough", func(s *Snapshot) { s.Chain.Power = powerOf(801, 1200) }, 3, False, "801 of 1200 is enough: look at rounds, rules and clocks"},
		{"power unknown", func(s *Snapshot) { s.Chain.Power = Power{Why: "no commit was read yet"} }, 3, Unknown, "no commit was read yet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := region()
			c.change(&s)
			list := WhyHalted(s)
			if len(list) != 4 || list[c.row].Holds != c.want || list[c.row].Saw != c.saw {
				t.Errorf("%+v, want %v %q", list, c.want, c.saw)
			}
		})
	}
	s := region()
	if s.Chain.Halted = Unknown; WhyHalted(s) != nil {
		t.Error("a chain that is not known to stand has no cause of a halt")
	}
}
