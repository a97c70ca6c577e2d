package tui

import (
	"strconv"
	"strings"

	"github.com/virtengine/relight/safe"
)

// layout is where everything goes now.
func (m *model) layout() layout {
	idle := len(m.view.Outputs) == 0 && m.focus != paneLog
	l := arrange(m.w, m.h, m.zoom || m.over == overDetail, idle, len(m.promptRows(m.w))-1)
	switch {
	case l.class != wide || l.whole:
	case m.focus == paneNodes && m.over == overNone && m.fleet.votes():
		return l.halted(m.fleet.Wants(l.nodes.w))
	case m.dark():
		return l.quiet()
	}
	return l
}

// frame is the whole window, row by row, each fitted.
func (m *model) frame() []line {
	l := m.layout()
	if l.class == sentence {
		return oneSentence(m.view, m.now, m.w, m.h)
	}
	rows := topRows(m.view, m.now, l)
	if row, ok := m.looseRow(); ok {
		rows[len(rows)-1] = fit(row, l.w)
	}
	if l.tabs {
		rows = append(rows, m.tabRow(l.w))
	}
	if l.class == wide {
		rows = append(rows, m.wideBody(l)...)
	} else {
		rows = append(rows, m.oneBody(l.one)...)
	}
	if l.says {
		rows = append(rows, fit(m.mail.Line(m.focus == paneMail && m.over == overNone), l.w))
	}
	for _, p := range m.promptRows(l.w) {
		rows = append(rows, fit(p, l.w))
	}
	return append(rows, m.keysRow(l.w))
}

// name of a pane.
func (m *model) name(p pane) string {
	switch p {
	case paneList:
		if !m.view.State.Open() {
			return "Watched"
		}
		return "Checklist"
	case paneNodes:
		return "Nodes"
	case paneOut:
		return "Output"
	case paneMail:
		return "Messages"
	}
	return "Log"
}

func (m *model) markOf(p pane) string {
	switch p {
	case paneList:
		return m.list.Mark()
	case paneNodes:
		return m.fleet.Mark()
	case paneOut:
		return m.out.Mark()
	case paneMail:
		return m.mail.Mark()
	}
	return ""
}

// overTitle is what lies over the panes.
func (m *model) overTitle() string {
	switch m.over {
	case overForm:
		return "Declare an incident"
	case overChoice:
		return "Which way?"
	case overPalette:
		return "Search all"
	case overQuestion:
		return "An alert came later"
	case overDetail:
		switch m.detail.of {
		case ofHelp:
			return "Help: what works now"
		case ofNodes:
			return m.fleet.Title(m.detail.id)
		case ofBook:
			return m.bookTitle(m.detail.id)
		}
		if st, ok := m.view.Step(m.detail.id); ok {
			return detailTitle(m.view, st, m.w)
		}
	}
	return ""
}

// tabRow names the panes; the one shown stands in brackets, marks say what is
// going on in the others.
func (m *model) tabRow(w int) line {
	var l line
	short := w < 76
	if t := m.overTitle(); t != "" {
		l = l.add(title, "["+safe.Short(t, 30)+"]").add(text, " ")
		short = true
	}
	for p := paneList; p <= paneLog; p++ {
		here := p == m.focus && m.over == overNone
		name := strconv.Itoa(int(p))
		if !short || here {
			name += " " + m.name(p)
		}
		if mk := m.markOf(p); mk != "" {
			name += " " + mk
		}
		if here {
			l = l.add(title, "["+name+"]").add(text, " ")
		} else {
			l = l.add(text, " "+name+"  ")
		}
	}
	var right line
	if m.view.Drill {
		right = line{{badge, " DRILL "}, {text, " "}}
	}
	return sides(l, right, w)
}

// oneBody is one pane, or what lies over it.
func (m *model) oneBody(s size) []line {
	switch m.over {
	case overForm:
		m.form.alone = s.w == m.w
		return m.form.View(m.view, m.now, s.w, s.h)
	case overChoice:
		if ch, ok := m.openChoice(m.choice.key); ok {
			return m.choice.View(ch, &m.list, s.w, s.h)
		}
	case overPalette:
		return m.paletteView(s)
	case overQuestion:
		return m.questionView(s)
	case overDetail:
		rows := m.detailRows(s.w)
		m.detail.top = max(0, min(m.detail.top, len(rows)-s.h))
		m.detail.below = max(0, len(rows)-s.h-m.detail.top)
		return screenful(rows, s.w, s.h, m.detail.top)
	}
	switch m.focus {
	case paneNodes:
		return m.fleet.View()
	case paneOut:
		return m.out.View()
	case paneMail:
		return m.mail.View()
	case paneLog:
		return m.log.View()
	}
	return m.list.View()
}

// detailRows are the rows of the detail, made anew.
func (m *model) detailRows(w int) []line {
	switch m.detail.of {
	case ofStep:
		if st, ok := m.view.Step(m.detail.id); ok {
			rows := m.list.stepDetail(st, w, m.bodySize().h)
			for _, b := range st.Step.Step.Comms {
				if s, ok := m.view.Message(b.Template); ok && !b.Otherwise {
					rows = append(append(rows, nil), m.mail.one(s, w)...)
				}
			}
			return rows
		}
	case ofNodes:
		return m.fleet.Explain(m.detail.id, w)
	case ofHelp:
		return m.helpRows(w)
	case ofBook:
		return m.bookRows(m.detail.id, w)
	}
	return nil
}

// wideBody is the panes side by side, or one over the whole width.
func (m *model) wideBody(l layout) []line {
	bottom := strings.Repeat("─", l.w)
	if l.whole {
		name, p := m.overTitle(), ""
		if m.over != overDetail {
			name, p = m.name(m.focus), strconv.Itoa(int(m.focus))+" "
		}
		rows := append([]line{titleRow(p+name, "", true, l.w)}, m.oneBody(l.one)...)
		return append(rows, fit(in(rule, bottom), l.w))
	}
	left, leftRule := m.leftColumn(l)
	right, rightRule := m.rightColumn(l)
	rows := make([]line, 0, len(left)+1)
	for i := range left {
		joint := "│"
		switch a, b := leftRule[i], rightRule[i]; {
		case i == 0:
			joint = "┬"
		case a && b:
			joint = "┼"
		case a:
			joint = "┤"
		case b:
			joint = "├"
		}
		row := append(left[i][:len(left[i]):len(left[i])], span{rule, joint})
		rows = append(rows, append(row, right[i]...))
	}
	return append(rows, fit(in(rule, strings.Repeat("─", l.left)+"┴"+strings.Repeat("─", l.w-l.left-1)), l.w))
}

// titleRow is a rule with a pane's name in it.
func titleRow(name, mk string, focus bool, w int) line {
	r := text
	if focus {
		r = title
	}
	name = cutTo(clean(name), w-8)
	l := line{{rule, "─ "}, {r, name}, {text, " "}}
	if mk != "" {
		l = l.add(r, mk+" ")
	}
	return fit(l.add(rule, strings.Repeat("─", max(w-l.width(), 0))), w)
}

func cutTo(s string, w int) string {
	if width(s) <= w {
		return s
	}
	return cut(s, w)
}
