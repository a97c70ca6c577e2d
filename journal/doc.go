// Package journal keeps the record of an incident: one JSONL file, one event a
// line, each line starting with the sha256 of the line before it.
//
// What it is for: the truth. It works when the network, the database and half
// of the fleet are gone, and it opens with cat.
//
// In: the events of one decision (Append: one write, one fsync, or nothing).
// Out: the events in their order (Read), the hash of the last line (Head).
//
// The file is held by flock: one writer, whose process and host stand in the
// lock's file. A second process may only read. A folder that somebody removes
// under the writer is written anew; one that was moved away takes nothing more
// until it is back. A
// torn tail (power lost in the middle of a write) is put aside on opening,
// never silently dropped; a broken link in the chain is an error that names
// its line. A failed fsync is final for the file: what it holds is unknown, so
// the writer goes on in a new segment and says so.
//
// It must never know what an event means.
package journal
