package plain

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// Cockpit is what the lines need of a cockpit.
type Cockpit interface {
	View() cockpit.View
	Changed() <-chan struct{}
	Declare(cockpit.Declaration) error
	RunStep(ctx context.Context, step, confirm, approver string) error
	UndoStep(ctx context.Context, step, confirm string) error
	StopStep(ctx context.Context, step, confirm string) error
	Post(ctx context.Context, template, digest string) error
	AnswerAlert(kind string, a incident.AlarmAnswer, note string) error
	DeclareOther(cockpit.Declaration) (id string, err error)
	Cut(ctx context.Context, host, how, confirm string) error
	Fill(field, value string)
	Do(incident.Command) error
	Quiet(kind string)
	Reread(ctx context.Context)
	Wait()
}

// Options of the line mode.
type Options struct {
	// Back is the command that takes the incident up again, for the last line;
	// nil: none is named.
	Back func(incident.State) string
	// Bell rings the terminal's bell for new alerts: once each, at most one in
	// 30 s.
	Bell bool
	// Every is the shortest time between two rounds of lines; 0: 500 ms.
	Every time.Duration
}

// Run writes lines to out and takes commands from in until the input ends,
// somebody types quit, or ctx ends. The incident stays open. Errors: of
// writing, and ctx's cause when it was ended from outside.
func Run(ctx context.Context, in io.Reader, out io.Writer, c Cockpit, o Options) error {
	if o.Every <= 0 {
		o.Every = 500 * time.Millisecond
	}
	p := &session{c: c, out: out, rings: o.Bell}
	lines := make(chan string)
	go read(ctx, in, lines)
	changed := c.Changed()
	p.tell()
	var pause <-chan time.Time // set while a round of lines is held back
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for p.err == nil && !p.quit {
		select {
		case <-ctx.Done():
			p.leave(o.Back)
			return errors.Join(p.err, context.Cause(ctx))
		case line, more := <-lines:
			if !more {
				p.quit = true
				break
			}
			p.take(ctx, line)
			p.tell()
		case <-changed:
			changed = nil
			pause = time.After(o.Every)
		case <-pause:
			pause, changed = nil, c.Changed()
			p.tell()
		case <-alive.C:
			p.alive()
		}
	}
	p.tell()
	p.leave(o.Back)
	return p.err
}

// aliveEvery is how often silence is broken: proof that the watch lives.
const aliveEvery = 10 * time.Minute

// maxLine is the longest line a person may type.
const maxLine = 64 << 10

func read(ctx context.Context, in io.Reader, lines chan<- string) {
	defer close(lines)
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxLine)
	for s.Scan() {
		select {
		case lines <- s.Text():
		case <-ctx.Done():
			return
		}
	}
}

// session is one person at the lines.
type session struct {
	c    Cockpit
	out  io.Writer
	told teller
	ask  *question
	bell words.Bell
	// rings says that the bell may be rung.
	rings bool
	quit  bool
	err   error // of writing: then there is nobody to tell
}

func (p *session) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// tell writes what changed since it was last called.
func (p *session) tell() {
	v := p.c.View()
	for _, l := range p.told.changes(v) {
		p.line("%s", l)
	}
	if p.bell.Hear(v.Alerts, time.Now()) && p.rings && p.err == nil {
		_, p.err = io.WriteString(p.out, "\a")
	}
}

func (p *session) alive() {
	v := p.c.View()
	_, chain, _ := words.Chain(v, v.Now)
	p.line("%s", say(v, "ALIVE", "Chain %s; %s.", chain, words.OldestAnswer(v, v.Now)))
}

func (p *session) leave(back func(incident.State) string) {
	v := p.c.View()
	if !v.State.Open() {
		return
	}
	text := v.State.ID + " stays open."
	if back != nil {
		text += " To come back: " + back(v.State)
	}
	p.line("%s", say(v, "LEFT", "%s", text))
}

// say is one line: time, time since the declaration, word, text.
func say(v cockpit.View, word, format string, args ...any) string {
	t := v.Now.UTC().Format("15:04:05") + " UTC  "
	if !v.State.Declared.IsZero() && v.State.ID != "" {
		t += "T+" + words.Dur(v.Now.Sub(v.State.Declared)) + " "
	}
	return t + fmt.Sprintf("%-7s ", word) + fmt.Sprintf(format, args...)
}

// grouped is a text of a sentence in one row, with heights as they are written
// everywhere: 1,204,128. Commands, refusals (they may name a process to end) and
// messages stay as they are.
func grouped(s string) string { return words.Grouped(safe.Line(s)) }

// sub is a line that belongs to the one above.
func sub(word, format string, args ...any) string {
	return fmt.Sprintf("       %-7s ", word) + fmt.Sprintf(format, args...)
}
