//go:build linux

package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Answers and exit codes are those of systemd 252. Not there: targets, timers,
// sockets, dependencies, templates, Type= other than simple, User=, Environment=,
// ExecStartPre=, wildcards, and the unloading of units nobody refers to: here a
// drop-in counts only after a daemon-reload, also for a unit that is stopped.
// RestartSec= and the start limit's defaults are kept.

// ctl is one parsed command line.
type ctl struct {
	verb              string
	units, props      []string
	now, quiet, value bool
	signal            string
}

func parseCtl(args []string) (ctl, error) {
	c := ctl{signal: "TERM"}
	for i := 0; i < len(args); i++ {
		a := args[i]
		arg := func() (string, error) {
			if i++; i >= len(args) {
				return "", fmt.Errorf("option requires an argument -- '%s'", strings.TrimLeft(a, "-"))
			}
			return args[i], nil
		}
		var err error
		var v string
		switch {
		case a == "--now":
			c.now = true
		case a == "-q" || a == "--quiet":
			c.quiet = true
		case a == "--value":
			c.value = true
		case a == "-p" || a == "--property":
			v, err = arg()
			c.props = append(c.props, strings.Split(v, ",")...)
		case strings.HasPrefix(a, "--property="):
			c.props = append(c.props, strings.Split(a[len("--property="):], ",")...)
		case a == "-s" || a == "--signal":
			c.signal, err = arg()
		case strings.HasPrefix(a, "--signal="):
			c.signal = a[len("--signal="):]
		case a == "-n" || a == "--lines":
			_, err = arg()
		case a == "--no-pager", a == "--no-block", a == "-l", a == "--full", a == "--no-legend", a == "--plain",
			a == "--system", a == "--force", a == "-f", a == "--no-ask-password", a == "-a", a == "--all",
			strings.HasPrefix(a, "--lines="), strings.HasPrefix(a, "--kill-who="), strings.HasPrefix(a, "--kill-whom="):
		case strings.HasPrefix(a, "-p"):
			c.props = append(c.props, strings.Split(a[2:], ",")...)
		case strings.HasPrefix(a, "-"):
			return c, fmt.Errorf("unrecognized option '%s'", a)
		case c.verb == "":
			c.verb = a
		default:
			c.units = append(c.units, strings.TrimSuffix(a, ".service"))
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

func (m *Machine) systemctl(req Request) Reply {
	c, err := parseCtl(req.Args)
	if err != nil {
		return fail(1, "systemctl: %v\n", err)
	}
	for _, u := range c.units {
		if strings.ContainsAny(u, "/*?[") {
			return fail(1, "lab: unit %q: this host knows its units by name alone\n", u)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch c.verb {
	case "show":
		return m.show(c)
	case "is-active", "is-failed", "is-enabled":
		return m.is(c)
	case "status":
		return m.status(c)
	case "cat":
		return m.cat(c)
	case "start", "stop", "restart", "try-restart", "reload-or-restart", "enable", "disable", "mask", "unmask", "kill", "reset-failed", "daemon-reload":
	case "":
		return fail(1, "lab: systemctl without a verb is not emulated\n")
	default:
		return fail(1, "Unknown command verb %s.\n", c.verb)
	}
	if !req.Root {
		if c.verb == "daemon-reload" {
			return fail(1, "Failed to reload daemon: Interactive authentication required.\n")
		}
		return fail(1, "Failed to %s %s: Interactive authentication required.\nSee system logs and 'systemctl status %s' for details.\n",
			c.verb, full(c.units), full(c.units))
	}
	return m.change(c)
}

func full(units []string) string {
	if len(units) == 0 {
		return "unit"
	}
	return strings.Join(units, ".service ") + ".service"
}

func (m *Machine) change(c ctl) Reply {
	switch {
	case c.verb == "daemon-reload":
		m.reload()
		return Reply{}
	case len(c.units) == 0 && c.verb == "reset-failed":
		for name := range m.units {
			c.units = append(c.units, name)
		}
	case len(c.units) == 0:
		return fail(1, "Too few arguments.\n")
	}
	var out Reply
	for _, name := range c.units {
		one := m.one(c, name)
		out.Stdout += one.Stdout
		out.Stderr += one.Stderr
		if one.Code != 0 {
			out.Code = one.Code
		}
	}
	return out
}

func (m *Machine) one(c ctl, name string) Reply {
	u := m.units[name]
	if u == nil || u.file() == "" {
		switch c.verb {
		case "enable", "disable", "mask", "unmask":
			return fail(1, "Failed to %s unit: Unit file %s.service does not exist.\n", c.verb, name)
		case "start", "restart", "reload-or-restart":
			return fail(5, "Failed to %s %s.service: Unit %s.service not found.\n", c.verb, name, name)
		}
		return fail(5, "Failed to %s %s.service: Unit %s.service not loaded.\n", c.verb, name, name)
	}
	switch c.verb {
	case "start":
		return m.started(u)
	case "stop":
		m.stopUnlessLying(u)
		return Reply{}
	case "restart", "reload-or-restart", "try-restart":
		if c.verb == "try-restart" && u.pid == 0 {
			return Reply{}
		}
		m.stop(u)
		return m.started(u)
	case "reset-failed":
		if u.active == "failed" {
			u.active, u.sub, u.result = "inactive", "dead", "success"
		}
		return Reply{}
	case "kill":
		return m.kill(u, c.signal)
	case "mask":
		// What systemd does for a unit whose file lies where mask wants to put
		// its link, as the operator's does: it fails, and the unit runs on.
		return fail(1, "Failed to mask unit: File '%s' already exists.\n", filepath.Join(m.spec.Units(), name+".service"))
	case "unmask":
		return Reply{}
	}
	return m.enable(u, c)
}

func (m *Machine) started(u *unit) Reply {
	msg, code := m.start(u)
	return Reply{Stderr: msg, Code: code}
}

// stopUnlessLying is stop, but for the fault stop-lies: then it says yes and
// does nothing.
func (m *Machine) stopUnlessLying(u *unit) {
	if !m.flag("stop-lies") {
		m.stop(u)
	}
}

func (m *Machine) kill(u *unit, name string) Reply {
	if u.pid == 0 {
		return fail(1, "Failed to kill unit %s.service: No main process to kill\n", u.name)
	}
	sig := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "9": syscall.SIGKILL, "TERM": syscall.SIGTERM, "15": syscall.SIGTERM,
		"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT}[strings.TrimPrefix(name, "SIG")]
	if sig == 0 {
		return fail(1, "Failed to parse signal string %s.\n", name)
	}
	_ = syscall.Kill(u.pid, sig)
	return Reply{}
}

// enable and disable read all units again, as systemd's do.
func (m *Machine) enable(u *unit, c ctl) Reply {
	dir := m.spec.Units()
	at := link(dir, u.name)
	var out Reply
	switch is := enabled(dir, u.name); {
	case c.verb == "enable" && !is:
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return fail(1, "Failed to enable unit: %v\n", err)
		}
		if err := os.Symlink("../"+u.name+".service", at); err != nil {
			return fail(1, "Failed to enable unit: %v\n", err)
		}
		out.Stderr = fmt.Sprintf("Created symlink %s → %s.\n", at, u.file())
	case c.verb == "disable" && is:
		if err := os.Remove(at); err != nil {
			return fail(1, "Failed to disable unit: %v\n", err)
		}
		out.Stderr = fmt.Sprintf("Removed \"%s\".\n", at)
	}
	m.reload()
	switch {
	case c.now && c.verb == "enable":
		one := m.started(u)
		out.Stderr += one.Stderr
		out.Code = one.Code
	case c.now:
		m.stopUnlessLying(u)
	}
	return out
}
