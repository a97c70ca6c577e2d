package cockpit

import (
	"context"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// keyless refuses a block that says fence=none on a host on whose disk a validator
// key lies in place, by what was just read, or of which that is not known. A
// holder by the configuration may run with a key of its own, as a standby does;
// where a remote signer holds the key, it may not.
func (c *Cockpit) keyless(ctx context.Context, b checklists.Block, hosts []string) error {
	if b.Fence != checklists.NoFence {
		return nil
	}
	c.lookNow(ctx, hosts) // what was seen some seconds ago is not enough
	for _, h := range hosts {
		bad := func(why string) error {
			return &incident.Refusal{What: "run on " + h, Why: why, Do: "what starts a signer needs fence=$key; fly the runbook that is made for a validator"}
		}
		snap := c.View().Snap
		facts, known := snap.Host(h)
		holder := false
		for _, k := range c.o.Fleet.Keys {
			holder = holder || contains(k.Hosts, h)
			switch {
			case contains(k.Hosts, h) && k.Signer == config.SignerRemote:
				return bad("a remote signer signs with " + k.Name + " for it")
			case strings.EqualFold(facts.Key.Address, k.Address):
				return bad("the key of " + k.Name + " lies on its disk")
			}
		}
		if !holder && known && snap.Fresh(facts.At, snap.HostEvery) && facts.Reachable == nodes.True && facts.NoHome {
			continue // no node's home, no key; of a holder it says that the home is another
		}
		if !known || !snap.Fresh(facts.At, snap.HostEvery) || facts.Key.Present == nodes.Unknown || facts.Key.Present == nodes.True && facts.Key.Address == "" || facts.Config.SignerAddr != "" {
			return bad("whether a validator key lies on its disk could not be read")
		}
	}
	return nil
}

// screen refuses scripts that must never reach a host with a live key.
func (c *Cockpit) screen(ctx context.Context, b checklists.Block, hosts []string) error {
	if err := c.keyless(ctx, b, hosts); err != nil {
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
