package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
)

// runStep is the order of one step: needs, role, approval, confirmation,
// guards, fence; then the effect is recorded.
func runStep(s State, c RunStep, now time.Time) ([]Event, error) {
	st, ok := s.Step(c.Step)
	if !ok {
		return nil, &Refusal{What: "run " + c.Step, Why: "the runbook has no such step"}
	}
	what := fmt.Sprintf("run %q", st.Step.Title)
	if st.Step.Run == nil {
		return nil, &Refusal{What: what, Why: "there is nothing to run in it"}
	}
	switch st.Status {
	case Todo, Failed, TimedOut, Undone:
	case Done:
		if len(st.Otherwise) > 0 {
			return nil, &Refusal{What: what, Why: "it is done, but seen otherwise", Do: "say first what that means: done, failed or retry"}
		}
		return nil, &Refusal{What: what, Why: "it is done"}
	case Unknown:
		return nil, &Refusal{What: what, Why: "it may have run already", Do: "say what you know of it first: done, failed or retry"}
	default:
		return nil, &Refusal{What: what, Why: "it is " + string(st.Status)}
	}
	if l := s.Gate(st); l.Locked() {
		return nil, &Refusal{What: what, Why: l.Why, Do: l.Do}
	}
	b := *st.Step.Run
	role, err := s.permitted(st.Step, c.By, c.Approver, c.Confirm, what)
	if err != nil {
		return nil, err
	}
	if err := guarded(c.Guards, countGuards(st.Step.Guards), now, what); err != nil {
		return nil, err
	}
	if len(c.Hosts) == 0 {
		return nil, &Refusal{What: what, Why: "no host is named", Do: "fill in the parameter " + b.Host + b.Group}
	}
	events, err := s.fenced(st.Step.ID, b, c.Fence, c.By, now, what)
	if err != nil {
		return events, err
	}
	return append(events, StepStarted{Step: c.Step, Hosts: c.Hosts, Script: c.Script, Values: c.Values, By: c.By, For: role,
		Approver: s.approver(st.Step, c), Guards: c.Guards}), nil
}

func (s State) approver(st checklists.Step, c RunStep) string {
	if st.Approve == "commander" && s.Roles["commander"] == c.By {
		return c.By
	}
	return c.Approver
}

// permitted checks role, approval and confirmation.
func (s State) permitted(st checklists.Step, by, approver, confirm, what string) (inPlaceOf string, err error) {
	role, ok := s.mayAct(by, st.Role)
	if !ok {
		return "", &Refusal{What: what, Why: "it belongs to " + st.Role + ", and " + by + " is not",
			Do: "take the role, or ask the commander"}
	}
	switch st.Approve {
	case "commander":
		if s.Roles["commander"] != by && s.Roles["commander"] != approver {
			return "", &Refusal{What: what, Why: "the commander has not approved it", Do: "ask " + s.Roles["commander"]}
		}
	case "2":
		if approver == "" || approver == by {
			return "", &Refusal{What: what, Why: "a second person must approve it", Do: "someone other than " + by + " approves"}
		}
	}
	if want := s.Fill(st.Confirm); want != "" && confirm != want {
		return "", &Refusal{What: what, Why: "the typed word is not " + want, Do: "type " + want}
	}
	return role, nil
}

// Fill is v with a leading $param replaced by the parameter's value.
func (s State) Fill(v string) string {
	if name, ok := strings.CutPrefix(v, "$"); ok {
		return s.Params[name]
	}
	return v
}

// guarded checks the readings of all guards. A guard that was not read, could
// not be answered, or is too old blocks like one that is false.
func guarded(rs []Reading, atLeast int, now time.Time, what string) error {
	if len(rs) < atLeast {
		return &Refusal{What: what, Why: "its guards were not read", Do: "read again"}
	}
	for _, r := range rs {
		switch {
		case r.Truth == NotKnown || r.Truth == "":
			return &Refusal{What: what, Why: fmt.Sprintf("guard %q is not known: %s", r.Text, r.Why), Do: "find out, then try again"}
		case r.Truth != True:
			return &Refusal{What: what, Why: fmt.Sprintf("guard %q does not hold: seen %s", r.Text, r.Value)}
		case now.Sub(r.At) > fresh(0):
			return &Refusal{What: what, Why: fmt.Sprintf("guard %q was read %s ago", r.Text, now.Sub(r.At).Round(time.Second)), Do: "read again"}
		}
	}
	return nil
}

// countGuards is how many readings the guards must bring at least.
func countGuards(blocks []checklists.Block) int {
	n := 0
	for _, b := range blocks {
		n += max(1, len(b.Probes))
	}
	return n
}

// fenced judges a start. It gives the verdict's event also when it refuses.
func (s State) fenced(step string, b checklists.Block, e *fence.Evidence, by string, now time.Time, what string) ([]Event, error) {
	if !b.HasFence() {
		return nil, nil
	}
	var ev fence.Evidence
	if e != nil {
		ev = *e
	}
	v := fence.Judge(ev, now)
	events := []Event{FenceJudged{Step: step, Fence: Fence{At: now, Verdict: v}}}
	if v.Allow {
		return events, nil
	}
	why := whyRefused(v)
	events = append(events, Refused{By: by, What: what, Why: why})
	return events, &Refusal{What: what, Why: why, Do: "waiting costs nothing"}
}

// whyRefused names what contradicts and what is missing, the worst first.
func whyRefused(v fence.Verdict) string {
	why := v.Summary
	for _, state := range []fence.State{fence.Contradicting, fence.Missing} {
		for _, it := range v.Items {
			if it.State == state {
				why += fmt.Sprintf(" %s: %s: %s", strings.ToUpper(string(state)), it.Name, it.Text)
			}
		}
	}
	return why
}

func undoStep(s State, c UndoStep, now time.Time) ([]Event, error) {
	st, ok := s.Step(c.Step)
	if !ok || st.Step.Undo == nil {
		return nil, &Refusal{What: "undo " + c.Step, Why: "this step has no undo"}
	}
	what := fmt.Sprintf("undo %q", st.Step.Title)
	switch st.Status {
	case Done, Failed, TimedOut:
	default:
		return nil, &Refusal{What: what, Why: "it is " + string(st.Status)}
	}
	if later := s.laterChange(st); later != "" {
		return nil, &Refusal{What: what, Why: fmt.Sprintf("%q was done after it", later), Do: "undo in reverse order"}
	}
	if _, err := s.permitted(checklists.Step{Role: st.Step.Role, Confirm: st.Step.Confirm}, c.By, "", c.Confirm, what); err != nil {
		return nil, err
	}
	if err := guarded(c.Guards, countGuards(st.Step.UndoGuards), now, what); err != nil {
		return nil, err
	}
	events, err := s.fenced(st.Step.ID, *st.Step.Undo, c.Fence, c.By, now, what)
	if err != nil {
		return events, err
	}
	return append(events, StepStarted{Step: c.Step, Undo: true, Hosts: c.Hosts, Script: c.Script, By: c.By, Guards: c.Guards}), nil
}

// laterChange is the title of a changing step that was begun after st and is
// not undone.
func (s State) laterChange(st Step) string {
	for _, o := range s.Steps {
		if o.Step.ID != st.Step.ID && o.Step.Run != nil && o.At.After(st.At) &&
			o.Status != Todo && o.Status != Undone && o.Status != Skipped {
			return o.Step.Title
		}
	}
	return ""
}

// hostResult records how an effect ended on a host, and moves the step once it
// has ended on all of them.
func hostResult(s State, c HostResult, now time.Time) ([]Event, error) {
	run, ok := s.Runs[c.Effect]
	if !ok {
		return nil, fmt.Errorf("incident: result of effect %s, which is not in the record", c.Effect)
	}
	ended := HostEnded{Effect: c.Effect, Host: c.Host, Class: c.Class, Exit: c.Exit, Reason: c.Reason,
		SHA256: c.SHA256, Size: c.Size, Capture: c.Capture}
	var hosts []HostRun
	known := false
	for _, h := range run.Hosts {
		if h.Host == c.Host {
			if h.Class != "" {
				return nil, nil // told twice
			}
			known = true
			h.Class, h.Exit, h.Reason = c.Class, c.Exit, c.Reason
		}
		hosts = append(hosts, h)
	}
	if !known {
		return nil, fmt.Errorf("incident: effect %s did not run on %s", c.Effect, c.Host)
	}
	events := []Event{ended}
	if st, ok := s.Step(run.Step); ok && st.Effect == c.Effect && st.Status == Running {
		events = append(events, afterRun(s, st, run.Undo, hosts, now)...)
	}
	return events, nil
}

// afterRun is where a step goes when all its hosts have ended.
func afterRun(s State, st Step, undo bool, hosts []HostRun, now time.Time) []Event {
	var lost, bad []string
	for _, h := range hosts {
		switch {
		case h.Class == "":
			return nil
		case h.Class == Lost:
			lost = append(lost, h.Host)
		case h.Class == NotStarted:
			bad = append(bad, h.Host+": "+h.Reason)
		case h.Exit != 0:
			bad = append(bad, fmt.Sprintf("%s: exit %d", h.Host, h.Exit))
		}
	}
	switch {
	case len(lost) > 0:
		return []Event{StepMoved{Step: st.Step.ID, To: Unknown, Value: halted(s.Runs[st.Effect]) + "no result from " + strings.Join(lost, ", ") + ": it may still run"}}
	case len(bad) > 0:
		return []Event{StepMoved{Step: st.Step.ID, To: Failed, Value: strings.Join(bad, "; ")}}
	case undo:
		return []Event{StepMoved{Step: st.Step.ID, To: Undone}}
	case len(st.Step.Verifies) > 0:
		return []Event{StepMoved{Step: st.Step.ID, To: Verifying}}
	}
	return s.complete(st, now, now, "")
}

func halted(r Run) string {
	if r.Stopped == "" {
		return ""
	}
	return "stopped by " + r.Stopped + "; "
}

// complete moves a step to done, with the clocks it starts and stops. since is
// the start of the window that proved it.
func (s State) complete(st Step, since, now time.Time, value string) []Event {
	events := []Event{StepMoved{Step: st.Step.ID, To: Done, Since: since, Value: value, By: st.By}}
	for _, c := range s.Clocks {
		if contains(st.Step.Start, c.Name) && c.Started.IsZero() {
			from := s.Onset
			if from.IsZero() {
				from = s.Declared
			}
			events = append(events, ClockStarted{Name: c.Name, From: from})
		}
		if contains(st.Step.Stop, c.Name) && c.Stopped.IsZero() {
			at := since
			if !c.Started.IsZero() && at.Before(c.Started) {
				at = c.Started
			}
			events = append(events, ClockStopped{Name: c.Name, At: at, Step: st.Step.ID})
		}
	}
	return events
}

func sign(s State, c Sign, now time.Time) ([]Event, error) {
	st, ok := s.Step(c.Step)
	if !ok {
		return nil, &Refusal{What: "tick " + c.Step, Why: "the runbook has no such step"}
	}
	what := fmt.Sprintf("tick %q", st.Step.Title)
	switch st.Step.Kind() {
	case checklists.Signed:
	case checklists.Message:
		if !s.Unplanned(st.Step) {
			return nil, &Refusal{What: what, Why: "it is done by posting it", Do: "post it, or skip it with a reason"}
		}
	case checklists.Sensed:
		return nil, &Refusal{What: what, Why: "it is sensed: nobody ticks it", Do: "wait until it is seen, or skip it with a reason"}
	default:
		return nil, &Refusal{What: what, Why: "it is done by doing it", Do: "run it, post it, or skip it with a reason"}
	}
	if st.Settled() {
		return nil, &Refusal{What: what, Why: "it is " + string(st.Status) + " already"}
	}
	if l := s.Gate(st); l.Locked() {
		return nil, &Refusal{What: what, Why: l.Why, Do: l.Do}
	}
	if _, err := s.permitted(st.Step, c.By, "", s.Fill(st.Step.Confirm), what); err != nil {
		return nil, err
	}
	if st.Step.Evidence != "" && strings.TrimSpace(c.Value) == "" {
		return nil, &Refusal{What: what, Why: "it asks for a " + st.Step.Evidence, Do: "write it down"}
	}
	st.By = c.By
	return s.complete(st, now, now, c.Value), nil
}

func skip(s State, c Skip) ([]Event, error) {
	st, ok := s.Step(c.Step)
	what := fmt.Sprintf("skip %q", c.Step)
	switch {
	case !ok:
		return nil, &Refusal{What: what, Why: "the runbook has no such step"}
	case s.Roles["commander"] != c.By:
		return nil, &Refusal{What: what, Why: "only the commander skips"}
	case strings.TrimSpace(c.Reason) == "":
		return nil, &Refusal{What: what, Why: "a reason is missing", Do: "say why"}
	case st.Step.Must:
		return nil, &Refusal{What: what, Why: "the runbook lets nobody skip it: what follows rests on it", Do: "do it, or abort with a reason"}
	case st.Status == Running:
		return nil, &Refusal{What: what, Why: "it is running", Do: "wait until it has ended"}
	case st.Settled():
		return nil, &Refusal{What: what, Why: "it is " + string(st.Status) + " already"}
	}
	return []Event{StepMoved{Step: c.Step, To: Skipped, By: c.By, Value: c.Reason}}, nil
}

// answer settles a step in state unknown, or a done one that is seen otherwise. "done" still wants the proof where
// the step has one.
func answer(s State, c Answer, now time.Time) ([]Event, error) {
	st, ok := s.Step(c.Step)
	if ok && st.Status == Done && len(st.Otherwise) > 0 {
		return answerDoubt(s, st, c)
	}
	if !ok || st.Status != Unknown {
		return nil, &Refusal{What: "answer for " + c.Step, Why: "it is not unknown"}
	}
	switch c.Ran {
	case "done":
		if len(st.Step.Verifies) > 0 {
			return []Event{StepMoved{Step: c.Step, To: Verifying, By: c.By, Value: "said to have run: " + c.Note}}, nil
		}
		st.By = c.By
		return s.complete(st, now, now, "said to have run: "+c.Note), nil
	case "failed":
		return []Event{StepMoved{Step: c.Step, To: Failed, By: c.By, Value: "said to have failed: " + c.Note}}, nil
	case "retry":
		return []Event{StepMoved{Step: c.Step, To: Todo, By: c.By, Value: "to be run again: " + c.Note}}, nil
	}
	return nil, &Refusal{What: "answer for " + c.Step, Why: c.Ran + " is no answer", Do: "done, failed or retry"}
}
