// Package fleet puts the real protocols on loopback around one rehearsal
// world: a CometBFT RPC server for each chain host, an SSH server for each
// host, and receivers that answer as Slack, Discord and Statuspage do.
//
// In: a world, the rehearsal clock, a folder for keys and tokens, and what
// saves the world. Out: ports, the configuration that describes them
// (WriteConfig), a dialer (Dial), and what was posted (Received).
//
// One lock guards the world. Every access first brings it to the clock's time,
// then opens and closes ports as the world says: who is down truly refuses.
// A world changed by a host command is saved before the command's exit status
// is sent, so that a cockpit that knows a result never meets a world that does
// not.
//
// A script that sleeps says so to the clock, under its caller's address: the
// caller's Busy token counts as idle meanwhile, and a caller that closes the
// connection it had from Dial has its token back at once. A hung host is
// different: time stands still while it says nothing, and the caller's own
// transport deadline, in real time, ends it. (One look asks many nodes under
// one token: a hang that counted as idle would let time run while the others
// still answer.)
//
// It must never listen on anything but 127.0.0.1, never run a process, and
// hold no rule of the incident. Receivers never move the world's time.
package fleet
