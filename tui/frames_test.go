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
		"flight-ready":     nothing,
		"flight-turned":    nothing,
		"running-hosts":    nothing,
		"running-one":      func(d *driver) { d.press("3", "l", "l") },
		"running-failed":   nothing,
		"running-detail":   func(d *driver) { d.press("enter") },
		"refused-cuts":     nothing,
		"evidence-cuts":    func(d *driver) { d.press("enter") },
		"armed-cut":        func(d *driver) { d.press("enter", ":").typing("fence power").press("enter") },
		"unknown-back":     func(d *driver) { d.press("3", "1", "3", "enter") },
		"unknown-detail":   func(d *driver) { d.press("enter") },
		"running-hostile":  nothing,
		"evidence-hostile": func(d *driver) { d.press("enter") },
		"home":             nothing,
		"alert":            nothing,
		"declare":          func(d *driver) { d.press("D") },
		"before":           nothing,
		"choice":           nothing,
		"options":          func(d *driver) { d.press("c", "B") },
		"flight":           nothing,
		"armed":            func(d *driver) { d.press("x").typing("val") },
		"running":          nothing,
		"refused":          nothing,
		"evidence":         func(d *driver) { d.press("enter") },
		"comms":            func(d *driver) { d.press("4") },
		"fill":             func(d *driver) { d.press("4", "e").typing("no effect") },
		"posted":           func(d *driver) { d.press("4") },
		"unknown":          func(d *driver) { d.press("1", "1") },
		"nodes":            func(d *driver) { d.press("2") },
		"nodewhy":          func(d *driver) { d.press("2", "enter") },
		"haltedmemory":     nothing,
		"haltedways":       func(d *driver) { d.press("2", "w") },
		"halted":           func(d *driver) { d.press("2") },
		"help":             func(d *driver) { d.press("?") },
		"after":            nothing,
	}
}

func TestFrames(t *testing.T) {
	views := map[string]string{"flight-ready": "ready", "flight-turned": "turned", "running-one": "running-hosts", "running-failed": "failed-hosts",
		"running-detail": "failed-hosts", "refused-cuts": "counting", "evidence-cuts": "counting", "armed-cut": "counting",
		"unknown-back": "back", "unknown-detail": "back", "running-hostile": "hostile-flight", "evidence-hostile": "hostile-flight",
		"declare": "alert", "nodes": "alert", "nodewhy": "alert", "haltedmemory": "halted", "haltedways": "halted", "options": "choice", "armed": "flight", "evidence": "refused", "fill": "comms", "help": "flight"}
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
