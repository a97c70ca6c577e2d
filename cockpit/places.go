package cockpit

import (
	"fmt"
	"time"

	"github.com/virtengine/relight/nodes"
)

// placeSilent begins the kind of an alert about a region or zone; its name
// follows.
const placeSilent = "place-silent"

// silentPlaceAfter is how long nothing there must answer: a node that is asked
// through a slow line is late now and then.
const silentPlaceAfter = 10 * time.Second

// placeAlerts are the regions and zones of which nothing answers. A zone of a
// silent region is not told twice, and where nothing answers anywhere the
// trouble is more likely here.
func placeAlerts(s nodes.Snapshot) []Alert {
	dark, anywhere := map[string]bool{}, false
	for _, p := range s.Places {
		dark[p.Name] = p.Silent() == nodes.True && s.At.Sub(p.Since) >= silentPlaceAfter
		anywhere = anywhere || p.Answering > 0
	}
	var out []Alert
	for _, p := range s.Places {
		if !anywhere || !dark[p.Name] || dark[p.In] {
			continue
		}
		what := "Zone "
		if p.Region {
			what = "Region "
		}
		out = append(out, Alert{Kind: placeSilent + " " + p.Name, Warning: true, Since: p.Since, Source: fmt.Sprintf("%d things there, none answers", p.Asked),
			Text: fmt.Sprintf("%s%s: nothing answers since %s, %d asked.%s", what, p.Name, clockTime(s.At, p.Since), p.Asked, powerLeft(s))})
	}
	return out
}

// powerLeft is what the chain has left, "" when that is not known.
func powerLeft(s nodes.Snapshot) string {
	p := s.Chain.Power
	if p.Known != nodes.True || p.Total == 0 {
		return ""
	}
	return fmt.Sprintf(" Power online: %d %%.", 100*p.Online/p.Total)
}

// placeOffer is the declaration for a region or zone of which nothing answers.
func placeOffer(name string, a Alert, s nodes.Snapshot) *Offer {
	o := &Offer{Runbook: "availability-zone-failure", Severity: "sev2", Onset: a.Since,
		Title: fmt.Sprintf("Nothing in %s answers since %s", name, clockTime(s.At, a.Since)), Params: map[string]string{"place": name}}
	if p, ok := s.Place(name); ok && p.Region {
		o.Runbook, o.Severity = "region-failure", "sev1"
	}
	return o
}

// haltOffer is the declaration for a chain that stands still.
func haltOffer(a Alert, s nodes.Snapshot) *Offer {
	return &Offer{Runbook: "chain-halt", Severity: "sev1", Onset: a.Since, Params: map[string]string{},
		Title: "The chain stands since " + clockTime(s.At, a.Since)}
}
