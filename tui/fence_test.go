package tui

import (
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// Before the first x and between two of them the screen shows what would be
// judged now, and that nothing was judged by it.
func TestTheFenceIsShownAsSeenNow(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}, {200, 60}} {
		open(t, fixture.AtHand(false, false), s.w, s.h).sees("not judged yet").press("enter").
			sees("SEEN NOW ✗ NO.", "not judged yet", "for the silence: 8 of 10 blocks seen").misses("VERDICT  ")
		open(t, fixture.AtHand(false, true), s.w, s.h).sees("REFUSED", "1 wants waiting").press("enter").
			sees("SEEN NOW ✗ NO.", "NO ", " ago").misses("VERDICT  ", "what stands here may have changed")
		open(t, fixture.AtHand(true, false), s.w, s.h).sees("All is proven so far").press("enter").
			sees("SEEN NOW ! NOT JUDGED.", "All is proven so far: x reads").misses("YES")
	}
	open(t, fixture.AtHand(false, false), 80, 24).press("enter", "G").misses("83C395D1CAB4A5B6C7D8E9F00112233445566778")
}

// What fires is read whole at 80 columns, whatever its length, and by which word.
func TestWhatIsArmedIsReadWhole(t *testing.T) {
	v := fixture.Flight()
	for i := range v.Steps {
		if s := &v.Steps[i]; s.Step.Step.ID == "stop-and-fence" {
			s.Step.Step.Title = "Stop and fence the failed validator, and read back that it cannot come up again"
		}
	}
	d := open(t, v, 80, 24).press("x").sees(`"Stop and fence the failed validator, and read back that`, `it cannot come up again" on val-2`, "type val-2, Enter: [_____]", "armed 00:20")
	d.typing("no").press("enter").sees("Not val-2: nothing ran.", `it cannot come up again" on val-2`, "type val-2, Enter: [_____]").asked()
	d.typing("val-2").press("enter").asked("run")
	open(t, fixture.Counting(), 80, 24).press(":").typing("fence power").press("enter").
		sees("CUT the power of val-2, by the configuration's command on", "this machine", "type val-2, Enter: [_____]")
}
