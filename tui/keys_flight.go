package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/tui/words"
)

// listKeys are the checklist's own.
func (m *model) listKeys() []binding {
	return append(m.hostKeys(), binding{keys: []string{"o"}, show: "o", help: "show what was seen and folded, or fold it again", when: m.list.CanOpen,
		do: look(func() { m.list.open = !m.list.open })})
}

// outKeys are the output's own.
func (m *model) outKeys() []binding { return m.hostKeys() }

// logKeys are the record's own.
func (m *model) logKeys() []binding { return nil }

// hostKeys change the host whose output is shown.
func (m *model) hostKeys() []binding {
	turn := func(n int) func(time.Time) tea.Cmd { return look(func() { m.out.Turn(n) }) }
	return []binding{
		{keys: []string{"h", "left"}, show: "h l", short: "host", help: "output of the host before, or the next", when: m.out.Many, do: turn(-1)},
		{keys: []string{"l", "right"}, show: "l", when: m.out.Many, do: turn(1)},
	}
}

// starting is the start of a step that was asked for.
type starting struct {
	id   int // of the request
	step string
	was  string    // the step's last effect before it
	at   time.Time // the incident's time before it
}

// asksStart remembers that the next request starts a step.
func (m *model) asksStart(step string) {
	st, _ := m.view.Step(step)
	m.start = starting{id: m.asked + 1, step: step, was: st.Effect, at: m.view.Now}
}

// askedStart goes back to the step whose start was asked for and not taken: what
// is to be read about it is one key away.
func (m *model) askedStart(msg did) {
	if msg.id == m.start.id && msg.err != nil && m.list.cursor == "" && m.over == overNone {
		m.list.Go(m.start.step)
		m.focus = paneList
	}
}

// refusal is what is said when the fence refused the start asked for; ok is
// false when something else ended the request.
func (m *model) refusal(msg did) (string, bool) {
	if msg.id != m.start.id || msg.err == nil {
		return "", false
	}
	st, ok := m.view.Step(m.start.step)
	if !ok || !words.Refused(st) || st.Verdict.At.Before(m.start.at) {
		return "", false
	}
	return "REFUSED. Nothing was sent. Enter opens the evidence.", true
}

// stale says that what a calm answer was about has ended, so that the answer
// must end, too: "Started" beside a step that is done is no news but a puzzle.
func (m *model) stale() bool {
	if m.about == "" {
		return false
	}
	st, ok := m.view.Step(m.about)
	return !ok || st.Effect != m.start.was && !words.Runs(st)
}
