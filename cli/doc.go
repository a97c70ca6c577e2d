// Package cli is the command line: one file for each subcommand, and the
// wiring of the house.
//
// In: arguments, environment, standard streams. Out: an exit code:
//
//	0  done; for drill: resolved with every clock met; for status: healthy
//	1  done, but not good: a clock missed, a check failed, degraded, ended by a
//	   signal
//	2  could not be done: bad arguments, bad configuration, halted or unknown
//
// How things end badly, and what is said then, stands in endings.go; helm.go is
// who may command a key; keeper.go and keep.go are the second process that puts
// the terminal right when this one is killed.
//
// It must hold no logic of its own: it finds the configuration, builds the
// rooms, hands them to each other and prints what they say.
package cli
