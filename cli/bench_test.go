//go:build linux

package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/virtengine/relight/drill"
	"github.com/virtengine/relight/drill/scenario"
)

// built is a program of this module, as its users get it.
func built(b *testing.B, name, pkg string) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), name)
	cmd := exec.Command("go", "build", "-trimpath", "-o", bin, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

// flown is a program at a pseudo-terminal of 120 by 40.
type flown struct {
	b     *testing.B
	cmd   *exec.Cmd
	far   *os.File
	start time.Time

	mu   sync.Mutex
	got  []byte
	more chan struct{} // closed and replaced when something came
	over chan struct{}
}

func take(b *testing.B, bin string, args ...string) *flown {
	b.Helper()
	f := &flown{b: b, cmd: exec.Command(bin, args...), more: make(chan struct{}), over: make(chan struct{})}
	f.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "USER=mira", "NO_COLOR=", "RELIGHT_CONFIG=")
	f.start = time.Now()
	var err error
	if f.far, err = pty.StartWithSize(f.cmd, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		b.Fatal(err)
	}
	go f.read()
	b.Cleanup(f.end)
	return f
}

func (f *flown) read() {
	defer close(f.over)
	buf := make([]byte, 64<<10)
	for {
		n, err := f.far.Read(buf)
		f.mu.Lock()
		f.got = append(f.got, buf[:n]...)
		close(f.more)
		f.more = make(chan struct{})
		f.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// end hangs up and waits for the program's end.
func (f *flown) end() {
	_ = f.far.Close()
	_ = f.cmd.Process.Kill()
	<-f.over
	_ = f.cmd.Wait()
}

// shows waits for a text and says how long after the start it came.
func (f *flown) shows(text string) time.Duration {
	f.b.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		f.mu.Lock()
		at, more, ok := time.Since(f.start), f.more, bytes.Contains(f.got, []byte(text))
		f.mu.Unlock()
		if ok {
			return at
		}
		select {
		case <-more:
		case <-f.over:
			f.b.Fatalf("it ended before %q: %q", text, f.got)
		case <-late.C:
			f.b.Fatalf("%q never came: %q", text, f.got)
		}
	}
}

func (f *flown) came() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.got)
}

func (f *flown) press(keys string) {
	if _, err := f.far.WriteString(keys); err != nil {
		f.b.Error(err)
	}
}

// declares presses D until the incident is in the record: a key that acts is
// not taken while what it acts on is fresh.
func (f *flown) declares(journal string) {
	f.b.Helper()
	f.shows("no block since")
	late := time.NewTimer(patience)
	defer late.Stop()
	every := time.NewTicker(again)
	defer every.Stop()
	for {
		records, _ := filepath.Glob(filepath.Join(journal, "*", "journal.jsonl"))
		for _, r := range records {
			if text, err := os.ReadFile(r); err == nil && bytes.Contains(text, []byte(firstDrill)) {
				return
			}
		}
		f.press("D")
		select {
		case <-every.C:
		case <-late.C:
			f.b.Fatalf("the incident was never declared: %q", f.got)
		}
	}
}

// memory is a line of /proc/PID/status, in MB of a million bytes.
func (f *flown) memory(field string) float64 {
	f.b.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid))
	if err != nil {
		f.b.Fatal(err)
	}
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		var kb float64
		if name, rest, _ := strings.Cut(s.Text(), ":"); name == field {
			if _, err := fmt.Sscan(rest, &kb); err != nil {
				f.b.Fatal(err)
			}
			return kb * 1024 / 1e6
		}
	}
	f.b.Fatalf("no %s", field)
	return 0
}

// BenchmarkFirstGlyph is the time from the start of the program to the first
// letter of its badge, in turns with the smallest Bubble Tea program.
func BenchmarkFirstGlyph(b *testing.B) {
	small, whole := built(b, "minimal", "../testdata/minimal"), built(b, "relight", "..")
	var yard, took []time.Duration
	for range 21 {
		f := take(b, small)
		yard = append(yard, f.shows("DRILL"))
		f.end()
		f = take(b, whole, "drill", "--new", "--journal", b.TempDir())
		took = append(took, f.shows("DRILL"))
		f.end()
	}
	slices.Sort(yard)
	slices.Sort(took)
	m := len(yard) / 2
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(yard[m].Microseconds())/1000, "minimal-ms")
	b.ReportMetric(float64(took[m].Microseconds())/1000, "relight-ms")
	b.ReportMetric(float64(took[m])/float64(yard[m]), "times-minimal")
}

// aMinute is how long a drill is left alone.
const aMinute = time.Minute

// BenchmarkMinute is a minute of the built-in drill: what a calm screen sends,
// what an open incident sends that nobody touches, and the memory. The built-in
// fleet lives in the drill's own process; "client" is the same drill against the
// same fleet in another process, over its real SSH and RPC.
func BenchmarkMinute(b *testing.B) {
	bin := built(b, "relight", "..")
	calm := take(b, bin, "drill", "--new", "--seed", "7", "--fault", "process-crash=val-2@1h", "--journal", b.TempDir())
	mine, other := b.TempDir(), b.TempDir()
	whole := take(b, bin, "drill", "--new", "--seed", "7", "--fault", "process-crash=val-2@1s", "--journal", mine)
	client := takeClient(b, bin, other)
	whole.declares(mine)
	client.declares(other)
	calm.shows("moving")
	all := []*flown{calm, whole, client}
	before := make([]int, len(all))
	settled := time.After(10 * time.Second)
	<-settled
	for i, f := range all {
		before[i] = f.came()
	}
	start := time.Now()
	<-time.After(aMinute)
	rate := func(i int) float64 { return float64(all[i].came()-before[i]) / time.Since(start).Seconds() }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate(0), "calm-B/s")
	b.ReportMetric(rate(1), "incident-B/s")
	b.ReportMetric(client.memory("VmRSS"), "client-MB")
	b.ReportMetric(client.memory("VmHWM"), "client-peak-MB")
	b.ReportMetric(client.memory("RssAnon"), "client-own-MB")
	b.ReportMetric(whole.memory("VmRSS"), "with-fleet-MB")
	b.ReportMetric(whole.memory("VmHWM"), "with-fleet-peak-MB")
}

// takeClient is a drill on a built-in fleet that lives here.
func takeClient(b *testing.B, bin, journal string) *flown {
	b.Helper()
	now, dir := time.Now(), b.TempDir()
	r, err := drill.New(dir, drill.Rehearsal{Runbook: firstDrill, Seed: 7, Speed: 1},
		[]scenario.Fault{{Name: "process-crash", Target: "val-2", At: time.Second}}, now)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f, err := r.Start(ctx, now)
	if err != nil {
		b.Fatal(err)
	}
	go f.Clock.Run(ctx)
	b.Cleanup(func() { cancel(); _ = f.Fleet.Close() })
	path := filepath.Join(dir, "relight.toml")
	if err := f.Fleet.WriteConfig(path); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	text = append(text, "\n[drill.faults.process-crash]\nmake = [{ host = \"local\", run = \"true\" }]\nmend = []\n"+
		"[drill.faults.runbooks]\n"+firstDrill+" = \"process-crash\"\n"...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	return take(b, bin, "drill", "--new", "--config", path, "--journal", journal)
}
