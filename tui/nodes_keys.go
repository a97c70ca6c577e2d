package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/words"
)

// nodeKeys are those the pane has of its own.
func (m *model) nodeKeys() []binding {
	return []binding{
		{keys: []string{"o"}, show: "o", short: "order", help: "order: what is wrong first, by name, by power", do: look(func() {
			m.fleet.Turn()
			m.tell(words.Calm, "Order: %s. o changes it.", m.fleet.order)
		})},
		{keys: []string{"w"}, show: "w", short: "ways back", help: "why the chain stands, and the nearest ways back", when: func() bool { return m.view.Snap.Chain.Halted == nodes.True },
			do: look(func() { m.show(ofNodes, haltDetail) })},
		{keys: []string{"v"}, show: "v", short: "nodes", help: "the nodes in place of the votes, and back", when: m.fleet.hasVotes, do: look(m.fleet.Other)},
	}
}

// openNode explains what is under the cursor; a group is listed one by one.
func (m *model) openNode(time.Time) tea.Cmd {
	p, ok := m.fleet.Selected()
	switch {
	case !ok:
		m.show(ofNodes, "")
	case p.kind() == "group" && len(m.fleet.folded[p]) > 1:
		m.fleet.open = true
		m.fleet.cursor = m.fleet.folded[p][0]
		m.fleet.sort()
	case p.kind() == "group":
		m.show(ofNodes, string(m.fleet.folded[p][0]))
	default:
		m.show(ofNodes, string(p))
	}
	return nil
}

// showNode explains the node of that name; behind it lies its pane.
func (m *model) showNode(name string) {
	p := nodePlace(name)
	m.focus = paneNodes
	m.fleet.Go(p)
	m.show(ofNodes, string(p))
}
