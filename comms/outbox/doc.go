// Package outbox is the protocol of saying something once, in order.
//
// What it is for: a message is either delivered once, or the commander knows
// that it was not. Never lost, never doubled, never overtaken. All of that is
// decided here, by pure functions over rows; drivers only send and look up.
//
// In: the rows of one incident, what became of an attempt (Outcome), what a
// look-up found (LookupResult), what a person answered (Answer), the time. Out:
// the next row, and what to do now (Next) and when to ask again (NextWake).
//
// It must never do I/O, read a clock, draw a random number or change a row it
// was given: every step returns a new value. A call that does not fit the
// row's state returns the row unchanged, so that a late or repeated event
// folds to nothing.
//
// The caller's duties, in order:
//
//  1. Ask Next for what is due.
//  2. For each action record Started(row), durably, BEFORE the request leaves.
//     A record lost here is a message said twice.
//  3. Do it: Send asks the channel to post, Reconcile asks it whether the row
//     is there. Record the result with Ended or Reconciled.
//  4. When the record is opened again, pass every row through Reopen first: a
//     row found in flight is unknown, for nobody saw its answer.
//
// A row's way:
//
//	draft → queued → sending → delivered
//	                    ├──→ retry-wait → sending        known not to have been sent
//	                    ├──→ rejected                    a person mends it, then Retry
//	                    └──→ unknown → reconciling → delivered | queued | needs-human
//
// and by a person: superseded, cancelled, not-needed, by-hand, held.
//
// A lane is one destination: first in, first out, one request in flight. The
// first row that is not settled holds everything behind it, because "resolved"
// must never arrive before "in progress"; other lanes do not notice.
package outbox
