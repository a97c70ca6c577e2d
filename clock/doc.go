// Package clock is the one domain clock of the house.
//
// What it is for: everything that belongs to the incident (chain, RTO,
// verification windows, cadence, expiry of proofs) asks a Clock for the time
// and waits on it. Live it is the machine's clock. In a drill it is a
// Rehearsal clock, which either runs at a chosen speed (a person flies) or
// stands still while input or output is in flight and jumps to the next timer
// once all is idle (the autopilot flies), so that a run is quick and always
// tells the same story.
//
// In: a start time, a speed, Busy tokens and timers. Out: Now and wake-ups, in
// the order of their times.
//
// It must never know what is being timed, and nothing that belongs to the
// incident may read time.Now behind its back. Deadlines of transports
// (TCP, TLS, keep-alives) are not its business: they use real time inside
// their rooms.
//
// The contract of Busy: a goroutine that does work for the incident holds a
// token. Wait gives the token back while it waits and holds one again, before
// time can move on, when it returns. Hang says that a server of the rehearsal
// fleet keeps a caller waiting on purpose: the caller's token then counts as
// idle until Unhang.
package clock
