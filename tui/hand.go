package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// hand is what is known of the hand on the keys: a word that was meant for an
// action must never be read as keys, nor an echo as an answer.
type hand struct {
	stray time.Time     // when the person was left without the action he types the word for; zero: he was not
	pause time.Duration // that ends it
	calm  bool          // no key came for quietFor since the dialog opened
	over  overlay       // that dialog
	first time.Time     // the first letter of the word of the armed action
}

const (
	// strayFor is the pause that ends a word typed into nothing, where it could be
	// awaited that something is armed. Where a key said at once that it arms
	// nothing, quietFor does.
	strayFor = time.Second
	// perKey is the least time a hand takes for a letter. A text that comes
	// faster was pasted by a terminal that does not say so.
	perKey = 10 * time.Millisecond
)

// noWord says that what the person types has no action, until a pause.
func (m *model) noWord(now time.Time, pause time.Duration) { m.hand.stray, m.hand.pause = now, pause }

// strays takes the rest of a word whose action is not armed: its letters up to
// its Enter, Esc, another key or a pause. x and ":" ask anew.
func (m *model) strays(k tea.KeyPressMsg, now time.Time) bool {
	last := m.lastKey
	if m.hand.stray.After(last) {
		last = m.hand.stray
	}
	switch {
	case m.hand.stray.IsZero():
		return false
	case m.prompt.kind != idle || now.Sub(last) >= m.hand.pause:
		m.hand.stray = time.Time{}
		return false
	case k.Text != "" && k.Text != "x" && k.Text != ":":
		if m.said == "" {
			m.tell(words.Caution, "Nothing is armed: what you type goes nowhere. Esc, or a pause, ends that.")
		}
		return true
	}
	m.hand.stray = time.Time{}
	return k.String() == "enter"
}

// absorbs says that what opened still takes no answer: a held or doubled key
// never answers what it opened.
func (m *model) absorbs(quiet bool) bool {
	if !m.asksQuiet() || m.prompt.kind != idle || m.hand.over != m.over {
		m.hand.calm, m.hand.over = false, m.over
	}
	if !m.asksQuiet() || m.prompt.kind != idle {
		return false
	}
	m.hand.calm = m.hand.calm || quiet
	return !m.hand.calm
}

// typeWord takes a letter of the word of the armed action.
func (m *model) typeWord(k tea.KeyPressMsg, now time.Time) {
	m.said = ""
	if m.prompt.edit.value == "" {
		m.hand.first = now
	}
	m.prompt.edit = m.prompt.edit.typed(k)
}

// pasted says that the word and its Enter came faster than any hand types.
func (m *model) pasted(now time.Time) bool {
	n := len([]rune(m.prompt.edit.value))
	return n > 1 && now.Sub(m.hand.first) < time.Duration(n)*perKey
}

// skip leaves a step out. One that runs something, and so each that keeps two machines
// from signing with one key, is left out by a typed word only.
func (m *model) skip(st cockpit.StepView, why string) tea.Cmd {
	title := words.Title(st)
	leave := func(string) tea.Cmd {
		m.list.Follow()
		return m.do(`skip "`+title+`"`, "Left out.", incident.Skip{Step: st.Step.Step.ID, By: m.view.Person, Reason: why})
	}
	if st.Step.Step.Run == nil {
		return leave("")
	}
	m.arm(`leave out for good "`+title+`": `+safe.Short(why, 60), "skip", st.Step.Step.ID, m.clock(), leave)
	return nil
}
