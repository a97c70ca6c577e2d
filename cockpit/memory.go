package cockpit

import "strings"

// keyStolen is the kind of the alert about a key that somebody else may have.
const keyStolen = "key-stolen"

// memoryOf is what to know by heart about an alert of that kind, at most three
// lines: they must be on the screen in the frame in which it is first seen, and
// stay also while nothing tells whether it still holds.
func memoryOf(kind string) []string {
	what, _, _ := strings.Cut(kind, " ")
	switch what {
	case "second-signer":
		return []string{"Stop and fence one of them now: the standby first.", "Starting or restarting nothing is safe.", "One double sign bans the key for ever."}
	case "double-sign":
		return []string{"Stop and fence every host with this key.", "The key is lost: never start it again.", "Keep the logs: nothing is deleted."}
	case keyStolen:
		return []string{"Keep the evidence, then stop and fence its hosts.", "Never use it again: a new one, made offline.", "Say nothing outside the circle."}
	case "chain-halted":
		return []string{"Do not restart all together: deadlock.", "Start no standby with a copied key.", "Nothing may reset a sign state."}
	case "key-elsewhere":
		return []string{"Keep our hosts fenced; start nothing.", "Revoke, or let it be banned: key-compromise.", "Say nothing in public."}
	case "disk-full":
		return []string{"Delete nothing with state or keys in it.", "Reset no node to win space.", "Enlarge the disk, or move logs and snapshots."}
	case strings.TrimSpace(twoPrimaries):
		return []string{"Stop the writers first: both accept rows.", "Fence one of them; restart and delete nothing.", "Keep its WAL: what only it has is in there."}
	case placeSilent:
		return []string{"Silent is not stopped: they may still sign.", "Start no standby with a key from there.", "Count voting power, not validators."}
	}
	return nil
}
