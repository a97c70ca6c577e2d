package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlightsAreReadStrictly(t *testing.T) {
	for line, want := range map[string]string{
		"dance":             "no act",
		"kill it":           "too much",
		"see":               "too little",
		"arm Stop and go":   "A = B",
		"window big":        "120x40",
		"window 0x0":        "120x40",
		"hold on":           "1.5s",
		"shot home":         "A = B",
		"# only a remark":   "",
		"window 80x24":      "",
		"arm Stop = val-2":  "",
		"see moving | halt": "",
	} {
		_, err := parse("x", "\n"+line)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "x:2: ")) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func TestAFlightNamesItsPictures(t *testing.T) {
	f, err := parse("x", "window 120x40\nshot home = a\nhold 1.5s\nwindow 80x24\nshot home = b\nfilm all = c")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.pictures(), []string{"home-120x40.svg", "home-80x24.svg", "all-80x24.svg"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if d := f.acts[2].d; d != 1500*time.Millisecond {
		t.Errorf("hold %v", d)
	}
}

func TestTheCursorIsFoundByItsRow(t *testing.T) {
	f := screenful(" [✓] Ask what changed\n▶[ ] Stop and fence the failed…  ops │ ✓ val-1\n")
	if !f.on("Stop and fence") || f.on("Ask what changed") || !f.has("nothing | val-1") || f.has("val-2") {
		t.Error("the words of the screen are read wrongly")
	}
}
