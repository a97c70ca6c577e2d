//go:build linux

package host

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Machine is a running host: the part of systemd that the runbooks meet, and
// the power button.
type Machine struct {
	spec  Spec
	spawn *spawner

	mu    sync.Mutex
	units map[string]*unit
	on    bool // powered
}

// startLimit is systemd's default: five automatic restarts within ten seconds,
// then the unit stays failed.
const (
	startLimit      = 5
	startLimitSpan  = 10 * time.Second
	defaultStop     = 90 * time.Second
	defaultRestarts = 100 * time.Millisecond
)

func newMachine(s Spec) *Machine {
	return &Machine{spec: s, spawn: newSpawner(), units: map[string]*unit{}}
}

// reap takes in the dead, one SIGCHLD at a time. Nothing else in this process
// waits for children.
func (m *Machine) reap(quit <-chan os.Signal) {
	child := make(chan os.Signal, 1)
	signal.Notify(child, syscall.SIGCHLD)
	for {
		select {
		case <-quit:
			return
		case <-child:
		}
		m.mu.Lock()
		for {
			var ws syscall.WaitStatus
			pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
			if err == syscall.EINTR {
				continue
			}
			if err != nil || pid <= 0 {
				break
			}
			for _, u := range m.units {
				if u.pid == pid {
					m.exited(u, ws)
				}
			}
		}
		m.mu.Unlock()
	}
}

// exited is what follows the end of a main process. m.mu is held.
func (m *Machine) exited(u *unit, ws syscall.WaitStatus) {
	u.pid, u.since = 0, time.Now()
	close(u.gone)
	clean := ws.Exited() && ws.ExitStatus() == 0
	if ws.Signaled() {
		switch ws.Signal() {
		case syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE:
			clean = true
		}
	}
	if !clean {
		switch {
		case u.sub == "stop-sigkill":
			u.result = "timeout"
		case ws.Signaled():
			u.result = "signal"
		default:
			u.result = "exit-code"
		}
		m.note(u, "Main process exited, %s", describe(ws))
	}
	restart := u.setting("Restart")
	again := !u.stopping && !u.crashed && m.on && (restart == "always" || !clean && restart == "on-failure")
	switch {
	case again && m.limited(u):
		u.active, u.sub, u.result = "failed", "failed", "start-limit-hit"
		m.note(u, "Start request repeated too quickly.")
	case again:
		u.active, u.sub = "activating", "auto-restart"
		u.revive = time.AfterFunc(u.span("RestartSec", defaultRestarts), func() { m.revive(u) })
	case clean:
		u.active, u.sub = "inactive", "dead"
		m.note(u, "Deactivated successfully.")
	default:
		u.active, u.sub = "failed", "failed"
		m.note(u, "Failed with result '%s'.", u.result)
	}
	u.stopping, u.crashed = false, false
}

func describe(ws syscall.WaitStatus) string {
	if ws.Signaled() {
		return fmt.Sprintf("code=killed, status=%d", int(ws.Signal()))
	}
	return fmt.Sprintf("code=exited, status=%d", ws.ExitStatus())
}

func (m *Machine) limited(u *unit) bool {
	now := time.Now()
	var recent []time.Time
	for _, t := range u.starts {
		if now.Sub(t) < startLimitSpan {
			recent = append(recent, t)
		}
	}
	u.starts = append(recent, now)
	return len(u.starts) > startLimit
}

func (m *Machine) revive(u *unit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u.sub != "auto-restart" || u.revive == nil || !m.on {
		return
	}
	u.revive = nil
	u.active, u.sub = "inactive", "dead"
	u.restarts++
	m.note(u, "Scheduled restart job, restart counter is at %d.", u.restarts)
	m.start(u)
}

// note writes to the unit's journal, as the manager does.
func (m *Machine) note(u *unit, format string, args ...any) {
	f, err := os.OpenFile(m.journal(u.name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "%s systemd[1]: %s.service: %s\n", time.Now().UTC().Format(time.RFC3339), u.name, fmt.Sprintf(format, args...))
}

func (m *Machine) journal(unit string) string {
	return filepath.Join(m.spec.Log(), unit+".log")
}

// start is a start job: what it prints and its exit code. As for Type=simple it
// succeeds as soon as the process runs, whatever becomes of it. m.mu is held.
func (m *Machine) start(u *unit) (msg string, code int) {
	full := u.name + ".service"
	switch {
	case u.file() == "":
		return "Failed to start " + full + ": Unit " + full + " not found.\n", 5
	case u.pid != 0:
		return "", 0
	}
	u.dropRevival()
	u.condition, u.asserted = u.holds("Condition"), u.holds("Assert")
	if !u.condition {
		m.note(u, "was skipped because of an unmet condition check.")
		return "", 0
	}
	if !u.asserted {
		m.note(u, "Starting requested but asserts failed.")
		return "Assertion failed on job for " + full + ".\n", 1
	}
	argv := strings.Fields(u.setting("ExecStart"))
	if len(argv) == 0 {
		return "Failed to start " + full + ": Unit " + full + " has a bad unit file setting.\n", 1
	}
	pid, err := m.spawn.start(argv, m.spec.Env(), m.spec.UserHome(), m.journal(u.name))
	u.since = time.Now()
	if err != nil {
		u.active, u.sub, u.result = "failed", "failed", "exit-code"
		m.note(u, "Failed at step EXEC spawning %s: %v", argv[0], err)
		return "", 0
	}
	u.active, u.sub, u.result, u.pid, u.gone = "active", "running", "success", pid, make(chan struct{})
	m.note(u, "Started.")
	return "", 0
}

func (u *unit) dropRevival() {
	if u.revive != nil {
		u.revive.Stop()
		u.revive = nil
	}
	if u.sub == "auto-restart" {
		u.active, u.sub = "inactive", "dead"
	}
}

// stop ends a unit and waits for its end; no revival follows. m.mu is held on
// entry and on return, not in between.
func (m *Machine) stop(u *unit) {
	u.dropRevival()
	if u.pid == 0 {
		return // a failed unit stays failed
	}
	gone, limit := u.gone, u.span("TimeoutStopSec", defaultStop)
	u.stopping = true
	u.active, u.sub = "deactivating", "stop-sigterm"
	_ = syscall.Kill(u.pid, syscall.SIGTERM)
	_ = syscall.Kill(u.pid, syscall.SIGCONT) // a stopped process takes no SIGTERM
	m.wait(gone, limit)
	if u.pid != 0 && u.gone == gone {
		u.sub = "stop-sigkill"
		_ = syscall.Kill(u.pid, syscall.SIGKILL)
		m.wait(gone, limit)
	}
}

// wait lets the lock go until gone is closed or the time is up.
func (m *Machine) wait(gone <-chan struct{}, limit time.Duration) {
	m.mu.Unlock()
	defer m.mu.Lock()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-gone:
	case <-t.C:
	}
}

// reload reads all unit files. m.mu is held.
func (m *Machine) reload() {
	for _, name := range unitNames(m.spec.Units()) {
		if m.units[name] == nil {
			m.units[name] = newUnit(name)
		}
	}
	for name, u := range m.units {
		u.loaded = fragments(m.spec.Units(), name)
	}
}

// boot starts what is enabled. m.mu is held.
func (m *Machine) boot() {
	m.on = true
	for _, u := range m.units {
		u.active, u.sub, u.result, u.restarts, u.starts = "inactive", "dead", "success", 0, nil
	}
	m.reload()
	for name, u := range m.units {
		if enabled(m.spec.Units(), name) {
			m.start(u)
		}
	}
}

// powerOff ends everything on the machine at once, without asking it. m.mu is
// held on entry and on return.
func (m *Machine) powerOff() {
	m.on = false
	var gone []chan struct{}
	for _, u := range m.units {
		u.dropRevival()
		if u.pid != 0 {
			gone = append(gone, u.gone)
		}
	}
	m.killAll()
	for _, g := range gone {
		m.wait(g, 5*time.Second)
	}
	for _, u := range m.units {
		u.active, u.sub = "inactive", "dead"
	}
}

// killAll kills all that runs below init but the trees to be spared, again and
// again until nothing is left: what forks while it is killed has children.
func (m *Machine) killAll(spare ...int) {
	for range 100 {
		left := Below(os.Getpid(), spare...)
		if len(left) == 0 {
			return
		}
		for _, p := range left {
			_ = syscall.Kill(p.PID, syscall.SIGKILL)
		}
		m.wait(nil, 10*time.Millisecond) // let the reaper in
	}
}
