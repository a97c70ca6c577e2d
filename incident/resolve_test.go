package incident

import (
	"testing"

	"github.com/virtengine/relight/checklists"
)

// A refusal to resolve names the step that is in its way.
func TestWhatKeepsFromResolvingIsNamed(t *testing.T) {
	step := func(id string, kind checklists.PhaseKind, status Status) Step {
		return Step{PlannedStep: checklists.PlannedStep{Phase: kind, Step: checklists.Step{ID: id, Title: "Step " + id}}, Status: status}
	}
	s := State{ID: "i", Steps: []Step{step("a", checklists.During, Done), step("b", checklists.During, Todo), step("c", checklists.After, Todo)}}
	if l := s.notBack(); l.Do != `finish it, next is "Step b" (todo), or skip what is left with a reason` {
		t.Errorf("while a phase is open: %+v", l)
	}
	s.Steps[1].Status = Skipped
	s.Steps[2].Step.Stop = []string{"validator"}
	s.Clocks = []Clock{{Name: "validator", Component: "Validator node", Started: s.Declared.AddDate(1, 0, 0)}}
	if l := s.notBack(); l.Do != `prove in "Step c" (todo) that Validator node is back` {
		t.Errorf("while a clock runs: %+v", l)
	}
}
