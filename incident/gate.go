package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
)

// Lock says why a step cannot be worked on now, and what would open it. The
// zero value is an open door.
type Lock struct {
	Why string `json:"why,omitempty"`
	Do  string `json:"do,omitempty"`
}

// Locked says that something stands in the way.
func (l Lock) Locked() bool { return l.Why != "" }

// Step is the step with that id.
func (s State) Step(id string) (Step, bool) {
	if i := s.index(id); i >= 0 {
		return s.Steps[i], true
	}
	return Step{}, false
}

func (s State) index(id string) int {
	for i := range s.Steps {
		if s.Steps[i].Step.ID == id {
			return i
		}
	}
	return -1
}

// Phase is the first phase in which a required step is not settled; After once
// all are. Messages hold up no phase: the plan says when they are due, and the
// close asks for them.
func (s State) Phase() checklists.PhaseKind {
	for _, kind := range []checklists.PhaseKind{checklists.Before, checklists.During} {
		for _, st := range s.Steps {
			if st.Phase == kind && !st.Settled() && !st.Step.Optional && st.Step.Kind() != checklists.Message {
				return kind
			}
		}
	}
	return checklists.After
}

// phaseOpen says that work of that phase may be done: phases come one after
// the other, and a phase once opened stays open.
func (s State) phaseOpen(kind checklists.PhaseKind) bool {
	order := map[checklists.PhaseKind]int{checklists.Before: 0, checklists.During: 1, checklists.After: 2}
	return order[kind] <= order[s.Phase()]
}

// Gate says why the step cannot be worked on now, apart from what has to be
// seen (guards, the fence), which is judged when it is asked for.
func (s State) Gate(st Step) Lock {
	switch {
	case !s.Open():
		return Lock{Why: "no incident is open"}
	case !s.phaseOpen(st.Phase) && !(st.Step.Kind() == checklists.Message && st.Phase != checklists.After):
		// Words may be due before the first phase is through; only the last
		// ones wait for their phase.
		return Lock{Why: "the phase " + title(s.Phase()) + " is not finished", Do: "finish it, or skip what is left with a reason"}
	}
	if st.Choice != "" {
		switch got := s.Choices[st.Choice]; {
		case got == "":
			return Lock{Why: "no option is chosen", Do: "choose " + strings.Join(s.letters(st.Choice), " or ")}
		case got != st.Letter:
			return Lock{Why: "option " + got + " is chosen", Do: "choose " + st.Letter + " to go this way"}
		}
	}
	var missing []string
	for _, need := range st.Step.Needs {
		if n, ok := s.Step(need); ok && !n.Settled() {
			missing = append(missing, fmt.Sprintf("%q (%s)", n.Step.Title, n.standing()))
		}
	}
	if len(missing) > 0 {
		return Lock{Why: "first " + strings.Join(missing, " and ")}
	}
	if st.Step.Kind() == checklists.Message {
		if l := s.held(); l.Locked() {
			return l
		}
	}
	if saysResolved(st.Step) {
		return s.tooSoon()
	}
	return Lock{}
}

func title(k checklists.PhaseKind) string {
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}

// letters of a choice, in the book's order.
func (s State) letters(choice string) []string {
	var out []string
	seen := map[string]bool{}
	for _, st := range s.Steps {
		if st.Choice == choice && !seen[st.Letter] {
			seen[st.Letter] = true
			out = append(out, st.Letter)
		}
	}
	return out
}

// OpenChoices are the choices of the open phases that were not taken yet.
func (s State) OpenChoices() []string {
	var out []string
	seen := map[string]bool{}
	for _, st := range s.Steps {
		if st.Choice != "" && !seen[st.Choice] && s.Choices[st.Choice] == "" && s.phaseOpen(st.Phase) {
			seen[st.Choice] = true
			out = append(out, st.Choice)
		}
	}
	return out
}

// Watched says that readings of the step's verifications matter now: it is
// being verified, it is sensed and its turn has come, or it was proven by
// sensing and nothing was built on it yet, or it is an action whose read-backs
// should still hold.
func (s State) Watched(st Step) bool {
	if st.Passed || len(st.Step.Verifies) == 0 || !s.Open() {
		return false
	}
	switch st.Status {
	case Verifying, NoLonger:
		return true
	case TimedOut:
		return !s.Gate(st).Locked()
	case Todo, Undone:
		return st.Step.Kind() == checklists.Sensed && !s.Gate(st).Locked()
	case Done:
		if s.proven(st) {
			return true
		}
		return st.Step.Kind() == checklists.Sensed && st.Phase == s.Phase() && !s.builtOn(st.Step.ID)
	}
	return false
}

// builtOn says that a step that needs id was begun.
func (s State) builtOn(id string) bool {
	for _, st := range s.Steps {
		if st.Status == Todo || st.Passed {
			continue
		}
		for _, need := range st.Step.Needs {
			if need == id {
				return true
			}
		}
	}
	return false
}

// mayAct says that by may do what role is asked for, and in whose place.
func (s State) mayAct(by, role string) (inPlaceOf string, ok bool) {
	if role == "" || s.Roles[role] == by {
		return "", true
	}
	if s.Roles["commander"] == by {
		return role, true
	}
	return "", false
}

// fresh is how old a reading may be that is to be believed: three of the
// rounds in which it is read, at least fifteen seconds.
func fresh(every time.Duration) time.Duration { return max(3*every, 15*time.Second) }

// holds says that all readings are there, true and fresh.
func holds(rs []Reading, now time.Time, every time.Duration) bool {
	for _, r := range rs {
		if r.Truth != True || now.Sub(r.At) > fresh(every) {
			return false
		}
	}
	return len(rs) > 0
}
