package world

import (
	"sort"
	"strings"
	"time"
)

// Unit is a systemd service as its manager knows it.
type Unit struct {
	Name      string     `json:"name"` // without .service
	Active    string     `json:"active"`
	Sub       string     `json:"sub"`
	Result    string     `json:"result"`
	MainPID   int        `json:"main_pid"`
	Enabled   bool       `json:"enabled"`
	Masked    bool       `json:"masked,omitempty"`
	NRestarts int        `json:"n_restarts"`
	Since     time.Time  `json:"since"`
	Asserted  bool       `json:"asserted"` // the result of the last assertions
	Condition bool       `json:"condition"`
	Loaded    []Fragment `json:"loaded"` // as of the last daemon-reload
}

// Fragment is a unit file or a drop-in.
type Fragment struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// unitDirs, the first wins.
var unitDirs = [...]string{UnitDir, "/run/systemd/system", "/lib/systemd/system"}

// fragments are the unit file and its drop-ins as they lie on disk: the unit
// file first, drop-ins by file name.
func (h *Host) fragments(name string) []Fragment {
	var out []Fragment
	for _, dir := range unitDirs {
		p := dir + "/" + name + ".service"
		if f, ok := h.Files[p]; ok && !f.Dir {
			out = append(out, Fragment{p, f.Text})
			break
		}
	}
	seen := map[string]bool{}
	var drops []Fragment
	for _, dir := range unitDirs {
		d := dir + "/" + name + ".service.d"
		if f, ok := h.Files[d]; !ok || !f.Dir {
			continue
		}
		for _, k := range h.children(d) {
			if f := h.Files[d+"/"+k]; strings.HasSuffix(k, ".conf") && !f.Dir && !seen[k] {
				seen[k] = true
				drops = append(drops, Fragment{d + "/" + k, f.Text})
			}
		}
	}
	sort.SliceStable(drops, func(i, j int) bool { return base(drops[i].Path) < base(drops[j].Path) })
	return append(out, drops...)
}

func base(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// NeedReload says whether the files changed since the manager read them.
func (h *Host) NeedReload(u *Unit) bool {
	now := h.fragments(u.Name)
	if len(now) != len(u.Loaded) {
		return true
	}
	for i, f := range now {
		if f != u.Loaded[i] {
			return true
		}
	}
	return false
}

// unitPath is the loaded unit file, or "".
func (u *Unit) unitPath() string {
	if len(u.Loaded) > 0 && strings.HasSuffix(u.Loaded[0].Path, "/"+u.Name+".service") {
		return u.Loaded[0].Path
	}
	return ""
}

// DropIns are the loaded drop-ins.
func (u *Unit) DropIns() []string {
	var out []string
	for _, f := range u.Loaded {
		if strings.HasSuffix(f.Path, ".conf") {
			out = append(out, f.Path)
		}
	}
	return out
}

// setting is the last value of a key over all loaded fragments.
func (u *Unit) setting(key string) string {
	val := ""
	u.each(key, func(v string) { val = v })
	return val
}

func (u *Unit) each(key string, f func(value string)) {
	for _, fr := range u.Loaded {
		for _, line := range strings.Split(fr.Text, "\n") {
			if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.TrimSpace(k) == key {
				f(strings.TrimSpace(v))
			}
		}
	}
}

// holds says whether all path checks of a kind ("Assert", "Condition") hold.
func (h *Host) holds(u *Unit, kind string) bool {
	var checks []string
	u.each(kind+"PathExists", func(v string) {
		if v == "" { // an empty value takes back what stood before
			checks = nil
			return
		}
		checks = append(checks, v)
	})
	for _, c := range checks {
		p, not := strings.CutPrefix(c, "!")
		if _, ok := h.Files[strings.TrimSpace(p)]; ok == not {
			return false
		}
	}
	return true
}

// startUnit is what the manager does for a start job: "" or the reason why the
// job failed, and its exit code.
func (w *World) startUnit(h *Host, u *Unit) (string, int) {
	full := u.Name + ".service"
	switch {
	case u.Masked:
		return "Failed to start " + full + ": Unit " + full + " is masked.\n", 1
	case u.unitPath() == "":
		return "Failed to start " + full + ": Unit " + full + " not found.\n", 5
	case u.Active == "active":
		return "", 0
	}
	w.dropRevival(h, u)
	u.Condition, u.Asserted = h.holds(u, "Condition"), h.holds(u, "Assert")
	if !u.Condition || !u.Asserted {
		if u.Sub == "auto-restart" {
			u.Active, u.Sub = "inactive", "dead"
		}
		if !u.Condition {
			return "", 0
		}
		w.log(h, u.Name, "Starting %s requested but asserts failed.", full)
		return "Assertion failed on job for " + full + ".\n", 1
	}
	w.NextPID += 1 + int(w.Roll(7, "pid", h.Name, u.Name, w.Now.String()))
	u.Active, u.Sub, u.Result, u.MainPID, u.Since = "active", "running", "success", w.NextPID, w.Now
	if u.Name == PGUnit {
		if why := w.StartServer(h, PGData, PGPort, u.Name, u.MainPID); why != "" {
			u.Active, u.Sub, u.Result, u.MainPID = "failed", "failed", "protocol", 0
			return "Job for " + full + " failed because the service did not take the steps required by its unit configuration.\n", 1
		}
	}
	w.log(h, u.Name, "Started %s.", full)
	if u.Name == ChainUnit && h.Role == "chain" {
		w.spawn(h, u)
	}
	w.lives()
	return "", 0
}

// stopUnit ends a unit's process for good: no revival follows.
func (w *World) stopUnit(h *Host, u *Unit) {
	w.dropRevival(h, u)
	if u.MainPID != 0 && u.Name == ChainUnit {
		w.endProcess(h)
	}
	w.stopServers(h, u.Name, true)
	if u.Active == "failed" {
		return // a stop leaves a failed unit failed
	}
	if u.MainPID != 0 {
		w.log(h, u.Name, "Stopped %s.service.", u.Name)
	}
	u.Active, u.Sub, u.MainPID, u.Since = "inactive", "dead", 0, w.Now
	w.lives()
}

// failUnit is what follows when the main process ended badly.
func (w *World) failUnit(h *Host, u *Unit, result string) {
	w.stopServers(h, u.Name, false)
	u.MainPID, u.Result, u.Since = 0, result, w.Now
	u.Active, u.Sub = "failed", "failed"
	w.log(h, u.Name, "%s.service: Failed with result '%s'.", u.Name, result)
	w.lives()
	if r := u.setting("Restart"); r == "on-failure" || r == "always" {
		u.Active, u.Sub = "activating", "auto-restart"
		w.after(Event{At: w.Now.Add(u.restartSec()), Kind: evRevive, Target: h.Name, Name: u.Name})
	}
}

func (u *Unit) restartSec() time.Duration {
	v := u.setting("RestartSec")
	if d, err := time.ParseDuration(v); err == nil {
		return d
	}
	if d, err := time.ParseDuration(v + "s"); err == nil {
		return d
	}
	return 100 * time.Millisecond
}

func (w *World) dropRevival(h *Host, u *Unit) {
	w.drop(func(ev Event) bool { return ev.Kind == evRevive && ev.Target == h.Name && ev.Name == u.Name })
}

// boot brings a machine up and starts what is enabled.
func (w *World) boot(h *Host) {
	h.Power = On
	h.Boots++
	for _, u := range h.Units {
		u.Loaded = h.fragments(u.Name)
		u.Active, u.Sub, u.MainPID, u.NRestarts, u.Result = "inactive", "dead", 0, 0, "success"
	}
	for _, u := range h.Units {
		if u.Enabled {
			w.startUnit(h, u)
		}
	}
	w.lives()
}

// powerOff ends everything on a machine at once.
func (w *World) powerOff(h *Host) {
	w.endProcess(h)
	w.stopServers(h, "", false)
	h.Power, h.Hung = Off, false
	for _, u := range h.Units {
		w.dropRevival(h, u)
		u.Active, u.Sub, u.MainPID = "inactive", "dead", 0
	}
	w.drop(func(ev Event) bool { return ev.Kind == evBoot && ev.Target == h.Name })
	w.lives()
}

// Reboot takes a machine down; it is back, with what is enabled, some 25
// seconds later.
func (w *World) Reboot(h *Host) {
	w.powerOff(h)
	h.Power = Booting
	w.after(Event{At: w.Now.Add(w.between(20*time.Second, 30*time.Second, "boot", h.Name, h.bootKey())),
		Kind: evBoot, Target: h.Name})
	w.Touched()
}

// User is who the unit's process runs as.
func (u *Unit) User() string {
	if name := u.setting("User"); name != "" {
		return name
	}
	return string(Root)
}

// Command is the command line of the unit's process.
func (u *Unit) Command() string { return u.setting("ExecStart") }
