package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
)

// pageResolved is the state of a status page under which a text says that all
// is well again.
const pageResolved = "resolved"

// tooSoon says why a text that says "resolved" may not be posted: nobody hears
// that it is over before it is.
func (s State) tooSoon() Lock {
	if !s.Resolved.IsZero() {
		return Lock{}
	}
	l := s.notBack()
	if !l.Locked() {
		return Lock{Why: "it says that it is resolved, and nobody has resolved it yet", Do: "resolve it first (:resolve)"}
	}
	if l.Do != "" {
		l.Do += ", then "
	}
	return Lock{Why: "it says that it is resolved, and " + l.Why, Do: l.Do + "resolve it (:resolve)"}
}

// saysResolved says that a text of the step says that it is over.
func saysResolved(st checklists.Step) bool {
	for _, b := range st.Comms {
		if b.State == pageResolved {
			return true
		}
	}
	return false
}

// lastWordWithin is how soon after the end everybody who was told of the
// incident is to hear that it is over.
const lastWordWithin = 15 * time.Minute

// LastWord says that the next update of a message is the last word to those who
// heard of the incident by it: it is over, and the text for the end is another's.
func (s State) LastWord(say Say) bool { return !s.Resolved.IsZero() && !s.ending(say) }

// ending says that a message is made for the end.
func (s State) ending(say Say) bool {
	return s.onlyAfter(say) || len(say.Steps) == 0 && say.State == pageResolved
}

// owed are the channels that wait for their last word from a message: they were
// told of the incident, nothing was posted there since it was resolved, no
// message made for the end goes there, and this is the one they heard last. One
// that was left out by a person is not owed.
func (s State) owed(say Say) []string {
	if s.Resolved.IsZero() || say.NotNeeded || say.PostedAt.IsZero() {
		return nil
	}
	var out []string
	for _, l := range say.To {
		if s.told(l.Channel) && s.lastFrom(l.Channel) == say.Template {
			out = append(out, l.Channel)
		}
	}
	return out
}

// told says that a channel got a message, or may have got one.
func (s State) told(channel string) bool {
	for _, r := range s.Rows {
		switch r.State {
		case outbox.Draft, outbox.Cancelled, outbox.Superseded, outbox.NotNeeded:
			continue
		}
		if r.Lane == channel {
			return true
		}
	}
	return false
}

// lastFrom is the message that owes a channel its last word; "" when another
// says it, or said it.
func (s State) lastFrom(channel string) string {
	var last Say
	for _, say := range s.Says {
		if _, goes := say.lane(channel); !goes {
			continue
		}
		if s.ending(say) || !say.PostedAt.Before(s.Resolved) {
			return ""
		}
		if say.PostedAt.After(last.PostedAt) {
			last = say
		}
	}
	return last.Template
}

// skipped says that every step that carries a message was left out with a
// reason: nobody waits for it, and it can still be posted.
func (s State) skipped(say Say) bool {
	n := 0
	for _, id := range say.Steps {
		st, ok := s.Step(id)
		switch {
		case !ok || st.Passed:
		case st.Status != Skipped:
			return false
		default:
			n++
		}
	}
	return n > 0
}

// unheard says who still waits to hear that it is over.
func (s State) unheard() Lock {
	var who []string
	first := ""
	for _, say := range s.Says {
		if owed := s.owed(say); len(owed) > 0 {
			who = append(who, fmt.Sprintf("%s (%s)", strings.Join(owed, ", "), Label(say.Template)))
			if first == "" {
				first = Label(say.Template)
			}
		}
	}
	if len(who) == 0 {
		return Lock{}
	}
	return Lock{Why: "told of the incident, and not that it is over: " + strings.Join(who, "; "),
		Do: "post " + first + " (P), or leave it out with a reason (:leave REASON)"}
}

// leaveOut is the commander's word that a message is not posted, or its last
// word not said.
func leaveOut(s State, c LeaveOut) ([]Event, error) {
	what := "leave out " + Label(c.Template)
	say, ok := s.Say(c.Template)
	switch {
	case !ok:
		return nil, &Refusal{What: what, Why: "the plan has no such message"}
	case s.Roles["commander"] != c.By:
		return nil, &Refusal{What: what, Why: "only the commander leaves a message out"}
	case strings.TrimSpace(c.Reason) == "":
		return nil, &Refusal{What: what, Why: "a reason is missing", Do: "say why"}
	case say.NotNeeded:
		return nil, &Refusal{What: what, Why: "it is not needed any more"}
	case !say.PostedAt.IsZero() && s.Resolved.IsZero():
		return nil, &Refusal{What: what, Why: "its readers were told, and it goes on", Do: "leave its last word out once it is resolved"}
	case !say.PostedAt.IsZero() && s.DueAt(say).IsZero():
		return nil, &Refusal{What: what, Why: "it was posted and no update is due"}
	}
	return []Event{SayDropped{Template: c.Template, Why: strings.TrimSpace(c.Reason), By: c.By}}, nil
}
