package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

func TestRunningAStepIsArmedAndTyped(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("x").sees("armed 00:20", "type val-2, Enter").asked()
	d.typing("val-3").press("enter").sees("Not val-2: nothing ran.").asked()
	d.typing("val-2").press("enter").sees("Started on val-2.").asked(`run stop-and-fence "val-2" ""`)
}

func TestArmedKeysDisarm(t *testing.T) {
	for name, story := range map[string]struct {
		act  func(*driver)
		sees string
	}{
		"by Esc":    {func(d *driver) { d.press("esc") }, "Disarmed."},
		"by Ctrl+C": {func(d *driver) { d.press("ctrl+c") }, "Ctrl+C never leaves"},
		"by time":   {func(d *driver) { d.pause(20 * time.Second) }, "Disarmed after 20 s"},
		"by a guard that turned": {func(d *driver) {
			v := fixture.Flight()
			for i := range v.Steps {
				if v.Steps[i].Step.Step.ID == "stop-and-fence" {
					v.Steps[i].Guards[0].Truth = incident.False
				}
			}
			d.shows(v)
		}, "Disarmed: the step, a host or a guard changed"},
		"by a smaller window": {func(d *driver) { d.send(tea.WindowSizeMsg{Width: 100, Height: 30}) }, "The window changed its size"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, fixture.Flight(), 120, 40)
			d.press("x").typing("val-2")
			story.act(d)
			d.sees(story.sees)
			d.press("enter").asked()
		})
	}
}

func TestPastedTextNeverConfirms(t *testing.T) {
	d := open(t, fixture.Flight(), 120, 40)
	d.press("x")
	d.send(tea.PasteMsg{Content: "val-2"})
	d.sees("Pasted text never confirms")
	d.press("enter").asked()
	d.press("esc", "i")
	d.send(tea.PasteMsg{Content: "two\nlines\x1b[31m"})
	d.press("enter").asked("incident.Note {By:mira Text:two lines}")
}

func TestASecondPersonApprovesAStart(t *testing.T) {
	d := open(t, fixture.Refused(), 120, 40)
	d.press("x").sees("Second person who approves it").typing("mira").press("enter").sees("Someone other than mira").asked()
	d.press("x").typing("otto").press("enter").sees("type val-2s").typing("val-2s").press("enter").asked(`run start-standby "val-2s" "otto"`)
}

func TestDeclaring(t *testing.T) {
	d := open(t, fixture.Alert(), 80, 24)
	d.press("D").hold("D", "D", "D", "D").asked() // a held key opens and does no more
	d.sees("[val-2 signs no blocks since 02:57:36]", "(•) SEV-2", "D declares SEV-2 on")
	d.press("tab").typing(" D").press("tab", "space", "esc").sees("since 02:57:36 D]", "(•) SEV-3")
	d.c.React = func(_ string, _ cockpit.View) (cockpit.View, error) { return fixture.Before(), nil }
	d.press("D").asked(`declare single-validator-failover sev3 "val-2 signs no blocks since 02:57:36 D" map[key:validator-2 old:val-2 standby:val-2s]`)
	d.sees("Declared DRILL-20261123-001.", "What changed in the last hours?").misses("Filled in from what is seen")
}

func TestADraftIsKept(t *testing.T) {
	d := open(t, fixture.Alert(), 120, 40)
	d.press("D", "tab").typing("!").press("esc", "esc").misses("Filled in from").press("D").sees("since 02:57:36!]")
}

func TestARefusedDeclarationKeepsTheForm(t *testing.T) {
	d := open(t, fixture.Alert(), 80, 24)
	d.c.React = func(_ string, v cockpit.View) (cockpit.View, error) {
		return v, errors.New("the record cannot be written")
	}
	d.press("D", "D").sees("the record cannot be written", "What is wrong")
}

func TestPostingWantsTheTextReadFirst(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("P").sees("[4 Messages", "Updates follow here.", "P posts it").asked()
	d.hold("P").sees("came or changed this second").asked()
	d.pause(time.Second)
	changed := fixture.Flight()
	changed.Says[0].Bodies = []incident.Body{{Channel: "slack:incident", Text: "another text"}}
	d.shows(changed)
	d.press("P").sees("came or changed this second").asked()
	d.pause(time.Second).press("P").sees("Posted Incident declared to 1 channel").asked("post incident-declared")
}

func TestPOnAGapGoesToTheGap(t *testing.T) {
	d := open(t, fixture.Comms(), 120, 40)
	d.press("P").sees("{{impact}}: [_").typing("none seen").press("enter").asked(`fill impact "none seen"`)
}

func TestPShowsATextThatDoesNotFit(t *testing.T) {
	v := fixture.Flight()
	v.Says[0].Bodies = []incident.Body{{Channel: "slack:incident", Text: strings.Repeat("a long line of text\n\n", 6) + "the end"}}
	d := open(t, v, 120, 30)
	d.misses("the end").press("P").sees("the end", "Read it").asked()
	d.pause(time.Second).press("P").asked("post incident-declared")
}

func TestChoosing(t *testing.T) {
	d := open(t, fixture.Choice(), 80, 24)
	d.press("c", "enter").sees("Mark an option first").press("b", "enter").asked("incident.Choose {Choice:recover Letter:B By:mira}")
}

func TestTickingAsksForItsValue(t *testing.T) {
	d := open(t, fixture.Before(), 80, 24)
	d.press("space", "enter").sees("It asks for a note").asked()
	d.press("space").typing("kernel update").press("enter").asked("incident.Sign {Step:what-changed By:mira Value:kernel update}")
}

func TestAnUnknownStepAsks(t *testing.T) {
	d := open(t, fixture.Unknown(), 80, 24)
	d.press("x").misses("armed")
	d.press("2").sees("▶2  It failed").press("1", "enter").sees(`"done" because`).typing("it signs").press("enter")
	d.asked("incident.Answer {Step:start-standby By:mira Ran:done Note:it signs}")
}

func TestALostMessageAsks(t *testing.T) {
	d := open(t, fixture.Posted(), 80, 24)
	d.press("4", "2", "enter").sees("type send").typing("send").press("enter").asked("incident.RowAnswer {Row:r2 By:mira Answer:notsent}")
}

func TestSkippingWantsAReason(t *testing.T) {
	d := open(t, fixture.Before(), 80, 24)
	d.press("s", "enter").sees("skip needs a reason").asked()
	d.press("j", "s").typing("seen by eye").press("enter").asked("incident.Skip {Step:scope By:mira Reason:seen by eye}")
}

func TestCommands(t *testing.T) {
	for typed, want := range map[string]string{
		"severity 1 customers": "incident.SetSeverity {Severity:sev1 By:mira Reason:customers}",
		"role scribe otto":     "incident.TakeRole {Role:scribe Person:otto By:mira}",
		"param old val-9":      "incident.SetParam {Name:old Value:val-9 By:mira}",
		"resolve":              "incident.Resolve {By:mira}",
		"close":                "incident.Close {By:mira}",
		"abort an exercise":    "incident.Abort {By:mira Reason:an exercise}",
		"wait":                 "wait",
		"fill eta soon":        `fill eta "soon"`,
	} {
		d := open(t, fixture.Flight(), 120, 40)
		d.press(":").typing(typed).press("enter").asked(want)
	}
	d := open(t, fixture.Flight(), 120, 40)
	d.press(":").typing("nonsense").press("enter").sees("There is no command :nonsense").asked()
	d.press(":").typing("undo").press("enter").sees("There is nothing to undo").asked()
}

func TestUndoIsArmedAndTyped(t *testing.T) {
	v := fixture.Refused()
	for i := range v.Steps {
		v.Steps[i].Undoable = v.Steps[i].Step.Step.ID == "stop-and-fence"
	}
	d := open(t, v, 120, 40)
	d.press("k", "k", ":").typing("undo").press("enter").sees("UNDO on val-2").typing("val-2").press("enter").asked(`undo stop-and-fence "val-2"`)
}

func TestLeaving(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.press("q").sees(":q leaves")
	d.press("ctrl+c").sees("Ctrl+C never leaves")
	if d.m.left {
		t.Fatal("a key left the screen")
	}
	d.press(":").typing("q").press("enter")
	if !d.m.left {
		t.Error(":q did not leave")
	}
}

func TestAnAlertIsQuieted(t *testing.T) {
	d := open(t, fixture.Alert(), 120, 40)
	d.press("a").asked("quiet key-silent").sees("VirtEngine 2 (val-2) has signed no block")
}

func TestTheBellRingsOnceForANewAlert(t *testing.T) {
	d := openWith(t, fixture.Home(), 80, 24, Options{})
	if cmd := d.m.take(fixture.Alert(), d.now); cmd == nil {
		t.Error("a new alert has no bell")
	}
	again := fixture.Alert()
	again.Now = again.Now.Add(time.Second)
	if cmd := d.m.take(again, d.now); cmd != nil {
		t.Error("an old alert rings")
	}
}

func TestAnOlderViewThatComesLateIsDropped(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.shows(fixture.Before()).sees("Stop and fence val-2")
}

func TestHelpShowsOnlyWhatWorks(t *testing.T) {
	d := open(t, fixture.Home(), 200, 60)
	d.press("?").sees("open the declaration").misses("arm the step", ":resolve", "post the message")
	d = open(t, fixture.Flight(), 200, 60)
	d.press("?").sees("arm the step", ":resolve").misses("open the declaration")
}

func TestAgesGrowBetweenViews(t *testing.T) {
	d := open(t, fixture.Flight(), 80, 24)
	d.sees("T+00:08:42")
	d.now = d.now.Add(3 * time.Second)
	d.send(ticked{})
	d.sees("T+00:08:45")
}

// TestSweep draws every moment in every size: nothing is wider or higher than
// the window, and the badge is never covered.
func TestSweep(t *testing.T) {
	acts := [][]string{nil, {"2"}, {"3"}, {"4"}, {"5"}, {"D"}, {"c"}, {"enter"}, {"?"}, {"x"}, {"z"}}
	var sizes []size
	for w := 20; w <= 300; w++ {
		sizes = append(sizes, size{w, 8 + w%37})
	}
	for h := 1; h <= 80; h += 3 {
		sizes = append(sizes, size{79, h}, size{80, h}, size{119, h}, size{120, h}, size{1, h})
	}
	moment := 0
	for name, view := range fixture.Moments() {
		d := open(t, view(), 80, 24)
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

// TestNothingFromOutsideReachesTheTerminalRaw lets hostile text take every
// place a stranger can write to: only colours leave the screen.
func TestNothingFromOutsideReachesTheTerminalRaw(t *testing.T) {
	colour := regexp.MustCompile("\x1b\\[[0-9;]*m")
	bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x9f]|\x{202e}|\x{200b}`)
	for _, s := range []size{{30, 8}, {60, 20}, {80, 24}, {120, 40}} {
		for _, keys := range [][]string{nil, {"2"}, {"2", "enter"}, {"3"}, {"4"}, {"4", "enter"}, {"enter"}, {"x"}} {
			d := openWith(t, fixture.Hostile(), s.w, s.h, Options{Quiet: true})
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
		if name == "hostile" { // its letters are its own
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
	// 45 missed in a row.
}
