//go:build linux

package host

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// fragment is a unit file or a drop-in as it was read.
type fragment struct{ path, text string }

// unit is a service as the manager knows it. Guarded by Machine.mu.
type unit struct {
	name   string     // without .service
	loaded []fragment // as of the last daemon-reload, the unit file first

	active, sub, result string
	pid                 int
	since               time.Time
	restarts            int
	asserted, condition bool

	stopping bool          // a stop is under way: the exit that follows is wanted
	crashed  bool          // a fault killed it: it stays failed, whatever Restart= says
	gone     chan struct{} // closed when pid has been reaped
	revive   *time.Timer   // pending automatic restart
	starts   []time.Time   // automatic restarts within the limit's interval
}

func newUnit(name string) *unit {
	return &unit{name: name, active: "inactive", sub: "dead", result: "success", since: time.Now()}
}

// unitNames are the units whose file lies in dir.
func unitNames(dir string) []string {
	var out []string
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if name, ok := strings.CutSuffix(e.Name(), ".service"); ok && !e.IsDir() {
			out = append(out, name)
		}
	}
	return out
}

// fragments are the unit file and its drop-ins as they lie on disk now, the
// drop-ins by name.
func fragments(dir, name string) []fragment {
	var out []fragment
	file := filepath.Join(dir, name+".service")
	if b, err := os.ReadFile(file); err == nil {
		out = append(out, fragment{file, string(b)})
	}
	list, _ := filepath.Glob(filepath.Join(dir, name+".service.d", "*.conf"))
	sort.Strings(list)
	for _, p := range list {
		if b, err := os.ReadFile(p); err == nil {
			out = append(out, fragment{p, string(b)})
		}
	}
	return out
}

func (u *unit) file() string {
	if len(u.loaded) > 0 && strings.HasSuffix(u.loaded[0].path, ".service") {
		return u.loaded[0].path
	}
	return ""
}

func (u *unit) dropIns() []string {
	var out []string
	for _, f := range u.loaded {
		if strings.HasSuffix(f.path, ".conf") {
			out = append(out, f.path)
		}
	}
	return out
}

// needReload says whether the files changed since the manager read them.
func (u *unit) needReload(dir string) bool {
	now := fragments(dir, u.name)
	if len(now) != len(u.loaded) {
		return true
	}
	for i, f := range now {
		if f != u.loaded[i] {
			return true
		}
	}
	return false
}

// each visits the values of a key over all loaded fragments, in order.
func (u *unit) each(key string, visit func(string)) {
	for _, f := range u.loaded {
		for line := range strings.Lines(f.text) {
			if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.TrimSpace(k) == key {
				visit(strings.TrimSpace(v))
			}
		}
	}
}

// setting is the last value of a key.
func (u *unit) setting(key string) (val string) {
	u.each(key, func(v string) { val = v })
	return val
}

// span reads a time span: "10" is seconds.
func (u *unit) span(key string, def time.Duration) time.Duration {
	v := strings.ReplaceAll(u.setting(key), " ", "")
	if d, err := time.ParseDuration(v); err == nil {
		return d
	}
	if d, err := time.ParseDuration(v + "s"); err == nil {
		return d
	}
	return def
}

// holds says whether all path checks of a kind ("Assert", "Condition") hold. An
// empty value takes back what stood before it.
func (u *unit) holds(kind string) bool {
	var checks []string
	u.each(kind+"PathExists", func(v string) {
		if v == "" {
			checks = nil
			return
		}
		checks = append(checks, v)
	})
	for _, c := range checks {
		p, not := strings.CutPrefix(c, "!")
		_, err := os.Stat(strings.TrimSpace(p))
		if (err == nil) == not {
			return false
		}
	}
	return true
}

// link is what makes a unit start at boot.
func link(dir, name string) string {
	return filepath.Join(dir, "multi-user.target.wants", name+".service")
}

func enabled(dir, name string) bool {
	_, err := os.Lstat(link(dir, name))
	return err == nil
}
