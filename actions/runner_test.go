package actions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/safe"
)

// fleet is a transport with an answer for each host.
type fleet struct {
	mu      sync.Mutex
	now     int
	most    int
	started []string
	answer  func(ctx context.Context, host string, cmd relightssh.Command) (relightssh.Result, error)
}

func (f *fleet) Exec(ctx context.Context, t relightssh.Target, cmd relightssh.Command) (relightssh.Result, error) {
	f.mu.Lock()
	f.now++
	f.most = max(f.most, f.now)
	f.started = append(f.started, t.Name)
	f.mu.Unlock()
	defer func() { f.mu.Lock(); f.now--; f.mu.Unlock() }()
	return f.answer(ctx, t.Name, cmd)
}

func hosts(names ...string) []relightssh.Target {
	var out []relightssh.Target
	for _, n := range names {
		out = append(out, relightssh.Target{Name: n})
	}
	return out
}

var exited = relightssh.Result{Class: relightssh.Exited}

func TestFanOut(t *testing.T) {
	many := hosts("a", "b", "c", "d", "e", "f")
	for _, c := range []struct {
		name     string
		parallel int
		goOn     bool
		fails    string
		started  int
		most     int
	}{
		{"all at once", 0, false, "", 6, 6},
		{"two at a time", 2, false, "", 6, 2},
		{"one by one stops at the failure", 1, false, "b", 2, 1},
		{"one by one goes on", 1, true, "b", 6, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fleet{}
			var gather sync.WaitGroup // all at once: nobody ends before all have started
			if c.parallel == 0 {
				gather.Add(len(many))
			}
			f.answer = func(_ context.Context, host string, _ relightssh.Command) (relightssh.Result, error) {
				if c.parallel == 0 {
					gather.Done()
					gather.Wait()
				}
				if host == c.fails {
					return relightssh.Result{Class: relightssh.Exited, Exit: 3}, nil
				}
				return exited, nil
			}
			var told []string
			ends := NewRunner(f).Run(t.Context(), Job{Effect: "01J", Hosts: many, Parallel: c.parallel, Continue: c.goOn}, nil,
				func(e End) { told = append(told, e.Host) })
			if len(f.started) != c.started || f.most > max(c.most, 1) || len(told) != 6 {
				t.Errorf("started %v, %d at a time, told %v", f.started, f.most, told)
			}
			for i, e := range ends {
				ran := slices.Contains(f.started, e.Host)
				if e.Host != many[i].Name || ran != (e.Class == relightssh.Exited) || e.OK() != (ran && e.Host != c.fails) {
					t.Errorf("end %d: %+v", i, e)
				}
			}
		})
	}
}

func TestOutput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	secret := "xoxb-7781-sesame"
	f := &fleet{answer: func(_ context.Context, _ string, cmd relightssh.Command) (relightssh.Result, error) {
		for _, chunk := range []string{"  height 12\x1b[31m red\n", "token xoxb-77", "81-sesame in two parts\nold\rnew\n", "no end xoxb-7781-ses", "ame"} {
			cmd.Stdout([]byte(chunk))
		}
		cmd.Stderr([]byte("warned\n"))
		return relightssh.Result{Class: relightssh.Lost}, fmt.Errorf("broke at %s: %w", secret, relightssh.ErrLost)
	}}
	var lines []string
	ends := NewRunner(f).Run(t.Context(), Job{Effect: "01J", Hosts: hosts("val-1"), OutDir: dir, Redact: safe.Redactor{}.With(secret)},
		func(l Line) { lines = append(lines, string(l.Stream)+" "+l.Text) }, nil)
	want := []string{"out   height 12 red", "out token [hidden] in two parts", "out old", "out new", "err warned", "out no end [hidden]"}
	if !slices.Equal(lines, want) {
		t.Errorf("lines %q", lines)
	}
	e := ends[0]
	b, err := os.ReadFile(filepath.Join(dir, "01J-val-1"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	if strings.Contains(string(b), "sesame") || e.Size != int64(len(b)) || e.SHA256 != hex.EncodeToString(sum[:]) || e.NotKept != "" {
		t.Errorf("kept %q, %+v", b, e)
	}
	if e.Capture != "height 12 red" || e.Class != relightssh.Lost || e.Reason == "" || strings.Contains(e.Reason, "sesame") {
		t.Errorf("%+v", e)
	}
	if info, err := os.Stat(filepath.Join(dir, "01J-val-1")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	// The same effect again is another's file: it runs, and says that it is not kept.
	again := NewRunner(f).Run(t.Context(), Job{Effect: "01J", Hosts: hosts("val-1"), OutDir: dir}, nil, nil)
	if again[0].NotKept == "" || again[0].SHA256 != "" {
		t.Errorf("%+v", again[0])
	}
	if after, _ := os.ReadFile(filepath.Join(dir, "01J-val-1")); string(after) != string(b) {
		t.Error("the first file was written over")
	}
}

func TestLongLinesHideSecretsToo(t *testing.T) {
	secret := strings.Repeat("s3cret-", 10)
	text := strings.Repeat("x", longLine-30) + secret + strings.Repeat("y", 3*longLine) + secret
	for _, step := range []int{1 << 10, 7_777, 1 << 20} {
		var got strings.Builder
		s := newSink(Job{Redact: safe.Redactor{}.With(secret)}, "h", func(Line) {})
		s.file = nil
		s.file = newKeeper(t.TempDir(), "e", "h")
		for rest := []byte(text); len(rest) > 0; rest = rest[min(step, len(rest)):] {
			s.take(Stdout, rest[:min(step, len(rest))])
		}
		path := s.file.path
		s.end()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got.Write(b)
		if strings.Contains(got.String(), "s3cret") || strings.Count(got.String(), safe.Hidden) != 2 {
			t.Errorf("chunks of %d: a secret is kept", step)
		}
	}
}

func TestHeadAndTailAreKept(t *testing.T) {
	for _, n := range []int{0, 10, 50, 51, 75, 100, 101, 126, 1_000, 1_013} {
		dir := t.TempDir()
		k := newKeeper(dir, "../e", "h/../x")
		k.limit = 100
		var all []byte
		for i := range n {
			all = append(all, byte('a'+i%26))
		}
		for rest := all; len(rest) > 0; rest = rest[min(7, len(rest)):] {
			k.write(string(rest[:min(7, len(rest))]))
		}
		_, why := k.close()
		names, _ := filepath.Glob(filepath.Join(dir, "*"))
		hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
		if names = append(names, hidden...); why != "" || len(names) != 1 {
			t.Fatalf("%d bytes: %s, files %v", n, why, names)
		}
		b, _ := os.ReadFile(names[0])
		if n <= 100 && string(b) != string(all) {
			t.Errorf("%d bytes: kept %q", n, b)
		}
		if n > 100 {
			head, tail, _ := strings.Cut(string(b), "\n[")
			left, tail, _ := strings.Cut(tail, " bytes left out here]\n")
			if head != string(all[:50]) || !strings.HasSuffix(string(all), tail) || len(tail) < 25 || fmt.Sprint(n-50-len(tail)) != left {
				t.Errorf("%d bytes: kept %q", n, b)
			}
		}
	}
}

func TestLocal(t *testing.T) {
	r := NewRunner(&fleet{answer: func(context.Context, string, relightssh.Command) (relightssh.Result, error) {
		t.Error("sent over SSH")
		return exited, nil
	}})
	job := Job{Effect: "01J", Hosts: hosts(LocalHost), Script: "cat; echo \"$RELIGHT_EFFECT $p\"; exit 4", Local: true,
		Env: map[string][]relightssh.Var{LocalHost: {{Name: "p", Value: "it's"}}}}
	e := r.Run(t.Context(), job, nil, nil)[0]
	if e.Class != relightssh.Exited || e.Exit != 4 || e.Capture != "01J it's" {
		t.Errorf("%+v", e)
	}
	job.Local = false
	marker := filepath.Join(t.TempDir(), "ran")
	job.Script = "echo x >" + marker
	if e := r.Run(t.Context(), job, nil, nil)[0]; e.Class != relightssh.NotStarted || !strings.Contains(e.Reason, ErrLocal.Error()) {
		t.Errorf("%+v", e)
	}
	if _, err := r.Read(t.Context(), job); !errors.Is(err, ErrLocal) {
		t.Error(err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("it ran")
	}
}

func TestLocalStopsWithItsChildren(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	job := Job{Effect: "01J", Hosts: hosts(LocalHost), Local: true, Script: "sleep 1000 &\necho $!\nwait"}
	var pid string
	e := NewRunner(nil).Run(ctx, job, func(l Line) { pid = l.Text; cancel(errors.New("its time is over")) }, nil)[0]
	if e.Class != relightssh.Lost || !strings.Contains(e.Reason, "its time is over") {
		t.Errorf("%+v", e)
	}
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for alive := true; alive; {
		b, err := os.ReadFile("/proc/" + pid + "/stat")
		if alive = err == nil && !strings.Contains(string(b), ") Z "); !alive {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("the child lives on: %s", b)
		case <-tick.C:
		}
	}
	if e := NewRunner(nil).Run(ctx, job, nil, nil)[0]; e.Class != relightssh.NotStarted {
		t.Errorf("cancelled before: %+v", e)
	}
}

func TestRead(t *testing.T) {
	f := &fleet{answer: func(_ context.Context, host string, cmd relightssh.Command) (relightssh.Result, error) {
		cmd.Stdout([]byte("yes\x07\n"))
		if host == "gone" {
			return relightssh.Result{Class: relightssh.Lost}, relightssh.ErrLost
		}
		return relightssh.Result{Class: relightssh.Exited, Exit: 1}, nil
	}}
	a, err := NewRunner(f).Read(t.Context(), Job{Hosts: hosts("val-1")})
	if err != nil || a.Exit != 1 || a.Output != "yes\n" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := NewRunner(f).Read(t.Context(), Job{Hosts: hosts("gone")}); !errors.Is(err, relightssh.ErrLost) {
		t.Error(err)
	}
	if _, err := NewRunner(f).Read(t.Context(), Job{}); err == nil {
		t.Error("no host, no error")
	}
}
