// Package fence judges whether a host may be started as the signer of a
// validator key.
//
// A missed block costs nothing for hours. A double sign costs stake and the
// validator for ever. So the one rule of this package: a start is allowed only
// on positive, fresh proof that nothing else can sign with the key, or on a
// recorded override by two people where proof cannot be had.
//
// In: Evidence, the raw facts with their times and sources, and the time now.
// Out: a Verdict of nine items, each proven, missing, contradicting or not
// checked, with a sentence for the commander. The verdict is one pure function
// of its arguments; the order of the evidence does not matter.
//
// What holds for every fact: the zero value is "not known"; not known refuses;
// older than the proof's time to live refuses; older than the stop, or than
// somebody touching the host by hand, refuses; contradicting refuses, and no
// override waives a contradiction.
//
// The caller's duties:
//
//   - It stamps every fact with the time of its own domain clock at which the
//     answer was read, never with a time the host or the chain told.
//   - It keeps every Sign of life and every Touch for as long as the incident
//     lasts: they are vetoes, and an endpoint that falls silent does not take
//     back what it showed.
//   - It lists those Witnesses that answered in this round. A listed witness
//     must be good: one that is stale or disagrees refuses.
//   - It records Evidence and Verdict before it starts anything, and judges
//     again right before the start.
//
// It must never do I/O, read a clock, or know how a fact is gathered. It never
// sees a private key: addresses are of the public key.
package fence
