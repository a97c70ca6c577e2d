package cockpit

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// hostEvery is how often hosts are read over SSH: often while an incident is
// open, seldom in calm.
const (
	hostEvery = 4 * time.Second
	hostCalm  = 30 * time.Second
	// hostSilent is for hosts that do not answer.
	hostSilent = 15 * time.Second
)

// look is one round of watching the nodes. Hosts are read beside it: one that
// hangs must not hold back what the others show.
func (c *Cockpit) look(ctx context.Context) { c.lookNow(ctx, nil) }

// readHosts begins to read the hosts whose turn it is, each for itself, and
// does not wait for them: what they say is in the next look. A host is asked
// again only when its last answer is there.
func (c *Cockpit) readHosts(ctx context.Context) {
	now := c.clk.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	begun := false
	for host, every := range c.turnsLocked() {
		f, ok := c.snap.Host(host)
		if ok && f.Reachable == nodes.False {
			every = max(every, hostSilent) // asking it costs a whole timeout
		}
		if at, asked := c.asked[host]; asked && now.Sub(at) < every {
			continue
		}
		if c.asideLocked("host "+host, func() { c.o.Watcher.LookHosts(ctx, now, []string{host}) }) {
			c.asked[host], begun = now, true
		}
	}
	key, watched := c.o.Fleet.Key(c.state.Params["key"])
	if begun && watched {
		c.asideLocked("outside", func() {
			outside := c.readOutside(ctx, key, "")
			c.mu.Lock()
			defer c.mu.Unlock()
			c.trail.keepOutside(outside)
		})
	}
}

// asideLocked does f beside everything else, unless it is under way already.
// The token keeps the time of a rehearsal still until it is done.
func (c *Cockpit) asideLocked(what string, f func()) bool {
	if c.aside[what] {
		return false
	}
	c.aside[what] = true
	done := c.clk.Busy()
	c.wg.Go(func() {
		defer done()
		f()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.aside, what)
	})
	return true
}

// lookNow reads the named hosts and all nodes, and puts what is seen to the
// rules.
func (c *Cockpit) lookNow(ctx context.Context, hosts []string) {
	if len(hosts) > 0 {
		c.o.Watcher.LookHosts(ctx, c.clk.Now(), hosts)
	}
	c.looking.Lock()
	defer c.looking.Unlock()
	c.mu.Lock()
	declared, near := c.state.Declared, c.startNearLocked()
	c.mu.Unlock()
	c.o.Watcher.EvidenceSince(declared)
	if near { // what would be judged is shown before it is judged: the votes belong to it
		c.o.Watcher.WatchVotes(true)
	}
	snap := c.o.Watcher.Look(ctx, c.clk.Now())
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	snap.Since, snap.Ready = c.state.Declared, c.state.Ready()
	c.rememberLossLocked(snap.Databases)
	c.snap = snap
	gap := c.gapLocked()
	c.trail.follow(snap, c.o.Fleet)
	c.away.follow(snap)
	c.noteAlertsLocked()
	c.observeLocked(gap)
	c.publishLocked()
}

// turnsLocked are the hosts to read and how often: those that matter to the
// open incident often, every other holder of a key seldom.
func (c *Cockpit) turnsLocked() map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, k := range c.o.Fleet.Keys {
		for _, h := range k.Hosts {
			if _, ok := c.o.Fleet.Host(h); ok {
				out[h] = hostCalm
			}
		}
	}
	if c.state.Open() {
		for _, h := range c.hostsLocked() {
			out[h] = hostEvery
		}
	}
	return out
}

// hostsLocked are the hosts that matter: the holders of the key, or of every
// key that can move, and what the parameters name.
func (c *Cockpit) hostsLocked() []string {
	var out []string
	add := func(h string) {
		if _, ok := c.o.Fleet.Host(h); ok && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	if key := c.state.Params["key"]; key != "" {
		if k, ok := c.o.Fleet.Key(key); ok {
			for _, h := range k.Hosts {
				add(h)
			}
		}
	} else {
		for _, k := range c.o.Fleet.Keys {
			if len(k.Standbys) > 0 {
				for _, h := range k.Hosts {
					add(h)
				}
			}
		}
	}
	for _, p := range c.state.Book.Params {
		if p.Type == "host" {
			add(c.state.Params[p.Name])
		}
	}
	return out
}

// observeLocked puts what is seen to the rules.
func (c *Cockpit) observeLocked(gap bool) {
	if !c.state.Open() {
		return
	}
	// What is not known any more has not ended.
	o := incident.Observe{Alarms: append(c.alarmsLocked(), c.darkLocked(Alerts(c.snap))...), DoubleSigns: c.doubleSignsLocked(), Gap: gap}
	for _, st := range c.state.Steps {
		if st.Claimed.IsZero() && c.claimHoldsLocked(st) {
			o.Claims = append(o.Claims, st.Step.ID)
		}
		if c.state.Watched(st) {
			o.Steps = append(o.Steps, c.observedLocked(st))
		}
		if st.Status == incident.Unknown {
			c.askLocked(st)
		}
	}
	c.keep(c.decideLocked(o))
}

// askLocked asks the scripts that read back a step nobody knows the end of: who
// must say what became of it is shown what is seen now.
func (c *Cockpit) askLocked(st incident.Step) {
	for i, b := range st.Step.Verifies {
		if b.Lang != "probe" {
			c.readLocked(st, i, b)
		}
	}
}

func (c *Cockpit) observedLocked(st incident.Step) incident.Observed {
	out := incident.Observed{Step: st.Step.ID}
	for i, b := range st.Step.Verifies {
		if rests(st, b) {
			out.Checks = append(out.Checks, recorded(st, i))
		} else {
			out.Checks = append(out.Checks, c.readLocked(st, i, b))
		}
		out.Since = append(out.Since, c.provenSinceLocked(b))
	}
	return out
}

// rests says that a block is not read any more: of a done action only probes
// are, a script would have to be run on the host again and again.
func rests(st incident.Step, b checklists.Block) bool {
	return st.Status == incident.Done && st.Step.Run != nil && b.Lang != "probe"
}

// recorded is what a block read last.
func recorded(st incident.Step, i int) []incident.Reading {
	if i < len(st.Checks) {
		return st.Checks[i].Readings
	}
	return nil
}

// readLocked is what a verify block reads now. Shell blocks are asked in the
// background and read as they last answered.
func (c *Cockpit) readLocked(st incident.Step, i int, b checklists.Block) []incident.Reading {
	if b.Lang == "probe" {
		return c.probesLocked(b)
	}
	return []incident.Reading{c.shellLocked(shellKey(st, "verify", i), b)}
}

func (c *Cockpit) probesLocked(b checklists.Block) []incident.Reading {
	out := make([]incident.Reading, 0, len(b.Probes))
	for _, p := range b.Probes {
		r := reading(nodes.Evaluate(c.snap, p, c.resolveLocked))
		if name, ok := strings.CutPrefix(p.Name, "$"); ok && c.state.Params[name] != "" {
			r.Text = strings.Replace(r.Text, p.Name, c.state.Params[name], 1)
		}
		out = append(out, r)
	}
	return out
}

// resolveLocked is a parameter's value.
func (c *Cockpit) resolveLocked(name string) (string, bool) {
	v, ok := c.state.Params[name]
	return v, ok && v != ""
}

// provenSinceLocked is how far back the chain itself proves a block of probes
// about signing: to the first commit of the stretch without a miss. Zero when a
// probe says something else, about which the past is not known.
func (c *Cockpit) provenSinceLocked(b checklists.Block) time.Time {
	var since time.Time
	for _, p := range b.Probes {
		signing := p.Field == "signing" && p.Op == "==" && p.Lit == "true"
		noMiss := p.Field == "missed_last" && p.Op == "==" && p.Lit == "0"
		k, ok := c.snap.Key(c.fillLocked(p.Name))
		if p.Kind != "key" || !ok || !(signing || noMiss) {
			return time.Time{}
		}
		run := int64(len(k.Recent) - len(strings.TrimRight(k.Recent, string(nodes.MarkSigned))))
		// A block's time is that of the votes for the one before it: when the
		// first of the stretch was signed stands in the block after it.
		at := c.trail.blockTime(k.RecentTo - run + 2)
		if run == 0 || at.IsZero() {
			return time.Time{}
		}
		if at.After(since) {
			since = at
		}
	}
	return since
}

func reading(r nodes.Reading) incident.Reading {
	truth := incident.NotKnown
	switch r.Truth {
	case nodes.True:
		truth = incident.True
	case nodes.False:
		truth = incident.False
	}
	return incident.Reading{Text: r.Text, Value: r.Value, Truth: truth, At: r.At, Source: r.Source, Why: r.Why}
}
