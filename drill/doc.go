// Package drill is the rehearsal: it keeps one in its folder (Rehearsal), so
// that it can be resumed, and brings its fleet up. Its rooms are world (one
// value: chain, hosts, files), scenario (the faults that go wrong in it),
// fleet (the real protocols on loopback around it) and autopilot (a commander
// scripted from what it sees).
//
// In: a seed, a start time and faults. Out: ports that answer as CometBFT
// nodes, SSH hosts, chat services and a status page do, and the configuration
// that describes them.
//
// Nothing outside drill, fleet and scenario sees the world: the cockpit flies
// a drill over the same protocols as an incident, or the drill would prove
// nothing.
package drill
