package main

import (
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
