package tui

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// chunk is one message as a channel shows it; a long text comes in several.
type chunk struct{ title, body, state string }

// version is one text and the channels that get it.
type version struct {
	channels []string
	chunks   []chunk
}

// text is the version as a person would paste it.
func (v version) text() string {
	var parts []string
	for _, p := range v.chunks {
		parts = append(parts, strings.Trim(p.title+"\n"+p.body, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

// compared is the text with what else a reader sees, for differences.
func (v version) compared() string {
	var parts []string
	for _, p := range v.chunks {
		t := strings.Trim(p.title+"\n"+p.body, "\n")
		if p.state != "" {
			t = "State: " + p.state + "\n" + t
		}
		parts = append(parts, t)
	}
	return safe.Clean(strings.Join(parts, "\n"))
}

// texts are the different texts of a message: most often one for all.
func texts(s cockpit.SayView) []version {
	var all []version
	for _, b := range s.Bodies {
		t := b.Title
		if t == "" {
			t = s.Title
		}
		i := slices.IndexFunc(all, func(v version) bool { return v.channels[0] == b.Channel })
		if i < 0 {
			all, i = append(all, version{channels: []string{b.Channel}}), len(all)
		}
		all[i].chunks = append(all[i].chunks, chunk{t, b.Text, b.State})
	}
	var out []version
	for _, v := range all {
		i := slices.IndexFunc(out, func(o version) bool { return slices.Equal(o.chunks, v.chunks) })
		if i < 0 {
			out = append(out, v)
		} else {
			out[i].channels = append(out[i].channels, v.channels...)
		}
	}
	if len(out) == 0 && s.Body != "" {
		out = []version{{chunks: []chunk{{s.Title, s.Body, s.StatusState}}}}
	}
	return out
}

// head is the message's name, when it is due and who can read it; one says that
// only one of its texts is shown.
func (m *mail) head(s cockpit.SayView, w int, one bool) line {
	due, level := words.Due(s, m.now)
	name := words.Update(s)
	if n := len(texts(s)); n > 1 && one && w >= 60 {
		name += ": text " + words.Num(int64(m.textAt(s)+1)) + " of " + words.Num(int64(n))
	}
	right := line{{roleOf(level), due}, {text, " "}}
	if s.Public {
		right = right.add(public, " PUBLIC ").add(text, " ")
	}
	if width(name)+right.width()+3 > w {
		name = words.Label(s.Template)
	}
	return append(in(title, " "+name), sides(nil, right, max(w-width(name)-1, 0))...)
}

// textAt is which of the texts is shown.
func (m *mail) textAt(s cockpit.SayView) int {
	return min(m.text, max(len(texts(s))-1, 0))
}

// to says who gets it.
func (m *mail) to(s cockpit.SayView, w int) []line {
	var rows []line
	for i, r := range wrap(words.Lanes(s), w-6) {
		front := "     "
		if i == 0 {
			front = " To  "
		}
		rows = append(rows, tx(front+r))
	}
	return rows
}

// draft is the text that would leave, what is wrong with it, and the fields to
// fill, in one column. What matters less gives way: first what a value could be,
// then other texts; at last the text is shown in part.
func (m *mail) draft(s cockpit.SayView) []line {
	if m.diff != diffNone {
		if rows, ok := m.differences(s, m.w); ok {
			return m.tall(append([]line{m.head(s, m.w, true)}, rows...))
		}
		m.diff = diffNone
	}
	to, name := m.to(s, m.w), []line{m.head(s, m.w, true)}
	notes, single := m.notes(s, m.w, false), m.notes(s, m.w, true)
	full, short := m.fieldRows(s, m.w, true), m.fieldRows(s, m.w, false)
	all, one := m.boxes(s, m.w), m.boxOf(s, m.w)
	tries := [][][]line{{append([]line{m.head(s, m.w, false)}, to...), all, notes, full}, {append(name[:1:1], to...), one, single, full}, {name, one, single, full}}
	if words.Wanted(s) == 0 || m.zoomed || m.h < 14 { // else the values matter more than the whole text
		tries = append(tries, [][]line{name, one, single, short}, [][]line{name, one, single})
	}
	for _, try := range tries {
		rows := slices.Concat(try...)
		if len(rows) <= m.h {
			m.saw(s, len(try[1]) == len(all), 0, -1)
			return rows
		}
	}
	under := single
	if s.Ready() && !m.apart {
		under = append(note(words.Good, words.Calm, "", "Complete, and longer than its room: "+m.howRead(), m.w), m.minds(s, m.w)...)
	}
	if words.Wanted(s) > 0 {
		under = slices.Concat(single[:min(len(single), 3)], full[:min(len(full), max(m.h*2/5, 1))])
	}
	room := max(m.h-1-len(under), 3)
	return slices.Concat(name, m.part(s, room), under)
}

// tall is rows that may be longer than the pane: a part of them, and how to see
// the rest.
func (m *mail) tall(rows []line) []line {
	if len(rows) <= m.h {
		return rows
	}
	part := m.scrolled(rows, max(m.h-1, 1))
	return append(part[:len(part):len(part)], m.more(m.top, m.top+len(part), len(rows)))
}

// more says which rows are shown and how to see the others.
func (m *mail) more(from, to, total int) line {
	how := "Ctrl+d goes on"
	switch {
	case m.zoomed:
		how = "j k scroll"
	case from == 0:
		how = "Ctrl+d goes on, 4 and Enter show it whole"
	}
	return tx(" … rows " + words.Num(int64(from+1)) + " to " + words.Num(int64(to)) + " of " + words.Num(int64(total)) + ": " + how)
}

// boxes are all texts, each in its frame.
func (m *mail) boxes(s cockpit.SayView, w int) []line {
	var rows []line
	vs := texts(s)
	for _, v := range vs {
		rows = append(rows, m.frame(s, v, m.inside(s, v, w), w, len(vs) > 1, "")...)
	}
	return rows
}

// boxOf is the text shown, in its frame.
func (m *mail) boxOf(s cockpit.SayView, w int) []line {
	vs := texts(s)
	if len(vs) == 0 {
		return nil
	}
	v := vs[m.textAt(s)]
	return m.frame(s, v, m.inside(s, v, w), w, len(vs) > 1, "")
}

// part is as much of the text shown as fits into h rows, from the row scrolled
// to.
func (m *mail) part(s cockpit.SayView, h int) []line {
	vs := texts(s)
	if len(vs) == 0 {
		return nil
	}
	v := vs[m.textAt(s)]
	rows := m.inside(s, v, m.w)
	room := max(h-2, 1)
	m.most = max(len(rows)-room, 0)
	if f, on := m.fieldOf(s); on && !m.moved { // the gap stays in sight
		gap := slices.IndexFunc(rows, func(l line) bool { return strings.Contains(l.String(), words.Gap(f.Name)) })
		m.top = max(gap-room+2, 0)
	}
	m.top = min(m.top, m.most)
	to := min(m.top+room, len(rows))
	m.saw(s, false, m.top, to)
	foot := strings.TrimSpace(m.more(m.top, to, len(rows)).String())
	return m.frame(s, v, rows[m.top:to], m.w, len(vs) > 1, strings.TrimPrefix(foot, "… "))
}

// boxWidth is how wide a text is shown: longer rows are hard to read.
func boxWidth(w int) int { return min(w-2, 100) }

// frame puts rows into a frame; it names the channels where texts differ.
func (m *mail) frame(s cockpit.SayView, v version, rows []line, w int, named bool, foot string) []line {
	w = boxWidth(w)
	inner := max(w-4, 1)
	name := ""
	if named {
		name = " " + safe.Short(strings.Join(v.channels, ", "), max(inner-2, 1)) + " "
	}
	edge := func(left, label, right string) line {
		label = cutTo(clean(label), inner)
		return in(rule, " "+left).add(text, label).add(rule, strings.Repeat("─", max(w-2-width(label), 0))+right)
	}
	if foot != "" {
		foot = " " + foot + " "
	}
	out := []line{edge("┌", name, "┐")}
	for _, r := range rows {
		out = append(out, append(in(rule, " │ "), append(fit(r, inner), span{rule, " │"})...))
	}
	return append(out, edge("└", foot, "┘"))
}

// inside are the rows of a text: title, state, body.
func (m *mail) inside(s cockpit.SayView, v version, w int) []line {
	inner := max(boxWidth(w)-4, 1)
	var rows []line
	put := func(r role, t string) {
		for _, l := range wrap(gaps.ReplaceAllString(t, "{{$1}}"), inner) {
			rows = append(rows, paint(s, r, l))
		}
	}
	for i, p := range v.chunks {
		if i > 0 {
			rows = append(rows, in(rule, strings.Repeat("─", inner)))
		}
		if p.title != "" {
			put(title, p.title)
		}
		if p.state != "" && onPage(s, v) {
			put(text, "State: "+p.state)
		}
		put(text, strings.Trim(p.body, "\n"))
	}
	return rows
}

// onPage says that a reader sees the state: only a status page has one.
func onPage(s cockpit.SayView, v version) bool {
	if len(s.Places) == 0 {
		return true
	}
	return slices.ContainsFunc(s.Places, func(p cockpit.Place) bool {
		return p.Driver == "statuspage" && slices.Contains(v.channels, p.Channel)
	})
}

var gaps = lazy.Pattern(`\{\{ *([a-z][a-z0-9_]*) *\}\}`)

// paint is a row of a text: what is to be filled and what may not be said stand
// out.
func paint(s cockpit.SayView, r role, row string) line {
	var out line
	for row != "" {
		from, to, rl := len(row), len(row), r
		if at := gaps.FindStringIndex(row); at != nil {
			from, to, rl = at[0], at[1], todo
		}
		for _, k := range s.Remarks {
			if i := strings.Index(row, k.Match); k.Match != "" && i >= 0 && i < from {
				from, to, rl = i, i+len(k.Match), caut
			}
		}
		out = append(out, span{r, row[:from]})
		if from < to {
			out = append(out, span{rl, row[from:to]})
		}
		row = row[to:]
	}
	return out
}

// note is a mark, a word that catches the eye, and a sentence.
func note(mk string, level words.Level, head, t string, w int) []line {
	l := line{{text, " "}, mark(mk, level), {text, " "}}
	if head != "" {
		l = l.add(roleOf(level), head).add(text, "  ")
	}
	n := l.width()
	var rows []line
	for i, r := range wrap(t, max(w-n-1, 8)) {
		if i == 0 {
			rows = append(rows, l.add(text, r))
		} else {
			rows = append(rows, tx(pad("", n)+r))
		}
	}
	return rows
}

// notes say whether P posts it, or what is in the way; one says that only one of
// its texts is shown.
func (m *mail) notes(s cockpit.SayView, w int, one bool) []line {
	var rows []line
	if bad := words.NotReady(s); len(bad) > 0 {
		for _, t := range bad {
			rows = append(rows, note(words.Bad, words.Caution, "NOT READY", t, w)...)
		}
		return rows
	}
	mk, t, level := words.Ready(s)
	switch {
	case s.Over() && !s.PostedAt.IsZero() && mk == words.Good:
		t = "Posted at " + words.HMS(s.PostedAt, m.now) + ". No update is due."
	case s.Ready() && m.apart:
		t += " Esc, then 4 and P post it."
	case s.Ready() && one && len(texts(s)) > 1:
		t = "Complete. It leaves as " + words.Count(len(texts(s)), "text") + ": h l show each, then P posts."
	case s.Ready():
		t += " P posts it."
	}
	return append(note(mk, level, "", t, w), m.minds(s, w)...)
}

// minds are what does not forbid posting, but should be looked at.
func (m *mail) minds(s cockpit.SayView, w int) []line {
	var rows []line
	for _, r := range s.Minds {
		rows = append(rows, note(words.Look, words.Caution, "LOOK", `"`+safe.Short(r.Match, 40)+`": `+safe.Line(r.Why), w)...)
	}
	if t := m.changed(s); t != "" {
		rows = append(rows, note(words.Look, words.Caution, "CHANGED", t, w)...)
	}
	return rows
}
