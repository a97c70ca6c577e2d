package incident

import (
	"fmt"
	"time"
)

// The ways to cut a host off from outside.
const (
	CutPower   = "power"
	CutNetwork = "network"
)

// Cut is one cut of a host's power or network, by the configuration's own
// command on this machine.
type Cut struct {
	ID     string    `json:"id"` // of the event that ordered it
	Host   string    `json:"host"`
	How    string    `json:"how"` // "power" or "network"
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Ended  time.Time `json:"ended,omitzero"`
	Failed string    `json:"failed,omitempty"` // why the command failed; "" when it did not
	// Held is what was read back: only true proves anything.
	Held Truth  `json:"held,omitempty"`
	Text string `json:"text,omitempty"` // what the state command printed
}

// cutHost orders a cut.
func cutHost(s State, c CutHost) ([]Event, error) {
	what := fmt.Sprintf("cut the %s of %s", c.How, c.Host)
	switch {
	case c.How != CutPower && c.How != CutNetwork:
		return nil, &Refusal{What: what, Why: "there is no such cut", Do: "power or network"}
	case !c.Known:
		return nil, &Refusal{What: what, Why: "the configuration has no command for it", Do: "cut it by hand; only what is read back counts"}
	case c.Confirm != c.Host:
		return nil, &Refusal{What: what, Why: "the typed word is not " + c.Host, Do: "type " + c.Host}
	}
	if _, ok := s.mayAct(c.By, "ops"); !ok {
		return nil, &Refusal{What: what, Why: "it belongs to ops, and " + c.By + " is not", Do: "take the role, or ask the commander"}
	}
	for _, old := range s.Cuts {
		if old.Host == c.Host && old.Ended.IsZero() {
			return nil, &Refusal{What: what, Why: "a cut of " + c.Host + " is under way", Do: "wait until it is read back"}
		}
	}
	return []Event{CutOrdered{Host: c.Host, How: c.How, By: c.By}}, nil
}

// cutResult records how a cut ended and what was read back.
func cutResult(s State, c CutResult) ([]Event, error) {
	for _, old := range s.Cuts {
		if old.ID == c.Cut && old.Ended.IsZero() {
			return []Event{CutEnded{Cut: c.Cut, Host: old.Host, How: old.How, Failed: c.Failed, Held: c.Held, Text: c.Text}}, nil
		}
	}
	return nil, nil
}

// lostCuts ends the cuts that ran when the cockpit died: what became of them is
// not known until it is read back.
func lostCuts(s State) []Event {
	var events []Event
	for _, old := range s.Cuts {
		if old.Ended.IsZero() {
			events = append(events, CutEnded{Cut: old.ID, Host: old.Host, How: old.How, Failed: "the cockpit ended while it ran", Held: NotKnown})
		}
	}
	return events
}

func applyCut(s State, e Event, r Recorded) State {
	switch e := e.(type) {
	case CutOrdered:
		s.Cuts = append(s.Cuts[:len(s.Cuts):len(s.Cuts)], Cut{ID: r.ID, Host: e.Host, How: e.How, By: e.By, At: r.At})
		return s.log(r.At, e.By, "cut", fmt.Sprintf("cuts the %s of %s", e.How, e.Host))
	case CutEnded:
		s.Cuts = append([]Cut(nil), s.Cuts...)
		for i := range s.Cuts {
			if c := &s.Cuts[i]; c.ID == e.Cut {
				c.Ended, c.Failed, c.Held, c.Text = r.At, e.Failed, e.Held, e.Text
			}
		}
		return s.log(r.At, "", "cut", e.words())
	}
	return s
}

// words are how a cut ended.
func (e CutEnded) words() string {
	did := fmt.Sprintf("the %s of %s: ", e.How, e.Host)
	back := map[Truth]string{True: "read back as cut", False: "read back as NOT cut", NotKnown: "whether it is cut is not known"}[e.Held]
	if back == "" {
		back = "not read back"
	}
	if e.Text != "" {
		back += fmt.Sprintf(" (%s)", e.Text)
	}
	if e.Failed != "" {
		back = "the command failed: " + e.Failed + "; " + back
	}
	return did + back
}
