package cockpit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// RunLimit bounds a run that names no timeout.
const RunLimit = 5 * time.Minute

// RunStep gathers what has to be seen and asks the rules to run the step's
// block. confirm is the typed word, approver the second person, if any.
func (c *Cockpit) RunStep(ctx context.Context, step, confirm, approver string) error {
	done := c.clk.Busy()
	defer done()
	st, ok := c.State().Step(step)
	if !ok || st.Step.Run == nil {
		return c.Do(incident.RunStep{Step: step, By: c.o.Person})
	}
	cmd := incident.RunStep{Step: step, By: c.o.Person, Approver: approver, Confirm: confirm,
		Hosts: c.targets(*st.Step.Run), Script: scriptSum(st.Step.Run.Text)}
	if !runs(*st.Step.Run) {
		return c.refuse(&incident.Refusal{What: "run " + step, Why: st.Step.Run.Lang + " blocks are not run yet", Do: "do it by hand and skip it with that reason"})
	}
	if err := c.screen(ctx, *st.Step.Run, cmd.Hosts); err != nil {
		return c.refuse(err)
	}
	cmd.Guards = c.readAll(ctx, st, "guard", st.Step.Guards)
	e, values, err := c.forStart(ctx, *st.Step.Run, cmd.Hosts)
	if err != nil {
		return c.refuse(err)
	}
	cmd.Fence, cmd.Values = e, values
	return c.Do(cmd)
}

// UndoStep is RunStep for the undo block.
func (c *Cockpit) UndoStep(ctx context.Context, step, confirm string) error {
	done := c.clk.Busy()
	defer done()
	st, ok := c.State().Step(step)
	if !ok || st.Step.Undo == nil {
		return c.Do(incident.UndoStep{Step: step, By: c.o.Person})
	}
	cmd := incident.UndoStep{Step: step, By: c.o.Person, Confirm: confirm,
		Hosts: c.targets(*st.Step.Undo), Script: scriptSum(st.Step.Undo.Text)}
	if err := c.screen(ctx, *st.Step.Undo, cmd.Hosts); err != nil {
		return c.refuse(err)
	}
	cmd.Guards = c.readAll(ctx, st, "undoguard", st.Step.UndoGuards)
	e, _, err := c.forStart(ctx, *st.Step.Undo, cmd.Hosts)
	if err != nil {
		return c.refuse(err)
	}
	cmd.Fence = e
	return c.Do(cmd)
}

// refuse shows an error that came before the rules were asked.
func (c *Cockpit) refuse(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tellLocked(err)
	return err
}

func scriptSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// forStart gathers evidence for a block with fence=, and the mark for a block
// that stages one.
func (c *Cockpit) forStart(ctx context.Context, b checklists.Block, hosts []string) (*fence.Evidence, map[string]string, error) {
	staging := strings.Contains(b.Text, "_mark_height")
	if (!b.HasFence() && !staging) || len(hosts) != 1 {
		return nil, nil, nil
	}
	name := strings.TrimPrefix(b.Fence, "$")
	if b.Fence == "" {
		name = "key"
	}
	key, installs := fenced(b, c.State().Params)
	e := c.evidence(ctx, key, hosts[0], installs)
	if !staging {
		return &e, nil, nil
	}
	m, err := fence.Mark(e)
	if err != nil {
		return nil, nil, &incident.Refusal{What: "stage the sign state on " + hosts[0], Why: err.Error(), Do: "wait for the evidence; waiting costs nothing"}
	}
	return nil, map[string]string{
		name + "_mark_height": fmt.Sprint(m.Height),
		name + "_mark_round":  fmt.Sprint(m.Round),
		name + "_mark_step":   fmt.Sprint(m.Step),
	}, nil
}

// readAll reads all guard blocks now, shell ones included.
func (c *Cockpit) readAll(ctx context.Context, st incident.Step, place string, blocks []checklists.Block) []incident.Reading {
	if len(blocks) == 0 {
		return nil
	}
	c.look(ctx)
	var out []incident.Reading
	for i, b := range blocks {
		if b.Lang == "probe" {
			c.mu.Lock()
			out = append(out, c.probesLocked(b)...)
			c.mu.Unlock()
			continue
		}
		r := c.askShell(ctx, b)
		c.mu.Lock()
		c.shell[shellKey(st, place, i)] = r
		c.mu.Unlock()
		out = append(out, r)
	}
	return out
}

// startLocked starts the effect of a recorded event.
func (c *Cockpit) startLocked(r incident.Recorded) {
	switch e := r.Event.(type) {
	case incident.StepStarted:
		st, _ := c.state.Step(e.Step)
		b := st.Step.Run
		if e.Undo {
			b = st.Step.Undo
		}
		c.outputs = append(c.outputs, Output{Effect: r.ID, Step: e.Step})
		run, stop := context.WithCancel(c.ctx)
		c.stops[r.ID] = stop
		c.effect(func(context.Context) { c.runJob(run, r.ID, *b, e) })
	case incident.CutOrdered:
		c.effect(func(ctx context.Context) { c.runCut(ctx, r.ID, e) })
	case incident.StepStopped:
		if stop := c.stops[e.Effect]; stop != nil {
			stop()
		}
	case incident.RowStarted:
		row, _ := c.state.Row(e.Row)
		p := c.postOfLocked(row)
		c.effect(func(ctx context.Context) {
			out := c.o.Poster.Send(ctx, p)
			c.result(incident.RowResult{Row: row.ID, Outcome: out})
		})
	case incident.RowLookStarted:
		row, _ := c.state.Row(e.Row)
		p := c.postOfLocked(row)
		c.effect(func(ctx context.Context) {
			out := c.o.Poster.Lookup(ctx, p)
			c.result(incident.RowLooked{Row: row.ID, Result: out})
		})
	}
}

func (c *Cockpit) postOfLocked(row outbox.Row) comms.Post {
	p := comms.PostOf(c.state.Rows, row, c.clk.Now())
	p.Impact = comms.ImpactOf(c.state.Severity)
	p.Mention = p.Opens
	return p
}

// effect runs f beside the house, holding a token of the clock.
func (c *Cockpit) effect(f func(context.Context)) {
	done := c.clk.Busy()
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		defer done()
		f(c.ctx)
	}()
}

// result brings a result back. A cockpit that is closing records nothing more:
// what was running is unknown to whoever opens the record next.
func (c *Cockpit) result(cmd incident.Command) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return
	}
	err := c.decideLocked(cmd)
	if errors.Is(err, ErrNoRecord) {
		c.pending = append(c.pending, cmd) // it happened: it is recorded as soon as that is possible
	}
	c.keep(err)
}

// retryLocked records results that could not be recorded when they came.
func (c *Cockpit) retryLocked() {
	for len(c.pending) > 0 {
		if errors.Is(c.decideLocked(c.pending[0]), ErrNoRecord) {
			return
		}
		c.pending = c.pending[1:]
	}
}

func (c *Cockpit) runJob(ctx context.Context, effect string, b checklists.Block, e incident.StepStarted) {
	timeout := b.Timeout
	if timeout == 0 {
		timeout = RunLimit
	}
	ctx, cancel := c.clk.WithTimeout(ctx, timeout)
	defer cancel()
	c.mu.Lock()
	j := Job{Effect: effect, Hosts: e.Hosts, Script: b.Text, Bash: b.Lang == "bash", Parallel: b.Parallel,
		Continue: b.OnError == "continue", OutDir: filepath.Join(c.record.Dir(), "out"), Env: map[string][]Var{}}
	if c.o.Drill && (b.Drill == "simulate" || b.Drill == "skip") {
		j.Script = "echo 'not run in a drill, as the runbook says'"
	}
	for _, h := range e.Hosts {
		j.Env[h] = c.envLocked(b.Text, h, e.Values)
	}
	c.mu.Unlock()
	c.o.Runner.Run(ctx, j, func(l Line) { c.addLine(effect, l) }, func(h HostEnd) {
		h.Reason = c.whyEnded(effect, h)
		c.result(incident.HostResult{Effect: effect, Host: h.Host, Class: h.Class, Exit: h.Exit, Reason: h.Reason,
			SHA256: h.SHA256, Size: h.Size, Capture: h.Capture})
	})
	c.endRun(effect)
	// A read right after a change: verifications need not wait for the round.
	c.look(c.ctx)
}

// Kept of the output for the View: the file in the record's folder has it all.
const (
	keepLines   = 400
	keepOutputs = 12
)

func (c *Cockpit) addLine(effect string, l Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.outputs) > keepOutputs {
		c.outputs = append([]Output(nil), c.outputs[len(c.outputs)-keepOutputs:]...)
	}
	for i := range c.outputs {
		if o := &c.outputs[i]; o.Effect == effect {
			// Views share the lines, so a full list is left to them. The room is
			// wide, so that this is seldom, however much is printed.
			if len(o.Lines) == cap(o.Lines) && len(o.Lines) >= keepLines {
				o.Dropped += len(o.Lines) - keepLines
				o.Lines = append(make([]Line, 0, 4*keepLines), o.Lines[len(o.Lines)-keepLines:]...)
			}
			o.Lines = append(o.Lines, l)
		}
	}
	c.publishLocked()
}

// shown is an output as a View may keep it: the last lines.
func (o Output) shown() Output {
	more := max(0, len(o.Lines)-keepLines)
	o.Dropped += more
	o.Lines = o.Lines[more:len(o.Lines):len(o.Lines)]
	return o
}

// shellLocked is the last answer of a shell verification; it is asked again in
// the background when that is due.
func (c *Cockpit) shellLocked(key string, b checklists.Block) incident.Reading {
	every := b.Every
	if every == 0 {
		every = 5 * time.Second
	}
	last, ok := c.shell[key]
	if !ok {
		last = incident.Reading{Text: shellText(b), Truth: incident.NotKnown, Why: "not asked yet"}
		c.shell[key] = last
	}
	if now := c.clk.Now(); now.Sub(c.shellAsked[key]) >= every { // the reading keeps its own time: asked is not answered
		c.shellAsked[key] = now
		c.effect(func(ctx context.Context) {
			r := c.askShell(ctx, b)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.shell[key] = r
			c.observeLocked(false)
		})
	}
	return last
}

// shellKey names a shell reading of one attempt at a step.
func shellKey(st incident.Step, place string, i int) string {
	return fmt.Sprintf("%s %s%d %s", st.Step.ID, place, i, st.Effect)
}

func shellText(b checklists.Block) string {
	first := strings.TrimSpace(b.Text)
	for line := range strings.Lines(first) {
		if t := strings.TrimSpace(line); t != "" && !strings.HasPrefix(t, "set -") {
			first = t
			break
		}
	}
	what := "script"
	if b.Lang == "sql" {
		what = "query"
	}
	return fmt.Sprintf("%s on %s: %s", what, b.Host, first)
}

// expected is what the answer of a reading block must be. A block that cannot be
// read yet is an error: its answer is unknown, never good.
func expected(b checklists.Block) (exit int, match *regexp.Regexp, err error) {
	if !runs(b) {
		return 0, nil, fmt.Errorf("%s blocks are not read yet", b.Lang)
	}
	if b.Expect != "" {
		if _, err := fmt.Sscanf(b.Expect, "exit:%d", &exit); err != nil {
			return 0, nil, fmt.Errorf("expect=%s is not exit:N", b.Expect)
		}
	}
	match, err = regexp.Compile(b.Match)
	return exit, match, err
}

// runs says that a block is shell; sql blocks are asked, not run, so far, and http
// blocks neither.
func runs(b checklists.Block) bool { return b.Lang == "sh" || b.Lang == "bash" }

// askShell runs a reading script on its host; exit 0 (or expect=exit:N) is
// true, another exit false, no answer unknown.
func (c *Cockpit) askShell(ctx context.Context, b checklists.Block) incident.Reading {
	if b.Lang == "sql" {
		return c.askSQL(ctx, b)
	}
	r := incident.Reading{Text: shellText(b), Truth: incident.NotKnown}
	hosts := c.targets(b)
	if len(hosts) == 0 {
		r.At, r.Why = c.clk.Now(), "no host is named"
		return r
	}
	timeout := b.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := c.clk.WithTimeout(ctx, timeout)
	defer cancel()
	want, match, err := expected(b)
	if err != nil {
		r.At, r.Why = c.clk.Now(), err.Error()
		return r
	}
	r.Truth = incident.True
	for _, h := range hosts {
		c.mu.Lock()
		env := c.envLocked(b.Text, h, nil)
		c.mu.Unlock()
		exit, output, err := c.o.Runner.Read(ctx, h, b.Text, env)
		switch {
		case err != nil:
			r.Truth, r.Why = incident.NotKnown, err.Error()
		case r.Truth == incident.True && (exit != want || !match.MatchString(output)):
			r.Truth = incident.False
			r.Why = safe.Short(output, 120)
		}
		r.Value, r.Source = fmt.Sprintf("exit %d", exit), h+" SSH"
	}
	r.At = c.clk.Now()
	return r
}
