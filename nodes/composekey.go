package nodes

import (
	"fmt"
	"slices"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// key is what is known of key k.
func (w *Watcher) key(k int, now time.Time, c Chain) Key {
	spec := w.fleet.Keys[k]
	v := Key{
		Name: spec.Name, PublicName: spec.PublicName, Address: normAddress(spec.Address),
		Hosts: slices.Clone(spec.Hosts), Standbys: slices.Clone(spec.Standbys), Remote: spec.RemoteSigner, LiveEndpoints: []string{}, Silence: w.silence(k, time.Time{}),
	}
	for i := range w.nodes {
		n := &w.nodes[i]
		if n.live(w.round, w.fleet) && v.Address != "" && n.view.Address == v.Address {
			v.LiveEndpoints = append(v.LiveEndpoints, n.spec.Name)
		}
	}
	for _, l := range w.ledgers {
		v.LastSigned = max(v.LastSigned, l.last[k])
	}
	for _, val := range w.set {
		if val.Address == v.Address {
			v.Power = val.Power
		}
	}
	w.signing(&v, k, now, c)
	v.Jailed, v.Tombstoned, v.JailedWhy, v.JailedAt = w.jailed(k, v.InSet, now)
	return v
}

// signing fills in what the lead's commits say.
func (w *Watcher) signing(v *Key, k int, now time.Time, c Chain) {
	l := w.ledgers[w.lead]
	if l == nil || l.high == 0 {
		v.SigningWhy = "no commit was read yet"
		return
	}
	v.Witness, v.RecentTo = w.nodes[w.lead].spec.Name, l.high
	recent := make([]byte, 0, l.high-l.low+1)
	for h := l.low; h <= l.high; h++ {
		recent = append(recent, mark(l.entries[h], k))
	}
	v.Recent = string(recent)
	streak(v, l)
	stretch(v, l)

	last := l.entries[l.high]
	v.SigningAt = last.read
	m := mark(last, k)
	v.InSet = TriOf(m != MarkNotIn)
	switch {
	case v.Address == "":
		v.InSet, v.SigningWhy = Unknown, "the key has no address"
	case c.Halted == True || w.standing(now):
		v.SigningWhy = "the chain stands: the last commit shows the past"
	case !w.nodes[w.lead].live(w.round, w.fleet):
		v.SigningWhy = "no witness answers"
	case !w.current(l):
		v.SigningWhy = "the last commits are not read yet"
	default:
		// The newest commit there is was read: it is the last one now.
		v.Signing, v.SigningAt = TriOf(m == MarkSigned), now
		switch m {
		case MarkNotIn:
			v.SigningWhy = "not in the validator set"
		case MarkNil:
			v.SigningWhy = "voted for nothing"
		case MarkAbsent:
			v.SigningWhy = "absent from the last commit"
		}
	}
}

// streak counts back from the newest commit to the last signature.
func streak(v *Key, l *ledger) {
	h := l.high
	for i := len(v.Recent) - 1; i >= 0; i, h = i-1, h-1 {
		if m := v.Recent[i]; m != MarkAbsent && m != MarkNil {
			return
		}
		v.MissedStreak++
		v.StoppedSince = l.entries[h].time
	}
	v.StreakOpen = v.MissedStreak > 0 && l.low > 1
}

// stretch counts back from the newest commit to the first of those that are all
// signed.
func stretch(v *Key, l *ledger) {
	h := l.high
	for i := len(v.Recent) - 1; i > 0 && v.Recent[i] == MarkSigned; i, h = i-1, h-1 {
		if m := v.Recent[i-1]; m == MarkAbsent || m == MarkNil {
			v.SignedFrom, v.SignedSince = h, l.entries[h].time
		}
	}
}

// power is the power line. While the chain moves it comes from the last
// canonical commit, while it stands from votes and from our own nodes that
// answer at the tip: then the last commit shows the last good block.
func (w *Watcher) power(now time.Time, s Snapshot, online map[string]bool) Power {
	l := w.ledgers[w.lead]
	if l == nil || l.high == 0 || len(w.set) == 0 {
		return Power{Why: "no commit was read yet"}
	}
	if !w.standing(now) && s.Chain.Halted != True {
		e := l.entries[l.high]
		p := powerOf(e.online, e.total)
		p.From, p.Height, p.At = "commit", e.height, e.read
		if !w.tip.moved && s.Chain.LastAge > w.fleet.freshFor() {
			// Seen for the first time, it may be the last one before everything went.
			p.Known, p.Why = Unknown, fmt.Sprintf("the last block seen is %s old", s.Chain.LastAge.Round(time.Second))
		} else if !w.current(l) || !w.nodes[w.lead].live(w.round, w.fleet) {
			p.Known, p.Why = Unknown, "no witness answers at the tip"
		} else {
			p.At = now
		}
		parts(&p, s, w.set, func(k Key) Tri {
			return TriOf(k.Recent != "" && k.Recent[len(k.Recent)-1] == MarkSigned)
		})
		return p
	}
	var on, total int64
	for _, v := range w.running() {
		total += v.Power
		if online[v.Address] {
			on += v.Power
		}
	}
	p := powerOf(on, total)
	p.From, p.Height, p.At = "votes", w.tip.height+1, now
	if w.votes == nil {
		p.Known, p.Why = Unknown, "the chain stands and no node shows its votes"
	}
	parts(&p, s, w.running(), func(k Key) Tri { return TriOf(online[k.Address]) })
	return p
}

// parts cuts the gauge: our keys in their order, then the others.
func parts(p *Power, s Snapshot, set []comet.Validator, online func(Key) Tri) {
	on, off := p.Online, p.Total-p.Online
	for _, k := range s.Keys {
		i := slices.IndexFunc(set, func(v comet.Validator) bool { return v.Address == k.Address })
		if i < 0 || set[i].Power == 0 {
			continue
		}
		part := Part{Name: k.Name, Power: set[i].Power, Online: online(k)}
		if part.Online == True {
			on -= part.Power
		} else {
			off -= part.Power
		}
		p.Parts = append(p.Parts, part)
	}
	if on > 0 {
		p.Parts = append(p.Parts, Part{Power: on, Online: True})
	}
	if off > 0 {
		p.Parts = append(p.Parts, Part{Power: off, Online: False})
	}
}
