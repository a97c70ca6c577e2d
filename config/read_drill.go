package config

import (
	"fmt"
	"slices"
	"strings"
)

const commandHint = `write make = [{ host = "val-2", run = "…" }]; host is a drill host or "local"`

// faults reads [drill.faults]: a table for each fault, and runbooks, which says
// which fault starts whose drill.
func (ld *loader) faults(t *table, fleet Fleet) Faults {
	var out Faults
	if t.v == nil {
		return out
	}
	t.what = "[drill.faults]"
	for _, e := range t.v.keys {
		if e.name == "runbooks" {
			continue
		}
		t.asked = append(t.asked, e.name)
		if !slices.Contains(FaultNames(), e.name) {
			ld.off(e.at, "unknown-fault", show(e.name)+" is no fault", oneOfHint(e.name, FaultNames()))
			continue
		}
		if e.val.kind != kindTable {
			ld.at(e.val, "type", fmt.Sprintf("a fault is a table, not %s", e.val.kind), "write [drill.faults."+e.name+"]")
			continue
		}
		f := ld.table(e.val, "[drill.faults."+e.name+"]")
		fault := Fault{Name: e.name, Make: ld.commands(f, "make", fleet), Mend: ld.commands(f, "mend", fleet)}
		if m := e.val.get("make"); m == nil || m.val.kind == kindArray && len(m.val.items) == 0 {
			f.missing("make", commandHint)
		}
		f.close()
		out.List = append(out.List, fault)
	}
	out.Runbooks = ld.starts(t.sub("runbooks", "write [drill.faults.runbooks]"), out)
	return out
}

func (ld *loader) commands(f *table, key string, fleet Fleet) []Command {
	var out []Command
	for _, v := range f.tables(key, commandHint) {
		c := ld.table(v, key+" of "+f.what)
		cmd := Command{Host: c.need("host", commandHint), Run: c.need("run", commandHint)}
		c.close()
		if cmd.Host != "" && cmd.Host != Local && !fleet.HasHost(cmd.Host) {
			r := reading{ld: ld, f: &fleet}
			r.unknown(ref{"host", word{cmd.Host, v.get("host").val}, c.what})
		}
		out = append(out, cmd)
	}
	return out
}

// starts reads runbook id → fault.
func (ld *loader) starts(t *table, have Faults) map[string]string {
	if t.v == nil {
		return nil
	}
	t.what = "[drill.faults.runbooks]"
	out := map[string]string{}
	var names []string
	for _, f := range have.List {
		names = append(names, f.Name)
	}
	for _, e := range t.v.keys {
		fault := t.str(e.name, "")
		if !slugShape.MatchString(e.name) {
			ld.off(e.at, "shape", show(e.name)+" cannot be the id of a runbook", slugHint)
		}
		if fault != "" && !slices.Contains(names, fault) {
			ld.at(e.val, "unknown-fault", fmt.Sprintf("%s is not made on this fleet", show(fault)), faultHint(fault, names))
		}
		out[e.name] = fault
	}
	return out
}

func faultHint(word string, names []string) string {
	if near := Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "say how under [drill.faults." + strings.TrimSpace(firstOf(FaultNames(), word)) + "]"
}

// firstOf is word when the list knows it, else the list's first.
func firstOf(list []string, word string) string {
	if slices.Contains(list, word) {
		return word
	}
	return list[0]
}
