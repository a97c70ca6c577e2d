//go:build linux

package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Control is the list of what the machine's management board can do: the power
// button, and the faults a drill makes. Scripts reach it as
// `labhost ctl HOSTDIR …`, never over SSH.
const Control = `  power off|on|state       the power button, and what its lamp says
  reboot                   off and on: what is enabled starts again
  crash UNIT               the main process dies and systemd gives up on it
  start UNIT               as systemd would: assertions hold
  hang | unhang            the machine takes connections and says nothing
  ssh down|hang|up         SSH refuses, or takes connections and sends no banner
  ssh new-key              sshd shows another host key
  set FLAG | clear FLAG    sudo-locked: sudo wants a password; stop-lies: stop answers 0 and does nothing
`

func (m *Machine) control(args []string) Reply {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch line := strings.Join(args, " "); {
	case line == "power state":
		if m.on {
			return Reply{Stdout: "on\n"}
		}
		return Reply{Stdout: "off\n"}
	case line == "power off":
		m.powerOff()
		return Reply{}
	case line == "power on" && m.on:
		return Reply{}
	case line == "power on":
		m.boot()
		return Reply{}
	case line == "reboot":
		m.powerOff()
		m.boot()
		return Reply{}
	case len(args) == 2 && args[0] == "crash":
		return m.crash(args[1])
	case len(args) == 2 && args[0] == "start":
		return m.one(ctl{verb: "start"}, args[1])
	case line == "hang":
		m.signalBelow(syscall.SIGSTOP)
		return Reply{}
	case line == "unhang":
		m.signalBelow(syscall.SIGCONT)
		return Reply{}
	case len(args) == 2 && args[0] == "ssh":
		return m.ssh(args[1])
	case len(args) == 2 && (args[0] == "set" || args[0] == "clear"):
		return m.setFlag(args[1], args[0] == "set")
	}
	return fail(2, "what a host can be told:\n%s", Control)
}

func (m *Machine) crash(name string) Reply {
	u := m.units[name]
	if u == nil {
		return fail(1, "lab: host %s has no unit %q\n", m.spec.Name, name)
	}
	u.dropRevival()
	if u.pid == 0 {
		u.active, u.sub, u.result = "failed", "failed", "signal"
		return Reply{}
	}
	u.crashed = true
	gone := u.gone
	_ = syscall.Kill(u.pid, syscall.SIGKILL)
	m.wait(gone, 5*time.Second)
	return Reply{}
}

// signalBelow signals all processes of the machine but those in spare's trees.
func (m *Machine) signalBelow(sig syscall.Signal, spare ...int) {
	for _, p := range Below(os.Getpid(), spare...) {
		_ = syscall.Kill(p.PID, sig)
	}
}

// others are the main processes of all units but one.
func (m *Machine) others(name string) (pids []int) {
	for _, u := range m.units {
		if u.name != name && u.pid != 0 {
			pids = append(pids, u.pid)
		}
	}
	return pids
}

// sshUnit is Debian's name for sshd.
const sshUnit = "ssh"

// ssh does what is to be done to sshd and to all its sessions: whatever runs on
// the machine and belongs to no other unit.
func (m *Machine) ssh(what string) Reply {
	u := m.units[sshUnit]
	if u == nil {
		return fail(1, "lab: host %s has no sshd\n", m.spec.Name)
	}
	switch what {
	case "hang":
		m.signalBelow(syscall.SIGSTOP, m.others(sshUnit)...)
		return Reply{}
	case "down", "new-key":
		u.dropRevival()
		u.crashed = u.pid != 0
		gone := u.gone
		m.killAll(m.others(sshUnit)...)
		if u.pid != 0 {
			m.wait(gone, 5*time.Second)
		}
		if what == "down" {
			return Reply{}
		}
		if err := swap(filepath.Join(m.spec.Etc(), "ssh_host_key"), filepath.Join(m.spec.Etc(), "ssh_host_key.other")); err != nil {
			return fail(1, "lab: another host key: %v\n", err)
		}
	case "up":
		m.signalBelow(syscall.SIGCONT, m.others(sshUnit)...)
	default:
		return fail(2, "what a host can be told:\n%s", Control)
	}
	return m.started(u)
}

// swap exchanges two files.
func swap(a, b string) error {
	tmp := a + ".swap"
	if err := os.Rename(a, tmp); err != nil {
		return err
	}
	if err := os.Rename(b, a); err != nil {
		return err
	}
	return os.Rename(tmp, b)
}

// Flags of a machine, kept as files: the shims look too.
var knownFlags = [...]string{"sudo-locked", "stop-lies"}

// Flag says whether a fault's flag is set on the machine.
func (s Spec) Flag(name string) bool {
	_, err := os.Stat(filepath.Join(s.flags(), name))
	return err == nil
}

func (m *Machine) flag(name string) bool { return m.spec.Flag(name) }

func (m *Machine) setFlag(name string, on bool) Reply {
	if !slices.Contains(knownFlags[:], name) {
		return fail(2, "what a host can be told:\n%s", Control)
	}
	path := filepath.Join(m.spec.flags(), name)
	var err error
	if on {
		if err = os.MkdirAll(m.spec.flags(), 0o700); err == nil {
			err = os.WriteFile(path, nil, 0o600)
		}
	} else if err = os.Remove(path); os.IsNotExist(err) {
		err = nil
	}
	if err != nil {
		return fail(1, "lab: %v\n", err)
	}
	return Reply{}
}
