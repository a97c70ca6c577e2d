package world

import (
	"fmt"
	"strings"
)

// Out is what a command printed and its exit code.
type Out struct {
	Stdout, Stderr string
	Code           int
}

func failed(code int, format string, args ...any) Out {
	return Out{Stderr: fmt.Sprintf(format, args...), Code: code}
}

// ctl is one parsed systemctl command line.
type ctl struct {
	verb  string
	units []string
	props []string
	now   bool
	quiet bool
	value bool
}

func parseCtl(args []string) (ctl, error) {
	var c ctl
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--now":
			c.now = true
		case a == "-q" || a == "--quiet":
			c.quiet = true
		case a == "--value":
			c.value = true
		case a == "-p" || a == "--property":
			if i++; i >= len(args) {
				return c, fmt.Errorf("option requires an argument -- 'p'")
			}
			c.props = append(c.props, strings.Split(args[i], ",")...)
		case strings.HasPrefix(a, "--property="):
			c.props = append(c.props, strings.Split(a[len("--property="):], ",")...)
		case strings.HasPrefix(a, "-p"):
			c.props = append(c.props, strings.Split(a[2:], ",")...)
		case a == "-s" || a == "-n" || a == "--signal":
			i++
		case a == "--no-pager", a == "--no-block", a == "-l", a == "--full", a == "--no-legend", a == "--plain",
			a == "--system", a == "--force", a == "-f", a == "--no-ask-password",
			strings.HasPrefix(a, "--signal="), strings.HasPrefix(a, "--lines="), strings.HasPrefix(a, "--kill-who="):
		case strings.HasPrefix(a, "-"):
			return c, fmt.Errorf("unrecognized option '%s'", a)
		case c.verb == "":
			c.verb = a
		default:
			c.units = append(c.units, strings.TrimSuffix(a, ".service"))
		}
	}
	return c, nil
}

// Systemctl runs one systemctl command line as u on h. Its answers and exit
// codes are those of systemd 252.
func (w *World) Systemctl(h *Host, u User, args []string) Out {
	c, err := parseCtl(args)
	if err != nil {
		return failed(1, "systemctl: %v\n", err)
	}
	switch c.verb {
	case "show":
		return w.ctlShow(h, c)
	case "is-active", "is-failed", "is-enabled":
		return w.ctlIs(h, c)
	case "status":
		return w.ctlStatus(h, c)
	case "cat":
		return w.ctlCat(h, c)
	case "daemon-reload", "reset-failed", "start", "stop", "restart", "try-restart", "reload-or-restart",
		"enable", "disable", "mask", "unmask", "kill", "reboot", "poweroff":
	case "":
		return failed(1, "systemctl: no command given\n")
	default:
		return failed(1, "Unknown command verb %s.\n", c.verb)
	}
	if u != Root {
		return failed(1, "Failed to %s %s: Interactive authentication required.\n", c.verb, strings.Join(c.units, " "))
	}
	w.Touched()
	return w.ctlChange(h, c)
}

func (w *World) ctlChange(h *Host, c ctl) Out {
	switch c.verb {
	case "daemon-reload":
		for _, u := range h.Units {
			u.Loaded = h.fragments(u.Name)
		}
		return Out{}
	case "reboot":
		w.Reboot(h)
		return Out{}
	case "poweroff":
		w.powerOff(h)
		return Out{}
	case "reset-failed":
		if len(c.units) == 0 {
			for _, u := range h.Units {
				c.units = append(c.units, u.Name)
			}
		}
	}
	if len(c.units) == 0 {
		return failed(1, "Too few arguments.\n")
	}
	var out Out
	for _, name := range c.units {
		one := w.ctlUnit(h, c, name)
		out.Stdout += one.Stdout
		out.Stderr += one.Stderr
		if one.Code != 0 {
			out.Code = one.Code
		}
	}
	return out
}

func (w *World) ctlUnit(h *Host, c ctl, name string) Out {
	u, full := h.unit(name), name+".service"
	if u == nil {
		switch c.verb {
		case "enable", "disable", "mask", "unmask":
			return failed(1, "Failed to %s unit: Unit file %s does not exist.\n", c.verb, full)
		case "start", "restart", "reload-or-restart":
			return failed(5, "Failed to %s %s: Unit %s not found.\n", c.verb, full, full)
		}
		return failed(5, "Failed to %s %s: Unit %s not loaded.\n", c.verb, full, full)
	}
	switch c.verb {
	case "start":
		return w.ctlStart(h, u)
	case "stop":
		w.ctlStop(h, u)
		return Out{}
	case "restart", "reload-or-restart", "try-restart":
		if c.verb == "try-restart" && u.Active != "active" {
			return Out{}
		}
		w.ctlStop(h, u)
		return w.ctlStart(h, u)
	case "reset-failed":
		if u.Active == "failed" {
			u.Active, u.Sub, u.Result = "inactive", "dead", "success"
		}
		return Out{}
	case "kill":
		return w.ctlKill(h, u)
	case "mask", "unmask":
		return w.ctlMask(h, u, c)
	}
	return w.ctlEnable(h, u, c)
}

func (w *World) ctlStart(h *Host, u *Unit) Out {
	msg, code := w.startUnit(h, u)
	return Out{Stderr: msg, Code: code}
}

// ctlStop stops a unit, unless this is a host whose stop lies: then it answers
// as if it had.
func (w *World) ctlStop(h *Host, u *Unit) {
	if h.StopLies && u.MainPID != 0 {
		return
	}
	w.stopUnit(h, u)
}

func (w *World) ctlKill(h *Host, u *Unit) Out {
	if u.MainPID == 0 {
		return failed(1, "Failed to kill unit %s.service: No such process\n", u.Name)
	}
	w.KillProcess(h, u.MainPID, true)
	return Out{}
}

// KillProcess ends the process pid of a unit: hard as by SIGKILL, which is a
// failure and revives it, or softly as by SIGTERM. It says whether there was
// such a process.
func (w *World) KillProcess(h *Host, pid int, hard bool) bool {
	for _, u := range h.Units {
		if u.MainPID != pid || pid == 0 {
			continue
		}
		w.Touched()
		if !hard {
			w.stopUnit(h, u)
			return true
		}
		if u.Name == ChainUnit {
			w.endProcess(h)
		}
		w.failUnit(h, u, "signal")
		return true
	}
	return false
}

// ctlMask is systemd's: a unit whose file lies in /etc/systemd/system cannot
// be masked, and keeps running (measured).
func (w *World) ctlMask(h *Host, u *Unit, c ctl) Out {
	p := UnitDir + "/" + u.Name + ".service"
	if c.verb == "unmask" {
		u.Masked = false
		return Out{}
	}
	if _, ok := h.Files[p]; ok {
		return failed(1, "Failed to mask unit: File '%s' already exists.\n", p)
	}
	u.Masked = true
	if c.now {
		w.ctlStop(h, u)
	}
	return Out{Stderr: "Created symlink " + p + " → /dev/null.\n"}
}

func (w *World) ctlEnable(h *Host, u *Unit, c ctl) Out {
	link := UnitDir + "/multi-user.target.wants/" + u.Name + ".service"
	var out Out
	on := c.verb == "enable"
	switch {
	case on && u.Masked:
		return failed(1, "Failed to enable unit: Unit file %s/%s.service is masked.\n", UnitDir, u.Name)
	case on && !u.Enabled:
		out.Stderr = "Created symlink " + link + " → " + u.unitPath() + ".\n"
	case !on && u.Enabled:
		out.Stderr = "Removed \"" + link + "\".\n"
	}
	u.Enabled = on
	if !c.now {
		return out
	}
	if !on {
		w.ctlStop(h, u)
		return out
	}
	one := w.ctlStart(h, u)
	out.Stderr += one.Stderr
	out.Code = one.Code
	return out
}

func (u *Unit) fileState() string {
	switch {
	case u.Masked:
		return "masked"
	case u.Enabled:
		return "enabled"
	}
	return "disabled"
}

func (w *World) ctlIs(h *Host, c ctl) Out {
	if len(c.units) == 0 {
		return failed(1, "Too few arguments.\n")
	}
	out := Out{Code: 1}
	if c.verb == "is-active" {
		out.Code = 3
	}
	anyGood := false
	for _, name := range c.units {
		u := h.unit(name)
		word, good := "inactive", false // one good unit among several is enough
		switch {
		case c.verb == "is-enabled" && u == nil:
			out.Stderr += "Failed to get unit file state for " + name + ".service: No such file or directory\n"
			continue
		case c.verb == "is-enabled":
			word = u.fileState()
			good = word == "enabled"
		case u != nil:
			word = u.Active
			good = c.verb == "is-active" && word == "active" || c.verb == "is-failed" && word == "failed"
		case c.verb == "is-active":
			out.Code = 4
		}
		if !c.quiet {
			out.Stdout += word + "\n"
		}
		anyGood = anyGood || good
	}
	if anyGood {
		out.Code = 0
	}
	return out
}
