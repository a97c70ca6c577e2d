package nodes

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Way is a way back over the line: with these validators voting again the
// power decides a block.
type Way struct {
	Back   []Absent `json:"back"`   // all of them are needed
	Power  int64    `json:"power"`  // theirs together
	Online int64    `json:"online"` // with them
}

// Absent is a validator that is not online while the chain stands, and what is
// seen of it.
type Absent struct {
	Name    string    `json:"name"`
	Key     string    `json:"key,omitempty"` // of ours; "": somebody else's
	Address string    `json:"address"`
	Power   int64     `json:"power"`
	Seen    string    `json:"seen"`
	At      time.Time `json:"at,omitzero"` // when that was read
	Near    Near      `json:"near"`
}

// Near orders what is absent by how soon it can be back.
type Near int

// From the nearest to the farthest.
const (
	NearNetwork Near = iota // it runs, and nobody hears it
	NearCatchUp             // it runs, and is behind
	NearHost                // it is down, and its host answers
	NearOthers              // it is not ours: its people are to be asked
	NearNothing             // it is down, and nothing of it answers
	NearUnknown             // nothing was read of it
	NearNever               // it must not or cannot come back by itself
)

// Bounds of the search for sets.
const (
	maxWays  = 8
	maxAmong = 16
)

// WaysBack are the single validators of which any one brings the power over the
// line, or, where none does, the smallest sets that do; the nearest first, at
// most eight. It is empty while the chain is not known to be halted, while the
// votes were not read, and where power is not what is missing.
func WaysBack(s Snapshot) []Way {
	p, v := s.Chain.Power, s.Chain.Votes
	if s.Chain.Halted != True || p.Known != True || v == nil || len(v.Ballots) == 0 || Decides(p.Online, p.Total) {
		return nil
	}
	var away []Absent
	for _, b := range v.Ballots {
		if !b.Online && b.Power > 0 {
			away = append(away, absent(s, b))
		}
	}
	// The most powerful first: the least number that can do it.
	slices.SortStableFunc(away, func(a, b Absent) int {
		return cmp.Or(cmp.Compare(b.Power, a.Power), cmp.Compare(a.Near, b.Near), cmp.Compare(a.Name, b.Name))
	})
	size, sum := 0, p.Online
	for size < len(away) && !Decides(sum, p.Total) {
		sum += away[size].Power
		size++
	}
	if !Decides(sum, p.Total) {
		return nil
	}
	among := away
	switch {
	case size > maxAmong/2:
		among = away[:size] // too many to try them all
	case size > 1:
		among = away[:min(len(away), maxAmong)]
	}
	ways := sets(among, size, p)
	slices.SortStableFunc(ways, nearer)
	return ways[:min(len(ways), maxWays)]
}

// sets are all sets of that size that decide.
func sets(among []Absent, size int, p Power) []Way {
	var out []Way
	pick := make([]int, 0, size)
	var try func(from int, power int64)
	try = func(from int, power int64) {
		if len(pick) == size {
			if Decides(p.Online+power, p.Total) {
				w := Way{Power: power, Online: p.Online + power}
				for _, i := range pick {
					w.Back = append(w.Back, among[i])
				}
				slices.SortStableFunc(w.Back, func(a, b Absent) int { return cmp.Compare(a.Near, b.Near) })
				out = append(out, w)
			}
			return
		}
		for i := from; i <= len(among)-(size-len(pick)); i++ {
			pick = append(pick, i)
			try(i+1, power+among[i].Power)
			pick = pick[:len(pick)-1]
		}
	}
	try(0, 0)
	return out
}

// nearer compares two ways: the one whose farthest validator is nearer, then
// the one that is nearer in sum, then the one that brings more power.
func nearer(a, b Way) int {
	last := func(w Way) Near { return w.Back[len(w.Back)-1].Near }
	sum := func(w Way) (n Near) {
		for _, x := range w.Back {
			n += x.Near
		}
		return n
	}
	return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(sum(a), sum(b)), cmp.Compare(b.Power, a.Power))
}

// absent is what is seen of a validator that is not online.
func absent(s Snapshot, b Ballot) Absent {
	a := Absent{Name: b.Name, Key: b.Key, Address: b.Address, Power: b.Power, At: s.At, Near: NearOthers}
	if b.Key == "" {
		if a.Seen = "not ours: ask " + b.Name; b.Unheard {
			a.Seen = "not ours, up, nobody hears it: ask " + b.Name
		}
		return a
	}
	k, ok := s.Key(b.Key)
	if !ok {
		a.Near, a.Seen = NearUnknown, "nothing is known of it"
		return a
	}
	for _, name := range k.LiveEndpoints {
		if n, ok := s.Node(name); ok {
			a.Near, a.Seen, a.At = runs(s, n, b)
			return a
		}
	}
	a.Near, a.Seen, a.At = NearUnknown, "no host of its was read", time.Time{}
	for _, h := range k.Hosts {
		near, seen, at := lies(s, k, h)
		if seen != "" && (near < a.Near || a.At.IsZero()) {
			a.Near, a.Seen, a.At = near, seen, at
		}
	}
	return a
}

// runs is what is seen of a node that answers with the key.
func runs(s Snapshot, n Node, b Ballot) (Near, string, time.Time) {
	switch {
	case n.InStep == False:
		return NearNever, "up, but " + firstOf(n.InStepWhy, "it disagrees with the others"), n.SeenAt
	case !n.PeersAt.IsZero() && n.Peers == 0:
		return NearNetwork, "up, peers 0: reach its network", n.SeenAt
	case b.Unheard:
		return NearNetwork, "up, nobody hears it: reach its network", n.SeenAt
	case n.Height < s.Chain.Height:
		return NearCatchUp, fmt.Sprintf("up, %d blocks behind", s.Chain.Height-n.Height), n.SeenAt
	}
	return NearCatchUp, "up, no vote seen", n.SeenAt
}

// lies is what is seen of a host that may hold the key while no endpoint shows
// it; "" where the key lies elsewhere. A standby counts only when the key was
// read there: a copy of a key is no way back from a halt, because silence
// cannot be tested while no block comes.
func lies(s Snapshot, k Key, host string) (Near, string, time.Time) {
	h, known := s.Host(host)
	holds := known && h.Key.Address == k.Address && h.Key.Address != ""
	if slices.Contains(k.Standbys, host) && !holds {
		return 0, "", time.Time{}
	}
	switch {
	case !known || !s.Fresh(h.At, s.HostEvery):
		return NearUnknown, host + " was not read", h.At
	case h.HostKey:
		return NearNothing, "down: " + host + " shows a wrong host key", h.At
	case h.Reachable == False:
		return NearNothing, "down: " + host + " gives no answer", h.At
	case h.Reachable != True:
		return NearUnknown, host + " was not read", h.At
	case h.Key.Present == False && !k.Remote:
		return NearNever, "no key on " + host, h.At
	case h.Key.Address != "" && !holds && !k.Remote:
		return NearNever, "another key on " + host, h.At
	case h.FenceHolds == True:
		return NearNever, "fenced on " + host, h.At
	case h.ProcsKnown && h.Procs > 0:
		return NearHost, "no RPC: " + host + " answers SSH, a process runs", h.At
	}
	return NearHost, fmt.Sprintf("down: %s answers SSH %s ago", host, ago(s.At, h.At)), h.At
}
