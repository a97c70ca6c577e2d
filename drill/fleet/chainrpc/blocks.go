package chainrpc

import (
	"strconv"
	"time"

	"github.com/virtengine/relight/drill/world"
)

type blockID struct {
	Hash  string `json:"hash"`
	Parts struct {
		Total int    `json:"total"`
		Hash  string `json:"hash"`
	} `json:"parts"`
}

type header struct {
	Version struct {
		Block string `json:"block"`
		App   string `json:"app"`
	} `json:"version"`
	ChainID     string    `json:"chain_id"`
	Height      string    `json:"height"`
	Time        time.Time `json:"time"`
	LastBlock   blockID   `json:"last_block_id"`
	LastCommit  string    `json:"last_commit_hash"`
	Data        string    `json:"data_hash"`
	Validators  string    `json:"validators_hash"`
	NextVals    string    `json:"next_validators_hash"`
	Consensus   string    `json:"consensus_hash"`
	App         string    `json:"app_hash"`
	LastResults string    `json:"last_results_hash"`
	Evidence    string    `json:"evidence_hash"`
	Proposer    string    `json:"proposer_address"`
}

const (
	emptyHash = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
)

func (n node) blockID(h int64) blockID {
	var id blockID
	b, ok := n.w.Block(h)
	if !ok {
		b.Hash = n.w.Hex("older", i64(h))
	}
	id.Hash = b.Hash
	id.Parts.Total, id.Parts.Hash = 1, n.w.Hex("parts", i64(h))
	return id
}

func (n node) header(h int64) header {
	b, _ := n.w.Block(h)
	out := header{ChainID: n.w.Chain.ID(), Height: i64(h), Time: b.Time, LastBlock: n.blockID(h - 1),
		LastCommit: n.w.Hex("commit", i64(h)), Data: emptyHash,
		Validators: n.w.Hex("vals", i64(n.w.SetAt(h).From)), NextVals: n.w.Hex("vals", i64(n.w.SetAt(h+1).From)),
		Consensus: n.w.Hex("params"), App: n.w.AppHash(h - 1), LastResults: emptyHash, Evidence: emptyHash, Proposer: b.Proposer}
	out.Version.Block, out.Version.App = "11", "1"
	if len(b.Evidence) > 0 {
		out.Evidence = n.w.Hex("evidence", i64(h))
	}
	return out
}

type commitSig struct {
	Flag      int       `json:"block_id_flag"`
	Address   string    `json:"validator_address"`
	Time      time.Time `json:"timestamp"`
	Signature *string   `json:"signature"`
}

type commit struct {
	Height string      `json:"height"`
	Round  int32       `json:"round"`
	ID     blockID     `json:"block_id"`
	Sigs   []commitSig `json:"signatures"`
}

// commitFor are the precommits for h. seen is what a node collected itself at
// the tip: it may miss a late vote.
func (n node) commitFor(h int64, seen bool) commit {
	b, ok := n.w.Block(h)
	set := n.w.SetAt(h)
	if !ok {
		b = world.Block{Height: h}
		for range set.Vals {
			b.Flags += "2"
		}
	}
	late := -1
	if seen {
		late = n.lateVote(b)
	}
	c := commit{Height: i64(h), Round: b.Round, ID: n.blockID(h), Sigs: make([]commitSig, 0, len(set.Vals))}
	for i, v := range set.Vals {
		if b.Flags[i] != '2' || i == late {
			c.Sigs = append(c.Sigs, commitSig{Flag: 1})
			continue
		}
		sig := n.w.Signature(v.Address, h)
		c.Sigs = append(c.Sigs, commitSig{2, v.Address, b.At, &sig})
	}
	return c
}

// lateVote is the index of a vote that this node has not seen yet, or -1. It
// happens at one height in four, and only where the rest still is a quorum.
func (n node) lateVote(b world.Block) int {
	if n.w.Roll(4, "late", n.h.Name, i64(b.Height)) != 0 {
		return -1
	}
	set := n.w.SetAt(b.Height)
	i := int(n.w.Roll(uint64(len(set.Vals)), "late-who", n.h.Name, i64(b.Height)))
	left := int64(0)
	for j, v := range set.Vals {
		if j != i && b.Flags[j] == '2' {
			left += v.Power
		}
	}
	if 3*left <= 2*set.Power() {
		return -1
	}
	return i
}

type commitResult struct {
	Signed struct {
		Header header `json:"header"`
		Commit commit `json:"commit"`
	} `json:"signed_header"`
	Canonical bool `json:"canonical"`
}

func (n node) commit(h int64) commitResult {
	var r commitResult
	r.Canonical = h < n.tip()
	r.Signed.Header, r.Signed.Commit = n.header(h), n.commitFor(h, !r.Canonical)
	return r
}

type vote struct {
	Type      int       `json:"type"`
	Height    string    `json:"height"`
	Round     int32     `json:"round"`
	ID        blockID   `json:"block_id"`
	Time      time.Time `json:"timestamp"`
	Address   string    `json:"validator_address"`
	Index     int       `json:"validator_index"`
	Signature string    `json:"signature"`
	Ext       *string   `json:"extension"`
	ExtSig    *string   `json:"extension_signature"`
}

type evidence struct {
	Type  string `json:"type"`
	Value struct {
		A     vote      `json:"vote_a"`
		B     vote      `json:"vote_b"`
		Total string    `json:"TotalVotingPower"`
		Power string    `json:"ValidatorPower"`
		Time  time.Time `json:"Timestamp"`
	} `json:"value"`
}

func (n node) evidence(e world.Evidence) evidence {
	out := evidence{Type: "tendermint/DuplicateVoteEvidence"}
	v := vote{Type: 2, Height: i64(e.Height), ID: n.blockID(e.Height), Time: e.Time, Address: e.Address, Index: e.Index,
		Signature: n.w.Signature(e.Address, e.Height)}
	out.Value.A = v
	v.ID.Hash, v.Signature = n.w.Hex("other", i64(e.Height)), n.w.Signature(e.Address+"b", e.Height)
	out.Value.B = v
	out.Value.Total, out.Value.Power, out.Value.Time = i64(e.Total), i64(e.Power), e.Time
	return out
}

type blockResult struct {
	ID    blockID `json:"block_id"`
	Block struct {
		Header header `json:"header"`
		Data   struct {
			Txs []string `json:"txs"`
		} `json:"data"`
		Evidence struct {
			List []evidence `json:"evidence"`
		} `json:"evidence"`
		LastCommit commit `json:"last_commit"`
	} `json:"block"`
}

func (n node) block(h int64) blockResult {
	b, _ := n.w.Block(h)
	var r blockResult
	r.ID = n.blockID(h)
	r.Block.Header, r.Block.LastCommit = n.header(h), n.commitFor(h-1, false)
	r.Block.Data.Txs, r.Block.Evidence.List = []string{}, []evidence{}
	for _, e := range b.Evidence {
		r.Block.Evidence.List = append(r.Block.Evidence.List, n.evidence(e))
	}
	return r
}

type blockResults struct {
	Height  string     `json:"height"`
	Txs     []struct{} `json:"txs_results"`
	Events  []struct{} `json:"finalize_block_events"`
	Updates []struct{} `json:"validator_updates"`
	Params  *struct{}  `json:"consensus_param_updates"`
	AppHash string     `json:"app_hash"`
}

func (n node) blockResults(h int64) blockResults {
	return blockResults{Height: i64(h), Events: []struct{}{}, Updates: []struct{}{}, AppHash: n.appHashOf(h)}
}

type blockMeta struct {
	ID     blockID `json:"block_id"`
	Size   string  `json:"block_size"`
	Header header  `json:"header"`
	Txs    string  `json:"num_txs"`
}

type blockchain struct {
	Last  string      `json:"last_height"`
	Metas []blockMeta `json:"block_metas"`
}

// blockchain gives at most 20 headers, the newest first.
func (n node) blockchain(p params) (*blockchain, *rpcError) {
	lo, hi := int64(0), n.tip()
	for name, to := range map[string]*int64{"minHeight": &lo, "maxHeight": &hi} {
		if s := p[name]; s != "" && s != "0" {
			v, err := strconv.ParseInt(s, 10, 64)
			if err != nil || v < 0 {
				return nil, internal("heights must be non-negative")
			}
			*to = v
		}
	}
	hi = min(hi, n.tip())
	lo = max(lo, n.w.Earliest(), hi-19)
	if lo > hi {
		return nil, internal("min height %d can't be greater than max height %d", lo, hi)
	}
	out := &blockchain{Last: i64(n.tip())}
	for h := hi; h >= lo; h-- {
		out.Metas = append(out.Metas, blockMeta{n.blockID(h), "1042", n.header(h), "0"})
	}
	return out, nil
}

type valInfo struct {
	Address  string `json:"address"`
	PubKey   pubKey `json:"pub_key"`
	Power    string `json:"voting_power"`
	Priority string `json:"proposer_priority"`
}

type validators struct {
	Height string    `json:"block_height"`
	Vals   []valInfo `json:"validators"`
	Count  string    `json:"count"`
	Total  string    `json:"total"`
}

// validators gives one page: 30 by default, 100 at most. Dead validators stay
// in it, as in a real set.
func (n node) validators(h int64, p params) (*validators, *rpcError) {
	all := n.w.SetAt(h).Vals
	per := 30
	if v, err := strconv.Atoi(p["per_page"]); err == nil && v > 0 {
		per = min(v, 100)
	}
	pages := max(1, (len(all)+per-1)/per)
	page := 1
	if s := p["page"]; s != "" {
		v, err := strconv.Atoi(s)
		if err != nil || v < 1 || v > pages {
			return nil, internal("page should be within [1, %d] range, given %s", pages, s)
		}
		page = v
	}
	lo := (page - 1) * per
	part := all[lo:min(lo+per, len(all))]
	out := &validators{Height: i64(h), Vals: []valInfo{}, Count: strconv.Itoa(len(part)), Total: strconv.Itoa(len(all))}
	for i, v := range part {
		out.Vals = append(out.Vals, valInfo{v.Address, pubKey{ed25519Type, v.PubKey}, i64(v.Power),
			i64(int64(n.w.Roll(2000, "priority", v.Address, i64(h))) - 1000 + int64(i))})
	}
	return out, nil
}
