package main

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestWordsStandInTheirCells(t *testing.T) {
	got := pieces("  two  words, │ ✓ done ")
	want := []piece{{"two", 2, false}, {"words,", 7, false}, {"│", 14, true}, {"✓", 16, true}, {"done", 18, false}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("piece %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// tmux writes a style once, also for the lines below.
func TestAStyleGoesOnInTheNextLine(t *testing.T) {
	if n := strings.Count(SVG("\x1b[31mred\nred too\x1b[0m\nnot", "t", 10, 3, dark()), dark().colours[1]); n != 2 {
		t.Errorf("%d lines are red, want 2", n)
	}
}

func TestTextIsEscaped(t *testing.T) {
	if svg := SVG(`<script> & "x"`, "t", 20, 1, dark()); strings.Contains(svg, "<script>") {
		t.Error(svg)
	}
}

// Whoever wrote a style into 256 colours meant none of the 16.
func TestOnlySixteenColours(t *testing.T) {
	if st := (style{fg: -1, bg: -1}).apply("38;5;1"); st != (style{fg: -1, bg: -1}) {
		t.Errorf("%+v", st)
	}
	if st := (style{fg: 3, bg: 4, bold: true}).apply(""); st != (style{fg: -1, bg: -1}) {
		t.Errorf("an empty sequence leaves %+v", st)
	}
}

// Lines that meet are one stroke: seams show when a picture is scaled.
func TestLinesThatMeetAreOneStroke(t *testing.T) {
	svg := SVG("┌──┬──┐\n│  │  │\n└──┴──┘", "t", 7, 3, dark())
	if n := strings.Count(svg, "<path"); n != 5 {
		t.Errorf("a box with a middle line is drawn in %d strokes, not 5:\n%s", n, svg)
	}
}

// Every pair of colours that relight uses by role can be read on both grounds.
func TestColoursCanBeRead(t *testing.T) {
	for name, th := range map[string]theme{"dark": dark(), "light": light()} {
		c := th.colours
		for _, pair := range []struct {
			what, fg, bg string
			least        float64
		}{
			{"words", th.ink, th.ground, 7}, {"warning", c[15], c[1], 4.5}, {"caution", c[0], c[3], 4.5}, {"unknown", c[0], c[13], 4.5},
			{"badge", c[0], c[5], 4.5}, {"good", c[2], th.ground, 4.5}, {"good", c[10], th.ground, 4.5}, {"to do", c[6], th.ground, 4.5},
			{"runs", c[14], th.ground, 4.5}, {"rule", c[8], th.ground, 3}, {"rule", c[7], th.ground, 3}, {"blue", c[4], th.ground, 3},
			{"badge of colour-blind", c[15], c[4], 3}, {"said", th.said, th.ground, 4.5}, {"key", th.cap, th.strip, 4.5},
		} {
			if got := contrast(t, pair.fg, pair.bg); got < pair.least {
				t.Errorf("%s: %s, %s on %s, has contrast %.1f, less than %.1f", name, pair.what, pair.fg, pair.bg, got, pair.least)
			}
		}
	}
}

// contrast is that of WCAG 2: from 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
		if err != nil || len(hex) != 7 {
			t.Fatalf("%q is no colour", hex)
		}
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			v := float64(n>>(8*i)&255) / 255
			if v <= 0.03928 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
