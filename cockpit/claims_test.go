package cockpit

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// claiming puts a message into the plan, of a step whose text says that val-2 does
// not sign, with or without a text for when it does.
func claiming(t *testing.T, otherwise bool) *Cockpit {
	t.Helper()
	c, _, _ := sit(t)
	c.o.Fleet.Channels = []config.Channel{{Name: "page", Driver: "statuspage", Audience: "public"}}
	st := incident.Step{PlannedStep: checklists.PlannedStep{Phase: checklists.During, Step: checklists.Step{ID: "tell", Title: "Tell",
		Guards: []checklists.Block{{Lang: "probe", Kind: "guard", Probes: []checklists.Probe{{Kind: "key", Name: "$key", Field: "signing", Op: "==", Lit: "false", Text: "key($key).signing == false"}}}},
		Comms:  []checklists.Block{{Template: "status", State: "identified", Text: "It does not sign."}}}}}
	if otherwise {
		st.Step.Comms = append(st.Step.Comms, checklists.Block{Template: "status", State: "monitoring", Text: "It signs again.", Otherwise: true})
	}
	c.state.Steps = append(c.state.Steps, st)
	c.state.Says = []incident.Say{{Template: "status", To: []incident.Lane{{Channel: "page", Audience: "public"}}, Planned: true, Next: 1, Steps: []string{"tell"}}}
	return c
}

func (c *Cockpit) sees(signing nodes.Tri) SayView {
	c.snap = nodes.Snapshot{At: c.clk.Now(), Keys: []nodes.Key{{Name: "val-2", Signing: signing, SigningAt: c.clk.Now()}}}
	c.mu.Lock()
	c.observeLocked(false)
	c.mu.Unlock()
	s, _ := c.View().Message("status")
	return s
}

// What a message says is held against what is seen: seen otherwise it does not
// leave as it is. What is not known contradicts nothing.
func TestAMessageSaysWhatIsSo(t *testing.T) {
	for _, k := range []struct {
		name      string
		otherwise bool
		signing   nodes.Tri
		own       string
		body      string
		ready     bool
	}{
		{"still so", false, nodes.False, "", "It does not sign.", true},
		{"not known", false, nodes.Unknown, "", "It does not sign.", true},
		{"no longer so", false, nodes.True, "", "It does not sign.", false},
		{"no longer so, own words", false, nodes.True, `It signs\nsince {{start}}.`, "It signs\nsince 03:00 UTC.", true},
		{"no longer so, and the runbook knows what then", true, nodes.True, "", "It signs again.", true},
		{"still so, with another text", true, nodes.False, "", "It does not sign.", true},
		{"own words win", true, nodes.True, "Mine.", "Mine.", true},
	} {
		c := claiming(t, k.otherwise)
		c.state.Onset = start
		s := c.sees(nodes.False)
		if k.own != "" {
			c.Fill(s.Own, k.own)
		}
		s = c.sees(k.signing)
		if s.Body != k.body || s.Ready() != k.ready {
			t.Errorf("%s: ready %v, %q, %v", k.name, s.Ready(), s.Body, s.Problems)
		}
		err := c.Post(context.Background(), "status", s.Digest)
		switch {
		case k.ready && err != nil:
			t.Errorf("%s: %v", k.name, err)
		case !k.ready && (err == nil || !strings.Contains(err.Error(), "no longer so: val-2 signs again")):
			t.Errorf("%s: posted: %v", k.name, err)
		case k.ready && c.View().Says[0].Own == s.Own:
			t.Errorf("%s: the words of one update stay for the next", k.name)
		}
	}
}

// What was never seen has not ended: the text that it is over waits, and so does
// the one that it is so.
func TestWhatWasNeverSeenHasNotEnded(t *testing.T) {
	c := claiming(t, true)
	s := c.sees(nodes.True)
	if s.Ready() || s.Body != "It does not sign." || len(s.Problems) == 0 {
		t.Fatalf("ready %v, %q, %v", s.Ready(), s.Body, s.Problems)
	}
	err := c.Post(context.Background(), "status", s.Digest)
	if err == nil || !strings.Contains(err.Error(), "not seen to be so yet: val-2 signs;") {
		t.Errorf("posted: %v", err)
	}
	if s = c.sees(nodes.False); !s.Ready() || s.Body != "It does not sign." {
		t.Errorf("seen: ready %v, %q", s.Ready(), s.Body)
	}
	if s = c.sees(nodes.True); !s.Ready() || s.Body != "It signs again." {
		t.Errorf("over: ready %v, %q", s.Ready(), s.Body)
	}
}

// A text that was read is not posted once another took its place.
func TestAnotherTextIsReadAnew(t *testing.T) {
	c := claiming(t, true)
	read := c.sees(nodes.False)
	if now := c.sees(nodes.True); now.Digest == read.Digest || now.Bodies[0].State != "monitoring" {
		t.Errorf("the same digest, or the state %q", now.Bodies[0].State)
	}
	if err := c.Post(context.Background(), "status", read.Digest); err == nil {
		t.Error("posted what is no longer so")
	}
}

// No text says that the chain goes on while the power for the next block is
// missing, or while that is not known.
func TestTheImpactSaysWhatTheChainDoes(t *testing.T) {
	c, _, _ := sit(t)
	moving := nodes.Chain{Moving: nodes.True, Halted: nodes.False}
	for name, x := range map[string]struct {
		change func(*nodes.Chain)
		want   string
	}{
		"goes on": {func(ch *nodes.Chain) { ch.Power = nodes.Power{Known: nodes.True, Total: 1200, Online: 900, Spare: 99} }, "The chain goes on; no service interruption is seen."},
		"too little": {func(ch *nodes.Chain) {
			ch.Power = nodes.Power{Known: nodes.True, Total: 1200, Online: 580, Spare: -221}
		}, ""},
		"late":          {func(ch *nodes.Chain) { ch.Moving = nodes.Unknown }, ""},
		"halted":        {func(ch *nodes.Chain) { ch.Moving, ch.Halted = nodes.False, nodes.True }, "The chain is halted."},
		"nothing known": {func(ch *nodes.Chain) { *ch = nodes.Chain{} }, ""},
	} {
		c.snap = nodes.Snapshot{At: c.clk.Now(), Chain: moving}
		x.change(&c.snap.Chain)
		if got := c.impactLocked(); got != x.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestHowLongIsWhatTheTimesSay(t *testing.T) {
	from := start.Add(50 * time.Second)
	for after, want := range map[time.Duration]time.Duration{155 * time.Second: 3 * time.Minute, 5 * time.Second: 0, 10 * time.Second: time.Minute} {
		if got := minutes(from, from.Add(after)); got != want {
			t.Errorf("%v: %v", after, got)
		}
	}
}
