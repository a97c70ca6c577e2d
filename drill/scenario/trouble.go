package scenario

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// Trouble is what happens in the drill of a runbook.
type Trouble struct {
	// Faults happen to the fleet; their times count from the drill's start.
	Faults []Fault
	// Params are the answers to the runbook's questions that fit the faults: what
	// the offer of an alert does not know.
	Params map[string]string
	// Told is what somebody reports at ToldAt after the start, where no sensor sees
	// the trouble; "" when the alerts tell it.
	Told   string
	ToldAt time.Duration
}

// Of is the trouble that a runbook's drill begins with. The same seed gives the
// same moments.
func Of(runbook string, seed uint64) (Trouble, error) {
	all := troubles()
	t, ok := all[runbook]
	if !ok {
		return Trouble{}, fmt.Errorf("no fault starts a drill of runbook %q: give one with --fault, or fly one of %s", runbook,
			strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	at := 12*time.Second + jitter(runbook, seed)
	for i := range t.Faults {
		t.Faults[i].At += at
	}
	t.ToldAt += at
	for name, v := range t.Params {
		if d, err := time.ParseDuration(strings.TrimPrefix(v, atFault)); err == nil && strings.HasPrefix(v, atFault) {
			t.Params[name] = AtStart + (at + d).String()
		}
	}
	return t, nil
}

// A parameter that is a moment: counted from the first fault in the table, from
// the drill's start outside of it.
const (
	atFault = "fault"
	AtStart = "start+"
)

// Moments fills in the moments of a drill that starts at start: a value such as
// start+12s becomes a time in UTC.
func Moments(params map[string]string, start time.Time) map[string]string {
	out := map[string]string{}
	for name, v := range params {
		if after, ok := strings.CutPrefix(v, AtStart); ok {
			if d, err := time.ParseDuration(after); err == nil {
				v = start.Add(d).UTC().Truncate(time.Second).Format(time.RFC3339)
			}
		}
		out[name] = v
	}
	return out
}

// troubles is the table of the shipped runbooks' drills, by runbook.
func troubles() map[string]Trouble {
	one := func(name, target string) []Fault { return []Fault{{Name: name, Target: target}} }
	control := map[string]string{"control": "monitor-1"}
	return map[string]Trouble{
		"rpc-endpoint-recovery": {Faults: one("process-crash", "rpc-1"), Params: names(map[string]string{
			"failed": "rpc-1", "node": "rpc-1", "other": "val-3", "control": "monitor-1", "name": "rpc.drill.example.", "stand_in": "val-3.hosts.drill.example."})},
		"availability-zone-failure": {Faults: away("us-1a", 4*time.Minute), Params: map[string]string{"place": "us-1a", "control": "monitor-1"}},
		"region-failure": {Faults: away("eu-1", 6*time.Minute), Params: names(map[string]string{
			"place": "eu-1", "control": "monitor-2", "dr_node": "val-3", "dr_monitor": "monitor-2-health", "switch": elsewhere})},
		"datacenter-loss": {Faults: one("partition", "eu-1b"), Params: names(map[string]string{
			"place": "eu-1b", "control": "monitor-2", "dr_monitor": "monitor-2-health",
			"switch": "monitor.drill.example.=monitor-2.hosts.drill.example."})},
		"key-compromise": {Told: "Security: the key of val-3 was found in a public paste.", Params: map[string]string{"key": "val-3", "holder": "val-3"}},
		"component-failover-test": {Told: "The monthly test is due: a provider's daemon is stopped on purpose.",
			Params: map[string]string{"failed": "provider-2", "endpoint": "provider-2-health"}},
		"availability-zone-failover-test": {Faults: away("us-1a", 4*time.Minute), Told: "The quarterly test is due: zone us-1a is cut off on purpose.",
			Params: map[string]string{"place": "us-1a", "control": "monitor-1"}},
		"full-dr-exercise": {Faults: away("eu-1", 6*time.Minute), Told: "The annual exercise is due: the first region is taken as lost.",
			Params: names(map[string]string{"place": "eu-1", "control": "monitor-2", "dr_node": "val-3", "dr_monitor": "monitor-2-health", "switch": elsewhere})},
		"quarterly-review": {Told: "The quarterly review is due.",
			Params: map[string]string{"standby": "val-2s", "backup_host": "monitor-1", "dr_monitor": "monitor-2-health"}},
		"validator-from-key-backup": {Faults: one("disk-lost", "val-3"), Params: anew(map[string]string{})},
		"validator-node-loss": {Faults: one("machine-lost", "val-3"), Params: anew(map[string]string{
			"binary_url": "https://" + world.ArtifactHost + "/virtengine-1.0.0", "binary_sha256": sum("/virtengine-1.0.0"),
			"snapshot_url": "https://" + world.ArtifactHost + "/virtengine-1.tar", "snapshot_sha256": sum("/virtengine-1.tar")})},
		"chain-halt": {Faults: []Fault{{Name: "process-crash", Target: "val-3"}, {Name: "process-crash", Target: "val-4", At: time.Second}},
			Params: map[string]string{"key": "val-3", "failed": "val-3"}},
		"single-validator-failover": {Faults: one("process-crash", "val-2")},
		"provider-daemon-recovery":  {Faults: one("process-crash", "provider-1")},
		"monitoring-recovery":       {Faults: one("process-crash", "monitor-1")},
		"database-promote-replica":  {Faults: one("db-crash", "db-1"), Params: control},
		"backup-verification":       {Told: "The daily verification of the backups is due.", Params: map[string]string{"host": "db-2"}},
		"database-corruption": {Faults: one("db-corrupt", "db-1"), Told: "A search fails: invalid page in block 17 of relation base/16384/16390.", ToldAt: time.Minute,
			Params: map[string]string{"db": "db-1", "failed": "db-1", "replica": "db-2", "standby": "db-2", "source": "db-2", "control": "monitor-1"}},
		"database-failback": {Faults: one("db-split", "db-2"), Params: map[string]string{"source": "db-2"}},
		"database-full-restore": {Faults: []Fault{{Name: "db-corrupt", Target: "db-1"}, {Name: "db-crash", Target: "db-1", At: 20 * time.Second}},
			Params: map[string]string{"source": "db-1", "control": "monitor-1"}},
		"database-point-in-time": {Faults: one("db-bad-write", "db-1"), ToldAt: 4 * time.Minute, Told: "A migration has deleted orders that nobody meant to delete.",
			Params: map[string]string{"db": "db-1", "failed": "db-1", "replica": "db-2", "standby": "db-2", "source": "db-1", "control": "monitor-1",
				"target": "fault-1s", "at_least": "21000"}},
	}
}

// elsewhere is where the names of the first region lead without it.
const elsewhere = "rpc.drill.example.=val-3.hosts.drill.example. provider.drill.example.=provider-2.hosts.drill.example. monitor.drill.example.=monitor-2.hosts.drill.example."

// away cuts a place off, for so long.
func away(place string, d time.Duration) []Fault {
	return []Fault{{Name: "partition", Target: place}, {Name: "partition", Target: place, At: d, Mend: true}}
}

// anew adds what a node that is built anew needs: where things lie, and what they
// must be.
func anew(params map[string]string) map[string]string {
	for name, value := range map[string]string{
		"key": "val-3", "failed": "val-3", "witness": "val-1", "second_witness": "val-4",
		"sealed":         "/backups/validator-keys/val-3.json.gpg",
		"rpc_servers":    "http://val-1:26657,http://val-4:26657",
		"chain_id":       world.ChainID,
		"genesis_url":    "https://" + world.ArtifactHost + "/genesis.json",
		"genesis_sha256": sum("/genesis.json"),
	} {
		params[name] = value
	}
	return params
}

// sum is the fingerprint of an artifact, as its register tells it.
func sum(artifact string) string {
	d := sha256.Sum256([]byte(world.Artifact(artifact)))
	return hex.EncodeToString(d[:])
}

// names adds where the rehearsal's names are kept.
func names(params map[string]string) map[string]string {
	params["zone_id"], params["servers"] = world.DNSZone, strings.Join(world.NameServers(), " ")
	return params
}

// jitter is up to 6 s, so that the trouble falls anywhere between two blocks.
func jitter(runbook string, seed uint64) time.Duration {
	d := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(runbook), seed))
	return time.Duration(binary.BigEndian.Uint64(d[:8])%6000) * time.Millisecond
}
