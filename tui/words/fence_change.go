package words

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Change is one thing that would change a verdict.
type Change struct {
	Text string // what to do
	How  string // by what: a command, a key, by hand
	Note string // what it does
}

// Changes are what would change the verdict on a step's start, the strongest
// first. Nothing is offered that the configuration or the runbook does not have.
func Changes(v cockpit.View, st cockpit.StepView) []Change {
	var out []Change
	open := map[int]fence.Item{}
	for _, it := range st.Verdict.Verdict.Items {
		if it.State != fence.Proven && it.State != fence.NotChecked {
			open[it.N] = it
		}
	}
	_, life := open[6]
	if _, holders := open[5]; holders || life {
		out = append(out, cutOff(v, st)...)
	}
	for _, n := range []int{1, 2, 3, 4, 8, 9, 7} {
		it, ok := open[n]
		if !ok {
			continue
		}
		if c := mends(v, st, it); c.Text != "" {
			out = append(out, c)
		}
	}
	return out
}

// cutOff are the ways to keep the other holders of the key from signing: what
// the configuration can cut from here, the stronger first, then by hand.
func cutOff(v cockpit.View, st cockpit.StepView) []Change {
	var out []Change
	k, _ := fenceKey(v, st)
	for _, how := range []string{incident.CutPower, incident.CutNetwork} {
		for _, c := range st.Cuts {
			if c.How != how {
				continue
			}
			cmd := ":fence " + how
			if len(hostsCut(st)) > 1 {
				cmd += " " + safe.Short(c.Host, 40)
			}
			out = append(out, Change{CutWord(c), cmd, "typed, then read back"})
		}
	}
	for _, h := range k.Hosts {
		if !slices.Contains(st.Hosts, h) {
			what := "Reach " + safe.Short(h, 40) + " by its console and fence it there"
			if f, ok := v.Snap.Host(h); ok && f.Reachable == nodes.True {
				what = "Stop " + safe.Short(h, 40) + " and fence it, by SSH or its console"
			}
			out = append(out, Change{what, "by hand, then x", "x reads it back"})
		}
	}
	return out
}

// CutWord is what a cut does, in words.
func CutWord(c cockpit.Cut) string {
	if c.How == incident.CutPower {
		return "Switch " + safe.Short(c.Host, 40) + " off from outside"
	}
	return "Cut " + safe.Short(c.Host, 40) + " off the network"
}

// hostsCut are the hosts that could be cut off.
func hostsCut(st cockpit.StepView) []string {
	var out []string
	for _, c := range st.Cuts {
		if !slices.Contains(out, c.Host) {
			out = append(out, c.Host)
		}
	}
	return out
}

// CutsTold say how the cuts so far of hosts that matter to a step ended: only
// what was read back counts.
func CutsTold(v cockpit.View, st cockpit.StepView, now time.Time) []Told {
	var out []Told
	for _, c := range v.State.Cuts {
		if !slices.Contains(hostsCut(st), c.Host) {
			continue
		}
		t := Told{Mark: Going, Text: CutWord(cockpit.Cut{Host: c.Host, How: c.How}) + ": ordered " + HMS(c.At, now) + " by " + safe.Short(c.By, 20)}
		switch {
		case c.Ended.IsZero():
			t.Text += ", not read back yet"
		case c.Held == incident.True:
			t.Mark, t.Text = Good, t.Text+", read back as cut "+HMS(c.Ended, now)
		case c.Held == incident.False:
			t.Mark, t.Level, t.Text = Bad, Warning, t.Text+", read back as NOT cut "+HMS(c.Ended, now)
		default:
			t.Mark, t.Level, t.Text = Asks, Unknown, t.Text+", whether it is cut is NOT KNOWN"
		}
		if c.Failed != "" {
			t.Text += ": " + safe.Short(c.Failed, 160)
		}
		out = append(out, t)
	}
	return out
}

// Told is one thing that happened, and how it stands.
type Told struct {
	Mark  string
	Level Level
	Text  string
}

// mends is what settles one open item.
func mends(v cockpit.View, st cockpit.StepView, it fence.Item) Change {
	host := safe.Line(strings.Join(st.Hosts, ", "))
	switch it.N {
	case 1:
		return Change{"Take the command", ":role commander NAME", ""}
	case 2:
		if it.State == fence.Contradicting {
			return Change{"Nothing here: a key that is jailed or banned must not sign", "", ""}
		}
		return Change{"A REST endpoint that answers says whether the key is jailed", "r reads again", ""}
	case 3:
		return Change{"Let " + host + " catch up with the chain", "wait, then x", ""}
	case 4:
		if it.State == fence.Contradicting {
			return Change{"Look at " + host + ": it shows this key already", "by hand", ""}
		}
		return Change{"Get an answer from " + host, "r reads again", ""}
	case 8:
		return Change{"Read the sign state of the old host", "its step in the checklist, or by its console", ""}
	case 9:
		return Change{"Stage the sign state again, above everything seen", ":undo on its step, then x", ""}
	case 7:
		if !comesByWaiting(it) {
			return Change{}
		}
		return waiting(v, st, it)
	}
	return Change{}
}

// waiting says how many blocks of the silence were seen, and how long the rest
// takes at the chain's pace, from the judgement on.
func waiting(v cockpit.View, st cockpit.StepView, it fence.Item) Change {
	m := counts.FindStringSubmatch(it.Text)
	seen, _ := strconv.Atoi(m[1])
	want, _ := strconv.Atoi(m[2]) // both are digits; too many of them give none
	left := time.Duration(want-seen)*Pace(v) - v.Now.Sub(st.Verdict.At)
	switch {
	case Pace(v) == 0 || want <= seen:
		return Change{"Wait for the silence: " + m[1] + " of " + m[2] + " blocks seen", "wait, then x", ""}
	case left <= 0:
		return Change{"The silence may be long enough by now: it was " + m[1] + " of " + m[2] + " blocks when it was judged", "x judges again", ""}
	}
	return Change{"Wait about " + Dur(left) + " for the silence: " + m[1] + " of " + m[2] + " blocks seen", "wait, then x", ""}
}

// Pace is how long a block takes, from the silence of the keys that miss; zero
// when it cannot be told.
func Pace(v cockpit.View) time.Duration {
	for _, k := range v.Snap.Keys {
		if k.MissedStreak >= 10 && !k.StreakOpen && v.Snap.Chain.LastBlock.After(k.StoppedSince) && !k.StoppedSince.IsZero() {
			return v.Snap.Chain.LastBlock.Sub(k.StoppedSince) / time.Duration(k.MissedStreak)
		}
	}
	return 0
}
