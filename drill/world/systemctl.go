package world

import (
	"fmt"
	"strconv"
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
	for _, name := range c.units {
		u := h.unit(name)
		word, good := "inactive", false
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
		if good {
			out.Code = 0
		}
	}
	return out
}

func (w *World) ctlCat(h *Host, c ctl) Out {
	var out Out
	for _, name := range c.units {
		u := h.unit(name)
		if u == nil {
			out.Stderr += "No files found for " + name + ".service.\n"
			out.Code = 1
			continue
		}
		for _, f := range h.fragments(u.Name) {
			out.Stdout += "# " + f.Path + "\n" + f.Text + "\n"
		}
	}
	return out
}

func (w *World) ctlStatus(h *Host, c ctl) Out {
	var out Out
	for _, name := range c.units {
		u := h.unit(name)
		if u == nil {
			out.Stderr += "Unit " + name + ".service could not be found.\n"
			out.Code = 4
			continue
		}
		out.Stdout += fmt.Sprintf("● %s.service\n     Loaded: loaded (%s; %s)\n     Active: %s (%s) since %s\n   Main PID: %d\n\n",
			u.Name, u.unitPath(), u.fileState(), u.Active, u.Sub, u.Since.UTC().Format("Mon 2006-01-02 15:04:05 UTC"), u.MainPID)
		out.Stdout += h.Journal(u.Name, 10)
		if u.Active != "active" {
			out.Code = 3
		}
	}
	return out
}

// Journal is the last n lines of a unit's journal, as journalctl -o short-iso
// prints them. An empty unit means all.
func (h *Host) Journal(unit string, n int) string {
	unit = strings.TrimSuffix(unit, ".service")
	var lines []string
	for _, l := range h.Log {
		if unit == "" || l.Unit == unit {
			lines = append(lines, l.At.UTC().Format("2006-01-02T15:04:05-0700")+" "+h.Name+" "+l.Unit+": "+l.Text+"\n")
		}
	}
	if n >= 0 && len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, "")
}

// showOrder is what systemctl show prints when nothing is asked for.
var showOrder = [...]string{"Id", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState", "FragmentPath", "DropInPaths",
	"NeedDaemonReload", "MainPID", "Result", "NRestarts", "ConditionResult", "AssertResult", "Restart", "ActiveEnterTimestamp"}

func (w *World) ctlShow(h *Host, c ctl) Out {
	var out Out
	props := c.props
	if len(props) == 0 {
		props = showOrder[:]
	}
	for i, name := range c.units {
		if i > 0 {
			out.Stdout += "\n"
		}
		for _, p := range props {
			val, known := h.property(h.unit(name), name, p)
			switch {
			case !known:
			case c.value:
				out.Stdout += val + "\n"
			default:
				out.Stdout += p + "=" + val + "\n"
			}
		}
	}
	return out
}

// property is one property of a unit; a nil unit is one that is not loaded.
func (h *Host) property(u *Unit, name, prop string) (string, bool) {
	load := "loaded"
	if u == nil {
		load = "not-found"
		u = &Unit{Name: name, Active: "inactive", Sub: "dead", Result: "success"}
	} else if u.Masked {
		load = "masked"
	}
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	switch prop {
	case "Id", "Names":
		return u.Name + ".service", true
	case "Description":
		return u.setting("Description"), true
	case "LoadState":
		return load, true
	case "ActiveState":
		return u.Active, true
	case "SubState":
		return u.Sub, true
	case "UnitFileState":
		if load == "not-found" {
			return "", true
		}
		return u.fileState(), true
	case "FragmentPath":
		return u.unitPath(), true
	case "DropInPaths":
		return strings.Join(u.DropIns(), " "), true
	case "NeedDaemonReload":
		return yes(load != "not-found" && h.NeedReload(u)), true
	case "MainPID", "ExecMainPID":
		return strconv.Itoa(u.MainPID), true
	case "Result":
		return u.Result, true
	case "NRestarts":
		return strconv.Itoa(u.NRestarts), true
	case "ConditionResult":
		return yes(u.Condition), true
	case "AssertResult":
		return yes(u.Asserted), true
	case "Restart":
		return u.setting("Restart"), true
	case "ExecStart":
		return u.setting("ExecStart"), true
	case "User":
		return u.setting("User"), true
	case "ActiveEnterTimestamp", "StateChangeTimestamp":
		return u.Since.UTC().Format("Mon 2006-01-02 15:04:05 UTC"), true
	}
	return "", false
}
