package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const sec = time.Second

// reelOf is a recording of one row: a text for each moment.
func reelOf(beats []beat, frames ...frame) recording {
	return recording{Name: "x", Title: "t", W: 20, H: 1, Frames: frames, Beats: beats}
}

// A long wait runs fast after its first moment; a short beat stands; each frame
// is seen long enough.
func TestCutShortensOnlyWaits(t *testing.T) {
	frames := []frame{{0, "start"}}
	for i := range 60 {
		frames = append(frames, frame{time.Duration(i+1) * sec, "wait " + strconv.Itoa(i)})
	}
	frames = append(frames, frame{61200 * time.Millisecond, "after"})
	takes := cutFilm(reelOf([]beat{{Hold: sec}, {At: 500 * time.Millisecond, Keys: "x", Hold: 2 * sec}, {At: 61 * sec, Keys: "y", Hold: sec}}, frames...))
	if end := takes[len(takes)-1].to; end != 4*sec {
		t.Errorf("it plays %v, want 4 s", end)
	}
	if first := takes[0]; first.frame != 0 || first.to != sec {
		t.Errorf("the first beat is %+v", first)
	}
	for i, tk := range takes {
		if i > 0 && tk.from != takes[i-1].to {
			t.Errorf("take %d begins at %v, the one before ends at %v", i, tk.from, takes[i-1].to)
		}
		if tk.to-tk.from < least {
			t.Errorf("take %d is seen for %v", i, tk.to-tk.from)
		}
	}
	if last := takes[len(takes)-1]; frames[last.frame].Text != "after" || last.beat != 2 {
		t.Errorf("the last take is %+v", last)
	}
	if n := len(takes); n > 30 {
		t.Errorf("%d takes for a film of 4 s", n)
	}
}

func TestALongFilmIsSqueezed(t *testing.T) {
	var beats []beat
	for i := range 100 {
		beats = append(beats, beat{At: time.Duration(i) * sec, Hold: sec})
	}
	takes := cutFilm(reelOf(beats, frame{0, "a"}, frame{50 * sec, "b"}))
	if end := takes[len(takes)-1].to; end > longest || end < longest-sec {
		t.Errorf("it plays %v, want %v", end, longest)
	}
}

// What stands still is drawn once, what changes once for each of its texts, and
// each is seen exactly while it was on the screen.
func TestFilmShowsEachThingInItsTime(t *testing.T) {
	r := reelOf([]beat{{Hold: sec}, {At: sec, Keys: "D", Say: "declares", Hold: sec}, {At: 2 * sec, Hold: 2 * sec}},
		frame{0, "DRILL  one"}, frame{sec, "DRILL  two"}, frame{2 * sec, "DRILL  one"})
	r.Poster = 1
	svg := Film(r, dark())
	if err := whole("x-20x1.svg", svg); err != nil {
		t.Error(err)
	}
	for text, times := range map[string]string{
		"one": `0%{visibility:visible}25%{visibility:hidden}50%{visibility:visible}to{visibility:visible}`,
		"two": `0%{visibility:hidden}25%{visibility:visible}50%{visibility:hidden}to{visibility:hidden}`,
		"D":   `0%{visibility:hidden}25%{visibility:visible}50%{visibility:hidden}to{visibility:hidden}`,
	} {
		m := regexp.MustCompile(`<g class="(k\d+)([ p]*)">\n(?:<(?:text|rect).*\n)*<text[^>]*>` + text + `</text>`).FindStringSubmatch(svg)
		if m == nil {
			t.Errorf("%q stands in no group of its own:\n%s", text, svg)
			continue
		}
		if want := "@keyframes " + m[1] + "{" + times + "}"; !strings.Contains(svg, want) {
			t.Errorf("%q is not shown as %s:\n%s", text, want, svg)
		}
		if poster := m[2] == " p"; poster != (text != "one") {
			t.Errorf("%q stands on the poster: %v", text, poster)
		}
	}
	if n := strings.Count(svg, ">DRILL<"); n != 1 {
		t.Errorf("what never changed is drawn %d times", n)
	}
	if !strings.Contains(svg, "@media (prefers-reduced-motion:no-preference)") {
		t.Error("it moves also for those who want no motion")
	}
}

func TestATakeStandsByItself(t *testing.T) {
	r := reelOf([]beat{{Hold: sec}, {At: sec, Hold: sec}}, frame{0, "DRILL one"}, frame{sec, "DRILL two"})
	takes := cutFilm(r)
	if still := Still(r, takes[1], light()); !strings.Contains(still, "DRILL two") || strings.Contains(still, "<style>") {
		t.Error(still)
	}
}
