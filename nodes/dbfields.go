package nodes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/safe"
)

// withLag fills in what only several databases together say: how far a replica
// is behind the primary of its own cluster. A primary that did not answer in
// this look says nothing.
func withLag(all []Database) []Database {
	for i := range all {
		d := &all[i]
		d.LagBytes, d.LagWhy, d.LossAge = -1, "", -1
		if d.State != Up || d.Role != RoleReplica {
			continue
		}
		d.LagWhy = "no primary of this cluster answers"
		d.LossAge = d.wouldLose(all)
		for _, p := range all {
			switch {
			case p.State != Up || p.Role != RolePrimary || p.System == "" || p.System != d.System || !p.SeenAt.Equal(d.SeenAt):
			case d.LagWhy == "":
				d.LagBytes, d.LagWhy = -1, "two primaries answer"
			case p.LSN < 0 || d.LSN < 0:
				d.LagWhy = "no position was read"
			default:
				d.LagBytes, d.LagWhy = max(0, p.LSN-d.LSN), ""
			}
		}
	}
	return all
}

// wouldLose is how much older the newest row of a replica is than the last sign
// of life of a primary of its cluster, whether that one answers now or not.
func (d Database) wouldLose(all []Database) time.Duration {
	loss := time.Duration(-1)
	for _, p := range all {
		if p.Role != RolePrimary || p.System == "" || p.System != d.System || p.SeenAt.IsZero() || d.HeartbeatAge < 0 {
			continue
		}
		loss = max(loss, p.SeenAt.Sub(d.SeenAt.Add(-d.HeartbeatAge)), 0)
	}
	return loss
}

// databaseField answers the probes of databases.
func databaseField(s Snapshot, of, name string) value {
	d, ok := s.Database(of)
	every := s.Every
	if d.Fail == FailTimeout {
		every *= silentEvery // it is asked less often
	}
	if name == "fenced" && ok {
		fenced, checks := DatabaseFenced(s, d)
		return tri(fenced, d.Host+", over SSH, and "+of, describe(checks), oldestCheck(checks, d.AskedAt), s.HostEvery)
	}
	if name == "loose" && ok {
		fenced, checks := DatabaseFenced(s, d)
		return tri(loose(s, d, fenced), d.Host+", over SSH", describe(checks), oldestCheck(checks, d.AskedAt), s.HostEvery)
	}
	if name == "managed" && ok {
		return tri(TriOf(d.Manager != "" && d.Manager != "none"), "the configuration", d.Manager, s.At, s.Every)
	}
	v := value{source: of + ", over SQL", at: d.SeenAt, every: every}
	no := func(why string) value { return unknown(v.source, why) }
	switch {
	case !ok:
		return no("no such database")
	case d.AskedAt.IsZero():
		return no(firstOf(d.Err, "not asked yet"))
	case name == "up":
		return tri(TriOf(d.State == Up), v.source, d.Err, d.AskedAt, every)
	case d.State != Up:
		return no(firstOf(d.Err, "it does not answer"))
	}
	num := func(n int64, why string) value {
		if n < 0 {
			return no(why)
		}
		v.kind, v.n = intValue, n
		return v
	}
	word := func(w, why string) value {
		if w == "" {
			return no(why)
		}
		v.kind, v.word = wordValue, w
		return v
	}
	switch name {
	case "role":
		return word(string(d.Role), "not said")
	case "replay":
		return word(string(d.Replay), "not said")
	case "timeline":
		if d.Timeline == 0 {
			return no("not said")
		}
		return num(d.Timeline, "")
	case "lag_bytes":
		if d.Role == RolePrimary {
			return no("a primary follows nobody")
		}
		return num(d.LagBytes, d.LagWhy)
	case "lag_age":
		age, why := d.lagAge()
		if age < 0 {
			return no(why)
		}
		v.kind, v.dur, v.why = durationValue, age, why
		return v
	case "loss_age":
		switch {
		case d.Role == RolePrimary:
			return no("a primary takes over from nobody")
		case d.LossAge < 0:
			return no("no heartbeat row, or its primary was never seen from here")
		}
		v.kind, v.dur = durationValue, d.LossAge
		return v
	case "sessions":
		return num(d.Sessions, "not to be read")
	case "replicas":
		return num(d.Replicas, "not to be read")
	}
	return tri(d.Archiving, v.source, d.ArchiveWhy, d.SeenAt, every)
}

// lagAge is how old the newest is that a server surely has: the older of the
// heartbeat row and, on a replica, the last word from its primary. Without a
// heartbeat the primary itself says nothing of its age.
func (d Database) lagAge() (time.Duration, string) {
	switch {
	case d.Role == RolePrimary && d.HeartbeatAge < 0:
		return -1, "there is no table public.relight_heartbeat"
	case d.Role == RolePrimary:
		return d.HeartbeatAge, "heartbeat row"
	case d.HeardAge < 0 && d.Replay != ReplayCut && d.HeartbeatAge < 0:
		return -1, "when it last heard its primary cannot be read, and there is no heartbeat row"
	case d.HeardAge < 0 && d.HeartbeatAge < 0:
		return -1, "it hears no primary, and there is no heartbeat row"
	case d.HeartbeatAge >= d.HeardAge:
		return d.HeartbeatAge, "heartbeat row"
	}
	return d.HeardAge, fmt.Sprintf("last word from its primary; heartbeat row %s", ageText(d.HeartbeatAge))
}

// DatabaseFenced says whether a server cannot come back by itself: its unit is
// stopped, not enabled and kept from starting by the fence's drop-in, as read
// back on its host, and its port refuses. A timeout is no refusal.
func DatabaseFenced(s Snapshot, d Database) (Tri, []Check) {
	h, ok := s.Host(d.Host)
	if !ok || h.At.IsZero() {
		return Unknown, []Check{{Name: "host", Saw: "not looked at"}}
	}
	if h.Reachable != True {
		return Unknown, []Check{{Name: "host", Saw: firstOf(h.Err, "not reachable"), At: h.At}}
	}
	port := Check{Name: "port", Saw: firstOf(d.Err, "not asked"), At: d.AskedAt}
	switch {
	case d.State == Up:
		port.Holds, port.Saw = False, "it answers"
	case d.Fail == FailRefused:
		port.Holds, port.Saw = True, "refuses"
	}
	all, checks := True, append(unitChecks(h), port)
	for i, c := range checks {
		if !s.Fresh(c.At, s.HostEvery) {
			checks[i].Holds, checks[i].Saw = Unknown, "read too long ago"
		}
		all = all.And(checks[i].Holds)
	}
	return all, checks
}

// loose says that a database may come back by itself or by a hand: its host
// answers, and it is not fenced. Of a host that does not answer it says nothing:
// there a person has to prove that it is off.
func loose(s Snapshot, d Database, fenced Tri) Tri {
	h, ok := s.Host(d.Host)
	switch {
	case !ok || h.At.IsZero():
		return Unknown
	case h.Reachable == False || fenced == True:
		return False
	case h.Reachable == True:
		return True
	}
	return Unknown
}

func ageText(d time.Duration) string {
	if d < 0 {
		return "not there"
	}
	return d.Round(100 * time.Millisecond).String()
}

// Ask reads from a database of the fleet over a connection of its own, in a
// transaction that cannot write, and gives the first line of the answer: columns
// with | between them, NULL as nothing. It is bounded by Options.HostTimeout in
// real time. Its errors hold nothing of the connection string.
func (w *Watcher) Ask(ctx context.Context, db, sql string) (string, error) {
	i := slices.IndexFunc(w.fleet.Databases, func(d DatabaseSpec) bool { return d.Name == db })
	if i < 0 {
		return "", fmt.Errorf("ask %s: no such database", db)
	}
	ctx, cancel := context.WithTimeout(ctx, w.opts.HostTimeout)
	defer cancel()
	fail := func(err error) (string, error) {
		_, why := classifyDB(err)
		return "", fmt.Errorf("ask %s: %s", db, why)
	}
	conn, err := w.dialDB(ctx, w.fleet.Databases[i], w.opts.HostTimeout)
	if err != nil {
		return fail(err)
	}
	defer conn.Conn().Close() // without a farewell, which could wait
	if _, err := conn.Exec(ctx, "begin transaction read only").ReadAll(); err != nil {
		return fail(err)
	}
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return fail(err)
	}
	for _, r := range results {
		if len(r.Rows) == 0 {
			continue
		}
		var cells []string
		for _, v := range r.Rows[0] {
			cells = append(cells, string(v))
		}
		return safe.Line(strings.Join(cells, "|")), nil
	}
	return "", nil
}
