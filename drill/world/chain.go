package world

import (
	"encoding/base64"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	firstHeight = 1_204_000 // the tip at the start, give or take
	keepBlocks  = 3000
	trimBlocks  = 500 // so many go at once: moving all for each block is slow
	pastBlocks  = 200
	missedBase  = 17 // misses of every validator before the drill
)

// Chain is what the nodes agree on.
type Chain struct {
	Sets   []ValSet  `json:"sets"`
	Blocks []Block   `json:"blocks"` // the newest last
	NextAt time.Time `json:"next_at"`
	Round  int32     `json:"round"`
	// Stall is set while the chain stands still.
	Stall    *Stall    `json:"stall,omitempty"`
	Offences []Offence `json:"offences,omitempty"`
	Missed   []int64   `json:"missed"` // by genesis order of the validators
}

// ValSet is the set of validators from a height on, in index order: power
// descending, address ascending.
type ValSet struct {
	From int64       `json:"from"`
	Vals []Validator `json:"vals"`
}

// Power is the total voting power of the set.
func (s ValSet) Power() int64 {
	var p int64
	for _, v := range s.Vals {
		p += v.Power
	}
	return p
}

// Index is the place of an address in the set, or -1.
func (s ValSet) Index(address string) int {
	for i, v := range s.Vals {
		if v.Address == address {
			return i
		}
	}
	return -1
}

// Validator is one member of a set.
type Validator struct {
	Name    string `json:"name"` // the host that held the key at the start
	Moniker string `json:"moniker"`
	Address string `json:"address"`
	PubKey  string `json:"pub_key"` // base64
	Power   int64  `json:"power"`
}

// Block is one committed block.
type Block struct {
	Height   int64     `json:"h"`
	Hash     string    `json:"hash"`
	At       time.Time `json:"at"`   // when it was committed
	Time     time.Time `json:"time"` // its header's time: one interval older
	Proposer string    `json:"by"`   // address
	Round    int32     `json:"r,omitempty"`
	// Flags holds the block id flag of each validator of the set at this
	// height in the commit for it: '2' signed, '1' absent.
	Flags    string     `json:"f"`
	Evidence []Evidence `json:"ev,omitempty"`
}

// Evidence is a committed double sign.
type Evidence struct {
	Address string    `json:"address"`
	Height  int64     `json:"height"` // of the two votes
	Time    time.Time `json:"time"`
	Index   int       `json:"index"`
	Power   int64     `json:"power"`
	Total   int64     `json:"total"`
}

// Offence is a double sign that happened. Its evidence is committed at
// EvidenceAt; from then on the validator is tombstoned.
type Offence struct {
	Address    string   `json:"address"`
	Height     int64    `json:"height"`
	Hosts      []string `json:"hosts"`
	EvidenceAt int64    `json:"evidence_at"`
}

// Stall is a height that finds no +2/3.
type Stall struct {
	Since    time.Time `json:"since"`
	Height   int64     `json:"height"`
	Prevotes []string  `json:"prevotes"` // addresses, sorted
}

func (w *World) buildChain() {
	vals := make([]Validator, 0, 4)
	for i, power := range []int64{320, 300, 300, 280} {
		name := "val-" + strconv.Itoa(i+1)
		k := w.deriveKey(name)
		vals = append(vals, Validator{name, "VirtEngine " + strconv.Itoa(i+1), k.Address, k.PubB64(), power})
		w.Chain.Missed = append(w.Chain.Missed, missedBase+int64(w.Roll(20, "missed", name)))
	}
	sort.SliceStable(vals, func(i, j int) bool {
		if vals[i].Power != vals[j].Power {
			return vals[i].Power > vals[j].Power
		}
		return vals[i].Address < vals[j].Address
	})
	w.Chain.Sets = []ValSet{{From: 1, Vals: vals}}
	tip := firstHeight + int64(w.Roll(500, "tip"))
	first := tip - pastBlocks + 1
	at := w.Start
	ats := make([]time.Time, pastBlocks)
	at = at.Add(-w.between(500*time.Millisecond, 5500*time.Millisecond, "since-tip"))
	for i := pastBlocks - 1; i >= 0; i-- {
		ats[i] = at
		at = at.Add(-w.interval(first + int64(i)))
	}
	for i, t := range ats {
		h := first + int64(i)
		prev := at
		if i > 0 {
			prev = ats[i-1]
		}
		w.appendBlock(Block{Height: h, At: t, Time: prev, Proposer: w.proposer(h, 0).Address, Flags: "2222"})
	}
	w.Chain.NextAt = ats[pastBlocks-1].Add(w.interval(tip + 1))
}

// interval is the time from block h-1 to block h when all goes well.
func (w *World) interval(h int64) time.Duration {
	return BlockTime - 300*time.Millisecond +
		time.Duration(w.Roll(601, "interval", strconv.FormatInt(h, 10)))*time.Millisecond
}

func (w *World) proposer(h int64, round int32) Validator {
	s := w.SetAt(h)
	return s.Vals[int((h+int64(round))%int64(len(s.Vals)))]
}

func (w *World) appendBlock(b Block) {
	prev := ""
	if n := len(w.Chain.Blocks); n > 0 {
		prev = w.Chain.Blocks[n-1].Hash
	}
	b.Hash = w.Hex("block", prev, strconv.FormatInt(b.Height, 10), b.Flags)
	if len(w.Chain.Blocks) >= keepBlocks+trimBlocks {
		w.Chain.Blocks = append(w.Chain.Blocks[:0:0], w.Chain.Blocks[trimBlocks:]...)
	}
	w.Chain.Blocks = append(w.Chain.Blocks, b)
}

// Tip is the newest block.
func (w *World) Tip() Block { return w.Chain.Blocks[len(w.Chain.Blocks)-1] }

// Block is the block at height h, if it is still kept.
func (w *World) Block(h int64) (Block, bool) {
	i := h - w.Chain.Blocks[0].Height
	if i < 0 || i >= int64(len(w.Chain.Blocks)) {
		return Block{}, false
	}
	return w.Chain.Blocks[i], true
}

// Earliest is the lowest height that is kept.
func (w *World) Earliest() int64 { return w.Chain.Blocks[0].Height }

// SetAt is the validator set at height h.
func (w *World) SetAt(h int64) ValSet {
	for i := len(w.Chain.Sets) - 1; i > 0; i-- {
		if w.Chain.Sets[i].From <= h {
			return w.Chain.Sets[i]
		}
	}
	return w.Chain.Sets[0]
}

// AppHash is the right result of block h, in upper-case hex. The header of
// h+1 carries it.
func (w *World) AppHash(h int64) string { return w.Hex("app", strconv.FormatInt(h, 10)) }

// SignedWithin says whether address signed one of the last k blocks.
func (w *World) SignedWithin(address string, k int64) bool {
	for i := len(w.Chain.Blocks) - 1; i >= 0 && int64(len(w.Chain.Blocks)-i) <= k; i-- {
		b := w.Chain.Blocks[i]
		if at := w.SetAt(b.Height).Index(address); at >= 0 && b.Flags[at] == '2' {
			return true
		}
	}
	return false
}

// Tombstoned says whether the evidence against address is committed.
func (w *World) Tombstoned(address string) bool {
	for _, o := range w.Chain.Offences {
		if o.Address == address && o.EvidenceAt <= w.Tip().Height {
			return true
		}
	}
	return false
}

// MissedBlocks is the missed-blocks counter of an address.
func (w *World) MissedBlocks(address string) int64 {
	for i, v := range w.Chain.Sets[0].Vals {
		if v.Address == address {
			return w.Chain.Missed[i]
		}
	}
	return 0
}

// tryBlock decides the next height at w.Now: a block, another round, or none.
func (w *World) tryBlock() {
	c := &w.Chain
	h := w.Tip().Height + 1
	set := w.SetAt(h)
	voters := w.voters(h, set)
	var online int64
	for i, hosts := range voters {
		if len(hosts) > 0 {
			online += set.Vals[i].Power
		}
	}
	// Quorum is strictly more than two thirds, in integers.
	if 3*online <= 2*set.Power() {
		w.stall(h, set, voters)
		return
	}
	by := w.proposer(h, c.Round)
	if len(voters[set.Index(by.Address)]) == 0 {
		// A dead proposer costs a round: about a second, as measured.
		c.Round++
		c.NextAt = w.Now.Add(time.Second)
		return
	}
	w.commit(h, set, voters, by)
}

// voters lists, for each validator of the set, the hosts that can vote with
// its key at h. Two hosts for one key are a double sign.
func (w *World) voters(h int64, set ValSet) [][]*Host {
	out := make([][]*Host, len(set.Vals))
	for _, host := range w.Hosts {
		p := host.Proc
		if p == nil {
			continue
		}
		if i := set.Index(p.Address); i >= 0 && w.canVote(host, h) {
			out[i] = append(out[i], host)
		}
	}
	return out
}

func (w *World) stall(h int64, set ValSet, voters [][]*Host) {
	c := &w.Chain
	if c.Stall == nil {
		c.Stall = &Stall{Since: w.Now, Height: h}
	}
	for i, hosts := range voters {
		for _, host := range hosts {
			w.sign(host, Mark{Height: h, Step: 2})
			c.Stall.addPrevote(set.Vals[i].Address)
		}
	}
	c.Round = 0 // rounds never rise without +2/3 of any prevotes
	c.NextAt = w.Now.Add(time.Second)
}

func (s *Stall) addPrevote(address string) {
	i := sort.SearchStrings(s.Prevotes, address)
	if i < len(s.Prevotes) && s.Prevotes[i] == address {
		return
	}
	s.Prevotes = append(s.Prevotes[:i:i], append([]string{address}, s.Prevotes[i:]...)...)
}

func (w *World) commit(h int64, set ValSet, voters [][]*Host, by Validator) {
	c := &w.Chain
	b := Block{Height: h, At: w.Now, Time: w.Tip().At, Proposer: by.Address, Round: c.Round}
	var flags strings.Builder
	for i, hosts := range voters {
		if len(hosts) == 0 {
			flags.WriteByte('1')
			w.miss(set.Vals[i].Address)
			continue
		}
		flags.WriteByte('2')
		for _, host := range hosts {
			w.sign(host, Mark{Height: h, Round: c.Round, Step: 3})
		}
		if len(hosts) > 1 {
			w.offend(set.Vals[i].Address, h, hosts)
		}
	}
	b.Flags = flags.String()
	b.Evidence = w.punish(h)
	w.appendBlock(b)
	c.Stall, c.Round = nil, 0
	c.NextAt = w.Now.Add(w.interval(h + 1))
}

func (w *World) miss(address string) {
	for i, v := range w.Chain.Sets[0].Vals {
		if v.Address == address {
			w.Chain.Missed[i]++
		}
	}
}

// offend records a double sign; the evidence comes one or two blocks later.
func (w *World) offend(address string, h int64, hosts []*Host) {
	for _, o := range w.Chain.Offences {
		if o.Address == address {
			return
		}
	}
	o := Offence{Address: address, Height: h,
		EvidenceAt: h + 1 + int64(w.Roll(2, "evidence", address, strconv.FormatInt(h, 10)))}
	for _, host := range hosts {
		o.Hosts = append(o.Hosts, host.Name)
	}
	w.Chain.Offences = append(w.Chain.Offences, o)
}

// punish is the evidence that block h commits. The validator is tombstoned by
// it and leaves the set at h+2.
func (w *World) punish(h int64) []Evidence {
	var out []Evidence
	for _, o := range w.Chain.Offences {
		if o.EvidenceAt != h {
			continue
		}
		set := w.SetAt(o.Height)
		i := set.Index(o.Address)
		b, _ := w.Block(o.Height)
		out = append(out, Evidence{Address: o.Address, Height: o.Height, Time: b.Time, Index: i,
			Power: set.Vals[i].Power, Total: set.Power()})
		left := ValSet{From: h + 2}
		for _, v := range w.Chain.Sets[len(w.Chain.Sets)-1].Vals {
			if v.Address != o.Address {
				left.Vals = append(left.Vals, v)
			}
		}
		w.Chain.Sets = append(w.Chain.Sets, left)
	}
	return out
}

// Signature is 64 bytes in base64 that stand for a vote's signature.
func (w *World) Signature(address string, h int64) string {
	a := w.digest("sig", address, strconv.FormatInt(h, 10))
	b := w.digest("gis", address, strconv.FormatInt(h, 10))
	return base64.StdEncoding.EncodeToString(append(a[:], b[:]...))
}

// ID is the chain's id.
func (c Chain) ID() string { return ChainID }
