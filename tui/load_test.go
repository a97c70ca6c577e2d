package tui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/virtengine/relight/actions"
	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/nodes"
)

// storm is a fleet at its worst, below a real cockpit: every node changes at
// every look, and every action prints without end. The rooms between are real:
// the runner that cleans, cuts and keeps output, the rules, the journal on disk.
type storm struct {
	nodes int
	lines []byte        // one helping of output
	every time.Duration // between two helpings of one action; 0: none
	runs  *actions.Runner
	seen  atomic.Int64
	spat  atomic.Int64 // bytes printed
}

const helping = 32 << 10

// newStorm prints rate bytes a second in each action.
func newStorm(n, rate int) *storm {
	s := &storm{nodes: n}
	s.runs = actions.NewRunner(s)
	for i := 0; len(s.lines) < helping; i++ {
		s.lines = fmt.Appendf(s.lines, "I[2026-11-23|03:%02d:%02d.%03d] restored chunk %06d of snapshot 1204052 module=statesync peer=%08x\n", i/60%60, i%60, i%1000, i, i*2654435761)
	}
	if rate > 0 {
		s.every = time.Duration(len(s.lines)) * time.Second / time.Duration(rate)
	}
	return s
}

// Exec prints until ctx ends.
func (s *storm) Exec(ctx context.Context, _ relightssh.Target, cmd relightssh.Command) (relightssh.Result, error) {
	t := time.NewTicker(max(s.every, time.Millisecond))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return relightssh.Result{Class: relightssh.Lost}, ctx.Err()
		case <-t.C:
			cmd.Stdout(s.lines)
			s.spat.Add(int64(len(s.lines)))
		}
	}
}

// Run runs a job as the command line's hands do.
func (s *storm) Run(ctx context.Context, j cockpit.Job, onLine func(cockpit.Line), onEnd func(cockpit.HostEnd)) {
	job := actions.Job{Effect: j.Effect, Script: j.Script, OutDir: j.OutDir}
	for _, h := range j.Hosts {
		job.Hosts = append(job.Hosts, relightssh.Target{Name: h})
	}
	s.runs.Run(ctx, job, func(l actions.Line) {
		onLine(cockpit.Line{Host: l.Host, At: time.Now(), Text: l.Text, Err: l.Stream == actions.Stderr})
	}, func(e actions.End) {
		onEnd(cockpit.HostEnd{Host: e.Host, Class: incident.Class(e.Class), Exit: e.Exit, Reason: e.Reason})
	})
}

// Look sees every node one block higher than before.
func (s *storm) Look(_ context.Context, now time.Time) nodes.Snapshot {
	height := 1204052 + s.seen.Add(1)
	out := nodes.Snapshot{At: now, Every: 250 * time.Millisecond, Nodes: make([]nodes.Node, s.nodes),
		Chain: nodes.Chain{Height: height, HeightSince: now, LastBlock: now, Endpoints: s.nodes, Moving: nodes.True, Halted: nodes.False}}
	out.Chain.Power = nodes.Power{Known: nodes.True, Total: 1000, Online: 990, Needed: 667, Spare: 323}
	for i := range out.Nodes {
		n := nodes.Node{Name: fmt.Sprintf("node-%03d", i), State: nodes.Up, Height: height - int64(i%3), BlockTime: now.Add(-time.Duration(i%7) * time.Second),
			AskedAt: now, SeenAt: now, HeightSince: now, Synced: nodes.True, Moniker: fmt.Sprintf("Validator %d", i), Peers: 4}
		if (i+int(height))%100 == 0 {
			n.State, n.Err, n.SeenAt = nodes.Down, "connection refused", now.Add(-time.Minute)
		}
		out.Nodes[i] = n
	}
	return out
}

func (s *storm) Read(context.Context, string, string, []cockpit.Var) (int, string, error) {
	return 0, "", nil
}
func (s *storm) Output(context.Context, string, string, []cockpit.Var) (string, error) {
	return "", errors.New("no answer")
}
func (s *storm) Outside(context.Context, string) (string, error) {
	return "", errors.New("no answer")
}
func (s *storm) Send(context.Context, comms.Post) outbox.Outcome        { return outbox.Outcome{} }
func (s *storm) Lookup(context.Context, comms.Post) outbox.LookupResult { return outbox.LookupResult{} }
func (s *storm) Drives(string) bool                                     { return true }
func (s *storm) WatchVotes(bool)                                        {}
func (s *storm) Silence(string, time.Time) []nodes.Silence              { return nil }
func (s *storm) LookHosts(context.Context, time.Time, []string) []nodes.HostFacts {
	return nil
}
func (s *storm) Procedure(string) (checklists.Book, error) { return s.book() }
func (s *storm) Flight(string) (checklists.Book, error)    { return s.book() }

// stormSteps is how many actions run at once.
const stormSteps = 50

// book has one action on a host of its own in each step.
func (s *storm) book() (checklists.Book, error) {
	var b strings.Builder
	b.WriteString("# Storm\n\n```toml runbook\nid = \"storm\"\nseverity = \"sev2\"\n```\n\n## During: all at once\n")
	for i := range stormSteps {
		fmt.Fprintf(&b, "\n- [ ] **Restore node %d** `{role=ops id=restore-%d}`\n\n  **Action**\n\n  ```sh run {host=h%d timeout=1h idempotent}\n  restore\n  ```\n", i, i, i)
	}
	book, problems := checklists.Parse("storm.md", []byte(b.String()), nil)
	for _, p := range problems {
		if !p.Warn {
			return book, errors.New(p.String())
		}
	}
	return book, nil
}

// cockpit is a real one above the storm, with the incident declared and
// actions running.
func (s *storm) cockpit(tb testing.TB, running int) *cockpit.Cockpit {
	tb.Helper()
	dir := tb.TempDir()
	f := config.Fleet{Chain: config.Chain{ID: "storm-1", BlockTime: 6 * time.Second}}
	for i := range stormSteps {
		f.Hosts = append(f.Hosts, config.Host{Name: fmt.Sprintf("h%d", i)})
	}
	c := cockpit.New(cockpit.Options{Clock: clock.Real(), Fleet: f, Name: "storm", Drill: true, Person: "mira",
		Books: s, Watcher: s, Runner: s, Poster: s, Every: 250 * time.Millisecond,
		OpenRecord: func(time.Time, checklists.Book, map[string]string) (string, cockpit.Record, error) {
			j, _, err := journal.Open(dir)
			return "DRILL-20261123-001", j, err
		}})
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { c.Run(ctx); close(over) }()
	tb.Cleanup(func() { cancel(); <-over })
	if err := c.Declare(cockpit.Declaration{Runbook: "storm", Title: "everything restores"}); err != nil {
		tb.Fatal(err)
	}
	for i := range running {
		if err := c.RunStep(ctx, fmt.Sprintf("restore-%d", i), "run", ""); err != nil {
			tb.Fatal(err)
		}
	}
	return c
}

// typed is what became of keys pressed at random times: how long each took to
// be seen, and how many never were.
type typed struct {
	took spread
	lost int
}

// notes types notes of letters that stand nowhere else on the screen, n letters
// each, at random times; every one has to reach the screen and the record.
func (w *wire) notes(c *cockpit.Cockpit, r *rand.Rand, notes, letters int, a, b time.Duration) typed {
	w.tb.Helper()
	var out typed
	for range notes {
		var text []rune
		for _, k := range r.Perm(64)[:letters] {
			text = append(text, 'А'+rune(k))
		}
		from := w.came()
		w.press("i")
		sent := make([]time.Time, letters)
		for k, l := range text {
			pause(r, a, b)
			sent[k] = w.press(string(l))
		}
		w.await(string(text[letters-1]), from)
		for k, l := range text {
			end, at, ok := w.find(string(l), from)
			if !ok {
				out.lost++
				continue
			}
			from = end
			out.took = append(out.took, at.Sub(sent[k]))
		}
		w.press("\r")
		if !recorded(c, string(text)) {
			out.lost++
			w.tb.Errorf("the note %q is not in the record", string(text))
		}
	}
	return out
}

// recorded waits until a note is in the record.
func recorded(c *cockpit.Cockpit, text string) bool {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		changed := c.Changed()
		for _, e := range c.State().Log {
			if e.Text == text {
				return true
			}
		}
		select {
		case <-changed:
		case <-late.C:
			return false
		}
	}
}

// Keys pressed at random times are all taken, while a thousand nodes change and
// fifty actions print.
func TestNoKeyIsLost(t *testing.T) {
	s := newStorm(1000, 100<<10)
	c := s.cockpit(t, stormSteps)
	w := newWire(t, 120, 40, line16{})
	w.show(c, Options{})
	got := w.notes(c, rand.New(rand.NewPCG(1, 2)), 3, 40, 0, 20*time.Millisecond)
	if got.lost > 0 || len(got.took) != 120 {
		t.Errorf("%d keys of 120 were seen, %d lost", len(got.took), got.lost)
	}
}

// BenchmarkKeyToFrame is the time from a key to the letter on the terminal.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, x := range []struct {
		name         string
		nodes, rate  int
		running      int
		notes, count int
	}{
		{"calm", 5, 0, 0, 4, 60},
		{"storm", 1000, 1 << 20, stormSteps, 5, 60},
	} {
		b.Run(x.name, func(b *testing.B) {
			s := newStorm(x.nodes, x.rate)
			c := s.cockpit(b, x.running)
			w := newWire(b, 120, 40, line16{})
			w.show(c, Options{})
			start, before := time.Now(), s.spat.Load()
			got := w.notes(c, rand.New(rand.NewPCG(1, 2)), x.notes, x.count, 10*time.Millisecond, 90*time.Millisecond)
			rate := float64(s.spat.Load()-before) / time.Since(start).Seconds()
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms(got.took.at(0.5)), "p50-ms")
			b.ReportMetric(ms(got.took.at(0.99)), "p99-ms")
			b.ReportMetric(float64(len(got.took)), "keys-seen")
			b.ReportMetric(float64(got.lost), "keys-lost")
			b.ReportMetric(rate/(1<<20), "printed-MB/s")
		})
	}
}
