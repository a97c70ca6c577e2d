package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// check holds the rules that need the whole fleet.
func (r *reading) check() {
	r.checkRefs()
	r.checkMembers()
	r.checkChain()
	r.checkHosts()
	r.checkNodes()
	r.checkWitnesses()
	r.checkKeys()
	r.checkPlan()
	r.checkTargets()
}

// known are the names of a kind, for reading and for hints.
func (r *reading) known(kind string) []string {
	var out []string
	switch kind {
	case "host":
		for _, h := range r.f.Hosts {
			out = append(out, h.Name)
		}
	case "channel":
		for _, c := range r.f.Channels {
			out = append(out, c.Name)
		}
	case "component":
		for _, c := range r.f.Components {
			out = append(out, c.Name)
		}
	case "member":
		for _, m := range r.things() {
			out = append(out, m.Name)
		}
	}
	return out
}

func (r *reading) checkRefs() {
	sets := map[string]map[string]bool{}
	for _, x := range r.refs {
		if x.kind == "member" {
			continue
		}
		if sets[x.kind] == nil {
			sets[x.kind] = map[string]bool{}
			for _, n := range r.known(x.kind) {
				sets[x.kind][n] = true
			}
		}
		if !sets[x.kind][x.w.s] {
			r.unknown(x)
		}
	}
}

func (r *reading) unknown(x ref) {
	if r.ld.full() {
		r.ld.at(x.w.v, "unknown-"+x.kind, "unknown "+x.kind, "")
		return
	}
	known := slices.DeleteFunc(r.known(x.kind), func(n string) bool { return n == "" })
	hint := fmt.Sprintf("add a [[%s%s]] of that name", r.ld.under, x.kind)
	if x.kind == "member" {
		hint = "members are hosts, nodes, endpoints and databases"
	}
	if near := Nearest(x.w.s, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	what := "no " + x.kind
	if x.kind == "member" {
		what = "nothing"
	}
	r.ld.at(x.w.v, "unknown-"+x.kind, fmt.Sprintf("%s names %s, which is %s of this fleet", x.by, show(x.w.s), what), hint)
}

// things are all that a component may be made of.
func (r *reading) things() []Member {
	var out []Member
	for _, h := range r.f.Hosts {
		out = append(out, Member{MemberHost, h.Name})
	}
	for _, n := range r.f.Nodes {
		out = append(out, Member{MemberNode, n.Name})
	}
	for _, e := range r.f.Endpoints {
		out = append(out, Member{MemberEndpoint, e.Name})
	}
	for _, d := range r.f.Databases {
		out = append(out, Member{MemberDatabase, d.Name})
	}
	return out
}

// checkMembers resolves members, which were read before all names were known.
func (r *reading) checkMembers() {
	byName := map[string][]Member{}
	for _, m := range r.things() {
		byName[m.Name] = append(byName[m.Name], m)
		byName[string(m.Kind)+":"+m.Name] = append(byName[string(m.Kind)+":"+m.Name], m)
	}
	for i, t := range r.tabs["component"] {
		e := t.v.get("members")
		if e == nil || e.val.kind != kindArray {
			continue
		}
		for _, item := range e.val.items {
			if item.kind != kindString || item.str == "" {
				continue
			}
			found := byName[item.str]
			if len(found) == 0 {
				r.unknown(ref{"member", word{item.str, item}, t.what})
			}
			for _, m := range found {
				if !slices.Contains(r.f.Components[i].Members, m) {
					r.f.Components[i].Members = append(r.f.Components[i].Members, m)
				}
			}
		}
	}
}

func (r *reading) checkChain() {
	if r.f.Chain.ID != "" || len(r.f.Nodes)+len(r.f.Keys) == 0 {
		return
	}
	for _, kind := range []string{"node", "key"} {
		if list := r.tabs[kind]; len(list) > 0 {
			r.ld.off(list[0].v.at, "missing", fmt.Sprintf("[%schain] needs id: a %s on another chain must be told apart", r.ld.under, kind), `write id = "virtengine-1" under [`+r.ld.under+`chain]`)
			return
		}
	}
}

func (r *reading) checkHosts() {
	first := map[string]int{}
	for i, h := range r.f.Hosts {
		t := r.tabs["host"][i]
		place := fmt.Sprintf("%s port %d", bareAddr(h.Addr), h.Port)
		if j, ok := first[place]; ok && h.Addr != "" && t.v.get("addr") != nil {
			r.ld.at(t.v.get("addr").val, "same-host", fmt.Sprintf("%s and host %s are both %s", t.what, show(r.f.Hosts[j].Name), show(place)),
				"one machine, one [[host]]: fencing must not take it for two")
		} else {
			first[place] = i
		}
		if names := r.jumps(h); names != nil {
			r.ld.at(t.v.get("name").val, "jump", fmt.Sprintf("%s jumps in a circle: %s", t.what, strings.Join(names, " → ")), "one of them must be reached directly")
		}
	}
}

// jumps is the circle of jump hosts that h is on, nil when there is none.
func (r *reading) jumps(h Host) []string {
	names := []string{h.Name}
	for range r.f.Hosts {
		if h.Jump == "" {
			return nil
		}
		next, ok := r.f.Host(h.Jump)
		if !ok {
			return nil
		}
		names = append(names, next.Name)
		if next.Name == names[0] {
			return names
		}
		h = next
	}
	return nil
}

// bareAddr is an address in the one form in which it is compared.
func bareAddr(s string) string {
	if ip, err := netip.ParseAddr(s); err == nil {
		return ip.Unmap().String()
	}
	return strings.TrimSuffix(strings.ToLower(s), ".")
}

func (r *reading) checkNodes() {
	for i, n := range r.f.Nodes {
		if h, ok := r.f.Host(n.Name); ok && n.Name != "" && h.Name != n.Host {
			r.ld.at(r.tabs["node"][i].v.get("name").val, "confusing-name", fmt.Sprintf("node %s has the name of a host it is not on", show(n.Name)),
				"a runbook's node(NAME) may be a host's name: give the node another")
		}
	}
}

func (r *reading) checkKeys() {
	signs := map[string]string{}
	for i, k := range r.f.Keys {
		t := r.tabs["key"][i]
		if n := len(r.f.Witnesses(k)); n < 2 && t.v.get("name") != nil {
			r.ld.warn(t.v.get("name").val.at, "witnesses", fmt.Sprintf("%s has %d of the two witnesses that a failover needs", t.what, n),
				"set witness = true on nodes whose hosts do not hold it")
		}
		for _, h := range k.Hosts {
			if slices.Contains(k.Standbys, h) || k.Signer == SignerRemote {
				continue
			}
			if other, ok := signs[h]; ok {
				r.ld.warn(t.v.get("hosts").val.at, "two-keys", fmt.Sprintf("host %s signs with %s and %s; one home holds one key", show(h), show(other), show(k.Name)),
					"list it under standbys where it is one")
			}
			signs[h] = k.Name
		}
	}
}

// checkPlan knows what a cadence may end with.
func (r *reading) checkPlan() {
	ends := []string{"resolved", "closed"}
	for _, s := range r.f.Say {
		ends = append(ends, s.Template)
	}
	for i, s := range r.f.Say {
		t := r.tabs["say"][i]
		if e := t.v.get("until"); e != nil && s.Until != "" && !slices.Contains(ends, s.Until) {
			r.ld.at(e.val, "unknown-word", fmt.Sprintf("until of %s is %s, which nothing brings about", t.what, show(s.Until)), oneOfHint(s.Until, ends[:min(len(ends), 12)]))
		}
		if s.Every != nil && !s.Timed {
			r.ld.off(t.v.get("every").at, "plan", t.what+" repeats but is never due first", `add due = "15m"`)
		}
	}
}

// checkTargets reports sources that disagree. Both are kept: which document is
// right is for people to settle, and until then the stricter holds.
func (r *reading) checkTargets() {
	seen := map[string][]Target{}
	for i, x := range r.f.Targets {
		about := x.Component + x.Scenario
		for _, y := range seen[about] {
			var what []string
			if x.RTO > 0 && y.RTO > 0 && x.RTO != y.RTO {
				what = append(what, fmt.Sprintf("RTO %s (%s) or %s (%s)", short(y.RTO), y.Source, short(x.RTO), x.Source))
			}
			if x.HasRPO && y.HasRPO && x.RPO != y.RPO {
				what = append(what, fmt.Sprintf("RPO %s (%s) or %s (%s)", short(y.RPO), y.Source, short(x.RPO), x.Source))
			}
			if len(what) > 0 {
				r.ld.warn(r.tabs["target"][i].v.at, "target-conflict", fmt.Sprintf("two targets for %s: %s", show(about), strings.Join(what, "; ")),
					"the stricter holds until the documents agree")
				break
			}
		}
		if len(seen[about]) < 10 {
			seen[about] = append(seen[about], x)
		}
	}
}

// short is a duration as people write it: 15m, not 15m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
