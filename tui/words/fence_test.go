package words

import (
	"testing"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// Waiting has one clear sentence for each state of the silence.
func TestWaitingForTheSilence(t *testing.T) {
	v := fixture.Counting()
	st, _ := v.Step("start-standby")
	pace := Pace(v)
	still := v
	still.Snap.Keys = nil
	for name, c := range map[string]struct {
		text  string
		after time.Duration // of the judgement
		want  Change
	}{
		"not long enough":    {"6 of 10 blocks so far, counted from 1.", 0, Change{"Wait about " + Dur(4*pace) + " for the silence: 6 of 10 blocks seen", "wait, then x", ""}},
		"long enough by now": {"6 of 10 blocks so far, counted from 1.", 5 * pace, Change{"The silence may be long enough by now: it was 6 of 10 blocks when it was judged", "x judges again", ""}},
		"of no known pace":   {"6 of 10 blocks so far, counted from 1.", -1, Change{"Wait for the silence: 6 of 10 blocks seen", "wait, then x", ""}},
	} {
		at := v
		if c.after < 0 {
			at, c.after = still, 0
		}
		at.Now = st.Verdict.At.Add(c.after)
		if got := waiting(at, st, fence.Item{N: 7, State: fence.Missing, Text: c.text}); got != c.want {
			t.Errorf("%s\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}

// Long addresses are shortened in their middle, figures are not.
func TestLongHashesAreShortened(t *testing.T) {
	for in, want := range map[string]string{
		"B2907E41D04C000000000000000000000000ABCD, not 83C395D1CAB4.": "B2907E41D04C…ABCD, not 83C395D1CAB4.",
		"height 1204149, round 0, step 3":                             "height 1204149, round 0, step 3",
		"The unit of val-2 was read at 03:11:22.":                     "The unit of val-2 was read at 03:11:22.",
	} {
		if got := Seen(fence.Item{Text: in}); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

// A refusal counts what is seen now, not what was seen when it was judged.
func TestARefusalCountsWhatIsSeenNow(t *testing.T) {
	for _, c := range []struct {
		allow bool
		want  string
	}{{false, "Nothing was sent. 1 wants waiting."}, {true, "Nothing was sent. By now all is proven: x judges again."}} {
		st, _ := fixture.AtHand(c.allow, true).Step("start-standby")
		if got := Refusal(st); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
