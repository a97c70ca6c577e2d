package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// searched is a part of the screen in which a text can be found: its rows (or
// entries) as text, the one looked at, and a way to bring another into view.
type searched interface {
	Texts() []string
	At() int
	Show(i int)
}

// here is the part a search looks through: what lies on top.
func (m *model) here() searched {
	if m.over == overDetail {
		return detailPlace{m}
	}
	return map[pane]searched{paneList: &m.list, paneNodes: &m.fleet, paneOut: &m.out, paneMail: &m.mail, paneLog: &m.log}[m.focus]
}

// find asks for a text and goes to the next place that has it. Letters count
// as equal whatever their case.
func (m *model) find() {
	m.typeIn("/", "", func(what string) tea.Cmd {
		if what == "" {
			return nil
		}
		m.sought = what
		m.settle(m.clock())
		m.findNext(1)
		return nil
	})
}

// found says that something was searched for.
func (m *model) found() bool { return m.sought != "" }

// findNext goes to the next place with the text, or the one before, round and
// round.
func (m *model) findNext(dir int) {
	p := m.here()
	var hits []int
	want := strings.ToLower(m.sought)
	for i, t := range p.Texts() {
		if strings.Contains(strings.ToLower(safe.Clean(t)), want) {
			hits = append(hits, i)
		}
	}
	if len(hits) == 0 {
		m.tell(words.Caution, "%q is not in this part.", safe.Short(m.sought, 40))
		return
	}
	at, exact := slices.BinarySearch(hits, p.At())
	switch {
	case dir > 0 && exact:
		at++
	case dir < 0:
		at--
	}
	at = (at + len(hits)) % len(hits)
	p.Show(hits[at])
	m.tell(words.Calm, "%q: %d of %d. n and N go on.", safe.Short(m.sought, 40), at+1, len(hits))
}

// detailPlace is the detail that lies over the panes.
type detailPlace struct{ m *model }

func (d detailPlace) Texts() []string { return textsOf(d.m.detailRows(d.m.bodySize().w)) }
func (d detailPlace) At() int         { return d.m.detail.top }
func (d detailPlace) Show(i int)      { d.m.detail.top = i }

// bodySize is the room of what lies over the panes.
func (m *model) bodySize() size {
	l := m.layout()
	if l.whole {
		return l.one
	}
	return l.over()
}

func textsOf(rows []line) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.String()
	}
	return out
}
