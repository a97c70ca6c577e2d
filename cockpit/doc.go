// Package cockpit is where everything meets.
//
// What it is for: it takes what a commander asks, gathers what has to be seen,
// lets the rules decide, records, and only then runs the effects. It publishes
// one View, the same for the screen, the plain lines, the autopilot and the
// tests.
//
// In: requests (methods of Cockpit), snapshots of a Watcher, results of a
// Runner and a Poster, the clock. Out: the View, and a record in the journal.
//
// The order of one command: gather readings and evidence (I/O, outside the
// lock), Decide, one write and one fsync, Apply, start the effects of what was
// recorded. If the record cannot be written nothing runs and the View says so.
//
// It must never draw, parse or speak a wire format; never decide a rule of the
// incident (incident does); never look past the protocols into a rehearsal
// world.
package cockpit
