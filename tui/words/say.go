package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// Label is a template's name for a person: "Status progress".
func Label(template string) string { return incident.Label(template) }

// NextSay is the message to look at next: the one that is due first; or, while
// nothing is due, the one the step to do next asks for.
func NextSay(v cockpit.View) (cockpit.SayView, bool) {
	if n := NextOf(v); n.Do == DoPost && n.Say.Template != "" {
		return n.Say, true
	}
	var best cockpit.SayView
	found := false
	for _, s := range v.Says {
		if s.NotNeeded || s.Due.IsZero() || s.Lock.Locked() {
			continue
		}
		if !found || s.Due.Before(best.Due) {
			best, found = s, true
		}
	}
	return best, found
}

// There is in how many channels the last update of a message stands, of how many
// it was meant for. What is not known is not there.
func There(s cockpit.SayView) (there, all int) {
	last := 0
	for _, r := range s.Rows {
		last = max(last, r.Update)
	}
	for _, r := range s.Rows {
		if r.Update != last || r.State == outbox.Draft || r.State == outbox.NotNeeded || r.State == outbox.Cancelled {
			continue
		}
		all++
		if r.State.Settled() {
			there++
		}
	}
	return there, all
}

// Due says when a message is due: "due in 06:18", "due now", "OVERDUE by 01:40".
func Due(s cockpit.SayView, now time.Time) (text string, level Level) {
	switch left := s.Due.Sub(now); {
	case s.NotNeeded:
		return "not needed", Calm
	case s.Lock.Locked():
		return "locked", Calm
	case s.Due.IsZero() && !s.PostedAt.IsZero():
		if there, all := There(s); there < all {
			return fmt.Sprintf("posted, %d of %d said", there, all), Caution
		}
		return "said " + HMS(s.PostedAt, now), Calm
	case s.Due.IsZero():
		return "not due", Calm
	case left <= 0 && !incident.Late(s.Due, now):
		return "due now", Caution
	case left < 0:
		return "OVERDUE by " + Dur(-left), Caution
	case left <= 5*time.Minute:
		return "due in " + Dur(left), Caution
	default:
		return "due in " + Dur(left), Calm
	}
}

// Ready says whether one key would post it, and if not, why.
func Ready(s cockpit.SayView) (mark, text string, level Level) {
	switch {
	case s.NotNeeded:
		return Left, "Not needed any more.", Calm
	case s.Over():
		if there, all := There(s); there < all {
			return Going, fmt.Sprintf("Posted; it stands in %d of %s so far. Nothing is sent twice.", there, Count(all, "channel")), Calm
		}
		return Good, "Posted. No update is due.", Calm
	case s.Lock.Locked():
		return Nothing, "LOCKED: " + Lock(s.Lock), Calm
	case len(s.Missing) > 0:
		names := make([]string, len(s.Missing))
		for i, m := range s.Missing {
			names[i] = "{{" + safe.Short(m, 40) + "}}"
		}
		return Bad, "NOT READY  empty: " + strings.Join(names, ", "), Caution
	case len(s.Problems) > 0:
		return Bad, "NOT READY  " + safe.Line(strings.Join(s.Problems, "; ")), Caution
	case s.Body == "":
		return Bad, "NOT READY  there is no text", Caution
	}
	return Good, "Complete. Posts to " + Count(len(s.To), "channel") + ".", Calm
}

// plainStatus turns the states of steps as the record writes them into words.
var plainStatus = strings.NewReplacer("(todo)", "(to do)", "(verifying)", "(being checked)", "(timed-out)", "(timed out)", "(no-longer-true)", "(no longer true)",
	"is verifying", "is being checked", "is todo", "is to do")

// Status is the state of a step as a word.
func Status(s incident.Status) string {
	switch s {
	case incident.Todo:
		return "to do"
	case incident.Verifying:
		return "being checked"
	case incident.TimedOut:
		return "timed out"
	case incident.NoLonger:
		return "no longer true"
	}
	return string(s)
}

// Lock is a locked door in words.
func Lock(l incident.Lock) string {
	s := plainStatus.Replace(safe.Line(l.Why))
	if l.Do != "" {
		s += ". Do: " + safe.Line(l.Do)
	}
	return s
}

// Lanes are the channels of a message: public ones are marked.
func Lanes(s cockpit.SayView) string {
	var out []string
	for _, l := range s.To {
		name := safe.Short(l.Channel, 40)
		if l.ByHand {
			name += " (by hand)"
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// Row is where one message to one channel stands.
func Row(r outbox.Row) (mark, word string, level Level) {
	switch r.State {
	case outbox.Delivered:
		return Good, "SAID", Calm
	case outbox.ByHand:
		return Good, "by hand", Calm
	case outbox.Sending, outbox.Queued:
		return Going, "SENDING", Calm
	case outbox.RetryWait:
		return Look, "WAITS", Caution
	case outbox.Unknown, outbox.Reconciling:
		return Asks, "UNKNOWN", Unknown
	case outbox.NeedsHuman:
		return Asks, "ASKS YOU", Unknown
	case outbox.Rejected:
		return Bad, "REJECTED", Warning
	case outbox.Held:
		return Look, "HELD", Caution
	case outbox.Superseded:
		return Left, "replaced", Calm
	case outbox.Cancelled:
		return Left, "taken back", Calm
	case outbox.NotNeeded:
		return Left, "not needed", Calm
	}
	return Nothing, safe.Short(string(r.State), 16), Calm
}

// RowDetail is what the channel said last and what to do about it.
func RowDetail(r outbox.Row) string {
	var parts []string
	for _, s := range []string{r.Error, r.Fix} {
		if s = safe.Line(s); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 && r.Remote.Link != "" {
		return safe.Short(r.Remote.Link, 120)
	}
	return strings.Join(parts, "; ")
}
