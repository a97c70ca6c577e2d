package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/words"
)

// lessons are two rows above the prompt that teach the first flight: what is
// seen now and why, one thing at a time. They never take a key or wait for one.
type lessons struct {
	on bool
}

// lessonRows is how many rows they take: always the same, so that nothing
// jumps.
const lessonRows = 2

// endLessons takes the lessons away for good.
func (m *model) endLessons(time.Time) tea.Cmd {
	m.lessons.on = false
	m.tell(words.Calm, "The lessons are over; relight drill --lessons on brings them back. ? says at any time what works.")
	if end := m.o.LessonsEnd; end != nil {
		return func() tea.Msg { end(); return nil }
	}
	return nil
}

// lessonLines are the rows of the lesson that fits now.
func (m *model) lessonLines(w int) []line {
	if !m.lessons.on || m.w < 60 || m.h < 20 {
		return nil
	}
	heads := [lessonRows]string{" LESSON  ", " T ends  "}
	rows := make([]line, lessonRows)
	said := wrapMax(m.lesson(), w-width(heads[0])-1, lessonRows)
	for i, head := range heads {
		rows[i] = in(title, head)
		if i < len(said) {
			rows[i] = rows[i].add(text, said[i])
		}
	}
	return rows
}

// lesson is what to know at this moment.
func (m *model) lesson() string {
	switch {
	case m.prompt.kind == armed:
		return "Armed is not run. Read the host and the command: Enter shows it whole. Only the typed word and Enter fire; Esc or 20 s disarm."
	case m.prompt.kind == typing:
		return "In a field every letter is text. Enter takes it, Esc leaves it. What is pasted never confirms an action."
	}
	switch m.over {
	case overForm:
		if m.form.lacks() != "" {
			return "Nothing fills it in yet. Tab: say what is wrong and name the runbook; then Esc and D. Declaring runs and posts nothing."
		}
		return "Filled in from what is seen: read it, mend it with Tab, then D. Declaring starts clocks; it runs and posts nothing."
	case overChoice:
		return "Each way says what speaks for it; ✓ fits what is seen. A letter marks one, Enter takes it; it can still be changed."
	case overPalette:
		return "A few letters find any action, step, node or message. What acts is armed and typed as by its own key."
	case overQuestion:
		return "It stands on deciding later. An answer is recorded; nothing runs by it."
	case overDetail:
		if m.detail.of == ofHelp {
			return "What the keys do at this moment; what does not work now is not listed. Looking is free. Esc goes back."
		}
		return "All there is to know, each reading with its source and age. Looking is free. Esc goes back."
	}
	return lessonFor(m.view, words.NextOf(m.view))
}

// lessonFor is the lesson for what is to be done next. It is pure.
func lessonFor(v cockpit.View, n words.Next) string {
	switch n.Do {
	case words.DoDeclare:
		return "The fourth row says what is wrong, always there; nothing ever takes your focus. D opens a declaration, filled in."
	case words.DoTick:
		return "A square box wants a person's word: Space ticks it and may ask what you saw. A round one is seen by itself: nobody can tick it."
	case words.DoChoose:
		return "The runbook knows more than one way. c shows them, with what speaks for each."
	case words.DoRun:
		if words.Refused(n.Step) {
			return "A key starts only when it is proven that nothing else signs with it. Enter shows what is missing. Waiting is free."
		}
		return "This step changes a host. x only arms it; then you type a word. Guards must hold; checks prove that it worked."
	case words.DoPost:
		return "P posts the text on the screen, once, after it stood there whole for a second. e fills an empty {{field}}."
	case words.DoRoll:
		return "A halted chain goes on when enough power votes again. :roll writes down who was called and what he said."
	case words.DoWatch:
		return "Nothing to press: it is seen by itself. :wait jumps to what happens next; 2 shows what is read and how old it is."
	case words.DoWait:
		return "It runs. 3 shows what the hosts print. A step is done when its change was read back, never by an exit code alone."
	case words.DoAnswer:
		return "Nobody knows whether it ran, so nothing is repeated. Read what is seen now, mark an answer by its digit, Enter."
	case words.DoLocked:
		return "Locked says what it waits for. Other steps may go on: j and k move, Enter opens any of them."
	case words.DoResolve:
		return "The service is back and it was seen. :resolve says so in words: what is rare and heavy is never a single key."
	case words.DoClose:
		return "After: what was learnt, what is not yet as built. :close ends it; relight report tells the whole story."
	case words.DoOver:
		return "A whole flight, all of it in the record, even had the terminal died in the middle. :q leaves."
	}
	if v.State.ID == "" {
		return "A dark cockpit: while all is well nothing lights up. Tab goes round the parts, Enter opens, ? says what works now."
	}
	return "▶ marks the step under the cursor, f goes back to the next one. Clocks run in the first rows; a fence shows none."
}
