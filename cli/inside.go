package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/drill"
	"github.com/virtengine/relight/drill/scenario"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
)

// drillInside flies on the built-in fleet.
func drillInside(ctx context.Context, g *globals, o drillOptions) error {
	dir, err := g.journalDir()
	if err != nil {
		return err
	}
	r, err := g.chooseRehearsal(ctx, dir, o)
	if err != nil {
		return err
	}
	// A second one would bring up the fleet's files under the first.
	if held, ok := journal.Held(r.Path()); ok {
		return g.recordIsHeld(incident.State{ID: r.ID, Drill: true}, held)
	}
	if !o.autopilot {
		g.callKeeper() // it comes up while the fleet does
	}
	f, err := r.Start(ctx, time.Now())
	if err != nil {
		return err
	}
	defer f.Fleet.Close()
	h, err := build(plan{fleet: f.Config.Drill, library: f.Config.Library, name: "built-in fleet", clk: f.Clock, dial: f.Fleet.Dial,
		drill: true, person: g.person(f.Config.Drill), dir: dir, id: r.ID, runbook: r.Runbook, params: r.Params, told: cockpit.Report{At: r.ToldAt, Text: r.Told}, observe: g.observe, quick: o.autopilot, back: g.comeBack})
	if err != nil {
		return err
	}
	defer h.close()
	if o.autopilot {
		p, err := fly(ctx, h, f.Clock, o)
		if err != nil {
			return err
		}
		return g.tell(h, p, o, dir)
	}
	if err := g.resume(h, r.Path()); err != nil {
		return err
	}
	err = g.sit(ctx, h, f.Clock)
	if broken := f.Fleet.Err(); broken != nil {
		fmt.Fprintf(g.Err, "relight: the rehearsal fleet is not whole any more: %v. The record is; a new drill: %s\n", broken, g.onRecords("relight drill --new"))
	}
	return err
}

// resume takes up the record in path, if it holds an incident. What it can
// reach must be ours to command, and the record ours to write.
func (g *globals) resume(h house, path string) error {
	entries, _, err := journal.Read(path)
	if err != nil || len(entries) == 0 {
		return err
	}
	s, err := stateOf(path)
	if err == nil {
		err = fromLater(s.ID, entries, g.logOf(s.ID))
	}
	if err != nil {
		return err
	}
	if s.Open() {
		if held, ok := journal.Held(path); ok { // the record's own holder is the better answer
			return g.recordIsHeld(s, held)
		}
		if err := h.helm.claim(reaches(s.Book, s.Params, h.helm.fleet)); err != nil {
			return err
		}
	}
	j, entries, err := journal.Open(path)
	var locked *journal.LockedError
	if errors.As(err, &locked) {
		return g.recordIsHeld(s, locked.Holder)
	}
	if err != nil {
		return err
	}
	h.helm.writes(j)
	if j.Notice != "" {
		fmt.Fprintln(g.Err, "relight: "+j.Notice)
	}
	return h.Resume(j, entries, h.View().Person)
}

// chooseRehearsal resumes the newest open drill, if there is one and the person
// agrees, or makes a new one.
func (g *globals) chooseRehearsal(ctx context.Context, dir string, o drillOptions) (drill.Rehearsal, error) {
	if idShape.MatchString(o.runbook) {
		id := strings.ToUpper(o.runbook)
		r, ok := drill.Named(dir, id)
		if !ok {
			return drill.Rehearsal{}, g.noSuchDrill(id, dir)
		}
		return r, nil
	}
	if !o.fresh && !o.autopilot && !o.seeded {
		r, ok := drill.Newest(dir, o.runbook)
		if ok {
			if yes, err := g.ask(ctx, fmt.Sprintf("%s (%s) is open. Go on with it?", r.ID, r.Runbook)); yes || err != nil {
				return r, err
			}
		}
	} else if r, ok := drill.Newest(dir, ""); ok && !o.autopilot {
		fmt.Fprintf(g.Err, "relight: a new drill starts; %s (%s) stays open: `%s` goes on with it.\n", r.ID, r.Runbook, g.comeBack(incident.State{ID: r.ID, Drill: true}))
	}
	if o.runbook == "" {
		o.runbook = firstDrill
	}
	if err := checkOptions(shelf{}, o.runbook, o.options); err != nil {
		return drill.Rehearsal{}, err
	}
	params, err := pairs(o.params)
	if err != nil {
		return drill.Rehearsal{}, fmt.Errorf("--param: %w", err)
	}
	if o.speed <= 0 {
		return drill.Rehearsal{}, fmt.Errorf("--speed %v: it must be above 0; `:wait` jumps", o.speed)
	}
	trouble, err := troubleOf(o)
	if err != nil {
		return drill.Rehearsal{}, err
	}
	for name, value := range trouble.Params {
		if _, said := params[name]; !said {
			params[name] = value
		}
	}
	r := drill.Rehearsal{Runbook: o.runbook, Seed: o.seed, Speed: o.speed, Params: params, Told: trouble.Told, ToldAfter: trouble.ToldAt}
	if o.start != "" {
		if r.Begins, err = time.Parse(time.RFC3339, o.start); err != nil {
			return drill.Rehearsal{}, fmt.Errorf("--start %s: it is no time; write it like 2026-11-23T02:56:40Z", o.start)
		}
	}
	if o.autopilot {
		r.Speed = 0
	}
	return drill.New(dir, r, trouble.Faults, time.Now())
}

// troubleOf is the runbook's own trouble, with the faults given by hand.
func troubleOf(o drillOptions) (scenario.Trouble, error) {
	out, err := scenario.Of(o.runbook, o.seed)
	if err != nil && len(o.faults) == 0 {
		return out, err
	}
	for _, text := range o.faults {
		f, err := parseFault(text)
		if err != nil {
			return out, err
		}
		if len(out.Faults) > 0 && out.Faults[0].Name == f.Name {
			out.Faults = out.Faults[1:] // said by hand, it comes in place of the runbook's own
		}
		out.Faults = append(out.Faults, f)
	}
	return out, nil
}

// parseFault reads NAME[=TARGET][@AFTER].
func parseFault(text string) (scenario.Fault, error) {
	f := scenario.Fault{At: 15 * time.Second}
	name, after, timed := strings.Cut(text, "@")
	if timed {
		var err error
		if f.At, err = time.ParseDuration(after); err != nil || f.At < 0 {
			return f, fmt.Errorf("--fault %s: %q is no duration; write it like process-crash=val-2@30s", text, after)
		}
	}
	f.Name, f.Target, _ = strings.Cut(name, "=")
	if f.Target == "" {
		f.Target = scenario.DefaultTarget(f.Name)
	}
	return f, nil
}
