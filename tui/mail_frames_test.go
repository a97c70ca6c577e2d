package tui

import (
	"fmt"
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// TestMailFrames draws the messages, moment by moment, in the pane and over the
// whole body.
func TestMailFrames(t *testing.T) {
	acts := map[string]func(*driver){
		"":       func(*driver) {},
		"-open":  func(d *driver) { d.press("enter") },
		"-other": func(d *driver) { d.press("enter", "u") },
	}
	for name, view := range fixture.Mails() {
		for how, act := range acts {
			if how == "-other" && name != "posted-stuck" && name != "comms-update" {
				continue
			}
			for _, s := range []size{{80, 24}, {120, 40}, {200, 60}} {
				file := fmt.Sprintf("%s%s-%dx%d", name, how, s.w, s.h)
				t.Run(file, func(t *testing.T) {
					d := open(t, view(), s.w, s.h)
					d.press("4")
					if name == "posted-stuck" || name == "hostile-mail" || name == "posted-over" {
						d.m.mail.Go("status-page")
					}
					act(d)
					golden(t, file+".txt", d.frame())
				})
			}
		}
	}
}
