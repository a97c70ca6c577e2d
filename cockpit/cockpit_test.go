package cockpit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/nodes"
)

var start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// paper is a record that can be told to fail.
type paper struct {
	full    bool
	entries []journal.Entry
	n       int
}

func (p *paper) Append(ds []journal.Draft) ([]journal.Entry, error) {
	if p.full {
		return nil, errors.New("no space left on device")
	}
	var out []journal.Entry
	for _, d := range ds {
		p.n++
		out = append(out, journal.Entry{ID: string(rune('a' + p.n)), At: d.At, Kind: d.Kind, Data: d.Data})
	}
	p.entries = append(p.entries, out...)
	return out, nil
}
func (p *paper) Head() string             { return "head" }
func (p *paper) NewID(t time.Time) string { p.n++; return t.String() + string(rune('a'+p.n)) }
func (p *paper) Dir() string              { return "/nowhere" }
func (p *paper) Close() error             { return nil }

// rooms are the rooms below, all silent.
type rooms struct{ ran []string }

func (r *rooms) Run(_ context.Context, j Job, _ func(Line), onEnd func(HostEnd)) {
	r.ran = append(r.ran, j.Hosts...)
	for _, h := range j.Hosts {
		onEnd(HostEnd{Host: h, Class: incident.Exited})
	}
}
func (r *rooms) Read(context.Context, string, string, []Var) (int, string, error) {
	return 0, "in recovery: t\n", nil
}
func (r *rooms) Output(context.Context, string, string, []Var) (string, error) {
	return "", errors.New("no")
}
func (r *rooms) Outside(context.Context, string) (string, error)                  { return "", errors.New("no") }
func (r *rooms) Send(context.Context, comms.Post) outbox.Outcome                  { return outbox.Outcome{} }
func (r *rooms) Lookup(context.Context, comms.Post) outbox.LookupResult           { return outbox.LookupResult{} }
func (r *rooms) Drives(string) bool                                               { return true }
func (r *rooms) Look(_ context.Context, now time.Time) nodes.Snapshot             { return nodes.Snapshot{At: now} }
func (r *rooms) WatchVotes(bool)                                                  {}
func (r *rooms) EvidenceSince(time.Time)                                          {}
func (r *rooms) Silence(string, time.Time) []nodes.Silence                        { return nil }
func (r *rooms) LookHosts(context.Context, time.Time, []string) []nodes.HostFacts { return nil }
func (r *rooms) Procedure(id string) (checklists.Book, error)                     { return checklists.Find(id) }
func (r *rooms) Flight(id string) (checklists.Book, error)                        { return checklists.Find(id) }

func sit(t *testing.T) (*Cockpit, *paper, *rooms) {
	t.Helper()
	p, r := &paper{}, &rooms{}
	c := New(Options{Clock: clock.NewRehearsal(start, 1), Person: "mira", Books: r, Watcher: r, Runner: r, Poster: r,
		Fleet: config.Fleet{
			Chain: config.Chain{BlockTime: 6 * time.Second},
			Hosts: []config.Host{{Name: "val-2", Unit: "virtengine", Home: "/h"}, {Name: "val-2s", Unit: "virtengine", Home: "/s"}},
			Keys:  []config.Key{{Name: "val-2", Address: strings.Repeat("A", 40), Hosts: []string{"val-2", "val-2s"}, Standbys: []string{"val-2s"}}},
		},
		OpenRecord: func(time.Time, checklists.Book, map[string]string) (string, Record, error) {
			return "INC-20261123-001", p, nil
		}})
	err := c.Declare(Declaration{Runbook: "single-validator-failover", Title: "silent",
		Params: map[string]string{"key": "val-2", "failed": "val-2", "standby": "val-2s"}})
	if err != nil {
		t.Fatal(err)
	}
	return c, p, r
}

// If the record cannot be written nothing runs, and the View says so; when it
// can be written again, work goes on.
func TestNothingRunsUnrecorded(t *testing.T) {
	c, p, r := sit(t)
	for _, id := range []string{"confirm", "what-changed"} {
		if err := c.Do(incident.Skip{Step: id, By: "mira", Reason: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Do(incident.Choose{Choice: "recover", Letter: "B", By: "mira"}); err != nil {
		t.Fatal(err)
	}
	p.full = true
	before := c.State().Seq
	err := c.RunStep(context.Background(), "fence-failed", "val-2", "")
	if !errors.Is(err, ErrNoRecord) || len(r.ran) != 0 || c.State().Seq != before {
		t.Errorf("with a full disk: %v, ran %v", err, r.ran)
	}
	if v := c.View(); !strings.Contains(v.Trouble, "no space left") {
		t.Errorf("the View says %q", v.Trouble)
	}
	p.full = false
	if err := c.RunStep(context.Background(), "fence-failed", "val-2", ""); err != nil {
		t.Fatal(err)
	}
	c.closing()
	c.wg.Wait()
	if len(r.ran) != 1 || c.View().Trouble != "" {
		t.Errorf("after that: ran %v, trouble %q", r.ran, c.View().Trouble)
	}
}

// Without any evidence a start is refused, and what is missing is named.
func TestNoEvidenceNoStart(t *testing.T) {
	c, _, r := sit(t)
	for _, st := range c.State().Steps {
		if id := st.PlannedStep.Step.ID; id != "start" && !st.Settled() {
			if err := c.Do(incident.Skip{Step: id, By: "mira", Reason: "test"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Do(incident.Choose{Choice: "recover", Letter: "B", By: "mira"}); err != nil {
		t.Fatal(err)
	}
	before, _ := c.View().Step("start")
	if before.Verdict != nil || before.AtHand == nil || before.AtHand.Verdict.Allow {
		t.Errorf("before anybody asked: judged %+v, at hand %+v", before.Verdict, before.AtHand)
	}
	err := c.RunStep(context.Background(), "start", "val-2s", "")
	var refusal *incident.Refusal
	if !errors.As(err, &refusal) || len(r.ran) != 0 {
		t.Fatalf("%v, ran %v", err, r.ran)
	}
	v, _ := c.View().Step("start")
	if v.AtHand == nil || v.AtHand.Verdict.Allow || len(v.AtHand.Verdict.Items) != 9 || v.AtHand.Verdict.Summary != v.Verdict.Verdict.Summary {
		t.Errorf("what would be judged now: %+v", v.AtHand)
	}
	if v.Verdict == nil || v.Verdict.Verdict.Allow || len(v.Verdict.Verdict.Items) != 9 {
		t.Errorf("the verdict on the screen: %+v", v.Verdict)
	}
}

// A host is told only the variables its script asks for.
func TestScriptsGetWhatTheyAskFor(t *testing.T) {
	c, _, _ := sit(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.envLocked(`systemctl stop "$failed_unit"; cat "${failed_home}/x"; echo $failedly`, "val-2", nil)
	var names []string
	for _, v := range got {
		names = append(names, v.Name+"="+v.Value)
	}
	if strings.Join(names, " ") != "failed_home=/h failed_unit=virtengine" {
		t.Errorf("%v", names)
	}
}

// What the screen shows of the variables is what the job is told.
func TestVarsAreWhatTheJobIsTold(t *testing.T) {
	c, _, _ := sit(t)
	script := `systemctl stop "$failed_unit" on "$TARGET" $RELIGHT_INCIDENT`
	c.mu.Lock()
	want := c.envLocked(script, "val-2", nil)
	c.mu.Unlock()
	if got := c.View().Vars(script, "val-2"); len(got) != 3 || !slices.Equal(got, want) {
		t.Errorf("shown %v, told %v", got, want)
	}
}

// What a fence may build on is counted anew whenever it breaks.
func TestTrailBreaks(t *testing.T) {
	f := config.Fleet{Keys: []config.Key{{Name: "val-2", Address: "AA"}}}
	fenced := nodes.HostFacts{Name: "val-2", At: start, Reachable: nodes.True, ProcsKnown: true, FenceHolds: nodes.True,
		Unit: nodes.Unit{ActiveState: "inactive", MainPID: "0", UnitFileState: "disabled", NeedDaemonReload: "no",
			DropInPaths: "/etc/systemd/system/virtengine.service.d/" + nodes.FenceDropIn}}
	var tr trail
	tr.follow(nodes.Snapshot{At: start, Hosts: []nodes.HostFacts{fenced}}, f)
	if !tr.fenced["val-2"].Equal(start) {
		t.Fatalf("fenced since %v", tr.fenced)
	}
	later := fenced
	later.At = start.Add(time.Minute)
	tr.follow(nodes.Snapshot{At: later.At, Hosts: []nodes.HostFacts{later}}, f)
	if !tr.fenced["val-2"].Equal(start) {
		t.Error("the fence is counted anew though it held")
	}
	empty := later
	empty.FenceHolds = nodes.False
	if hostFenced(empty) {
		t.Error("a drop-in of the right name with another text counts as a fence")
	}
	gone := later
	gone.At, gone.Reachable = start.Add(2*time.Minute), nodes.False
	tr.follow(nodes.Snapshot{At: gone.At, Hosts: []nodes.HostFacts{gone}}, f)
	if _, ok := tr.fenced["val-2"]; ok {
		t.Error("a host that does not answer counts as fenced")
	}
	tr.follow(nodes.Snapshot{At: later.At, Hosts: []nodes.HostFacts{later},
		Nodes: []nodes.Node{{Name: "val-2", Host: "val-2", State: nodes.Up, Address: "AA", SeenAt: later.At}}}, f)
	if _, ok := tr.fenced["val-2"]; ok {
		t.Error("a host that shows the key counts as fenced")
	}
	if tr.shown["val-2"].address != "AA" {
		t.Error("the sign of life was forgotten")
	}
}

// key is a key with its old host and its standby, and a cockpit that watches.
func watching(t *testing.T) (*Cockpit, config.Key) {
	t.Helper()
	c, _, _ := sit(t)
	k, _ := c.o.Fleet.Key("val-2")
	c.snap = nodes.Snapshot{At: start, Every: 2 * time.Second, HostEvery: 20 * time.Second}
	return c, k
}

// A colleague starts the standby with the key, the cockpit dies and comes back,
// and somebody runs the start script: it installs staged files, so it is a
// start elsewhere, though the standby signs with the key by now.
func TestInstallingIsNeverInPlace(t *testing.T) {
	c, k := watching(t)
	c.trail.shown = map[string]sighting{"val-2s": {address: k.Address, height: 9, at: start}}
	if e := c.evidenceLocked(k, "val-2s", true); e.Kind != fence.Elsewhere {
		t.Errorf("a script that installs is judged as %s", e.Kind)
	}
	if e := c.evidenceLocked(k, "val-2s", false); e.Kind != fence.InPlace {
		t.Errorf("a restart is judged as %s", e.Kind)
	}
}

// That no key file lies on a host proves nothing when a remote signer holds the
// key, or when it is not known where the key lies.
func TestAbsentFilesProveLittle(t *testing.T) {
	c, k := watching(t)
	for name, cfg := range map[string]nodes.ConfigFacts{
		"remote signer":    {Known: true, SignerAddr: "tcp://10.0.0.9:1234"},
		"unread config":    {},
		"files elsewhere":  {Known: true, Odd: true},
		"plain and absent": {Known: true},
	} {
		c.snap.Hosts = []nodes.HostFacts{{Name: "val-2", At: start, Reachable: nodes.True,
			Key: nodes.KeyOnDisk{Present: nodes.False}, Config: cfg}}
		got := holder(c.snap, k, "val-2", "val-2s").KeyThere.Known()
		if want := name == "plain and absent"; got != want {
			t.Errorf("%s: whether the key is there is known: %t, want %t", name, got, want)
		}
	}
}

// The host that signed last is found again by its sign state, also when its key
// was put aside.
func TestLastSignerIsFoundAgain(t *testing.T) {
	c, k := watching(t)
	state := func(h int64) nodes.SignOnDisk { return nodes.SignOnDisk{Present: nodes.True, Known: true, Height: h} }
	c.snap.Hosts = []nodes.HostFacts{
		{Name: "val-2", At: start, Reachable: nodes.True, State: state(100)},
		{Name: "val-2s", At: start, Reachable: nodes.True, State: state(200), Key: nodes.KeyOnDisk{Present: nodes.False}},
	}
	if got := c.signer(k); got != "val-2s" {
		t.Errorf("the last signer is %s", got)
	}
}

// A vote first seen after the stop is a sign of life, whatever time it carries.
func TestVotesAreStampedByOurClock(t *testing.T) {
	var tr trail
	see := func(at time.Time, height int64, stamp time.Time) {
		tr.follow(nodes.Snapshot{At: at, Chain: nodes.Chain{Votes: &nodes.Votes{At: at, Height: height,
			Keys: []nodes.KeyVotes{{Key: "val-2", At: stamp}}}}}, config.Fleet{})
	}
	see(start, 10, start.Add(-90*time.Second))
	see(start.Add(time.Minute), 10, start.Add(-90*time.Second))
	if !tr.votes["val-2"].seen.Equal(start) {
		t.Error("a vote that stays visible is taken for a new one")
	}
	see(start.Add(2*time.Minute), 11, start.Add(-80*time.Second))
	if !tr.votes["val-2"].seen.Equal(start.Add(2 * time.Minute)) {
		t.Errorf("a new vote counts from %v", tr.votes["val-2"].seen)
	}
}

// A cockpit that is opened long after the trouble began has seen no signature
// at all: the highest that can have been signed is what counts, so that a late
// failover is possible and the mark is not below it.
func TestSilentForLongerThanWeLookBack(t *testing.T) {
	c, k := watching(t)
	c.snap.Keys = []nodes.Key{{Name: "val-2", Recent: strings.Repeat("a", 120), RecentTo: 1000, MissedStreak: 120, StreakOpen: true}}
	if got := chainFacts(c.snap, k, c.o.Fleet).LastSigned; !got.Known() || got.V != 880 {
		t.Errorf("last signed: %+v, want 880 at most", got)
	}
	c.snap.Keys[0].StreakOpen = false
	if got := chainFacts(c.snap, k, c.o.Fleet).LastSigned; got.Known() {
		t.Errorf("last signed is taken from nowhere: %+v", got)
	}
}

// A shell verification holds by its exit status and by what it printed; a block
// that cannot be read yet is unknown.
func TestShellReadings(t *testing.T) {
	c, _, _ := sit(t)
	for _, x := range []struct {
		block checklists.Block
		want  incident.Truth
	}{
		{checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n"}, incident.True},
		{checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n", Match: "recovery: t"}, incident.True},
		{checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n", Match: "recovery: f"}, incident.False},
		{checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n", Expect: "exit:3"}, incident.False},
		{checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n", Expect: "three"}, incident.NotKnown},
		{checklists.Block{Lang: "sh", Host: "val-2", Text: "true\n", Match: "("}, incident.NotKnown},
		{checklists.Block{Lang: "sql", Host: "val-2", Text: "select 1\n"}, incident.NotKnown},
		{checklists.Block{Lang: "sh", Host: "$nobody", Text: "true\n"}, incident.NotKnown},
	} {
		if got := c.askShell(context.Background(), x.block).Truth; got != x.want {
			t.Errorf("%+v is %s, want %s", x.block, got, x.want)
		}
	}
}
