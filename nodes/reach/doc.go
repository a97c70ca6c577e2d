// Package reach is how nodes reaches a fleet through actions/ssh: direct
// connections, tunnels, and read-only scripts on hosts.
//
// In: the pool of SSH connections and one target for each host. Out: the
// Dialer and the HostExec of a nodes.Watcher.
//
// It must never run anything but the scripts it is given, and it must keep
// apart what proves different things: a node's port that refuses on its host,
// an sshd that refuses, and a host that does not answer.
package reach
