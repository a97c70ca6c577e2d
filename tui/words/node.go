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
		return Bad, "DOWN, " + fails(n), Warning
	case nodes.Up:
	default:
		return Asks, "not asked yet", Unknown
	}
	height := Num(n.Height)
	signs, missed := signing(v, n)
	switch {
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
	case missed > 0:
		return Bad, fmt.Sprintf("NOT SIGNING, missed %d in a row, %s", missed, height), Warning
	case n.Synced == nodes.False:
		return Look, "not synced: " + orElse(safe.Short(n.SyncedWhy, 60), height), Caution
	case n.Synced != nodes.True:
		return Asks, "not known if synced, " + height, Unknown
	}
	return Good, fmt.Sprintf("%s, %s, peers %d", orElse(signs, "synced"), height, n.Peers), Calm
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
		since := ""
		if !k.StoppedSince.IsZero() {
			since = ", silent for " + Age(k.StoppedSince, now)
		}
		return Bad, fmt.Sprintf("%s NOT SIGNING, missed %d%s", name, k.MissedStreak, since), Warning
	}
	return Asks, name + ": " + orElse(safe.Short(k.SigningWhy, 60), "not known if it signs"), Unknown
}
