package cockpit

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// silentAfter is how many commits in a row a key must miss before it is worth
// an alert: one missed block is ordinary.
const silentAfter = 3

// How full a disk must be to be worth a caution, and a warning, in percent.
const (
	diskCaution = 90
	diskWarning = 97
)

// Alerts says what is wrong in a snapshot, the worst first. It is pure. The
// story is in the first 66 columns of each text: on a narrow screen the rest is
// cut off.
func Alerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, d := range s.Duplicates {
		if d.Shared {
			continue
		}
		out = append(out, Alert{Kind: "second-signer " + d.Address, Warning: true, Since: s.At, Source: strings.Join(d.Nodes, ", "),
			Text: fmt.Sprintf("Two nodes show the key %s: %s.", named(d.Key, d.Address), strings.Join(d.Nodes, " and "))})
	}
	out = append(out, elsewhereAlerts(s)...)
	out = append(out, evidenceAlerts(s)...)
	out = append(out, haltAlerts(s)...) // before the place whose silence made it
	out = append(out, placeAlerts(s)...)
	for _, f := range s.Chain.Forks {
		out = append(out, Alert{Kind: "fork " + f.Node, Warning: true, Since: s.At, Source: f.Other,
			Text: fmt.Sprintf("%s and %s disagree at height %d (%s).", f.Node, f.Other, f.Height, f.Kind)})
	}
	out = append(out, diskAlerts(s)...)
	out = append(out, keyAlerts(s)...)
	out = append(out, endpointAlerts(s)...)
	out = append(out, nodeAlerts(s)...)
	out = append(out, databaseAlerts(s)...)
	for i := range out {
		out[i].Memory = memoryOf(out[i].Kind)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Warning && !out[j].Warning })
	return out
}

func named(name, address string) string {
	if name != "" {
		return name
	}
	if len(address) > 12 {
		return address[:12]
	}
	return address
}

func evidenceAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, e := range s.Chain.Evidence {
		if !s.Since.IsZero() && e.Time.Before(s.Since) {
			continue
		}
		name := named("", e.Address)
		for _, k := range s.Keys {
			if k.Address == e.Address {
				name = k.Name
			}
		}
		kind := "double-sign " + e.Address
		if slices.ContainsFunc(out, func(a Alert) bool { return a.Kind == kind }) {
			continue
		}
		out = append(out, Alert{Kind: kind, Warning: true, Since: e.Seen, Source: fmt.Sprintf("block %d", e.Height),
			Text: fmt.Sprintf("%s signed twice at %d: banned for ever. Evidence in block %d.", name, e.At, e.Height)})
	}
	return out
}

func keyAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, k := range s.Keys {
		if k.Signing != nodes.False || k.MissedStreak < silentAfter || k.Tombstoned == nodes.True {
			continue
		}
		since, missed := "", fmt.Sprintf("; %d missed.", k.MissedStreak)
		if !k.StoppedSince.IsZero() {
			since = " since " + clockTime(s.At, k.StoppedSince)
		}
		if k.StreakOpen && since != "" {
			since, missed = " since before"+strings.TrimPrefix(since, " since"), fmt.Sprintf("; %d or more missed.", k.MissedStreak)
		}
		out = append(out, Alert{Kind: "key-silent " + k.Name, Since: k.StoppedSince, Source: k.Witness,
			Text: k.Name + " signs no block" + since + missed + agreeing(k)})
	}
	return out
}

// agreeing says how many witnesses tell the same silence.
func agreeing(k nodes.Key) string {
	n := 0
	for _, w := range k.Silence {
		if w.Span >= silentAfter && w.Absent == w.Span {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return " 1 witness says so."
	}
	return fmt.Sprintf(" %d witnesses agree.", n)
}

// clockTime is a time of day in UTC, with the day when it is another one.
func clockTime(now, t time.Time) string {
	if t.UTC().Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		return t.UTC().Format("2 Jan 15:04") + " UTC"
	}
	return t.UTC().Format(time.TimeOnly) + " UTC"
}

// haltAlerts is the halt: power and the nearest ways back, or that it is meant.
func haltAlerts(s nodes.Snapshot) []Alert {
	if s.Chain.Halted != nodes.True {
		return nil
	}
	p := s.Chain.Power
	a := Alert{Kind: "chain-halted", Warning: true, Since: s.Chain.HaltedSince, Source: s.Chain.HaltedWhy,
		Text: fmt.Sprintf("Chain halted at %d: %d of %d online, %d needed.", s.Chain.Height, p.Online, p.Total, p.Needed) + backAgain(nodes.WaysBack(s))}
	if p.Known != nodes.True {
		a.Text = fmt.Sprintf("Chain halted at %d; the power online is not known.", s.Chain.Height)
	}
	if planned := nodes.WhyHalted(s)[0]; planned.Holds == nodes.False {
		a.Warning, a.Text = false, fmt.Sprintf("Chain stands at %d as planned, for the upgrade %s.", s.Chain.Height, s.Chain.Plan.Name)
	}
	return []Alert{a}
}

// backAgain names whom it takes to go on; who must not or cannot come back by
// himself is not named.
func backAgain(ways []nodes.Way) string {
	ways = slices.DeleteFunc(ways, func(w nodes.Way) bool { return w.Back[len(w.Back)-1].Near == nodes.NearNever })
	if len(ways) == 0 {
		return ""
	}
	if len(ways[0].Back) > 1 {
		return fmt.Sprintf(" %s together are enough.", list(ways[0].Back, "and"))
	}
	var one []nodes.Absent
	for _, w := range ways {
		one = append(one, w.Back[0])
	}
	return fmt.Sprintf(" %s back is enough.", list(one, "or"))
}

// list is a row of names, at most four of them.
func list(who []nodes.Absent, word string) string {
	var names []string
	for _, a := range who[:min(len(who), 4)] {
		names = append(names, a.Name)
	}
	if more := len(who) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}

// elsewhereAlerts are keys of ours that somebody else signs with.
func elsewhereAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, k := range s.Keys {
		e := k.Elsewhere
		if e.Signed == 0 {
			continue
		}
		out = append(out, Alert{Kind: "key-elsewhere " + k.Name, Warning: true, Since: e.Since, Source: k.Witness,
			Text: fmt.Sprintf("Somebody else signs with %s: none of our hosts runs it. %d commits from %d to %d.", k.Name, e.Signed, e.From, e.To)})
	}
	return out
}

// diskAlerts are full disks under nodes. Only what was read lately counts.
func diskAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, h := range s.Hosts {
		if h.DiskUsed < diskCaution || h.Reachable != nodes.True || !s.Fresh(h.At, s.HostEvery) {
			continue
		}
		a := Alert{Kind: "disk-full " + h.Name, Warning: h.DiskUsed >= diskWarning, Since: h.At, Source: h.Name + ", over SSH",
			Text:   fmt.Sprintf("%s: disk %d %% full. A node that cannot write stops.", h.Name, h.DiskUsed),
			Memory: []string{"Delete nothing with state or keys in it.", "Reset no node to win space.", "Enlarge the disk, or move logs and snapshots."}}
		out = append(out, a)
	}
	return out
}

// noteAlertsLocked remembers since when each alert stands.
func (c *Cockpit) noteAlertsLocked() {
	now := map[string]time.Time{}
	for _, a := range Alerts(c.snap) {
		since, ok := c.seen[a.Kind]
		if !ok {
			if since = a.Since; since.IsZero() {
				since = c.snap.At
			}
		}
		now[a.Kind] = since
	}
	c.seen = now
}

// alarmsLocked are the alerts as the record keeps them.
func (c *Cockpit) alarmsLocked() []incident.Alarm {
	var out []incident.Alarm
	for _, a := range Alerts(c.snap) {
		out = append(out, incident.Alarm{Kind: a.Kind, Text: a.Text, Warning: a.Warning, At: c.clk.Now(), Since: a.Since})
	}
	return out
}

// doubleSignsLocked counts validators with evidence since the declaration.
func (c *Cockpit) doubleSignsLocked() int {
	return len(evidenceAlerts(c.snap))
}
