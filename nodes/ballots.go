package nodes

import (
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// Ballot is what one validator of the set does at the running height, as far as
// the asked nodes show it.
type Ballot struct {
	Address string `json:"address"`
	// Name is that of our key; else of the watched node that shows the address
	// (as the configuration calls it where it runs on a host of ours, else its
	// moniker); else the moniker the application has; else the first 12 digits of
	// the address. A moniker that is a name of ours has those digits behind it:
	// anybody may call himself anything.
	Name  string `json:"name"`
	Key   string `json:"key,omitempty"` // the name of our key; "": not ours
	Power int64  `json:"power"`
	// Prevote is one of the words below, for the newest round shown.
	Prevote string    `json:"prevote"`
	Block   string    `json:"block,omitempty"` // first 12 digits of its hash; "" unless PrevoteBlock
	Round   int32     `json:"round"`
	At      time.Time `json:"at,omitzero"` // as written in the vote, by its clock
	// Unheard says that only nodes apart from the others show its vote: it is
	// up, and nobody hears it. Prevote is then PrevoteNone.
	Unheard bool `json:"unheard,omitempty"`
	// Online says, while the chain stands, that its power is counted in
	// Chain.Power.Online: somebody heard its vote, or our own node with its key
	// stands at the tip.
	Online bool `json:"online"`
}

// The words of Ballot.Prevote.
const (
	PrevoteBlock = "block" // for a block
	PrevoteNil   = "nil"   // a vote for nothing: a sign of life
	PrevoteNone  = "none"  // two nodes or more were asked, and none of them shows a vote
	// PrevoteUnknown: fewer than two nodes answered, or what the vote is for
	// could not be read.
	PrevoteUnknown = "unknown"
)

// ballots puts what was heard beside the validators of the running height, in
// the order of the set.
func (w *Watcher) ballots(v Votes, online map[string]bool) []Ballot {
	set := w.running()
	out := make([]Ballot, 0, len(set))
	for _, val := range set {
		b := Ballot{Address: val.Address, Power: val.Power, Prevote: PrevoteUnknown, Online: online[val.Address]}
		b.Name, b.Key = w.nameOf(val.Address)
		s, heard := w.tally.heard[val.Address[:12]]
		switch {
		case heard && s.has:
			b.At, b.Round = s.vote.Time, s.vote.Round
			switch s.vote.For {
			case comet.ForBlock:
				b.Prevote, b.Block = PrevoteBlock, s.vote.Block
			case comet.ForNothing:
				b.Prevote = PrevoteNil
			}
		case heard:
			// A precommit alone: it voted, and for what is not shown.
			b.At, b.Round = s.vote.Time, s.vote.Round
		case w.tally.unheard[val.Address[:12]]:
			b.Prevote, b.Unheard = PrevoteNone, true
		case len(v.Nodes) >= 2:
			b.Prevote = PrevoteNone
		}
		out = append(out, b)
	}
	return out
}

// nameOf is what a validator is called on the screen, and the name of our key
// if it is one of ours.
func (w *Watcher) nameOf(address string) (name, key string) {
	for _, k := range w.fleet.Keys {
		if normAddress(k.Address) == address {
			return k.Name, k.Name
		}
	}
	for i := range w.nodes {
		n := &w.nodes[i]
		if n.view.Address != address || rightNet(w.fleet, n.view) == False {
			continue
		}
		if n.spec.Host != "" {
			return n.spec.Name, ""
		}
		return w.foreign(firstOf(n.view.Moniker, n.spec.Name), address), ""
	}
	return w.foreign(firstOf(w.names[address], address[:12]), address), ""
}

// foreign is the name of somebody else's validator, told apart from all of ours.
func (w *Watcher) foreign(name, address string) string {
	for _, k := range w.fleet.Keys {
		if strings.EqualFold(name, k.Name) || strings.EqualFold(name, k.PublicName) {
			return name + " " + address[:12]
		}
	}
	for _, n := range w.fleet.Nodes {
		if n.Host != "" && strings.EqualFold(name, n.Name) {
			return name + " " + address[:12]
		}
	}
	return name
}

// onlineNow is who counts as online while the chain stands: whose vote was
// heard, and our own nodes that stand at the tip. One that has no peer, or
// whose vote nobody hears, does not count: its power cannot decide anything.
func (w *Watcher) onlineNow(s Snapshot) map[string]bool {
	online := map[string]bool{}
	if w.votes != nil {
		for _, a := range w.votes.Voters {
			online[a] = true
		}
	}
	for _, k := range s.Keys {
		if k.Address == "" || w.tally.unheard[k.Address[:12]] {
			continue
		}
		for _, name := range k.LiveEndpoints {
			n, ok := s.Node(name)
			if ok && n.Height == w.tip.height && n.InStep != False && (n.PeersAt.IsZero() || n.Peers > 0) {
				online[k.Address] = true
			}
		}
	}
	return online
}

// withBallots is the votes of this look with the ballots filled in; the copy
// shares nothing with what the Watcher keeps.
func (w *Watcher) withBallots(online map[string]bool) *Votes {
	if w.votes == nil {
		return nil
	}
	v := *w.votes
	v.Nodes, v.Voters, v.Keys = slices.Clone(v.Nodes), slices.Clone(v.Voters), slices.Clone(v.Keys)
	v.Ballots = w.ballots(v, online)
	return &v
}
