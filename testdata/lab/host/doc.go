// Package host is one machine of the lab: its service manager, its commands
// and its guards. The program labhost is this package under several names.
//
// In: a folder with a host.json (Spec) and unit files in units/. `labhost init`
// is the machine's process 1: it starts what is enabled, reaps, restarts as the
// units say, and answers systemctl over a socket in run/. The other names are
// the commands that scripts call: they find their machine by the path of their
// own file, never by the environment, so that a script cannot point one at
// another host.
//
// Out: the words, exit codes and side effects of systemd 252 as far as the
// runbooks use them; see systemctl.go for what is not there.
//
// It must never write outside its folder and /tmp, signal a process that is not
// its descendant, or call the machine's own systemctl or sudo. It runs on Linux
// only: it needs a child subreaper and /proc.
package host
