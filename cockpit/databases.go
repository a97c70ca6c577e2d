package cockpit

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// Beginnings of the kinds of alerts about databases; names follow.
const (
	twoPrimaries   = "two-primaries "
	databaseDown   = "database-down "
	databaseBehind = "database-behind "
)

// behindAfter is how long a replica may hear nothing of a primary that answers.
const behindAfter = time.Minute

// databaseAlerts are two primaries of one cluster, servers that do not answer,
// and replicas that do not follow.
func databaseAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for i, d := range s.Databases {
		switch {
		case d.State == nodes.Down && d.Fails >= failsAlert:
			what := "database"
			if d.Meant == string(nodes.RolePrimary) || d.Role == nodes.RolePrimary {
				what = "primary database"
			}
			out = append(out, Alert{Kind: databaseDown + d.Name, Since: d.Since, Source: d.Name,
				Text: fmt.Sprintf("The %s %s does not answer since %s: %s.", what, d.Name, clockTime(s.At, d.Since), d.Err)})
		case d.State != nodes.Up || !s.Fresh(d.SeenAt, s.Every):
		case d.Role == nodes.RolePrimary:
			for _, other := range s.Databases[i+1:] {
				if other.State == nodes.Up && other.Role == nodes.RolePrimary && d.System != "" && other.System == d.System && s.Fresh(other.SeenAt, s.Every) {
					out = append(out, splitBrain(s, d, other))
				}
			}
		default:
			if why := notFollowing(s, d); why != "" {
				out = append(out, Alert{Kind: databaseBehind + d.Name, Since: s.At, Source: d.Name,
					Text: fmt.Sprintf("The replica %s %s: what it holds gets old.", d.Name, why)})
			}
		}
	}
	return out
}

func splitBrain(s nodes.Snapshot, a, b nodes.Database) Alert {
	return Alert{Kind: twoPrimaries + a.Name + " " + b.Name, Warning: true, Since: s.At, Source: a.Name + ", " + b.Name,
		Text: fmt.Sprintf("Two primaries: %s (timeline %d) and %s (timeline %d) both take writes.", a.Name, a.Timeline, b.Name, b.Timeline)}
}

// notFollowing says why a replica does not follow a primary that answers; ""
// when it does, or when that is not known.
func notFollowing(s nodes.Snapshot, d nodes.Database) string {
	primary := false
	for _, p := range s.Databases {
		primary = primary || p.State == nodes.Up && p.Role == nodes.RolePrimary && p.System == d.System && p.System != ""
	}
	switch {
	case !primary:
		return ""
	case d.Replay == nodes.ReplayPaused:
		return "is held: replay is paused"
	case d.Replay == nodes.ReplayCut:
		return "hears no primary"
	case d.HeardAge > behindAfter:
		return fmt.Sprintf("has heard nothing for %s", d.HeardAge.Round(time.Second))
	}
	return ""
}

// databaseOfferLocked is the declaration for a database: nil when the alert is
// about none, or when no runbook answers it.
func (c *Cockpit) databaseOfferLocked(a Alert) *Offer {
	var o *Offer
	if name, ok := strings.CutPrefix(a.Kind, databaseDown); ok {
		o = c.downOffer(name, a)
	} else if names, ok := strings.CutPrefix(a.Kind, twoPrimaries); ok {
		first, second, _ := strings.Cut(names, " ")
		o = c.splitOffer(first, second, a)
	}
	if o == nil || !checklists.Ships(o.Runbook) || c.state.Open() && c.o.OpenOther == nil {
		return nil
	}
	return c.asAskedLocked(o)
}

// downOffer answers a primary that does not answer. A replica that is gone
// costs readers and safety, but no procedure of the library brings it back.
func (c *Cockpit) downOffer(name string, a Alert) *Offer {
	part, ok := componentOf(c.o.Fleet.Components, config.Member{Kind: config.MemberDatabase, Name: name})
	book, answered := checklists.Answers(part.Name)
	d, _ := c.snap.Database(name)
	if !ok || !answered || d.Role != nodes.RolePrimary && d.Meant != string(nodes.RolePrimary) {
		return nil
	}
	o := &Offer{Runbook: book, Severity: "sev2", Onset: a.Since, Params: map[string]string{"db": name, "failed": d.Host},
		Title: fmt.Sprintf("%s: %s does not answer since %s", part.Name, name, clockTime(c.snap.At, a.Since))}
	for _, r := range c.snap.Databases {
		if r.Name != name && r.Role == nodes.RoleReplica && (d.System == "" || r.System == d.System) {
			o.Params["replica"], o.Params["standby"] = r.Name, r.Host
			break
		}
	}
	return o
}

// splitOffer answers two primaries: the one on the older timeline is the one
// that was to be replaced.
func (c *Cockpit) splitOffer(first, second string, a Alert) *Offer {
	old, _ := c.snap.Database(first)
	next, _ := c.snap.Database(second)
	if next.Timeline < old.Timeline {
		old, next = next, old
	}
	return &Offer{Runbook: "database-failback", Severity: "sev1", Onset: a.Since,
		Title:  fmt.Sprintf("Two primaries: %s and %s", first, second),
		Params: map[string]string{"db": next.Name, "primary": next.Host, "old": old.Name, "failed": old.Host}}
}

// rememberLossLocked fills in what a promotion would lose, at most, where the
// primary was last seen by a cockpit that is gone: the record says since when it
// does not answer.
func (c *Cockpit) rememberLossLocked(all []nodes.Database) {
	for _, a := range c.state.Alarms {
		name, ok := strings.CutPrefix(a.Kind, databaseDown)
		if !ok || !a.Ended.IsZero() || a.Since.IsZero() {
			continue
		}
		for _, p := range all {
			if p.Name != name || !p.SeenAt.IsZero() || p.Meant != string(nodes.RolePrimary) {
				continue
			}
			for i, d := range all {
				if d.State == nodes.Up && d.Role == nodes.RoleReplica && d.LossAge < 0 && d.HeartbeatAge >= 0 {
					all[i].LossAge = max(0, a.Since.Sub(d.SeenAt.Add(-d.HeartbeatAge)))
				}
			}
		}
	}
}
