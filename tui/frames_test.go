package tui

import (
	"fmt"
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// moments are what a commander sees, each drawn in three sizes.
func moments() map[string]func(d *driver) {
	nothing := func(*driver) {}
	return map[string]func(d *driver){
		"home":     nothing,
		"alert":    nothing,
		"declare":  func(d *driver) { d.press("D") },
		"before":   nothing,
		"choice":   nothing,
		"options":  func(d *driver) { d.press("c", "B") },
		"flight":   nothing,
		"armed":    func(d *driver) { d.press("x").typing("val") },
		"running":  nothing,
		"refused":  nothing,
		"evidence": func(d *driver) { d.press("enter") },
		"comms":    func(d *driver) { d.press("4") },
		"fill":     func(d *driver) { d.press("4", "e").typing("no effect") },
		"posted":   func(d *driver) { d.press("4") },
		"unknown":  func(d *driver) { d.press("1", "1") },
		"nodes":    func(d *driver) { d.press("2") },
		"nodewhy":  func(d *driver) { d.press("2", "enter") },
		"halted":   func(d *driver) { d.press("2") },
		"help":     func(d *driver) { d.press("?") },
		"after":    nothing,
	}
}

func TestFrames(t *testing.T) {
	views := map[string]string{"declare": "alert", "nodes": "alert", "nodewhy": "alert", "options": "choice", "armed": "flight", "evidence": "refused", "fill": "comms", "help": "flight"}
	for name, act := range moments() {
		for _, s := range []size{{80, 24}, {120, 40}, {200, 60}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, s.w, s.h), func(t *testing.T) {
				v := name
				if of, ok := views[name]; ok {
					v = of
				}
				d := open(t, fixture.Moments()[v](), s.w, s.h)
				act(d)
				golden(t, fmt.Sprintf("%s-%dx%d.txt", name, s.w, s.h), d.frame())
			})
		}
	}
}
