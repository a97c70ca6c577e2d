package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
)

// cuttable says that the configuration can cut off a host for the step under the
// cursor.
func (m *model) cuttable() bool {
	st, ok := m.list.Selected()
	return ok && m.view.State.Open() && len(st.Cuts) > 0
}

// fence arms the cut of a host; its name must be typed.
func (m *model) fence(args string) (tea.Cmd, error) {
	st, _ := m.list.Selected()
	how, host, _ := strings.Cut(strings.TrimSpace(args), " ")
	var fit []cockpit.Cut
	for _, c := range st.Cuts {
		if c.How == how && (host == "" || c.Host == strings.TrimSpace(host)) {
			fit = append(fit, c)
		}
	}
	switch {
	case len(fit) == 0:
		return nil, fmt.Errorf("fence needs what to cut, power or network, and a host; it offers %s", cutsOf(st.Cuts))
	case len(fit) > 1:
		return nil, fmt.Errorf("name the host: %s", cutsOf(fit))
	}
	c := fit[0]
	m.arm("CUT the "+safe.Short(c.How, 10)+" of "+safe.Short(c.Host, 40)+", by the configuration's command on this machine", c.Word, st.Step.Step.ID, m.clock(), func(word string) tea.Cmd {
		return m.ask("cut "+safe.Short(c.Host, 40), "The cut was ordered. Only what is read back counts as a fence.", func(ctx context.Context) error {
			return m.c.Cut(ctx, c.Host, c.How, word)
		})
	})
	return nil, nil
}

func cutsOf(cuts []cockpit.Cut) string {
	var out []string
	for _, c := range cuts {
		out = append(out, ":fence "+safe.Short(c.How, 10)+" "+safe.Short(c.Host, 40))
	}
	return strings.Join(out, ", ")
}
