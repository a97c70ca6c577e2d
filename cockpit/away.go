package cockpit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// Away is a stretch in which no relight watched an open incident.
type Away struct {
	From    time.Time // of the last event in the record
	To      time.Time // when it was taken up again
	Entries int       // events the record held
	// Lines say what is known to have happened meanwhile, in the order it
	// happened, each with its time where that is known.
	Lines []string
}

// settling is how long after a resume what is first seen is taken for something
// of the time before.
const settling = 30 * time.Second

// absence is what Resume noted, and what the first looks added.
type absence struct {
	from, to time.Time
	entries  int
	events   int                 // events in the record when the cockpit took it up, its own included
	signed   map[string]happened // key -> its first signature after a silence
}

type happened struct {
	at   time.Time // zero: some time in between
	text string
}

// back notes since when nobody watched.
func back(entries int, last, now time.Time) *absence {
	return &absence{from: last, to: now, entries: entries, signed: map[string]happened{}}
}

// follow looks for a key of the incident that signs again since the gap.
func (a *absence) follow(s nodes.Snapshot) {
	if a == nil || s.At.After(a.to.Add(settling)) {
		return
	}
	for _, k := range s.Keys {
		if at := k.SignedSince; at.After(a.from) && !at.After(a.to) {
			a.signed[k.Name] = happened{at: at, text: fmt.Sprintf("%s signed again, from block %d on", k.Name, k.SignedFrom)}
		}
	}
}

// awayLocked is the gap for the View; nil when there is none.
func (c *Cockpit) awayLocked() *Away {
	a := c.away
	if a == nil {
		return nil
	}
	var seen []happened
	for _, h := range a.signed {
		seen = append(seen, h)
	}
	for _, r := range c.log[min(a.events, len(c.log)):] {
		if r.At.After(a.to.Add(settling)) {
			break
		}
		if h, ok := c.meanwhile(*a, r); ok {
			seen = append(seen, h)
		}
	}
	slices.SortFunc(seen, func(x, y happened) int {
		switch {
		case x.at.IsZero() != y.at.IsZero(): // what has no time comes last
			return map[bool]int{true: 1, false: -1}[x.at.IsZero()]
		case !x.at.Equal(y.at):
			return x.at.Compare(y.at)
		}
		return strings.Compare(x.text, y.text)
	})
	out := &Away{From: a.from, To: a.to, Entries: a.entries}
	for _, h := range seen {
		if h.at.IsZero() {
			out.Lines = append(out.Lines, h.text)
			continue
		}
		out.Lines = append(out.Lines, h.at.UTC().Format("15:04:05")+" "+h.text)
	}
	return out
}

// meanwhile is what an event of the first looks says about the time before.
func (c *Cockpit) meanwhile(a absence, r incident.Recorded) (happened, bool) {
	within := func(at time.Time) bool { return at.After(a.from) && !at.After(a.to) }
	switch e := r.Event.(type) {
	case incident.ClockStopped:
		if within(e.At) {
			return happened{e.At, fmt.Sprintf("the clock %s stopped", e.Name)}, true
		}
	case incident.AlarmEnded:
		return happened{text: "over: " + c.alarmText(e.Name)}, true
	case incident.AlarmRaised:
		return happened{text: "new: " + e.Alarm.Text}, true
	case incident.StepMoved:
		st, ok := c.state.Step(e.Step)
		if ok && e.To == incident.Done && within(e.Since) {
			return happened{e.Since, fmt.Sprintf("true from then on: %q", st.Step.Title)}, true
		}
	}
	return happened{}, false
}

func (c *Cockpit) alarmText(kind string) string {
	for i := len(c.state.Alarms) - 1; i >= 0; i-- {
		if a := c.state.Alarms[i]; a.Kind == kind {
			return a.Text
		}
	}
	return kind
}
