// Package shell runs what was sent to a rehearsal host over SSH: real shell
// grammar (mvdan.cc/sh), and behind it nothing but the world value.
//
// In: one command string, standard input, the host and the user. Out: output
// and an exit code, and changes of the world's files and units.
//
// It must never let anything through to the machine it runs on: no process is
// started, no file opened or looked at, no user looked up, no real time read.
// Files are opened, listed and tested in the world; unknown commands are 127.
// The interpreter has a few ways of its own to the outside (process
// substitution makes a real FIFO, "command -v" and "." look at the real PATH,
// "~user" asks the system, $$ is the real process): each is closed in jail.go
// or dispatch.go, and a test holds that nothing escapes. The one thing taken
// from the machine is pipes: the interpreter wants its standard input to be
// one.
package shell
