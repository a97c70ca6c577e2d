package paper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/lazy"
)

// filler puts the values of parameters where a runbook names them; what has
// none becomes a line to write on.
type filler struct {
	book   checklists.Book
	values map[string]string
	fleet  config.Fleet
	made   map[string]string // what a step captures → the step's number
}

// value is what a parameter holds: what was given, else its default. A secret
// one has no value on paper, whoever gave one.
func (f filler) value(name string) (string, bool) {
	p, _ := f.book.Param(name)
	if p.Type == "secret" {
		return "", false
	}
	v := cmp.Or(f.values[name], p.Default)
	return v, v != ""
}

// publicName is what strangers may read of the key it is about.
func (f filler) publicName() string {
	for _, q := range f.book.Params {
		if v, ok := f.value(q.Name); ok && q.Type == "key" {
			k, _ := f.fleet.Key(v)
			return k.PublicName
		}
	}
	return ""
}

// ref is what a name or $param stands for.
func (f filler) ref(s string) string {
	name, isParam := strings.CutPrefix(s, "$")
	if !isParam {
		return s
	}
	if v, ok := f.value(name); ok {
		return v
	}
	return s + " " + blank
}

// host is a target with its address: "val-2 (192.0.2.12)".
func (f filler) host(s string) string {
	if s == "local" {
		return "the machine you sit at"
	}
	name := f.ref(s)
	if h, ok := f.fleet.Host(name); ok && h.Addr != "" && h.Addr != name {
		return fmt.Sprintf("%s (%s)", name, h.Addr)
	}
	return name
}

// hosts are the members of a group, or nil where they are not known.
func (f filler) hosts(group string) []string {
	var out []string
	for _, h := range f.fleet.Group(f.ref(group)) {
		out = append(out, f.host(h.Name))
	}
	return out
}

// known are the values that a variable of a script has by the configuration.
func (f filler) known(q checklists.Param) map[string]string {
	v, ok := f.value(q.Name)
	if !ok {
		return nil
	}
	out := map[string]string{q.Name: v}
	switch q.Type {
	case "host":
		if h, ok := f.fleet.Host(v); ok {
			out[q.Name+"_addr"], out[q.Name+"_unit"] = h.Addr, h.Unit
			out[q.Name+"_unit_dir"], out[q.Name+"_home"] = h.UnitDir, h.Home
		}
	case "key":
		if k, ok := f.fleet.Key(v); ok {
			out[q.Name+"_address"], out[q.Name+"_sealed_backup"] = k.Address, k.SealedBackup
		}
	}
	return out
}

var varForm = lazy.Pattern(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// settings are the assignments that a script wants before it is typed, one a
// line; a secret is never among them by value.
func (f filler) settings(script string) string {
	var asked []string
	for _, m := range varForm.FindAllStringSubmatch(script, -1) {
		if !slices.Contains(asked, m[1]) {
			asked = append(asked, m[1])
		}
	}
	var out []string
	for _, q := range f.book.Params {
		known := f.known(q)
		for _, name := range checklists.EnvNames(q) {
			switch v := known[name]; {
			case !slices.Contains(asked, name):
			case q.Type == "secret":
				out = append(out, name+"=' (from the safe, not on paper) '")
			case v == "":
				out = append(out, name+"="+blank)
			default:
				out = append(out, name+"="+quoteValue(name, v))
			}
		}
	}
	for _, name := range asked {
		if no := f.made[name]; no != "" {
			out = append(out, fmt.Sprintf("%s=%s  # what step %s printed", name, blank, no))
		}
	}
	if slices.Contains(asked, "TARGET") {
		out = append(out, "TARGET="+blank+"  # the host you are on")
	}
	return strings.Join(out, "\n")
}

// quoteValue is quote, but for a home below the login's own.
func quoteValue(name, v string) string {
	if rest, ok := strings.CutPrefix(v, "~/"); ok && strings.HasSuffix(name, "_home") {
		return `"$HOME"/` + quote(rest)
	}
	return quote(v)
}

// quote is a value as a shell takes it.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var gapForm = lazy.Pattern(`\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}`)

// message is the text of a template with its gaps as lines to write on. Where
// strangers read it, no name of a host or key is filled in.
func (f filler) message(text string, public bool) string {
	return gapForm.ReplaceAllStringFunc(text, func(gap string) string {
		name := gapForm.FindStringSubmatch(gap)[1]
		if v, ok := f.value(name); ok && !public {
			return v
		} else if v := f.publicName(); name == "public_name" && v != "" {
			return v
		}
		return "[" + name + ": " + blank + "]"
	})
}

// lanes are the channels of a template by the plan, and whether strangers read
// one of them; nothing known counts as strangers.
func (f filler) lanes(template string) (to []string, public bool) {
	for _, s := range f.fleet.SaysFor(template) {
		for _, name := range s.To {
			c, ok := f.fleet.Channel(name)
			public = public || !ok || c.Audience != config.Internal
			if ok && c.Target != "" {
				name += " (" + c.Target + ")"
			}
			to = append(to, name)
		}
	}
	return to, public || len(to) == 0
}
