// Package nodes is what is seen: it asks the endpoints of a fleet and returns
// one immutable Snapshot for each look.
//
// In: a Fleet (names and addresses, from the configuration), a Dialer for the
// network and for databases, a HostExec that runs read-only scripts on hosts, and the domain
// time with every call. Out: a Snapshot of plain values that can be kept as
// JSON, and Evaluate, which answers one probe of a runbook from a Snapshot
// with true, false or unknown.
//
// The truth rules, each forced by a node that was seen to lie:
//
//   - A node is synced when it says that it is not catching up and its last
//     block is fresh. The flag alone stays "false" fifty blocks behind.
//   - The chain is halted when the highest block of at least two endpoints did
//     not move for T on the clock passed in. One endpoint proves nothing.
//   - Power online comes from a canonical commit while the chain moves, and
//     from the votes of the running round while it does not: in a halt the last
//     commit shows the last good block.
//   - A vote counts as online only where others hear it: a node without a way to
//     them shows its own vote for ever. "nil-Vote" is no vote; a vote for nothing
//     carries a hash of zeros.
//   - That a halt is not planned is known only when the application was asked
//     after the chain had stopped.
//   - Who signs while every host of ours is read as stopped is somebody else:
//     only signatures between two such reads count.
//   - A signature counts with block id flag 2 alone. Flag 3 is a vote for
//     nothing: a miss, and yet a sign of life.
//   - How far a database lags is measured on two of them: a replica whose
//     receiver stands still says that it has replayed all it received.
//   - A miss counts from canonical commits alone (height at most tip-1).
//   - What was not asked, did not answer, or is too old is unknown, never false.
//
// It must never act on a host, never read a private key, never read time.Now
// for anything that belongs to the incident (deadlines of transports are real
// time), and never hold text from outside that was not made safe to draw.
package nodes
