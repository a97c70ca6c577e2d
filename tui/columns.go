package tui

// block is a pane with its title in a column.
type block struct {
	name, mark string
	focus      bool
	rows       []line
}

// column is blocks below each other; rules says which rows are titles.
func column(w int, blocks ...block) (rows []line, rules map[int]bool) {
	rules = map[int]bool{}
	for _, b := range blocks {
		rules[len(rows)] = true
		rows = append(rows, titleRow(b.name, b.mark, b.focus, w))
		rows = append(rows, b.rows...)
	}
	return rows, rules
}

// dark says that no incident is open and nothing asks for the panes that come
// with one: then they are not there, and light up with it.
func (m *model) dark() bool {
	return !m.view.State.Open() && len(m.view.Says) == 0 && (m.focus == paneList || m.focus == paneNodes)
}

// leftColumn is the checklist above the output, or what lies over both.
func (m *model) leftColumn(l layout) (rows []line, rules map[int]bool) {
	if m.over != overNone {
		return column(l.left, block{m.overTitle(), "", true, m.oneBody(l.over())})
	}
	list := block{"1 " + m.name(paneList), m.list.Mark(), m.focus == paneList, m.list.View()}
	switch {
	case l.out.h == 0:
		return column(l.left, list)
	case m.focus == paneLog:
		return column(l.left, list, block{"5 Log", "", true, m.log.View()})
	}
	return column(l.left, list, block{"3 " + m.out.Title(), m.out.Mark(), m.focus == paneOut, m.out.View()})
}

// rightColumn is the nodes above the next message.
func (m *model) rightColumn(l layout) (rows []line, rules map[int]bool) {
	fleet := block{"2 Nodes", m.fleet.Mark(), m.focus == paneNodes, m.fleet.View()}
	if l.mail.h == 0 {
		return column(l.nodes.w, fleet)
	}
	name := "4 Next message"
	if m.mail.cursor != "" {
		name = "4 Messages"
	}
	return column(l.nodes.w, fleet, block{name, m.mail.Mark(), m.focus == paneMail, m.mail.View()})
}
