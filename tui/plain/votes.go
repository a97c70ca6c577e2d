package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// votes are said when a halted chain's votes change. A new round with the same
// votes is no news.
func (t *teller) votes(v cockpit.View) {
	is, round := voteLines(v)
	if was, _ := voteLines(t.old); len(is) == 0 || slices.Equal(is, was) {
		return
	}
	is[0] += round
	t.lines = append(t.lines, is...)
}

// seenAgo is how long ago something was read, at the end of its words: it grows
// by itself, so a line that is said once does without.
var seenAgo = lazy.Pattern(` \d+(:\d\d)+ ago$`)

// voteLines are who voted for what, who did not, and what would be enough; and
// the round, which belongs at the end of the first.
func voteLines(v cockpit.View) (out []string, round string) {
	votes := v.Snap.Chain.Votes
	if v.Snap.Chain.Halted != nodes.True || votes == nil || len(votes.Ballots) == 0 {
		return nil, ""
	}
	sums, absent := map[string]int64{}, []string{}
	for _, b := range votes.Ballots {
		sums[b.Prevote] += b.Power
		if b.Prevote == nodes.PrevoteNone || b.Prevote == nodes.PrevoteUnknown {
			whose := ""
			if b.Key != "" {
				whose = " ours"
			}
			if b.Prevote == nodes.PrevoteUnknown {
				whose += " (not known)"
			}
			absent = append(absent, safe.Short(b.Name, 20)+" "+words.Num(b.Power)+whose)
		}
	}
	text := fmt.Sprintf("for the block %s, for none %s, no vote %s", words.Num(sums[nodes.PrevoteBlock]), words.Num(sums[nodes.PrevoteNil]), words.Num(sums[nodes.PrevoteNone]))
	if n := sums[nodes.PrevoteUnknown]; n > 0 {
		text += ", not known " + words.Num(n)
	}
	out = []string{sub("VOTES", "%s", text)}
	if len(absent) > 0 {
		out = append(out, sub("ABSENT", "%s", strings.Join(absent, ", ")))
	}
	for i, w := range nodes.WaysBack(v.Snap) {
		if i == 3 {
			break
		}
		var who []string
		for _, a := range w.Back {
			who = append(who, safe.Short(a.Name, 20)+" ("+safe.Short(seenAgo.ReplaceAllString(a.Seen, ""), 40)+")")
		}
		out = append(out, sub("ENOUGH", "%s back: %s of %s", strings.Join(who, " and "), words.Num(w.Online), words.Num(v.Snap.Chain.Power.Total)))
	}
	return out, fmt.Sprintf("; round %d, which is no good sign by itself", votes.Round)
}

// roll writes down what an operator said in the roll call.
func (p *session) roll(_ context.Context, v cockpit.View, args string) error {
	if !words.Rolls(v) {
		return fmt.Errorf("there is nobody to call: the roll is called in an incident, while the chain stands and its votes are known")
	}
	c, err := words.RollCall(v, args, "type: nodes")
	if err == nil {
		err = p.c.Do(c)
	}
	if err != nil { // what is refused here names heights
		return errors.New(words.Grouped(err.Error()))
	}
	return nil
}

// ballots are the validators of a halted chain, each with its vote and what its
// operator said: whom to call.
func ballots(v cockpit.View) []string {
	if !words.Rolls(v) || v.Snap.Chain.Halted != nodes.True {
		return nil
	}
	var out []string
	for _, b := range v.Snap.Chain.Votes.Ballots {
		w := words.BallotOf(v, b)
		whose := ""
		if w.Whose != "" {
			whose = ", " + w.Whose
		}
		out = append(out, sub("BALLOT", "%s, %s%s: %s, %s", w.Name, words.Num(b.Power), whose, w.Prevote, w.Seen))
	}
	return out
}
