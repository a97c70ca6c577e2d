package incident

import (
	"fmt"
	"strings"
	"time"
)

// doubtAfter is how long a read-back of a done action must be false before the
// step is doubted: one odd answer is none.
const doubtAfter = 20 * time.Second

// proven says that readings of a done action are still looked at: until the
// incident is resolved, while its option stands, and while no later action
// touched its hosts, which may have changed on purpose what it left. Only probes
// count: a script would have to be run on the host again and again.
func (s State) proven(st Step) bool {
	return st.Status == Done && st.Step.Run != nil && s.Resolved.IsZero() && s.Choices[st.Choice] == st.Letter &&
		hasProbe(st) && !s.overtaken(st)
}

func hasProbe(st Step) bool {
	for _, b := range st.Step.Verifies {
		if b.Lang == "probe" {
			return true
		}
	}
	return false
}

// overtaken says that a later effect ran on one of the hosts of the step's last.
func (s State) overtaken(st Step) bool {
	mine := s.Runs[st.Effect]
	for id, other := range s.Runs {
		if id == st.Effect || !other.At.After(mine.At) {
			continue
		}
		for _, h := range other.Hosts {
			for _, own := range mine.Hosts {
				if h.Host == own.Host {
					return true
				}
			}
		}
	}
	return false
}

// doubt looks at the read-backs of a done action. Unknown contradicts nothing.
func (s State) doubt(st Step, o Observed, now time.Time) []Event {
	var events []Event
	var against []Reading
	for i, b := range st.Step.Verifies {
		if b.Lang != "probe" {
			continue
		}
		old := Check{}
		if i < len(st.Checks) {
			old = st.Checks[i]
		}
		if held := s.window(b, old, o, i, now); changed(old, held, o.Checks[i]) {
			events = append(events, CheckRead{Step: st.Step.ID, Block: i, Held: held, Readings: o.Checks[i]})
			continue
		}
		for j, r := range o.Checks[i] {
			since := old.Readings[j].At
			if r.Truth == False && now.Sub(since) >= doubtAfter && since.After(st.Upheld) {
				against = append(against, r)
			}
		}
	}
	if len(against) > 0 && len(st.Otherwise) == 0 {
		events = append(events, StepDoubted{Step: st.Step.ID, Readings: against})
	}
	return events
}

func applyDoubt(s State, e Event, at time.Time) State {
	switch e := e.(type) {
	case StepDoubted:
		return s.step(e.Step, func(st *Step) { st.Otherwise, st.Doubted = e.Readings, at })
	case StepUpheld:
		s = s.step(e.Step, func(st *Step) { st.Otherwise, st.Doubted, st.Upheld = nil, time.Time{}, at })
		title := e.Step
		if st, ok := s.Step(e.Step); ok {
			title = st.Step.Title
		}
		return s.log(at, e.By, "decision", fmt.Sprintf("%q is done all the same%s", title, reason(e.Note)))
	}
	return s
}

// answerDoubt is a person's word on a done step that is seen otherwise.
func answerDoubt(s State, st Step, c Answer) ([]Event, error) {
	what := fmt.Sprintf("answer for %q", st.Step.Title)
	if _, ok := s.mayAct(c.By, st.Step.Role); !ok {
		return nil, &Refusal{What: what, Why: "it belongs to " + st.Step.Role + ", and " + c.By + " is not", Do: "take the role, or ask the commander"}
	}
	switch c.Ran {
	case "done":
		if strings.TrimSpace(c.Note) == "" {
			return nil, &Refusal{What: what, Why: "a reason is missing", Do: "say why it is done all the same"}
		}
		return []Event{StepUpheld{Step: c.Step, By: c.By, Note: strings.TrimSpace(c.Note)}}, nil
	case "failed":
		return []Event{StepMoved{Step: c.Step, To: Failed, By: c.By, Value: "seen otherwise" + reason(c.Note)}}, nil
	case "retry":
		return []Event{StepMoved{Step: c.Step, To: Todo, By: c.By, Value: "to be run again" + reason(c.Note)}}, nil
	}
	return nil, &Refusal{What: what, Why: c.Ran + " is no answer", Do: "done, failed or retry"}
}
