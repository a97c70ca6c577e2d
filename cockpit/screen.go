package cockpit

import (
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// keyless refuses a block that says fence=none on a host which holds a validator
// key, by the configuration or by what was last read from its disk, or of which
// that is not known.
func (c *Cockpit) keyless(b checklists.Block, hosts []string) error {
	if b.Fence != checklists.NoFence {
		return nil
	}
	for _, h := range hosts {
		bad := func(why string) error {
			return &incident.Refusal{What: "run on " + h, Why: why, Do: "what starts a signer needs fence=$key; fly the runbook that is made for a validator"}
		}
		snap := c.View().Snap
		facts, known := snap.Host(h)
		for _, k := range c.o.Fleet.Keys {
			switch {
			case contains(k.Hosts, h):
				return bad("the runbook says that it holds no validator key, and it holds " + k.Name)
			case strings.EqualFold(facts.Key.Address, k.Address):
				return bad("the key of " + k.Name + " lies on its disk")
			}
		}
		if !known || !snap.Fresh(facts.At, snap.HostEvery) || facts.Key.Present == nodes.Unknown || facts.Key.Present == nodes.True && facts.Key.Address == "" {
			return bad("whether a validator key lies on its disk could not be read")
		}
	}
	return nil
}

// screen refuses scripts that must never reach a host with a live key.
func (c *Cockpit) screen(b checklists.Block, hosts []string) error {
	if err := c.keyless(b, hosts); err != nil {
		return err
	}
	if c.o.Screen == nil || (b.Lang != "sh" && b.Lang != "bash") {
		return nil
	}
	for _, h := range hosts {
		for _, k := range c.o.Fleet.Keys {
			if contains(k.Hosts, h) {
				if err := c.o.Screen(b.Text); err != nil {
					return &incident.Refusal{What: "run on " + h, Why: err.Error(), Do: "change the runbook; this host holds the key " + k.Name}
				}
			}
		}
	}
	return nil
}
