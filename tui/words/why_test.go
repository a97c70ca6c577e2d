package words

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// one is a fleet of one validator that is well.
func one(change func(*nodes.Snapshot)) cockpit.View {
	s := nodes.Snapshot{At: noon, Every: 2 * time.Second, HostEvery: 4 * time.Second}
	s.Nodes = []nodes.Node{{Name: "val-1", Host: "val-1", State: nodes.Up, Height: 1000, BlockTime: noon.Add(-3 * time.Second), SeenAt: noon, AskedAt: noon,
		Address: "AA", Peers: 5, PeersAt: noon, CatchingUp: nodes.False, Synced: nodes.True, RightNet: nodes.True, InStep: nodes.True}}
	s.Keys = []nodes.Key{{Name: "key-1", Address: "AA", Hosts: []string{"val-1"}, Signing: nodes.True, LiveEndpoints: []string{"val-1"}, Witness: "w", SigningAt: noon}}
	s.Hosts = []nodes.HostFacts{{Name: "val-1", At: noon, Reachable: nodes.True, ProcsKnown: true, Procs: 1, DiskUsed: 40, Unit: nodes.Unit{ActiveState: "active", UnitFileState: "enabled"}}}
	s.Chain = nodes.Chain{Height: 1000, Moving: nodes.True, Halted: nodes.False, Power: nodes.Power{Known: nodes.True, Online: 100, Total: 100, Needed: 67, Spare: 33}}
	change(&s)
	return cockpit.View{Now: noon, Snap: s}
}

func down(f nodes.Fail) func(*nodes.Snapshot) {
	return func(s *nodes.Snapshot) {
		s.Nodes[0].State, s.Nodes[0].Fail, s.Nodes[0].SeenAt = nodes.Down, f, noon.Add(-time.Minute)
		s.Keys[0].Signing, s.Keys[0].MissedStreak, s.Keys[0].LiveEndpoints = nodes.False, 9, nil
	}
}

// What a node's evidence comes to. What nobody knows is never told as well.
func TestWhyNode(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*nodes.Snapshot)
		level  Level
		facts  []string
		means  string
		can    string
		waits  string
	}{
		"well": {func(*nodes.Snapshot) {}, Calm, []string{"RPC answers", "5 peers", "key key-1 signs", "SSH answers, unit active", "disk 40 % full"}, "Nothing is wrong with it.", "", ""},
		"the process died": {func(s *nodes.Snapshot) {
			down(nodes.FailRefused)(s)
			s.Hosts[0].Unit.ActiveState, s.Hosts[0].Procs = "failed", 0
		}, Warning, []string{"RPC refuses the connection", "its last answer", "key absent from 9 commits", "unit failed, enabled, 0 processes"}, "The host is well; the service on it does not run.", "The runbook says", "Can it wait? Yes."},
		"it hangs": {down(nodes.FailTimeout), Warning, []string{"no answer in time"}, "It may still sign.", "Start its key nowhere else", "Can it wait? Yes."},
		"cut off": {func(s *nodes.Snapshot) {
			down(nodes.FailTimeout)(s)
			s.Hosts[0] = nodes.HostFacts{Name: "val-1", At: noon, Reachable: nodes.False, Err: "no route", DiskUsed: -1}
		}, Warning, []string{"SSH does not answer: no route"}, "A timeout proves nothing.", "Start its key nowhere", "Can it wait? Yes."},
		"nobody looked at the host": {func(s *nodes.Snapshot) { down(nodes.FailTimeout)(s); s.Hosts = nil }, Warning, []string{"its host was not looked at"}, "Nobody knows whether it runs.", "Start its key nowhere", "Yes."},
		"another machine":           {down(nodes.FailHostKey), Warning, []string{"WRONG HOST KEY"}, "not the known host", "Log in nowhere", "Yes."},
		"no peers":                  {func(s *nodes.Snapshot) { s.Nodes[0].Peers = 0 }, Warning, []string{"no peers: nobody hears it"}, "nobody hears it", "Reach its network", ""},
		"two machines": {func(s *nodes.Snapshot) {
			s.Duplicates = []nodes.Duplicate{{Address: "AA", Nodes: []string{"val-1", "val-1s"}}}
		}, Warning, []string{"ONE KEY ON TWO NODES: val-1, val-1s"}, "banned for ever", "Stop and fence one", "Can it wait? No."},
		"jailed": {func(s *nodes.Snapshot) {
			s.Keys[0].Signing, s.Keys[0].MissedStreak, s.Keys[0].Jailed = nodes.False, 30, nodes.True
		}, Warning, []string{"JAILED"}, "out of the set", "unjail", "Yes."},
		"banned": {func(s *nodes.Snapshot) {
			s.Keys[0].Signing, s.Keys[0].MissedStreak, s.Keys[0].Tombstoned = nodes.False, 30, nodes.True
		}, Warning, []string{"BANNED FOR EVER"}, "lost for ever", "needs a new key", "nothing left to lose"},
		"not asked":           {func(s *nodes.Snapshot) { s.Nodes[0] = nodes.Node{Name: "val-1"} }, Unknown, []string{"it was not asked yet"}, "Nothing was heard", "r reads", "no key of ours"},
		"synced is not known": {func(s *nodes.Snapshot) { s.Nodes[0].Synced = nodes.Unknown }, Unknown, nil, "nothing proves", "r reads", ""},
		"the chain stands":    {func(s *nodes.Snapshot) { down(nodes.FailRefused)(s); s.Chain.Halted, s.Hosts = nodes.True, nil }, Warning, nil, "nothing listens for RPC", "Look at its host", "The chain stands"},
	} {
		t.Run(name, func(t *testing.T) {
			v := one(c.change)
			r := WhyNode(v, v.Snap.Nodes[0], noon)
			var all []string
			for _, f := range r.Facts {
				all = append(all, f.Text)
				if f.Level == Calm && strings.Contains(f.Text, "not") && !strings.Contains(f.Text, "another") {
					t.Errorf("%q is told as well", f.Text)
				}
			}
			told := strings.Join(all, "\n")
			for _, want := range c.facts {
				if !strings.Contains(told, want) {
					t.Errorf("no %q in\n%s", want, told)
				}
			}
			for _, x := range [][2]string{{r.Means, c.means}, {r.Can, c.can}, {r.Waits, c.waits}} {
				if !strings.Contains(x[0], x[1]) || x[1] == "" && x[0] != "" {
					t.Errorf("%q, want %q", x[0], x[1])
				}
			}
			if r.Level != c.level {
				t.Errorf("level %d, want %d", r.Level, c.level)
			}
		})
	}
}

func TestWatched(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*nodes.Snapshot)
		want   string
		fine   bool
	}{
		"well":        {func(*nodes.Snapshot) {}, "Everything watched is normal. 2 of 2 answer. Nothing is wrong.", true},
		"down":        {down(nodes.FailRefused), "1 of 2 answer; 2 are wrong.", false},
		"not asked":   {func(s *nodes.Snapshot) { s.Nodes[0].State = nodes.NeverAsked }, "1 of 2 answer; 1 is not known.", false},
		"catching up": {func(s *nodes.Snapshot) { s.Nodes[0].CatchingUp = nodes.True }, "Nothing is wrong. 2 of 2 answer; 1 is catching up.", true},
		"key unknown": {func(s *nodes.Snapshot) { s.Keys[0].Signing = nodes.Unknown }, "2 of 2 answer; 1 is not known.", false},
		"host gone":   {func(s *nodes.Snapshot) { s.Hosts[0].Reachable = nodes.False }, "1 of 2 answer; 1 is wrong.", false},
		"database gone": {func(s *nodes.Snapshot) {
			s.Databases = []nodes.Database{{Name: "db-1", State: nodes.Down, Err: "connection refused"}}
		}, "2 of 3 answer; 1 is wrong.", false},
		"nothing yet": {func(s *nodes.Snapshot) { *s = nodes.Snapshot{} }, "Looking for the first time.", true},
	} {
		w := Watched(one(c.change))
		if w.Text() != c.want || w.Fine() != c.fine {
			t.Errorf("%s: %q, %v", name, w.Text(), w.Fine())
		}
	}
	v := one(func(*nodes.Snapshot) {})
	v.Alerts = []cockpit.Alert{{Text: "A key may have been copied."}}
	if got := Watched(v).Text(); strings.Contains(got, "Nothing is wrong") || strings.Contains(got, "Everything") {
		t.Errorf("with an alert: %q", got)
	}
}

func TestGrouped(t *testing.T) {
	for s, want := range map[string]string{"760 of 1200 online": "760 of 1,200 online", "at 1204036: 801 needed.": "at 1,204,036: 801 needed.", "127.0.0.1:26657 refused": "127.0.0.1:26657 refused",
		"since 09:12:56 UTC": "since 09:12:56 UTC", "(+1200)": "(+1,200)", "key 83C395D1": "key 83C395D1", "": ""} {
		if got := Grouped(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// In a narrow row the figures go before the way out does.
func TestShorter(t *testing.T) {
	got := Shorter("Chain halted at 1,204,036: 760 of 1,200 online, 801 needed. val-3 or oak back is enough.")
	want := []string{"Chain halted at 1,204,036: 760 of 1,200 online, 801 needed. val-3 or oak back is enough.", "Chain halted at 1,204,036. val-3 or oak back is enough.",
		"Chain halted. val-3 or oak back is enough.", "Chain halted at 1,204,036: 760 of 1,200 online, 801 needed.", "Chain halted at 1,204,036."}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q", got)
	}
	if got := Shorter("One sentence."); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// A name alone says nothing: what is wrong stands behind its colon.
func TestShorterKeepsTheVerb(t *testing.T) {
	for full, want := range map[string]string{
		"Zone us-1a: nothing answers since 18:42:22 UTC, 5 asked. Power online: 75 %.":                "Zone us-1a: nothing answers since 18:42:22 UTC. Power online: 75 %.",
		"Region eu-1: nothing answers since 22 Nov 18:42:22 UTC, 12 asked. Power online: 48 %.":       "Region eu-1: nothing answers. Power online: 48 %.",
		"The database db-2 does not answer since 18:42:22 UTC: no answer in time.":                    "The database db-2 does not answer: no answer in time.",
		"The primary database db-1 does not answer since 18:39:05 UTC: connection refused by a host.": "The primary database db-1 does not answer.",
	} {
		got := ""
		for _, s := range Shorter(full) {
			if got = s; len(s) < 68 {
				break
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", full, got, want)
		}
	}
	for _, s := range []string{"Zone us-1a: nothing answers since 18:42:22 UTC, 5 asked. Power online: 75 %.", "val-1: disk 96 % full. A node that cannot write stops."} {
		for _, less := range Shorter(s) {
			if !strings.Contains(less, ": nothing answers") && !strings.Contains(less, ": disk 96 % full") {
				t.Errorf("%q lost its verb: %q", s, less)
			}
		}
	}
	if got := BriefAlert("Zone us-1a: nothing answers since 18:42:22 UTC, 5 asked. Power online: 75 %."); got != "Zone us-1a: nothing answers since 18:42:22 UTC, 5 asked" {
		t.Errorf("%q", got)
	}
}

func TestDay(t *testing.T) {
	for days, want := range map[int]string{-6: "due 17 Nov, 6 d overdue", 0: "due today", 3: "due 26 Nov, in 3 d", 60: "due 22 Jan 2027, in 60 d"} {
		if got, late := Day(noon.AddDate(0, 0, days), noon); got != want || late != (days < 0) {
			t.Errorf("%d: %q %v", days, got, late)
		}
	}
}
