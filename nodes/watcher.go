package nodes

import (
	"context"
	"sync"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// How often what is asked, in rounds.
const (
	silentEvery = 4 // nodes that gave no answer in time
	slowEvery   = 5 // peers, REST, endpoints, applications of stuck nodes
	silentAfter = 2 // timeouts in a row after which a node is silent
)

// Watcher looks at a fleet. Look and LookHosts may be called from different
// goroutines; two Looks run one after the other.
type Watcher struct {
	fleet Fleet
	opts  Options
	exec  HostExec
	web   *web
	// dialer goes to what speaks no HTTP.
	dialer Dialer

	hostIndex map[string]int

	look sync.Mutex // one Look at a time
	mu   sync.Mutex // everything below

	round     int64
	asking    bool // somebody wants the votes of the running round
	since     time.Time
	nodes     []nodeState
	hosts     []HostFacts
	rest      []restState // by key
	plan      Plan
	names     map[string]string // of validators, as the application has them
	namesDue  int64
	endpoints []Endpoint
	dbs       []dbState
	ledgers   map[int]*ledger // by node
	lead      int             // node whose ledger speaks for the chain, -1
	using     []int           // whose ledgers kept up in the last look
	common    int64           // newest canonical height all of them have
	tip       tipState
	votes     *Votes
	tally     tally             // what the votes of this look were counted from
	set       []comet.Validator // the last known validator set
	evidence  evidenceState
	forks     forkState
	named     map[int64][]int // who named a block of that height, for this look
}

// nodeState is what is kept of a node between looks.
type nodeState struct {
	spec   NodeSpec
	rpc    comet.Getter
	rest   comet.Getter // nil: none
	bad    string       // why it cannot be asked at all
	view   Node
	misses int // timeouts in a row
	round  int64
	recent []blockRef // its last different blocks, oldest first
	app    comet.App  // of a stuck node
	appAt  int64      // round
}

// blockRef is a block as a node names it.
type blockRef struct {
	height    int64
	hash, app string
}

// tipState follows the highest block.
type tipState struct {
	height int64
	since  time.Time // when it was first seen; zero before the first change
	first  time.Time // of the first look with an answer
	moved  bool      // a change was seen
	block  time.Time // its block time
	live   int       // endpoints that answered in this round
	// marks say when the tip was last seen at a height, oldest first: what is
	// above was not yet a block then.
	marks []tipMark
}

type tipMark struct {
	height int64
	at     time.Time
}

// New is a Watcher that has seen nothing. It opens no connection. A node whose
// address cannot be read appears in every snapshot as down, with the reason.
// exec may be nil: then hosts stay unknown.
func New(fleet Fleet, dialer Dialer, exec HostExec, opts Options) *Watcher {
	w := &Watcher{
		fleet: fleet, opts: opts.withDefaults(), exec: exec, lead: -1, dialer: dialer, dbs: newDatabases(fleet.Databases),
		hostIndex: map[string]int{}, ledgers: map[int]*ledger{},
	}
	tunnels := map[string]via{}
	w.web = newWeb(dialer, tunnels, w.opts.Timeout)
	w.nodes = make([]nodeState, len(fleet.Nodes))
	for i, spec := range fleet.Nodes {
		n := nodeState{spec: spec, view: Node{Name: spec.Name, Host: spec.Host, Witness: spec.Witness, State: NeverAsked}}
		if t, err := w.web.parseTarget(spec.RPC, spec.Host, 2*i, tunnels); err != nil {
			n.bad = "rpc: " + shortErr(err)
		} else {
			n.rpc = t
		}
		if spec.REST != "" {
			if t, err := w.web.parseTarget(spec.REST, spec.Host, 2*i+1, tunnels); err == nil {
				n.rest = t
			}
		}
		w.nodes[i] = n
	}
	w.hosts = make([]HostFacts, len(fleet.Hosts))
	for i, h := range fleet.Hosts {
		w.hosts[i] = HostFacts{Name: h.Name, DiskUsed: -1}
		w.hostIndex[h.Name] = i
	}
	w.rest = make([]restState, len(fleet.Keys))
	w.endpoints = make([]Endpoint, len(fleet.Endpoints))
	for i, e := range fleet.Endpoints {
		w.endpoints[i] = Endpoint{Name: e.Name, Why: "not asked yet"}
	}
	return w
}

// Close closes idle connections. A Watcher can be used again after it.
func (w *Watcher) Close() {
	w.look.Lock()
	defer w.look.Unlock()
	w.web.client.CloseIdleConnections()
	for i := range w.dbs {
		w.dbs[i].hangUp()
	}
}

// WatchVotes asks for the votes of the running round in every look, not only
// while the chain stands: a fence wants to see that a key does not vote.
func (w *Watcher) WatchVotes(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asking = on
}

// Look asks every endpoint once, all at the same time, and returns what is
// seen at now. It returns after at most about twice Options.Timeout. When ctx
// ends early, what was not answered keeps what was known before, with its age.
func (w *Watcher) Look(ctx context.Context, now time.Time) Snapshot {
	w.look.Lock()
	defer w.look.Unlock()
	now = now.UTC()
	w.mu.Lock()
	w.round++
	w.mu.Unlock()

	w.askStatus(ctx, now)
	w.askRest(ctx, now)

	w.mu.Lock()
	defer w.mu.Unlock()
	return w.compose(now)
}

// due says whether something slow is looked at in this round; i spreads the
// many over the rounds.
func due(round int64, i int) bool { return round == 1 || (round+int64(i))%slowEvery == 0 }

// askStatus is the first half of a look: /status of every node that is due.
func (w *Watcher) askStatus(ctx context.Context, now time.Time) {
	type answer struct {
		asked bool
		st    comet.Status
		err   error
	}
	answers := make([]answer, len(w.nodes))
	var wg sync.WaitGroup
	for i := range w.nodes {
		n := &w.nodes[i]
		silent := n.misses >= silentAfter
		if n.rpc == nil || (silent && w.round-n.round < silentEvery) {
			continue
		}
		wg.Go(func() {
			st, err := comet.GetStatus(ctx, n.rpc)
			answers[i] = answer{asked: true, st: st, err: err}
		})
	}
	wg.Wait()

	w.mu.Lock()
	defer w.mu.Unlock()
	gaveUp := ctx.Err() != nil
	for i, a := range answers {
		n := &w.nodes[i]
		switch {
		case n.rpc == nil:
			n.view.State, n.view.Fail, n.view.Err = Down, FailReach, n.bad
		case !a.asked, gaveUp && a.err != nil:
			// Not asked, or the caller gave up: that says nothing about it.
		default:
			n.round = w.round
			n.take(now, a.st, a.err)
		}
	}
	w.tip.follow(now, w.nodes, w.round, w.fleet)
}

// take keeps one answer to /status.
func (n *nodeState) take(now time.Time, st comet.Status, err error) {
	v := &n.view
	v.AskedAt = now
	v.Fail, v.Err = classify(err)
	if err != nil {
		v.State = Down
		if v.Fail == FailTimeout {
			n.misses++
		} else {
			n.misses = 0
		}
		return
	}
	n.misses = 0
	if v.HeightSince.IsZero() || st.Height != v.Height {
		v.HeightSince = now
	}
	v.State, v.SeenAt = Up, now
	v.ID, v.Network, v.Moniker, v.Version = st.ID, st.Network, st.Moniker, st.Version
	v.Height, v.BlockTime, v.BlockHash, v.AppHash = st.Height, st.BlockTime, st.BlockHash, st.AppHash
	v.CatchingUp, v.Address, v.Power = TriOf(st.CatchingUp), st.Address, st.Power
	ref := blockRef{height: st.Height, hash: st.BlockHash, app: st.AppHash}
	if k := len(n.recent); st.Height > 0 && (k == 0 || n.recent[k-1] != ref) {
		n.recent = append(n.recent, ref)
		if len(n.recent) > 6 {
			n.recent = n.recent[1:]
		}
	}
}

// live says that the node answered in this round and is on the right network.
func (n *nodeState) live(round int64, f Fleet) bool {
	return n.view.State == Up && n.round == round && rightNet(f, n.view) != False
}

func rightNet(f Fleet, n Node) Tri {
	if f.ChainID == "" || n.Network == "" {
		return Unknown
	}
	return TriOf(n.Network == f.ChainID)
}

// maxMarks bounds how far back it is known when the tip was where.
const maxMarks = 2048

// follow moves the tip. The highest block never goes down: an endpoint that
// died does not take its blocks along.
func (t *tipState) follow(now time.Time, nodes []nodeState, round int64, f Fleet) {
	t.live = 0
	top := int64(-1)
	var block time.Time
	for i := range nodes {
		n := &nodes[i]
		if !n.live(round, f) {
			continue
		}
		t.live++
		if n.view.Height > top || (n.view.Height == top && block.IsZero()) {
			top, block = n.view.Height, n.view.BlockTime
		}
	}
	if t.live == 0 {
		return
	}
	switch {
	case t.first.IsZero():
		t.first, t.height, t.since, t.block = now, top, now, block
	case top > t.height:
		t.height, t.since, t.block, t.moved = top, now, block, true
	}
	if top < t.height {
		return // only who lags answered: the tip may be anywhere above
	}
	if k := len(t.marks); k > 0 && t.marks[k-1].height == t.height {
		t.marks[k-1].at = now
		return
	}
	t.marks = append(t.marks, tipMark{height: t.height, at: now})
	if len(t.marks) > maxMarks {
		t.marks = append([]tipMark(nil), t.marks[len(t.marks)-maxMarks/2:]...)
	}
}

// notYet is the latest time at which height h was known to be no block yet;
// zero if that is not known.
func (t *tipState) notYet(h int64) time.Time {
	var at time.Time
	for _, m := range t.marks {
		if m.height >= h {
			break
		}
		at = m.at
	}
	return at
}

// after is the first height that was certainly no block yet at time since; 0
// if that is not known.
func (t *tipState) after(since time.Time) int64 {
	for _, m := range t.marks {
		if !m.at.Before(since) {
			return m.height + 1
		}
	}
	return 0
}
