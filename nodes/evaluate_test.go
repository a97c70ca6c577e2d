package nodes

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
)

// seen is a snapshot in which every probe has an answer.
func seen() Snapshot {
	at := epoch.Add(time.Hour)
	node := func(name, host string) Node {
		return Node{Name: name, Host: host, State: Up, Height: 500, BlockTime: at.Add(-4 * time.Second), Age: 4 * time.Second,
			CatchingUp: False, Synced: True, Peers: 4, PeersAt: at, AskedAt: at, SeenAt: at, Address: address(1)}
	}
	dead := node("n2", "h2")
	dead.State, dead.Fail, dead.Err = Down, FailRefused, "connection refused"
	return Snapshot{
		At: at, Every: 2 * time.Second, HostEvery: 20 * time.Second,
		Nodes: []Node{node("n1", "h1"), dead, node("n3a", "h3"), node("n3b", "h3")},
		Chain: Chain{Height: 500, Endpoints: 3, Halted: False, Moving: True,
			Power:    Power{Known: True, Online: 30, Total: 40, Needed: 27, Spare: 3, From: "commit", Height: 499, At: at},
			Evidence: []Evidence{{Height: 480, Time: at.Add(-2 * time.Minute), Seen: at}}, EvidenceFrom: 400, EvidenceTo: 499,
			EvidenceFromTime: at.Add(-10 * time.Minute), EvidenceAt: at},
		Keys: []Key{{Name: "k1", Address: address(1), Signing: True, SigningAt: at, Witness: "n1", Recent: "ssasn", RecentTo: 499,
			LiveEndpoints: []string{"n1"}, Jailed: False, Tombstoned: False, JailedAt: at}},
		Hosts: []HostFacts{
			{Name: "h1", At: at, Reachable: True, Unit: Unit{ActiveState: "active", MainPID: "9"}},
			{Name: "h2", At: at, Reachable: True, ProcsKnown: true, FenceHolds: True, Unit: Unit{ActiveState: "failed", SubState: "dead", MainPID: "0",
				UnitFileState: "disabled", DropInPaths: "/a/b.service.d/10-x.conf /a/b.service.d/90-fence.conf", NeedDaemonReload: "no"}},
			{Name: "h9"},
		},
		Endpoints: []Endpoint{{Name: "provider", OK: True, At: at}},
	}
}

// parse splits "kind(name).field(arg) op lit" the way the runbook parser does.
func parse(t *testing.T, s string) checklists.Probe {
	t.Helper()
	f := strings.Fields(s)
	p := checklists.Probe{Text: s, Op: f[1], Lit: f[2]}
	left := f[0]
	if i := strings.Index(left, ")."); i >= 0 {
		p.Kind, p.Name, _ = strings.Cut(left[:i], "(")
		left = left[i+2:]
	} else {
		p.Kind, left, _ = strings.Cut(left, ".")
	}
	p.Field = left
	if name, arg, ok := strings.Cut(left, "("); ok {
		p.Field = name
		for _, c := range strings.TrimSuffix(arg, ")") {
			p.Arg = p.Arg*10 + int(c-'0')
		}
	}
	return p
}

func TestEvaluate(t *testing.T) {
	resolve := func(name string) (string, bool) {
		v, ok := map[string]string{"key": "k1", "failed": "h2", "standby": "h1", "max": "2"}[name]
		return v, ok
	}
	for _, c := range []struct {
		probe string
		want  Tri
		value string
	}{
		{"host(h1).reachable == true", True, "true"},
		{"host(h9).reachable == false", Unknown, ""},
		{"host(nobody).reachable == true", Unknown, ""},
		{"host($failed).unit == failed", True, "failed"},
		{"host($standby).unit != active", False, "active"},
		{"host(h1).unit < active", Unknown, "active"},
		{"host($failed).fenced == true", True, "true"},
		{"host($standby).fenced == true", False, "false"},
		{"node(n1).up == true", True, "true"},
		{"node($standby).up == true", True, "true"},
		{"node($failed).up == false", True, "false"},
		{"node($failed).synced == false", Unknown, ""},
		{"node(h3).up == true", Unknown, ""}, // two nodes there
		{"node(n3b).up == true", True, "true"},
		{"node(n1).synced == true", True, "true"},
		{"node(n1).catching_up == false", True, "false"},
		{"node(n1).height >= 500", True, "500"},
		{"node(n1).height > 99", True, "500"},
		{"node(n1).height > many", Unknown, "500"},
		{"node(n1).peers < 3", False, "4"},
		{"node(n1).age <= 5s", True, "4s"},
		{"node(n1).age <= 5", Unknown, "4s"},
		{"key($key).signing == true", True, "true"},
		{"key($key).signing == yes", Unknown, "true"},
		{"key($nokey).signing == true", Unknown, ""},
		{"key($key).banned == false", True, "false"},
		{"key($key).missed_last(5) == 2", True, "2"},
		{"key($key).missed_last(5) <= $max", True, "2"},
		{"key($key).missed_last(6) == 2", Unknown, ""},
		{"key($key).live_endpoints == 1", True, "1"},
		{"chain.halted == false", True, "false"},
		{"chain.height >= 500", True, "500"},
		{"chain.power_online > 2/3", True, "0.7500 (30 of 40)"},
		{"chain.power_online >= 75%", True, "0.7500 (30 of 40)"},
		{"chain.power_online > 0.75", False, "0.7500 (30 of 40)"},
		{"chain.power_online > 1e9999999", Unknown, "0.7500 (30 of 40)"},
		{"chain.evidence == 0", False, "1"},
		{"chain.evidence == 1", True, "1"},
		{"endpoint(provider).ok == true", True, "true"},
		{"endpoint(other).ok == true", Unknown, ""},
		{"db(main).role == primary", Unknown, ""},
		{"db(main).lag_age < 5s", Unknown, ""},
		{"db(main).lag_bytes < 5", Unknown, ""},
		{"db(main).timeline == 5", Unknown, ""},
		{"alert(ChainHalted).firing == false", Unknown, ""},
		{"moon(full).phase == 1", Unknown, ""},
	} {
		r := Evaluate(seen(), parse(t, c.probe), resolve)
		if r.Truth != c.want || r.Value != c.value || r.Text != c.probe {
			t.Errorf("%s: %v %q, want %v %q (%s)", c.probe, r.Truth, r.Value, c.want, c.value, r.Why)
		}
		if r.Truth == Unknown && r.Why == "" {
			t.Errorf("%s: unknown without a reason", c.probe)
		}
		if r.At.IsZero() {
			t.Errorf("%s: no time", c.probe)
		}
	}
	if r := Evaluate(seen(), parse(t, "alert(x).firing == true"), nil); r.Why != "not watched yet" {
		t.Errorf("%q", r.Why)
	}
	if r := Evaluate(Snapshot{}, parse(t, "chain.halted == false"), nil); r.Truth != Unknown {
		t.Errorf("nothing was seen: %+v", r)
	}
}

// A reading more than three intervals old is unknown, whatever it says.
func TestTooOld(t *testing.T) {
	for _, c := range []struct {
		probe string
		after time.Duration
	}{
		{"node(n1).up == true", 6 * time.Second},
		{"node(n1).synced == true", 6 * time.Second},
		{"node(n1).peers == 4", 30 * time.Second},
		{"host(h2).fenced == true", 60 * time.Second},
		{"host(h2).reachable == true", 60 * time.Second},
		{"key(k1).signing == true", 6 * time.Second},
		{"key(k1).missed_last(5) == 2", 6 * time.Second},
		{"key(k1).banned == false", 30 * time.Second},
		{"chain.power_online > 2/3", 6 * time.Second},
		{"chain.evidence == 1", 6 * time.Second},
		{"endpoint(provider).ok == true", 30 * time.Second},
	} {
		s := seen()
		s.At = s.At.Add(c.after)
		r := Evaluate(s, parse(t, c.probe), nil)
		if r.Truth != True || !r.Fresh(s.At) || r.Fresh(s.At.Add(time.Millisecond)) {
			t.Errorf("%s after %s: %v %s", c.probe, c.after, r.Truth, r.Why)
		}
		s.At = s.At.Add(time.Millisecond)
		if r := Evaluate(s, parse(t, c.probe), nil); r.Truth != Unknown {
			t.Errorf("%s after %s and a little: %v", c.probe, c.after, r.Truth)
		}
	}
}

func TestEvidenceSince(t *testing.T) {
	s := seen()
	for _, c := range []struct {
		since time.Duration // before the snapshot
		probe string
		want  Tri
	}{
		{3 * time.Minute, "chain.evidence == 1", True},
		{time.Minute, "chain.evidence == 0", True},
		{20 * time.Minute, "chain.evidence == 0", False}, // one was found, whatever came before
		{20 * time.Minute, "chain.evidence == 1", Unknown},
		{20 * time.Minute, "chain.evidence >= 1", True},
		{20 * time.Minute, "chain.evidence < 1", False},
		{20 * time.Minute, "chain.evidence <= 1", Unknown},
		{20 * time.Minute, "chain.evidence != 0", True},
	} {
		s.Since = s.At.Add(-c.since)
		if r := Evaluate(s, parse(t, c.probe), nil); r.Truth != c.want {
			t.Errorf("%s since %s: %v %s", c.probe, c.since, r.Truth, r.Why)
		}
	}
	s.Since, s.Chain.Evidence = s.At.Add(-20*time.Minute), nil
	if r := Evaluate(s, parse(t, "chain.evidence == 0"), nil); r.Truth != Unknown || !strings.Contains(r.Why, "read") {
		t.Errorf("%+v", r)
	}
}

// Each read-back alone can take the fence away; none of them missing is true.
func TestFenced(t *testing.T) {
	fact := func(f func(*Snapshot, *HostFacts)) func(*Snapshot) {
		return func(s *Snapshot) { f(s, &s.Hosts[1]) }
	}
	for _, c := range []struct {
		name string
		do   func(*Snapshot)
		want Tri
	}{
		{"all good", func(*Snapshot) {}, True},
		{"inactive", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.ActiveState = "inactive" }), True},
		{"still active", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.ActiveState = "active" }), False},
		{"deactivating", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.ActiveState = "deactivating" }), False},
		{"a main process", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.MainPID = "12" }), False},
		{"no drop-in", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.DropInPaths = "" }), False},
		{"another drop-in", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.DropInPaths = "/a/90-fence.conf.bak" }), False},
		{"a drop-in that only ends so", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.DropInPaths = "/a/no-90-fence.conf" }), False},
		{"a drop-in that says otherwise", fact(func(_ *Snapshot, h *HostFacts) { h.FenceHolds = False }), False},
		{"a drop-in that was not read", fact(func(_ *Snapshot, h *HostFacts) { h.FenceHolds = Unknown }), Unknown},
		{"reload pending", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.NeedDaemonReload = "yes" }), False},
		{"enabled", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.UnitFileState = "enabled" }), False},
		{"enabled until the reboot", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.UnitFileState = "enabled-runtime" }), False},
		{"unit file not named", fact(func(_ *Snapshot, h *HostFacts) { h.Unit.UnitFileState = "" }), Unknown},
		{"a process", fact(func(_ *Snapshot, h *HostFacts) { h.Procs = 1 }), False},
		{"processes not counted", fact(func(_ *Snapshot, h *HostFacts) { h.ProcsKnown = false }), Unknown},
		{"systemd said nothing", fact(func(_ *Snapshot, h *HostFacts) { h.Unit = Unit{} }), Unknown},
		{"unreachable", fact(func(_ *Snapshot, h *HostFacts) { h.Reachable = False }), Unknown},
		{"rpc answers", func(s *Snapshot) { s.Nodes[1].State, s.Nodes[1].Fail = Up, FailNone }, False},
		{"rpc answers something", func(s *Snapshot) { s.Nodes[1].Fail = FailAnswer }, False},
		{"rpc does not answer: no refusal", func(s *Snapshot) { s.Nodes[1].Fail = FailTimeout }, Unknown},
		{"rpc never asked", func(s *Snapshot) { s.Nodes[1] = Node{Name: "n2", Host: "h2", State: NeverAsked} }, Unknown},
		{"no node there", func(s *Snapshot) { s.Nodes[1].Host = "" }, Unknown},
		{"a second node there answers", func(s *Snapshot) { s.Nodes[2].Host = "h2" }, False},
		{"the refusal is old", func(s *Snapshot) { s.Nodes[1].AskedAt = s.At.Add(-2 * time.Minute) }, Unknown},
		{"contradiction beats ignorance", fact(func(s *Snapshot, h *HostFacts) { h.ProcsKnown = false; h.Unit.MainPID = "3" }), False},
	} {
		s := seen()
		c.do(&s)
		got, checks := Fenced(s, "h2")
		if got != c.want {
			t.Errorf("%s: %v, want %v (%s)", c.name, got, c.want, describe(checks))
		}
		if r := Evaluate(s, parse(t, "host(h2).fenced == true"), nil); r.Truth != c.want && !(c.want == Unknown && r.Truth == Unknown) {
			t.Errorf("%s: probe says %v", c.name, r.Truth)
		}
	}
}
