// Package world is the rehearsal world: a chain of four validators, their
// standby, providers, monitoring and a database, as one value that can be
// saved as JSON and brought forward in time.
//
// In: a seed, a start time, commands that a host would have taken (Systemctl,
// file operations), faults, and the time to advance to. Out: the state of the
// chain, of the processes and of the files at that time.
//
// It is pure. It has no goroutine, no timer, no I/O and no clock: whoever looks
// at it calls Advance with the domain time first, and Advance replays in order
// everything that was due by then (blocks, revived units, faults). Chance comes
// from hashes of the seed and of what is being decided, never from a running
// generator, so who looks when does not change what happens.
//
// What it models was measured on real CometBFT 0.38 networks and a real
// systemd; where a rule looks odd (a mask that fails, a restart that answers 0
// and dies seconds later, a node without a key that writes a zero sign state)
// it is odd in reality too.
//
// It must never know of sockets or shells. It is not safe for concurrent use:
// the fleet holds one lock around it.
package world
