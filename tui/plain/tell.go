package plain

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// teller says what changed between two views. Its zero value has told nothing.
type teller struct {
	old   cockpit.View
	begun bool
	out   outputs
	lines []string
}

// changes are the lines for what is new in v.
func (t *teller) changes(v cockpit.View) []string {
	t.lines = nil
	if !t.begun {
		t.begin(v)
	}
	t.absence(v)
	t.alerts(v)
	t.wonders(v)
	t.journal(v)
	t.power(v)
	t.votes(v)
	t.incident(v)
	t.steps(v)
	t.clocks(v)
	t.messages(v)
	t.lines = append(t.lines, t.out.lines(v)...)
	t.next(v)
	if v.Notice != "" && v.Notice != t.old.Notice {
		t.say(v, "NOTICE", "%s", safe.Line(v.Notice))
	}
	t.old, t.begun = v, true
	return t.lines
}

func (t *teller) say(v cockpit.View, word, format string, args ...any) {
	t.lines = append(t.lines, say(v, word, format, args...))
}

func (t *teller) sub(word, format string, args ...any) {
	t.lines = append(t.lines, sub(word, format, args...))
}

func (t *teller) begin(v cockpit.View) {
	where := safe.Short(v.Fleet, 80)
	if v.Chain != "" {
		where += ", chain " + safe.Short(v.Chain, 40)
	}
	if !v.State.Open() {
		t.say(v, words.Badge(v), "No incident is open. %s.", where)
		return
	}
	t.say(v, words.Badge(v), "%s, %s. %s.", safe.Short(v.State.ID, 40), words.Progress(v), where)
}

// alerts are said when they begin and when they end.
func (t *teller) alerts(v cockpit.View) {
	was := map[string]bool{}
	for _, a := range t.old.Alerts {
		was[a.Kind] = true
	}
	is := map[string]bool{}
	for _, a := range v.Alerts {
		is[a.Kind] = true
		if was[a.Kind] {
			continue
		}
		word := "CAUTION"
		if a.Warning {
			word = "WARNING"
		}
		t.say(v, word, "%s", grouped(a.Text))
		for i, m := range a.Memory {
			t.sub("MEMORY", "%d  %s", i+1, safe.Line(m))
		}
	}
	for _, a := range t.old.Alerts {
		if !is[a.Kind] {
			t.say(v, "OVER", "%s", grouped(a.Text))
		}
	}
	if v.Trouble != "" && v.Trouble != t.old.Trouble {
		t.say(v, "WARNING", "Nothing can be recorded, so nothing runs: %s", safe.Line(v.Trouble))
	}
	if v.Trouble == "" && t.old.Trouble != "" {
		t.say(v, "OVER", "The record can be written again.")
	}
}

// power is said when what is online, or whether the chain moves, changed.
func (t *teller) power(v cockpit.View) {
	a, b := t.old.Snap.Chain, v.Snap.Chain
	if t.begun && a.Power.Online == b.Power.Online && a.Power.Known == b.Power.Known && a.Halted == b.Halted && a.Moving == b.Moving {
		return
	}
	text, _ := words.Power(v)
	_, chain, _ := words.Chain(v, v.Now)
	t.say(v, "POWER", "%s; chain %s.", strings.TrimPrefix(text, "Power "), chain)
	for _, n := range v.Snap.Nodes {
		if n.State == nodes.Down {
			_, state, _ := words.Node(v, n)
			t.sub("NODE", "%s: %s", safe.Short(n.Name, 40), state)
		}
	}
}

// incident is said when it opens, changes hands, is weighed anew, ends.
func (t *teller) incident(v cockpit.View) {
	o, s := t.old.State, v.State
	if s.ID != "" && s.ID != o.ID {
		t.say(v, "OPEN", "%s %s %q, declared by %s at %s.", safe.Short(s.ID, 40), words.Severity(s.Severity), grouped(s.Title),
			safe.Short(s.DeclaredBy, 40), words.HMS(s.Declared, v.Now))
		o.Severity = s.Severity
	}
	if s.ID == "" {
		return
	}
	if s.Severity != o.Severity {
		t.say(v, "SEV", "Severity is now %s, was %s.", words.Severity(s.Severity), words.Severity(o.Severity))
	}
	for _, role := range []string{"commander", "deputy", "ops", "comms", "scribe"} {
		if s.Roles[role] != o.Roles[role] {
			t.say(v, "ROLE", "%s is %s.", role, words.Role(v, role))
		}
	}
	for i := len(o.Log); i < len(s.Log); i++ {
		if e := s.Log[i]; e.Kind == "note" || e.Kind == "decision" {
			t.say(v, "NOTE", "%s: %s", safe.Short(e.By, 40), safe.Line(e.Text))
		} else if e.Kind == "roll call" {
			t.say(v, "ROLL", "%s.", grouped(e.Text))
		} else if e.Kind == "cut" {
			t.say(v, "CUT", "%s", words.Sentence(strings.TrimSpace(safe.Short(e.By, 40)+" "+safe.Line(e.Text))))
		} else if e.Kind == "stopped" {
			t.say(v, "STOPPED", "%s %s. What was not answered by then may still run.", safe.Short(e.By, 40), safe.Line(e.Text))
		}
	}
	t.ends(v, o)
}

func (t *teller) ends(v cockpit.View, o incident.State) {
	s := v.State
	if !s.Resolved.IsZero() && o.Resolved.IsZero() {
		t.say(v, "RESOLVED", "at %s.", words.HMS(s.Resolved, v.Now))
	}
	if !s.Aborted.IsZero() && o.Aborted.IsZero() {
		t.say(v, "ABORTED", "at %s.", words.HMS(s.Aborted, v.Now))
	}
	if s.Closed.IsZero() || !o.Closed.IsZero() {
		return
	}
	t.say(v, "CLOSED", "%d double signs, %s.", s.DoubleSigns, words.Count(s.Refusals, "refusal"))
	for _, c := range words.Clocks(v, v.Now) {
		t.sub("CLOCK", "%s", c.Text)
	}
}

// clocks are said at 15, 5 and 1 minute, at nought, and when they stop.
func (t *teller) clocks(v cockpit.View) {
	for i, c := range v.State.Clocks {
		var was incident.Clock
		if i < len(t.old.State.Clocks) && t.old.State.ID == v.State.ID {
			was = t.old.State.Clocks[i]
		}
		text := words.ClockText(c, v.Now)
		switch {
		case c.Started.IsZero():
		case was.Started.IsZero(), !c.Stopped.IsZero() && was.Stopped.IsZero():
			t.say(v, "CLOCK", "%s.", text)
		case c.Stopped.IsZero() && c.RTO > 0 && passed(c.Started.Add(c.RTO), t.old.Now, v.Now):
			t.say(v, "CLOCK", "%s.", text)
		}
	}
}

// passed says that one of the times before due at which it is said lies
// between two moments.
func passed(due, from, to time.Time) bool {
	for _, before := range []time.Duration{15 * time.Minute, 5 * time.Minute, time.Minute, 0} {
		if at := due.Add(-before); at.After(from) && !at.After(to) {
			return true
		}
	}
	return false
}

// next says what to do, when that changed.
func (t *teller) next(v cockpit.View) {
	is, was := key(words.NextOf(v)), ""
	if t.begun {
		was = key(words.NextOf(t.old))
	}
	if is == was {
		return
	}
	t.lines = append(t.lines, nextLines(v)...)
}

// key tells one thing to do from another.
func key(n words.Next) string {
	return fmt.Sprint(n.Do, n.Step.Step.Step.ID, n.Choice.Key, n.Say.Template)
}
