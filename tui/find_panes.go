package tui

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// Each pane says what can be found in it and brings a place into view.

// shown are the steps a cursor can stand on.
func (c *checklist) shown() []cockpit.StepView {
	var out []cockpit.StepView
	for _, st := range c.v.Steps {
		if c.visible(st) {
			out = append(out, st)
		}
	}
	return out
}

// Texts are title, prose, hosts and script of each step; without an incident
// the rows of home.
func (c *checklist) Texts() []string {
	if !c.v.State.Open() {
		return textsOf(home(c.v, c.seen, c.now, c.w, 1<<10))
	}
	var out []string
	for _, st := range c.shown() {
		out = append(out, strings.Join([]string{words.Title(st), st.Step.Step.Prose, strings.Join(st.Hosts, " "), st.Script}, "\n"))
	}
	return out
}

// At is the place of the cursor.
func (c *checklist) At() int {
	st, _ := c.Selected()
	return slices.IndexFunc(c.shown(), func(o cockpit.StepView) bool { return o.Step.Step.ID == st.Step.Step.ID })
}

// Show puts the cursor on the step at that place.
func (c *checklist) Show(i int) {
	if all := c.shown(); i < len(all) {
		c.Go(all[i].Step.Step.ID)
	}
}

// Go puts the cursor on a step.
func (c *checklist) Go(id string) { c.cursor, c.pick = id, 0 }

// Texts are name and text of each message of the plan.
func (m *mail) Texts() []string {
	var out []string
	for _, s := range m.v.Says {
		t := words.Label(s.Template)
		for _, v := range texts(s) {
			t += "\n" + v.text()
		}
		out = append(out, safe.Clean(t))
	}
	return out
}

// At is the place of the message shown.
func (m *mail) At() int {
	s, _ := m.Selected()
	return slices.IndexFunc(m.v.Says, func(o cockpit.SayView) bool { return o.Template == s.Template })
}

// Show shows the message at that place.
func (m *mail) Show(i int) {
	if i < len(m.v.Says) {
		m.Go(m.v.Says[i].Template)
	}
}
