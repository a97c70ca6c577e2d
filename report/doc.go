// Package report tells what happened, from the record alone.
//
// In: the events of one record and the hash of its last line. Out: Markdown or
// JSON: overview, clocks against targets, timeline in UTC, steps, messages,
// decisions and refusals.
//
// It must never look at anything but the record: whoever has the file gets the
// same report, years later.
package report
