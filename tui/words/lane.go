package words

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// Handmade says that a channel has no driver: a person posts there.
func Handmade(s cockpit.SayView, channel string) bool {
	for _, l := range s.To {
		if l.Channel == channel {
			return l.ByHand
		}
	}
	return false
}

// Copy is where one message to one channel stands, for somebody who may have to
// post it by hand.
func Copy(r outbox.Row, hand bool) (mark, word string, level Level) {
	if hand && r.State == outbox.NeedsHuman {
		return Look, "BY HAND", Caution
	}
	return Row(r)
}

// Replies are what a person may say of a copy now. What has no driver was never
// sent, so there is nothing to look for.
func Replies(r outbox.Row, hand bool) []outbox.Answer {
	if r.State != outbox.NeedsHuman && r.State != outbox.Rejected && r.State != outbox.Unknown && r.State != outbox.RetryWait {
		return nil
	}
	if hand {
		return []outbox.Answer{outbox.AnswerByHand}
	}
	return outbox.Answers(r)
}

// Wants says that a copy waits for a person's word.
func Wants(r outbox.Row) bool { return r.State == outbox.NeedsHuman || r.State == outbox.Rejected }

// Took is how long a copy took from the key to its end, or takes so far.
func Took(r outbox.Row, now time.Time) string {
	from := r.QueuedAt
	if from.IsZero() {
		from = r.SentAt
	}
	end := r.EndedAt
	if end.IsZero() || !r.State.Settled() {
		end = now
	}
	if from.IsZero() || end.Before(from) {
		return ""
	}
	return Dur(end.Sub(from))
}

// Turn is one line of what happened to a copy.
type Turn struct {
	At   time.Time
	Text string
}

// Happened is what became of a copy, line by line, and what comes next.
func Happened(v cockpit.View, r outbox.Row, hand bool, now time.Time) []Turn {
	var out []Turn
	var was, failed incident.Moment
	same := 0
	for _, m := range v.State.Trails[r.ID] {
		t := moment(was, m, hand)
		if m.State == outbox.RetryWait && failed.State == m.State && failed.Error == m.Error && failed.Limited == m.Limited && len(out) > 1 {
			if same++; same > 1 { // one line for all of them
				out = out[:len(out)-1]
			}
			out = out[:len(out)-1]
			t = "tried " + Count(same, "more time") + ", with the same end"
		}
		if t != "" {
			out = append(out, Turn{m.At, t})
		}
		if m.State == outbox.RetryWait && failed.Error != m.Error {
			same = 0
		}
		if was = m; m.State != outbox.Sending {
			failed = m
		}
	}
	if len(out) == 0 && r.Error != "" {
		at := r.EndedAt
		if at.IsZero() {
			at = r.SentAt
		}
		out = append(out, Turn{at, safe.Line(r.Error)})
	}
	return append(out, next(r, now)...)
}

// moment is one change in words; "" when it is told by the one after it.
func moment(was, is incident.Moment, hand bool) string {
	why := safe.Line(is.Error)
	switch is.State {
	case outbox.Queued:
		switch {
		case was.State == "":
			return "queued by " + safe.Short(is.By, 30)
		case is.By != "":
			return safe.Short(is.By, 30) + " says that it is not there: it is sent once more"
		}
		return "looked: not there, twice. It is sent once more"
	case outbox.Sending:
		if is.Attempt > 1 {
			return "sending again, try " + Num(int64(is.Attempt))
		}
		return "sending"
	case outbox.RetryWait:
		if is.Limited {
			return because("the channel asks to wait; nothing was posted", why)
		}
		return because("it did not leave", why)
	case outbox.Rejected:
		return because("the channel refused it", why)
	case outbox.Unknown:
		return lost(was, is, why)
	case outbox.NeedsHuman:
		if hand {
			return "" // said with what to do
		}
		return because("only a person can tell whether it is there", why)
	case outbox.Delivered:
		if is.By != "" {
			return safe.Short(is.By, 30) + " says that it is there"
		}
		if was.State == outbox.Reconciling {
			return "looked: it is there"
		}
		return "the channel took it"
	case outbox.ByHand:
		return safe.Short(is.By, 30) + " posted it by hand"
	case outbox.Held:
		return "held back"
	case outbox.Cancelled, outbox.Superseded, outbox.NotNeeded:
		_, word, _ := Row(outbox.Row{State: is.State})
		return word
	}
	return ""
}

// lost is an attempt or a look that did not settle it.
func lost(was, is incident.Moment, why string) string {
	switch {
	case was.State != outbox.Reconciling:
		return because("the answer was lost: it may be there or not", why)
	case is.Absents > was.Absents:
		return "looked: not there (" + Num(int64(is.Absents)) + " of 2 needed)"
	case is.Lookups == was.Lookups:
		return because("looked: the channel asks to wait", why)
	}
	return because("looked, no clear answer", why)
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// next is what the copy waits for.
func next(r outbox.Row, now time.Time) []Turn {
	in := func() string {
		if d := r.NotBefore.Sub(now); d > 0 {
			return "in " + Dur(d)
		}
		return "now"
	}
	switch r.State {
	case outbox.Unknown:
		t := "next look, " + in() + ". Twice not there: it is sent once more"
		if r.Absents > 0 {
			t = "next look, " + in() + ". Not there again: it is sent once more"
		}
		return []Turn{{r.NotBefore, t}}
	case outbox.Reconciling:
		return []Turn{{time.Time{}, "looking now"}}
	case outbox.RetryWait:
		return []Turn{{r.NotBefore, "sent again, " + in()}}
	case outbox.Sending:
		return []Turn{{time.Time{}, "no answer yet"}}
	}
	return nil
}

// Held is what waits behind a copy that is not settled.
func Held(v cockpit.View, r outbox.Row, now time.Time) []string {
	var out []string
	for _, o := range v.State.Rows {
		if o.Lane == r.Lane && o.ID != r.ID && !o.State.Settled() && outbox.Order(r, o) < 0 {
			out = append(out, Numbered(o.Template, o.Update)+": posted, waits for its turn")
		}
	}
	for _, s := range v.Says {
		if !s.Due.IsZero() && !s.Over() && slices.ContainsFunc(s.To, func(l incident.Lane) bool { return l.Channel == r.Lane }) {
			due, _ := Due(s, now)
			out = append(out, Update(s)+": "+due)
		}
	}
	return append(out, "No other channel waits. Closing the incident waits for this copy.")
}

// Lane is one channel of the plan and how far it is.
type Lane struct {
	Channel string
	Public  bool
	Mark    string
	Word    string
	Level   Level
	Last    time.Time // when something was last said in it
}

// AllLanes are all channels of the plan, those that are stuck first.
func AllLanes(v cockpit.View) []Lane {
	var out []Lane
	for _, s := range v.Says {
		for _, l := range s.To {
			if slices.ContainsFunc(out, func(o Lane) bool { return o.Channel == l.Channel }) {
				continue
			}
			out = append(out, lane(v, s, l))
		}
	}
	slices.SortStableFunc(out, func(a, b Lane) int { return int(b.Level) - int(a.Level) })
	return out
}

func lane(v cockpit.View, s cockpit.SayView, to incident.Lane) Lane {
	l := Lane{Channel: to.Channel, Public: to.Audience == "public", Mark: Nothing, Word: "nothing said", Level: Calm}
	for _, r := range v.State.Rows {
		if r.Lane != to.Channel {
			continue
		}
		mk, word, level := Copy(r, to.ByHand)
		switch {
		case r.State == outbox.Delivered || r.State == outbox.ByHand:
			if r.EndedAt.After(l.Last) {
				l.Last = r.EndedAt
			}
			if l.Mark == Nothing {
				l.Mark, l.Word = Good, "free"
			}
		case !r.State.Settled() && (l.Mark == Nothing || l.Mark == Good):
			l.Mark, l.Word, l.Level = mk, word, level
		}
	}
	return l
}

// Post is one message that was said: all its copies.
type Post struct {
	N        int // in the order of the incident
	At       time.Time
	Template string
	Update   int
	Public   bool
	Channels []string
	Rows     []outbox.Row
}

// Posts are what was said so far, the newest last.
func Posts(v cockpit.View) []Post {
	var out []Post
	for _, r := range v.State.Rows {
		i := slices.IndexFunc(out, func(p Post) bool { return p.Template == r.Template && p.Update == r.Update })
		if i < 0 {
			at := r.QueuedAt
			for _, t := range []time.Time{r.SentAt, r.EndedAt} {
				if at.IsZero() {
					at = t
				}
			}
			out, i = append(out, Post{N: len(out) + 1, At: at, Template: r.Template, Update: r.Update}), len(out)
		}
		p := &out[i]
		p.Rows, p.Public = append(p.Rows, r), p.Public || r.Audience == outbox.Public
		if !slices.Contains(p.Channels, r.Lane) {
			p.Channels = append(p.Channels, r.Lane)
		}
	}
	return out
}

// Stands is how a post stands in v: "said 2", or its worst copy.
func (p Post) Stands(v cockpit.View) (mark, text string, level Level) {
	said := 0
	mark = Good
	worst := ""
	s, _ := v.Message(p.Template)
	for _, r := range p.Rows {
		mk, word, l := Copy(r, Handmade(s, r.Lane))
		if r.State == outbox.Delivered || r.State == outbox.ByHand {
			said++
			continue
		}
		if worst == "" || l > level {
			mark, worst, level = mk, word, l
		}
	}
	if worst == "" {
		return mark, "said " + Num(int64(said)), Calm
	}
	return mark, worst + ", " + Num(int64(said)) + " of " + Num(int64(len(p.Rows))) + " said", level
}

// LastPost is the latest post of a template.
func LastPost(v cockpit.View, template string) (Post, bool) {
	var out Post
	found := false
	for _, p := range Posts(v) {
		if p.Template == template && (!found || p.Update >= out.Update) {
			out, found = p, true
		}
	}
	return out, found
}

// OpenElsewhere is what stands open at others and must be closed at the end: an
// incident on a status page, an alert at a pager.
func OpenElsewhere(v cockpit.View) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range v.Says {
		for _, p := range s.Places {
			if seen[p.Channel] || (p.Driver != "statuspage" && p.Driver != "pagerduty") {
				continue
			}
			seen[p.Channel] = true
			if t := openIn(v, p); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

func openIn(v cockpit.View, p cockpit.Place) string {
	var last outbox.Row
	id := ""
	for _, r := range v.State.Rows {
		if r.Lane != p.Channel || (r.State != outbox.Delivered && r.State != outbox.ByHand) {
			continue
		}
		last = r
		if r.Remote.ID != "" {
			id = " " + safe.Short(r.Remote.ID, 30)
		}
	}
	if last.ID == "" {
		return ""
	}
	name := safe.Short(p.Channel, 30)
	if p.Driver == "pagerduty" {
		return name + ": the alert" + id
	}
	if last.StatusState == "resolved" {
		return ""
	}
	return strings.TrimSpace(name + ": incident" + id + "  " + last.StatusState)
}
