// Package drill holds the rooms of the rehearsal: world (one value: chain,
// hosts, files), scenario (the faults that go wrong in it) and fleet (the real
// protocols on loopback around it).
//
// In: a seed, a start time and faults. Out: ports that answer as CometBFT
// nodes, SSH hosts, chat services and a status page do.
//
// Nothing outside fleet and scenario sees the world: the cockpit flies a drill
// over the same protocols as an incident, or the drill would prove nothing.
package drill
