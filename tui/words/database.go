package words

import (
	"fmt"
	"time"

	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// oldRows is how old the newest row of a replica may be before it is worth a
// look, and heardLate how long it may hear nothing.
const (
	oldRows   = time.Minute
	heardLate = 30 * time.Second
)

// Database is what is seen of a database: its role, and how far a replica is
// behind.
func Database(d nodes.Database) (mark, text string, level Level) {
	switch {
	case d.State == nodes.Down:
		return Bad, "DOES NOT ANSWER: " + orElse(safe.Short(d.Err, 60), "no reason read"), Warning
	case d.State != nodes.Up:
		return Asks, orElse(safe.Short(d.Err, 60), "not asked yet"), Unknown
	case d.Role == nodes.RolePrimary && d.Meant == string(nodes.RoleReplica):
		return Look, fmt.Sprintf("primary, timeline %d; meant to be a replica", d.Timeline), Caution
	case d.Role == nodes.RolePrimary && d.Archiving == nodes.False:
		return Look, fmt.Sprintf("primary, timeline %d; ARCHIVES NOTHING: %s", d.Timeline, orElse(safe.Short(d.ArchiveWhy, 40), "no reason read")), Caution
	case d.Role == nodes.RolePrimary:
		return Good, fmt.Sprintf("primary, timeline %d, followed by %s", d.Timeline, followers(d.Replicas)), Calm
	case d.Replay == nodes.ReplayPaused:
		return Look, "replica, HELD: replay is paused", Caution
	case d.Replay == nodes.ReplayCut:
		return Look, "replica, HEARS NO PRIMARY", Caution
	case d.HeardAge > heardLate || d.HeartbeatAge > oldRows:
		return Look, "replica, STANDS STILL: newest " + Dur(max(d.HeardAge, d.HeartbeatAge)) + " old", Caution
	case d.LagBytes < 0:
		return Asks, "replica; how far behind is not known: " + orElse(safe.Short(d.LagWhy, 40), "not read"), Unknown
	}
	return Good, fmt.Sprintf("replica, %s behind", bytesText(d.LagBytes)), Calm
}

func followers(n int64) string {
	switch {
	case n < 0:
		return "an unknown number of replicas"
	case n == 0:
		return "nobody"
	case n == 1:
		return "1 replica"
	}
	return fmt.Sprintf("%d replicas", n)
}

// bytesText is an amount of WAL for a person.
func bytesText(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// WhyDatabase explains a database.
func WhyDatabase(d nodes.Database) Reason {
	m, text, level := Database(d)
	r := Reason{Level: level, Head: whyHead(d.Name, level), Facts: []Fact{{m, level, text, "SQL", d.SeenAt}}}
	if d.State == nodes.Up && d.HeartbeatAge >= 0 {
		r.Facts = append(r.Facts, Fact{Good, Calm, "heartbeat row " + Dur(d.HeartbeatAge) + " old", "SQL", d.SeenAt})
	}
	return r
}
