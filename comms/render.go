package comms

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/safe"
)

// Fields are the values of a message: the built-in fields and the runbook's
// parameters, by name.
type Fields map[string]string

// Rules are what the destination allows.
type Rules struct {
	Audience outbox.Audience // of the channel; the stricter of this and the template's counts
	Hosts    []string        // names and addresses of the inventory, refused in public
	Literals []string        // further bracketed texts that are meant, as "[INFO]"
	Now      time.Time       // to see that an ETA is past; zero: not looked at
	Onset    time.Time       // the end does not lie before it; zero: not looked at
}

// Message is a filled template.
type Message struct {
	Title, Body string
	State       string    // the status page's state, from the template
	Missing     []string  // fields without a value, in order: the cursor goes to the first
	Problems    []Problem // what forbids posting
	Warnings    []Problem // what a person should see before the key
}

// Problem names what in a message is wrong.
type Problem struct {
	Match string // the words themselves
	Why   string
}

// Ready says that the message may be posted.
func (m Message) Ready() bool { return len(m.Missing) == 0 && len(m.Problems) == 0 }

// longestTitle fits a status page (255) with the drill's mark and a part's label.
const longestTitle = 230

// Render fills t. A message that is not Ready is returned all the same, for the
// preview; it must not be posted. The error says that the template itself is
// broken.
func Render(t Template, f Fields, r Rules) (Message, error) {
	if err := t.checkBraces(1); err != nil {
		return Message{}, fmt.Errorf("template %s: %w", t.Name, err)
	}
	public := r.Audience != outbox.Internal || t.Audience == outbox.Public
	m := Message{State: t.State}
	m.Title = safe.Line(m.fill(t.Title, f, public))
	m.Body = tidy(m.fill(t.Body, f, public))
	text := m.Title + "\n" + m.Body
	m.Problems = append(m.Problems, leftovers(text, r.Literals)...)
	m.Problems = append(m.Problems, secrets(text)...)
	if public {
		m.Problems = append(m.Problems, private(text, r.Hosts)...)
	}
	if n := utf8.RuneCountInString(m.Title); n > longestTitle {
		m.Problems = append(m.Problems, Problem{safe.Short(m.Title, 40), "the title is too long"})
	}
	m.checkTimes(t, f, r.Now)
	m.checkEnd(t, f, r)
	return m, nil
}

// fill replaces the placeholders once: a value that holds "{{" is not filled
// again but refused.
func (m *Message) fill(text string, f Fields, public bool) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		drop := false
		filled := placeholder.ReplaceAllStringFunc(line, func(gap string) string {
			name := placeholder.FindStringSubmatch(gap)[1]
			// Cleaned first: a value of invisible characters is none.
			value := strings.TrimSpace(safe.Clean(f[name]))
			switch {
			case value == "" && Optional(name):
				drop = true
			case value == "" && !slices.Contains(m.Missing, name):
				m.Missing = append(m.Missing, name)
			case public && !PublicField(name):
				m.Problems = append(m.Problems, Problem{gap, "not a field for the public: say it through {{public_name}}"})
			}
			if at := strings.Index(value, "{{"); at >= 0 {
				m.Problems = append(m.Problems, Problem{safe.Short(value[at:], 40), "a placeholder inside a value"})
			}
			if value == "" {
				return gap // the preview shows it
			}
			return value
		})
		if !drop {
			out = append(out, filled)
		}
	}
	return strings.Join(out, "\n")
}

var blankLines = lazy.Pattern(`\n{3,}`)

// tidy is the body without the gaps that left-out lines leave.
func tidy(s string) string {
	return strings.TrimSpace(blankLines.ReplaceAllString(safe.Clean(s), "\n\n"))
}

var clockTime = lazy.Pattern(`\b([01]?\d|2[0-3]):[0-5]\d\b`)

// checkTimes wants every time to say UTC, and warns of an ETA that is past.
func (m *Message) checkTimes(t Template, f Fields, now time.Time) {
	used := t.Fields()
	for _, name := range []string{FieldStart, FieldEnd, FieldNextUpdate, FieldETA} {
		value := f[name]
		if !slices.Contains(used, name) || !clockTime.MatchString(value) {
			continue
		}
		if !strings.Contains(value, "UTC") {
			m.Problems = append(m.Problems, Problem{value, name + " does not say UTC"})
			continue
		}
		due := name == FieldETA || name == FieldNextUpdate
		if due && !now.IsZero() && past(value, now.UTC()) {
			m.Warnings = append(m.Warnings, Problem{value, name + " is past"})
		}
	}
}

// past says that a time as When writes it lies before now. A bare "14:30 UTC"
// is the one nearest to now.
func past(value string, now time.Time) bool {
	if t, err := time.Parse("2006-01-02 15:04 UTC", value); err == nil {
		return t.Before(now.Truncate(time.Minute))
	}
	t, err := time.Parse("15:04 UTC", value)
	if err != nil {
		return false
	}
	ago := now.Sub(now.Truncate(24*time.Hour)) - time.Duration(t.Hour())*time.Hour - time.Duration(t.Minute())*time.Minute
	if ago > 12*time.Hour {
		ago -= 24 * time.Hour
	}
	if ago < -12*time.Hour {
		ago += 24 * time.Hour
	}
	return ago >= time.Minute
}

// When is a time as messages say it: "14:30 UTC", with the date when it is not
// the day of ref.
func When(t, ref time.Time) string {
	t, ref = t.UTC(), ref.UTC()
	if t.Format(time.DateOnly) == ref.Format(time.DateOnly) {
		return t.Format("15:04 UTC")
	}
	return t.Format("2006-01-02 15:04 UTC")
}

// HowLong is a duration as messages say it: "under a minute", "47 min",
// "2 h 05 min".
func HowLong(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes < 1:
		return "under a minute"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

// Recovery is how far a component is.
type Recovery string

const (
	Restored   Recovery = "restored"
	InProgress Recovery = "in progress"
	Pending    Recovery = "pending"
)

// ComponentState is one component as it is seen now, by its public name.
type ComponentState struct {
	Name  string
	State Recovery
}

// Components are the lines of {{components}}: restored ones first, then those
// in progress, then pending, each in the order given. What is not known is
// pending: a message must not promise it.
func Components(list []ComponentState) string {
	var lines []string
	for _, want := range []Recovery{Restored, InProgress, Pending} {
		for _, c := range list {
			state := c.State
			if state != Restored && state != InProgress {
				state = Pending
			}
			if state == want {
				lines = append(lines, fmt.Sprintf("- %s %s (%s)", marks(state), safe.Line(c.Name), state))
			}
		}
	}
	return strings.Join(lines, "\n")
}

func marks(s Recovery) string {
	switch s {
	case Restored:
		return "✅"
	case InProgress:
		return "🔄"
	}
	return "⏳"
}
