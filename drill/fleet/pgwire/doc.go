// Package pgwire speaks the protocol of PostgreSQL, as a server, on one
// connection: as much of it as a watcher needs.
//
// In: a connection, and who answers a statement. Out: what a server writes.
// Only the simple query protocol is spoken; a statement that is prepared first
// is refused in so many words. Nobody is asked for a password: it runs on the
// loopback of a rehearsal alone.
//
// It must never know of the world beyond the rows it is given, and never
// listen by itself.
package pgwire
