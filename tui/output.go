package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// output is the pane of what an effect printed: what runs now, else that of the
// step under the cursor, else the latest. It follows the end until it is
// scrolled, and shows all hosts or one.
type output struct {
	size
	tail
	v       cockpit.View
	now     time.Time
	step    string // under the cursor; "" none
	host    string // "" all
	outside bool   // the tabs stand in the pane's title

	cur     cockpit.Output // what is shown
	has     bool
	effect  string // its effect
	hosts   []string
	made    made // of what the lines below were made
	lines   []outLine
	hidden  int
	dropped int
}

// made is all that the lines shown are made of: an effect's output only grows.
type made struct {
	effect, host   string
	lines, dropped int
	ended          int // hosts
}

// outLine is a line of output, or a word of relight about a host.
type outLine struct {
	cockpit.Line
	own bool // relight's own word
}

func (o *output) SetSize(s size) { o.size = s }

// SetView takes what is new of the effect that is shown. Nothing is wrapped.
func (o *output) SetView(v cockpit.View, now time.Time) {
	o.v, o.now = v, now
	e, ok := o.find()
	o.cur, o.has = e, ok
	if e.Effect != o.effect {
		o.effect, o.host = e.Effect, ""
		o.follow()
	}
	if !ok {
		o.hosts, o.made, o.lines = nil, made{}, nil
		return
	}
	run, _ := runOf(v, e)
	o.hosts = o.hosts[:0]
	ended := 0
	for _, h := range run.Hosts {
		o.hosts = append(o.hosts, h.Host)
		if h.Class != "" {
			ended++
		}
	}
	if !slices.Contains(o.hosts, o.host) {
		o.host = ""
	}
	if m := (made{e.Effect, o.host, len(e.Lines), e.Dropped, ended}); m != o.made {
		o.made, o.hidden, o.dropped = m, 0, e.Dropped
		o.take(e)
	}
}

// find is the effect to show. It is looked for once for each View: outputs and
// steps are many, and a frame asks often.
func (o *output) find() (cockpit.Output, bool) {
	at := len(o.v.Outputs) - 1
	for i := range o.v.Steps {
		if st := &o.v.Steps[i]; st.Status == incident.Running && st.Effect != "" {
			for k := range o.v.Outputs {
				if o.v.Outputs[k].Effect == st.Effect {
					return o.v.Outputs[k], true
				}
			}
		}
	}
	for k := at; k >= 0 && o.step != ""; k-- {
		if o.v.Outputs[k].Step == o.step {
			return o.v.Outputs[k], true
		}
	}
	if at < 0 {
		return cockpit.Output{}, false
	}
	return o.v.Outputs[at], true
}

// runOf is the run of an effect.
func runOf(v cockpit.View, e cockpit.Output) (incident.Run, bool) {
	if run, ok := v.State.Runs[e.Effect]; ok {
		return run, true
	}
	if st, ok := v.Step(e.Step); ok && st.Effect == e.Effect && st.Run != nil {
		return *st.Run, true
	}
	return incident.Run{}, false
}

// take keeps the lines of the host shown, with relight's own words among them
// in the order of time: what was sent, and how each host ended.
func (o *output) take(e cockpit.Output) {
	run, has := runOf(o.v, e)
	st, _ := o.v.Step(e.Step)
	o.lines = make([]outLine, 0, len(e.Lines)+len(run.Hosts)+1)
	if has && e.Dropped == 0 {
		script := st.Script
		if run.Undo && st.Step.Step.Undo != nil {
			script = st.Step.Step.Undo.Text
		}
		if s := words.Brief(script); s != "" {
			o.lines = append(o.lines, outLine{cockpit.Line{Host: "all", At: run.At, Text: "$ " + safe.Short(s, 200)}, true})
		}
	}
	for _, l := range e.Lines {
		if o.host != "" && l.Host != o.host {
			o.hidden++
			continue
		}
		o.lines = append(o.lines, outLine{l, false})
	}
	if !has {
		return
	}
	sorted := true
	for _, h := range run.Hosts {
		if h.Class == "" || (o.host != "" && h.Host != o.host) {
			continue
		}
		word, text := words.HostEnd(h)
		if h.Class == incident.Exited {
			text += " after " + words.Dur(max(0, h.At.Sub(run.At)))
		}
		end := outLine{cockpit.Line{Host: h.Host, At: h.At, Text: "-- " + text, Err: word != "DONE"}, true}
		if n := len(o.lines); n > 0 && o.lines[n-1].At.After(end.At) {
			sorted = false
		}
		o.lines = append(o.lines, end)
	}
	if !sorted {
		slices.SortStableFunc(o.lines, func(a, b outLine) int { return a.At.Compare(b.At) })
	}
}

// Move scrolls: up is back.
func (o *output) Move(n int) {
	o.move(n, o.dropped, len(o.lines), o.room(), func(i int) int { return len(o.wrapped(i)) })
}

// Title names the step whose output is shown.
func (o *output) Title() string {
	e, ok := o.cur, o.has
	st, known := o.v.Step(e.Step)
	if !ok || !known {
		return "Output"
	}
	if st.Status == incident.Unknown {
		return "Output of the unknown step"
	}
	return "Output: " + words.Title(st)
}

// Mark is what the tab says of the pane.
func (o *output) Mark() string {
	e, ok := o.cur, o.has
	if !ok {
		return ""
	}
	st, _ := o.v.Step(e.Step)
	if st.Effect != e.Effect {
		return ""
	}
	mk := ""
	for _, h := range words.Hosts(st, nil, o.now) {
		if h.Level > words.Calm {
			mk = h.Mark
		}
	}
	switch st.Status {
	case incident.Running:
		return words.Going + mk
	case incident.Failed, incident.TimedOut:
		return words.Bad
	case incident.Unknown:
		return words.Asks
	}
	return ""
}

// room is how many rows the lines have.
func (o *output) room() int {
	n := o.h - 1
	if o.Many() && !o.outside {
		n--
	}
	return max(n, 0)
}

// View is the pane, exactly its size.
func (o *output) View() []line {
	if o.effect == "" {
		return screenful([]line{tx(" Nothing has run yet.")}, o.w, o.h, 0)
	}
	rows := make([]line, 0, o.h)
	if o.Many() && !o.outside {
		rows = append(rows, fit(append(tx(" "), o.Tabs(o.w-2)...), o.w))
	}
	seen, _, below := o.window(o.dropped, len(o.lines), o.room(), o.wrapped)
	rows = append(rows, screenful(seen, o.w, o.room(), 0)...)
	rows = append(rows, o.foot(below))
	return screenful(rows, o.w, o.h, max(0, len(rows)-o.h))
}

// foot says where the view stands and what it leaves out.
func (o *output) foot(below int) line {
	s := " following, "
	if below > 0 {
		s = " " + words.Count(below, "line") + " below, f follows, "
	}
	n := 0
	for _, l := range o.lines {
		if !l.own {
			n++
		}
	}
	switch {
	case n == 0 && o.hidden == 0:
		s += "nothing printed so far"
	default:
		s += words.Count(n, "line") + ", " + words.Num(int64(o.hidden)) + " hidden"
	}
	if o.dropped > 0 {
		s += ", " + words.Num(int64(o.dropped)) + " only in the file"
	}
	l := in(rule, s)
	if quiet, ok := o.quiet(); ok {
		l = append(l, span{runs, "   " + quiet})
	}
	return sides(l, in(rule, " out/"+safe.Short(o.effect, 30)+" "), o.w)
}

// quiet says for how long nothing was printed by what runs.
func (o *output) quiet() (string, bool) {
	e := o.cur
	st, _ := o.v.Step(e.Step)
	if st.Status != incident.Running || st.Effect != e.Effect || st.Run == nil {
		return "", false
	}
	since := st.Run.At
	if n := len(o.lines); n > 0 {
		since = o.lines[n-1].At
	}
	d := o.now.Sub(since)
	return "quiet for " + words.Dur(d), d >= words.QuietAfter && !since.IsZero()
}

// wrapped are the rows of one line.
func (o *output) wrapped(i int) []line {
	l := o.lines[i]
	r := text
	switch {
	case l.own && l.Err:
		r = title
	case l.own:
		r = rule
	case l.Err:
		r = title
	}
	head := " " + l.At.UTC().Format("15:04:05") + " "
	if len(o.hosts) != 1 {
		head += pad(safe.Short(l.Host, 14), o.hostWidth()) + " "
	}
	var rows []line
	all := strings.ReplaceAll(l.Text, "\n", " ")
	broken := wrap(all, max(o.w-width(head)-1, 8))
	if l.own && len(broken) > 1 && strings.HasPrefix(all, "$ ") { // what was sent stands whole in the detail
		broken = []string{cut(broken[0], max(o.w-width(head)-1, 8))}
	}
	for k, s := range broken {
		if k > 0 {
			head = pad("", width(head))
		}
		rows = append(rows, line{{text, head}, {r, s}})
	}
	return rows
}

// hostWidth is the width of the column of hosts.
func (o *output) hostWidth() int {
	n := 3
	for _, h := range o.hosts {
		n = max(n, width(safe.Short(h, 14)))
	}
	return n
}

// Texts are the lines of the output, host and text.
func (o *output) Texts() []string {
	out := make([]string, len(o.lines))
	for i, l := range o.lines {
		out[i] = l.Host + " " + l.Text
	}
	return out
}

// At is the first line shown.
func (o *output) At() int {
	_, top, _ := o.window(o.dropped, len(o.lines), o.room(), o.wrapped)
	return max(top, 0)
}

// Show makes that line the first, as far as there are lines below it.
func (o *output) Show(i int) {
	if i < len(o.lines) {
		o.show(i, o.dropped, len(o.lines), o.room(), func(i int) int { return len(o.wrapped(i)) })
	}
}
