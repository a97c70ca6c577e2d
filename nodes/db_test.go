package nodes

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What a database says can lie: what it does not say is unknown, and no number
// of one server alone is the lag.
func TestDatabaseProbes(t *testing.T) {
	at := time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)
	up := func(name string, role DatabaseRole, change func(*Database)) Database {
		d := Database{Name: name, State: Up, AskedAt: at, SeenAt: at, Role: role, System: "1", Timeline: 3, LSN: 1000, Received: 1000,
			HeardAge: -1, HeartbeatAge: -1, LagBytes: -1, Archiving: True, Replay: ReplayNone}
		if role == RoleReplica {
			d.Replay, d.HeardAge = ReplayStreaming, time.Second
		}
		if change != nil {
			change(&d)
		}
		return d
	}
	down := Database{Name: "d", State: Down, AskedAt: at, Err: "connection refused", Role: RolePrimary, System: "1", LSN: 5000}
	primary := up("p", RolePrimary, func(d *Database) { d.LSN = 4000; d.HeartbeatAge = 2 * time.Second })
	for _, c := range []struct {
		all   []Database
		probe string
		want  Tri
		value string
	}{
		{[]Database{primary}, "db(p).up == true", True, "true"},
		{[]Database{primary}, "db(p).role == primary", True, "primary"},
		{[]Database{primary}, "db(p).timeline == 3", True, "3"},
		{[]Database{primary}, "db(p).replay == none", True, "none"},
		{[]Database{primary}, "db(p).lag_bytes == 0", Unknown, ""},
		{[]Database{primary}, "db(p).lag_age < 5s", True, "2s"},
		{[]Database{up("p", RolePrimary, nil)}, "db(p).lag_age < 5s", Unknown, ""},
		{[]Database{primary}, "db(p).archiving == true", True, "true"},
		{[]Database{down}, "db(d).up == false", True, "false"},
		{[]Database{down}, "db(d).role == primary", Unknown, ""},
		{[]Database{down}, "db(d).managed == false", True, "false"},
		{[]Database{up("m", RolePrimary, func(d *Database) { d.Manager = "patroni" })}, "db(m).managed == true", True, "true"},
		{[]Database{down}, "db(d).fenced == true", Unknown, ""},
		{[]Database{down}, "db(nobody).up == false", Unknown, ""},
		{[]Database{{Name: "n"}}, "db(n).up == false", Unknown, ""},
		{[]Database{primary, up("r", RoleReplica, nil)}, "db(r).lag_bytes == 3000", True, "3000"},
		{[]Database{down, up("r", RoleReplica, nil)}, "db(r).lag_bytes == 0", Unknown, ""},
		{[]Database{primary, up("r", RoleReplica, func(d *Database) { d.HeartbeatAge = time.Minute })}, "db(r).loss_age == 1m", True, "1m0s"},
		{[]Database{primary, up("r", RoleReplica, nil)}, "db(r).loss_age < 15m", Unknown, ""},
		{[]Database{primary}, "db(p).loss_age < 15m", Unknown, ""},
		{[]Database{{Name: "d", State: Down, AskedAt: at, SeenAt: at.Add(-time.Hour), Role: RolePrimary, System: "1"},
			up("r", RoleReplica, func(d *Database) { d.HeartbeatAge = time.Hour + 5*time.Second })}, "db(r).loss_age == 5s", True, "5s"},
		{[]Database{down, up("r", RoleReplica, func(d *Database) { d.HeartbeatAge = time.Hour })}, "db(r).loss_age < 15m", Unknown, ""},
		{[]Database{primary, up("q", RolePrimary, nil), up("r", RoleReplica, nil)}, "db(r).lag_bytes == 0", Unknown, ""},
		{[]Database{primary, up("r", RoleReplica, func(d *Database) { d.System = "2" })}, "db(r).lag_bytes == 0", Unknown, ""},
		{[]Database{primary, up("r", RoleReplica, func(d *Database) { d.LSN = -1 })}, "db(r).lag_bytes == 0", Unknown, ""},
		{[]Database{primary, up("r", RoleReplica, nil)}, "db(r).lag_age == 1s", True, "1s"},
		{[]Database{primary, up("r", RoleReplica, func(d *Database) { d.HeartbeatAge = time.Minute })}, "db(r).lag_age > 30s", True, "1m0s"},
		{[]Database{primary, up("r", RoleReplica, func(d *Database) { d.HeardAge = -1; d.Replay = ReplayCut })}, "db(r).lag_age < 5s", Unknown, ""},
		{[]Database{up("s", RolePrimary, func(d *Database) { d.Sessions = -1 })}, "db(s).sessions == 0", Unknown, ""},
		{[]Database{up("s", RolePrimary, func(d *Database) { d.Archiving = Unknown })}, "db(s).archiving == true", Unknown, ""},
	} {
		s := Snapshot{At: at, Every: 2 * time.Second, Databases: withLag(append([]Database(nil), c.all...))}
		r := Evaluate(s, parse(t, c.probe), nil)
		if r.Truth != c.want || r.Value != c.value || r.Truth == Unknown && r.Why == "" {
			t.Errorf("%s: %v %q, want %v %q (%s)", c.probe, r.Truth, r.Value, c.want, c.value, r.Why)
		}
	}
	old := Snapshot{At: at.Add(time.Minute), Every: 2 * time.Second, Databases: []Database{primary}}
	if r := Evaluate(old, parse(t, "db(p).role == primary"), nil); r.Truth != Unknown {
		t.Errorf("an old answer is believed: %+v", r)
	}
}

// What stands in a connection string comes out nowhere.
func TestDatabaseErrorsHideSecrets(t *testing.T) {
	for _, dsn := range []string{"postgres://u:hidden-word@127.0.0.1:1/x", "postgres://u:hidden-word@%zz", "host=127.0.0.1 port=hidden-word password=hidden-word",
		"ssh:postgres://u:hidden-word@127.0.0.1:1/x", "hidden-word"} {
		w := New(Fleet{Databases: []DatabaseSpec{{Name: "a", DSN: func() (string, error) { return dsn, nil }}}}, &wayDialer{}, nil, Options{Timeout: time.Second})
		d := w.Look(t.Context(), time.Now()).Databases[0]
		if d.State != Down || d.Err == "" || strings.Contains(d.Err, "hidden") {
			t.Errorf("%s: %+v", dsn, d)
		}
		w.Close()
	}
	if _, why := classifyDB(errors.New("dial error: user=u password=hidden-word")); strings.Contains(why, "hidden") {
		t.Error(why)
	}
}
