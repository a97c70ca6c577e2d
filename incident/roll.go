package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/safe"
)

// The stages of the roll call of a halted chain, in their order.
const (
	RollAsked   = "asked"   // the operator was asked
	RollReached = "reached" // and answered
	RollReady   = "ready"   // and is ready to vote: version and height are known
	RollOut     = "out"     // and will not take part
)

// Roll is where the roll call stands with the operator of one validator, ours or
// somebody else's.
type Roll struct {
	Address string    `json:"address"` // of the validator's key
	Name    string    `json:"name"`
	Stage   string    `json:"stage"`
	Version string    `json:"version,omitempty"` // of the program, as the operator said
	Height  int64     `json:"height,omitempty"`  // of the operator's last block, as he said
	Note    string    `json:"note,omitempty"`
	By      string    `json:"by"`
	At      time.Time `json:"at,omitzero"`
}

// CallRoll writes down what an operator said. Version and Height are needed from
// who is ready: a validator on another program or another block helps nobody. Tip
// is the last block of the chain, as it is seen; 0: not known.
type CallRoll struct {
	Roll
	Tip int64
}

func (CallRoll) command() {}

// RollCalled is one answer of the roll call.
type RollCalled struct{ Roll }

// Kind names the event.
func (RollCalled) Kind() string { return "roll-called" }

func callRoll(s State, c CallRoll) ([]Event, error) {
	what := "roll call of " + safe.Short(c.Name, 40)
	switch {
	case c.Address == "" || c.Name == "":
		return nil, &Refusal{What: "roll call", Why: "no validator is named", Do: "name one of the set, as the votes show it"}
	case c.Stage != RollAsked && c.Stage != RollReached && c.Stage != RollReady && c.Stage != RollOut:
		return nil, &Refusal{What: what, Why: fmt.Sprintf("%q is no stage of it", safe.Short(c.Stage, 20)), Do: "asked, reached, ready or out"}
	case c.Stage == RollReady && (c.Version == "" || c.Height <= 0):
		return nil, &Refusal{What: what, Why: "who is ready says which version runs and at which height it stands", Do: "ask for both, then write ready VERSION HEIGHT"}
	}
	if why, do := s.unready(c); why != "" {
		return nil, &Refusal{What: what, Why: why, Do: do}
	}
	if _, ok := s.mayAct(c.By, "comms"); !ok {
		return nil, &Refusal{What: what, Why: "it belongs to comms, and " + c.By + " is not", Do: "take the role, or ask the commander"}
	}
	return []Event{RollCalled{Roll{Address: c.Address, Name: safe.Short(c.Name, 40), Stage: c.Stage, Version: safe.Short(strings.TrimSpace(c.Version), 40),
		Height: c.Height, Note: safe.Short(strings.TrimSpace(c.Note), 200), By: c.By}}}, nil
}

// unready is what keeps an operator who says that he is ready from being so: he
// stands at another block than the chain, or runs another program than those who
// said so before him and nobody wrote down why.
func (s State) unready(c CallRoll) (why, do string) {
	if c.Stage != RollReady {
		return "", ""
	}
	if c.Tip > 0 && c.Height != c.Tip {
		return fmt.Sprintf("he stands at %d and the chain at %d", c.Height, c.Tip), "write reached until he has that block"
	}
	for _, r := range s.Roll {
		if r.Stage == RollReady && r.Address != c.Address && r.Version != c.Version && strings.TrimSpace(c.Note) == "" {
			return fmt.Sprintf("he runs %s and %s runs %s", safe.Short(c.Version, 20), r.Name, r.Version), "agree on one program, or write behind the height why it does not matter"
		}
	}
	return "", ""
}

// called is the state after an answer.
func (s State) called(r Roll, at time.Time) State {
	r.At = at
	next := make([]Roll, 0, len(s.Roll)+1)
	for _, old := range s.Roll {
		if old.Address != r.Address {
			next = append(next, old)
		}
	}
	s.Roll = append(next, r)
	text := r.Name + " is " + r.Stage
	if r.Stage == RollReady {
		text += fmt.Sprintf(", version %s at %d", r.Version, r.Height)
	}
	if r.Note != "" {
		text += ": " + r.Note
	}
	return s.log(at, r.By, "roll call", text)
}

// RollOf is what the operator of a validator said last.
func (s State) RollOf(address string) (Roll, bool) {
	for _, r := range s.Roll {
		if strings.EqualFold(r.Address, address) {
			return r, true
		}
	}
	return Roll{}, false
}

// Ready are the addresses of those who said that they are ready.
func (s State) Ready() []string {
	var out []string
	for _, r := range s.Roll {
		if r.Stage == RollReady {
			out = append(out, r.Address)
		}
	}
	return out
}

// lastWord is who wrote down the newest answer that counts; "" when votes alone
// are enough.
func (s State) lastWord() string {
	var last Roll
	for _, r := range s.Roll {
		if r.Stage == RollReady && !r.At.Before(last.At) {
			last = r
		}
	}
	return last.By
}
