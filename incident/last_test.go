package incident_test

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
)

const lastBook = `# Test

` + "```toml runbook" + `
id = "t"

[[clock]]
name = "validator"
component = "Validator node"
` + "```" + `

## During: recover

- [ ] **It is silent** ` + "`{role=ops id=silent clock=start:validator}`" + `

- [ ] **Tell how it is** ` + "`{role=comms id=tell}`" + `

  ` + "```text comms {template=status}" + `
  It is slow.
  ` + "```" + `

## After: close

- [ ] **It stays well** ` + "`{role=ops id=well clock=stop:validator}`" + `

- [ ] **Say that it is over** ` + "`{role=comms id=over needs=silent}`" + `

  ` + "```text comms {template=over state=resolved}" + `
  It is over.
  ` + "```" + `
`

// lastStage is an incident whose plan knows two texts that say "resolved": one of
// the runbook and one of its own.
func lastStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	book, problems := checklists.Parse("book.md", []byte(lastBook), nil)
	for _, p := range problems {
		if p.Rule != "resolved-unlocked" { // the linter refuses what the rules must hold up all the same
			t.Fatal(p)
		}
	}
	page := []incident.Lane{{Channel: "page", Audience: "public"}}
	s.do(incident.Declare{ID: "INC-20261123-001", Title: "slow", Severity: "sev3", Runbook: "t", By: "mira", Book: book,
		Says: []incident.Say{
			{Template: "status", To: page, Planned: true, Every: map[string]time.Duration{"sev3": time.Hour}},
			{Template: "mail", To: []incident.Lane{{Channel: "mail", Audience: "internal"}}, Due: time.Hour, Planned: true},
			{Template: "over", To: page},
			{Template: "own-over", To: page, State: "resolved"},
		}})
	return s
}

// say posts a message and delivers it.
func (s *stage) say(template, state string) error {
	say, _ := s.state.Say(template)
	c := incident.Post{Template: template, By: "mira"}
	for _, l := range say.To {
		s.n++
		c.Bodies = append(c.Bodies, incident.Body{ID: "row" + s.now.String() + template, Channel: l.Channel, Text: "text", State: state})
	}
	if _, err := incident.Decide(s.state, c, s.now); err != nil {
		return err
	}
	s.do(c)
	s.do(incident.Tick{})
	for range say.To {
		s.outcome(say.To[0].Channel, outbox.Outcome{Class: outbox.ClassDelivered, Remote: outbox.Remote{ID: "1"}})
	}
	return nil
}

// Nobody hears that it is over before it is: a text that says so is locked until
// the incident is resolved, and the lock says what is in the way.
func TestResolvedIsSaidAfterItIs(t *testing.T) {
	s := lastStage(t)
	refused := func(when, why string) {
		t.Helper()
		for _, template := range []string{"over", "own-over"} {
			say, _ := s.state.Say(template)
			l := s.state.SayLock(say)
			err := s.say(template, "resolved")
			if !l.Locked() || err == nil || !strings.Contains(l.Why+l.Do, why) || !strings.Contains(err.Error(), why) {
				t.Errorf("%s, %s: lock %+v, %v; want %q", when, template, l, err, why)
			}
		}
		if err := s.say("status", "resolved"); err == nil {
			t.Errorf("%s: a text got the page's state resolved", when)
		}
	}
	refused("at first", "During is not finished")
	s.do(incident.Sign{Step: "silent", By: "mira"})
	s.now = s.now.Add(time.Minute)
	refused("while a clock runs", "the clock validator still runs")
	refused("while a clock runs", `prove in "It stays well" (todo) that Validator node is back, then resolve it`)
	s.do(incident.Sign{Step: "well", By: "mira"})
	refused("before anybody resolved it", "resolve it first (:resolve)")
	s.now = s.now.Add(time.Minute)
	s.do(incident.Resolve{By: "mira"})
	if s.state.Resolved.IsZero() {
		t.Fatal("it cannot be resolved")
	}
	for _, template := range []string{"over", "own-over"} {
		say, _ := s.state.Say(template)
		if l := s.state.SayLock(say); l.Locked() {
			t.Errorf("%s is locked after the end: %+v", template, l)
		}
	}
	if got := s.state.Back(); !got.Equal(s.state.Clocks[0].Stopped) {
		t.Errorf("back at %s, the clock stopped at %s", got, s.state.Clocks[0].Stopped)
	}
}

// over brings an incident of which page and mail were told to its end.
func over(t *testing.T) *stage {
	t.Helper()
	s := lastStage(t)
	for _, template := range []string{"status", "mail"} {
		if err := s.say(template, ""); err != nil {
			t.Fatal(err)
		}
	}
	s.do(incident.Sign{Step: "silent", By: "mira"})
	s.now = s.now.Add(2 * time.Minute)
	s.do(incident.Sign{Step: "well", By: "mira"})
	s.do(incident.Resolve{By: "mira"})
	s.now = s.now.Add(2 * time.Minute)
	return s
}

// Everybody who was told of it hears that it is over, or is left out with a
// reason, before it is closed: by the text made for the end, or by the last word
// of the message heard last.
func TestEverybodyHearsTheEnd(t *testing.T) {
	closes := func(s *stage) error {
		_, err := incident.Decide(s.state, incident.Close{By: "mira"}, s.now)
		return err
	}
	due := func(s *stage, template string) bool {
		say, _ := s.state.Say(template)
		return !s.state.DueAt(say).IsZero()
	}
	s := over(t)
	if due(s, "status") || !due(s, "mail") || !due(s, "over") {
		t.Errorf("due: status %v, mail %v, over %v", due(s, "status"), due(s, "mail"), due(s, "over"))
	}
	for _, template := range []string{"over", "own-over"} {
		if err := s.say(template, "resolved"); err != nil {
			t.Fatal(err)
		}
	}
	err := closes(s)
	if err == nil || !strings.Contains(err.Error(), "not that it is over: mail (Mail)") || !strings.Contains(err.Error(), ":leave REASON") {
		t.Errorf("closed with a channel that waits: %v", err)
	}
	left := s
	if err := s.say("mail", ""); err != nil {
		t.Fatal(err)
	}
	if err := closes(s); err != nil || due(s, "mail") {
		t.Errorf("after the last word: %v, due %v", err, due(s, "mail"))
	}

	left = over(t)
	for _, template := range []string{"over", "own-over"} {
		_ = left.say(template, "resolved")
	}
	for by, reason := range map[string]string{"dan": "told by phone", "mira": " "} {
		if _, err := incident.Decide(left.state, incident.LeaveOut{Template: "mail", By: by, Reason: reason}, left.now); err == nil {
			t.Errorf("left out by %s because of %q", by, reason)
		}
	}
	left.do(incident.LeaveOut{Template: "mail", By: "mira", Reason: "told by phone"})
	if err := closes(left); err != nil {
		t.Errorf("left out with a reason: %v", err)
	}
}

// A message is left out before its readers were told, or once it is over: never
// in between, when they would wait for a promise.
func TestLeavingOut(t *testing.T) {
	s := lastStage(t)
	leave := func(template string) error {
		_, err := incident.Decide(s.state, incident.LeaveOut{Template: template, By: "mira", Reason: "no need"}, s.now)
		return err
	}
	if err := leave("mail"); err != nil {
		t.Errorf("before it was posted: %v", err)
	}
	if err := s.say("mail", ""); err != nil {
		t.Fatal(err)
	}
	if err := leave("mail"); err == nil {
		t.Error("its readers wait")
	}
	if err := leave("nothing"); err == nil {
		t.Error("no such message")
	}
}

// A message whose step was left out with a reason is not asked for, and can
// still be posted; once it was, its readers are owed the end.
func TestASkippedMessageIsNotAskedFor(t *testing.T) {
	s := lastStage(t)
	due := func() bool {
		say, _ := s.state.Say("status")
		return !s.state.DueAt(say).IsZero()
	}
	if !due() {
		t.Fatal("it is not due at first")
	}
	s.do(incident.Skip{Step: "tell", By: "mira", Reason: "they sit here"})
	if due() {
		t.Error("it is asked for, though its step was left out")
	}
	if err := s.say("status", ""); err != nil {
		t.Errorf("it cannot be posted any more: %v", err)
	}
	if !due() {
		t.Error("its readers were told and have no cadence")
	}
}

// The last word may follow an update at once: it is another text. Twice it is
// not sent.
func TestTheLastWordMayFollowAtOnce(t *testing.T) {
	s := lastStage(t)
	s.do(incident.Sign{Step: "silent", By: "mira"})
	s.now = s.now.Add(2 * time.Minute)
	s.do(incident.Sign{Step: "well", By: "mira"})
	for _, template := range []string{"status", "mail"} {
		if err := s.say(template, ""); err != nil {
			t.Fatal(err)
		}
	}
	s.now = s.now.Add(5 * time.Second)
	s.do(incident.Resolve{By: "mira"})
	s.now = s.now.Add(5 * time.Second)
	if err := s.say("mail", ""); err != nil {
		t.Errorf("the last word, ten seconds after an update: %v", err)
	}
	s.now = s.now.Add(5 * time.Second)
	if err := s.say("mail", ""); err == nil {
		t.Error("the last word was said twice")
	}
}
