package words

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Rolls says that there is somebody to call: the chain stands and its validators
// are known.
func Rolls(v cockpit.View) bool {
	votes := v.Snap.Chain.Votes
	return v.State.Open() && votes != nil && len(votes.Ballots) > 0
}

// RollCall reads VALIDATOR STAGE ... as a person types it after "roll". list is
// where the validators are listed: "2 lists them". It needs Rolls.
func RollCall(v cockpit.View, args, list string) (incident.CallRoll, error) {
	const form = "write :roll VALIDATOR asked, reached, out, or ready VERSION HEIGHT"
	typed := strings.Fields(args)
	if len(typed) < 2 {
		return incident.CallRoll{}, fmt.Errorf("the roll call needs a validator and what he said: %s", form)
	}
	b, err := ballot(v.Snap.Chain.Votes.Ballots, typed[0], list)
	if err != nil {
		return incident.CallRoll{}, err
	}
	tip := v.Snap.Chain.Height
	r := incident.Roll{Address: b.Address, Name: b.Name, Stage: strings.ToLower(typed[1]), By: v.Person}
	rest := typed[2:]
	if r.Stage == incident.RollReady {
		if len(rest) < 2 {
			return incident.CallRoll{}, fmt.Errorf("who is ready says which version runs and at which height it stands: :roll %s ready 1.0.0 %d", safe.Short(b.Name, 20), tip)
		}
		r.Version = rest[0]
		if r.Height, err = strconv.ParseInt(strings.ReplaceAll(rest[1], ",", ""), 10, 64); err != nil || r.Height <= 0 {
			return incident.CallRoll{}, fmt.Errorf("%q is no height: :roll %s ready %s %d", safe.Short(rest[1], 20), safe.Short(b.Name, 20), safe.Short(rest[0], 20), tip)
		}
		rest = rest[2:]
	}
	r.Note = strings.Join(rest, " ")
	return incident.CallRoll{Roll: r, Tip: tip}, nil
}

// ballot is the one validator whose name or address begins so.
func ballot(all []nodes.Ballot, typed, list string) (nodes.Ballot, error) {
	var found []nodes.Ballot
	for _, b := range all {
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
		return nodes.Ballot{}, fmt.Errorf("no validator of the set begins with %q: %s", safe.Short(typed, 30), list)
	}
	return nodes.Ballot{}, fmt.Errorf("%d validators begin with %q, among them %s and %s: write more of the name", len(found), safe.Short(typed, 30), safe.Short(found[0].Name, 20), safe.Short(found[1].Name, 20))
}
