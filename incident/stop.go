package incident

import "fmt"

// Stoppable says that an action of the step runs that was not stopped yet.
func (s State) Stoppable(st Step) bool {
	run, ok := s.Runs[st.Effect]
	return ok && st.Status == Running && run.Stopped == ""
}

// stop orders the end of a running action. It is recorded before it is done;
// how each host ended comes as its result, and what had not ended by then is
// lost: it may still run there.
func stop(s State, c Stop) ([]Event, error) {
	st, ok := s.Step(c.Step)
	if !ok {
		return nil, &Refusal{What: "stop " + c.Step, Why: "the runbook has no such step"}
	}
	what := fmt.Sprintf("stop %q", st.Step.Title)
	switch {
	case st.Status != Running:
		return nil, &Refusal{What: what, Why: "nothing runs there, it is " + string(st.Status)}
	case !s.Stoppable(st):
		return nil, &Refusal{What: what, Why: "it was stopped already", Do: "wait until its hosts have answered or are given up"}
	case c.Confirm != StopWord:
		return nil, &Refusal{What: what, Why: "the typed word is not " + StopWord, Do: "type " + StopWord}
	}
	if _, ok := s.mayAct(c.By, st.Step.Role); !ok && s.Runs[st.Effect].By != c.By {
		return nil, &Refusal{What: what, Why: "it belongs to " + st.Step.Role + ", and " + c.By + " is not", Do: "take the role, or ask the commander"}
	}
	return []Event{StepStopped{Step: c.Step, Effect: st.Effect, By: c.By}}, nil
}
