package words

import (
	"slices"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
)

// meaning is what the facts of a node come to, and what can be done. The worst
// cause speaks.
func meaning(v cockpit.View, n nodes.Node, k nodes.Key, h nodes.HostFacts) (means, can string) {
	for _, d := range v.Snap.Duplicates {
		if slices.Contains(d.Nodes, n.Name) && !d.Shared {
			return "Two nodes show one key. If both sign, the validator is banned for ever.", "Stop and fence one of them now, the standby first. Start nothing."
		}
	}
	switch {
	case n.State == nodes.Down:
		return downMeans(v, n, h)
	case n.State != nodes.Up:
		return "Nothing was heard of it yet.", "r reads everything again now."
	case n.RightNet == nodes.False:
		return "It is another chain: a wrong genesis, or a wrong machine behind the name.", "Check the address in the configuration and the genesis on its disk."
	case n.CatchingUp == nodes.True:
		return "It is behind and catches up by itself.", "Let it. Start no key on it before it is in step."
	case !n.PeersAt.IsZero() && n.Peers == 0:
		return "It runs, and nobody hears it.", "Reach its network: sentries, firewall, persistent peers. A restart mends no network."
	case n.InStep == nodes.False:
		return "It holds another block or came to another result than the witnesses.", "Keep its data. Compare the versions; start no key on it."
	case n.Stuck == nodes.True:
		return "It stands still while the chain moves.", "Read its log, its disk and its memory before anything is restarted."
	case k.Name != "" && k.Signing == nodes.False:
		return keyMeaning(k)
	case n.Synced == nodes.False:
		return "It answers with old blocks.", "Look at its peers and its disk. Start no key on it before it is in step."
	case n.Synced != nodes.True:
		return "It answers, and nothing proves yet that its blocks are new.", "r reads everything again now."
	}
	return "Nothing is wrong with it.", ""
}

func downMeans(v cockpit.View, n nodes.Node, h nodes.HostFacts) (means, can string) {
	fenced, _ := nodes.Fenced(v.Snap, n.Host)
	runs := h.ProcsKnown && h.Procs > 0 || h.Unit.ActiveState == "active"
	switch {
	case fenced == nodes.True:
		return "It was stopped on purpose and cannot start: every read-back holds.", ""
	case n.Fail == nodes.FailHostKey || h.HostKey:
		return "What answers under its address is not the known host.", "Log in nowhere. Compare its key by the console or the provider."
	case h.Reachable == nodes.True && runs:
		return "The host answers, the service runs, and its RPC does not: it hangs, starts up, or listens elsewhere. It may still sign.", "Read its log. Start its key nowhere else before it is fenced."
	case h.Reachable == nodes.True:
		return "The host is well; the service on it does not run.", "The runbook says what speaks for a restart in place, and what for a failover."
	case h.Reachable == nodes.False:
		return "Neither RPC nor SSH answers: it is down, or cut off and still signing. A timeout proves nothing.", "Look by another way: console, provider, a machine beside it. Start its key nowhere before it is fenced."
	case n.Fail == nodes.FailRefused:
		return "The machine answers, and nothing listens for RPC: the service is down, or still starting.", "Look at its host before anything is started."
	}
	return "Nobody knows whether it runs. A timeout proves nothing.", "Look at its host. Start its key nowhere before it is fenced."
}

func keyMeaning(k nodes.Key) (means, can string) {
	switch {
	case k.Tombstoned == nodes.True:
		return "The chain saw it sign twice. The key is lost for ever.", "Stop and fence every host with this key. Keep the logs. A new validator needs a new key."
	case k.Jailed == nodes.True:
		return "It missed too many blocks and is out of the set; it has not been banned.", "Mend its node first, then unjail it: the stake stays."
	case k.Signing == nodes.True:
		return "It signs.", ""
	case k.Signing != nodes.False:
		return "Nobody can say whether it signs: no commit that would show it is read.", "r reads everything again now."
	case len(k.LiveEndpoints) > 0:
		return "A node with this key answers, and the chain holds no signature of it.", "See its peers, the key on its disk, its sign state and double_sign_check_height."
	}
	return "No node that answers shows this key.", "Look at the hosts that hold it. Start it nowhere before the others are fenced."
}

// waits says whether it can wait, and what waiting costs.
func waits(v cockpit.View, k nodes.Key, has bool) string {
	c := v.Snap.Chain
	for _, d := range v.Snap.Duplicates {
		if has && d.Address == k.Address && !d.Shared {
			return "Can it wait? No. Every block is a chance to sign twice."
		}
	}
	switch {
	case c.Halted == nodes.True:
		return "Can it wait? The chain stands, and every start must still be proven first."
	case !has:
		return "Can it wait? Yes: no key of ours signs here."
	case k.Tombstoned == nodes.True:
		return "Can it wait? There is nothing left to lose with this key."
	case k.Signing != nodes.False:
		return ""
	}
	s := "Can it wait? Yes. Missed blocks cost nothing for hours; a second signer costs the validator for ever."
	if p := c.Power; p.Known == nodes.True && p.Spare >= 0 {
		s += " " + Num(p.Spare) + " power may still fail before the chain halts."
	}
	return s
}
