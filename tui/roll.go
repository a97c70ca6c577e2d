package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// rolls says that there is somebody to call.
func (m *model) rolls() bool { return words.Rolls(m.view) }

// callRoll reads NAME STAGE ... after ":roll".
func (m *model) callRoll(args string) (tea.Cmd, error) {
	c, err := words.RollCall(m.view, args, "2 lists them")
	if err != nil {
		return nil, err
	}
	name := safe.Short(c.Name, 30)
	return m.do("roll call of "+name, "Written down: "+name+" "+safe.Short(c.Stage, 10)+", by your word.", c), nil
}
