package incident

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/safe"
)

// twice is how long a second press of the same key is taken for the first.
const twice = 60 * time.Second

// post queues a message for all its lanes.
func post(s State, c Post, now time.Time) ([]Event, error) {
	what := "post " + Label(c.Template)
	say, ok := s.Say(c.Template)
	if !ok {
		return nil, &Refusal{What: what, Why: "the plan names no channel for it", Do: "add a [[say]] for it, or post it by hand"}
	}
	if l := s.SayLock(say); l.Locked() {
		return nil, &Refusal{What: what, Why: l.Why, Do: l.Do}
	}
	if _, ok := s.mayAct(c.By, "comms"); !ok {
		return nil, &Refusal{What: what, Why: "posting is the commander's, or the comms role's", Do: "take the role, or ask the commander"}
	}
	switch {
	case say.NotNeeded:
		return nil, &Refusal{What: what, Why: "it is not needed any more"}
	case !say.PostedAt.IsZero() && now.Sub(say.PostedAt) < twice && !(s.LastWord(say) && say.PostedAt.Before(s.Resolved)):
		return nil, &Refusal{What: what, Why: fmt.Sprintf("update %d was posted %s ago", say.Next-1, now.Sub(say.PostedAt).Round(time.Second)), Do: "nothing was sent twice"}
	case !say.PostedAt.IsZero() && s.DueAt(say).IsZero():
		return nil, &Refusal{What: what, Why: "it was posted at " + say.PostedAt.Format("15:04:05 UTC") + " and no update is due"}
	case len(c.Missing) > 0:
		return nil, &Refusal{What: what, Why: "not filled: " + strings.Join(c.Missing, ", "), Do: "fill the fields"}
	case len(c.Problems) > 0:
		return nil, &Refusal{What: what, Why: strings.Join(c.Problems, "; "), Do: "change the text"}
	case len(c.Bodies) == 0:
		return nil, &Refusal{What: what, Why: "there is no text"}
	}
	for _, b := range c.Bodies {
		if l := s.tooSoon(); b.State == pageResolved && l.Locked() {
			return nil, &Refusal{What: what, Why: l.Why, Do: l.Do}
		}
	}
	events := []Event{SayPosted{Template: c.Template, Update: say.Next, By: c.By, Next: sooner(s.nextDue(say, now), c.Promised, now)}}
	rows, err := s.rows(say, c, now)
	if err != nil {
		return nil, err
	}
	return append(events, rows...), nil
}

func (s State) rows(say Say, c Post, now time.Time) ([]Event, error) {
	var events []Event
	have := s.Rows
	for _, b := range c.Bodies {
		lane, ok := say.lane(b.Channel)
		if !ok {
			return nil, fmt.Errorf("incident: post %s: channel %s is not in its plan", c.Template, b.Channel)
		}
		r := outbox.Row{ID: b.ID, Incident: s.ID, Lane: b.Channel, Template: c.Template, Update: say.Next,
			Audience: outbox.Audience(lane.Audience), Title: b.Title, Body: b.Text, StatusState: b.State,
			Part: b.Part, Parts: b.Parts, Drill: s.Drill}
		r, err := outbox.Enqueue(have, r, c.By, now)
		if err != nil {
			return nil, &Refusal{What: "post " + Label(c.Template), Why: err.Error(), Do: "nothing was sent twice"}
		}
		if lane.ByHand {
			r.State, r.Fix = outbox.NeedsHuman, "relight has no driver for this channel: post the text by hand and say so"
		}
		have = append(have[:len(have):len(have)], r)
		events = append(events, RowQueued{Row: r})
	}
	return events, nil
}

func (s Say) lane(channel string) (Lane, bool) {
	for _, l := range s.To {
		if l.Channel == channel {
			return l, true
		}
	}
	return Lane{}, false
}

// Say is the plan's line for a template.
func (s State) Say(template string) (Say, bool) {
	for _, say := range s.Says {
		if say.Template == template {
			return say, true
		}
	}
	return Say{}, false
}

// SayLock says why a template may not be posted yet: the runbook names the
// step from which it may be.
func (s State) SayLock(say Say) Lock {
	if l := s.held(); l.Locked() {
		return l
	}
	if len(say.Steps) == 0 {
		if say.State == pageResolved {
			return s.tooSoon()
		}
		return Lock{}
	}
	var first Lock
	for _, id := range s.Speakers(say) {
		st, ok := s.Step(id)
		if !ok || st.Passed {
			continue
		}
		l := s.Gate(st)
		if !l.Locked() {
			return Lock{}
		}
		if !first.Locked() {
			first = l
		}
	}
	return first
}

// held says that the runbook lets nothing be said yet: the step that clears it is
// not done. A skip clears nothing.
func (s State) held() Lock {
	st, ok := s.Step(s.Book.Hold)
	if s.Book.Hold == "" || ok && st.Status == Done {
		return Lock{}
	}
	return Lock{Why: fmt.Sprintf("nothing is said to anybody before %q is done", st.Step.Title), Do: "do that step first; until then it is said by voice, in the circle"}
}

// Speakers are the steps that speak for a template: those of the procedure where
// it has its own, else those of the backbone.
func (s State) Speakers(say Say) []string {
	var own []string
	for _, id := range say.Steps {
		if strings.HasPrefix(id, procedurePrefix) {
			own = append(own, id)
		}
	}
	if len(own) > 0 {
		return own
	}
	return say.Steps
}

// nextDue is when the following update is promised; zero: none.
func (s State) nextDue(say Say, now time.Time) time.Time {
	every := say.Every[s.Severity]
	if every <= 0 || s.cadenceOver(say) {
		return time.Time{}
	}
	return now.Add(every)
}

func rowResult(s State, c RowResult, now time.Time) ([]Event, error) {
	r, ok := s.Row(c.Row)
	if !ok {
		return nil, fmt.Errorf("incident: result for message %s, which is not in the record", c.Row)
	}
	if r.State != outbox.Sending {
		return nil, nil
	}
	return []Event{RowChanged{Row: outbox.Ended(r, c.Outcome, now, seedOf(r))}}, nil
}

func rowLooked(s State, c RowLooked, now time.Time) ([]Event, error) {
	r, ok := s.Row(c.Row)
	if !ok {
		return nil, fmt.Errorf("incident: look-up for message %s, which is not in the record", c.Row)
	}
	if r.State != outbox.Reconciling {
		return nil, nil
	}
	return []Event{RowChanged{Row: outbox.Reconciled(r, c.Result, now)}}, nil
}

// seedOf makes the jitter of a row's back-off the same in every replay.
func seedOf(r outbox.Row) uint64 {
	h := fnv.New64a()
	h.Write([]byte(r.Incident + r.Template + r.Lane))
	return h.Sum64()
}

func rowAnswer(s State, c RowAnswer, now time.Time) ([]Event, error) {
	r, ok := s.Row(c.Row)
	if !ok {
		return nil, &Refusal{What: "answer for message " + c.Row, Why: "there is no such message"}
	}
	for _, a := range outbox.Answers(r) {
		if a == c.Answer {
			if at := remote(c.Where); at.ID != "" && a != outbox.AnswerNotSent {
				r.Remote = at
			}
			return []Event{RowChanged{Row: outbox.Human(r, c.Answer, c.By, now), By: c.By}}, nil
		}
	}
	return nil, &Refusal{What: "answer for " + Label(r.Template) + " to " + r.Lane, Why: "it is " + string(r.State)}
}

// Row is the message with that id.
func (s State) Row(id string) (outbox.Row, bool) {
	for _, r := range s.Rows {
		if r.ID == id {
			return r, true
		}
	}
	return outbox.Row{}, false
}

// Unplanned says that the plan names no channel for any text of a message
// step: a person says it elsewhere, and ticks it.
func (s State) Unplanned(st checklists.Step) bool {
	for _, b := range st.Comms {
		if _, ok := s.Say(b.Template); ok {
			return false
		}
	}
	return true
}

// spoken says where the templates of a message step stand: all settled, some
// on their way, or not posted.
func (s State) spoken(st checklists.Step) Status {
	posted, settled := 0, 0
	for _, b := range st.Comms {
		say, ok := s.Say(b.Template)
		if ok && say.NotNeeded {
			posted, settled = posted+1, settled+1
			continue
		}
		n, open := 0, 0
		for _, r := range s.Rows {
			if r.Template == b.Template {
				n++
				if !r.State.Settled() {
					open++
				}
			}
		}
		if n > 0 {
			posted++
			if open == 0 {
				settled++
			}
		}
	}
	switch len(st.Comms) {
	case settled:
		return Done
	case posted:
		return Waiting
	}
	return Todo
}

// Label is a template's name for a person: "Status progress".
func Label(template string) string {
	s := strings.ReplaceAll(safe.Short(template, 60), "-", " ")
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return "Message"
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
