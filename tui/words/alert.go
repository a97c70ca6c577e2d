package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Headline is the one line about what is wrong.
type Headline struct {
	Level Level
	Mark  string
	Word  string // WARNING, REFUSED, UNKNOWN, CAUTION; "" when all is calm
	Text  string
	Kind  string // of the alert behind it; "" when it is no alert
	Quiet bool
}

// Worst is what wants the eye most: a record that cannot be written, an
// alert, a step nobody knows the end of, a refused start, a message overdue.
func Worst(v cockpit.View, now time.Time) Headline {
	all := Headlines(v, now)
	if len(all) == 0 {
		return Headline{Text: noAlert(v, now)}
	}
	return all[0]
}

// noAlert says that there is no alert; and what is wrong all the same, for the
// witnesses of an alert may need a minute to agree, and there is none for
// everything.
func noAlert(v cockpit.View, now time.Time) string {
	var red []string
	for _, n := range v.Snap.Nodes {
		_, text, level := Node(v, n)
		name := safe.Short(n.Name, 30)
		switch {
		case level != Warning:
		case n.State == nodes.Down && n.SeenAt.IsZero():
			red = append(red, name+" never answered")
		case n.State == nodes.Down:
			red = append(red, name+" is down for "+Age(n.SeenAt, now))
		default:
			red = append(red, name+": "+text)
		}
	}
	switch w := Watched(v).Wrong; {
	case len(red) == 1 && w <= 1:
		return "No alert yet, but " + Sentence(red[0])
	case len(red) > 0:
		return "No alert yet, but " + red[0] + ", and " + Num(int64(max(w, len(red))-1)) + " more " + isAre(max(w, len(red))-1) + " wrong."
	case w > 0:
		return "No alert yet, but " + Num(int64(w)) + " of what is watched is not as it should be."
	}
	return "No alert."
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Headlines are all that want the eye, the worst first.
func Headlines(v cockpit.View, now time.Time) []Headline {
	var out []Headline
	add := func(l Level, mark, word, text string) {
		out = append(out, Headline{Level: l, Mark: mark, Word: word, Text: text})
	}
	if v.Trouble != "" {
		add(Warning, Bad, "WARNING", "Nothing can be recorded, so nothing runs: "+safe.Line(v.Trouble))
	}
	alerts := func(warning bool) {
		for _, a := range v.Alerts {
			if a.Warning != warning {
				continue
			}
			h := Headline{Level: Caution, Mark: Look, Word: "CAUTION", Text: Grouped(safe.Line(a.Text)), Kind: a.Kind, Quiet: a.Quiet}
			if warning {
				h.Level, h.Mark, h.Word = Warning, Bad, "WARNING"
			}
			out = append(out, h)
		}
	}
	alerts(true)
	for _, st := range v.Steps {
		if title := safe.Line(st.Step.Step.Title); st.Status == incident.Unknown {
			add(Unknown, Asks, "UNKNOWN", fmt.Sprintf("%q: %s. Say what you know of it.", title, orElse(safe.Line(st.Value), "it may have run or not")))
		}
	}
	if v.State.Open() {
		steps(v, add)
	}
	alerts(false)
	for _, s := range v.Says {
		if incident.Late(s.Due, now) && !s.NotNeeded {
			add(Caution, Look, "CAUTION", fmt.Sprintf("Message %q is overdue by %s.", Label(s.Template), Dur(now.Sub(s.Due))))
		}
	}
	return out
}

// BriefAlert is what an alert says, as the title of an incident: its first
// sentence without figures.
func BriefAlert(s string) string {
	s, _, _ = strings.Cut(Grouped(safe.Line(s)), ". ")
	s, _ = says(s)
	s, _, _ = strings.Cut(s, "; ")
	return strings.TrimSuffix(s, ".")
}

// says is a sentence without what follows its colon, and whether it says something
// without that: a name alone ("Zone us-1a") has its verb behind the colon.
func says(sentence string) (string, bool) {
	head, rest, ok := strings.Cut(sentence, ": ")
	if !ok || rest == "" {
		return sentence, false
	}
	if figures := rest[0] >= '0' && rest[0] <= '9'; !figures && len(strings.Fields(head)) < 4 {
		return sentence, false
	}
	return head, true
}

// Of a sentence, since when, and figures at its end, may go first.
var (
	sinceWhen = lazy.Pattern(` since (before )?(\d+ \w+ )?\d\d:\d\d(:\d\d)? UTC`)
	countedAt = lazy.Pattern(`[,;] \d[^,;]*$`)
)

// Shorter is a text, and after it the same with less: without the figures of
// its first sentence, which stand elsewhere, without since when, then without its
// last sentences. What is wrong never loses its verb.
func Shorter(s string) []string {
	out := []string{s}
	first, rest, more := strings.Cut(strings.TrimSuffix(s, "."), ". ")
	tail := "."
	if more {
		tail = ". " + rest + "."
	}
	head, whole := says(first)
	if whole && more {
		out = append(out, head+tail)
		if head, _, high := strings.Cut(head, " at "); high && head == "Chain halted" {
			out = append(out, head+tail)
		}
	}
	brief := first
	for _, less := range []func(string) string{
		func(s string) string {
			if whole {
				return s
			}
			return countedAt.ReplaceAllString(s, "")
		},
		func(s string) string { return sinceWhen.ReplaceAllString(s, "") },
	} {
		if b := less(brief); b != brief {
			brief = b
			out = append(out, brief+tail)
		}
	}
	for {
		i := strings.LastIndex(strings.TrimSuffix(s, "."), ". ")
		if i < 0 {
			break
		}
		s = s[:i+1]
		out = append(out, s)
	}
	if brief != first {
		out = append(out, brief+".")
	}
	if head, _, ok := strings.Cut(brief, "; "); ok {
		out = append(out, head+".")
	}
	if head, ok := says(brief); ok && len(out) > 1 {
		out = append(out, head+".")
	}
	return slices.Compact(out)
}

// steps adds what failed, and a start that was refused.
func steps(v cockpit.View, add func(Level, string, string, string)) {
	for _, st := range v.Steps {
		title := safe.Line(st.Step.Step.Title)
		switch {
		case st.Passed:
		case st.Status == incident.Failed || st.Status == incident.TimedOut:
			add(Warning, Bad, "WARNING", failed(v, st, title))
		case AnyFailed(st):
			hosts, why := FailedOn(v, st)
			add(Warning, Bad, "WARNING", fmt.Sprintf("%q FAILED on %s. It runs on elsewhere. %s", title, hosts, Sentence(why)))
		case len(st.Otherwise) > 0 && st.Status == incident.Done:
			add(Caution, Look, "CAUTION", fmt.Sprintf("%q is seen otherwise. Say what it is. %s", title, Sentence(Otherwise(v, st, v.Now))))
		case st.Status == incident.NoLonger:
			add(Caution, Look, "CAUTION", fmt.Sprintf("%q is NO LONGER TRUE.", title))
		case Refused(st):
			add(Warning, Bad, "REFUSED", Sentence(title)+" "+Refusal(st))
		}
	}
}

// failed is a step that failed: where, then why.
func failed(v cockpit.View, st cockpit.StepView, title string) string {
	switch hosts, why := FailedOn(v, st); {
	case st.Status == incident.TimedOut:
		return fmt.Sprintf("%q TIMED OUT. %s", title, Sentence(safe.Line(st.Value)))
	case hosts == "":
		return fmt.Sprintf("%q FAILED. %s", title, Sentence(safe.Line(st.Value)))
	default:
		return fmt.Sprintf("%q FAILED on %s. %s", title, hosts, Sentence(why))
	}
}

// Refused says that the last judgement of the step's start was no, and that
// the step was not done since.
func Refused(st cockpit.StepView) bool {
	return st.Verdict != nil && !st.Verdict.Verdict.Allow && !st.Settled() && st.Status != incident.Running && st.Status != incident.Verifying
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
