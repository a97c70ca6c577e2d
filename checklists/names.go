package checklists

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/lazy"
)

// BuiltIns are the names that every message may use beside the runbook's
// parameters.
func BuiltIns() []string {
	return []string{"impact", "eta", "next_update", "start", "end", "duration", "components", "severity", "commander", "public_name"}
}

var placeholderForm = lazy.Pattern(`\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}`)

// ParsePlaceholders are the names in {{name}} of a message, each once, in the
// order in which they first stand there.
func ParsePlaceholders(text string) []string {
	var out []string
	for _, m := range placeholderForm.FindAllStringSubmatch(text, -1) {
		if !contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// Param is the parameter of that name.
func (b Book) Param(name string) (Param, bool) {
	for _, p := range b.Params {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

// Clock is the clock of that name.
func (b Book) Clock(name string) (Clock, bool) {
	for _, c := range b.Clocks {
		if c.Name == name {
			return c, true
		}
	}
	return Clock{}, false
}

// paramOf checks a $name that stands in an attribute or a probe: it must be
// declared, and of one of the types.
func (p *reader) paramOf(ref string, line, col int, types ...string) {
	name := strings.TrimPrefix(ref, "$")
	par, ok := p.book.Param(name)
	if !ok {
		var names []string
		for _, q := range p.book.Params {
			names = append(names, q.Name)
		}
		hint := "declare it as [[param]] in the header"
		if w := nearest(name, names); w != "" {
			hint = "did you mean $" + w + "?"
		}
		p.err(line, col, "param-unknown", fmt.Sprintf("$%s is no parameter", name), hint)
		return
	}
	if par.Type == "secret" {
		p.err(line, col, "secret", fmt.Sprintf("the secret $%s may not stand here", name), "a secret reaches a shell block only, as an environment variable")
		return
	}
	if len(types) > 0 && !contains(types, par.Type) {
		p.err(line, col, "param-type", fmt.Sprintf("$%s is a %s, not a %s", name, par.Type, strings.Join(types, " or ")), "name a parameter of that type")
	}
}

// name checks a reference: $param of one of the types, or a name that the
// inventory must know.
func (p *reader) name(ref string, line, col int, what string, has func(Inventory, string) bool, types ...string) {
	if strings.HasPrefix(ref, "$") {
		p.paramOf(ref, line, col, types...)
		return
	}
	if p.inv != nil && !has(p.inv, ref) {
		p.err(line, col, what+"-unknown", fmt.Sprintf("the configuration knows no %s %q", what, ref), "write one of its names, or a parameter")
	}
}

func (p *reader) hostName(ref string, line, col int) {
	p.name(ref, line, col, "host", Inventory.HasHost, "host")
}

func (p *reader) groupName(ref string, line, col int) {
	p.name(ref, line, col, "group", Inventory.HasGroup, "group")
}

func (p *reader) keyName(ref string, line, col int) {
	p.name(ref, line, col, "key", Inventory.HasKey, "key")
}

// probeName checks the name in brackets of a probe.
func (p *reader) probeName(pr Probe, line, col int) {
	if pr.Name == "" {
		return
	}
	switch pr.Kind {
	case "host":
		p.hostName(pr.Name, line, col)
	case "node":
		p.name(pr.Name, line, col, "node", func(i Inventory, n string) bool { return i.HasNode(n) || i.HasHost(n) }, "node", "host")
	case "key":
		p.keyName(pr.Name, line, col)
	case "db":
		p.name(pr.Name, line, col, "database", Inventory.HasDatabase, "string", "enum")
	case "endpoint":
		p.name(pr.Name, line, col, "endpoint", Inventory.HasEndpoint, "string", "enum")
	case "place":
		p.name(pr.Name, line, col, "region or zone", Inventory.HasPlace, "string", "enum")
	case "alert":
		if strings.HasPrefix(pr.Name, "$") {
			p.paramOf(pr.Name, line, col, "string", "enum")
		}
	}
}
