package cockpit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// speaking is a cockpit with a plan for one message, and how its time moves on.
func speaking(t *testing.T) (*Cockpit, func(time.Duration)) {
	t.Helper()
	c, _, _ := sit(t)
	c.o.Templates = map[string]comms.Template{"update": {Name: "update", Title: "Update", Body: "Down for {{duration}}. Next update {{next_update}}."}}
	c.o.Fleet.Channels = []config.Channel{{Name: "room", Driver: "slack", Audience: "internal"}}
	c.state.Says = []incident.Say{{Template: "update", To: []incident.Lane{{Channel: "room", Audience: "internal"}}, Next: 1, Planned: true,
		Every: map[string]time.Duration{c.state.Severity: 30 * time.Minute}}}
	return c, func(d time.Duration) {
		later := c.clk.Now().Add(d)
		c.mu.Lock()
		c.clk = clock.NewRehearsal(later, 1)
		c.mu.Unlock()
	}
}

func said(t *testing.T, c *Cockpit) SayView {
	t.Helper()
	s, ok := c.View().Message("update")
	if !ok || s.Digest == "" {
		t.Fatalf("no message, or no digest: %+v", s)
	}
	return s
}

// Only the text that was read is posted.
func TestOnlyTheTextThatWasReadIsPosted(t *testing.T) {
	c, _ := speaking(t)
	read := said(t, c)
	if !read.Ready() {
		t.Fatalf("not ready: %v %v", read.Missing, read.Problems)
	}
	var refusal *incident.Refusal
	for _, other := range []string{"", "another"} {
		if err := c.Post(context.Background(), "update", other); !errors.As(err, &refusal) || len(c.State().Rows) != 0 {
			t.Fatalf("posted a text nobody read: %v", err)
		}
	}
	if err := c.Post(context.Background(), "update", read.Digest); err != nil {
		t.Fatal(err)
	}
	if rows := c.State().Rows; len(rows) != 1 || rows[0].Body != read.Body {
		t.Errorf("queued %+v", rows)
	}
	if next := said(t, c); next.Digest == read.Digest {
		t.Error("the next update has the digest of the first: a late key would post it")
	}
}

// The text stands still while the minute changes, and its promise is never
// earlier than the plan's.
func TestATextStandsStill(t *testing.T) {
	c, move := speaking(t) // 03:00:00
	move(30 * time.Second)
	digests := map[string]bool{}
	for range 8 {
		s := said(t, c)
		digests[s.Digest] = true
		move(30 * time.Second)
	}
	if len(digests) != 1 {
		t.Errorf("%d texts within four minutes", len(digests))
	}
	if s := said(t, c); !strings.Contains(s.Body, "Next update 03:35 UTC") || !strings.Contains(s.Body, "under 5 min") {
		t.Errorf("at %s: %s", c.clk.Now().Format("15:04:05"), s.Body)
	}
	move(31 * time.Second) // 03:05:01
	if s := said(t, c); !strings.Contains(s.Body, "Next update 03:40 UTC") || !strings.Contains(s.Body, "for 5 min") {
		t.Errorf("at %s: %s", c.clk.Now().Format("15:04:05"), s.Body)
	}
}

// After the recovery a message that was posted asks for its last word, in the
// text for it, and then for nothing.
func TestPostedMessagesRestAfterTheLastWord(t *testing.T) {
	c, move := speaking(t)
	c.o.Templates[comms.LastWord] = comms.Template{Name: comms.LastWord, Body: "It is over after {{duration}}."}
	if err := c.Post(context.Background(), "update", said(t, c).Digest); err != nil {
		t.Fatal(err)
	}
	move(40 * time.Minute)
	over(c)
	s := said(t, c)
	if s.Over() || !s.Ready() || s.Due.IsZero() || !strings.Contains(s.Body, "It is over after 4") || !strings.HasPrefix(s.Title, "[DRILL] [RESOLVED]") && !strings.HasPrefix(s.Title, "[RESOLVED]") {
		t.Errorf("after the recovery: due %v, missing %v, %q, %q", s.Due, s.Missing, s.Title, s.Body)
	}
	if err := c.Post(context.Background(), "update", s.Digest); err != nil {
		t.Fatal(err)
	}
	posted := c.State().Rows[len(c.State().Rows)-1].Body
	move(40 * time.Minute)
	if s := said(t, c); !s.Over() || s.Ready() || !s.Due.IsZero() || len(s.Missing) > 0 || s.Body != posted {
		t.Errorf("after the last word: due %v, missing %v, %q", s.Due, s.Missing, s.Body)
	}
}

// over ends the incident without its rules; posts may still be under way.
func over(c *Cockpit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Resolved = c.clk.Now()
}

// A cadence that lasts until the close goes on after the recovery.
func TestACadenceUntilTheClose(t *testing.T) {
	c, move := speaking(t)
	c.o.Templates[comms.LastWord] = comms.Template{Name: comms.LastWord, Body: "It is over after {{duration}}."}
	c.state.Says[0].Until = "closed"
	for range 2 {
		if err := c.Post(context.Background(), "update", said(t, c).Digest); err != nil {
			t.Fatal(err)
		}
		move(5 * time.Minute)
		if s := said(t, c); s.Over() || s.Due.IsZero() {
			t.Errorf("resolved %v: the cadence ended", !c.State().Resolved.IsZero())
		}
		over(c)
	}
}

// hanging runs until it is stopped.
type hanging struct {
	rooms
	begun chan struct{}
}

func (h *hanging) Run(ctx context.Context, j Job, _ func(Line), onEnd func(HostEnd)) {
	onEnd(HostEnd{Host: j.Hosts[0], Class: incident.Exited})
	close(h.begun)
	<-ctx.Done()
	onEnd(HostEnd{Host: j.Hosts[1], Class: incident.Lost, Reason: "cancelled"})
	onEnd(HostEnd{Host: j.Hosts[2], Class: incident.NotStarted, Reason: "cancelled"})
}

// A stop is recorded, then done: what had ended stays, the rest is lost.
func TestStop(t *testing.T) {
	c, _, _ := sit(t)
	h := &hanging{begun: make(chan struct{})}
	c.o.Runner = h
	for i, name := range []string{"a", "b", "c"} {
		c.o.Fleet.Hosts = append(c.o.Fleet.Hosts, config.Host{Name: name, Unit: fmt.Sprint("u", i), Groups: []string{"all"}})
	}
	const step = "fence-failed"
	for i := range c.state.Steps {
		if st := &c.state.Steps[i]; st.Step.ID == step {
			b := *st.Step.Run
			b.Host, b.Group = "", "all"
			st.Step.Run, st.Step.Confirm = &b, ""
		}
	}
	for _, id := range []string{"confirm", "what-changed"} {
		if err := c.Do(incident.Skip{Step: id, By: "mira", Reason: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Do(incident.Choose{Choice: "recover", Letter: "B", By: "mira"}); err != nil {
		t.Fatal(err)
	}
	if err := c.StopStep(context.Background(), step, "stop"); err == nil {
		t.Fatal("stopped what does not run")
	}
	if err := c.RunStep(context.Background(), step, "", ""); err != nil {
		t.Fatal(err)
	}
	<-h.begun
	if st, _ := c.View().Step(step); !st.Stoppable {
		t.Fatal("a running step cannot be stopped")
	}
	if err := c.StopStep(context.Background(), step, "yes"); err == nil {
		t.Fatal("stopped without the word")
	}
	if err := c.StopStep(context.Background(), step, incident.StopWord); err != nil {
		t.Fatal(err)
	}
	for {
		changed := c.Changed()
		st, _ := c.View().Step(step)
		if st.Status != incident.Running {
			break
		}
		<-changed
	}
	st, _ := c.View().Step(step)
	run := c.State().Runs[st.Effect]
	if st.Status != incident.Unknown || st.Stoppable || run.Stopped != "mira" {
		t.Errorf("the step is %s, %+v", st.Status, run)
	}
	if got := []incident.Class{run.Hosts[0].Class, run.Hosts[1].Class, run.Hosts[2].Class}; fmt.Sprint(got) != "[exited lost not-started]" {
		t.Errorf("hosts ended as %v", got)
	}
	if !strings.Contains(run.Hosts[1].Reason, "stopped by mira") {
		t.Errorf("the lost host says %q", run.Hosts[1].Reason)
	}
	var order []string
	for _, r := range c.Log() {
		switch e := r.Event.(type) {
		case incident.StepStopped:
			order = append(order, "stop")
		case incident.HostEnded:
			order = append(order, e.Host)
		}
	}
	if strings.Join(order, " ") != "a stop b c" {
		t.Errorf("recorded as %v", order)
	}
}

// An alert asks when it came after the declaration and nobody answered; one
// about the key of the incident never does.
func TestAlertsAsk(t *testing.T) {
	c, _, _ := sit(t)
	see := func(keys ...string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.snap = nodes.Snapshot{At: c.clk.Now()}
		for _, k := range keys {
			c.snap.Keys = append(c.snap.Keys, nodes.Key{Name: k, Signing: nodes.False, MissedStreak: 5, StoppedSince: start})
		}
		c.noteAlertsLocked()
		c.observeLocked(false)
	}
	ask := func() string {
		var out []string
		for _, a := range c.View().Alerts {
			out = append(out, fmt.Sprintf("%s %t %s%s", a.Kind, a.Asks, a.Answer, a.AnswerNote))
		}
		return strings.Join(out, ", ")
	}
	see("val-2", "val-3")
	if got := ask(); got != "key-silent val-2 false own, key-silent val-3 true " {
		t.Errorf("%s", got)
	}
	if err := c.AnswerAlert("key-silent val-3", incident.AlarmOwn, ""); err == nil {
		t.Error("a person made it the incident's own")
	}
	if err := c.AnswerAlert("key-silent val-3", incident.AlarmKnown, "rebuild"); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got != "key-silent val-2 false own, key-silent val-3 false knownrebuild" {
		t.Errorf("%s", got)
	}
}
