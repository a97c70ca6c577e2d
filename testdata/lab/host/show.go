//go:build linux

package host

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// showOrder is the order in which systemctl prints properties, whatever order
// they were asked in.
var showOrder = [...]string{"Type", "Restart", "RestartUSec", "MainPID", "Result", "NRestarts", "ExecMainPID", "ExecStart", "Id", "Names", "Description", "LoadState",
	"ActiveState", "SubState", "FragmentPath", "DropInPaths", "UnitFileState", "StateChangeTimestamp", "ActiveEnterTimestamp", "NeedDaemonReload",
	"ConditionResult", "AssertResult"}

func (m *Machine) show(c ctl) Reply {
	var out Reply
	for i, name := range c.units {
		if i > 0 {
			out.Stdout += "\n"
		}
		for _, p := range showOrder {
			if len(c.props) > 0 && !slices.Contains(c.props, p) {
				continue
			}
			val := m.property(m.units[name], name, p)
			if !c.value {
				val = p + "=" + val
			}
			out.Stdout += val + "\n"
		}
	}
	return out
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// property is one of showOrder; a nil unit is one that is not loaded.
func (m *Machine) property(u *unit, name, prop string) string {
	load := "loaded"
	if u == nil || u.file() == "" && u.pid == 0 {
		load, u = "not-found", newUnit(name)
	}
	switch prop {
	case "Id", "Names":
		return name + ".service"
	case "Description":
		if d := u.setting("Description"); d != "" {
			return d
		}
		return name + ".service"
	case "LoadState":
		return load
	case "ActiveState":
		return u.active
	case "SubState":
		return u.sub
	case "UnitFileState":
		switch {
		case load == "not-found":
			return ""
		case enabled(m.spec.Units(), name):
			return "enabled"
		}
		return "disabled"
	case "FragmentPath":
		return u.file()
	case "DropInPaths":
		return strings.Join(u.dropIns(), " ")
	case "NeedDaemonReload":
		return yes(load == "loaded" && u.needReload(m.spec.Units()))
	case "MainPID", "ExecMainPID":
		return strconv.Itoa(u.pid)
	case "Result":
		return u.result
	case "NRestarts":
		return strconv.Itoa(u.restarts)
	case "ConditionResult":
		return yes(u.condition)
	case "AssertResult":
		return yes(u.asserted)
	case "Type":
		return "simple"
	case "Restart":
		if r := u.setting("Restart"); r != "" {
			return r
		}
		return "no"
	case "RestartUSec":
		return u.span("RestartSec", defaultRestarts).String()
	case "ExecStart":
		return u.setting("ExecStart")
	}
	return u.since.UTC().Format("Mon 2006-01-02 15:04:05 UTC")
}

func (m *Machine) is(c ctl) Reply {
	if len(c.units) == 0 {
		return fail(1, "Too few arguments.\n")
	}
	out := Reply{Code: 1}
	if c.verb == "is-active" {
		out.Code = 3
	}
	for _, name := range c.units {
		u := m.units[name]
		known := u != nil && u.file() != ""
		word, good := "inactive", false
		switch {
		case c.verb == "is-enabled" && !known:
			out.Stderr += "Failed to get unit file state for " + name + ".service: No such file or directory\n"
			continue
		case c.verb == "is-enabled":
			word, good = "disabled", enabled(m.spec.Units(), name)
			if good {
				word = "enabled"
			}
		case known:
			word = u.active
			good = c.verb == "is-active" && word == "active" || c.verb == "is-failed" && word == "failed"
		case c.verb == "is-active" && out.Code != 0:
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

func (m *Machine) status(c ctl) Reply {
	var out Reply
	for _, name := range c.units {
		u := m.units[name]
		if u == nil || u.file() == "" {
			out.Stderr += "Unit " + name + ".service could not be found.\n"
			out.Code = 4
			continue
		}
		out.Stdout += fmt.Sprintf("● %s.service - %s\n     Loaded: loaded (%s; %s)\n     Active: %s (%s) since %s\n   Main PID: %d\n\n",
			name, m.property(u, name, "Description"), u.file(), m.property(u, name, "UnitFileState"), u.active, u.sub,
			m.property(u, name, "StateChangeTimestamp"), u.pid)
		out.Stdout += lastLines(m.journal(name), 10)
		if u.active != "active" && out.Code == 0 {
			out.Code = 3
		}
	}
	return out
}

func (m *Machine) cat(c ctl) Reply {
	var out Reply
	for _, name := range c.units {
		list := fragments(m.spec.Units(), name)
		if len(list) == 0 {
			out.Stderr += "No files found for " + name + ".service.\n"
			out.Code = 1
		}
		for _, f := range list {
			out.Stdout += "# " + f.path + "\n" + f.text + "\n"
		}
	}
	return out
}

// tail is how much of a journal is looked at.
const tail = 1 << 20

// lastLines are the last n lines of a file; n < 0 is all of its last MiB.
func lastLines(path string, n int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	b := make([]byte, min(info.Size(), tail))
	if _, err := f.ReadAt(b, info.Size()-int64(len(b))); err != nil {
		return ""
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(b), "\n"), "\n")
	if n >= 0 && len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.TrimSuffix(strings.Join(lines, ""), "\n") + "\n"
}
