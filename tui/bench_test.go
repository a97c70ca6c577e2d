package tui

import (
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// BenchmarkFrame is one key and the frame it leads to: of the story's fleet,
// and of a thousand nodes with fifty actions that print.
func BenchmarkFrame(b *testing.B) {
	story := fixture.New(fixture.Running())
	storm := newStorm(1000, 1<<20).cockpit(b, stormSteps)
	for name, c := range map[string]Cockpit{"story": story, "storm": storm} {
		b.Run(name, func(b *testing.B) {
			m := newModel(b.Context(), fixture.New(c.View()), Options{Quiet: true})
			m.resize(120, 40)
			m.settle(m.clock())
			for b.Loop() {
				m.Update(keyOf("j"))
				m.View()
			}
		})
	}
}

// BenchmarkView is what the screen asks of a cockpit at each change, while a
// thousand nodes change and fifty actions print.
func BenchmarkView(b *testing.B) {
	c := newStorm(1000, 1<<20).cockpit(b, stormSteps)
	for b.Loop() {
		c.View()
	}
}

// BenchmarkFrameOfManyHosts is one key and its frame while a step runs on fifty
// hosts, with fifty outputs of 400 long lines behind it.
func BenchmarkFrameOfManyHosts(b *testing.B) {
	m := newModel(b.Context(), fixture.New(fixture.ManyHosts(50, 50, 400)), Options{Quiet: true})
	m.resize(120, 40)
	m.settle(m.clock())
	for b.Loop() {
		m.Update(keyOf("j"))
		m.View()
	}
}
