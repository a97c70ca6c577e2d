package incident

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
)

// Apply folds one event into the state. It knows no rule, and what the old
// state refers to is never changed.
func Apply(s State, r Recorded) State {
	s.Seq++
	switch e := r.Event.(type) {
	case Declared:
		return applyDeclared(s, e, r.At)
	case StepStarted:
		return applyStarted(s, e, r)
	case StepStopped:
		return applyStopped(s, e, r.At)
	case HostEnded:
		return applyHostEnded(s, e, r.At)
	case StepMoved:
		return applyMoved(s, e, r.At)
	case CutOrdered, CutEnded:
		return applyCut(s, e, r)
	case StepDoubted, StepUpheld:
		return applyDoubt(s, e, r.At)
	case ClaimSeen:
		return s.step(e.Step, func(st *Step) { st.Claimed = r.At })
	case CheckRead:
		return applyCheck(s, e)
	case Chosen:
		return applyChosen(s, e, r.At)
	case ClockStarted, ClockStopped:
		return applyClock(s, e)
	case SayPosted, SayOverdue, SayDropped:
		return applySay(s, e, r.At)
	case RowQueued, RowStarted, RowLookStarted, RowChanged:
		return applyRow(s, e, r.At)
	case AlarmRaised, AlarmEnded, AlarmQuieted, AlarmAnswered, DoubleSignSeen:
		return applyAlarm(s, e, r.At)
	}
	return applyPeople(s, r)
}

func applyPeople(s State, r Recorded) State {
	switch e := r.Event.(type) {
	case Opened:
		s = s.log(r.At, e.By, "opened", "the cockpit opened the record again")
	case RoleTaken:
		s.Roles = with(s.Roles, e.Role, e.Person)
		s = s.log(r.At, e.By, "role", e.Person+" is "+e.Role)
	case ParamSet:
		s.Params = with(s.Params, e.Name, e.Value)
		s = s.log(r.At, e.By, "decision", e.Name+" = "+e.Value)
	case FieldSet:
		s.Fields = with(s.Fields, e.Name, e.Value)
	case FenceJudged:
		s.Fences = with(s.Fences, e.Step, e.Fence)
	case Refused:
		s.Refusals++
		s = s.log(r.At, e.By, "refused", e.What+": "+e.Why)
	case Noted:
		s = s.log(r.At, e.By, "note", e.Text)
		s.Log[len(s.Log)-1].Pinned, s.Log[len(s.Log)-1].Todo = e.Pinned, e.Todo
	case RollCalled:
		s = s.called(e.Roll, r.At)
	case SeveritySet:
		s.Severity = e.Severity
		s = s.log(r.At, e.By, "decision", "severity is "+e.Severity+reason(e.Reason))
	case Ended:
		switch e.How {
		case "resolved":
			s.Resolved = r.At
		case "closed":
			s.Closed = r.At
		case "aborted":
			s.Aborted = r.At
		}
		s = s.log(r.At, e.By, "command", e.How+reason(e.Reason))
	case Other:
		s = s.log(r.At, "", "other", "event of an unknown kind: "+e.Name)
	}
	return s
}

func reason(r string) string {
	if r == "" {
		return ""
	}
	return ": " + r
}

// log appends an entry to a copy of the log.
func (s State) log(at time.Time, by, kind, text string) State {
	s.Log = append(s.Log[:len(s.Log):len(s.Log)], Entry{At: at, By: by, Kind: kind, Text: text})
	return s
}

// with is a copy of m in which k is v.
func with[V any](m map[string]V, k string, v V) map[string]V {
	out := make(map[string]V, len(m)+1)
	maps.Copy(out, m)
	out[k] = v
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func applyDeclared(s State, e Declared, at time.Time) State {
	s.ID, s.Title, s.Drill, s.Severity, s.Runbook = e.ID, e.Title, e.Drill, e.Severity, e.Runbook
	s.Book, s.Declared, s.DeclaredBy, s.Onset = e.Book, at, e.By, e.Onset
	s.Roles, s.Params = maps.Clone(e.Roles), map[string]string{}
	for _, p := range e.Book.Params {
		if p.Default != "" {
			s.Params[p.Name] = p.Default
		}
	}
	maps.Copy(s.Params, e.Params)
	s.Choices = map[string]string{}
	for _, p := range checklists.Plan(e.Book) {
		st := Step{PlannedStep: p, Status: Todo}
		if only := p.Step.Only; only == "drill" && !e.Drill || only == "incident" && e.Drill {
			st.Status, st.Passed, st.Value, st.At = Skipped, true, "only in "+article(only), at
		}
		s.Steps = append(s.Steps, st)
	}
	for _, c := range e.Book.Clocks {
		s.Clocks = append(s.Clocks, aim(c, e.Targets))
	}
	for _, say := range e.Says {
		say.Next, say.Steps = 1, carriers(s.Steps, say.Template)
		s.Says = append(s.Says, say)
	}
	return s.log(at, e.By, "command", "declared "+e.ID+": "+e.Title)
}

func article(mode string) string {
	if mode == "incident" {
		return "an incident"
	}
	return "a " + mode
}

// aim gives a clock its target: the configuration's, or the runbook's where
// that is stricter.
func aim(c checklists.Clock, targets []Clock) Clock {
	out := Clock{Name: c.Name, Component: c.Component, RTO: c.RTO, RPO: c.RPO, Source: "runbook"}
	for _, t := range targets {
		if t.Component == c.Component && t.RTO > 0 && (out.RTO == 0 || t.RTO < out.RTO) {
			out.RTO, out.RPO, out.Source = t.RTO, t.RPO, t.Source
		}
	}
	return out
}

func carriers(steps []Step, template string) []string {
	var out []string
	for _, st := range steps {
		for _, b := range st.Step.Comms {
			if b.Template == template && !b.Otherwise {
				out = append(out, st.Step.ID)
			}
		}
	}
	return out
}

// step gives a copy of s in which the step was changed by f.
func (s State) step(id string, f func(*Step)) State {
	i := s.index(id)
	if i < 0 {
		return s
	}
	s.Steps = slices.Clone(s.Steps)
	f(&s.Steps[i])
	return s
}

func applyStarted(s State, e StepStarted, r Recorded) State {
	run := Run{Step: e.Step, Undo: e.Undo, At: r.At, By: e.By}
	for _, h := range e.Hosts {
		run.Hosts = append(run.Hosts, HostRun{Host: h})
	}
	s.Runs = with(s.Runs, r.ID, run)
	by := e.By
	if e.For != "" {
		by += " for " + e.For
	}
	return s.step(e.Step, func(st *Step) {
		st.Status, st.By, st.At, st.Effect, st.Value, st.Checks = Running, by, r.At, r.ID, "", nil
		st.Otherwise, st.Doubted, st.Upheld = nil, time.Time{}, time.Time{}
		st.Attempts++
	})
}

func applyStopped(s State, e StepStopped, at time.Time) State {
	run, ok := s.Runs[e.Effect]
	if !ok {
		return s
	}
	run.Stopped = e.By
	s.Runs = with(s.Runs, e.Effect, run)
	title := e.Step
	if st, ok := s.Step(e.Step); ok {
		title = st.Step.Title
	}
	return s.log(at, e.By, "stopped", fmt.Sprintf("stopped %q while it ran", title))
}

func applyHostEnded(s State, e HostEnded, at time.Time) State {
	run, ok := s.Runs[e.Effect]
	if !ok {
		return s
	}
	run.Hosts = slices.Clone(run.Hosts)
	for i := range run.Hosts {
		if h := &run.Hosts[i]; h.Host == e.Host {
			h.Class, h.Exit, h.Reason, h.SHA256, h.Size, h.At = e.Class, e.Exit, e.Reason, e.SHA256, e.Size, at
		}
	}
	s.Runs = with(s.Runs, e.Effect, run)
	if st, ok := s.Step(run.Step); ok && e.Capture != "" && st.Step.Run != nil && st.Step.Run.Capture != "" {
		s.Captures = with(s.Captures, st.Step.Run.Capture, e.Capture)
	}
	return s
}

func applyMoved(s State, e StepMoved, at time.Time) State {
	return s.step(e.Step, func(st *Step) {
		st.Status, st.At, st.Passed = e.To, at, e.Passed
		st.Otherwise, st.Doubted = nil, time.Time{}
		if e.By != "" {
			st.By = e.By
		}
		if e.Value != "" {
			st.Value = e.Value
		}
		if !e.Since.IsZero() {
			st.Since = e.Since
		}
	})
}

func applyCheck(s State, e CheckRead) State {
	return s.step(e.Step, func(st *Step) {
		st.Checks = slices.Clone(st.Checks)
		for len(st.Checks) <= e.Block {
			st.Checks = append(st.Checks, Check{})
		}
		st.Checks[e.Block] = Check{Held: e.Held, Readings: e.Readings}
	})
}

// applyChosen passes the steps of the other options and opens those of this
// one again, if another had been chosen before.
func applyChosen(s State, e Chosen, at time.Time) State {
	s.Choices = with(s.Choices, e.Choice, e.Letter)
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		st := &s.Steps[i]
		switch {
		case st.Choice != e.Choice:
		case st.Letter == e.Letter && st.Passed:
			st.Status, st.Passed, st.Value, st.At = Todo, false, "", at
		case st.Letter != e.Letter && !st.Settled():
			st.Status, st.Passed, st.At = Skipped, true, at
			st.Value = "option " + e.Letter + " is chosen"
		}
	}
	return s.log(at, e.By, "decision", "option "+e.Letter+" of "+e.Choice)
}

func applyClock(s State, e Event) State {
	s.Clocks = slices.Clone(s.Clocks)
	for i := range s.Clocks {
		c := &s.Clocks[i]
		switch e := e.(type) {
		case ClockStarted:
			if c.Name == e.Name {
				c.Started = e.From
			}
		case ClockStopped:
			if c.Name == e.Name {
				c.Stopped = e.At
			}
		}
	}
	return s
}

func applySay(s State, e Event, at time.Time) State {
	s.Says = slices.Clone(s.Says)
	for i := range s.Says {
		say := &s.Says[i]
		switch e := e.(type) {
		case SayPosted:
			if say.Template == e.Template {
				say.Next, say.DueAt, say.PostedAt, say.Overdue = e.Update+1, e.Next, at, false
			}
		case SayOverdue:
			say.Overdue = say.Overdue || say.Template == e.Template
		case SayDropped:
			say.NotNeeded = say.NotNeeded || say.Template == e.Template
		}
	}
	return s
}

func applyRow(s State, e Event, at time.Time) State {
	s.Rows = slices.Clone(s.Rows)
	change := func(id string, f func(outbox.Row) outbox.Row) {
		for i := range s.Rows {
			if s.Rows[i].ID == id {
				s.Rows[i] = f(s.Rows[i])
			}
		}
	}
	switch e := e.(type) {
	case RowQueued:
		s.Rows = append(s.Rows, e.Row)
		s = s.trail(e.Row.ID, e.Row.By, at)
	case RowStarted:
		change(e.Row, func(r outbox.Row) outbox.Row { return outbox.Started(r, at) })
		s = s.trail(e.Row, "", at)
	case RowLookStarted:
		change(e.Row, func(r outbox.Row) outbox.Row { return outbox.Started(r, at) })
		s = s.trail(e.Row, "", at)
	case RowChanged:
		change(e.Row.ID, func(outbox.Row) outbox.Row { return e.Row })
		s = s.trail(e.Row.ID, e.By, at)
	}
	return s
}

func applyAlarm(s State, e Event, at time.Time) State {
	s.Alarms = slices.Clone(s.Alarms)
	switch e := e.(type) {
	case AlarmRaised:
		s.Alarms = append(s.Alarms, e.Alarm)
	case AlarmEnded:
		for i := range s.Alarms {
			if s.Alarms[i].Kind == e.Name && s.Alarms[i].Ended.IsZero() {
				s.Alarms[i].Ended = at
			}
		}
	case AlarmQuieted:
		for i := range s.Alarms {
			if s.Alarms[i].Kind == e.Name {
				s.Alarms[i].Quiet = true
			}
		}
	case AlarmAnswered:
		for i := range s.Alarms {
			if a := &s.Alarms[i]; a.Kind == e.Name {
				a.Answer, a.Note = e.Answer, e.Note
			}
		}
		s = s.log(at, e.By, "decision", answered(e))
	case DoubleSignSeen:
		s.DoubleSigns = e.Count
		s = s.log(at, "", "double-sign", "the chain holds evidence of a double sign")
	}
	return s
}
