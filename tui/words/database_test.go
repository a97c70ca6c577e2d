package words

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes"
)

// A database is told by its role and by how far it is behind; what is not known
// of it is never calm.
func TestDatabaseWords(t *testing.T) {
	primary := nodes.Database{Name: "db-1", Meant: "primary", State: nodes.Up, Role: nodes.RolePrimary, Timeline: 2, Replicas: 1, Archiving: nodes.True}
	replica := nodes.Database{Name: "db-2", Meant: "replica", State: nodes.Up, Role: nodes.RoleReplica, Replay: nodes.ReplayStreaming, LagBytes: 3 << 20, HeardAge: time.Second}
	with := func(d nodes.Database, change func(*nodes.Database)) nodes.Database { change(&d); return d }
	for _, c := range []struct {
		d     nodes.Database
		want  string
		level Level
	}{
		{primary, "primary, timeline 2, followed by 1 replica", Calm},
		{replica, "replica, 3 MB behind", Calm},
		{with(primary, func(d *nodes.Database) { d.Meant = "replica" }), "meant to be a replica", Caution},
		{with(primary, func(d *nodes.Database) { d.Archiving, d.ArchiveWhy = nodes.False, "the archive command fails" }), "ARCHIVES NOTHING", Caution},
		{with(replica, func(d *nodes.Database) { d.Replay = nodes.ReplayPaused }), "HELD", Caution},
		{with(replica, func(d *nodes.Database) { d.Replay = nodes.ReplayCut }), "HEARS NO PRIMARY", Caution},
		{with(replica, func(d *nodes.Database) { d.HeardAge = time.Minute }), "STANDS STILL", Caution},
		{with(replica, func(d *nodes.Database) { d.LagBytes = -1 }), "not known", Unknown},
		{with(replica, func(d *nodes.Database) { d.State, d.Err = nodes.Down, "connection refused" }), "DOES NOT ANSWER: connection refused", Warning},
		{nodes.Database{Name: "db-3"}, "not asked yet", Unknown},
	} {
		_, text, level := Database(c.d)
		if !strings.Contains(text, c.want) || level != c.level {
			t.Errorf("%+v: %q %v, want %q %v", c.d, text, level, c.want, c.level)
		}
		if r := WhyDatabase(c.d); len(r.Facts) == 0 || r.Level != c.level {
			t.Errorf("why: %+v", r)
		}
	}
}
