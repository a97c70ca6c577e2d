package words

import (
	"maps"
	"slices"
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
	sensed := st.Step.Step.Kind() == checklists.Sensed && !st.Step.Step.CallsRoll()
	who, at := safe.Short(st.By, 16), HMS(st.At, now)
	s := State{Mark: Nothing}
	switch st.Status {
	case incident.Done:
		s.Mark = Good
		if s.Word = strings.TrimSpace(who + " " + at); sensed {
			s.Word = "seen " + HMS(orTime(st.Since, st.At), now)
		}
		if len(st.Otherwise) > 0 { // a person's tick stays, and is looked at again
			s.Level = Caution
		}
	case incident.Running:
		s.Mark, s.Word, s.Going = Going, "RUNNING "+Since(st.At, now), true
	case incident.Verifying:
		s.Mark, s.Word, s.Going = Going, "CHECKING "+Since(st.At, now), true
		if sensed {
			s.Word = watched(st, now)
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
		s.Mark, s.Word, s.Level = Look, strings.TrimSpace("NO LONGER TRUE "+at), Caution
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

// watched says how long a sensed step is watched; and where it must hold for a
// time, how much of that it held.
func watched(st cockpit.StepView, now time.Time) string {
	var held, must time.Duration
	for i, want := range st.For {
		if want <= must {
			continue
		}
		held, must = 0, want
		if i < len(st.Held) && !st.Held[i].IsZero() {
			held = min(max(0, now.Sub(st.Held[i])), want)
		}
	}
	if must > 0 {
		return "holds " + Dur(held) + " of " + Dur(must)
	}
	return "watched for " + Since(st.At, now)
}

func todo(st cockpit.StepView, sensed bool) string {
	switch {
	case st.Lock.Locked():
		return "locked"
	case sensed:
		return "to be seen"
	case st.Step.Step.Kind() == checklists.Inner:
		return "steps below"
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

// ReadingIn is Reading with the incident's parameters filled in.
func ReadingIn(v cockpit.View, r incident.Reading, now time.Time) (box, text, detail string, level Level) {
	box, _, detail, level = Reading(r, now)
	return box, Claim(r.Text, v.State.Params), detail, level
}

// Otherwise is what contradicts a done step: "val-2 is stopped and fenced: not so
// (val-2 SSH, 2 s ago)"; "" when nothing does.
func Otherwise(v cockpit.View, st cockpit.StepView, now time.Time) string {
	if len(st.Otherwise) == 0 {
		return ""
	}
	r := live(st, st.Otherwise[0])
	what := Claim(r.Text, v.State.Params)
	value := safe.Short(r.Value, 60)
	switch {
	case r.Why != "":
		value = safe.Short(r.Why, 100)
	case value == "" || value == "true" || value == "false":
		value = "not so"
	}
	from := Age(r.At, now) + " ago"
	if r.Source != "" {
		from = safe.Short(r.Source, 24) + ", " + from
	}
	more := ""
	if n := len(st.Otherwise) - 1; n > 0 {
		more = ", and " + Num(int64(n)) + " more"
	}
	return what + ": " + value + " (" + from + ")" + more
}

// live is the newest reading of an assertion.
func live(st cockpit.StepView, r incident.Reading) incident.Reading {
	for _, block := range st.Checks {
		for _, n := range block {
			if n.Text == r.Text && n.At.After(r.At) && n.Truth == r.Truth {
				r = n
			}
		}
	}
	return r
}

// Reading is one assertion in words: a round box, the assertion, and what is
// in its way.
func Reading(r incident.Reading, now time.Time) (box, text, detail string, level Level) {
	text = Claim(r.Text, nil)
	value, why := safe.Short(r.Value, 60), safe.Short(r.Why, 160)
	switch r.Truth {
	case incident.True:
		return "(" + Good + ")", text, "seen " + Age(r.At, now) + " ago", Calm
	case incident.False:
		switch {
		case why != "":
			detail = why
		case value == "true" || value == "false" || value == "":
			detail = "not so"
		default:
			detail = "seen " + value
		}
		if !r.At.IsZero() {
			detail += ", " + Age(r.At, now) + " ago"
		}
		return "( )", text, detail, Calm
	}
	return "(" + Asks + ")", text, orElse(why, "NOT ANSWERED"), Unknown
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

// Script is a block's text, line by line, without empty lines at its ends.
func Script(text string) []string {
	text = strings.Trim(safe.Clean(text), "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Lines is a script without the lines that are no news to anybody.
func Lines(text string) []string {
	rows := Script(text)
	for len(rows) > 1 && (strings.HasPrefix(rows[0], "set -") || strings.TrimSpace(rows[0]) == "") {
		rows = rows[1:]
	}
	return rows
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
