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

	tea "charm.land/bubbletea/v2"

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
	still bool          // the same node is down all the time, not another one at each look
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
		if s.down(i, height) {
			n.State, n.Err, n.SeenAt = nodes.Down, "connection refused", now.Add(-time.Minute)
		}
		out.Nodes[i] = n
	}
	return out
}

// down is one node in a hundred.
func (s *storm) down(i int, height int64) bool {
	if s.still {
		return i%100 == 41
	}
	return (i+int(height))%100 == 0
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
func (s *storm) EvidenceSince(time.Time)                                {}
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

// running is how many actions run.
func (s *storm) running() int {
	if s.every == 0 {
		return 0
	}
	return stormSteps
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

func (t *typed) add(o typed) { t.took, t.lost = append(t.took, o.took...), t.lost+o.lost }

func (t typed) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ms(t.took.at(0.5)), "p50-ms")
	b.ReportMetric(ms(t.took.at(0.99)), "p99-ms")
	b.ReportMetric(float64(len(t.took)), "keys-seen")
	b.ReportMetric(float64(t.lost), "keys-lost")
}

// alphabet is a permutation of letters that stand nowhere else on the screen.
func alphabet(r *rand.Rand, n int) []rune {
	var out []rune
	for _, k := range r.Perm(64)[:n] {
		out = append(out, 'А'+rune(k))
	}
	return out
}

// letters types n letters at random times into the field that is open.
func (w *wire) letters(r *rand.Rand, n int, a, b time.Duration) typed {
	w.tb.Helper()
	out, _ := w.spell(r, alphabet(r, n), a, b)
	return out
}

func (w *wire) spell(r *rand.Rand, text []rune, a, b time.Duration) (typed, string) {
	w.tb.Helper()
	var out typed
	from := w.came()
	sent := make([]time.Time, len(text))
	for k, l := range text {
		pause(r, a, b)
		sent[k] = w.press(string(l))
	}
	w.await(string(text[len(text)-1]), from)
	for k, l := range text {
		end, at, ok := w.find(string(l), from)
		if !ok {
			out.lost++
			continue
		}
		from = end
		out.took = append(out.took, at.Sub(sent[k]))
	}
	return out, string(text)
}

// notes writes notes of n letters each into the record; every letter has to
// reach the screen and the record.
func (w *wire) notes(c *cockpit.Cockpit, r *rand.Rand, notes, n int, a, b time.Duration) typed {
	w.tb.Helper()
	var all typed
	for range notes {
		w.press("i")
		got, text := w.spell(r, alphabet(r, n), a, b)
		all.add(got)
		w.press("\r")
		if !recorded(c, text) {
			all.lost++
			w.tb.Errorf("the note %q is not in the record", text)
		}
	}
	return all
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
	w := newWire(t, 120, 40, slowLine{})
	w.show(c, Options{})
	got := w.notes(c, rand.New(rand.NewPCG(1, 2)), 3, 40, 0, 20*time.Millisecond)
	if got.lost > 0 || len(got.took) != 120 {
		t.Errorf("%d keys of 120 were seen, %d lost", len(got.took), got.lost)
	}
}

// BenchmarkKeyToFrame is the time from a key to its letter on the terminal: in
// the smallest Bubble Tea program, in a calm cockpit, and while a thousand nodes
// change four times a second and fifty actions print a megabyte a second each.
func BenchmarkKeyToFrame(b *testing.B) {
	b.Run("minimal", func(b *testing.B) {
		w := newWire(b, 120, 40, slowLine{})
		w.runs(func(ctx context.Context) error {
			_, err := tea.NewProgram(echo(""), tea.WithContext(ctx), tea.WithInput(w.near), tea.WithOutput(w.near)).Run()
			return err
		})
		w.await("typed", 0)
		var all typed
		r := rand.New(rand.NewPCG(1, 2))
		for range 4 {
			all.add(w.letters(r, 60, keyFrom, keyTo))
			w.press("\r")
		}
		all.report(b)
	})
	for name, s := range map[string]*storm{"calm": newStorm(5, 0), "storm": newStorm(1000, 1<<20)} {
		b.Run(name, func(b *testing.B) {
			c := s.cockpit(b, s.running())
			w := newWire(b, 120, 40, slowLine{})
			w.show(c, Options{})
			start, before := time.Now(), s.spat.Load()
			w.notes(c, rand.New(rand.NewPCG(1, 2)), 5, 60, keyFrom, keyTo).report(b)
			b.ReportMetric(float64(s.spat.Load()-before)/time.Since(start).Seconds()/(1<<20), "printed-MB/s")
		})
	}
}

// Between two keys lies a random while between these.
const keyFrom, keyTo = 10 * time.Millisecond, 90 * time.Millisecond

// echo shows what is typed; Enter empties it.
type echo string

func (echo) Init() tea.Cmd { return nil }

func (e echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if e += echo(k.Text); k.Text == "" {
			e = ""
		}
	}
	return e, nil
}

func (e echo) View() tea.View {
	v := tea.NewView("typed: " + string(e))
	v.AltScreen = true
	return v
}
