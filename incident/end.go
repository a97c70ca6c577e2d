package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
)

// grace is what a person needs to press the key for a message due at once.
const grace = time.Minute

// Late says that a message due at that time is overdue. One whose time is there
// is due, and no more: it is late only once a person could have posted it.
func Late(due, now time.Time) bool { return !due.IsZero() && now.After(due.Add(grace)) }

// tick lets time pass: overdue messages are recorded once, and messages whose
// turn has come are ordered to be sent or looked for.
func tick(s State, now time.Time) []Event {
	var events []Event
	for _, say := range s.Says {
		if due := s.DueAt(say); Late(due, now) && !say.Overdue {
			events = append(events, SayOverdue{Template: say.Template, Update: say.Next, Due: due})
		}
	}
	for _, a := range outbox.Next(s.Rows, now) {
		if a.Verb == outbox.Reconcile {
			events = append(events, RowLookStarted{Row: a.Row.ID})
		} else {
			events = append(events, RowStarted{Row: a.Row.ID})
		}
	}
	return events
}

// DueAt is when the next update of a template is due; zero: nothing is. A
// template that a step of After carries is due from the moment of Resolved, and
// so is the last word to everybody who was told.
func (s State) DueAt(say Say) time.Time {
	switch {
	case say.NotNeeded || s.ID == "" || s.held().Locked():
		return time.Time{} // what nobody may say is not late
	case len(s.owed(say)) > 0:
		return s.Resolved.Add(lastWordWithin)
	case !say.PostedAt.IsZero():
		if s.cadenceOver(say) {
			return time.Time{}
		}
		return say.DueAt
	case s.skipped(say):
		return time.Time{}
	case s.ending(say):
		if s.Resolved.IsZero() {
			return time.Time{}
		}
		return s.Resolved.Add(say.Due)
	case !say.Planned:
		return time.Time{}
	}
	return s.cleared().Add(say.Due)
}

// cleared is from when messages may be said: the declaration, or when the step
// that holds them back was done.
func (s State) cleared() time.Time {
	if st, ok := s.Step(s.Book.Hold); ok && st.At.After(s.Declared) {
		return st.At
	}
	return s.Declared
}

// cadenceOver says that no further update is promised: the plan ends a cadence
// with the incident's recovery, with its close, or with a last message.
func (s State) cadenceOver(say Say) bool {
	if end, ok := s.Say(say.Until); ok {
		return end.NotNeeded || !end.PostedAt.IsZero()
	}
	return !s.Resolved.IsZero() && say.Until != "closed"
}

func (s State) onlyAfter(say Say) bool {
	for _, id := range say.Steps {
		if st, ok := s.Step(id); ok && st.Phase != checklists.After {
			return false
		}
	}
	return len(say.Steps) > 0
}

// consequences is what follows from the state by itself.
func consequences(s State, now time.Time) []Event {
	if !s.Open() {
		return nil
	}
	for _, st := range s.Steps {
		if st.Settled() || st.Passed {
			continue
		}
		switch st.Step.Kind() {
		case checklists.Message:
			if to := s.spoken(st.Step); to == Done {
				return s.complete(st, now, now, "")
			} else if to == Waiting && st.Status == Todo {
				return []Event{StepMoved{Step: st.Step.ID, To: Waiting}}
			}
		case checklists.Inner:
			if s.innerDone(st) && !s.Gate(st).Locked() {
				return s.complete(st, now, now, "")
			}
		}
	}
	return nil
}

// procedurePrefix marks the steps of the procedure flown inside the backbone.
const procedurePrefix = "procedure/"

// innerDone says that all steps of the procedure that lie in this phase are
// settled.
func (s State) innerDone(st Step) bool {
	inside := s.inside(st)
	for _, o := range inside {
		if !o.Settled() && !o.Step.Optional {
			return false
		}
	}
	return len(inside) > 0
}

// inside are the steps of the procedure that a step which carries it waits for:
// those of its phase. Words hold up nothing.
func (s State) inside(st Step) []Step {
	prefix := procedurePrefix
	if st.Step.Book != "@procedure" {
		prefix = st.Step.ID + "/"
	}
	var out []Step
	for _, o := range s.Steps {
		if o.Phase == st.Phase && o.Step.Kind() != checklists.Message && strings.HasPrefix(o.Step.ID, prefix) {
			out = append(out, o)
		}
	}
	return out
}

// Inside counts the steps that a step which carries the procedure waits for, and
// how many of them are settled. What is optional, or lies on a way that is not
// taken, is not counted.
func (s State) Inside(st Step) (settled, all int) {
	for _, o := range s.inside(st) {
		if o.Passed || o.Choice != "" && s.Choices[o.Choice] != o.Letter || o.Step.Optional && !o.Settled() {
			continue
		}
		all++
		if o.Settled() {
			settled++
		}
	}
	return settled, all
}

// reopen says that a cockpit opened the record again. What was running is
// lost: its step is unknown and asks. A message in flight is unknown, too.
func reopen(s State, c Reopen, now time.Time) []Event {
	events := []Event{Opened{By: c.By}}
	for _, id := range sortedKeys(s.Runs) {
		run := s.Runs[id]
		hosts := run.Hosts
		open := false
		for i, h := range hosts {
			if h.Class == "" {
				open = true
				hosts = append(append([]HostRun(nil), hosts[:i]...), hosts[i:]...)
				hosts[i].Class = Lost
				events = append(events, HostEnded{Effect: id, Host: h.Host, Class: Lost, Reason: "the cockpit ended while it ran"})
			}
		}
		if st, ok := s.Step(run.Step); ok && open && st.Effect == id {
			events = append(events, afterRun(s, st, run.Undo, hosts, now)...)
		}
	}
	events = append(events, lostCuts(s)...)
	for _, r := range s.Rows {
		if n := outbox.Reopen(r); n.State != r.State {
			events = append(events, RowChanged{Row: n})
		}
	}
	return events
}

// resolve says that the service is back: the procedure is through and every
// clock that ran has stopped.
func resolve(s State, c Resolve, now time.Time) ([]Event, error) {
	switch {
	case s.Roles["commander"] != c.By:
		return nil, &Refusal{What: "resolve", Why: "only the commander resolves"}
	case !s.Resolved.IsZero():
		return nil, &Refusal{What: "resolve", Why: "it was resolved at " + s.Resolved.Format("15:04:05 UTC")}
	}
	if l := s.notBack(); l.Locked() {
		return nil, &Refusal{What: "resolve", Why: l.Why, Do: l.Do}
	}
	events := []Event{Ended{How: "resolved", By: c.By}}
	for _, say := range s.Says {
		if why := s.needless(say, now); why != "" {
			events = append(events, SayDropped{Template: say.Template, Why: why})
		}
	}
	return events, nil
}

// notBack says what speaks against the service being back.
func (s State) notBack() Lock {
	if s.Phase() != checklists.After {
		do := "finish it, or skip what is left with a reason"
		if next := s.unfinished(s.Phase()); next != "" {
			do = "finish it, " + next + ", or skip what is left with a reason"
		}
		return Lock{Why: "the phase " + title(s.Phase()) + " is not finished", Do: do}
	}
	for _, cl := range s.Clocks {
		if !cl.Started.IsZero() && cl.Stopped.IsZero() {
			return Lock{Why: "the clock " + cl.Name + " still runs", Do: s.stops(cl)}
		}
	}
	for _, st := range s.Steps {
		if st.Status == Running || st.Status == Unknown {
			return Lock{Why: fmt.Sprintf("%q is %s", st.Step.Title, st.Status), Do: "say what became of it, or let it end"}
		}
	}
	return Lock{}
}

// stops says how a clock that runs comes to its end: by the step that stops it.
func (s State) stops(cl Clock) string {
	for _, st := range s.Steps {
		if contains(st.Step.Stop, cl.Name) && !st.Passed && !st.Settled() {
			return fmt.Sprintf("prove in %q (%s) that %s is back", st.Step.Title, st.standing(), cl.Component)
		}
	}
	return "prove that " + cl.Component + " is back"
}

// unfinished is the first step that keeps a phase from being finished, for a
// sentence; "" for none.
func (s State) unfinished(kind checklists.PhaseKind) string {
	for _, st := range s.Steps {
		if st.Phase == kind && !st.Settled() && !st.Step.Optional && st.Step.Kind() != checklists.Message && st.Step.Kind() != checklists.Inner && !st.Passed {
			return fmt.Sprintf("next is %q (%s)", st.Step.Title, st.standing())
		}
	}
	return ""
}

// needless says why a message that was never posted is not needed once the
// incident is resolved; empty: it is.
func (s State) needless(say Say, now time.Time) string {
	switch {
	case !say.PostedAt.IsZero() || say.NotNeeded:
		return ""
	case s.ending(say):
		if s.heard(say) {
			return ""
		}
		return "its channels never heard of the incident"
	case !say.Planned:
		return "resolved before anybody asked for it"
	case s.DueAt(say).After(now):
		return "resolved before it was due"
	}
	return ""
}

// heard says that a channel of the message was told of the incident.
func (s State) heard(say Say) bool {
	for _, r := range s.Rows {
		if _, ok := say.lane(r.Lane); ok {
			return true
		}
	}
	return false
}

// closeIncident ends the incident: everything is settled or said.
func closeIncident(s State, c Close) ([]Event, error) {
	switch {
	case s.Roles["commander"] != c.By:
		return nil, &Refusal{What: "close", Why: "only the commander closes"}
	case s.Resolved.IsZero():
		return nil, &Refusal{What: "close", Why: "it is not resolved", Do: "resolve it first"}
	}
	for _, st := range s.Steps {
		if !st.Settled() && !st.Step.Optional {
			return nil, &Refusal{What: "close", Why: fmt.Sprintf("%q is %s", st.Step.Title, st.standing()), Do: "finish it, or skip it with a reason"}
		}
	}
	for _, r := range s.Rows {
		if !r.State.Settled() {
			return nil, &Refusal{What: "close", Why: fmt.Sprintf("the message %s to %s is %s", Label(r.Template), r.Lane, r.State), Do: "settle it first"}
		}
	}
	for _, say := range s.Says {
		if due := s.DueAt(say); say.PostedAt.IsZero() && !due.IsZero() {
			return nil, &Refusal{What: "close", Why: "the message " + Label(say.Template) + " was never posted", Do: "post it, or leave it out with a reason (:leave REASON)"}
		}
	}
	if l := s.unheard(); l.Locked() {
		return nil, &Refusal{What: "close", Why: l.Why, Do: l.Do}
	}
	return []Event{Ended{How: "closed", By: c.By}}, nil
}
