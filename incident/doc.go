// Package incident holds the rules of command, pure.
//
// What it is for: it knows who may do what, what needs what, and what is due.
// Decide looks at the state, a command and the time, and answers with events
// or with a refusal in words. Apply folds an event into the state and knows no
// rule. Folding the record again gives the same state, so a crash, a second
// screen, a report and a takeover are one operation.
//
// In: commands (from keys, the command line, the autopilot; results of effects
// come back as commands too) and the time. What is seen enters with the
// command: a RunStep carries the readings of its guards and the evidence of
// its fence; Observe carries the readings of verifications. Out: events.
//
// The caller's duties, in order: call Decide; write all events it returned, in
// one write and one fsync, also when it refused (a refusal is recorded); call
// Apply for each; only then start the effects of what was recorded (an event
// StepStarted or RowStarted is the order to act, its id is the effect's id).
//
// It must never do I/O, read a clock, or draw a random number. Ids are given
// with the record, never made here. An unknown reading is never true.
package incident
