package cockpit

import (
	"fmt"
	"time"

	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// Readiness says of one validator key whether it could move to another host if
// the one that signs broke now.
type Readiness struct {
	What string    // the key
	OK   nodes.Tri // unknown: not enough was seen
	Text string    // what is true, then why
	At   time.Time // the oldest of what it rests on; zero: nothing was read
}

// Readinesses is one line for each key of the fleet, in its order. It is pure.
// Only what was read lately counts, and a line is true only when everything a
// failover asks of a standby was seen and holds: its host answers, its unit
// runs, it follows the chain in step with the others, it shows another key and
// holds no second copy of this one, its sealed backup lies there, its disk has
// room, and two witnesses can testify that the key is silent.
func Readinesses(s nodes.Snapshot, f config.Fleet) []Readiness {
	out := make([]Readiness, 0, len(f.Keys))
	for _, k := range f.Keys {
		out = append(out, ready(s, f, k))
	}
	return out
}

// ready is the line of one key: that of the standby that is best prepared.
func ready(s nodes.Snapshot, f config.Fleet, k config.Key) Readiness {
	r := Readiness{What: k.Name, OK: nodes.False, At: s.At}
	v, seen := s.Key(k.Name)
	switch {
	case k.Signer == config.SignerRemote:
		r.OK, r.Text = nodes.Unknown, "a remote signer holds it: not judged here"
		return r
	case seen && v.Tombstoned == nodes.True:
		r.Text = "banned for ever: nothing can take it over"
		return r
	case len(k.Standbys) == 0:
		r.Text = "no standby: it can only come back where it is"
		return r
	}
	best := Readiness{}
	for i, h := range k.Standbys {
		got := standby(s, f, k, h)
		if i == 0 || better(got.OK, best.OK) {
			best = got
		}
	}
	best.What = k.Name
	return best
}

// better orders what is true before what is unknown before what is false.
func better(a, b nodes.Tri) bool {
	rank := map[nodes.Tri]int{nodes.True: 2, nodes.Unknown: 1, nodes.False: 0}
	return rank[a] > rank[b]
}

// finding is one thing that was looked at for a standby.
type finding struct {
	ok  nodes.Tri
	not string // what is true when it does not hold
	no  string // what is not known
	at  time.Time
}

// standby judges one standby of a key.
func standby(s nodes.Snapshot, f config.Fleet, k config.Key, host string) Readiness {
	for _, n := range s.NodesOf(host) {
		if n.State == nodes.Up && n.Address == k.Address && k.Address != "" {
			return Readiness{OK: nodes.False, Text: "it runs on its standby " + host + " already", At: n.SeenAt}
		}
	}
	found := append(chainFindings(s, f, k, host), hostFindings(s, k, host)...)
	found = append(found, nodeFindings(s, k, host)...)
	r := Readiness{OK: nodes.True, At: s.At}
	for _, x := range found {
		if !x.at.IsZero() && x.at.Before(r.At) {
			r.At = x.at
		}
		switch {
		case x.ok == nodes.False && r.OK != nodes.False:
			r.OK, r.Text = nodes.False, x.not
		case x.ok == nodes.Unknown && r.OK == nodes.True:
			r.OK, r.Text = nodes.Unknown, x.no
		}
	}
	if r.OK == nodes.True {
		r.Text = host + " can take over: in step, its host answers, the sealed key is there"
		if signs := signsOn(s, k); signs != "" && !cuttable(f, signs) {
			r.Text += "; " + signs + " cannot be cut off from outside"
		}
	}
	return r
}

// signsOn is the host whose node shows the key now, "" when none or several do.
func signsOn(s nodes.Snapshot, k config.Key) string {
	host := ""
	for _, n := range s.Nodes {
		if n.State != nodes.Up || n.Address != k.Address || k.Address == "" {
			continue
		}
		if host != "" && host != n.Host {
			return ""
		}
		host = n.Host
	}
	return host
}

func cuttable(f config.Fleet, host string) bool {
	h, ok := f.Host(host)
	return ok && (h.Power.State != "" || h.Isolate.State != "")
}

// chainFindings are about the chain: a failover asks it for proof.
func chainFindings(s nodes.Snapshot, f config.Fleet, k config.Key, host string) []finding {
	witnesses, asked := 0, 0
	for _, w := range f.Witnesses(k) {
		if n, ok := s.Node(w.Name); ok && n.State != nodes.NeverAsked {
			asked++
			if n.State == nodes.Up && n.Synced != nodes.False && s.Fresh(n.SeenAt, s.Every) {
				witnesses++
			}
		}
	}
	two := finding{ok: nodes.TriOf(witnesses >= 2), not: fmt.Sprintf("witnesses that follow the chain: %d, two are needed", witnesses), no: "the witnesses were not asked yet", at: s.At}
	if witnesses < 2 && asked < 2 && len(f.Witnesses(k)) >= 2 {
		two.ok = nodes.Unknown
	}
	return []finding{
		{ok: s.Chain.Moving, not: "the chain stands: silence cannot be tested", no: "whether the chain moves is not known", at: s.At},
		two,
	}
}

// hostFindings are about the standby's host.
func hostFindings(s nodes.Snapshot, k config.Key, host string) []finding {
	h, _ := s.Host(host)
	reach := finding{ok: h.Reachable, not: host + " does not answer over SSH", no: host + " was not read yet", at: h.At}
	switch {
	case h.At.IsZero():
		reach.ok = nodes.Unknown
	case !s.Fresh(h.At, s.HostEvery):
		reach.ok, reach.no = nodes.Unknown, host+" was read too long ago"
	case h.HostKey:
		reach.not = host + " shows a wrong host key"
	}
	if reach.ok != nodes.True {
		return []finding{reach}
	}
	disk := finding{ok: nodes.TriOf(h.DiskUsed < diskWarning), not: fmt.Sprintf("%s: disk %d %% full", host, h.DiskUsed), no: host + ": its disk was not read"}
	if h.DiskUsed < 0 {
		disk.ok = nodes.Unknown
	}
	// A copy in place would sign at the next restart.
	copied := finding{not: host + " holds the key in place: a restart would sign with it", no: host + ": its key file was not read"}
	switch {
	case h.Config.Odd || !h.Config.Known || h.Config.SignerAddr != "":
		copied.no = host + ": where its key lies is not known"
	case h.Key.Present == nodes.False:
		copied.ok = nodes.True
	case h.Key.Address != "":
		copied.ok = nodes.TriOf(h.Key.Address != k.Address)
	}
	sealed := finding{ok: h.Sealed, not: host + ": the sealed key is not there", no: host + ": whether the sealed key is there is not known"}
	if k.SealedBackup == "" {
		sealed.ok, sealed.not = nodes.False, "no sealed backup is configured for it"
	}
	unit := finding{ok: nodes.TriOf(h.Unit.ActiveState == "active"), not: host + ": its unit is " + h.Unit.ActiveState, no: host + ": its unit was not read"}
	if h.Unit.ActiveState == "" {
		unit.ok = nodes.Unknown
	}
	fenced := finding{ok: nodes.True, not: host + " is fenced"}
	if h.FenceHolds == nodes.True {
		fenced.ok = nodes.False
	}
	return []finding{reach, fenced, unit, copied, sealed, disk}
}

// nodeFindings are about the standby's node.
func nodeFindings(s nodes.Snapshot, k config.Key, host string) []finding {
	list := s.NodesOf(host)
	if len(list) != 1 {
		return []finding{{no: fmt.Sprintf("%d nodes are watched on %s, one is needed", len(list), host)}}
	}
	n := list[0]
	up := finding{ok: nodes.TriOf(n.State == nodes.Up), not: n.Name + " does not answer: " + n.Err, no: n.Name + " was not asked yet", at: n.AskedAt}
	switch {
	case n.State == nodes.NeverAsked:
		up.ok = nodes.Unknown
	case n.State == nodes.Up && !s.Fresh(n.SeenAt, s.Every):
		up.ok, up.no = nodes.Unknown, n.Name+" answered too long ago"
	}
	if up.ok != nodes.True {
		return []finding{up}
	}
	shows := finding{ok: nodes.True, no: n.Name + " does not say which key it runs with"}
	if n.Address == "" {
		shows.ok = nodes.Unknown
	}
	return []finding{up, shows,
		{ok: n.RightNet, not: n.Name + " is on another network", no: n.Name + ": its network is not known"},
		{ok: n.Synced, not: n.Name + " is not synced: " + n.SyncedWhy, no: n.Name + ": not known whether it is synced"},
		{ok: n.InStep, not: n.Name + " disagrees with the others", no: n.Name + " was not compared with a witness yet"},
	}
}
