package cockpit

import (
	"sort"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// incidentVar is the incident's id in every script that asks for it: what one
// incident keeps on a host is never taken for that of another.
const incidentVar = "RELIGHT_INCIDENT"

// targets are the hosts a block names, parameters filled in.
func (c *Cockpit) targets(b checklists.Block) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.targetsLocked(b)
}

func (c *Cockpit) targetsLocked(b checklists.Block) []string {
	if b.Group != "" {
		group := c.fillLocked(b.Group)
		var out []string
		for _, h := range c.o.Fleet.Hosts {
			if contains(h.Groups, group) {
				out = append(out, h.Name)
			}
		}
		return out
	}
	if h := c.fillLocked(b.Host); h != "" {
		return []string{h}
	}
	return nil
}

func (c *Cockpit) fillLocked(v string) string {
	if name, ok := strings.CutPrefix(v, "$"); ok {
		return c.state.Params[name]
	}
	return v
}

// envLocked are the variables a script sees: each parameter by its name, and
// what the configuration knows of the host or key it names. Values never enter
// a script as text, and a host is told only what its script asks for.
func (c *Cockpit) envLocked(script, target string, values map[string]string) []Var {
	return envOf(c.state, c.o.Fleet, script, target, values)
}

func envOf(state incident.State, fleet config.Fleet, script, target string, values map[string]string) []Var {
	env := map[string]string{"TARGET": target, incidentVar: state.ID}
	for _, p := range state.Book.Params {
		v := state.Params[p.Name]
		env[p.Name] = v
		switch p.Type {
		case "host":
			if h, ok := fleet.Host(v); ok {
				env[p.Name+"_addr"], env[p.Name+"_unit"] = h.Addr, h.Unit
				env[p.Name+"_unit_dir"], env[p.Name+"_home"] = h.UnitDir, h.Home
			}
		case "key":
			if k, ok := fleet.Key(v); ok {
				env[p.Name+"_address"], env[p.Name+"_sealed_backup"] = k.Address, k.SealedBackup
			}
		}
	}
	for k, v := range state.Captures {
		env[k] = v
	}
	for k, v := range values {
		env[k] = v
	}
	out := make([]Var, 0, len(env))
	for k, v := range env {
		if asksFor(script, k) {
			out = append(out, Var{Name: k, Value: v})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Vars are the variables that a script would be told on a host, by their names:
// made by what tells them to the job itself. The value of a secret is hidden. What
// is known only at the start (the mark of a sign state) is not among them.
func (v View) Vars(script, host string) []Var {
	out := envOf(v.State, v.fleet, script, host, nil)
	for _, p := range v.State.Book.Params {
		for i := range out {
			if p.Type == "secret" && out[i].Name == p.Name {
				out[i].Value = safe.Hidden
			}
		}
	}
	return out
}

// asksFor says that a script names a variable, as $name or ${name...
func asksFor(script, name string) bool {
	for _, open := range []string{"$", "${"} {
		for rest := script; ; {
			_, after, ok := strings.Cut(rest, open+name)
			if !ok {
				break
			}
			if after == "" || !nameByte(after[0]) {
				return true
			}
			rest = after
		}
	}
	return false
}

func nameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
