package cli

import (
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

// otherFlights are the shipped runbooks whose drills are flown by tests of their
// own.
func otherFlights() map[string]bool {
	return map[string]bool{backbone: true, firstDrill: true}
}

// Every shipped runbook has a drill on the built-in fleet, and the autopilot flies
// it to its end: every step settled and none failed, every clock met, every
// message delivered, nothing signed twice.
func TestLibraryFlies(t *testing.T) {
	books, err := checklists.Library()
	if err != nil {
		t.Fatal(err)
	}
	watched := map[string]bool{"chain-halt": true, "database-corruption": true, "monitoring-recovery": true}
	if raced {
		t.Log("THE RACE DETECTOR WATCHES THREE FLIGHTS; make test flies every runbook without it")
	}
	for _, b := range books {
		if otherFlights()[b.ID] || raced && !watched[b.ID] {
			continue
		}
		t.Run(b.ID, func(t *testing.T) {
			t.Parallel()
			args := []string{"--seed", "7"}
			if whole, err := (shelf{}).Flight(b.ID); err != nil {
				t.Fatal(err)
			} else if _, asks := whole.Param("stable"); asks {
				args = append(args, "--param", "stable=1m")
			}
			s, code := flyBook(t, b.ID, nil, args...)
			sound(t, s, code)
		})
	}
}

// The second way of a runbook with options flies as well.
func TestOtherWays(t *testing.T) {
	if raced {
		t.Log("FLOWN WITHOUT THE RACE DETECTOR by make test")
		return
	}
	for book, option := range map[string]string{"validator-node-loss": "build-it-anew=B"} {
		s, code := flyBook(t, book, nil, "--seed", "7", "--option", option, "--param", "stable=1m")
		sound(t, s, code)
		if s.Options["build-it-anew"] != "B" {
			t.Errorf("%s: options %v", book, s.Options)
		}
	}
}

// sound is a flight that left nothing open.
func sound(t *testing.T, s summary, code int) {
	t.Helper()
	if code != 0 || s.Outcome != "resolved" || s.DoubleSigns != 0 {
		t.Errorf("exit %d: %+v", code, s)
	}
	for _, c := range s.Clocks {
		if !c.Met {
			t.Errorf("clock %+v", c)
		}
	}
	for state, n := range s.Steps {
		if n > 0 && state != string(incident.Done) && state != string(incident.Skipped) {
			t.Errorf("%d steps are %s", n, state)
		}
	}
	for _, m := range s.Messages {
		if m.State != "delivered" {
			t.Errorf("message %+v", m)
		}
	}
}
