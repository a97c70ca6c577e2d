package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Update is a message with the number of the text shown: "Validators status,
// update 2".
func Update(s cockpit.SayView) string {
	if s.Over() {
		return Label(s.Template)
	}
	return Numbered(s.Template, s.Next)
}

// Numbered is a message with the number of its update; the first has none.
func Numbered(template string, n int) string {
	if n < 2 {
		return Label(template)
	}
	return Label(template) + ", update " + Num(int64(n))
}

// Gap is a field as it stands in a text.
func Gap(name string) string { return "{{" + safe.Short(name, 30) + "}}" }

// NotReady is why a message may not be posted, one line for each reason, each
// with what to do; none when it may.
func NotReady(s cockpit.SayView) []string {
	if s.Over() || s.Lock.Locked() {
		return nil
	}
	var out []string
	if len(s.Missing) > 0 {
		gaps := make([]string, len(s.Missing))
		for i, m := range s.Missing {
			gaps[i] = Gap(m) + " is empty"
		}
		out = append(out, strings.Join(gaps, ", "))
	}
	for _, r := range s.Remarks {
		t := fmt.Sprintf("%q is not for these readers: %s", safe.Short(r.Match, 40), safe.Line(r.Why))
		if r.Say == "" {
			t = fmt.Sprintf("%q: %s", safe.Short(r.Match, 40), safe.Line(r.Why))
		} else {
			t = fmt.Sprintf("%q is %s: %s", safe.Short(r.Match, 40), safe.Line(r.Why), safe.Line(r.Say))
		}
		if r.Match == "" { // about the whole text
			t = Sentence(strings.TrimSuffix(safe.Line(r.Why+". "+r.Say), " "))
		}
		if r.Field != "" {
			t += " (in " + Gap(r.Field) + ", e changes it)"
		}
		out = append(out, t)
	}
	if len(s.Remarks) == 0 {
		for _, p := range s.Problems {
			out = append(out, safe.Line(p))
		}
	}
	if len(out) == 0 && s.Body == "" {
		out = append(out, "there is no text")
	}
	return out
}

// ReadyShort counts what is wrong: "2 fields empty, 1 word not allowed".
func ReadyShort(s cockpit.SayView) string {
	var parts []string
	if n := len(s.Missing); n > 0 {
		parts = append(parts, Count(n, "field")+" empty")
	}
	if n := max(len(s.Remarks), len(s.Problems)); n > 0 {
		parts = append(parts, Count(n, "place")+" not allowed")
	}
	if len(parts) == 0 && s.Body == "" {
		parts = append(parts, "there is no text")
	}
	return strings.Join(parts, ", ")
}

// Fields are the places of a message, also when only their names are known.
func Fields(s cockpit.SayView) []cockpit.FieldView {
	out := slices.Clone(s.Fields)
	for _, m := range s.Missing {
		if !slices.ContainsFunc(out, func(f cockpit.FieldView) bool { return f.Name == m }) {
			out = append(out, cockpit.FieldView{Name: m, Key: m, Now: m})
		}
	}
	return out
}

// forPeople are the fields a person fills better than any machine.
func forPeople() []string { return []string{"impact", "next_update", "eta", "end"} }

// Fillable are the fields for a person: the empty ones first, then those with
// words that may not be said, then those whose value a person may better.
func Fillable(s cockpit.SayView) []cockpit.FieldView {
	var empty, wrong, rest []cockpit.FieldView
	if s.Over() || s.Lock.Locked() {
		return nil
	}
	for _, f := range Fields(s) {
		switch {
		case slices.Contains(s.Missing, f.Name):
			empty = append(empty, f)
		case slices.ContainsFunc(s.Remarks, func(r cockpit.Remark) bool { return r.Field == f.Name }):
			wrong = append(wrong, f)
		case slices.Contains(forPeople(), f.Name) || f.Typed:
			rest = append(rest, f)
		}
	}
	return slices.Concat(empty, wrong, rest)
}

// Wanted is how many of the first Fillable ones stand in the way of posting.
func Wanted(s cockpit.SayView) int {
	n := 0
	for _, f := range Fillable(s) {
		if slices.Contains(s.Missing, f.Name) || slices.ContainsFunc(s.Remarks, func(r cockpit.Remark) bool { return r.Field == f.Name }) {
			n++
		}
	}
	return n
}

// Choice is a value that a field may take, and what speaks for it.
type Choice struct{ Value, Why string }

// Choices are values for a field that a person only has to confirm. They say no
// more than is seen; there may be none.
func Choices(v cockpit.View, s cockpit.SayView, field string, now time.Time) []Choice {
	switch field {
	case "impact":
		return impacts(v)
	case "end":
		return overAt(v, now)
	case "next_update":
		return promises(v, s, now)
	case "eta":
		var out []Choice
		for _, m := range []int{30, 60, 120} {
			out = append(out, Choice{clockAt(now.Add(time.Duration(m)*time.Minute), now), "in " + Num(int64(m)) + " min"})
		}
		return out
	}
	return nil
}

func impacts(v cockpit.View) []Choice {
	var out []Choice
	if onset := v.State.Onset; v.Snap.Chain.Halted != nodes.True && !onset.IsZero() {
		out = append(out, Choice{"no customer effect seen since " + clockAt(onset, v.Now), ""})
	}
	if v.Snap.Chain.Halted == nodes.True {
		out = append(out, Choice{"the chain makes no blocks; nothing sent in has been lost", "halted, as seen"})
	}
	return append(out, Choice{"some requests are slow or fail", ""}, Choice{"not known yet; we are looking into it", ""})
}

// overAt are times at which it may have ended: as the record has it, and now.
func overAt(v cockpit.View, now time.Time) []Choice {
	out := []Choice{{clockAt(now, now), "now"}}
	if back := v.State.Back(); !back.IsZero() {
		out = append([]Choice{{clockAt(back, now), "as the record has it"}}, out...)
	}
	return out
}

// promises are times for the next update: as the plan asks, and half of it.
func promises(v cockpit.View, s cockpit.SayView, now time.Time) []Choice {
	every := s.Every[v.State.Severity]
	if every <= 0 {
		every = 30 * time.Minute
	}
	out := []Choice{{clockAt(step5(now.Add(every)), now), "in " + Minutes(every) + ", as planned"}}
	if half := every / 2; half >= 10*time.Minute {
		out = append(out, Choice{clockAt(step5(now.Add(half)), now), "in " + Minutes(half)})
	}
	return out
}

// step5 is t on the next full five minutes.
func step5(t time.Time) time.Time { return t.Add(5*time.Minute - 1).Truncate(5 * time.Minute) }

// Minutes is a length of time as a promise names it: "30 min", "2 h".
func Minutes(d time.Duration) string {
	if d >= time.Hour && d%time.Hour == 0 {
		return Num(int64(d/time.Hour)) + " h"
	}
	return Num(int64(d/time.Minute)) + " min"
}

// clockAt is a time as messages say it.
func clockAt(t, now time.Time) string {
	t = t.UTC()
	if t.Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		return t.Format("2006-01-02 15:04 UTC")
	}
	return t.Format("15:04 UTC")
}

// NoChange is the value that says so, for the fields of the next update that it
// fits; no fields when nothing was said of this message before.
func NoChange(s cockpit.SayView, now time.Time) (value string, fields []cockpit.FieldView) {
	if s.PostedAt.IsZero() || s.Over() || s.Lock.Locked() {
		return "", nil
	}
	for _, f := range Fillable(s) {
		if f.Name == "impact" || slices.Contains(s.Missing, f.Name) && f.Name != "next_update" && f.Name != "eta" {
			fields = append(fields, f)
		}
	}
	return "no change since " + clockAt(s.PostedAt, now), fields
}

// Fills says which messages a field stands in, by their names.
func Fills(v cockpit.View, field string) []string {
	var out []string
	for _, s := range v.Says {
		if !s.Over() && slices.ContainsFunc(Fields(s), func(f cockpit.FieldView) bool { return f.Name == field }) {
			out = append(out, Label(s.Template))
		}
	}
	return out
}

// Where says where a channel is, for a person who has to go there.
func Where(s cockpit.SayView, channel string) string {
	for _, p := range s.Places {
		if p.Channel != channel {
			continue
		}
		target := safe.Short(p.Target, 60)
		switch p.Driver {
		case "pagerduty":
			return strings.TrimSpace("PagerDuty " + target)
		case "smtp":
			return "mail to " + target
		case "slack", "slack-webhook":
			return strings.TrimSpace("Slack " + target)
		case "discord", "discord-webhook":
			return strings.TrimSpace("Discord " + target)
		case "statuspage":
			return strings.TrimSpace("status page " + target)
		case "hand", "":
			return target
		}
		return strings.TrimSpace(safe.Short(p.Driver, 20) + " " + target)
	}
	return ""
}
