// Package actions does: it runs a block of a runbook on one or several hosts,
// over SSH or on this machine, and keeps what came back.
//
// In: a Job (the effect's id, hosts, script, variables). Out: cleaned lines
// while it runs, one End per host, and OUTDIR/EFFECT-HOST with the output, known
// secrets replaced, 0600, its head and tail.
//
// An effect is started only after it was recorded: that is the caller's duty,
// and so is what follows from an End that is Lost. What bounds a job is the
// caller's context, in domain time; nothing here has a timer of its own but
// those of the transport.
//
// Screen reads a script before it goes to a host that holds a validator's key,
// and refuses what would destroy the sign state and what it cannot read. It is
// a net against mistakes, not against intent: hiding can still be invented
// (a program that was put on the host before, an alias there, an editor).
//
// It must never know of incidents, retry what may have run, or run anything on
// this machine without being told that it may.
package actions
