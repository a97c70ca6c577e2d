package scenario

import (
	"fmt"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// Fault is one thing that goes wrong.
type Fault struct {
	At     time.Duration `json:"at"` // after the drill's start
	Name   string        `json:"name"`
	Target string        `json:"target"`         // a host, a place, a receiver; empty where none is needed
	Mend   bool          `json:"mend,omitempty"` // it ends instead
}

// Apply makes a fault now.
func Apply(w *world.World, fault, target string) error {
	if err := w.Fault(fault, target); err != nil {
		return fmt.Errorf("making a fault: %w", err)
	}
	return nil
}

// Mend ends a fault now.
func Mend(w *world.World, fault, target string) error {
	if err := w.Mend(fault, target); err != nil {
		return fmt.Errorf("mending a fault: %w", err)
	}
	return nil
}

// Schedule enters faults into the world, counted from its start. Nothing is
// entered when one of them is wrong.
func Schedule(w *world.World, faults []Fault) error {
	for _, f := range faults {
		if err := w.CheckFault(f.Name, f.Target); err != nil {
			return fmt.Errorf("scheduling a fault: %w", err)
		}
	}
	for _, f := range faults {
		enter := w.Schedule
		if f.Mend {
			enter = w.ScheduleMend
		}
		if err := enter(w.Start.Add(f.At), f.Name, f.Target); err != nil {
			return fmt.Errorf("scheduling a fault: %w", err)
		}
	}
	return nil
}

// Title is what a fault looks like from outside, in one sentence.
func Title(fault string) string { return titles()[fault] }

// Names are the faults that the built-in fleet can make, sorted.
func Names() []string { return world.FaultNames() }

// DefaultTarget is what a fault is done to when nobody names a target. A fault
// that this fleet does not know has none.
func DefaultTarget(fault string) string {
	switch fault {
	case "halt":
		return ""
	case "slack-429", "reply-lost", "channel-down":
		return "slack"
	case "db-crash", "db-corrupt", "db-bad-write", "wal-gap", "backup-corrupt":
		return "db-1"
	case "replica-frozen", "db-split":
		return "db-2"
	case "partition":
		return "val-2"
	case "colleague-starts-standby":
		return "val-2s"
	}
	if titles()[fault] == "" {
		return ""
	}
	return "val-2"
}

func titles() map[string]string {
	return map[string]string{
		"process-crash":            "the main service of a host dies and systemd gives up on it",
		"host-down":                "a machine loses its power",
		"host-hang":                "a machine takes connections and says nothing",
		"ssh-down":                 "SSH refuses while the node runs on",
		"ssh-hang":                 "SSH takes connections and sends no banner",
		"ssh-new-key":              "a host shows another host key",
		"sudo-locked":              "sudo asks for a password",
		"stop-lies":                "systemctl stop answers 0 and the process lives",
		"reboot":                   "a machine reboots and starts what is enabled",
		"partition":                "a host, zone or region is cut off in both directions",
		"halt":                     "so many validators crash that the chain stands still",
		"app-hash":                 "a node computes another result and stands, with everything green",
		"colleague-starts-old":     "somebody takes a fence down and starts the old validator",
		"colleague-starts-standby": "somebody opens the sealed key on the standby and starts it",
		"disk-full":                "a disk is full: nothing can be written, the node dies",
		"slack-429":                "a chat service says that there are too many posts",
		"reply-lost":               "a post arrives and its answer does not",
		"channel-down":             "a chat service or status page refuses connections",
		"disk-lost":                "the disk with a node's home is lost: data, keys and sign state",
		"machine-lost":             "a machine is gone for good, a new and empty one stands in its place",
		"clock-skew":               "a host's clock is 90 seconds ahead",
		"db-crash":                 "the database server dies and systemd gives up on it",
		"db-corrupt":               "a page of a table is damaged; the server runs on and counts as before",
		"db-bad-write":             "a migration deletes rows that nobody meant to delete",
		"db-split":                 "somebody promotes a replica while its primary serves: both take writes",
		"replica-frozen":           "a replica stands still and says that it is in step",
		"wal-gap":                  "a segment of WAL is missing in the archive",
		"backup-corrupt":           "the newest base backup has a flipped byte",
	}
}
