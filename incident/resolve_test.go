package incident

import (
	"strings"
	"testing"
	"time"

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

// A title as long as stated is taken; one letter more is refused by name.
func TestATitleHasALimit(t *testing.T) {
	if err := TitleFits(strings.Repeat("ü", MaxTitle)); err != nil {
		t.Error(err)
	}
	err := TitleFits(strings.Repeat("ü", MaxTitle+1))
	if err == nil || !strings.Contains(err.Error(), "121 letters, 120 are the most") {
		t.Error(err)
	}
	if _, err := Decide(State{}, Declare{Title: strings.Repeat("x", 5000)}, time.Time{}); err == nil {
		t.Error("a title of 5,000 letters is taken")
	}
}
