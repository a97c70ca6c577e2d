package cli

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/drill"
	"github.com/virtengine/relight/journal"
)

// drillOutside flies on the [drill] fleet of a configuration: real machines
// made for rehearsing. The configuration's own commands make the fault.
func drillOutside(ctx context.Context, g *globals, o drillOptions) error {
	cfg, err := g.load()
	if err != nil {
		return err
	}
	if !cfg.HasDrill {
		return fmt.Errorf("%s has no [drill] fleet; a drill never touches the live one", cfg.Path)
	}
	if o.start != "" {
		return fmt.Errorf("--start: only the built-in fleet has a clock of its own")
	}
	named := ""
	if idShape.MatchString(o.runbook) {
		named = strings.ToUpper(o.runbook)
		o.runbook = ""
	}
	if o.runbook == "" {
		o.runbook = firstDrill
	}
	if err := checkOptions(newShelf(cfg.Library, cfg.Drill), o.runbook, o.options); err != nil {
		return err
	}
	params, err := pairs(o.params)
	if err != nil {
		return fmt.Errorf("--param: %w", err)
	}
	dir, err := g.journalDir()
	if err != nil {
		return err
	}
	h, err := build(plan{fleet: cfg.Drill, library: cfg.Library, name: filepath.Base(cfg.Path), clk: clock.Real(), drill: true,
		person: g.person(cfg.Drill), dir: dir, runbook: o.runbook, params: params, every: outsideEvery(cfg.Drill), back: g.comeBack})
	if err != nil {
		return err
	}
	defer h.close()
	resumed, err := g.resumeOutside(ctx, h, dir, named, o)
	if err != nil {
		return err
	}
	if named != "" && !resumed {
		return g.noSuchDrill(named, dir)
	}
	if !resumed {
		if err := makeFaults(ctx, h.reach, cfg.Faults, o); err != nil {
			return err
		}
	}
	if o.autopilot {
		p, err := fly(ctx, h, clock.Real(), o)
		if err != nil {
			return err
		}
		return g.tell(h, p, o, dir)
	}
	return g.sit(ctx, h, clock.Real())
}

// resumeOutside takes up the named open drill on an outside fleet, else the
// newest, if there is one and the person agrees. Its fault was made already.
func (g *globals) resumeOutside(ctx context.Context, h house, dir, named string, o drillOptions) (bool, error) {
	if named == "" && (o.fresh || o.autopilot || o.seeded) {
		return false, nil
	}
	ids, err := journal.List(dir, journal.DrillPrefix)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		path := filepath.Join(dir, id)
		if drill.Kept(path) {
			continue // on the built-in fleet
		}
		s, err := stateOf(path)
		if err != nil || !s.Open() || (named != "" && id != named) || (named == "" && s.Runbook != o.runbook) {
			continue
		}
		if named == "" {
			if yes, err := g.ask(ctx, fmt.Sprintf("%s (%s) is open. Go on with it?", id, s.Runbook)); !yes || err != nil {
				return false, err
			}
		}
		return true, g.resume(h, path)
	}
	return false, nil
}

// outsideEvery is how often an outside fleet is looked at: twice as often as
// its blocks come, within reason.
func outsideEvery(f config.Fleet) time.Duration {
	return min(max(f.Chain.BlockTime/2, 500*time.Millisecond), 2*time.Second)
}

// outsideFaults are the runbook's fault and those named by hand.
func outsideFaults(have config.Faults, o drillOptions) ([]config.Fault, error) {
	var out []config.Fault
	if f, ok := have.For(o.runbook); ok {
		out = append(out, f)
	}
	for _, name := range o.faults {
		f, ok := have.Fault(name)
		if !ok {
			return nil, fmt.Errorf("--fault %s: this fleet cannot make it; describe it under [drill.faults.%s]", name, name)
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no fault starts a drill of %s on this fleet: name one under [drill.faults.runbooks], or give --fault", o.runbook)
	}
	return out, nil
}

// faultTime bounds one command that makes a fault.
const faultTime = time.Minute

func makeFaults(ctx context.Context, r *fleetReach, have config.Faults, o drillOptions) error {
	faults, err := outsideFaults(have, o)
	if err != nil {
		return err
	}
	for _, f := range faults {
		if err := makeFault(ctx, r, f); err != nil {
			return err
		}
	}
	return nil
}

func makeFault(ctx context.Context, r *fleetReach, f config.Fault) error {
	for _, c := range f.Make {
		if err := faultCommand(ctx, r, c); err != nil {
			return fmt.Errorf("fault %s on %s: %w", f.Name, c.Host, err)
		}
	}
	return nil
}

func faultCommand(ctx context.Context, r *fleetReach, c config.Command) error {
	ctx, cancel := context.WithTimeout(ctx, faultTime)
	defer cancel()
	if c.Host == config.Local {
		out, err := exec.CommandContext(ctx, "sh", "-c", c.Run).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %.200s", err, out)
		}
		return nil
	}
	t, err := r.target(c.Host)
	if err != nil {
		return err
	}
	res, err := r.pool.Exec(ctx, t, relightssh.Command{Script: c.Run})
	if err == nil && res.Exit != 0 {
		err = fmt.Errorf("exit %d", res.Exit)
	}
	return err
}
