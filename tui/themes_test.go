package tui

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// themed are the moments of the mock-ups, each drawn in every theme: what a
// terminal of 80x24 gets, colours and all.
func themed() map[string]string {
	return map[string]string{"home": "home", "declare": "alert", "nodes": "alert", "flight": "flight", "running": "running",
		"refused": "refused", "comms": "comms", "posted": "posted", "unknown": "unknown", "after": "after", "halted": "halted"}
}

// TestThemes holds every theme to its golden, and to the text of the frame: a
// theme changes how a thing looks, never what stands there.
func TestThemes(t *testing.T) {
	acts := moments()
	for name, view := range themed() {
		var text string
		for _, theme := range Themes() {
			t.Run(name+"/"+theme, func(t *testing.T) {
				d := openWith(t, fixture.Moments()[view](), 80, 24, Options{Quiet: true, Theme: theme})
				acts[name](d)
				got := d.m.View().Content
				golden(t, fmt.Sprintf("%s-80x24.%s.ansi", name, theme), got+"\n")
				plain := ansi.Strip(got)
				if text == "" {
					text = plain
				}
				if plain != text {
					t.Errorf("the text differs from that of the other themes:\n%s", plain)
				}
			})
		}
	}
}

// Whoever sees no colour must lose nothing: in the mono theme each level of
// alarm still looks unlike plain text, and unlike the others.
func TestEveryLevelIsSeenInEveryTheme(t *testing.T) {
	for _, name := range Themes() {
		th := newTheme(name, false, true)
		seen := map[string]role{}
		for _, r := range []role{text, warn, caut, unkn, selected, todo} {
			s := th.draw(in(r, "x"))
			if other, ok := seen[s]; ok && !(name == "mono" || name == "colour-blind") {
				t.Errorf("%s: roles %d and %d look the same: %q", name, other, r, s)
			}
			seen[s] = r
			if r != text && s == "x" {
				t.Errorf("%s: role %d looks like text", name, r)
			}
		}
	}
}
