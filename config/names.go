package config

import "strings"

// Word lists of the schema, one blank between words. Constants, so that nobody
// can add to them at run time.
const (
	// drivers a file may name. The law of the plan is kept for all of them.
	drivers = "slack discord statuspage pagerduty smtp webhook cachet cstate upptime instatus github jira hand"
	// drivenToday are sent by relight itself; the rest are sent by hand.
	drivenToday = "slack discord statuspage"
	// faultNames is one list for every fleet; a fleet says which it can make.
	faultNames = "process-crash host-down host-hang ssh-down ssh-hang ssh-new-key sudo-locked stop-lies reboot " +
		"partition halt app-hash colleague-starts-old disk-full slack-429 reply-lost channel-down clock-skew " +
		"db-crash db-corrupt db-bad-write db-split replica-frozen backup-corrupt wal-gap disk-lost machine-lost"
	endpointKinds = "http tls dns prometheus alertmanager kubernetes provider"
	severities    = "sev1 sev2 sev3 sev4"
	roles         = "commander deputy ops comms scribe"
	fleetTables   = "chain ssh host node key database endpoint component channel say target fence people"
)

// Drivers are the channel drivers a file may name.
func Drivers() []string { return strings.Fields(drivers) }

// FaultNames are the faults a fleet may be able to make.
func FaultNames() []string { return strings.Fields(faultNames) }

// Severities are sev1 to sev4.
func Severities() []string { return strings.Fields(severities) }

// Roles are what a person may hold.
func Roles() []string { return strings.Fields(roles) }

// EndpointKinds are what an endpoint may be.
func EndpointKinds() []string { return strings.Fields(endpointKinds) }

// Nearest is the candidate closest to word by edit distance, or "" when none is
// close: at most a third of the word may differ.
func Nearest(word string, candidates []string) string {
	const most = 200 // enough for any fleet; keeps a hostile file from costing time
	if len(word) > 80 {
		return ""
	}
	best, dist := "", max(1, len(word)/3)+1
	low := strings.ToLower(word)
	for _, c := range candidates[:min(len(candidates), most)] {
		if len(c)-len(word) >= dist || len(word)-len(c) >= dist {
			continue // each byte more or less is one step at least
		}
		if d := distance(low, strings.ToLower(c)); d < dist {
			best, dist = c, d
		}
	}
	return best
}

// distance is the number of inserted, deleted, replaced or swapped neighbouring
// bytes between a and b (optimal string alignment).
func distance(a, b string) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
