package cockpit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/incident"
)

// View is what a screen may know, now. It does no I/O.
func (c *Cockpit) View() View {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clk.Now()
	c.views++
	v := View{Now: now, Serial: c.views, Drill: c.o.Drill, Person: c.o.Person, Fleet: c.o.Name, Chain: c.o.Fleet.Chain.ID,
		State: c.state, Snap: c.snap, Speed: 1, Trouble: c.trouble, Notice: c.notice, fleet: c.o.Fleet}
	if r, ok := c.clk.(*clock.Rehearsal); ok {
		v.Speed, v.Skipping = r.Speed(), r.Skipping()
	}
	v.Alerts, v.Ready = c.alertsLocked(), Readinesses(c.snap, c.o.Fleet)
	for _, o := range c.outputs {
		v.Outputs = append(v.Outputs, o.shown())
	}
	if c.record != nil {
		v.Head, v.Record = c.record.Head(), c.record.Dir()
	}
	v.Others, v.Reviews = c.past.without(c.state.ID), c.past.reviews
	if !c.state.Open() {
		v.Offer = firstOffer(v.Alerts)
		return v
	}
	v.Away = c.awayLocked()
	for _, st := range c.state.Steps {
		v.Steps = append(v.Steps, c.stepViewLocked(st))
	}
	v.Current = current(v.Steps)
	v.Choices = c.choicesLocked()
	v.Says = c.saysLocked(now)
	_, noResolve := incident.Decide(c.state, incident.Resolve{By: c.o.Person}, now)
	_, noClose := incident.Decide(c.state, incident.Close{By: c.o.Person}, now)
	v.CanResolve, v.CanClose = noResolve == nil, noClose == nil
	return v
}

// rank puts warnings before cautions.
func rank(a Alert) int {
	if a.Warning {
		return 1
	}
	return 0
}

func (c *Cockpit) alertsLocked() []Alert {
	out := append(c.carriedLocked(Alerts(c.snap)), c.toldLocked()...)
	out = append(out, c.stolenLocked()...)
	for _, a := range c.darkLocked(out) {
		out = append(out, lastKnown(a, c.snap))
	}
	slices.SortStableFunc(out, func(a, b Alert) int { return rank(b) - rank(a) })
	for i := range out {
		if since, ok := c.seen[out[i].Kind]; ok {
			out[i].Since = since
		}
		out[i].Quiet = c.quiet[out[i].Kind]
		out[i].Offer = c.offerLocked(out[i])
		for _, a := range c.state.Alarms {
			if a.Kind == out[i].Kind && a.Quiet {
				out[i].Quiet = true
			}
			if a.Kind == out[i].Kind && a.Ended.IsZero() && c.state.Open() {
				out[i].Answer, out[i].AnswerNote, out[i].Asks = a.Answer, a.Note, a.Answer == ""
			}
		}
	}
	return out
}

// Quiet ends bell and reverse of an alert; during an incident it is recorded.
func (c *Cockpit) Quiet(kind string) {
	c.mu.Lock()
	c.quiet[kind] = true
	open := c.state.Open()
	c.publishLocked()
	c.mu.Unlock()
	if open {
		_ = c.Do(incident.Quiet{Kind: kind, By: c.o.Person})
	}
}

// AnswerAlert says what a condition that came after the declaration is to the
// open incident: attached to it, or of a known cause, then with the reason.
func (c *Cockpit) AnswerAlert(kind string, a incident.AlarmAnswer, note string) error {
	if a != incident.AlarmAttached && a != incident.AlarmKnown {
		return c.refuse(&incident.Refusal{What: "answer the alert " + kind, Why: fmt.Sprintf("%q is no answer", a), Do: "attached or known"})
	}
	return c.Do(incident.AnswerAlarm{Kind: kind, Answer: a, Note: note, By: c.o.Person})
}

func (c *Cockpit) stepViewLocked(st incident.Step) StepView {
	v := StepView{Step: st, Lock: c.state.Gate(st), Confirm: c.state.Fill(st.Step.Confirm)}
	if b := st.Step.Run; b != nil {
		v.Hosts, v.Script = c.targetsLocked(*b), b.Text
		v.Places = c.placesOf(v.Hosts)
		if v.Confirm == "" {
			v.Confirm = "run"
		}
	}
	for i, b := range st.Step.Guards {
		v.Guards = append(v.Guards, c.shownLocked(st, "guard", i, b)...)
	}
	watched := c.state.Watched(st) || st.Status == incident.Unknown
	for i, b := range st.Step.Verifies {
		var rs []incident.Reading
		switch {
		case watched && !rests(st, b) || b.Lang == "probe" && !st.Settled():
			rs = c.shownLocked(st, "verify", i, b)
		case i < len(st.Checks):
			rs = st.Checks[i].Readings
		}
		v.Checks = append(v.Checks, rs)
		held := time.Time{}
		if i < len(st.Checks) {
			held = st.Checks[i].Held
		}
		v.Held, v.For = append(v.Held, held), append(v.For, c.state.Duration(b.For))
	}
	if f, ok := c.state.Fences[st.Step.ID]; ok {
		v.Verdict = &f
	}
	v.AtHand = c.atHandLocked(st, v.Hosts)
	if r, ok := c.state.Runs[st.Effect]; ok {
		v.Run = &r
	}
	if st.Status == incident.NoLonger {
		v.NoLonger = st.At
	}
	v.Cuts = c.cutsLocked(st)
	v.Stoppable = c.state.Stoppable(st)
	v.Undoable = st.Step.Undo != nil && (st.Status == incident.Done || st.Status == incident.Failed || st.Status == incident.TimedOut)
	return v
}

// placesOf are the zones of hosts, or their regions where no zone is named.
func (c *Cockpit) placesOf(hosts []string) []string {
	out := make([]string, len(hosts))
	for i, name := range hosts {
		h, _ := c.o.Fleet.Host(name)
		switch {
		case h.Zone != "":
			out[i] = "zone " + h.Zone
		case h.Region != "":
			out[i] = "region " + h.Region
		}
	}
	return out
}

// shownLocked is what a block reads, without asking anybody anew.
func (c *Cockpit) shownLocked(st incident.Step, place string, i int, b checklists.Block) []incident.Reading {
	if b.Lang == "probe" {
		return c.probesLocked(b)
	}
	if r, ok := c.shell[shellKey(st, place, i)]; ok {
		return []incident.Reading{r}
	}
	return []incident.Reading{{Text: shellText(b), Truth: incident.NotKnown, Why: "asked when its turn comes"}}
}

// current is the step to do next: what runs or asks first, then the first that
// can be worked on, in the order of the book.
func current(steps []StepView) string {
	for _, s := range steps {
		if s.Status == incident.Done && len(s.Otherwise) > 0 {
			return s.Step.Step.ID
		}
		switch s.Status {
		case incident.Unknown, incident.Failed, incident.Running, incident.TimedOut:
			if !s.Passed {
				return s.Step.Step.ID
			}
		}
	}
	waits := ""
	for _, s := range steps {
		if s.Settled() || s.Lock.Locked() || s.Step.Step.Kind() == checklists.Inner || s.Status == incident.Waiting {
			continue
		}
		if (s.Status == incident.Verifying || s.Step.Step.Kind() == checklists.Sensed) && !s.Step.Step.CallsRoll() {
			if waits == "" {
				waits = s.Step.Step.ID
			}
			continue
		}
		return s.Step.Step.ID
	}
	return waits
}

func (c *Cockpit) choicesLocked() []ChoiceView {
	var out []ChoiceView
	open := c.state.OpenChoices()
	for _, p := range c.state.Book.Phases {
		for _, g := range p.Groups {
			if g.Choice == "" {
				continue
			}
			if len(out) == 0 || out[len(out)-1].Key != g.Choice {
				out = append(out, ChoiceView{Key: g.Choice, Phase: p.Kind, Open: contains(open, g.Choice), Taken: c.state.Choices[g.Choice]})
			}
			ov := OptionView{Letter: g.Letter, Title: g.Title, Prose: g.Prose}
			if g.Suggest != nil && g.Suggest.Lang == "probe" {
				ov.Suggest = c.probesLocked(*g.Suggest)
				ov.Suggested = true
				for _, r := range ov.Suggest {
					ov.Suggested = ov.Suggested && r.Truth == incident.True
				}
			}
			last := &out[len(out)-1]
			last.Options = append(last.Options, ov)
		}
	}
	return out
}

// Reread looks at everything now.
func (c *Cockpit) Reread(ctx context.Context) {
	done := c.clk.Busy()
	defer done()
	c.mu.Lock()
	hosts := c.hostsLocked()
	c.mu.Unlock()
	c.lookNow(ctx, hosts)
}

// Wait jumps, in a drill, to the next thing that time alone brings.
func (c *Cockpit) Wait() {
	if r, ok := c.clk.(*clock.Rehearsal); ok {
		at, _ := c.View().NextTimer()
		r.SkipTo(at)
	}
}

// NextTimer is the next thing that time alone brings, and when: a window that
// fills, a message that falls due. Where there is none what is "", and at a minute
// from now.
func (v View) NextTimer() (at time.Time, what string) {
	at = v.Now.Add(time.Minute)
	for _, s := range v.Says {
		if s.Due.After(v.Now) && s.Due.Before(at) {
			at, what = s.Due, "a message falls due"
		}
	}
	for _, s := range v.Steps {
		for i, held := range s.Held {
			if left := s.For[i] - v.Now.Sub(held); s.Status == incident.Verifying && !held.IsZero() && left > 0 {
				at, what = v.Now.Add(left), s.Step.Step.Title+" has held long enough"
			}
		}
	}
	return at, what
}
