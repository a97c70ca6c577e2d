package incident

import (
	"fmt"
	"strings"
	"time"
)

// stillKnown is how long the known cause of a condition that ended is taken for
// that of its return.
const stillKnown = 10 * time.Minute

// alarms compares the conditions that hold with those that are known.
func alarms(s State, seen []Alarm, now time.Time) []Event {
	var events []Event
	for _, a := range seen {
		if _, ok := s.alarm(a.Kind); !ok {
			a.Answer, a.Note = s.foreknown(a.Kind, now)
			events = append(events, AlarmRaised{Alarm: a})
		}
	}
	for _, a := range s.Alarms {
		if !a.Ended.IsZero() {
			continue
		}
		still := false
		for _, n := range seen {
			still = still || n.Kind == a.Kind
		}
		if !still {
			events = append(events, AlarmEnded{Name: a.Kind})
		}
	}
	return events
}

// alarm is the alarm of that kind that has not ended.
func (s State) alarm(kind string) (Alarm, bool) {
	for _, a := range s.Alarms {
		if a.Kind == kind && a.Ended.IsZero() {
			return a, true
		}
	}
	return Alarm{}, false
}

// foreknown is the answer of a condition that nobody needs to be asked about:
// that the key of the incident is silent, and what was answered before. Only a
// known cause grows old.
func (s State) foreknown(kind string, now time.Time) (AlarmAnswer, string) {
	for i := len(s.Alarms) - 1; i >= 0; i-- {
		a := s.Alarms[i]
		if a.Kind == kind && a.Answer != "" && (a.Answer != AlarmKnown || now.Sub(a.Ended) <= stillKnown) {
			return a.Answer, a.Note
		}
	}
	if key, ok := strings.CutPrefix(kind, SilentKey); ok {
		for _, p := range s.Book.Params {
			if p.Type == "key" && s.Params[p.Name] == key {
				return AlarmOwn, ""
			}
		}
	}
	return "", ""
}

// SilentKey is the kind of alarm that a key signs no blocks, before its name.
const SilentKey = "key-silent "

// ownAlarms are the conditions that held when the incident was declared.
func ownAlarms(d Declare) []Event {
	var events []Event
	for _, a := range d.Alarms {
		if a.Answer == "" {
			a.Answer = AlarmOwn
		}
		events = append(events, AlarmRaised{Alarm: a})
	}
	return events
}

// answerAlarm says what a condition is to this incident. An answer may be
// changed; what held when it was declared needs none.
func answerAlarm(s State, c AnswerAlarm) ([]Event, error) {
	a, ok := s.alarm(c.Kind)
	what := "answer the alert " + c.Kind
	note := strings.TrimSpace(c.Note)
	switch {
	case !ok:
		return nil, &Refusal{What: what, Why: "it does not stand any more"}
	case a.Answer == AlarmOwn:
		return nil, &Refusal{What: what, Why: "it held when the incident was declared: it is this one's own"}
	case a.Answer == AlarmDeclared && c.Answer != AlarmDeclared:
		return nil, &Refusal{What: what, Why: a.Note + " was declared for it"}
	case c.Answer == AlarmKnown && note == "":
		return nil, &Refusal{What: what, Why: "a reason is missing", Do: "say what causes it"}
	case c.Answer == AlarmDeclared && note == "":
		return nil, &Refusal{What: what, Why: "the other incident is not named"}
	}
	switch c.Answer {
	case AlarmAttached, AlarmKnown, AlarmDeclared:
	default:
		return nil, &Refusal{What: what, Why: fmt.Sprintf("%q is no answer", c.Answer), Do: "attached or known"}
	}
	if a.Answer == c.Answer && a.Note == note {
		return nil, nil
	}
	return []Event{AlarmAnswered{Name: c.Kind, Answer: c.Answer, Note: note, By: c.By}}, nil
}

// answered is an answer in words.
func answered(e AlarmAnswered) string {
	switch e.Answer {
	case AlarmAttached:
		return "the alert " + e.Name + " belongs to this incident" + reason(e.Note)
	case AlarmKnown:
		return "the alert " + e.Name + " has a known cause" + reason(e.Note)
	case AlarmDeclared:
		return "for the alert " + e.Name + " an incident of its own was declared" + reason(e.Note)
	}
	return fmt.Sprintf("the alert %s is answered: %s%s", e.Name, e.Answer, reason(e.Note))
}
