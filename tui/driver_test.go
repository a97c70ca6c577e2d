package tui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/tui/internal/fixture"
	"github.com/virtengine/relight/tui/plain"
)

var update = flag.Bool("update", false, "write the goldens anew")

// The real cockpit serves both screens.
var (
	_ Cockpit       = (*cockpit.Cockpit)(nil)
	_ plain.Cockpit = (*cockpit.Cockpit)(nil)
)

// driver is a person in front of the screen: it presses keys and reads frames.
// The machine's clock moves only when the story says so.
type driver struct {
	t   *testing.T
	c   *fixture.Cockpit
	m   *model
	now time.Time
}

func open(t *testing.T, v cockpit.View, w, h int) *driver {
	t.Helper()
	return openWith(t, v, w, h, Options{NoColor: true, Quiet: true})
}

func openWith(t *testing.T, v cockpit.View, w, h int, o Options) *driver {
	t.Helper()
	d := &driver{t: t, c: fixture.New(v), now: time.Unix(1e9, 0)}
	o.Clock = func() time.Time { return d.now }
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	d.m = newModel(ctx, d.c, o)
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	d.pause(2 * time.Second)
	return d
}

// send gives a message to the model and runs the requests that come of it.
func (d *driver) send(msg tea.Msg) {
	_, cmd := d.m.Update(msg)
	d.run(cmd)
}

// run runs a command, unless it is one that waits for time or changes.
func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil || len(d.m.asking) == 0 {
		return
	}
	if msg, ok := cmd().(did); ok {
		d.send(msg)
	}
}

// pause lets the machine's clock move, the incident's stands as in the View.
func (d *driver) pause(t time.Duration) *driver {
	d.now = d.now.Add(t)
	d.m.viewAt = d.now
	d.m.settle(d.now)
	return d
}

// press presses keys, half a second apart.
func (d *driver) press(keys ...string) *driver {
	for _, k := range keys {
		d.pause(500 * time.Millisecond)
		d.send(keyOf(k))
	}
	return d
}

// hold presses keys without a pause between them, as a held key does.
func (d *driver) hold(keys ...string) *driver {
	for _, k := range keys {
		d.now = d.now.Add(30 * time.Millisecond)
		d.send(keyOf(k))
	}
	return d
}

// typing types a text letter by letter.
func (d *driver) typing(s string) *driver {
	for _, r := range s {
		if r == ' ' {
			d.hold("space")
			continue
		}
		d.hold(string(r))
	}
	return d
}

// shows changes what the cockpit shows.
func (d *driver) shows(v cockpit.View) *driver {
	d.c.Show(v)
	d.send(viewed{d.c.View(), d.c.Changed()})
	return d
}

func keyOf(k string) tea.KeyPressMsg {
	switch k {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	case "tab":
		return tea.KeyPressMsg{Code: tea.KeyTab}
	case "backspace":
		return tea.KeyPressMsg{Code: tea.KeyBackspace}
	case "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if r, ok := strings.CutPrefix(k, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(r[0]), Mod: tea.ModCtrl}
	}
	r := []rune(k)[0]
	return tea.KeyPressMsg{Code: r, Text: k}
}

// frame is what is seen, without colours.
func (d *driver) frame() string {
	rows := d.m.frame()
	out := make([]string, len(rows))
	for i, l := range rows {
		out[i] = l.String()
	}
	return strings.Join(out, "\n") + "\n"
}

// sees fails unless the frame holds each text.
func (d *driver) sees(texts ...string) *driver {
	d.t.Helper()
	f := d.frame()
	for _, s := range texts {
		if !strings.Contains(f, s) {
			d.t.Errorf("%q is not on the screen:\n%s", s, f)
		}
	}
	return d
}

// misses fails if the frame holds one of the texts.
func (d *driver) misses(texts ...string) *driver {
	d.t.Helper()
	f := d.frame()
	for _, s := range texts {
		if strings.Contains(f, s) {
			d.t.Errorf("%q is on the screen:\n%s", s, f)
		}
	}
	return d
}

// asked fails unless the cockpit was asked exactly these things since the last
// call, each by its beginning.
func (d *driver) asked(calls ...string) *driver {
	d.t.Helper()
	got := d.c.Calls()
	ok := len(got) == len(calls)
	for i := 0; ok && i < len(calls); i++ {
		ok = strings.HasPrefix(got[i], calls[i])
	}
	if !ok {
		d.t.Errorf("the cockpit was asked %q, want %q\n%s", got, calls, d.frame())
	}
	return d
}

// golden compares with testdata/name, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update", err)
	}
	if string(want) != got {
		t.Errorf("%s differs; -update writes it anew\nwant:\n%s\ngot:\n%s", path, want, got)
	}
}
