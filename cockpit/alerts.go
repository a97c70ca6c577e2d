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

// Alerts says what is wrong in a snapshot, the worst first. It is pure.
func Alerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, d := range s.Duplicates {
		if d.Shared {
			continue
		}
		out = append(out, Alert{Kind: "second-signer " + d.Address, Warning: true, Since: s.At, Source: strings.Join(d.Nodes, ", "),
			Text:   fmt.Sprintf("Two nodes show the key %s: %s.", named(d.Key, d.Address), strings.Join(d.Nodes, " and ")),
			Memory: []string{"Stop and fence one of them now: the standby first.", "Starting or restarting nothing is safe.", "One double sign bans the key for ever."}})
	}
	out = append(out, evidenceAlerts(s)...)
	if s.Chain.Halted == nodes.True {
		p := s.Chain.Power
		out = append(out, Alert{Kind: "chain-halted", Warning: true, Since: s.Chain.HaltedSince, Source: s.Chain.HaltedWhy,
			Text:   fmt.Sprintf("The chain is halted at %d. Power %d of %d, needed %d.", s.Chain.Height, p.Online, p.Total, p.Needed),
			Memory: []string{"Do not restart all together: deadlock.", "Start no standby with a copied key.", "Nothing may reset a sign state."}})
	}
	for _, f := range s.Chain.Forks {
		out = append(out, Alert{Kind: "fork " + f.Node, Warning: true, Since: s.At, Source: f.Other,
			Text: fmt.Sprintf("%s and %s disagree at height %d (%s).", f.Node, f.Other, f.Height, f.Kind)})
	}
	out = append(out, keyAlerts(s)...)
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
			Text:   fmt.Sprintf("The chain holds evidence of a double sign by %s at height %d. It is tombstoned: banned for ever.", name, e.At),
			Memory: []string{"Stop and fence every host with this key.", "The key is lost: never start it again.", "Keep the logs: nothing is deleted."}})
	}
	return out
}

func keyAlerts(s nodes.Snapshot) []Alert {
	var out []Alert
	for _, k := range s.Keys {
		if k.Signing != nodes.False || k.MissedStreak < silentAfter || k.Tombstoned == nodes.True {
			continue
		}
		ago := ""
		if !k.StoppedSince.IsZero() {
			ago = " since " + k.StoppedSince.Format("15:04:05") + " UTC"
			if k.StreakOpen {
				ago = " at least" + ago
			}
		}
		out = append(out, Alert{Kind: "key-silent " + k.Name, Since: k.StoppedSince, Source: k.Witness,
			Text: fmt.Sprintf("%s has signed no block%s; %d missed in a row.", k.Name, ago, k.MissedStreak)})
	}
	return out
}

// offer is the declaration that fits the first alert that a runbook answers.
func (c *Cockpit) offerLocked(alerts []Alert) *Offer {
	for _, a := range alerts {
		key, ok := strings.CutPrefix(a.Kind, "key-silent ")
		if !ok {
			continue
		}
		k, known := c.o.Fleet.Key(key)
		if !known {
			continue
		}
		o := &Offer{Runbook: "single-validator-failover", Severity: "sev3", Onset: a.Since,
			Title: fmt.Sprintf("%s signs no blocks since %s UTC", key, a.Since.Format("15:04:05")), Params: map[string]string{"key": key}}
		if h := c.signer(k); h != "" {
			o.Params["failed"] = h
		}
		for _, h := range k.Standbys {
			if h != o.Params["failed"] {
				o.Params["standby"] = h
				break
			}
		}
		if c.o.Runbook != "" {
			o.Runbook = c.o.Runbook
		}
		for p, v := range c.o.Params {
			o.Params[p] = v
		}
		return o
	}
	return nil
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
		out = append(out, incident.Alarm{Kind: a.Kind, Text: a.Text, Warning: a.Warning, At: c.clk.Now()})
	}
	return out
}

// doubleSignsLocked counts validators with evidence since the declaration.
func (c *Cockpit) doubleSignsLocked() int {
	return len(evidenceAlerts(c.snap))
}
