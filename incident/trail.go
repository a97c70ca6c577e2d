package incident

import (
	"strings"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

// Moment is one thing that happened to a message on its way to one channel: the
// row as it stood after an event of the record.
type Moment struct {
	At        time.Time    `json:"at"`
	State     outbox.State `json:"state"`
	Attempt   int          `json:"attempt,omitempty"`
	Lookups   int          `json:"lookups,omitempty"`
	Absents   int          `json:"absents,omitempty"`
	Limited   bool         `json:"limited,omitempty"`
	NotBefore time.Time    `json:"not_before,omitzero"`
	Error     string       `json:"error,omitempty"`
	By        string       `json:"by,omitempty"` // whose word it was
}

// keptMoments of one message: a channel that is down for hours is asked every
// half minute, and only its beginning and its end are looked at.
const keptMoments = 60

// trail adds what became of the message with that id.
func (s State) trail(id, by string, at time.Time) State {
	r, ok := s.Row(id)
	if !ok {
		return s
	}
	old := s.Trails[id]
	if len(old) >= keptMoments { // the first tells when the key was pressed
		old = append(old[:1:1], old[len(old)-keptMoments+2:]...)
	}
	s.Trails = with(s.Trails, id, append(old[:len(old):len(old)], Moment{At: at, State: r.State, Attempt: r.Attempt,
		Lookups: r.Lookups, Absents: r.Absents, Limited: r.Limited, NotBefore: r.NotBefore, Error: r.Error, By: by}))
	return s
}

// remote is a link or an id as a person copied it from a channel. What names a
// message in a link stands at its end.
func remote(where string) outbox.Remote {
	where = strings.TrimSpace(where)
	r := outbox.Remote{ID: where}
	if strings.Contains(where, "://") {
		r.Link = where
		path, _, _ := strings.Cut(strings.TrimRight(where, "/"), "?")
		r.ID = path[strings.LastIndexByte(path, '/')+1:]
	}
	return r
}

// sooner is when the next update is due: what was promised in the text counts
// when it comes before the plan's own time, or where the plan has none.
func sooner(planned, promised, now time.Time) time.Time {
	if !promised.After(now) || !planned.IsZero() && planned.Before(promised) {
		return planned
	}
	return promised
}
