package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// TestSweep draws every moment in every size: nothing is wider or higher than
// the window, and the badge is never covered.
func TestSweep(t *testing.T) {
	acts := [][]string{nil, {"2"}, {"3"}, {"4"}, {"5"}, {"D"}, {"c"}, {"enter"}, {"?"}, {"x"}, {"z"}, {"ctrl+p"}, {"A"}, {"i"}, {"T"}}
	var sizes []size
	for w := 20; w <= 300; w++ {
		sizes = append(sizes, size{w, 8 + w%37})
	}
	for h := 1; h <= 80; h += 3 {
		sizes = append(sizes, size{79, h}, size{80, h}, size{119, h}, size{120, h}, size{1, h})
	}
	moment := 0
	for name, view := range fixture.Moments() {
		d := openWith(t, later(view()), 80, 24, Options{NoColor: true, Quiet: true, Lessons: moment%2 == 0})
		moment++
		for i, s := range sizes {
			if (i+moment)%4 != 0 { // each size with a few of the moments
				continue
			}
			if i%len(acts) == 0 { // all acts come by, at ever other sizes
				d.m.over, d.m.zoom, d.m.prompt, d.m.focus = overNone, false, prompt{}, paneList
			}
			d.press(acts[i%len(acts)]...)
			d.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
			rows := strings.Split(d.m.View().Content, "\n")
			if len(rows) != s.h {
				t.Fatalf("%s at %dx%d has %d rows:\n%s", name, s.w, s.h, len(rows), d.frame())
			}
			for n, r := range rows {
				if got := lipgloss.Width(r); got > s.w {
					t.Fatalf("%s at %dx%d: row %d is %d wide: %q", name, s.w, s.h, n, got, r)
				}
			}
			for n, l := range d.m.frame() {
				if got := l.width(); got != s.w {
					t.Fatalf("%s at %dx%d: row %d is %d cells: %q", name, s.w, s.h, n, got, l.String())
				}
			}
			if s.w >= 12 && !strings.Contains(rows[0], "DRILL") {
				t.Fatalf("%s at %dx%d: no badge in %q", name, s.w, s.h, rows[0])
			}
		}
	}
}

// later is v with its alerts as if they came after the declaration.
func later(v cockpit.View) cockpit.View {
	v.Alerts = slices.Clone(v.Alerts)
	for i := range v.Alerts {
		v.Alerts[i].Asks = v.State.Open()
	}
	return v
}

// TestNothingFromOutsideReachesTheTerminalRaw lets hostile text take every
// place a stranger can write to: only colours leave the screen.
func TestNothingFromOutsideReachesTheTerminalRaw(t *testing.T) {
	colour := regexp.MustCompile("\x1b\\[[0-9;]*m")
	bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x9f]|\x{202e}|\x{200b}`)
	for _, s := range []size{{30, 8}, {60, 20}, {80, 24}, {120, 40}} {
		for _, keys := range [][]string{nil, {"2"}, {"2", "enter"}, {"3"}, {"4"}, {"4", "enter"}, {"enter"}, {"x"}, {"ctrl+p"}, {"A"}, {"/"}} {
			d := openWith(t, later(fixture.Hostile()), s.w, s.h, Options{Quiet: true})
			d.press(keys...)
			v := d.m.View()
			if got := bad.FindString(colour.ReplaceAllString(v.Content, "") + v.WindowTitle); got != "" {
				t.Errorf("%v %v: %q is written", s, keys, got)
			}
		}
	}
}

func TestWithoutColourTheSelectionStaysVisible(t *testing.T) {
	d := open(t, fixture.Choice(), 120, 40)
	d.press("c", "A")
	c := d.m.View().Content
	if regexp.MustCompile(`\x1b\[[0-9;]*(3[0-7]|4[0-7]|9[0-7]|10[0-7])m`).MatchString(c) {
		t.Error("a colour is used")
	}
	if !regexp.MustCompile(`\x1b\[7m▶A  Restart in place`).MatchString(c) {
		t.Errorf("the marked option is not reversed:\n%q", c)
	}
}

func TestASCIITwins(t *testing.T) {
	for name, view := range fixture.Moments() {
		if strings.HasPrefix(name, "hostile") { // its letters are its own
			continue
		}
		d := openWith(t, view(), 120, 40, Options{NoColor: true, ASCII: true, Quiet: true})
		for _, r := range d.m.View().Content {
			if r > 126 {
				t.Errorf("%s: %q is not ASCII", name, r)
				break
			}
		}
	}
}

func TestEnvironment(t *testing.T) {
	env := func(kv ...string) func(string) string {
		return func(k string) string {
			for i := 0; i < len(kv); i += 2 {
				if kv[i] == k {
					return kv[i+1]
				}
			}
			return ""
		}
	}
	for _, c := range []struct {
		env          func(string) string
		plain, ascii bool
	}{
		{env("TERM", "xterm-256color", "LANG", "en_GB.UTF-8"), false, false},
		{env("TERM", "dumb", "LANG", "C.UTF-8"), true, false},
		{env("LANG", "C"), true, true},
		{env("TERM", "linux", "LANG", "de_DE.utf8"), false, true},
		{env("TERM", "xterm", "LC_ALL", "ja_JP.UTF-8", "LANG", "en_GB.UTF-8"), false, true},
	} {
		if got := NeedsPlain(c.env); got != c.plain {
			t.Errorf("NeedsPlain = %v", got)
		}
		if got := WantsASCII(c.env); got != c.ascii {
			t.Errorf("WantsASCII = %v", got)
		}
	}
}

// TestRun draws on a real file descriptor until it is ended from outside: the
// screen is given back, and nothing was ever asked of the terminal.
func TestRun(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, keys := io.Pipe()
	defer keys.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	c := fixture.New(fixture.Alert())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, c, Options{In: in, Out: w, NoColor: true, Quiet: true})
		w.Close()
	}()
	cause := errors.New("hung up")
	var out strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			break
		}
		if strings.Contains(out.String(), "DRILL") {
			cancel(cause)
		}
	}
	if err := <-ended; !errors.Is(err, cause) {
		t.Errorf("Run = %v", err)
	}
	got := out.String()
	if !strings.Contains(got, "\x1b[?1049h") || !strings.Contains(got, "\x1b[?1049l") {
		t.Error("the alternate screen was not entered and left")
	}
	for _, q := range []string{"\x1b[?2026$p", "\x1b[?2027$p", "\x1b[?u", "\x1b[c", "\x1b[6n", "\x1b]11;?"} {
		if strings.Contains(got, q) {
			t.Errorf("the terminal was asked %q", q)
		}
	}
}

func TestGaugeNeverTouchesTheMarkWhenShort(t *testing.T) {
	for online := int64(0); online <= 1200; online++ {
		for _, w := range []int{6, 18, 46, 200} {
			v := fixture.Home()
			v.Snap.Chain.Power.Online = online
			g := gauge(v, w).String()
			before, _, _ := strings.Cut(g, "┃")
			reaches := !strings.Contains(before, "░")
			if want := online >= v.Snap.Chain.Power.Needed; reaches != want {
				t.Fatalf("%d of 1200 in %d cells: %s", online, w, g)
			}
			if width(g) != w {
				t.Fatalf("%d cells, want %d: %s", width(g), w, g)
			}
		}
	}
	v := fixture.Home()
	v.Snap.Chain.Power.Known = nodes.Unknown
	if g := gauge(v, 20); g != nil {
		t.Error("an unknown power has a gauge")
	}
}

func Example() {
	d := &driver{c: fixture.New(fixture.Flight()), now: time.Unix(0, 0)}
	d.m = newModel(context.Background(), d.c, Options{NoColor: true, Clock: func() time.Time { return d.now }})
	d.m.Update(tea.WindowSizeMsg{Width: 39, Height: 4})
	fmt.Println(strings.ReplaceAll(d.frame(), " \n", "\n"))
	// Output:
	// DRILL T+00:08:42 ! CAUTION VirtEngine 2
	// (val-2) has signed no block for 04:33;
	// 45 missed in a row. Too small for keys:
	// make it 40x10.
}
