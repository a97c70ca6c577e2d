package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// In a window too small for the prompt a key does nothing: nobody would see
// what it did.
func TestTinyWindowTakesNoKeys(t *testing.T) {
	d := open(t, fixture.Flight(), 39, 24).sees("make it 40x10")
	d.press("x", "P", ":", "i").typing("unseen").press("enter").asked()
	d.m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.press("i").sees("[_")
}

// Ctrl+Z, and the signal that means it, never suspends.
func TestNeverSuspended(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("ctrl+z").sees("Not suspended", ":q leaves").asked()
}

// The first size of the window comes before the screen is up: nothing may be
// written then, or the shell's cursor moves. Every later one draws anew.
func TestFirstSizeDrawsNothing(t *testing.T) {
	m := newModel(t.Context(), fixture.New(fixture.Flight()), Options{})
	if _, cmd := m.Update(tea.WindowSizeMsg{Width: 80, Height: 24}); cmd != nil {
		t.Error("the first size writes to the terminal")
	}
	if _, cmd := m.Update(tea.WindowSizeMsg{Width: 90, Height: 24}); cmd == nil {
		t.Error("a window that changed is not drawn anew")
	}
}
