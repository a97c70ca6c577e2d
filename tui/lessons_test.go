package tui

import (
	"strings"
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// TestLessonsFit reads every moment's lesson in the smallest window with
// lessons of its usual width: none is cut.
func TestLessonsFit(t *testing.T) {
	for name, view := range fixture.Moments() {
		for _, keys := range [][]string{nil, {"x"}, {"D"}, {"c"}, {"enter"}, {"ctrl+p"}, {"i"}, {"A"}} {
			d := openWith(t, view(), 80, 24, Options{NoColor: true, Quiet: true, Lessons: true})
			d.press(keys...)
			rows := d.m.lessonLines(80)
			if len(rows) != lessonRows || !strings.Contains(rows[0].String(), "LESSON") {
				t.Fatalf("%s %v: %v", name, keys, rows)
			}
			if s := rows[1].String(); strings.Contains(s, "…") {
				t.Errorf("%s %v: the lesson is cut: %s", name, keys, s)
			}
		}
	}
}

func TestLessonsEndByAKeyAndForGood(t *testing.T) {
	ended := 0
	d := openWith(t, fixture.Flight(), 80, 24, Options{NoColor: true, Quiet: true, Lessons: true, LessonsEnd: func() { ended++ }})
	d.sees("LESSON", "T ends", "x only arms it")
	d.press("x").sees("Armed is not run").press("esc")
	cmd := d.m.key(keyOf("T"), d.now)
	cmd()
	d.misses(" LESSON  ").sees("The lessons are over; relight drill --lessons on brings them back.")
	if ended != 1 {
		t.Errorf("LessonsEnd was called %d times", ended)
	}
	d.press("T").asked()
	if ended != 1 {
		t.Error("the lessons ended twice")
	}
	open(t, fixture.Flight(), 80, 24).misses("LESSON")
}

// Help has a lesson of its own, and no lesson breaks a box in two.
func TestTheLessonOfHelp(t *testing.T) {
	d := openWith(t, fixture.Before(), 80, 24, Options{NoColor: true, Quiet: true, Lessons: true})
	d.sees("A square box wants")
	d.press("?").sees("What the keys do at this moment").misses("each reading with its source")
}
