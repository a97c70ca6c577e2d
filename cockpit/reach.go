package cockpit

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
)

// Reaches are the names of the keys that a runbook with these parameters can act
// on, in the order of the fleet: those it names, and those of the hosts it runs
// something on. A script on the machine relight runs on may reach any. Two
// incidents never command one key.
func Reaches(book checklists.Book, params map[string]string, f config.Fleet) []string {
	fill := func(v string) string {
		if name, ok := strings.CutPrefix(v, "$"); ok {
			return params[name]
		}
		return v
	}
	var hosts, named []string
	for _, p := range book.Params {
		if p.Type == "key" {
			named = append(named, params[p.Name])
		}
	}
	for _, st := range checklists.Plan(book) {
		for _, b := range []*checklists.Block{st.Step.Run, st.Step.Undo} {
			if b == nil {
				continue
			}
			if b.Host != "" {
				hosts = append(hosts, fill(b.Host))
			}
			for _, h := range f.Hosts {
				if b.Group != "" && slices.Contains(h.Groups, fill(b.Group)) {
					hosts = append(hosts, h.Name)
				}
			}
		}
	}
	any := slices.Contains(hosts, config.Local)
	var out []string
	for _, k := range f.Keys {
		if any || slices.Contains(named, k.Name) || slices.ContainsFunc(k.Hosts, func(h string) bool { return slices.Contains(hosts, h) }) {
			out = append(out, k.Name)
		}
	}
	return out
}
