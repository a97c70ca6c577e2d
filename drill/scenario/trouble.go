package scenario

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
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
	return t, nil
}

// troubles is the table of the shipped runbooks' drills, by runbook.
func troubles() map[string]Trouble {
	one := func(name, target string) []Fault { return []Fault{{Name: name, Target: target}} }
	return map[string]Trouble{
		"single-validator-failover": {Faults: one("process-crash", "val-2")},
		"provider-daemon-recovery":  {Faults: one("process-crash", "provider-1")},
		"monitoring-recovery":       {Faults: one("process-crash", "monitor-1")},
	}
}

// jitter is up to 6 s, so that the trouble falls anywhere between two blocks.
func jitter(runbook string, seed uint64) time.Duration {
	d := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(runbook), seed))
	return time.Duration(binary.BigEndian.Uint64(d[:8])%6000) * time.Millisecond
}
