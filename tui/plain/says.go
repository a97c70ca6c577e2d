package plain

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// messages says what falls due, what was posted, and where each copy stands.
func (t *teller) messages(v cockpit.View) {
	for _, s := range v.Says {
		was, known := t.old.Message(s.Template)
		if !known || t.old.State.ID != v.State.ID {
			was = cockpit.SayView{}
		}
		due := !s.Due.IsZero() && !s.NotNeeded && passed(s.Due, t.old.Now, v.Now)
		opened := !s.Lock.Locked() && (was.Lock.Locked() || !known) && !s.Due.IsZero()
		switch {
		case s.NotNeeded && !was.NotNeeded:
			t.say(v, "SAY", "%s is not needed any more.", words.Label(s.Template))
		case s.PostedAt.After(was.PostedAt):
			t.say(v, "POST", "%s to %s.", words.Label(s.Template), words.Lanes(s))
		case due || opened:
			text, _ := words.Due(s, v.Now)
			_, ready, _ := words.Ready(s)
			t.say(v, "SAY", "%s%s, %s. %s", words.Label(s.Template), public(s), text, ready)
		}
		t.rows(v, was, s)
	}
}

func (t *teller) rows(v cockpit.View, was, is cockpit.SayView) {
	old := map[string]outbox.State{}
	for _, r := range was.Rows {
		old[r.ID] = r.State
	}
	for _, r := range is.Rows {
		if r.State == old[r.ID] || r.State == outbox.Queued || r.State == outbox.Sending || r.State == outbox.Reconciling {
			continue
		}
		_, word, _ := words.Row(r)
		detail := words.RowDetail(r)
		text := words.Label(r.Template) + " to " + safe.Short(r.Lane, 40)
		if detail != "" {
			text += ": " + detail
		}
		t.say(v, strings.ToUpper(word), "%s", words.Sentence(text))
		if len(outbox.Answers(r)) > 0 && (r.State == outbox.NeedsHuman || r.State == outbox.Rejected) {
			t.lines = append(t.lines, ask(fmt.Sprintf("If you know better, type: said %s sent, notsent or byhand", safe.Short(r.Lane, 40))))
		}
	}
}

func public(s cockpit.SayView) string {
	if s.Public {
		return ", PUBLIC"
	}
	return ""
}

// text is a message as it would be posted now.
func text(v cockpit.View, s cockpit.SayView) []string {
	due, _ := words.Due(s, v.Now)
	out := []string{say(v, "SAY", "%s%s, %s, to %s.", words.Label(s.Template), public(s), due, words.Lanes(s))}
	if s.Title != "" {
		out = append(out, sub("TITLE", "%s", safe.Line(s.Title)))
	}
	for _, l := range strings.Split(strings.TrimSpace(safe.Clean(s.Body)), "\n") {
		out = append(out, sub("TEXT", "%s", strings.TrimSpace(l)))
	}
	for _, m := range s.Missing {
		out = append(out, sub("EMPTY", "%s. Type: fill %s VALUE", safe.Short(m, 40), safe.Short(m, 40)))
	}
	for _, p := range s.Problems {
		out = append(out, sub("WORD", "%s", safe.Line(p)))
	}
	_, ready, _ := words.Ready(s)
	return append(out, sub("READY", "%s", ready))
}

// outputs are the lines of running effects: at most five in a second.
type outputs struct {
	seen   map[string]int // effect -> lines told or counted
	second time.Time
	n      int
}

// perSecond is how many lines of output are said in one second.
const perSecond = 5

func (o *outputs) lines(v cockpit.View) []string {
	if o.seen == nil {
		o.seen = map[string]int{}
	}
	var out []string
	for _, e := range v.Outputs {
		total := len(e.Lines) + e.Dropped
		fresh := min(total-o.seen[e.Effect], len(e.Lines))
		o.seen[e.Effect] = total
		if fresh <= 0 {
			continue
		}
		held := 0
		for _, l := range e.Lines[len(e.Lines)-fresh:] {
			if s := v.Now.Truncate(time.Second); !s.Equal(o.second) {
				o.second, o.n = s, 0
			}
			if o.n++; o.n > perSecond {
				held++
				continue
			}
			out = append(out, fmt.Sprintf("%s OUT  %s  %s", l.At.UTC().Format("15:04:05"), safe.Short(l.Host, 40), safe.Line(l.Text)))
		}
		if held > 0 {
			out = append(out, fmt.Sprintf("%s OUT  %s in out/%s", v.Now.UTC().Format("15:04:05"), words.Count(held, "more line"), safe.Short(e.Effect, 40)))
		}
	}
	return out
}
