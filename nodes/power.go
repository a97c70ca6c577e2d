package nodes

import "time"

// Power is the power line: how much voting power is online, and what it takes
// to decide a block. It is what the gauge draws.
type Power struct {
	Known  Tri    `json:"known"` // True, or Unknown with a Why
	Why    string `json:"why,omitempty"`
	Online int64  `json:"online"`
	Total  int64  `json:"total"`
	Needed int64  `json:"needed"` // the least power that decides: floor(2*Total/3)+1
	// Spare is Online-Needed: a loss of more than Spare halts the chain.
	// Negative: so much is missing.
	Spare  int64     `json:"spare"`
	From   string    `json:"from,omitempty"`   // "commit", or "votes" while the chain stands
	Height int64     `json:"height,omitempty"` // of the commit, or the running height
	At     time.Time `json:"at,omitzero"`
	// Parts are our keys in the order of the configuration, then all others
	// that are online, then all others that are not.
	Parts []Part `json:"parts,omitempty"`
}

// Part is one stretch of the gauge. Name is "" for validators that are not
// ours.
type Part struct {
	Name   string `json:"name,omitempty"`
	Power  int64  `json:"power"`
	Online Tri    `json:"online"`
}

// maxTotal is the highest total voting power CometBFT allows (MaxInt64/8); it
// keeps the sums below from overflowing.
const maxTotal = 1<<60 - 1

// Needed is the least online power with which total decides a block.
func Needed(total int64) int64 { return 2*total/3 + 1 }

// Decides says whether online is strictly more than two thirds of total.
func Decides(online, total int64) bool { return 3*online > 2*total }

func powerOf(online, total int64) Power {
	n := Needed(total)
	return Power{Known: True, Online: online, Total: total, Needed: n, Spare: online - n}
}
