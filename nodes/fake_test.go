package nodes

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// epoch is when the fake chains begin, by the domain clock.
var epoch = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)

const interval = 6 * time.Second

// chainTime is when block h of a fake chain was made.
func chainTime(h int64) time.Time { return epoch.Add(time.Duration(h) * interval) }

// fakeChain is what fake nodes serve: a chain with a set of validators. Its
// answers have the shapes of the recordings.
type fakeChain struct {
	mu       sync.Mutex
	id       string
	powers   []int64
	flags    map[int64][]comet.Flag // who did what; missing: all signed
	evidence map[int64][]int        // validators
	apps     map[int64]string
	times    map[int64]time.Time
	removed  map[int64][]int // validators not in the set from that height on
}

func newFakeChain(powers ...int64) *fakeChain {
	return &fakeChain{id: "virtengine-1", powers: powers, flags: map[int64][]comet.Flag{}, evidence: map[int64][]int{},
		apps: map[int64]string{}, times: map[int64]time.Time{}, removed: map[int64][]int{}}
}

// address is the address of validator i.
func address(i int) string { return fmt.Sprintf("%02X%038X", 0xA0+i, i) }

func hash(s string, h int64) string { return fmt.Sprintf("%X", fmt.Sprintf("%-24.24s%08d", s, h)) }

func (c *fakeChain) miss(lo, hi int64, f comet.Flag, who ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for h := lo; h <= hi; h++ {
		if c.flags[h] == nil {
			for range c.powers {
				c.flags[h] = append(c.flags[h], comet.FlagCommit)
			}
		}
		for _, i := range who {
			c.flags[h][i] = f
		}
	}
}

// fakeNode is one endpoint of a fake chain.
type fakeNode struct {
	chain *fakeChain

	mu       sync.Mutex
	height   int64
	addr     string
	id       string
	network  string
	branch   string // another name gives other hashes
	catching bool
	peers    int
	appHash  string // "": the chain's
	votes    string // height_vote_set
	hrs      string
	body     string // instead of every answer
	jail     string // answer of REST
	prune    int64  // commits below are gone
	hang     bool
	noBlocks bool // of /block nothing is told
	// headBranch gives the headers of /blockchain other hashes than the commits.
	headBranch string
	asked      map[string]int
	server     *httptest.Server
	unhang     chan struct{}
}

func newFakeNode(t testing.TB, c *fakeChain, height int64, addr string) *fakeNode {
	t.Helper()
	n := &fakeNode{chain: c, height: height, addr: addr, id: "id-" + addr, network: c.id, branch: "main", peers: 4,
		asked: map[string]int{}, unhang: make(chan struct{})}
	n.server = httptest.NewServer(n)
	t.Cleanup(func() { close(n.unhang); n.server.Close() })
	return n
}

func (n *fakeNode) set(f func(*fakeNode)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(n)
}

func (n *fakeNode) count(path string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[path]
}

func (n *fakeNode) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	n.asked[r.URL.Path]++
	hang := n.hang
	n.mu.Unlock()
	if hang {
		select {
		case <-r.Context().Done():
		case <-n.unhang:
		}
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.body != "" {
		_, _ = rw.Write([]byte(n.body))
		return
	}
	if strings.HasPrefix(r.URL.Path, "/cosmos/") {
		_, _ = rw.Write([]byte(n.jail))
		return
	}
	h, _ := strconv.ParseInt(r.URL.Query().Get("height"), 10, 64)
	var result any
	switch r.URL.Path {
	case "/status":
		result = n.status()
	case "/net_info":
		result = map[string]any{"n_peers": strconv.Itoa(n.peers)}
	case "/commit":
		result = n.commit(h)
	case "/validators":
		result = n.chain.validators(h)
	case "/blockchain":
		lo, _ := strconv.ParseInt(r.URL.Query().Get("minHeight"), 10, 64)
		hi, _ := strconv.ParseInt(r.URL.Query().Get("maxHeight"), 10, 64)
		result = n.headers(lo, hi)
	case "/block":
		if !n.noBlocks {
			result = n.block(h)
		}
	case "/abci_info":
		app := n.appHash
		if app == "" {
			app = n.chain.app(n.height)
		}
		raw, _ := hex.DecodeString(app)
		result = map[string]any{"response": map[string]any{
			"last_block_height": strconv.FormatInt(n.height, 10), "last_block_app_hash": base64.StdEncoding.EncodeToString(raw)}}
	case "/consensus_state":
		result = map[string]any{"round_state": map[string]any{"height/round/step": n.hrs, "height_vote_set": json.RawMessage(n.votes)}}
	}
	if result == nil {
		rw.WriteHeader(http.StatusInternalServerError)
		_, _ = rw.Write([]byte(`{"jsonrpc":"2.0","id":-1,"error":{"code":-32603,"message":"Internal error","data":"no such height"}}`))
		return
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{"jsonrpc": "2.0", "id": -1, "result": result})
}

func (n *fakeNode) status() any {
	return map[string]any{
		"node_info": map[string]any{"id": n.id, "network": n.network, "version": "0.38.26", "moniker": "m"},
		"sync_info": map[string]any{
			"latest_block_hash": hash(n.branch, n.height), "latest_app_hash": n.chain.app(n.height - 1),
			"latest_block_height": strconv.FormatInt(n.height, 10), "latest_block_time": n.chain.time(n.height).Format(time.RFC3339Nano),
			"catching_up": n.catching},
		"validator_info": map[string]any{"address": n.addr, "voting_power": "10"},
	}
}

func (c *fakeChain) time(h int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.times[h]; ok {
		return t
	}
	return chainTime(h)
}

// app is the result of block h.
func (c *fakeChain) app(h int64) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.apps[h]; a != "" {
		return a
	}
	return "AA00"
}

func (c *fakeChain) members(h int64) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []int
	for i := range c.powers {
		gone := false
		for from, list := range c.removed {
			for _, j := range list {
				gone = gone || (i == j && h >= from)
			}
		}
		if !gone {
			out = append(out, i)
		}
	}
	return out
}

func (n *fakeNode) commit(h int64) any {
	if h < 1 || h > n.height || h < n.prune {
		return nil
	}
	c := n.chain
	var sigs []any
	members := c.members(h)
	c.mu.Lock()
	flags, bad := c.flags[h], c.evidence[h]
	c.mu.Unlock()
	for _, i := range members {
		f, a := comet.FlagCommit, address(i)
		if flags != nil {
			f = flags[i]
		}
		if f == comet.FlagAbsent {
			a = ""
		}
		sigs = append(sigs, map[string]any{"block_id_flag": f, "validator_address": a})
	}
	ev := comet.NoEvidence
	if len(bad) > 0 {
		ev = strings.Repeat("9", 64)
	}
	hs := strconv.FormatInt(h, 10)
	return map[string]any{"canonical": h < n.height, "signed_header": map[string]any{
		"header": map[string]any{"chain_id": c.id, "height": hs, "time": c.time(h).Format(time.RFC3339Nano),
			"last_block_id": map[string]any{"hash": hash(n.branch, h-1)}, "app_hash": c.app(h - 1), "validators_hash": fmt.Sprintf("%064d", len(members)), "evidence_hash": ev},
		"commit": map[string]any{"height": hs, "round": 0, "block_id": map[string]any{"hash": hash(n.branch, h)}, "signatures": sigs}}}
}

// headers is /blockchain: at most 20, the newest first; nil when all are gone.
func (n *fakeNode) headers(lo, hi int64) any {
	metas := []any{}
	hi = min(hi, n.height)
	for h := hi; h >= max(lo, n.prune, hi-19, 1); h-- {
		n.chain.mu.Lock()
		bad := n.chain.evidence[h]
		n.chain.mu.Unlock()
		ev := comet.NoEvidence
		if len(bad) > 0 {
			ev = strings.Repeat("9", 64)
		}
		branch := n.branch
		if n.headBranch != "" {
			branch = n.headBranch
		}
		metas = append(metas, map[string]any{"block_id": map[string]any{"hash": hash(branch, h)},
			"header": map[string]any{"chain_id": n.chain.id, "height": strconv.FormatInt(h, 10), "time": n.chain.time(h).Format(time.RFC3339Nano),
				"last_block_id": map[string]any{"hash": hash(branch, h-1)}, "evidence_hash": ev}})
	}
	if len(metas) == 0 {
		return nil
	}
	return map[string]any{"last_height": strconv.FormatInt(n.height, 10), "block_metas": metas}
}

func (c *fakeChain) validators(h int64) any {
	var vals []any
	for _, i := range c.members(h) {
		vals = append(vals, map[string]any{"address": address(i), "voting_power": strconv.FormatInt(c.powers[i], 10)})
	}
	n := strconv.Itoa(len(vals))
	return map[string]any{"block_height": strconv.FormatInt(h, 10), "validators": vals, "count": n, "total": n}
}

func (n *fakeNode) block(h int64) any {
	list := []any{}
	n.chain.mu.Lock()
	defer n.chain.mu.Unlock()
	for _, i := range n.chain.evidence[h] {
		vote := map[string]any{"height": strconv.FormatInt(h-1, 10), "validator_address": address(i)}
		list = append(list, map[string]any{"type": "tendermint/DuplicateVoteEvidence", "value": map[string]any{
			"vote_a": vote, "vote_b": vote, "TotalVotingPower": "40"}})
	}
	return map[string]any{"block": map[string]any{"evidence": map[string]any{"evidence": list}}}
}

// plainDialer dials directly, and hosts by a table.
type plainDialer struct {
	net.Dialer
	host func(host, addr string) (string, error)
}

func (d *plainDialer) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return d.DialContext(ctx, network, addr)
}

func (d *plainDialer) DialHost(ctx context.Context, host, network, addr string) (net.Conn, error) {
	to, err := d.host(host, addr)
	if err != nil {
		return nil, err
	}
	return d.DialContext(ctx, network, to)
}

// lab is a chain, its nodes, a watcher and the domain time.
type lab struct {
	t     testing.TB
	chain *fakeChain
	nodes []*fakeNode
	w     *Watcher
	now   time.Time
}

// newLab has one node for each power; node i is validator i, named "n<i>" on
// host "h<i>", key "k<i>". The first two are witnesses.
func newLab(t testing.TB, height int64, powers ...int64) *lab {
	t.Helper()
	l := &lab{t: t, chain: newFakeChain(powers...), now: chainTime(height).Add(time.Second)}
	f := Fleet{ChainID: "virtengine-1", BlockTime: interval, ConsPrefix: "virtenginevalcons"}
	for i := range powers {
		n := newFakeNode(t, l.chain, height, address(i))
		l.nodes = append(l.nodes, n)
		host := fmt.Sprintf("h%d", i)
		f.Nodes = append(f.Nodes, NodeSpec{Name: fmt.Sprintf("n%d", i), Host: host, RPC: n.server.URL, Witness: i < 2})
		f.Keys = append(f.Keys, KeySpec{Name: fmt.Sprintf("k%d", i), PublicName: fmt.Sprintf("Validator %d", i), Address: strings.ToLower(address(i)), Hosts: []string{host}})
		f.Hosts = append(f.Hosts, HostSpec{Name: host, Unit: "virtengine", Home: "/srv/" + host + "/home"})
	}
	l.watch(f, nil)
	return l
}

func (l *lab) watch(f Fleet, exec HostExec) {
	l.w = New(f, &plainDialer{host: func(string, string) (string, error) { return "", ErrUnreachable }}, exec, Options{Timeout: 300 * time.Millisecond})
	l.t.Cleanup(l.w.Close)
}

func (l *lab) look() Snapshot {
	l.t.Helper()
	return l.w.Look(context.Background(), l.now)
}

// run makes the chain go on by n blocks, with a look at each.
func (l *lab) run(n int) Snapshot {
	l.t.Helper()
	var s Snapshot
	for range n {
		l.now = l.now.Add(interval)
		for _, v := range l.nodes {
			v.set(func(v *fakeNode) { v.height++ })
		}
		s = l.look()
	}
	return s
}

// wait lets d pass without a block, with a look every two seconds.
func (l *lab) wait(d time.Duration) Snapshot {
	l.t.Helper()
	var s Snapshot
	for end := l.now.Add(d); l.now.Before(end); {
		l.now = l.now.Add(2 * time.Second)
		s = l.look()
	}
	return s
}

func (l *lab) kill(i int) {
	l.nodes[i].server.CloseClientConnections()
	l.nodes[i].server.Listener.Close()
}
