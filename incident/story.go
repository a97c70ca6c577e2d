package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Story is the hash of what happened, for comparing two flights: the hash of
// the hashes of each stream (the procedure, each message lane, each host, each
// component), each in its own order, without ids, times, heights, latencies
// and raw output. Streams run side by side; their order against each other is
// not part of the story.
func Story(record []Recorded) string {
	t := teller{lines: map[string][]string{}}
	for _, r := range record {
		t.tell(r)
	}
	all := sha256.New()
	for _, stream := range slices.Sorted(maps.Keys(t.lines)) {
		h := sha256.Sum256([]byte(strings.Join(t.lines[stream], "\n")))
		fmt.Fprintf(all, "%s %x\n", stream, h)
	}
	return hex.EncodeToString(all.Sum(nil))
}

// Streams are the lines the story is made of, by stream: for a person who asks
// why two stories differ.
func Streams(record []Recorded) map[string][]string {
	t := teller{lines: map[string][]string{}}
	for _, r := range record {
		t.tell(r)
	}
	return t.lines
}

type teller struct {
	state State
	lines map[string][]string
}

func (t *teller) line(stream, format string, args ...any) {
	t.lines[stream] = append(t.lines[stream], fmt.Sprintf(format, args...))
}

func (t *teller) tell(r Recorded) {
	before := t.state
	t.state = Apply(t.state, r)
	switch e := r.Event.(type) {
	case Declared:
		t.line("procedure", "declared %s %s drill=%t", e.Runbook, e.Severity, e.Drill)
	case Chosen:
		t.line("procedure", "chosen %s %s", e.Choice, e.Letter)
	case StepMoved:
		if e.To != Verifying {
			t.line("procedure", "step %s %s", e.Step, e.To)
		}
	case CutOrdered:
		t.line("host "+e.Host, "cut %s", e.How)
	case CutEnded:
		t.line("host "+e.Host, "cut %s held %s", e.How, e.Held)
	case StepDoubted:
		t.line("procedure", "step %s seen otherwise", e.Step)
	case StepUpheld:
		t.line("procedure", "step %s upheld", e.Step)
	case StepStopped:
		t.line("procedure", "step %s stopped", e.Step)
	case StepStarted:
		for _, h := range e.Hosts {
			t.line("host "+h, "run %s undo=%t", e.Step, e.Undo)
		}
	case HostEnded:
		t.line("host "+e.Host, "ended %s %s exit %d", before.Runs[e.Effect].Step, e.Class, e.Exit)
	case FenceJudged:
		t.line("procedure", "fence %s allow=%t", e.Step, e.Verdict.Allow)
	case ClockStopped:
		for _, c := range t.state.Clocks {
			if c.Name == e.Name {
				t.line("component "+c.Component, "stopped %s met=%t", c.Name, c.Met())
			}
		}
	case RowQueued:
		t.line("lane "+e.Row.Lane, "queued %s %d", e.Row.Template, e.Row.Update)
	case RowChanged:
		t.line("lane "+e.Row.Lane, "%s %d %s", e.Row.Template, e.Row.Update, e.Row.State)
	case SayDropped:
		t.line("procedure", "not needed %s", e.Template)
	case DoubleSignSeen:
		t.line("procedure", "double signs %d", e.Count)
	case Ended:
		t.line("procedure", "ended %s", e.How)
	}
}
