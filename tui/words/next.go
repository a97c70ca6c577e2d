package words

import (
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
)

// Do is what a person can do about a step, or about the whole, now.
type Do int

// The kinds of things to do.
const (
	DoNothing Do = iota // all is calm
	DoDeclare           // something is wrong and no incident is open
	DoRun
	DoTick
	DoPost
	DoWatch  // it is seen by itself
	DoRoll   // operators are called, and what they say is written down
	DoWait   // something runs
	DoInside // it is settled by the steps of the procedure it carries
	DoAnswer
	DoChoose
	DoResolve
	DoClose
	DoLocked
	DoOver // closed or aborted
)

// Next is what to do next.
type Next struct {
	Do     Do
	Step   cockpit.StepView // of DoRun to DoAnswer and DoLocked
	Choice cockpit.ChoiceView
	Say    cockpit.SayView // of DoPost
}

// NextOf is what to do next for the whole incident.
func NextOf(v cockpit.View) Next {
	switch {
	case v.State.ID == "" && v.Offer != nil:
		return Next{Do: DoDeclare}
	case v.State.ID == "":
		return Next{Do: DoNothing}
	case !v.State.Open():
		return Next{Do: DoOver}
	case v.CanClose:
		return Next{Do: DoClose}
	case v.CanResolve && v.State.Resolved.IsZero():
		return Next{Do: DoResolve}
	}
	st, ok := v.Step(v.Current)
	if c, open := OpenChoice(v); open && (!ok || comesBefore(v, c, st)) {
		return Next{Do: DoChoose, Choice: c}
	}
	if !ok {
		if s, owed := lastWord(v); owed {
			return Next{Do: DoPost, Say: s}
		}
		return Next{Do: DoNothing}
	}
	return ForStep(v, st)
}

// lastWord is the first message that must be said before the incident can be
// closed.
func lastWord(v cockpit.View) (cockpit.SayView, bool) {
	for _, s := range v.Says {
		if !v.State.Resolved.IsZero() && !s.Due.IsZero() && !s.NotNeeded && !s.Lock.Locked() {
			return s, true
		}
	}
	return cockpit.SayView{}, false
}

// Checking is the step that ran and whose check is not through yet.
func Checking(v cockpit.View) (cockpit.StepView, bool) {
	for _, st := range v.Steps {
		if st.Status == incident.Verifying && st.Step.Step.Kind() == checklists.Action && !st.Passed && !Elsewhere(v, st) {
			return st, true
		}
	}
	return cockpit.StepView{}, false
}

// Presses says that the step to do next wants the eye before all others: it
// failed, runs, or nobody knows what became of it.
func Presses(v cockpit.View) bool {
	st, ok := v.Step(v.Current)
	switch st.Status {
	case incident.Unknown, incident.Failed, incident.TimedOut, incident.Running:
		return ok
	}
	return false
}

// comesBefore says that the choice stands before the step in the book, and
// that the step does not press: nothing runs, failed or asks.
func comesBefore(v cockpit.View, c cockpit.ChoiceView, st cockpit.StepView) bool {
	if st.Status != incident.Todo && st.Status != incident.Verifying {
		return false
	}
	for _, o := range v.Steps {
		if o.Choice == c.Key {
			return o.Index < st.Index
		}
	}
	return false
}

// OpenChoice is the first choice that waits for a decision.
func OpenChoice(v cockpit.View) (cockpit.ChoiceView, bool) {
	for _, c := range v.Choices {
		if c.Open && c.Taken == "" {
			return c, true
		}
	}
	return cockpit.ChoiceView{}, false
}

// ForStep is what can be done about one step.
func ForStep(v cockpit.View, st cockpit.StepView) Next {
	n := Next{Step: st}
	kind := st.Step.Step.Kind()
	switch {
	case st.Status == incident.Unknown || st.Status == incident.Done && len(st.Otherwise) > 0:
		n.Do = DoAnswer
	case st.Status == incident.Running || st.Status == incident.Waiting:
		n.Do = DoWait
	case st.Step.Step.CallsRoll() && !st.Settled() && !st.Lock.Locked():
		n.Do = DoRoll
	case st.Status == incident.Verifying || st.Status == incident.NoLonger:
		n.Do = DoWatch
	case st.Settled():
		n.Do = DoNothing
	case st.Lock.Locked():
		n.Do = DoLocked
	case kind == checklists.Action:
		n.Do = DoRun
	case kind == checklists.Signed:
		n.Do = DoTick
	case kind == checklists.Message:
		n.Do, n.Say = DoPost, firstUnposted(v, st)
	case kind == checklists.Sensed:
		n.Do = DoWatch
	case kind == checklists.Inner:
		n.Do = DoInside
	}
	return n
}

// Inside says what a step that carries the procedure waits for: it is never
// done by hand.
func Inside(v cockpit.View, st cockpit.StepView) string {
	if c, open := OpenChoice(v); open && c.Phase == st.Phase {
		return "First choose the way: c. With the steps below it is done by itself."
	}
	settled, all := v.State.Inside(st.Step)
	return Num(int64(settled)) + " of " + Num(int64(all)) + " steps below are done; then it is done by itself."
}

// firstUnposted is the first message of a step that was not posted yet.
func firstUnposted(v cockpit.View, st cockpit.StepView) cockpit.SayView {
	var first cockpit.SayView
	for _, b := range st.Step.Step.Comms {
		s, ok := v.Message(b.Template)
		if ok && s.PostedAt.IsZero() && !s.NotNeeded {
			return s
		}
		if ok && first.Template == "" {
			first = s
		}
	}
	return first
}
