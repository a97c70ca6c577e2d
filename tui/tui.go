package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
)

// Cockpit is what the screen needs of a cockpit.
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

// Options of the screen. The zero value is a colour screen on the process's
// own terminal.
type Options struct {
	NoColor bool // bold, reverse and underline in place of colours
	ASCII   bool // ASCII twins of every glyph
	Quiet   bool // no bell
	// Theme is one of Themes; "" is auto. See ThemeFor.
	Theme string
	// Runbooks are those that can be flown, for the palette and the form; nil:
	// none. It may be called often, and answers at once.
	Runbooks func() []Runbook
	// Names are what the form proposes besides what is seen.
	Names Names
	// Holder is what keeps the session when the line drops: "tmux", "screen",
	// or "" for nothing.
	Holder string
	// Loose says that nothing keeps the session and that the person is to know.
	Loose bool
	// Copy keeps a copy beside the terminal's own; nil: nowhere.
	Copy Copier
	// Lessons shows the lines that teach the first flight until LessonsEnd is
	// called, at their end or when the person wants no more; it may be nil.
	Lessons    bool
	LessonsEnd func()
	// In and Out are the terminal; nil: standard input and output.
	In  io.Reader
	Out *os.File
	// Shown is called once, when the first frame has been written; nil: nobody
	// waits for it.
	Shown func()
	// Clock is the machine's clock, for what belongs to the screen alone;
	// nil: time.Now.
	Clock func() time.Time
}

// Runbook is one that can be flown.
type Runbook struct {
	ID, Title string
	// Book is the runbook itself, for what it asks; the zero Book where it is
	// not known.
	Book checklists.Book
}

// runbooks are those that can be flown.
func (o Options) runbooks() []Runbook {
	if o.Runbooks == nil {
		return nil
	}
	return o.Runbooks()
}

// ErrPanic says that the screen died of an error of its own. Its stack went to
// standard error.
var ErrPanic = errors.New("the screen ended by an error of its own")

// Run shows the screen until the person leaves with ":q", or ctx ends. The
// terminal is restored in every case and the incident stays open. It returns
// nil when the person left, else the cause; ErrPanic.
func Run(ctx context.Context, c Cockpit, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the commands that still wait
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.NoColor {
		o.Theme = "mono"
	}
	o.NoColor = o.Theme == "mono"
	profile := colorprofile.ANSI // 16 colours; fixed, so that nobody is asked
	if o.NoColor {
		profile = colorprofile.ASCII
	}
	m := newModel(ctx, c, o)
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(o.In), tea.WithOutput(&silent{File: o.Out, shown: o.Shown}), tea.WithFPS(120),
		tea.WithColorProfile(profile), tea.WithFilter(noInterrupt))
	defer stayAwake(ctx, p, o)()
	_, err := p.Run()
	switch {
	case m.left:
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return ErrPanic
	case context.Cause(ctx) != nil:
		return fmt.Errorf("screen: ended from outside: %w", context.Cause(ctx))
	case err != nil && !errors.Is(err, tea.ErrInterrupted):
		return fmt.Errorf("screen: %w", err)
	}
	return nil
}

// noInterrupt turns an interrupt from outside into the key Ctrl+C, which never
// leaves.
func noInterrupt(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.InterruptMsg); ok {
		return tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	}
	return msg
}

// silent is a terminal that is never asked anything: the queries Bubble Tea
// writes are taken out, because on a slow link the answers end up typed into
// a prompt. Bubble Tea writes each query whole in one call.
type silent struct {
	*os.File
	shown func() // called after the first write; then nil
}

// Write writes p without queries. It reports len(p) when all the rest was
// written.
func (s *silent) Write(p []byte) (int, error) {
	rest := queries.Replace(string(p))
	if _, err := io.WriteString(s.File, rest); err != nil {
		return 0, err
	}
	if s.shown != nil {
		s.shown()
		s.shown = nil
	}
	return len(p), nil
}

// queries: is mode 2026 known, is mode 2027 known, which keyboard protocol.
var queries = strings.NewReplacer("\x1b[?2026$p", "", "\x1b[?2027$p", "", "\x1b[?u", "")

// NeedsPlain says that a terminal of that environment can only show lines.
func NeedsPlain(getenv func(string) string) bool {
	term := getenv("TERM")
	return term == "" || term == "dumb"
}

// WantsASCII says that box lines and marks are better drawn with ASCII: no
// UTF-8, the Linux console, or a locale in which they are two cells wide.
func WantsASCII(getenv func(string) string) bool {
	locale := ""
	for _, k := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = getenv(k); locale != "" {
			break
		}
	}
	l := strings.ToLower(locale)
	for _, east := range []string{"ja", "ko", "zh"} {
		if strings.HasPrefix(l, east) {
			return true
		}
	}
	return getenv("TERM") == "linux" || !strings.Contains(strings.ReplaceAll(l, "-", ""), "utf8")
}
