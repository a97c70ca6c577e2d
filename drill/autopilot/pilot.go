package autopilot

import (
	"context"
	"fmt"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
)

// Cockpit is what the autopilot may ask for.
type Cockpit interface {
	View() cockpit.View
	Declare(cockpit.Declaration) error
	RunStep(ctx context.Context, step, confirm, approver string) error
	Post(ctx context.Context, template, digest string) error
	Do(incident.Command) error
}

// Options of a flight.
type Options struct {
	Choices  map[string]string // choice key -> letter; else the suggested option, else the first
	Patience time.Duration     // how long nothing may move before the flight is given up; 0: 20 min
}

// Pilot flies. Its Next is called when the house is idle.
type Pilot struct {
	c       Cockpit
	o       Options
	tried   map[string]try
	last    string    // how far the flight was when something moved last
	moved   time.Time // when that was
	began   time.Time
	started bool
	ended   bool
	outcome string
}

type try struct {
	at time.Time
	n  int
}

// The outcomes of a flight.
const (
	Resolved = "resolved"
	Refused  = "refused"
	Aborted  = "aborted"
	Stuck    = "stuck"
)

const (
	patience = 20 * time.Minute
	longest  = 6 * time.Hour    // no flight lasts longer, whatever moves
	again    = 10 * time.Second // between two tries of the same thing
	tries    = 60               // of one thing, at most: a fence may refuse for minutes
	attempts = 4                // of one step that was started
	horizon  = 30 * time.Minute // messages due within it are posted ahead
)

// New is a pilot for c.
func New(c Cockpit, o Options) *Pilot {
	if o.Patience == 0 {
		o.Patience = patience
	}
	return &Pilot{c: c, o: o, tried: map[string]try{}}
}

// Outcome is how the flight ended; empty while it lasts.
func (p *Pilot) Outcome() string { return p.outcome }

// Act is one thing to do.
type Act func(ctx context.Context) error

// Next is what to do now, or nil: then only time helps. Once the flight is over
// it is always nil.
func (p *Pilot) Next() Act {
	if p.ended {
		return nil
	}
	v := p.c.View()
	if p.over(v) {
		p.ended = true
		return nil
	}
	if !v.State.Open() {
		return p.declare(v)
	}
	for _, next := range []func(cockpit.View) Act{p.choose, p.say, p.answer, p.call, p.work, p.finish} {
		if act := next(v); act != nil {
			return act
		}
	}
	return nil
}

// over says that the flight has ended, and how.
func (p *Pilot) over(v cockpit.View) bool {
	if p.began.IsZero() {
		p.began = v.Now
	}
	if now := progress(v); p.moved.IsZero() || now != p.last {
		p.last, p.moved = now, v.Now
	}
	switch {
	case !v.State.Closed.IsZero():
		p.outcome = Resolved
	case !v.State.Aborted.IsZero():
		p.outcome = Aborted
	case v.Now.Sub(p.moved) > p.o.Patience, v.Now.Sub(p.began) > longest:
		p.outcome = Stuck
		for _, s := range v.Steps {
			if s.Verdict != nil && !s.Verdict.Verdict.Allow && !s.Settled() {
				p.outcome = Refused
			}
		}
	default:
		return false
	}
	return true
}

// progress is how far the flight is: what repeats itself, a refusal, a message
// that is tried again, is none.
func progress(v cockpit.View) string {
	settled, sent := 0, 0
	for _, s := range v.Steps {
		if s.Settled() {
			settled++
		}
	}
	for _, r := range v.State.Rows {
		if r.State.Settled() {
			sent++
		}
	}
	return fmt.Sprint(v.State.ID, settled, sent, len(v.State.Choices), v.State.Resolved.IsZero(), v.State.Phase())
}

// once limits how often the same thing is tried.
func (p *Pilot) once(now time.Time, what string, act Act) Act {
	t, ok := p.tried[what]
	gap := again * time.Duration(1+t.n/6) // the longer it is refused, the rarer it is asked
	if ok && (now.Sub(t.at) < gap || t.n >= tries) {
		return nil
	}
	p.tried[what] = try{at: now, n: t.n + 1}
	return act
}

func (p *Pilot) declare(v cockpit.View) Act {
	o := v.Offer
	if o == nil || p.started {
		return nil
	}
	return p.once(v.Now, "declare", func(context.Context) error {
		p.started = true
		return p.c.Declare(cockpit.Declaration{Runbook: o.Runbook, Title: o.Title, Severity: o.Severity, Params: o.Params,
			Onset: o.Onset, Roles: map[string]string{"ops": v.Person, "comms": v.Person, "scribe": v.Person}})
	})
}

func (p *Pilot) choose(v cockpit.View) Act {
	for _, c := range v.Choices {
		if !c.Open {
			continue
		}
		letter := p.o.Choices[c.Key]
		for _, o := range c.Options {
			if letter == "" && o.Suggested {
				letter = o.Letter
			}
		}
		if letter == "" {
			letter = c.Options[0].Letter
		}
		return p.once(v.Now, "choose "+c.Key, func(context.Context) error {
			return p.c.Do(incident.Choose{Choice: c.Key, Letter: letter, By: v.Person})
		})
	}
	return nil
}

// say posts what is due; the first words and the last ones as soon as they will
// be within the horizon.
func (p *Pilot) say(v cockpit.View) Act {
	for _, s := range v.Says {
		edge := s.PostedAt.IsZero() || !v.State.Resolved.IsZero()
		ahead := edge && !s.Due.IsZero() && s.Due.Sub(v.Now) <= horizon
		due := !s.Due.IsZero() && !s.Due.After(v.Now)
		if s.NotNeeded || !s.Ready() || !(ahead || due) {
			continue
		}
		if act := p.once(v.Now, "post "+s.Template, func(ctx context.Context) error { return p.c.Post(ctx, s.Template, s.Digest) }); act != nil {
			return act
		}
	}
	return nil
}

// call calls the roll of a standing chain where the runbook asks for it: who does
// not vote is called, and in a rehearsal says that he is ready.
func (p *Pilot) call(v cockpit.View) Act {
	if v.Snap.Chain.Votes == nil || !asksRoll(v) {
		return nil
	}
	for _, b := range v.Snap.Chain.Votes.Ballots {
		if _, called := v.State.RollOf(b.Address); called || b.Online {
			continue
		}
		r := incident.Roll{Address: b.Address, Name: b.Name, Stage: incident.RollReady, Version: "0.38.21", Height: v.Snap.Chain.Height, By: v.Person}
		return p.once(v.Now, "roll "+b.Address, func(context.Context) error { return p.c.Do(incident.CallRoll{Roll: r, Tip: v.Snap.Chain.Height}) })
	}
	return nil
}

// asksRoll says that a step to be done looks at who is ready.
func asksRoll(v cockpit.View) bool {
	for _, s := range v.Steps {
		if s.Settled() || s.Lock.Locked() {
			continue
		}
		for _, b := range s.Step.Step.Verifies {
			for _, pr := range b.Probes {
				if pr.Field == "power_ready" {
					return true
				}
			}
		}
	}
	return false
}

// answer settles messages that only a person can settle.
func (p *Pilot) answer(v cockpit.View) Act {
	for _, r := range v.State.Rows {
		if r.State != outbox.NeedsHuman {
			continue
		}
		return p.once(v.Now, "row "+r.ID, func(context.Context) error {
			return p.c.Do(incident.RowAnswer{Row: r.ID, By: v.Person, Answer: outbox.AnswerByHand})
		})
	}
	return nil
}

// work is the first step of the book at which something can be done.
func (p *Pilot) work(v cockpit.View) Act {
	for _, s := range v.Steps {
		if s.Settled() || s.Lock.Locked() {
			continue
		}
		if act := p.step(v, s); act != nil {
			return act
		}
	}
	return nil
}

func (p *Pilot) step(v cockpit.View, s cockpit.StepView) Act {
	id := s.Step.Step.ID
	switch s.Step.Step.Kind() {
	case checklists.Message:
		if !v.State.Unplanned(s.Step.Step) {
			return nil
		}
		fallthrough
	case checklists.Signed:
		return p.once(v.Now, "sign "+id, func(context.Context) error {
			return p.c.Do(incident.Sign{Step: id, By: v.Person, Value: "autopilot: " + s.Step.Step.Title})
		})
	case checklists.Action:
	default:
		return nil
	}
	switch s.Status {
	case incident.Todo, incident.Failed, incident.TimedOut, incident.Undone:
		if s.Attempts >= attempts {
			return nil
		}
		word := s.Confirm
		if s.Step.Step.Confirm == "" {
			word = ""
		}
		return p.once(v.Now, "run "+id, func(ctx context.Context) error { return p.c.RunStep(ctx, id, word, v.Person) })
	case incident.Done: // and seen otherwise
		return p.once(v.Now, "otherwise "+id, func(context.Context) error {
			return p.c.Do(incident.Answer{Step: id, By: v.Person, Ran: known(s), Note: "by what is seen"})
		})
	case incident.Unknown:
		return p.once(v.Now, "unknown "+id, func(context.Context) error {
			return p.c.Do(incident.Answer{Step: id, By: v.Person, Ran: known(s), Note: "by what is seen"})
		})
	}
	return nil
}

// known answers for a step in state unknown by its verifications: proven is
// done, anything else is to be run again (its guards and its fence are judged
// anew).
func known(s cockpit.StepView) string {
	for _, rs := range s.Checks {
		for _, r := range rs {
			if r.Truth != incident.True {
				return "retry"
			}
		}
	}
	if len(s.Checks) == 0 {
		return "retry"
	}
	return "done"
}

func (p *Pilot) finish(v cockpit.View) Act {
	switch {
	case v.CanResolve:
		return p.once(v.Now, "resolve", func(context.Context) error { return p.c.Do(incident.Resolve{By: v.Person}) })
	case v.CanClose:
		return p.once(v.Now, "close", func(context.Context) error { return p.c.Do(incident.Close{By: v.Person}) })
	}
	return nil
}
