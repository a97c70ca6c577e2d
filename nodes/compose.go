package nodes

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// compose makes the snapshot of what is known. The Watcher's lock is held.
func (w *Watcher) compose(now time.Time) Snapshot {
	s := Snapshot{
		At: now, Round: w.round, Every: w.opts.Every, HostEvery: w.opts.HostEvery,
		Nodes: make([]Node, len(w.nodes)), Hosts: slices.Clone(w.hosts), Endpoints: slices.Clone(w.endpoints),
	}
	for _, d := range w.dbs {
		s.Databases = append(s.Databases, d.view)
	}
	s.Databases = withLag(s.Databases)
	s.Chain = w.chain(now)
	w.index()
	for i := range w.nodes {
		n, forks := w.node(i, now)
		s.Nodes[i] = n
		s.Chain.Forks = append(s.Chain.Forks, forks...)
	}
	s.Keys = make([]Key, len(w.fleet.Keys))
	w.witnesses()
	for k := range w.fleet.Keys {
		s.Keys[k] = w.key(k, now, s.Chain)
		s.Keys[k].Elsewhere = w.elsewhere(s.Keys[k], k, s)
	}
	online := w.onlineNow(s)
	s.Chain.Power = w.power(now, s, online)
	s.Chain.Votes = w.withBallots(online)
	s.Duplicates = w.duplicates()
	s.Places = w.places(s)
	return s
}

// node completes the view of node i.
func (w *Watcher) node(i int, now time.Time) (Node, []Fork) {
	v := w.nodes[i].view
	v.RightNet = rightNet(w.fleet, v)
	if n := w.nodes[i]; n.app.Height > 0 && w.round-n.appAt <= 3*slowEvery {
		v.AppHeight, v.AppResult = n.app.Height, n.app.Hash
	}
	if v.State != Up {
		return v, nil
	}
	if !v.BlockTime.IsZero() {
		v.Age = now.Sub(v.BlockTime)
	}
	v.Synced, v.SyncedWhy = synced(v, w.fleet)
	v.Stuck = w.stuck(v)
	if v.RightNet != False {
		v.Lag = max(0, w.tip.height-v.Height)
	}
	inStep, at, forks := w.compare(i)
	v.InStep, v.AgreedAt = inStep, at
	switch {
	case len(forks) > 0:
		v.InStepWhy = fmt.Sprintf("%s of block %d differs from that of %s", forks[0].Kind, forks[0].Height, forks[0].Other)
	case inStep == Unknown:
		v.InStepWhy = "no block in common with a witness was read"
	}
	return v, forks
}

// synced is the rule of the room: not catching up, and a fresh block.
func synced(v Node, f Fleet) (Tri, string) {
	fresh := f.freshFor()
	switch {
	case v.RightNet == False:
		return False, "another network: " + v.Network
	case v.CatchingUp == True && v.PeersAt.IsZero() == false && v.Peers == 0:
		return False, "says that it is catching up; without peers it says so even at the tip"
	case v.CatchingUp == True:
		return False, "catching up"
	case v.Height == 0 || v.BlockTime.IsZero():
		return False, "no block yet"
	case v.Age > fresh:
		return False, fmt.Sprintf("its last block is %s old", v.Age.Round(time.Second))
	case v.Age < -fresh:
		return Unknown, "its last block lies in the future: a clock is wrong"
	}
	return True, ""
}

// chain is what the endpoints say together, without the power.
func (w *Watcher) chain(now time.Time) Chain {
	t := w.tip
	c := Chain{Endpoints: t.live, Plan: w.plan, Evidence: w.evidenceList()}
	if t.first.IsZero() {
		c.HaltedWhy = "no endpoint has answered"
		return c
	}
	c.Height, c.HeightSince, c.LastBlock = t.height, t.since, t.block
	if !t.block.IsZero() {
		c.LastAge = now.Sub(t.block)
	}
	c.Halted, c.HaltedWhy = w.halted(now, c)
	if c.Moving = c.Halted.Not(); now.Sub(t.since) > w.fleet.freshFor() {
		c.Moving = c.Moving.And(Unknown) // late: it may stand already
	}
	if c.Halted == True {
		c.HaltedSince = t.since
	}
	if l := w.ledgers[w.lead]; l != nil && l.high > 0 {
		c.EvidenceTo, c.EvidenceAt = l.high, l.entries[l.high].read
		c.EvidenceFrom, c.EvidenceFromTime = w.lookedAt(l)
		if w.current(l) {
			// What lies between the ledger and the tip is no block missed.
			c.EvidenceAt = now
		}
	}
	return c
}

// halted follows the highest block on the clock passed in; block times alone
// would take a wrong clock for a halt. At the very first look a fresh block is
// believed: it was made a moment ago.
func (w *Watcher) halted(now time.Time, c Chain) (Tri, string) {
	t := w.tip
	still := now.Sub(t.since)
	switch {
	case t.live < 2:
		return Unknown, fmt.Sprintf("%d endpoints answer, two are needed", t.live)
	case t.height == 0:
		return Unknown, "no block yet"
	case still >= w.fleet.haltAfter() && w.stood(now) < 2:
		return Unknown, "the highest block stands, but fewer than two endpoints were seen to stand with it"
	case still >= w.fleet.haltAfter():
		return True, fmt.Sprintf("no block since %d for %s", t.height, still.Round(time.Second))
	case t.moved:
		return False, ""
	case !t.block.IsZero() && c.LastAge <= w.fleet.freshFor() && c.LastAge >= -w.fleet.freshFor():
		return False, ""
	}
	return Unknown, fmt.Sprintf("watched for %s, no block seen yet", still.Round(time.Second))
}

// stood is how many endpoints that answer have themselves stood still for the
// whole time: one that catches up, or has just come back, is no witness of a
// halt.
func (w *Watcher) stood(now time.Time) int {
	n := 0
	for i := range w.nodes {
		v := w.nodes[i].view
		if w.nodes[i].live(w.round, w.fleet) && now.Sub(v.HeightSince) >= w.fleet.haltAfter() {
			n++
		}
	}
	return n
}

// current says that a ledger has all canonical commits up to the tip.
func (w *Watcher) current(l *ledger) bool { return l.high >= w.tip.height-2 }

// standing says that the last commit shows the past: no block came for so long
// that the power must be read from votes.
func (w *Watcher) standing(now time.Time) bool {
	return !w.tip.first.IsZero() && now.Sub(w.tip.since) >= w.fleet.stallAfter()+w.fleet.blockTime()
}

// witnesses notes whose ledgers are read in this look and keep up, and the
// newest canonical height that all of them have; 0 if there is none.
func (w *Watcher) witnesses() {
	w.using, w.common = nil, 0
	for i := range w.nodes {
		l := w.ledgers[i]
		if l == nil || l.high == 0 || !w.nodes[i].live(w.round, w.fleet) || l.high < w.tip.height-4 {
			continue
		}
		w.using = append(w.using, i)
		if w.common == 0 || l.high < w.common {
			w.common = l.high
		}
	}
}

// Silence is what each witness in step says of a key over the canonical
// commits of blocks that were certainly made after since: the highest block
// seen at or after since was lower, and the block's own time is later (so
// neither a wrong clock nor a lagging endpoint can make the account start too
// early). A Span of 0 means that no such commit is known yet. It tells what the
// last finished look saw and does no I/O.
func (w *Watcher) Silence(key string, since time.Time) []Silence {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, spec := range w.fleet.Keys {
		if spec.Name == key {
			return w.silence(k, since.UTC())
		}
	}
	return nil
}

// silence is the account of key k, the whole run when since is zero.
func (w *Watcher) silence(k int, since time.Time) []Silence {
	from, to := int64(0), w.common
	if !since.IsZero() {
		if from = w.tip.after(since); from == 0 {
			from = to + 1
		}
	}
	var out []Silence
	for _, i := range w.using {
		l := w.ledgers[i]
		l.mu.Lock()
		start := from
		for ; start > 0 && start <= to; start++ {
			if e, ok := l.entries[start]; ok && e.time.After(since) {
				break
			}
		}
		s := l.silence(k, start, to)
		l.mu.Unlock()
		s.Key, s.Witness, s.Host = w.fleet.Keys[k].Name, w.nodes[i].spec.Name, w.nodes[i].spec.Host
		s.NotBefore = w.tip.notYet(s.From)
		out = append(out, s)
	}
	return out
}

// duplicates are addresses that two live endpoints show. Two endpoints of one
// node on one host are one; the same node id on two hosts is a copied machine,
// the worst case of all.
func (w *Watcher) duplicates() []Duplicate {
	by := map[string][]int{}
	for i := range w.nodes {
		n := &w.nodes[i]
		if !n.live(w.round, w.fleet) || n.view.Address == "" {
			continue
		}
		a := n.view.Address
		same := func(j int) bool {
			o := w.nodes[j]
			return o.spec.Host != "" && o.spec.Host == n.spec.Host && o.view.ID != "" && o.view.ID == n.view.ID
		}
		if !slices.ContainsFunc(by[a], same) {
			by[a] = append(by[a], i)
		}
	}
	var out []Duplicate
	for a, list := range by {
		if len(list) < 2 {
			continue
		}
		d := Duplicate{Address: a}
		for _, i := range list {
			d.Nodes = append(d.Nodes, w.nodes[i].spec.Name)
		}
		for _, k := range w.fleet.Keys {
			if normAddress(k.Address) == a {
				d.Key, d.Shared = k.Name, k.RemoteSigner
			}
		}
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Address < out[j].Address })
	return out
}
