package cockpit

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// Two primaries of one cluster are a warning with what to know by heart; of two
// clusters they are none. A lost answer is no alert, and what is not known of a
// replica is none.
func TestDatabaseAlerts(t *testing.T) {
	up := nodes.Database{Name: "a", State: nodes.Up, SeenAt: start, Role: nodes.RolePrimary, System: "1", Timeline: 1}
	second := up
	second.Name, second.Timeline = "b", 2
	other := second
	other.System = "2"
	replica := nodes.Database{Name: "b", State: nodes.Up, SeenAt: start, Role: nodes.RoleReplica, System: "1", Replay: nodes.ReplayStreaming, HeardAge: time.Second}
	cut, frozen := replica, replica
	cut.Replay, frozen.HeardAge = nodes.ReplayCut, 2*time.Minute
	down := nodes.Database{Name: "a", Meant: "primary", State: nodes.Down, Err: "connection refused", Fails: 2, Since: start.Add(-time.Minute)}
	once := down
	once.Fails = 1
	for name, c := range map[string]struct {
		all  []nodes.Database
		want string
	}{
		"well":                 {[]nodes.Database{up, replica}, ""},
		"two primaries":        {[]nodes.Database{up, second}, "Two primaries: a (timeline 1) and b (timeline 2)"},
		"two clusters":         {[]nodes.Database{up, other}, ""},
		"one lost answer":      {[]nodes.Database{once, replica}, ""},
		"down":                 {[]nodes.Database{down, replica}, "The primary database a does not answer since"},
		"cut from its primary": {[]nodes.Database{up, cut}, "The replica b hears no primary"},
		"cut, nobody to hear":  {[]nodes.Database{down, cut}, "The primary database a does not answer since"},
		"frozen":               {[]nodes.Database{up, frozen}, "The replica b has heard nothing for 2m0s"},
	} {
		got := databaseAlerts(nodes.Snapshot{At: start, Every: 2 * time.Second, Databases: c.all})
		switch {
		case c.want == "" && len(got) == 0:
		case len(got) != 1 || !strings.HasPrefix(got[0].Text, c.want) || c.want == "":
			t.Errorf("%s: %+v", name, got)
		case strings.HasPrefix(c.want, "Two") && (!got[0].Warning || len(memoryOf(got[0].Kind)) != 3):
			t.Errorf("%s: %+v", name, got[0])
		}
	}
}

// A primary that does not answer offers the promotion of its replica, with both
// hosts; a replica that does not answer offers nothing.
func TestADatabaseOffersItsRunbook(t *testing.T) {
	c := New(Options{Clock: clock.NewRehearsal(start, 1), Fleet: config.Fleet{Components: []config.Component{{Name: "Databases",
		Members: []config.Member{{Kind: config.MemberDatabase, Name: "a"}, {Kind: config.MemberDatabase, Name: "b"}}}}}})
	c.snap = nodes.Snapshot{At: start, Databases: []nodes.Database{
		{Name: "a", Host: "ha", Meant: "primary", State: nodes.Down}, {Name: "b", Host: "hb", Role: nodes.RoleReplica, State: nodes.Up}}}
	o := c.offerLocked(Alert{Kind: databaseDown + "a", Since: start})
	if o == nil || o.Runbook != "database-promote-replica" || !maps.Equal(o.Params, map[string]string{"db": "a", "failed": "ha", "replica": "b", "standby": "hb"}) {
		t.Errorf("offered: %+v", o)
	}
	if o := c.offerLocked(Alert{Kind: databaseDown + "b", Since: start}); o != nil {
		t.Errorf("a replica offers %+v", o)
	}
}

// A cockpit that took over never saw the primary: the record knows since when it
// does not answer, so what a promotion would lose is known.
func TestTheLossIsKnownAfterARestart(t *testing.T) {
	c, _, _ := sit(t)
	c.state.Alarms = []incident.Alarm{{Kind: databaseDown + "db-1", Since: start, At: start.Add(2 * time.Second)}}
	all := []nodes.Database{
		{Name: "db-1", Meant: "primary", State: nodes.Down},
		{Name: "db-2", Meant: "replica", Role: nodes.RoleReplica, State: nodes.Up, SeenAt: start.Add(time.Minute), HeartbeatAge: 65 * time.Second, LossAge: -1},
		{Name: "db-3", Meant: "replica", Role: nodes.RoleReplica, State: nodes.Up, SeenAt: start.Add(time.Minute), HeartbeatAge: -1, LossAge: -1},
	}
	c.rememberLossLocked(all)
	if all[1].LossAge != 5*time.Second || all[2].LossAge >= 0 {
		t.Errorf("%v, %v", all[1].LossAge, all[2].LossAge)
	}
	all[0].SeenAt, all[1].LossAge = start, -1 // this one saw it itself
	if c.rememberLossLocked(all); all[1].LossAge >= 0 {
		t.Errorf("%v", all[1].LossAge)
	}
}
