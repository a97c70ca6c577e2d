package tui

// block is a pane with its title in a column.
type block struct {
	name, mark string
	focus      bool
	rows       []line
	title      line // in place of name and mark
}

// column is blocks below each other; rules says which rows are titles.
func column(w int, blocks ...block) (rows []line, rules map[int]bool) {
	rules = map[int]bool{}
	for _, b := range blocks {
		rules[len(rows)] = true
		if b.title == nil {
			b.title = titleRow(b.name, b.mark, b.focus, w)
		}
		rows = append(rows, b.title)
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
		return column(l.left, block{name: m.overTitle(), focus: true, rows: m.oneBody(l.over())})
	}
	if l.votes {
		return column(l.left, m.nodesBlock(), block{name: "1 " + m.name(paneList), mark: m.list.Mark(), rows: m.list.View()})
	}
	list := block{name: "1 " + m.name(paneList), mark: m.list.Mark(), focus: m.focus == paneList, rows: m.list.View()}
	switch {
	case l.out.h == 0:
		return column(l.left, list)
	case m.focus == paneLog:
		return column(l.left, list, block{name: "5 Log", focus: true, rows: m.log.View()})
	}
	return column(l.left, list, block{title: m.out.titleRow(m.focus == paneOut, l.left), rows: m.out.View()})
}

// rightColumn is the nodes above the next message.
func (m *model) rightColumn(l layout) (rows []line, rules map[int]bool) {
	above := m.nodesBlock()
	if l.votes {
		above = block{name: "What this means", rows: screenful(m.fleet.means(l.why.w, false), l.why.w, l.why.h, 0)}
	}
	if l.mail.h == 0 {
		return column(l.nodes.w, above)
	}
	name := "4 Next message"
	switch {
	case !m.view.State.Open() && len(m.view.Says) > 0:
		name = "4 First messages when declared"
	case m.mail.cursor != "":
		name = "4 Messages"
	}
	return column(l.mail.w, above, block{name: name, mark: m.mail.Mark(), focus: m.focus == paneMail, rows: m.mail.View()})
}

func (m *model) nodesBlock() block {
	return block{name: "2 " + m.fleet.Heading(), mark: m.fleet.Mark(), focus: m.focus == paneNodes, rows: m.fleet.View()}
}
