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
	m.tell(words.Calm, "The lessons are over. ? says at any time what works; relight drill --lessons brings them back.")
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
	const head = " LESSON  "
	rows := make([]line, lessonRows)
	for i, s := range wrapMax(m.lesson()+" (T ends the lessons)", w-len(head)-1, lessonRows) {
		rows[i] = tx(pad("", len(head)) + s)
		if i == 0 {
			rows[i] = line{{title, head}, {text, s}}
		}
	}
	return rows
}

// lesson is what to know at this moment.
func (m *model) lesson() string {
	switch {
	case m.prompt.kind == armed:
		return "Armed is not run: read the host and the command in the row below. Only the typed word and Enter fire it; Esc, any change, or 20 s disarm."
	case m.prompt.kind == typing:
		return "In a field every letter is text. Enter takes it, Esc leaves it, and nothing pasted ever confirms an action."
	case m.over == overForm:
		return "Every field is filled from what is seen. Read it, correct it with Tab, then D. Declaring starts the clocks; it runs and posts nothing."
	case m.over == overChoice:
		return "Each way says what speaks for it; ✓ fits what is seen. Mark one with its letter, Enter takes it. It can be changed while nothing runs."
	case m.over != overNone:
		return "All there is to know, with the source and age of every reading. Looking is free. Esc goes back."
	}
	return lessonFor(m.view, words.NextOf(m.view))
}

// lessonFor is the lesson for what is to be done next. It is pure.
func lessonFor(v cockpit.View, n words.Next) string {
	switch n.Do {
	case words.DoDeclare:
		return "Something is wrong: the fourth row always says what, and nothing else ever takes your focus. D opens a declaration that is filled in already."
	case words.DoTick:
		return "Square brackets [ ] want a person's word: Space ticks and may ask what you saw. Round ones ( ) are seen by the cockpit itself and nobody can tick them."
	case words.DoChoose:
		return "The runbook knows more than one way. c shows them with what speaks for each."
	case words.DoRun:
		if words.Refused(n.Step) {
			return "Refused: the cockpit will not start a key until it is proven that nothing else can sign with it. Enter shows what is missing. Waiting is free."
		}
		return "This step changes a host. x only arms it: you will see host and command, and type a word. The Guard lines must be true, the Check lines prove it worked."
	case words.DoPost:
		return "Words are part of the work. P posts exactly the text on the screen, once, after it stood there for a second; {{fields}} are filled with e."
	case words.DoWatch:
		return "Nothing to press: this is seen by itself. In a drill :wait jumps to the next thing that happens; 2 shows what is read, and how old it is."
	case words.DoWait:
		return "It runs. 3 shows what the hosts print; a step is done only when what it changed has been read back, never by its exit code alone."
	case words.DoAnswer:
		return "Nobody knows whether this ran, so nothing is repeated by itself. Read what is seen now, mark an answer with its digit, then Enter."
	case words.DoLocked:
		return "Locked says what it waits for. Other steps may go on: j and k move, Enter opens any of them."
	case words.DoResolve:
		return "The service is back and it was seen. :resolve says so, in words, because rare and heavy things are never a single key."
	case words.DoClose:
		return "After: what was learnt, what is still not as built. :close ends it; relight report prints the whole story from the record."
	case words.DoOver:
		return "That was a whole flight. Everything is in the record, even if the terminal had died in the middle. :q leaves."
	}
	if v.State.ID == "" {
		return "A dark cockpit: while all is well nothing lights up. Look around: Tab goes through the parts, Enter opens, ? says what works here and now."
	}
	return "▶ marks the step under the cursor; f goes back to the next one. The clocks of the first rows run; a fence never shows one."
}
