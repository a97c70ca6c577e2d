package plain

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// said are the words for a step's new status.
var said = map[incident.Status]string{
	incident.Running: "RUN", incident.Verifying: "CHECK", incident.Waiting: "POSTING", incident.Done: "DONE",
	incident.Failed: "FAILED", incident.TimedOut: "TIMED OUT", incident.Skipped: "SKIPPED", incident.Undone: "UNDONE",
	incident.Unknown: "UNKNOWN", incident.NoLonger: "NO LONGER TRUE",
}

// steps says what moved: hosts that ended, steps, verdicts, choices.
func (t *teller) steps(v cockpit.View) {
	same := t.old.State.ID == v.State.ID
	for _, st := range v.Steps {
		id := st.Step.Step.ID
		was, known := t.old.Step(id)
		if !known || !same {
			was = cockpit.StepView{Step: incident.Step{Status: incident.Todo}}
		}
		t.hosts(v, was, st)
		if st.Status != was.Status && said[st.Status] != "" && (t.begun || !st.Settled()) {
			t.step(v, st)
		}
		if len(st.Otherwise) > 0 && len(was.Otherwise) == 0 {
			t.otherwise(v, st)
		}
		if st.Verdict != nil && (was.Verdict == nil || items(*was.Verdict) != items(*st.Verdict)) {
			t.verdict(v, st)
		}
	}
	for _, c := range v.Choices {
		if c.Taken != "" && same && t.old.State.Choices[c.Key] != c.Taken {
			t.say(v, "CHOSEN", "Option %s: %s.", c.Taken, option(c, c.Taken))
		}
	}
}

// otherwise says that a done step is seen otherwise, and asks.
func (t *teller) otherwise(v cockpit.View, st cockpit.StepView) {
	var seen []string
	for _, r := range st.Otherwise {
		seen = append(seen, safe.Short(r.Text, 120)+" is "+safe.Short(r.Value, 60))
	}
	t.say(v, "SEEN OTHERWISE", "%s. It is done, but %s.", words.Title(st), strings.Join(seen, "; "))
	t.lines = append(t.lines, ask("It counts as not done until you say what that means. Type: answer done REASON, answer failed NOTE, or answer retry NOTE"))
}

func (t *teller) step(v cockpit.View, st cockpit.StepView) {
	word, title := said[st.Status], words.Title(st)
	if st.Step.Step.Kind() == checklists.Sensed && st.Status == incident.Done {
		word = "SEEN"
	}
	text := title
	if st.Value != "" {
		text = title + ": " + safe.Short(st.Value, 300)
	}
	if st.Status == incident.Running {
		text = title + " on " + safe.Line(strings.Join(st.Hosts, ", "))
	}
	t.say(v, word, "%s", words.Sentence(text))
	if st.Status == incident.Unknown {
		t.lines = append(t.lines, ask("What do you know of it? Type: answer done NOTE, answer failed NOTE, or answer retry NOTE"))
	}
}

// hosts says how a run ended on each host.
func (t *teller) hosts(v cockpit.View, was, is cockpit.StepView) {
	if is.Run == nil {
		return
	}
	old := map[string]incident.Class{}
	if was.Run != nil && was.Effect == is.Effect {
		for _, h := range was.Run.Hosts {
			old[h.Host] = h.Class
		}
	}
	for _, h := range is.Run.Hosts {
		if h.Class == "" || h.Class == old[h.Host] || !t.begun {
			continue
		}
		word, text := words.HostEnd(h)
		t.say(v, word, "%s, %s.", safe.Short(h.Host, 40), text)
	}
}

// items is the verdict without its times: what is said again when it changes.
func items(f incident.Fence) string {
	var b strings.Builder
	for _, it := range f.Verdict.Items {
		fmt.Fprint(&b, it.N, it.State, ";")
	}
	return fmt.Sprint(b.String(), f.Verdict.Allow)
}

func (t *teller) verdict(v cockpit.View, st cockpit.StepView) {
	word := "REFUSED"
	if st.Verdict.Verdict.Allow {
		word = "ALLOWED"
	}
	t.say(v, word, "%s: %s", words.Title(st), grouped(st.Verdict.Verdict.Summary))
	t.lines = append(t.lines, evidence(st.Verdict.Verdict)...)
}

// evidence is the verdict item by item: against, missing, proven.
func evidence(v fence.Verdict) []string {
	var out []string
	for _, part := range []struct {
		state fence.State
		word  string
	}{{fence.Contradicting, "AGAINST"}, {fence.Missing, "MISSING"}, {fence.Proven, "PROVEN"}, {fence.NotChecked, "NOT YET"}} {
		for _, it := range v.Items {
			if it.State != part.state {
				continue
			}
			text := safe.Line(it.Name) + ": " + grouped(it.Text)
			if it.Source != "" {
				text += " (" + safe.Short(it.Source, 40) + ")"
			}
			out = append(out, sub(part.word, "%s", text))
		}
	}
	if !v.Allow {
		out = append(out, sub("WAIT", "Waiting is free. A second signer costs the validator for ever."))
	}
	return out
}

func option(c cockpit.ChoiceView, letter string) string {
	for _, o := range c.Options {
		if o.Letter == letter {
			return words.Option(o)
		}
	}
	return letter
}

// nextLines say what to do next, in full.
func nextLines(v cockpit.View) []string {
	n := words.NextOf(v)
	if n.Do == words.DoPost && n.Step.Step.Step.ID == "" { // the last word of a channel: no step asks for it
		return []string{say(v, "NEXT", "%s, to %s: it was told of the incident, and not that it is over.", words.Label(n.Say.Template), words.Lanes(n.Say)), toPost(n.Say)}
	}
	switch n.Do {
	case words.DoDeclare:
		return offer(v)
	case words.DoChoose:
		return choice(v, n.Choice)
	case words.DoResolve:
		return []string{say(v, "NEXT", "The service is back. Type: resolve")}
	case words.DoClose:
		return []string{say(v, "NEXT", "Everything is done and said. Type: close")}
	case words.DoRun, words.DoTick, words.DoPost, words.DoWatch, words.DoRoll, words.DoLocked, words.DoAnswer, words.DoInside:
		return stepLines(v, n.Step)
	}
	return nil
}

func offer(v cockpit.View) []string {
	o := v.Offer
	out := []string{say(v, "OFFER", "%s %q, runbook %s.", words.Severity(o.Severity), grouped(o.Title), safe.Short(o.Runbook, 60))}
	for _, name := range words.Sorted(o.Params) {
		out = append(out, sub("PARAM", "%s = %s", safe.Short(name, 40), safe.Short(o.Params[name], 80)))
	}
	return append(out, ask("Declare it? It posts and runs nothing. Type: declare"))
}

func choice(v cockpit.View, c cockpit.ChoiceView) []string {
	out := []string{say(v, "CHOOSE", "%s: which way?", words.Phase(c.Phase))}
	for _, o := range c.Options {
		text := fmt.Sprintf("%s %s", words.Sentence(words.Option(o)), words.Prose(o.Prose))
		if o.Suggested {
			text += " (fits what is seen)"
		}
		out = append(out, sub("OPTION", "%s  %s", o.Letter, text))
		for _, r := range o.Suggest {
			out = append(out, reading("SEEN", r, v))
		}
	}
	return append(out, ask("Type: choose "+letters(c)))
}

func letters(c cockpit.ChoiceView) string {
	var out []string
	for _, o := range c.Options {
		out = append(out, o.Letter)
	}
	return strings.Join(out, " or ")
}

// stepLines are a step in full: why, where, what, guards, checks, undo.
func stepLines(v cockpit.View, st cockpit.StepView) []string {
	s := st.Step.Step
	done, all := words.Counted(v, st.Phase)
	word := words.Step(st, true, v.Now).Word
	if len(st.Otherwise) > 0 {
		word += ", SEEN OTHERWISE"
	}
	out := []string{say(v, "STEP", "%s, %d of %d done: %s %s", words.Phase(st.Phase), done, all, words.Sentence(words.Title(st)), word)}
	if s.Role != "" {
		out = append(out, sub("ROLE", "%s", safe.Short(s.Role, 20)))
	}
	if p := words.Prose(s.Prose); p != "" {
		out = append(out, sub("WHY", "%s", p))
	}
	if st.Lock.Locked() {
		out = append(out, sub("LOCKED", "%s", words.Lock(st.Lock)))
	}
	if len(st.Hosts) > 0 {
		out = append(out, sub("HOST", "%s", safe.Line(strings.Join(st.Hosts, ", "))))
	}
	for _, l := range words.Script(st.Script) {
		out = append(out, sub("RUN", "%s", l))
	}
	out = append(out, readings("GUARD", st.Guards, v)...)
	for _, c := range st.Checks {
		out = append(out, readings("CHECK", c, v)...)
	}
	if s.Undo != nil {
		out = append(out, sub("UNDO", "%s", strings.Join(words.Script(s.Undo.Text), "; ")))
	}
	return append(out, how(v, st)...)
}

func readings(word string, rs []incident.Reading, v cockpit.View) []string {
	var out []string
	for _, r := range rs {
		out = append(out, reading(word, r, v))
	}
	return out
}

// reading is one assertion, whether it is true, and what is in its way.
func reading(word string, r incident.Reading, v cockpit.View) string {
	_, text, detail, _ := words.ReadingIn(v, r, v.Now)
	switch r.Truth {
	case incident.True:
		detail = "true, " + detail
	case incident.False:
		detail = "false: " + detail
	default:
		detail = "unknown: " + detail
	}
	return sub(word, "%s: %s", text, detail)
}

// how says which word to type for a step.
func how(v cockpit.View, st cockpit.StepView) []string {
	switch n := words.ForStep(v, st); n.Do {
	case words.DoRun:
		return []string{ask("To run it, type: run")}
	case words.DoTick:
		if st.Step.Step.Evidence != "" {
			return []string{ask("When it is done, type: tick and the " + safe.Short(st.Step.Step.Evidence, 20))}
		}
		return []string{ask("When it is done, type: tick")}
	case words.DoPost:
		return []string{toPost(n.Say)}
	case words.DoRoll:
		return []string{ask("Call each who does not vote. What was said, type: roll NAME asked, roll NAME reached, or roll NAME ready VERSION HEIGHT")}
	case words.DoWatch:
		return []string{sub("WAIT", "It is seen by itself; nobody ticks it.")}
	case words.DoInside:
		return []string{sub("WAIT", "%s", words.Inside(v, st))}
	case words.DoAnswer:
		return []string{ask("What do you know of it? Type: answer done NOTE, answer failed NOTE, or answer retry NOTE")}
	}
	return nil
}

// toPost says which words read a message and post it.
func toPost(s cockpit.SayView) string {
	name := safe.Short(s.Template, 60)
	return ask("To read it, type: says " + name + ". To post it: post " + name)
}
