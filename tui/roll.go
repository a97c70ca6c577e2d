package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// rolls says that there is somebody to call: the chain stands and its validators
// are known.
func (m *model) rolls() bool {
	v := m.view.Snap.Chain.Votes
	return m.view.State.Open() && v != nil && len(v.Ballots) > 0
}

// callRoll reads NAME STAGE ... after ":roll".
func (m *model) callRoll(args string) (tea.Cmd, error) {
	const form = "write :roll VALIDATOR asked, reached, out, or ready VERSION HEIGHT"
	words := strings.Fields(args)
	if len(words) < 2 {
		return nil, fmt.Errorf("the roll call needs a validator and what he said: %s", form)
	}
	b, err := m.ballot(words[0])
	if err != nil {
		return nil, err
	}
	r := incident.Roll{Address: b.Address, Name: b.Name, Stage: strings.ToLower(words[1]), By: m.view.Person}
	rest := words[2:]
	if r.Stage == incident.RollReady {
		if len(rest) < 2 {
			return nil, fmt.Errorf("who is ready says which version runs and at which height it stands: :roll %s ready 1.0.0 %d", safe.Short(b.Name, 20), m.view.Snap.Chain.Height)
		}
		r.Version = rest[0]
		if r.Height, err = strconv.ParseInt(strings.ReplaceAll(rest[1], ",", ""), 10, 64); err != nil || r.Height <= 0 {
			return nil, fmt.Errorf("%q is no height: :roll %s ready %s %d", safe.Short(rest[1], 20), safe.Short(b.Name, 20), safe.Short(rest[0], 20), m.view.Snap.Chain.Height)
		}
		rest = rest[2:]
	}
	r.Note = strings.Join(rest, " ")
	return m.do("roll call of "+safe.Short(b.Name, 30), safe.Short(b.Name, 30)+" is "+safe.Short(r.Stage, 10)+".", incident.CallRoll{Roll: r, Tip: m.view.Snap.Chain.Height}), nil
}

// ballot is the one validator whose name or address begins so.
func (m *model) ballot(typed string) (nodes.Ballot, error) {
	var found []nodes.Ballot
	for _, b := range m.view.Snap.Chain.Votes.Ballots {
		name := strings.ToLower(b.Name)
		switch low := strings.ToLower(typed); {
		case name == low || strings.EqualFold(b.Address, typed):
			return b, nil
		case strings.HasPrefix(name, low) || strings.HasPrefix(strings.ToLower(b.Address), low):
			found = append(found, b)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nodes.Ballot{}, fmt.Errorf("no validator of the set begins with %q: 2 lists them", safe.Short(typed, 30))
	}
	return nodes.Ballot{}, fmt.Errorf("%d validators begin with %q, among them %s and %s: write more of the name", len(found), safe.Short(typed, 30), safe.Short(found[0].Name, 20), safe.Short(found[1].Name, 20))
}
