package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// State is how a step is shown: a box, a mark in it, a word. Round boxes are
// sensed, square ones are a person's word.
type State struct {
	Box   string // "[✓]", "(~)"
	Mark  string
	Word  string // capitals want the eye
	Level Level
	Going bool
}

// Title of a step, safe to draw.
func Title(st cockpit.StepView) string { return safe.Short(st.Step.Step.Title, 200) }

// Step is the state of a step in words. current says that it is the one to do
// next: only then its word is in capitals.
func Step(st cockpit.StepView, current bool, now time.Time) State {
	sensed := st.Step.Step.Kind() == checklists.Sensed
	who, at := safe.Short(st.By, 16), HMS(st.At, now)
	s := State{Mark: Nothing}
	switch st.Status {
	case incident.Done:
		s.Mark = Good
		if s.Word = strings.TrimSpace(who + " " + at); sensed {
			s.Word = "seen " + HMS(orTime(st.Since, st.At), now)
		}
		if len(st.Otherwise) > 0 {
			s.Mark, s.Word, s.Level = Look, "SEEN OTHERWISE", Caution
		}
	case incident.Running:
		s.Mark, s.Word, s.Going = Going, "RUNNING "+Dur(now.Sub(st.At)), true
	case incident.Verifying:
		s.Mark, s.Word, s.Going = Going, "CHECKING "+Dur(now.Sub(st.At)), true
		if sensed {
			s.Word = "watched for " + Dur(now.Sub(st.At))
		}
		if silent(st.Checks) {
			s.Mark, s.Word, s.Level = Asks, "NOT ANSWERED", Unknown
		}
	case incident.Waiting:
		s.Mark, s.Word, s.Going = Going, "POSTING", true
	case incident.Failed:
		s.Mark, s.Word, s.Level = Bad, "FAILED", Warning
	case incident.TimedOut:
		s.Mark, s.Word, s.Level = Bad, "TIMED OUT", Warning
	case incident.Skipped:
		s.Mark, s.Word = Left, strings.TrimSpace("skipped "+who+" "+at)
	case incident.Undone:
		s.Mark, s.Word = Undone, "undone "+at
	case incident.Unknown:
		s.Mark, s.Word, s.Level = Asks, "UNKNOWN", Unknown
	case incident.NoLonger:
		s.Mark, s.Word, s.Level = Look, "NO LONGER TRUE", Caution
	default:
		s.Word = todo(st, sensed)
		if current {
			s.Word = strings.ToUpper(s.Word)
		}
	}
	s.Box = "[" + s.Mark + "]"
	if sensed {
		s.Box = "(" + s.Mark + ")"
	}
	return s
}

func todo(st cockpit.StepView, sensed bool) string {
	switch {
	case st.Lock.Locked():
		return "locked"
	case sensed:
		return "to be seen"
	case st.Step.Step.Kind() == checklists.Message:
		return "to post"
	}
	return "to do"
}

func orTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// silent says that nothing of what is asked for was answered.
func silent(checks [][]incident.Reading) bool {
	n := 0
	for _, c := range checks {
		for _, r := range c {
			if r.Truth == incident.True || r.Truth == incident.False {
				return false
			}
			n++
		}
	}
	return n > 0
}

// Reading is one assertion in words: a round box, the assertion, and what is
// in its way.
func Reading(r incident.Reading, now time.Time) (box, text, detail string, level Level) {
	text = safe.Short(r.Text, 160)
	value, why := safe.Short(r.Value, 60), safe.Short(r.Why, 160)
	switch r.Truth {
	case incident.True:
		return "(" + Good + ")", text, "seen " + Age(r.At, now) + " ago", Calm
	case incident.False:
		detail = "seen " + orElse(value, "otherwise")
		if why != "" {
			detail = why
		}
		return "( )", text, detail, Calm
	}
	return "(" + Asks + ")", text, orElse(why, "NOT ANSWERED"), Unknown
}

// Do is what a person can do about a step, or about the whole, now.
type Do int

// The kinds of things to do.
const (
	DoNothing Do = iota // all is calm
	DoDeclare           // something is wrong and no incident is open
	DoRun
	DoTick
	DoPost
	DoWatch // it is seen by itself
	DoWait  // something runs
	DoAnswer
	DoChoose
	DoResolve
	DoClose
	DoLocked
	DoOver // closed or aborted
)

// Next is what to do next.
type Next struct {
	Do     Do
	Step   cockpit.StepView // of DoRun to DoAnswer and DoLocked
	Choice cockpit.ChoiceView
	Say    cockpit.SayView // of DoPost
}

// NextOf is what to do next for the whole incident.
func NextOf(v cockpit.View) Next {
	switch {
	case v.State.ID == "" && v.Offer != nil:
		return Next{Do: DoDeclare}
	case v.State.ID == "":
		return Next{Do: DoNothing}
	case !v.State.Open():
		return Next{Do: DoOver}
	case v.CanClose:
		return Next{Do: DoClose}
	case v.CanResolve && v.State.Resolved.IsZero():
		return Next{Do: DoResolve}
	}
	st, ok := v.Step(v.Current)
	if c, open := OpenChoice(v); open && (!ok || comesBefore(v, c, st)) {
		return Next{Do: DoChoose, Choice: c}
	}
	if !ok {
		return Next{Do: DoNothing}
	}
	return ForStep(v, st)
}

// Checking is the step that ran and whose check is not through yet.
func Checking(v cockpit.View) (cockpit.StepView, bool) {
	for _, st := range v.Steps {
		if st.Status == incident.Verifying && st.Step.Step.Kind() == checklists.Action && !st.Passed && !Elsewhere(v, st) {
			return st, true
		}
	}
	return cockpit.StepView{}, false
}

// Presses says that the step to do next wants the eye before all others: it
// failed, runs, or nobody knows what became of it.
func Presses(v cockpit.View) bool {
	st, ok := v.Step(v.Current)
	switch st.Status {
	case incident.Unknown, incident.Failed, incident.TimedOut, incident.Running:
		return ok
	}
	return false
}

// Brief is a script in one row: what it does, without its "set -eu".
func Brief(text string) string {
	var out []string
	for _, l := range Script(text) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "set -") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "; ")
}

// comesBefore says that the choice stands before the step in the book, and
// that the step does not press: nothing runs, failed or asks.
func comesBefore(v cockpit.View, c cockpit.ChoiceView, st cockpit.StepView) bool {
	if st.Status != incident.Todo && st.Status != incident.Verifying {
		return false
	}
	for _, o := range v.Steps {
		if o.Choice == c.Key {
			return o.Index < st.Index
		}
	}
	return false
}

// OpenChoice is the first choice that waits for a decision.
func OpenChoice(v cockpit.View) (cockpit.ChoiceView, bool) {
	for _, c := range v.Choices {
		if c.Open && c.Taken == "" {
			return c, true
		}
	}
	return cockpit.ChoiceView{}, false
}

// ForStep is what can be done about one step.
func ForStep(v cockpit.View, st cockpit.StepView) Next {
	n := Next{Step: st}
	kind := st.Step.Step.Kind()
	switch {
	case st.Status == incident.Unknown || st.Status == incident.Done && len(st.Otherwise) > 0:
		n.Do = DoAnswer
	case st.Status == incident.Running || st.Status == incident.Waiting:
		n.Do = DoWait
	case st.Status == incident.Verifying || st.Status == incident.NoLonger:
		n.Do = DoWatch
	case st.Settled():
		n.Do = DoNothing
	case st.Lock.Locked():
		n.Do = DoLocked
	case kind == checklists.Action:
		n.Do = DoRun
	case kind == checklists.Signed:
		n.Do = DoTick
	case kind == checklists.Message:
		n.Do, n.Say = DoPost, firstUnposted(v, st)
	case kind == checklists.Sensed:
		n.Do = DoWatch
	default:
		n.Do = DoWait
	}
	return n
}

// firstUnposted is the first message of a step that was not posted yet.
func firstUnposted(v cockpit.View, st cockpit.StepView) cockpit.SayView {
	var first cockpit.SayView
	for _, b := range st.Step.Step.Comms {
		s, ok := v.Message(b.Template)
		if ok && s.PostedAt.IsZero() && !s.NotNeeded {
			return s
		}
		if ok && first.Template == "" {
			first = s
		}
	}
	return first
}

// Script is a block's text, line by line, without empty lines at its ends.
func Script(text string) []string {
	text = strings.Trim(safe.Clean(text), "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// HostEnd is how a run ended on one host: a word, and why.
func HostEnd(h incident.HostRun) (word, text string) {
	reason := safe.Short(h.Reason, 160)
	switch {
	case h.Class == incident.Exited && h.Exit == 0:
		return "DONE", "exit 0"
	case h.Class == incident.Exited:
		return "FAILED", strings.TrimSuffix("exit "+strconv.Itoa(h.Exit)+": "+reason, ": ")
	case h.Class == incident.NotStarted:
		return "FAILED", orElse(reason, "it was not started")
	case h.Class == incident.Lost:
		return "UNKNOWN", orElse(reason, "no answer: it may still run")
	}
	return "RUNNING", ""
}

// Sorted are the names of a table, in order.
func Sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// Option is an option's title without "Option A:" in front: the letter stands
// beside it.
func Option(o cockpit.OptionView) string {
	title := safe.Short(o.Title, 120)
	for _, sep := range []string{":", ".", " -"} {
		if rest, ok := strings.CutPrefix(title, "Option "+o.Letter+sep); ok && strings.TrimSpace(rest) != "" {
			return strings.TrimSpace(rest)
		}
	}
	return title
}

// Verdict is a verdict's summary without its first word, which is shown apart.
func Verdict(summary string) string {
	s := safe.Line(summary)
	for _, word := range []string{"Refused. ", "Allowed. "} {
		s = strings.TrimPrefix(s, word)
	}
	return s
}

// Prose is running text in one paragraph.
func Prose(text string) string { return strings.Join(strings.Fields(safe.Clean(text)), " ") }

// Sentence ends a text with a full stop, unless it ends by itself.
func Sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}
