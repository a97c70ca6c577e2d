package world

import (
	"fmt"
	"strconv"
	"strings"
)

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
