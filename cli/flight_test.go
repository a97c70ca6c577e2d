package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
)

// command runs relight in this process, as its user would.
func command(observe func(incident.State), args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	env := func(k string) string { return map[string]string{"USER": "mira"}[k] }
	g := &globals{Streams: Streams{In: strings.NewReader(""), Out: &o, Err: &e}, getenv: env, observe: observe}
	code = run(context.Background(), args, g)
	return o.String(), e.String(), code
}

// flyTest flies the first drill with the autopilot.
func flyTest(t testing.TB, observe func(incident.State), args ...string) (summary, int) {
	t.Helper()
	return flyBook(t, firstDrill, observe, args...)
}

// flyBook flies a runbook with the autopilot.
func flyBook(t testing.TB, book string, observe func(incident.State), args ...string) (summary, int) {
	t.Helper()
	all := append([]string{"drill", book, "--autopilot", "--json", "--journal", t.TempDir()}, args...)
	out, errs, code := command(observe, all...)
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("exit %d, output %q, errors %q: %v", code, out, errs, err)
	}
	return s, code
}

func good(t *testing.T, s summary, code int) {
	t.Helper()
	if code != 0 || s.Outcome != "resolved" || s.DoubleSigns != 0 || len(s.Clocks) != 1 || !s.Clocks[0].Met {
		t.Errorf("exit %d: %+v", code, s)
	}
}

// Option A and B fly to the close, every message is delivered, the report and
// the record stand where the summary says, and the hash chain holds.
func TestOptions(t *testing.T) {
	for _, option := range []string{"A", "B"} {
		s, code := flyTest(t, nil, "--seed", "7", "--option", "recover="+option)
		good(t, s, code)
		if s.Options["recover"] != option || s.Steps["done"] == 0 || s.Steps["todo"] != 0 {
			t.Errorf("option %s: options %v, steps %v", option, s.Options, s.Steps)
		}
		channels := map[string]bool{}
		for _, m := range s.Messages {
			channels[m.Channel] = true
			if m.State != "delivered" || m.Attempts != 1 {
				t.Errorf("message %+v", m)
			}
		}
		if len(channels) < 5 {
			t.Errorf("only %v were told", channels)
		}
		text, err := os.ReadFile(s.Report)
		if err != nil || !bytes.Contains(text, []byte("## Timeline (UTC)")) || !bytes.Contains(text, []byte("| met |")) {
			t.Errorf("report: %v\n%.400s", err, text)
		}
		if _, head, err := journal.Read(s.Journal); err != nil || head != s.RecordHead {
			t.Errorf("record: head %s, summary says %s, %v", head, s.RecordHead, err)
		}
	}
}

// After every decision the record alone leads to the state the cockpit has: no
// state lives outside the record.
func TestRecordIsTheState(t *testing.T) {
	dir := t.TempDir()
	decisions := 0
	check := func(live incident.State) {
		decisions++
		entries, _, err := journal.Read(filepath.Join(dir, live.ID))
		if err != nil {
			t.Error(err)
			return
		}
		log, err := cockpit.Decode(entries)
		if err != nil {
			t.Error(err)
			return
		}
		if got, want := inJSON(t, cockpit.Fold(log)), inJSON(t, live); got != want {
			t.Errorf("after event %d the record leads elsewhere:\n%s\n%s", live.Seq, got, want)
		}
	}
	out, errs, code := command(check, "drill", "--autopilot", "--json", "--seed", "3", "--option", "recover=B", "--journal", dir)
	if code != 0 || decisions < 50 {
		t.Errorf("exit %d after %d decisions: %s%s", code, decisions, out, errs)
	}
}

func inJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A colleague starts the standby with the opened key while the old validator
// signs again: the rehearsal chain records the double sign and bans the key,
// and the cockpit says so.
func TestForcedDoubleSign(t *testing.T) {
	s, code := flyTest(t, nil, "--seed", "7", "--option", "recover=A", "--fault", "colleague-starts-standby@6m")
	if code != 1 || s.DoubleSigns != 1 || s.Outcome == "resolved" {
		t.Errorf("exit %d: %+v", code, s)
	}
	text, err := os.ReadFile(s.Report)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Two nodes show the key val-2", "banned for ever"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

// A colleague starts the old validator again before the standby is started: the
// start of the standby is refused for good, and nobody signs twice.
func TestRefusedWhileTheOldOneMaySign(t *testing.T) {
	s, code := flyTest(t, nil, "--seed", "7", "--option", "recover=B", "--fault", "colleague-starts-old@75s")
	if code != 1 || s.DoubleSigns != 0 || s.Outcome == "resolved" {
		t.Errorf("exit %d: %+v", code, s)
	}
}

// A stop that lies, and a reboot after the fence: the read-backs and the fence
// hold, the key comes back on the standby and nowhere else.
func TestStopLiesAndReboot(t *testing.T) {
	for _, fault := range []string{"stop-lies=val-2@5s", "reboot=val-2@100s"} {
		s, _ := flyTest(t, nil, "--seed", "5", "--option", "recover=B", "--fault", fault)
		if s.DoubleSigns != 0 {
			t.Errorf("%s: %+v", fault, s)
		}
	}
}

// runs is how many flights of one seed must tell one story.
const runs = 100

// Same seed, same story: a hundred flights of the built program, with both
// cores busy.
func TestSameSeedSameStory(t *testing.T) {
	if testing.Short() {
		t.Log("NOT RUN: a hundred flights take two minutes; leave out -short")
		return
	}
	bin := buildRelight(t)
	dir := t.TempDir()
	var mu sync.Mutex
	stories := map[string]map[string]int{"A": {}, "B": {}}
	var all sync.WaitGroup
	turns := make(chan struct{}, 3)
	for i := range runs {
		option := "AB"[i%2 : i%2+1]
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			cmd := exec.Command(bin, "drill", "--autopilot", "--json", "--seed", "11", "--option", "recover="+option,
				"--journal", filepath.Join(dir, fmt.Sprint(i)))
			out, err := cmd.Output()
			var s summary
			if err != nil || json.Unmarshal(out, &s) != nil {
				t.Errorf("run %d: %v: %s", i, err, out)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			stories[option][s.Story]++
		})
	}
	all.Wait()
	for option, told := range stories {
		if len(told) != 1 {
			t.Errorf("option %s: %d stories in %d runs: %v", option, len(told), runs/2, told)
		}
	}
}

// buildRelight builds the program without the race detector, once a test.
func buildRelight(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "relight")
	out, err := exec.Command("go", "build", "-o", bin, "..").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}
