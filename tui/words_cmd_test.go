package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// :words says one update of the message shown in a person's own words; nothing
// is posted by it.
func TestOwnWords(t *testing.T) {
	v := fixture.Filled()
	v.Says[0].Own = v.Says[0].Template + "#1/words"
	d := open(t, v, 120, 40)
	d.m.mail.Go(v.Says[0].Template)
	d.press(":").typing("words It signs again.").press("enter")
	calls := d.c.Calls()
	if !slices.Contains(calls, "fill "+v.Says[0].Own+` "It signs again."`) {
		t.Errorf("calls %q", calls)
	}
	if slices.ContainsFunc(calls, func(c string) bool { return strings.HasPrefix(c, "post") }) {
		t.Errorf("posted: %q", calls)
	}
}
