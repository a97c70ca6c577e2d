package nodes

import "time"

// Row is an unbroken row of reads that all found the same. The zero value is
// no row.
type Row struct {
	Since time.Time     `json:"since"` // of the first read
	Gap   time.Duration `json:"gap"`   // the longest time between two of them
}

// next is the row with one more read. Reads further apart than most break it:
// what was between them is not known.
func (r Row) next(last, now time.Time, holds bool, most time.Duration) Row {
	switch gap := now.Sub(last); {
	case !holds:
		return Row{}
	case r.Since.IsZero() || gap > most:
		return Row{Since: now}
	case gap < 0:
		return r
	default:
		return Row{Since: r.Since, Gap: max(r.Gap, gap)}
	}
}

// stopped says that nothing of the node was found running on the host.
func (f HostFacts) stopped() bool {
	return f.Reachable == True && (f.Unit.ActiveState == "inactive" || f.Unit.ActiveState == "failed") &&
		f.Unit.MainPID == "0" && f.ProcsKnown && f.Procs == 0
}

// Elsewhere is what was signed with a key of ours while nothing of ours can
// have done it: every host of it was read, again and again, as stopped or as
// running with another key. The zero value says that no such thing is known.
type Elsewhere struct {
	Since  time.Time `json:"since"`  // from then on nothing of ours signs
	From   int64     `json:"from"`   // the first commit after it that holds a vote of the key
	To     int64     `json:"to"`     // the last one
	Signed int       `json:"signed"` // how many do
}

// minElsewhere is how many commits must hold the key: one or two may be votes
// that came late.
const minElsewhere = 3

// elsewhere judges key k. Signatures count only when they were certainly made
// after the first read of every host's row, by our clock (the block was none
// yet then, and the vote for the very next one may have been cast before) and
// by the block's own time; when a later read of every host still found nothing
// running; and when they span more time than lies between any two reads, so
// that no short start in between can have made them. What is unknown of one
// host makes all of it unknown.
func (w *Watcher) elsewhere(v Key, k int, s Snapshot) Elsewhere {
	l := w.ledgers[w.lead]
	if l == nil || v.Remote || v.Address == "" || len(v.Hosts) == 0 || len(v.LiveEndpoints) > 0 {
		return Elsewhere{}
	}
	var row Row
	last := s.At
	for _, name := range v.Hosts {
		r, at, ok := idle(s, v, name)
		if !ok {
			return Elsewhere{}
		}
		if r.Since.After(row.Since) {
			row.Since = r.Since
		}
		row.Gap = max(row.Gap, r.Gap)
		if at.Before(last) {
			last = at
		}
	}
	from := w.tip.after(row.Since)
	if from == 0 {
		return Elsewhere{}
	}
	out := Elsewhere{Since: row.Since}
	var first, newest entry
	for h := max(from+1, l.low); h <= l.high; h++ {
		e := l.entries[h]
		if m := mark(e, k); (m != MarkSigned && m != MarkNil) || !e.time.After(row.Since) {
			continue
		}
		if out.Signed++; out.Signed == 1 {
			first = e
		}
		newest = e
	}
	if out.Signed < minElsewhere || first.read.After(last) || newest.time.Sub(first.time) <= row.Gap {
		return Elsewhere{}
	}
	out.From, out.To = first.height, newest.height
	return out
}

// idle is the row of reads by which a host cannot be what signs with the key,
// and when the last of them was. ok is false when that is not known.
func idle(s Snapshot, k Key, host string) (row Row, at time.Time, ok bool) {
	h, known := s.Host(host)
	if !known || h.Reachable != True || !s.Fresh(h.At, s.HostEvery) || h.Config.SignerAddr != "" {
		return Row{}, time.Time{}, false
	}
	if !h.Stopped.Since.IsZero() {
		for _, n := range s.NodesOf(host) {
			if n.State == Up {
				return Row{}, time.Time{}, false // something answers there after all
			}
		}
		return h.Stopped, h.At, true
	}
	// It runs. With another key in the file and another one shown, it is not
	// what signs with this one.
	if h.SameKey.Since.IsZero() || h.Key.Address == k.Address || h.Config.Odd || !h.Config.Known {
		return Row{}, time.Time{}, false
	}
	list := s.NodesOf(host)
	for _, n := range list {
		if n.State != Up || n.Address == "" || n.Address == k.Address || !s.Fresh(n.SeenAt, s.Every) {
			return Row{}, time.Time{}, false
		}
	}
	return h.SameKey, h.At, len(list) > 0
}
