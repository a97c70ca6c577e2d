// Package config reads the one configuration file: who the fleet is, how it is
// reached, who is told what and when, and what a drill may break.
//
// In: the bytes of a TOML file, the home folder, the permissions of the files
// it names. Out: a Config, a plain value in which inheritance is resolved,
// names are known to exist and paths are absolute; or Problems, all of them at
// once, each with line, column, the line itself and what to write instead.
//
// It is strict: an unknown key, host, group, key, channel or component is an
// error, because a typo found during an incident is found too late. What two
// documents say differently is data, not an error: conflicting targets are
// kept with their sources and come back as Config.Warnings.
//
// It must never read a secret while loading (a Secret is a reference; the
// person who needs it calls Resolve), never print what may be one, never reach
// the network, and never let a drill's fleet touch the live one: a drill table
// that shares an address, a key or a destination with a live table is refused.
//
// Load is the way in; Find says which file it is. The schema is the code that
// reads it: read_*.go ask for every key by name, and a key nobody asked for is
// unknown.
package config
