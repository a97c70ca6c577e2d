package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// pane is one of the five parts of the screen.
type pane int

const (
	paneList pane = iota + 1
	paneNodes
	paneOut
	paneMail
	paneLog
)

// overlay is what lies over the panes because a key opened it.
type overlay int

const (
	overNone overlay = iota
	overForm
	overChoice
	overDetail
	overPalette
	overQuestion
)

// model is the one model of the screen. Update is its only writer.
type model struct {
	ctx   context.Context
	c     Cockpit
	o     Options
	clock func() time.Time
	theme theme

	view   cockpit.View
	viewAt time.Time // by the machine's clock
	now    time.Time // the incident's time as drawn
	drawn  time.Time // the machine's time as drawn

	w, h  int
	focus pane
	zoom  bool
	list  checklist
	fleet fleet
	out   output
	mail  mail
	log   diary

	over   overlay
	form   form
	choice choice
	detail detail

	prompt   prompt
	said     string // the answer to the last key
	saidAt   time.Time
	level    words.Level
	asking   map[int]string // requests under way
	asked    int            // requests so far
	lastKey  time.Time
	hand     hand
	stood    stood
	early    string // message that P was pressed for long before it is due
	posting  string // the message that was asked to be posted last
	chain    chain  // the post before this one
	back     stance // where to return to after P showed a message whole
	bell     words.Bell
	start    starting        // the last start asked for
	about    string          // the step whose start the last answer tells
	again    map[string]bool // messages read again since relight was away
	sought   string          // the text last searched for
	palette  palette
	lessons  lessons
	question question
	left     bool // the person left
	sized    bool // the window's size is known
}

// stood is how long the text of the next message stands on the screen, whole
// and unchanged.
type stood struct {
	text   string
	digest string // what Post wants of the text that was read
	since  time.Time
}

func newModel(ctx context.Context, c Cockpit, o Options) *model {
	m := &model{ctx: ctx, c: c, o: o, clock: o.Clock, focus: paneList, asking: map[int]string{}, w: 80, h: 24,
		lessons: lessons{on: o.Lessons}}
	if o.NoColor {
		o.Theme = "mono"
	}
	if m.clock == nil {
		m.clock = time.Now
	}
	m.list.loose = o.Loose
	m.take(c.View(), m.clock())
	m.theme = newTheme(o.Theme, o.ASCII, m.view.Drill)
	m.settle(m.clock())
	return m
}

// Messages: what happened, in the past tense.
type (
	viewed struct { // the View changed
		view    cockpit.View
		changed <-chan struct{}
	}
	did struct { // a request to the cockpit came back
		id   int
		then string // what to say when it was taken
		err  error
		view cockpit.View
	}
	ticked struct{} // a second passed
)

// sayFor is how long a calm answer stands in the way of what is next. A refusal
// stays until a key.
const sayFor = 6 * time.Second

// calm is the shortest time between two frames nobody asked for.
const calm = 500 * time.Millisecond

// Init starts watching.
func (m *model) Init() tea.Cmd { return tea.Batch(m.watch(m.c.Changed()), tick()) }

func tick() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return ticked{} }) }

// watch waits for a change and then for calm: its View is of the time after.
func (m *model) watch(changed <-chan struct{}) tea.Cmd {
	ctx, c := m.ctx, m.c
	return func() tea.Msg {
		t := time.NewTimer(calm)
		defer t.Stop()
		for _, wait := range []func() bool{
			func() bool { return await(ctx, changed) },
			func() bool {
				select {
				case <-t.C:
					return true
				case <-ctx.Done():
					return false
				}
			},
		} {
			if !wait() {
				return nil
			}
		}
		next := c.Changed()
		return viewed{c.View(), next}
	}
}

func await(ctx context.Context, ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	case <-ctx.Done():
		return false
	}
}

// ask lets the cockpit do something, in a command of its own; then is said
// when it was taken. The same thing is never asked twice at once.
func (m *model) ask(what, then string, f func(ctx context.Context) error) tea.Cmd {
	for _, other := range m.asking {
		if other == what {
			m.tell(words.Caution, "Asked already: %s. No answer yet.", what)
			return nil
		}
	}
	m.asked++
	id, ctx, c := m.asked, m.ctx, m.c
	m.asking[id] = what
	m.tell(words.Calm, "Asked: %s", what)
	return func() tea.Msg {
		err := f(ctx)
		return did{id, then, err, c.View()}
	}
}

// tell answers a key in the prompt row.
func (m *model) tell(l words.Level, format string, args ...any) {
	m.said, m.level, m.saidAt, m.about = fmt.Sprintf(format, args...), l, m.clock(), ""
}

// Update takes one message. It does no I/O.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	now := m.clock()
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
		if m.sized { // the first comes before the screen is up, and would move the shell's cursor
			cmd = redraw()
		}
		m.sized = true
	case tea.KeyPressMsg:
		cmd = m.key(msg, now)
		m.lastKey = now
	case tea.PasteMsg:
		m.paste(msg.Content)
	case viewed:
		cmd = tea.Batch(m.take(msg.view, now), m.watch(msg.changed))
	case did:
		cmd = m.take(msg.view, now)
		m.answered(msg)
		m.nameNext(msg, now)
	case copied:
		m.hasCopied(msg)
	case ticked:
		cmd = tea.Batch(tick(), m.ring(now))
	}
	m.settle(now)
	return m, cmd
}

// take shows a newer View and rings for a new alert.
func (m *model) take(v cockpit.View, now time.Time) tea.Cmd {
	if v.Serial < m.view.Serial || (v.State.ID == m.view.State.ID && v.State.Seq < m.view.State.Seq) {
		return nil // an older one that came late
	}
	if v.Notice != m.view.Notice && v.Notice != "" && len(m.asking) == 0 && m.viewAt != (time.Time{}) {
		m.tell(words.Calm, "%s", safe.Line(v.Notice))
	}
	if v.State.ID != m.view.State.ID {
		m.list.Follow()
		m.mail.Follow()
	}
	if m.view.State.Open() && !v.State.Open() { // over: what there is to know stands there
		m.focus, m.zoom, m.back = paneList, false, stance{}
	}
	m.view, m.viewAt = v, now
	return m.ring(now)
}

// ring rings when an alert is new.
func (m *model) ring(now time.Time) tea.Cmd {
	if m.bell.Hear(m.view.Alerts, now) && !m.o.Quiet {
		return tea.Raw("\a")
	}
	return nil
}

// answered shows how a request ended.
func (m *model) answered(msg did) {
	delete(m.asking, msg.id)
	m.askedStart(msg)
	if why, ok := m.refusal(msg); ok {
		m.tell(words.Caution, "%s", why)
		return
	}
	if msg.err != nil {
		m.tell(words.Caution, "%s", safe.Line(msg.err.Error()))
		m.notPosted()
		return
	}
	m.tell(words.Calm, "%s", msg.then)
	if msg.id == m.start.id {
		m.about = m.start.step
	}
	if m.over == overForm && m.view.State.Open() {
		m.over, m.focus = overNone, paneList
		m.form = form{}
		m.tell(words.Calm, "Declared %s. The clocks run. Nothing ran and nothing was posted.", safe.Short(m.view.State.ID, 40))
	}
}

// resize keeps pane, cursor and field, and disarms: the person may not see
// the same words.
func (m *model) resize(w, h int) {
	if m.prompt.kind == armed && (w != m.w || h != m.h) {
		m.disarm("The window changed its size: disarmed. "+rearms(w), m.clock())
	}
	m.w, m.h = w, h
}

// redraw draws all anew. The renderer scrolls by margins and sets them back to
// the height it knows: in a window that grew meanwhile they would stay, and every
// row below would be drawn in the wrong place.
func redraw() tea.Cmd { return tea.Sequence(tea.Raw("\x1b[r"), tea.ClearScreen) }

// settle brings what is shown up to date after every message.
func (m *model) settle(now time.Time) {
	m.now, m.drawn = m.view.Now, now
	if speed := m.speed(); speed > 0 && !m.view.Skipping {
		m.now = m.now.Add(time.Duration(float64(now.Sub(m.viewAt)) * speed))
	}
	if m.level == words.Calm && m.prompt.kind == idle && (now.Sub(m.saidAt) >= sayFor || m.stale()) {
		m.said = ""
	}
	if m.prompt.kind == armed {
		switch {
		case !now.Before(m.prompt.until):
			m.disarm("Disarmed after 20 s. x arms again.", now)
		case m.prompt.step != "" && fingerprint(m.view, m.prompt.step) != m.prompt.print:
			m.disarm("Disarmed: the step, a host, a value or a guard changed. Read it again.", now)
		}
	}
	if m.over == overChoice {
		if _, ok := m.openChoice(m.choice.key); !ok {
			m.over = overNone
		}
	}
	m.list.SetView(m.view, m.now)
	m.list.narrow = m.w < 60
	m.list.Arm(m.prompt.step, m.prompt.script, m.prompt.undo)
	m.fleet.Hand(m.focus == paneNodes, m.prompt.kind == armed || now.Sub(m.lastKey) < restFor)
	m.fleet.SetView(m.view, m.now)
	m.list.seen = m.fleet.sum
	l := m.layout() // the panes are laid out by what they show
	st, _ := m.list.Selected()
	m.out.step, m.out.outside = st.Step.Step.ID, !l.whole
	m.out.SetView(m.view, m.now)
	m.mail.SetView(m.view, m.now)
	m.mail.step = ""
	if n := m.nextFor(); n.Do == words.DoPost && m.list.cursor != "" {
		m.mail.step = n.Say.Template // P is for the step under the cursor
	}
	m.log.SetView(m.view, m.now)
	m.fleet.full, m.fleet.apart = l.whole, l.votes
	m.mail.SetZoomed(m.zoom && m.focus == paneMail)
	if l.whole {
		for _, p := range []interface{ SetSize(size) }{&m.list, &m.fleet, &m.out, &m.mail, &m.log} {
			p.SetSize(l.one)
		}
	} else {
		m.list.SetSize(l.main)
		m.fleet.SetSize(l.nodes)
		m.out.SetSize(l.out)
		m.log.SetSize(l.out)
		m.mail.SetSize(l.mail)
	}
	m.watchText(now, l)
	m.hinted(now)
}

// speed is how fast the incident's time runs; 0 stands still.
func (m *model) speed() float64 {
	if !m.view.Drill {
		return 1
	}
	return m.view.Speed
}

// watchText notes since when the next message stands whole and unchanged.
func (m *model) watchText(now time.Time, l layout) {
	s, ok := m.mail.Selected()
	shown := ok && l.class != sentence && m.over == overNone && (!l.whole || m.focus == paneMail)
	if shown {
		m.mail.View()
	}
	text := ""
	if m.mail.Saw(s, shown) {
		text = letterOf(s)
	}
	if text != m.stood.text || s.Digest != m.stood.digest {
		m.stood = stood{text, s.Digest, now}
	}
}

// letterOf is all that would leave.
func letterOf(s cockpit.SayView) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %d", s.Template, s.Next)
	for _, t := range texts(s) {
		fmt.Fprintf(&b, " %q %q", t.channels, t.chunks)
	}
	return b.String()
}

// View is the frame.
func (m *model) View() tea.View {
	rows := m.frame()
	out := make([]string, len(rows))
	for i, l := range rows {
		out[i] = m.theme.draw(l)
	}
	v := tea.NewView(strings.Join(out, "\n"))
	v.AltScreen = true
	v.WindowTitle = clean(words.Badge(m.view) + " relight " + m.view.State.ID)
	return v
}
