package fence

import (
	"path"
	"strings"
)

// UnitProperties is what has to be asked for: systemctl show -p UnitProperties
// UNIT.
const UnitProperties = "ActiveState,SubState,MainPID,UnitFileState,DropInPaths,NeedDaemonReload"

// Unit is a systemd unit as systemctl show prints it, word for word. An empty
// word was not printed and is not known.
type Unit struct {
	ActiveState      string `json:"active_state"`
	SubState         string `json:"sub_state"`
	MainPID          string `json:"main_pid"`
	UnitFileState    string `json:"unit_file_state"`
	DropInPaths      string `json:"drop_in_paths"`
	NeedDaemonReload string `json:"need_daemon_reload"`
}

// ParseUnit reads the NAME=VALUE lines of systemctl show. Other names are
// ignored; a name that comes twice with two values is not known.
func ParseUnit(show string) Unit {
	var u Unit
	fields := map[string]*string{
		"ActiveState": &u.ActiveState, "SubState": &u.SubState, "MainPID": &u.MainPID,
		"UnitFileState": &u.UnitFileState, "DropInPaths": &u.DropInPaths, "NeedDaemonReload": &u.NeedDaemonReload,
	}
	seen := map[string]string{}
	for line := range strings.Lines(show) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok || fields[name] == nil {
			continue
		}
		if old, twice := seen[name]; twice && old != value {
			*fields[name] = ""
			continue
		}
		seen[name] = value
		*fields[name] = value
	}
	return u
}

// Stopped says that systemd reports no running process.
func (u Unit) Stopped() bool {
	return (u.ActiveState == "inactive" || u.ActiveState == "failed") && u.MainPID == "0"
}

// Fenced says that the drop-in of that base name is loaded.
func (u Unit) Fenced(dropIn string) bool {
	if u.NeedDaemonReload != "no" {
		return false
	}
	for _, p := range strings.Fields(u.DropInPaths) {
		if path.Base(p) == dropIn && strings.HasSuffix(path.Dir(p), ".d") {
			return true
		}
	}
	return false
}
