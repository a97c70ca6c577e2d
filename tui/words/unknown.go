package words

import (
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Points is what is seen of a step nobody knows the end of.
type Points int

// What the readings point to. Only when every one is true do they point to a
// run that worked; what is unknown, or was read before the step was sent,
// points nowhere.
const (
	PointNowhere Points = iota // something is not known
	PointApart                 // known, and at odds
	PointToNone                // every reading is false
	PointToRun                 // every reading is true
	NothingToSee               // the runbook reads nothing
)

// PointsTo is what the live readings of a step's checks point to.
func PointsTo(st cockpit.StepView) Points {
	sent := time.Time{}
	if st.Run != nil {
		sent = st.Run.At
	}
	yes, no := 0, 0
	for _, block := range st.Checks {
		if len(block) == 0 {
			return PointNowhere // asked, and not answered yet
		}
		for _, r := range block {
			switch {
			case r.At.Before(sent):
				return PointNowhere
			case r.Truth == incident.True:
				yes++
			case r.Truth == incident.False:
				no++
			default:
				return PointNowhere
			}
		}
	}
	switch {
	case yes == 0 && no == 0:
		return NothingToSee
	case no == 0:
		return PointToRun
	case yes == 0:
		return PointToNone
	}
	return PointApart
}

// Sentence is what that means for the person who must answer.
func (p Points) Sentence() (string, Level) {
	switch p {
	case PointToRun:
		return "All point to: it ran once, and it works.", Calm
	case PointToNone:
		return "Nothing of it is seen: it did not run, it failed, or it needs more time.", Unknown
	case PointApart:
		return "They do not point one way: it ran in part, or it needs more time.", Unknown
	case NothingToSee:
		return "The runbook reads nothing back here: look on the host yourself.", Unknown
	}
	return "Not all is known. What is not known is never taken as good.", Unknown
}

// Answer is one thing a person may say of a step in state unknown, or of a done
// one that is seen otherwise.
type Answer struct {
	Ran    string // as incident.Answer wants it: done, failed, retry; "" looks again
	Text   string
	Locked string // why it may not be given now, in a few words; "" it may
	Fits   bool   // it fits what is seen
}

// Answers are the answers to "what is it?", in a fixed order.
func Answers(v cockpit.View, st cockpit.StepView) []Answer {
	if st.Status == incident.Done {
		return []Answer{
			{Ran: "done", Text: "It is done all the same, with a reason"},
			{Text: "Wait and look again"},
			{Ran: "retry", Text: "It is not done: it is to be run again"},
			{Ran: "failed", Text: "It failed: go on from there" + back(st)},
		}
	}
	p := PointsTo(st)
	done := "It ran: done"
	if len(st.Step.Step.Verifies) > 0 {
		done = "It ran: done, go on with its check"
	}
	return []Answer{
		{Ran: "done", Text: done, Fits: p == PointToRun},
		{Text: "Wait and look again"},
		{Ran: "retry", Text: "It did not run: it is to be run again", Locked: lockedRetry(v, st, p)},
		{Ran: "failed", Text: "It failed: go on from there" + back(st)},
	}
}

func back(st cockpit.StepView) string {
	if st.Step.Step.Undo != nil {
		return ", :undo takes it back"
	}
	return ""
}

// lockedRetry is why a step must not be put back to be run again: a second
// start is never needed while the key lives, and no script is run twice whose
// work is seen.
func lockedRetry(v cockpit.View, st cockpit.StepView, p Points) string {
	if b := st.Step.Step.Run; b != nil && b.HasFence() {
		switch k, _ := fenceKey(v, st); {
		case k.Address == "":
			return "which key it is about is not known"
		case k.Signing == nodes.True || len(k.LiveEndpoints) > 0:
			return "the key is alive"
		case k.Signing != nodes.False:
			return "nobody knows whether the key is alive"
		}
	}
	if p == PointToRun {
		return "all that it does is seen"
	}
	return ""
}

// Moment is something the record knows of a run, or of the time nobody watched.
type Moment struct {
	At   time.Time
	Text string
}

// Recorded is what the record says of the run of a step nobody knows the end
// of, in its order. away is when nobody watched, zero when somebody always did.
func Recorded(v cockpit.View, st cockpit.StepView, ended time.Time) []Moment {
	r := st.Run
	if r == nil {
		return nil
	}
	script := st.Script
	if r.Undo && st.Step.Step.Undo != nil {
		script = "undo: " + st.Step.Step.Undo.Text
	}
	names := make([]string, 0, len(r.Hosts))
	for _, h := range r.Hosts {
		names = append(names, safe.Short(h.Host, 40))
	}
	sent := "recorded, then sent to " + strings.Join(names, ", ") + " by " + safe.Short(r.By, 20)
	if b := Brief(script); len(b) < 80 && b != "" {
		sent += ": " + b
	}
	out := []Moment{{r.At, sent}}
	for _, h := range r.Hosts {
		if h.Class == incident.Exited || h.Class == incident.NotStarted {
			word, text := HostEnd(h)
			out = append(out, Moment{h.At, safe.Short(h.Host, 40) + " " + word + ", " + text})
		}
	}
	if !ended.IsZero() && !ended.Before(r.At) {
		return append(out, Moment{ended, "relight ended. No answer is in the record: it may have run or not."})
	}
	for _, h := range r.Hosts {
		if h.Class == incident.Lost {
			_, text := HostEnd(h)
			out = append(out, Moment{h.At, "no answer from " + safe.Short(h.Host, 40) + ": " + text})
		}
	}
	if r.Stopped != "" {
		out = append(out, Moment{st.At, "stopped by " + safe.Short(r.Stopped, 20) + ". It may have run or not."})
	}
	return out
}

// Asked is when the step's checks were last read; zero when they never were.
func Asked(st cockpit.StepView) time.Time {
	last := time.Time{}
	for _, block := range st.Checks {
		for _, r := range block {
			if r.At.After(last) {
				last = r.At
			}
		}
	}
	return last
}
