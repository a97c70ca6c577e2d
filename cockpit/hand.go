package cockpit

import (
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
)

// fenced is what the fence of a block is about: the key, and whether the script
// installs staged files. Such a script starts elsewhere, whoever shows the key
// by now: it is never judged as a restart of what is in place.
func fenced(b checklists.Block, params map[string]string) (key string, installs bool) {
	name, isParam := strings.CutPrefix(b.Fence, "$")
	switch {
	case b.Fence == "":
		name = params["key"]
	case isParam:
		name = params[name]
	}
	return name, strings.Contains(b.Text, ".staged")
}

// starts says that the step's turn has come and that it starts a signer: the
// fence judges before it runs.
func (c *Cockpit) startsLocked(st incident.Step) bool {
	switch st.Status {
	case incident.Todo, incident.Failed, incident.TimedOut, incident.Undone:
		return !st.Passed && st.Step.Run != nil && st.Step.Run.HasFence() && !c.state.Gate(st).Locked()
	}
	return false
}

// startNearLocked says that the turn of a step that starts a signer has come.
func (c *Cockpit) startNearLocked() bool {
	for _, st := range c.state.Steps {
		if c.startsLocked(st) {
			return true
		}
	}
	return false
}

// atHandLocked is what the fence would say of a step's start by what was last
// read. It asks nobody, is never recorded, and nothing starts by it: before a
// start everything is read anew and judged. nil while no start is near.
func (c *Cockpit) atHandLocked(st incident.Step, hosts []string) *incident.Fence {
	if !c.startsLocked(st) || len(hosts) != 1 {
		return nil
	}
	name, installs := fenced(*st.Step.Run, c.state.Params)
	k, ok := c.o.Fleet.Key(name)
	if !ok {
		return nil
	}
	now := c.clk.Now()
	return &incident.Fence{At: now, Verdict: fence.Judge(c.evidenceAtHandLocked(k, hosts[0], installs), now)}
}

// evidenceAtHandLocked is the evidence as far as it was read already.
func (c *Cockpit) evidenceAtHandLocked(k config.Key, target string, installs bool) fence.Evidence {
	e := c.evidenceLocked(k, target, installs)
	for i := range e.Holders {
		if f, ok := c.trail.outside[e.Holders[i].Host]; ok && e.Holders[i].Host != target {
			e.Holders[i].Other = f
		}
	}
	return e
}
