package cockpit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// Bounds of the configuration's own commands on this machine.
const (
	cutLimit  = 2 * time.Minute  // to cut
	backLimit = 30 * time.Second // to read back once
	// A machine is not off the moment its power is cut: it is read back again
	// and again for that long.
	backFor   = time.Minute
	backEvery = 3 * time.Second
)

// Cut is a way to cut a host off that the configuration offers.
type Cut struct {
	Host string
	How  string // "power" or "network"
	Word string // to be typed: the host's name
}

// Cut cuts the power or the network of a holder of a key that this incident is
// about, by the configuration's command on this machine. confirm is the host's
// name. It is recorded before it is done; then the state command says what
// holds, and only that counts as a fence.
func (c *Cockpit) Cut(_ context.Context, host, how, confirm string) error {
	done := c.clk.Busy()
	defer done()
	if !c.concerns(host) {
		return c.refuse(&incident.Refusal{What: "cut the " + how + " of " + host, Why: "it holds no key of this incident", Do: "only holders of its keys are cut off from here"})
	}
	return c.Do(incident.CutHost{Host: host, How: how, By: c.o.Person, Confirm: confirm, Known: c.cutCommand(host, how) != ""})
}

// cutCommand is the configuration's command; "" when there is none.
func (c *Cockpit) cutCommand(host, how string) string {
	h, ok := c.o.Fleet.Host(host)
	switch {
	case !ok:
		return ""
	case how == incident.CutPower:
		return h.Power.Off
	case how == incident.CutNetwork:
		return h.Isolate.On
	}
	return ""
}

// concerns says that a host holds a key which a parameter of the incident names.
func (c *Cockpit) concerns(host string) bool {
	s := c.State()
	for _, p := range s.Book.Params {
		if k, ok := c.o.Fleet.Key(s.Params[p.Name]); ok && p.Type == "key" && contains(k.Hosts, host) {
			return true
		}
	}
	return false
}

// cutsLocked are the cuts that would help a step: of the other holders of the
// key whose start its fence judges, and of a host it wants to see fenced.
func (c *Cockpit) cutsLocked(st incident.Step) []Cut {
	var hosts []string
	if b := st.Step.Run; b != nil && b.HasFence() {
		if k, ok := c.o.Fleet.Key(c.fillLocked(b.Fence)); ok {
			for _, h := range k.Hosts {
				if !contains(c.targetsLocked(*b), h) {
					hosts = append(hosts, h)
				}
			}
		}
	}
	for _, b := range st.Step.Verifies {
		for _, p := range b.Probes {
			if p.Kind == "host" && p.Field == "fenced" {
				hosts = append(hosts, c.fillLocked(p.Name))
			}
		}
	}
	var out []Cut
	for i, h := range hosts {
		if contains(hosts[:i], h) {
			continue
		}
		for _, how := range []string{incident.CutPower, incident.CutNetwork} {
			if c.cutCommand(h, how) != "" {
				out = append(out, Cut{Host: h, How: how, Word: h})
			}
		}
	}
	return out
}

// runCut runs the command of a recorded cut and reads it back.
func (c *Cockpit) runCut(ctx context.Context, id string, e incident.CutOrdered) {
	res := incident.CutResult{Cut: id, Held: incident.NotKnown}
	h, _ := c.o.Fleet.Host(e.Host)
	if _, err := c.outside(ctx, c.cutCommand(e.Host, e.How), cutLimit); err != nil {
		res.Failed = safe.Short(err.Error(), 300)
	}
	// Read back in any case: a command that failed may have cut all the same.
	until := c.clk.Now().Add(backFor)
	for _, way := range waysOut(h) {
		if way.command == "" || string(way.class) != e.How {
			continue
		}
		for {
			p, err := c.readBack(ctx, way)
			if err != nil {
				res.Held, res.Text = incident.NotKnown, safe.Short(err.Error(), 300)
			} else if res.Held, res.Text = incident.False, safe.Short(p.Text, 300); p.Held {
				res.Held = incident.True
			}
			if res.Held == incident.True || res.Failed != "" || !c.clk.Now().Before(until) || c.clk.Wait(ctx, backEvery) != nil {
				break
			}
		}
	}
	c.result(res)
	c.mu.Lock()
	k, watched := c.o.Fleet.Key(c.state.Params["key"])
	c.mu.Unlock()
	if watched {
		outside := c.readOutside(ctx, k, "")
		c.mu.Lock()
		c.trail.keepOutside(outside)
		c.mu.Unlock()
	}
	c.look(c.ctx)
}

// wayOut is one command that reads a cut back from outside.
type wayOut struct {
	class         fence.Class
	command, want string
}

// waysOut of a host, the stronger first.
func waysOut(h config.Host) []wayOut {
	return []wayOut{{fence.Power, h.Power.State, "off"}, {fence.Network, h.Isolate.State, "on"}}
}

// readBack asks once whether a cut holds. An error says that there was no
// answer, which proves nothing.
func (c *Cockpit) readBack(ctx context.Context, way wayOut) (fence.Proof, error) {
	text, err := c.outside(ctx, way.command, backLimit)
	if err != nil {
		return fence.Proof{}, err
	}
	words := strings.Fields(text)
	return fence.Proof{Class: way.class, Held: len(words) > 0 && words[len(words)-1] == way.want, Text: strings.Join(words, " ")}, nil
}

// outside runs one of the configuration's commands on this machine, bounded.
func (c *Cockpit) outside(ctx context.Context, command string, limit time.Duration) (string, error) {
	ctx, cancel := c.clk.WithTimeout(ctx, limit)
	defer cancel()
	text, err := c.o.Runner.Outside(ctx, command)
	if err != nil {
		return "", fmt.Errorf("on this machine: %w", err)
	}
	return text, nil
}
