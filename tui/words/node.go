package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Node is what is seen of one node: whether it answers, is in step, signs.
func Node(v cockpit.View, n nodes.Node) (mark, text string, level Level) {
	switch n.State {
	case nodes.Down:
		if fenced, _ := nodes.Fenced(v.Snap, n.Host); fenced == nodes.True {
			return Left, "FENCED, stopped", Calm
		}
		return Bad, "DOWN, " + fails(n), Warning
	case nodes.Up:
	default:
		return Asks, "not asked yet", Unknown
	}
	height := Num(n.Height)
	signs, missed := signing(v, n)
	switch {
	case doubled(v, n):
		return Bad, "SHOWS A KEY THAT ANOTHER NODE SHOWS, " + height, Warning
	case n.RightNet == nodes.False:
		return Bad, "WRONG NETWORK " + safe.Short(n.Network, 30), Warning
	case n.CatchingUp == nodes.True:
		return Going, fmt.Sprintf("catching up, %s behind", Num(n.Lag)), Calm
	case n.PeersAt.After(time.Time{}) && n.Peers == 0:
		return Bad, "UP, peers 0, " + height, Warning
	case n.InStep == nodes.False:
		return Bad, "OUT OF STEP " + safe.Short(n.InStepWhy, 60), Warning
	case n.Stuck == nodes.True:
		return Look, "STUCK at " + height, Caution
	case v.Snap.Chain.Halted == nodes.True && n.Height == v.Snap.Chain.Height:
		return Going, "waits for the chain at " + height, Calm // it is not the one that is wrong
	case missed > 0:
		return Bad, fmt.Sprintf("NOT SIGNING, missed %d in a row, %s", missed, height), Warning
	case n.Synced == nodes.False:
		return Look, "not synced: " + orElse(safe.Short(n.SyncedWhy, 60), height), Caution
	case n.Synced != nodes.True:
		return Asks, "not known if synced, " + height, Unknown
	}
	return Good, fmt.Sprintf("%s, %s, peers %d", orElse(signs, "synced"), height, n.Peers), Calm
}

// doubled says that another node shows the same key, and should not.
func doubled(v cockpit.View, n nodes.Node) bool {
	return slices.ContainsFunc(v.Snap.Duplicates, func(d nodes.Duplicate) bool { return !d.Shared && slices.Contains(d.Nodes, n.Name) })
}

func fails(n nodes.Node) string {
	switch n.Fail {
	case nodes.FailRefused:
		return "RPC refuses"
	case nodes.FailTimeout:
		return "no answer in time"
	case nodes.FailHostKey:
		return "WRONG HOST KEY"
	case nodes.FailReach:
		return "unreachable"
	case nodes.FailAnswer:
		return "answers, but not as a node"
	}
	return orElse(safe.Short(n.Err, 60), "no answer")
}

// signing says whether one of our keys signs on this node, and how many
// blocks in a row that key missed.
func signing(v cockpit.View, n nodes.Node) (text string, missed int) {
	for _, k := range v.Snap.Keys {
		if !slices.Contains(k.LiveEndpoints, n.Name) {
			continue
		}
		switch {
		case k.Signing == nodes.True:
			return "signing", 0
		case k.Signing == nodes.False && k.MissedStreak > 0:
			return "", k.MissedStreak
		}
	}
	return "", 0
}

// Host is what is seen of a host over SSH.
func Host(v cockpit.View, h nodes.HostFacts) (mark, text string, level Level) {
	if h.At.IsZero() {
		return Asks, "not looked at yet", Unknown
	}
	switch {
	case h.HostKey:
		return Bad, "WRONG HOST KEY", Warning
	case h.Reachable == nodes.False:
		return Bad, "SSH DOES NOT ANSWER", Warning
	case h.Reachable != nodes.True:
		return Asks, "not known if SSH answers", Unknown
	}
	if fenced, _ := nodes.Fenced(v.Snap, h.Name); fenced == nodes.True {
		return Left, "fenced, stopped", Calm
	}
	return Good, "SSH answers, " + Unit(h), Calm
}

// Unit is the state of a host's unit, in systemd's own words.
func Unit(h nodes.HostFacts) string {
	s := "unit " + orElse(safe.Short(h.Unit.ActiveState, 20), "not read")
	if h.Unit.UnitFileState != "" {
		s += ", " + safe.Short(h.Unit.UnitFileState, 20)
	}
	return s
}

// Endpoint is what is seen of something that answers over HTTP.
func Endpoint(e nodes.Endpoint) (mark, text string, level Level) {
	switch e.OK {
	case nodes.True:
		return Good, "answers", Calm
	case nodes.False:
		return Bad, "DOES NOT SERVE: " + orElse(safe.Short(e.Why, 60), "no reason read"), Warning
	}
	return Asks, orElse(safe.Short(e.Why, 60), "not asked yet"), Unknown
}

// Key is what the chain shows of one validator key.
func Key(v cockpit.View, k nodes.Key, now time.Time) (mark, text string, level Level) {
	name := safe.Short(k.Name, 24)
	where := ""
	if len(k.LiveEndpoints) > 0 {
		where = " on " + safe.Short(strings.Join(k.LiveEndpoints, ", "), 40)
	}
	switch {
	case k.Tombstoned == nodes.True:
		return Bad, name + " BANNED FOR EVER (tombstoned)", Warning
	case k.Jailed == nodes.True:
		return Bad, name + " JAILED", Warning
	case k.Signing == nodes.True:
		return Good, name + " signs" + where, Calm
	case k.Signing == nodes.False:
		missed, since := Num(int64(k.MissedStreak)), ""
		if k.StreakOpen {
			missed += " or more" // no older commit is kept
		}
		if at := stopped(v, k); !at.IsZero() {
			since = ", silent for " + Age(at, now)
		}
		return Bad, fmt.Sprintf("%s NOT SIGNING, missed %s%s", name, missed, since), Warning
	}
	return Asks, name + ": " + orElse(safe.Short(k.SigningWhy, 60), "not known if it signs"), Unknown
}

// stopped is since when a key is silent. Of a long silence only the newest
// commits are kept; the alert remembers its beginning.
func stopped(v cockpit.View, k nodes.Key) time.Time {
	at := k.StoppedSince
	for _, a := range v.Alerts {
		if k.StreakOpen && a.Kind == "key-silent "+k.Name && !a.Since.IsZero() && a.Since.Before(at) {
			at = a.Since
		}
	}
	return at
}
