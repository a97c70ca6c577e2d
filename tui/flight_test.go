package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// What was sensed stays half a minute, then only the count keeps it.
func TestWhatWasSeenFoldsIntoTheCount(t *testing.T) {
	v := fixture.Before()
	for i := range v.Steps {
		if s := &v.Steps[i]; s.Step.Step.ID == "scope" {
			s.Status, s.At, s.Since = incident.Done, v.Now.Add(-29*time.Second), v.Now.Add(-29*time.Second)
		}
	}
	v.State.Seq++
	d := open(t, v, 80, 24).sees("(✓) The chain goes on without val-2", "1 of 2 done").misses("folded")
	v.Now = v.Now.Add(2 * time.Second)
	d.shows(v).misses("(✓) The chain goes on").sees("1 of 2 done, 1 seen and folded")
	d.press("o").sees("(✓) The chain goes on without val-2").press("o").misses("(✓) The chain goes on")
}

func TestADoneStepSeenOtherwiseAsks(t *testing.T) {
	d := open(t, fixture.Turned(), 120, 40)
	d.sees("[✓] Stop and fence val-2", "! seen otherwise: val-2 is stopped and fenced", "(!) Prove that val-2 cannot sign", "NO LONGER TRUE 03:10:44")
	d.press("1", "enter").sees(`"done" because`).typing("fenced by hand").press("enter")
	d.asked("incident.Answer {Step:stop-and-fence By:mira Ran:done Note:fenced by hand}")
}

func TestOutputOfOneHost(t *testing.T) {
	d := open(t, fixture.RunningHosts(), 80, 24)
	d.press("3").sees("[all]", "sudo: a password is required", "peers: 1 replaced", "3 lines, 0 hidden")
	d.press("l").sees("[sentry-1]", "peers: 1 replaced", "1 line, 2 hidden").misses("a password is required")
	d.press("l", "l").sees("[sentry-3]", "-- exit 1 after 00:02").misses("peers: 1 replaced")
	d.press("l").sees("[all]").press("h").sees("[sentry-3]")
}

func TestOutputScrollsAndFollows(t *testing.T) {
	v := fixture.RunningHosts()
	o := &v.Outputs[0]
	for i := range 100 {
		o.Lines = append(o.Lines, cockpit.Line{Host: "sentry-2", At: v.Now.Add(time.Duration(i) * time.Millisecond), Text: fmt.Sprintf("line %03d.", i)})
	}
	d := open(t, v, 80, 24).press("3").sees("line 099.", "following, 103 lines")
	d.press("k").misses("line 099.").sees("line 098.", "1 line below, f follows")
	more := v
	more.Outputs = append([]cockpit.Output(nil), v.Outputs...)
	more.Outputs[0].Lines = append(append([]cockpit.Line(nil), o.Lines...), cockpit.Line{Host: "sentry-2", At: v.Now.Add(time.Second), Text: "line 100."})
	more.State.Seq++
	d.shows(more).sees("line 098.", "2 lines below").misses("line 099.")
	d.press("f").sees("line 100.", "following")
	d.press("g").sees("$ sudo -n /usr/local/bin/set-peer").misses("line 099.")
	d.press("/").typing("line 050").press("enter").sees("line 050.", `"line 050": 1 of 1`)
}

func TestARefusedStartIsOneKeyFromItsEvidence(t *testing.T) {
	v := fixture.Refused()
	for i := range v.Steps {
		if s := &v.Steps[i]; s.Step.Step.ID == "start-standby" {
			s.Verdict = nil
		}
	}
	v.State.Steps[0].Status, v.Steps[0].Status, v.Steps[0].Step.Status = incident.Todo, incident.Todo, incident.Todo
	v.Current = "what-changed" // an earlier step is still to do: the cursor must come back
	d := open(t, v, 80, 24)
	refused := fixture.Refused()
	refused.Current, refused.State.Seq = "what-changed", v.State.Seq+1
	d.c.React = func(string, cockpit.View) (cockpit.View, error) { return refused, errors.New("refused") }
	d.press("/").typing("Start the").press("enter", "x").typing("otto").press("enter").typing("val-2s").press("enter")
	d.sees("✗ REFUSED  Start the standby val-2s. Nothing was sent.", "! REFUSED. Nothing was sent. Enter opens the evidence.", "▶[ ] Start the standby val-2s", "Waiting is free", "Enter evidence")
	d.press("enter").sees("VERDICT  ✗ NO.", "CONTRADICTING 1", "What would change the verdict").misses("OVER by")
	d.press("esc").sees("▶[ ] Start the standby val-2s")
}

func TestACutIsOfferedOnlyWhereTheConfigurationHasOne(t *testing.T) {
	d := open(t, fixture.Counting(), 120, 40).press("enter").sees(":fence power", ":fence network", "NOT YET 1", "4 of 10 blocks so far")
	d.press("esc", ":").typing("fence power").press("enter").sees("type val-2").asked()
	d.typing("val-2").press("enter").asked(`cut val-2 power "val-2"`)
	open(t, fixture.Refused(), 120, 40).press("enter").misses(":fence")
}

func TestRunAgainIsLockedWhileTheKeyLives(t *testing.T) {
	d := open(t, fixture.Back(), 80, 24)
	d.sees("Back after 00:48. The record is whole: 214 events, last 03:14:06.", "All point to: it ran once, and it works.", "LOCKED: the key is alive", "While you were away")
	d.press("3", "enter").sees("3 is locked: the key is alive.").asked()
	d.press("2", "enter").asked("reread")
	d.press("1", "enter").typing("it signs").press("enter")
	if calls := d.c.Calls(); len(calls) != 2 || calls[1] != "incident.Answer {Step:start-standby By:mira Ran:done Note:it signs}" {
		t.Errorf("asked %q", calls)
	}
}

// An answer to a key goes when what it tells is over.
func TestStartedEndsWithTheStep(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	running := fixture.Running()
	d.c.React = func(string, cockpit.View) (cockpit.View, error) { return running, nil }
	d.press("x").typing("val-2").press("enter").sees("Started on val-2.")
	done := fixture.Refused()
	for i := range done.Steps {
		if s := &done.Steps[i]; s.Step.Step.ID == "stop-and-fence" {
			s.Effect = "01JDEFFECT0001"
		}
	}
	d.shows(done).misses("Started on val-2.")
}

func TestWhatHappenedMeanwhileIsSaidAWhile(t *testing.T) {
	v := fixture.Flight()
	v.Away = &cockpit.Away{From: v.Now.Add(-time.Hour), To: v.Now.Add(-time.Minute), Entries: 3}
	d := open(t, v, 80, 24).sees("Back after 59:00. The record is whole: 3 events", "While you were away: nothing that is known")
	v.Now, v.State.Seq = v.Now.Add(2*time.Minute), v.State.Seq+1
	d.shows(v).misses("Back after")
}

// What was written before nobody watched may have been overtaken.
func TestPAfterACrashWantsReadingAgain(t *testing.T) {
	v := fixture.Flight()
	v.Away = &cockpit.Away{From: v.Now.Add(-time.Minute), To: v.Now.Add(-time.Second), Entries: 3}
	d := open(t, v, 120, 40)
	d.press("P").sees("It was written before relight was away. Read it again, then P posts it.").asked()
	d.pause(2 * time.Second).press("P").asked("post incident-declared")
}

// A tail shows the end until it is scrolled, never leaves a gap while there is
// more to show, and keeps its place while the list grows and is cut.
func TestTail(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var tl tail
		first, heights := 0, []int{}
		for i := range rapid.IntRange(0, 12).Draw(r, "entries") {
			heights = append(heights, 1+i%3)
		}
		rows := func(i int) []line {
			out := make([]line, heights[i])
			for k := range out {
				out[k] = tx(fmt.Sprintf("%d.%d", first+i, k))
			}
			return out
		}
		h := rapid.IntRange(1, 10).Draw(r, "h")
		count := func(i int) int { return heights[i] }
		for range rapid.IntRange(1, 20).Draw(r, "acts") {
			switch rapid.IntRange(0, 4).Draw(r, "act") {
			case 0:
				heights = append(heights, 1+len(heights)%3)
			case 1:
				if n := min(3, len(heights)); n > 0 {
					first, heights = first+n, heights[n:]
				}
			case 2:
				tl.follow()
			case 3:
				if len(heights) > 0 {
					tl.move(rapid.IntRange(-30, 30).Draw(r, "by"), first, len(heights), h, count)
				}
			case 4:
				if len(heights) > 0 {
					tl.show(rapid.IntRange(0, len(heights)-1).Draw(r, "at"), first, len(heights), h, count)
				}
			}
			out, top, below := tl.window(first, len(heights), h, rows)
			total := 0
			for _, n := range heights {
				total += n
			}
			if len(out) > h || len(out) < min(h, total) {
				r.Fatalf("%d rows of %d in %d", len(out), total, h)
			}
			if below < 0 || top < 0 || top > len(heights) || !tl.held && below != 0 {
				r.Fatalf("top %d, below %d, held %v", top, below, tl.held)
			}
			for i := 1; i < len(out); i++ {
				if strings.Compare(out[i].String(), out[i-1].String()) == 0 {
					r.Fatalf("a row twice: %v", out)
				}
			}
		}
	})
}
