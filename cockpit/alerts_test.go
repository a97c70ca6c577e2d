package cockpit

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes"
)

// narrow is how much of an alert a screen of 80 columns shows.
const narrow = 66

func TestAlerts(t *testing.T) {
	at := start.Add(time.Hour)
	key := nodes.Key{Name: "val-2", Signing: nodes.False, MissedStreak: 45, StoppedSince: at.Add(-144 * time.Second), Witness: "val-1",
		Silence: []nodes.Silence{{Span: 45, Absent: 45}, {Span: 44, Absent: 44}, {Span: 2, Absent: 2}}}
	host := func(used int) nodes.HostFacts {
		return nodes.HostFacts{Name: "val-1", At: at.Add(-4 * time.Second), Reachable: nodes.True, DiskUsed: used}
	}
	halted := nodes.Chain{Height: 1218402, Halted: nodes.True, HeightSince: at.Add(-time.Minute), HaltedSince: at.Add(-time.Minute),
		Power: nodes.Power{Known: nodes.True, Online: 760, Total: 1200, Needed: 801, Spare: -41},
		Votes: &nodes.Votes{Ballots: []nodes.Ballot{{Address: "A", Name: "oak", Power: 70}, {Address: "B", Name: "elm", Power: 80}, {Address: "C", Name: "ash", Power: 10}, {Name: "kite", Power: 760, Online: true}}}}
	for _, c := range []struct {
		name    string
		snap    nodes.Snapshot
		warning bool
		kind    string
		text    string // "": no alert
	}{
		{"a silent key", nodes.Snapshot{Keys: []nodes.Key{key}}, false, "key-silent val-2", "val-2 signs no block since 03:57:36 UTC; 45 missed. 2 witnesses agree."},
		{"silent for longer than we look back", nodes.Snapshot{Keys: []nodes.Key{func() nodes.Key { k := key; k.StreakOpen, k.Silence = true, nil; return k }()}}, false, "key-silent val-2",
			"val-2 signs no block since before 03:57:36 UTC; 45 or more missed."},
		{"silent since yesterday", nodes.Snapshot{Keys: []nodes.Key{func() nodes.Key { k := key; k.StoppedSince, k.Silence = at.Add(-12*time.Hour), k.Silence[:1]; return k }()}}, false, "key-silent val-2",
			"val-2 signs no block since " + at.Add(-12*time.Hour).Format("2 Jan 15:04") + " UTC; 45 missed. 1 witness says so."},
		{"two missed are ordinary", nodes.Snapshot{Keys: []nodes.Key{{Name: "val-2", Signing: nodes.False, MissedStreak: 2}}}, false, "", ""},
		{"a disk fills", nodes.Snapshot{Hosts: []nodes.HostFacts{host(90)}}, false, "disk-full val-1", "val-1: disk 90 % full. A node that cannot write stops."},
		{"a disk is full", nodes.Snapshot{Hosts: []nodes.HostFacts{host(97)}}, true, "disk-full val-1", "val-1: disk 97 % full. A node that cannot write stops."},
		{"a disk has room", nodes.Snapshot{Hosts: []nodes.HostFacts{host(89)}}, false, "", ""},
		{"a disk of which nothing is known", nodes.Snapshot{Hosts: []nodes.HostFacts{host(-1)}}, false, "", ""},
		{"a disk that was read long ago", nodes.Snapshot{Hosts: []nodes.HostFacts{func() nodes.HostFacts { h := host(99); h.At = at.Add(-time.Hour); return h }()}}, false, "", ""},
		{"somebody else signs", nodes.Snapshot{Keys: []nodes.Key{{Name: "val-2", Signing: nodes.True, Elsewhere: nodes.Elsewhere{Since: at, From: 1218400, To: 1218405, Signed: 6}}}}, true, "key-elsewhere val-2",
			"Somebody else signs with val-2: none of our hosts runs it. 6 commits from 1218400 to 1218405."},
		{"halted", nodes.Snapshot{Chain: halted}, true, "chain-halted", "Chain halted at 1218402: 760 of 1200 online, 801 needed. elm or oak back is enough."},
		{"halted, two are needed", nodes.Snapshot{Chain: func() nodes.Chain { c := halted; c.Power.Online, c.Power.Total = 700, 1200; return c }()}, true, "chain-halted",
			"Chain halted at 1218402: 700 of 1200 online, 801 needed. elm and oak together are enough."},
		{"halted, nothing known", nodes.Snapshot{Chain: func() nodes.Chain { c := halted; c.Power = nodes.Power{}; return c }()}, true, "chain-halted", "Chain halted at 1218402; the power online is not known."},
		{"halted on purpose", nodes.Snapshot{Chain: func() nodes.Chain { c := halted; c.Plan = nodes.Plan{At: at, Height: 1218403, Name: "v2"}; return c }()}, false, "chain-halted",
			"Chain stands at 1218402 as planned, for the upgrade v2."},
		{"a double sign", nodes.Snapshot{Keys: []nodes.Key{{Name: "val-2", Address: "AA"}}, Chain: nodes.Chain{Evidence: []nodes.Evidence{{Address: "AA", At: 1218400, Height: 1218402}}}}, true, "double-sign AA",
			"val-2 signed twice at 1218400: banned for ever. Evidence in block 1218402."},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.snap.At, c.snap.Every, c.snap.HostEvery = at, 2*time.Second, 20*time.Second
			got := Alerts(c.snap)
			if c.text == "" {
				if len(got) != 0 {
					t.Fatalf("%+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Kind != c.kind || got[0].Warning != c.warning || got[0].Text != c.text {
				t.Fatalf("%+v", got)
			}
			if got[0].Warning && (len(got[0].Memory) == 0 || len(got[0].Memory) > 3) {
				t.Errorf("memory items: %q", got[0].Memory)
			}
			// The first sentence or clause is whole on a narrow screen.
			if i := strings.IndexAny(c.text, ";."); i+1 > narrow {
				t.Errorf("its story ends in column %d: %s", i+1, c.text)
			}
		})
	}
}

// The worst comes first.
func TestWarningsComeFirst(t *testing.T) {
	s := nodes.Snapshot{At: start, HostEvery: time.Minute, Keys: []nodes.Key{{Name: "val-2", Signing: nodes.False, MissedStreak: 9}},
		Hosts: []nodes.HostFacts{{Name: "a", At: start, Reachable: nodes.True, DiskUsed: 91}, {Name: "b", At: start, Reachable: nodes.True, DiskUsed: 99}}}
	var kinds []string
	for _, a := range Alerts(s) {
		kinds = append(kinds, a.Kind)
	}
	if got := strings.Join(kinds, ", "); got != "disk-full b, disk-full a, key-silent val-2" {
		t.Error(got)
	}
}
