package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// numbered is a message of two texts in which every line says which it is.
func numbered(version, lines int) cockpit.View {
	v := fixture.Filled()
	s := &v.Says[0]
	text := func(name string, n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("<%s %d of v%d>", name, i, version))
		}
		return strings.Join(out, "\n")
	}
	s.Bodies = []incident.Body{{Channel: "status-page", Text: text("page", lines)}, {Channel: "mail:leadership", Text: text("mail", lines/3+1)}}
	s.Body, s.Digest = s.Bodies[0].Text, fmt.Sprint("v", version)
	v.State.Seq += version
	v.Now = v.Now.Add(time.Duration(version) * time.Second)
	return v
}

// Whatever a person presses, in windows of any size, and whenever the text
// changes: no text is posted of which a line was not on the screen since it
// stands as it is.
func TestOnlyWhatWasSeenIsPosted(t *testing.T) {
	keys := []string{"P", "P", "P", "j", "j", "j", "k", "ctrl+d", "ctrl+d", "ctrl+d", "ctrl+u", "G", "g", "l", "h", "enter", "u", "d", "4", "esc", "tab", "?", "z"}
	posted := 0
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SampledFrom([]int{3, 12, 40}).Draw(rt, "lines")
		s := rapid.SampledFrom([]size{{80, 24}, {120, 40}, {120, 30}, {100, 24}, {70, 18}, {200, 60}}).Draw(rt, "size")
		d := open(t, numbered(1, lines), s.w, s.h)
		version := 1
		seen := map[string]bool{}
		look := func() {
			for _, l := range strings.Split(d.frame(), "<")[1:] {
				name, _, _ := strings.Cut(l, ">")
				seen[name] = true
			}
		}
		look()
		for range rapid.IntRange(5, 90).Draw(rt, "n") {
			switch rapid.IntRange(0, 24).Draw(rt, "what") {
			case 0:
				version++
				d.shows(numbered(version, lines))
			case 1:
				s = rapid.SampledFrom([]size{{80, 24}, {120, 40}, {90, 30}, {160, 50}}).Draw(rt, "to")
				d.m.resize(s.w, s.h)
				d.m.settle(d.now)
			case 2:
				d.pause(1500 * time.Millisecond)
			default:
				d.press(rapid.SampledFrom(keys).Draw(rt, "key"))
			}
			for _, c := range d.c.Calls() {
				if c != "post status-page" {
					continue
				}
				posted++
				for name, n := range map[string]int{"page": lines, "mail": lines/3 + 1} {
					for i := range n {
						if want := fmt.Sprintf("%s %d of v%d", name, i, version); !seen[want] {
							rt.Fatalf("posted, and <%s> was never on the screen at %v", want, s)
						}
					}
				}
				return
			}
			look()
		}
	})
	if posted == 0 {
		t.Error("nothing was ever posted: the test proves nothing")
	}
	t.Logf("%d posts", posted)
}
