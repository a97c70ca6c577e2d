package words

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

func TestClaims(t *testing.T) {
	for text, want := range map[string]string{
		"host(val-2).fenced == true":                      "val-2 is stopped and fenced",
		"host(val-2).reachable != true":                   "val-2 does not answer by SSH",
		"host(val-2).unit == inactive":                    "the unit of val-2 is inactive",
		"node(val-2s).synced == true":                     "val-2s has the last block",
		"node(val-2s).age <= 10s":                         "the last block of val-2s is 10s old at most",
		"key(validator-2).signing == true":                "key validator-2 signs",
		"key(validator-2).missed_last(10) == 10":          "key validator-2 is in none of the last 10 blocks",
		"key(validator-2).missed_last(10) == 0":           "key validator-2 is in all of the last 10 blocks",
		"key(validator-2).live_endpoints == 0":            "key validator-2 answers nowhere",
		"key(validator-2).live_endpoints == 1":            "key validator-2 answers at one place only",
		"chain.halted == false":                           "the chain does not stand",
		"chain.power_online > 2/3":                        "power online is more than 2/3",
		"chain.power_ready > 2/3":                         "power that votes or is ready is more than 2/3",
		"chain.second_signers == 0":                       "no key is shown by two endpoints",
		"place(eu-1a).silent == true":                     "nothing in eu-1a answers",
		"node(rpc-1).serving == false":                    "rpc-1 serves nobody",
		"chain.evidence == 0":                             "no evidence of double signing",
		"something.new(3) == 4":                           "something.new(3) == 4",
		"script on $failed: file=\"$home/x\"":             "the script of the runbook on val-2 says so",
		"script on val-9: sudo -n test -f /etc/x":         "on val-9: sudo -n test -f /etc/x",
		"host(\x1b[31mred\u202e).fenced == true":          "red is stopped and fenced",
		"key(k).signing == maybe":                         "key(k).signing == maybe",
		"script on $unknown: sudo -n systemctl is-active": "on unknown: sudo -n systemctl is-active",
	} {
		if got := Claim(text, map[string]string{"failed": "val-2"}); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}

// Every probe that a runbook may write has words on the screen.
func TestEveryProbeHasWords(t *testing.T) {
	for _, p := range checklists.Probes() {
		lit := map[string]string{"bool": "true", "int": "3", "duration": "5s", "fraction": "2/3"}[p.Type]
		if p.Type == "word" {
			lit = p.Words[0]
		}
		text := p.Kind
		if p.Named() {
			text += "(x)"
		}
		text += "." + p.Field
		if p.HasArg {
			text += "(5)"
		}
		text += " == " + lit
		if got := Claim(text, nil); got == text && text != "chain.evidence == 3" {
			t.Errorf("%s has no words", text)
		}
	}
}

// Unknown is never good: only when every reading is true, and was read after
// the step was sent, do they point to a run that worked.
func TestOnlyAllTruePointToARun(t *testing.T) {
	sent := fixture.At("03:14:05")
	rapid.Check(t, func(r *rapid.T) {
		st := cockpit.StepView{Run: &incident.Run{At: sent}}
		all, any := true, false
		for range rapid.IntRange(0, 3).Draw(r, "blocks") {
			var block []incident.Reading
			for range rapid.IntRange(0, 3).Draw(r, "readings") {
				truth := rapid.SampledFrom([]incident.Truth{incident.True, incident.False, incident.NotKnown, "", "yes"}).Draw(r, "truth")
				at := sent.Add(time.Duration(rapid.IntRange(-3, 30).Draw(r, "at")) * time.Second)
				block = append(block, incident.Reading{Truth: truth, At: at})
				any = true
				all = all && truth == incident.True && !at.Before(sent)
			}
			all = all && len(block) > 0
			st.Checks = append(st.Checks, block)
		}
		got := PointsTo(st)
		if (got == PointToRun) != (all && any) {
			r.Fatalf("%v points to %d", st.Checks, got)
		}
		if s, level := got.Sentence(); got != PointToRun && (level != Unknown || strings.HasPrefix(s, "All point")) {
			r.Fatalf("%d says %q", got, s)
		}
	})
}

func TestRunAgainIsLockedWhileTheKeyMayLive(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*nodes.Key)
		want   string
	}{
		"it signs":            {func(k *nodes.Key) { k.Signing = nodes.True }, "the key is alive"},
		"an endpoint has it":  {func(k *nodes.Key) { k.Signing, k.LiveEndpoints = nodes.False, []string{"val-9"} }, "the key is alive"},
		"nobody knows":        {func(k *nodes.Key) { k.Signing = nodes.Unknown }, "nobody knows whether"},
		"it is silent":        {func(k *nodes.Key) { k.Signing = nodes.False }, ""},
		"it is another's key": {func(k *nodes.Key) { k.Name = "other" }, "which key it is about"},
	} {
		v := fixture.Unknown()
		c.change(&v.Snap.Keys[1])
		st, _ := v.Step("start-standby")
		got := Answers(v, st)[2]
		if got.Ran != "retry" || !strings.HasPrefix(got.Locked, c.want) || (c.want == "") != (got.Locked == "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhyARunFailed(t *testing.T) {
	line := func(s string) []cockpit.Line { return []cockpit.Line{{Text: s, Err: true}} }
	for _, c := range []struct {
		h     incident.HostRun
		lines []cockpit.Line
		short string
		why   string
	}{
		{incident.HostRun{Host: "a", Class: incident.Exited, Exit: 1}, line("sudo: a password is required"), "sudo wants a password", "never sends a password"},
		{incident.HostRun{Host: "a", Class: incident.Exited, Exit: 1}, line("curl: (7) connection refused"), "curl: (7) connection refused", "The script said no"},
		{incident.HostRun{Host: "a", Class: incident.Exited, Exit: 127}, nil, "", "not on the host"},
		{incident.HostRun{Host: "a", Class: incident.Exited, Exit: 137}, nil, "", "killed from outside"},
		{incident.HostRun{Host: "a", Class: incident.Exited, Exit: 130}, nil, "", "signal 2"},
		{incident.HostRun{Host: "a", Class: incident.Exited, Exit: 1}, line("cp: cannot create: No space left on device"), "its disk is full", "half done"},
		{incident.HostRun{Host: "a", Class: incident.NotStarted, Reason: "ssh dial a: cannot be reached: connection refused"}, nil, "SSH refuses the connection", "proves nothing"},
		{incident.HostRun{Host: "a", Class: incident.NotStarted, Reason: "ssh handshake a: host key is another one than the known: it shows X"}, nil, "another host key", "another machine"},
		{incident.HostRun{Host: "a", Class: incident.NotStarted, Reason: "ssh dial a: no answer in time after 10s"}, nil, "SSH does not answer", "may run on and sign"},
		{incident.HostRun{Host: "a", Class: incident.NotStarted, Reason: "a (u@h): handshake: no answer in time after 5s (the port is open but sshd hangs: try the console)"}, nil, "SSH hangs", "says nothing"},
		{incident.HostRun{Host: "a", Class: incident.NotStarted, Reason: "not started: b failed before"}, nil, "not started", "another host failed"},
	} {
		f, ok := WhyFailed(c.h, c.lines)
		if !ok || f.Short != c.short || !strings.Contains(f.Why, c.why) || strings.Contains(f.Fix, "%") {
			t.Errorf("%+v %v: %+v", c.h, c.lines, f)
		}
	}
	for _, h := range []incident.HostRun{{Host: "a"}, {Host: "a", Class: incident.Exited}} {
		if f, ok := WhyFailed(h, line("sudo: a password is required")); ok {
			t.Errorf("%+v did not fail: %+v", h, f)
		}
	}
}

// Whatever a verdict holds, each of its items is shown once, and nothing that
// refuses is shown among what is proven.
func TestEveryProofIsShownOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var v fence.Verdict
		for n := 1; n <= rapid.IntRange(0, 9).Draw(r, "items"); n++ {
			v.Items = append(v.Items, fence.Item{N: n,
				State: rapid.SampledFrom([]fence.State{fence.Proven, fence.Missing, fence.Contradicting, fence.NotChecked, "", "?"}).Draw(r, "state"),
				Text:  rapid.SampledFrom([]string{"4 of 10 blocks so far, counted from 7.", "is not known"}).Draw(r, "text")})
		}
		seen := map[int]bool{}
		for _, p := range Proofs(v) {
			for _, it := range p.Items {
				if seen[it.N] {
					r.Fatalf("item %d twice", it.N)
				}
				seen[it.N] = true
				if (p.Name == "PROVEN") != (it.State == fence.Proven) || (p.Level == Calm) != (it.State == fence.Proven || it.State == fence.NotChecked) {
					r.Fatalf("%+v stands under %s", it, p.Name)
				}
			}
		}
		if len(seen) != len(v.Items) {
			r.Fatalf("%d of %d items shown", len(seen), len(v.Items))
		}
	})
}

// What comes by waiting alone is told apart by the words of the verdict itself:
// they must stay what they are.
func TestTheWordsOfASilenceBeingCounted(t *testing.T) {
	now := fixture.At("03:12:20")
	saw := func(s string) fence.Fact[string] { return fence.Saw(s, now, "x") }
	e := fence.Evidence{Kind: fence.Elsewhere, Key: "k", Address: "AA", Target: "b", Old: "a", Hosts: []string{"a", "b"}, StoppedAt: now.Add(-time.Minute)}
	e.TargetIs.Network, e.Chain.Network = saw("n"), saw("n")
	e.TargetIs.CheckHeight, e.Chain.Moving = fence.Saw(int64(0), now, "x"), fence.Saw(true, now, "x")
	for _, n := range []string{"w1", "w2"} {
		e.Silence = append(e.Silence, fence.Witness{Name: n, At: now, Since: now.Add(-30 * time.Second), From: 5, To: 8, Absent: 4, Hash: "h"})
	}
	for _, it := range fence.Judge(e, now).Items {
		if got := comesByWaiting(it); got != (it.N == 7) {
			t.Errorf("%d %s %q: %v", it.N, it.State, it.Text, got)
		}
	}
}

func TestWhatWouldChangeAVerdict(t *testing.T) {
	v := fixture.Counting()
	st, _ := v.Step("start-standby")
	var got []string
	for _, c := range Changes(v, st) {
		got = append(got, c.How)
	}
	want := ":fence power|:fence network|by hand, then x|:undo on its step, then x|wait, then x"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	st.Cuts = nil
	if c := Changes(v, st)[0]; strings.HasPrefix(c.How, ":") {
		t.Errorf("a cut is offered that the configuration does not have: %+v", c)
	}
}
