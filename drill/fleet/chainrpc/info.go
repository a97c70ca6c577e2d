package chainrpc

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// i64 is how CometBFT writes 64-bit numbers.
func i64(n int64) string { return strconv.FormatInt(n, 10) }

type pubKey struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

const ed25519Type = "tendermint/PubKeyEd25519"

type nodeInfo struct {
	Protocol struct {
		P2P   string `json:"p2p"`
		Block string `json:"block"`
		App   string `json:"app"`
	} `json:"protocol_version"`
	ID      string `json:"id"`
	Listen  string `json:"listen_addr"`
	Network string `json:"network"`
	Version string `json:"version"`
	Chans   string `json:"channels"`
	Moniker string `json:"moniker"`
	Other   struct {
		Index string `json:"tx_index"`
		RPC   string `json:"rpc_address"`
	} `json:"other"`
}

func infoOf(w *world.World, h *world.Host) nodeInfo {
	i := nodeInfo{ID: strings.ToLower(w.Hex("node", h.Name)[:40]), Listen: "tcp://0.0.0.0:26656", Network: w.Chain.ID(),
		Version: "0.38.21", Chans: "40202122233038606100", Moniker: h.PublicName}
	i.Protocol.P2P, i.Protocol.Block, i.Protocol.App = "8", "11", "1"
	i.Other.Index, i.Other.RPC = "on", "tcp://127.0.0.1:26657"
	return i
}

type syncInfo struct {
	LatestHash   string    `json:"latest_block_hash"`
	LatestApp    string    `json:"latest_app_hash"`
	LatestHeight string    `json:"latest_block_height"`
	LatestTime   time.Time `json:"latest_block_time"`
	EarliestHash string    `json:"earliest_block_hash"`
	EarliestApp  string    `json:"earliest_app_hash"`
	EarliestH    string    `json:"earliest_block_height"`
	EarliestTime time.Time `json:"earliest_block_time"`
	CatchingUp   bool      `json:"catching_up"`
}

type status struct {
	Node nodeInfo `json:"node_info"`
	Sync syncInfo `json:"sync_info"`
	Val  struct {
		Address string `json:"address"`
		PubKey  pubKey `json:"pub_key"`
		Power   string `json:"voting_power"`
	} `json:"validator_info"`
}

func (n node) status() status {
	s := status{Node: infoOf(n.w, n.h)}
	last, _ := n.w.Block(n.tip())
	first, _ := n.w.Block(n.w.Earliest())
	s.Sync = syncInfo{
		LatestHash: last.Hash, LatestApp: n.w.AppHash(last.Height - 1), LatestHeight: i64(last.Height), LatestTime: last.Time,
		EarliestHash: first.Hash, EarliestApp: n.w.AppHash(first.Height - 1), EarliestH: i64(first.Height), EarliestTime: first.Time,
		// A node without a peer never believes that it has caught up.
		CatchingUp: n.h.CatchingUp() || len(n.w.Peers(n.h)) == 0,
	}
	if p := n.h.Proc; p != nil {
		s.Val.Address, s.Val.PubKey = p.Address, pubKey{ed25519Type, p.PubKey}
		s.Val.Power = "0"
		set := n.w.SetAt(last.Height)
		if i := set.Index(p.Address); i >= 0 {
			s.Val.Power = i64(set.Vals[i].Power)
		}
	}
	return s
}

type peer struct {
	Node     nodeInfo `json:"node_info"`
	Outbound bool     `json:"is_outbound"`
	Conn     struct {
		Duration string `json:"Duration"`
	} `json:"connection_status"`
	IP string `json:"remote_ip"`
}

type netInfo struct {
	Listening bool     `json:"listening"`
	Listeners []string `json:"listeners"`
	N         string   `json:"n_peers"`
	Peers     []peer   `json:"peers"`
}

func (n node) netInfo() netInfo {
	out := netInfo{Listening: true, Listeners: []string{"Listener(@)"}, Peers: []peer{}}
	for i, h := range n.w.Peers(n.h) {
		p := peer{Node: infoOf(n.w, h), Outbound: i%2 == 0, IP: fmt.Sprintf("10.0.0.%d", 10+i)}
		if h.Proc != nil && n.h.Proc != nil {
			since := h.Proc.Started
			if n.h.Proc.Started.After(since) {
				since = n.h.Proc.Started
			}
			p.Conn.Duration = i64(int64(n.w.Now.Sub(since)))
		}
		out.Peers = append(out.Peers, p)
	}
	out.N = strconv.Itoa(len(out.Peers))
	return out
}

type voteSet struct {
	Round         int32    `json:"round"`
	Prevotes      []string `json:"prevotes"`
	PrevoteBits   string   `json:"prevotes_bit_array"`
	Precommits    []string `json:"precommits"`
	PrecommitBits string   `json:"precommits_bit_array"`
}

type roundState struct {
	HRS      string    `json:"height/round/step"`
	Start    time.Time `json:"start_time"`
	Proposal string    `json:"proposal_block_hash"`
	Locked   string    `json:"locked_block_hash"`
	Valid    string    `json:"valid_block_hash"`
	Votes    []voteSet `json:"height_vote_set"`
	Proposer struct {
		Address string `json:"address"`
		Index   int32  `json:"index"`
	} `json:"proposer"`
}

type consensusState struct {
	Round roundState `json:"round_state"`
}

func (n node) consensusState() consensusState {
	h := n.tip() + 1
	set := n.w.SetAt(h)
	step := 1 // between two blocks a node mostly waits for the next
	var voted []string
	st := n.w.Chain.Stall
	if st != nil && st.Height == h {
		step, voted = 4, st.Prevotes
	}
	votes := voteSet{Prevotes: make([]string, len(set.Vals)), Precommits: make([]string, len(set.Vals))}
	bits := []byte(strings.Repeat("_", len(set.Vals)))
	var power int64
	for i := range set.Vals {
		votes.Prevotes[i], votes.Precommits[i] = "nil-Vote", "nil-Vote"
	}
	for _, a := range voted {
		i := set.Index(a)
		if i < 0 {
			continue
		}
		bits[i] = 'x'
		power += set.Vals[i].Power
		votes.Prevotes[i] = fmt.Sprintf("Vote{%d:%s %d/00/SIGNED_MSG_TYPE_PREVOTE(Prevote) %s %s 000000000000 @ %s}",
			i, a[:12], h, n.w.Hex("proposal", i64(h))[:12], n.w.Hex("vote", a, i64(h))[:12], st.Since.UTC().Format(time.RFC3339Nano))
	}
	total := set.Power()
	votes.PrevoteBits = bitArray(string(bits), power, total)
	votes.PrecommitBits = bitArray(strings.Repeat("_", len(set.Vals)), 0, total)
	last, _ := n.w.Block(n.tip())
	out := consensusState{roundState{HRS: fmt.Sprintf("%d/0/%d", h, step), Start: last.At.Add(5 * time.Second), Votes: []voteSet{votes}}}
	if len(set.Vals) > 0 {
		i := int(h % int64(len(set.Vals)))
		out.Round.Proposer.Address, out.Round.Proposer.Index = set.Vals[i].Address, int32(i)
	}
	return out
}

func bitArray(bits string, power, total int64) string {
	share := 0.0
	if total > 0 {
		share = math.Round(100*float64(power)/float64(total)) / 100
	}
	return fmt.Sprintf("BA{%d:%s} %d/%d = %.2f", len(bits), bits, power, total, share)
}

type abciInfo struct {
	Response struct {
		Data       string `json:"data"`
		Version    string `json:"version"`
		AppVersion string `json:"app_version"`
		Height     string `json:"last_block_height"`
		AppHash    string `json:"last_block_app_hash"`
	} `json:"response"`
}

func (n node) abciInfo() abciInfo {
	var a abciInfo
	a.Response.Data, a.Response.Version, a.Response.AppVersion = "virtengine", "1.0.0", "1"
	a.Response.Height, a.Response.AppHash = i64(n.tip()), n.appHashOf(n.tip())
	return a
}

// appHashOf is this node's own result of block h, in base64.
func (n node) appHashOf(h int64) string {
	text := n.w.AppHash(h)
	if p := n.h.Proc; p != nil && p.Diverged > 0 && h >= p.Diverged {
		text = n.w.Hex("wrong", n.h.Name, i64(h))
	}
	b, _ := hex.DecodeString(text) // Hex gives hex
	return base64.StdEncoding.EncodeToString(b)
}

type genesisVal struct {
	Address string `json:"address"`
	PubKey  pubKey `json:"pub_key"`
	Power   string `json:"power"`
	Name    string `json:"name"`
}

type genesis struct {
	Genesis struct {
		Time    time.Time    `json:"genesis_time"`
		ChainID string       `json:"chain_id"`
		Initial string       `json:"initial_height"`
		Vals    []genesisVal `json:"validators"`
		AppHash string       `json:"app_hash"`
	} `json:"genesis"`
}

func (n node) genesis() genesis {
	var g genesis
	g.Genesis.Time = time.Date(2025, 11, 1, 12, 0, 0, 0, time.UTC)
	g.Genesis.ChainID, g.Genesis.Initial = n.w.Chain.ID(), "1"
	for _, v := range n.w.Chain.Sets[0].Vals {
		g.Genesis.Vals = append(g.Genesis.Vals, genesisVal{v.Address, pubKey{ed25519Type, v.PubKey}, i64(v.Power), v.Moniker})
	}
	return g
}
