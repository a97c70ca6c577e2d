package tui

import (
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// BenchmarkFrame is one key and the frame it leads to, side by side.
func BenchmarkFrame(b *testing.B) {
	m := newModel(b.Context(), fixture.New(fixture.Running()), Options{Quiet: true})
	m.resize(120, 40)
	m.settle(m.clock())
	for b.Loop() {
		m.Update(keyOf("j"))
		m.View()
	}
}
