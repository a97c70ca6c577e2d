package config

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// spot is an address somewhere in a fleet.
type spot struct {
	addr string
	port int
	what string // "host val-1"
	host bool   // a machine that commands run on
	v    *value
}

// spots are all network addresses of a fleet, apart from channels, whose
// destination is not their address.
func (r *reading) spots() []spot {
	var out []spot
	for i, h := range r.f.Hosts {
		if e := r.tabs["host"][i].v.get("addr"); e != nil {
			out = append(out, spot{bareAddr(h.Addr), h.Port, "host " + h.Name, true, e.val})
		}
	}
	web := func(t *table, key, what string) {
		if e := t.v.get(key); e != nil && e.val.kind == kindString {
			if addr, port, ok := webSpot(e.val.str); ok {
				out = append(out, spot{addr, port, what, false, e.val})
			}
		}
	}
	for i, n := range r.f.Nodes {
		web(r.tabs["node"][i], "rpc", "node "+n.Name)
		web(r.tabs["node"][i], "rest", "node "+n.Name)
	}
	for i, e := range r.f.Endpoints {
		web(r.tabs["endpoint"][i], "url", "endpoint "+e.Name)
	}
	return out
}

// webSpot is where an address leads: of http(s) its host, of host:port itself.
func webSpot(s string) (addr string, port int, ok bool) {
	if strings.HasPrefix(s, "ssh:") {
		return "", 0, false // behind a host, which is compared itself
	}
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		port, _ = strconv.Atoi(u.Port())
		switch {
		case port != 0:
		case u.Scheme == "https":
			port = 443
		case u.Scheme == "http":
			port = 80
		}
		return bareAddr(u.Hostname()), port, u.Scheme != "dns"
	}
	addr, port, ok = splitAddr(s)
	return bareAddr(addr), port, ok && port != 0
}

// loopback addresses are shared by everything on a machine: there only the port
// tells two things apart.
func loopback(addr string) bool {
	ip, err := netip.ParseAddr(addr)
	return addr == "localhost" || strings.HasSuffix(addr, ".localhost") || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

const overlapHint = "a drill breaks things on purpose: give it a fleet of its own"

// overlap refuses a drill that could reach anything live. Names are compared,
// not resolved: two names of one machine are not found here.
func (ld *loader) overlap(live, drill *reading, faults *value) {
	byAddr := map[string]spots{}
	for _, s := range live.spots() {
		if s.addr == "" {
			continue
		}
		if byAddr[s.addr].port == nil {
			byAddr[s.addr] = spots{port: map[int]spot{}, kind: map[bool]spot{}}
		}
		byAddr[s.addr].port[s.port], byAddr[s.addr].kind[s.host] = s, s
	}
	for _, d := range drill.spots() {
		ld.overlapSpot(d, byAddr[d.addr])
	}
	for i, h := range drill.f.Hosts {
		ld.overlapJump(drill.tabs["host"][i], h, drill.f, byAddr)
	}
	ld.overlapKeys(live, drill)
	ld.overlapSecrets(live, drill)
	ld.overlapChannels(live, drill)
	ld.overlapCommands(live, drill, faults)
}

// spots are the live ones at one address, by port and by whether they are
// machines.
type spots struct {
	port map[int]spot
	kind map[bool]spot
}

// overlapSpot knows two ways to be the same machine: address and port agree, or
// one of the two is the machine itself and the other something on it. What
// shares only an address may be two machines behind one gateway.
func (ld *loader) overlapSpot(d spot, live spots) {
	same, ok := live.port[d.port]
	if !ok && !loopback(d.addr) {
		same, ok = live.kind[!d.host]
	}
	if ok {
		ld.at(d.v, "drill-overlap", fmt.Sprintf("drill %s has the address of live %s", d.what, same.what), overlapHint)
	} else if near, ok := live.kind[d.host]; ok && !loopback(d.addr) {
		ld.warn(d.v.at, "drill-overlap", fmt.Sprintf("drill %s shares its address with live %s, on another port", d.what, near.what), "make sure that it is another machine")
	}
}

// overlapJump refuses to reach a drill through a live host.
func (ld *loader) overlapJump(t *table, h Host, f *Fleet, live map[string]spots) {
	if _, named := f.Host(h.Jump); named || h.Jump == "" {
		return
	}
	_, rest, found := strings.Cut(h.Jump, "@")
	if !found {
		rest = h.Jump
	}
	addr, port, ok := splitAddr(rest)
	if port == 0 {
		port = 22
	}
	if !ok {
		return
	}
	l, ok := live[bareAddr(addr)].kind[true]
	if loopback(bareAddr(addr)) {
		l, ok = live[bareAddr(addr)].port[port]
	}
	if ok && l.host {
		at := t.v.at
		if e := t.v.get("jump"); e != nil {
			at = e.val.at
		}
		ld.off(at, "drill-overlap", fmt.Sprintf("drill host %s is reached through live %s", show(h.Name), l.what), overlapHint)
	}
}

func (ld *loader) overlapKeys(live, drill *reading) {
	for i, k := range drill.f.Keys {
		l, ok := find(live.f.Keys, func(l Key) bool { return l.Address == k.Address && k.Address != "" })
		if ok {
			ld.at(drill.tabs["key"][i].v.get("address").val, "drill-overlap", fmt.Sprintf("drill key %s is live key %s", show(k.Name), show(l.Name)),
				"a drill signs with keys of its own")
		}
	}
}

// overlapSecrets compares references: the same one leads to the same database.
func (ld *loader) overlapSecrets(live, drill *reading) {
	for i, d := range drill.f.Databases {
		l, ok := find(live.f.Databases, func(l Database) bool { return !d.DSN.IsZero() && l.DSN == d.DSN })
		if ok {
			ld.at(drill.tabs["database"][i].v.get("dsn").val, "drill-overlap", fmt.Sprintf("drill database %s has the dsn of live %s", show(d.Name), show(l.Name)), overlapHint)
		}
	}
}

func (ld *loader) overlapChannels(live, drill *reading) {
	for i, d := range drill.f.Channels {
		t, near := drill.tabs["channel"][i], ""
		for _, l := range live.f.Channels {
			if l.Driver != d.Driver || l.Driver == "" {
				continue
			}
			shared := sameToken(l, d)
			if sameDestination(l, d) || shared && strings.Contains(tokenIsPlace, " "+d.Driver+" ") {
				at := t.v.at
				if e := t.v.get("target"); e != nil {
					at = e.val.at
				}
				ld.off(at, "drill-overlap", fmt.Sprintf("drill channel %s goes where live %s goes", show(d.Name), show(l.Name)), "a drill speaks on channels of its own")
				near = ""
				break
			}
			if shared && !d.ByHand() && sameBase(l, d) {
				near = l.Name
			}
		}
		if near != "" {
			ld.warn(t.v.get("token").val.at, "drill-overlap", fmt.Sprintf("drill channel %s has the token of live %s", show(d.Name), show(near)),
				"a webhook's token is its destination, whatever the target says: give the drill its own")
		}
	}
}

func sameToken(a, b Channel) bool { return !a.Token.IsZero() && a.Token == b.Token }

func sameBase(a, b Channel) bool {
	return strings.EqualFold(strings.TrimRight(a.URL, "/"), strings.TrimRight(b.URL, "/"))
}

func sameDestination(a, b Channel) bool {
	if a.Driver == "smtp" {
		mine := mailboxes(a.Target)
		return slices.ContainsFunc(mailboxes(b.Target), func(m string) bool { return slices.Contains(mine, m) })
	}
	return a.Target != "" && strings.EqualFold(strings.TrimPrefix(a.Target, "#"), strings.TrimPrefix(b.Target, "#")) && sameBase(a, b)
}

func mailboxes(list string) []string {
	var out []string
	parsed, err := mail.ParseAddressList(list)
	if err != nil {
		return nil
	}
	for _, a := range parsed {
		out = append(out, strings.ToLower(a.Address))
	}
	return out
}

// overlapCommands looks for live addresses in whatever a drill would run from
// outside. It finds what is spelt out, not what is hidden.
func (ld *loader) overlapCommands(live, drill *reading, faults *value) {
	words := map[string]string{}
	for _, h := range live.f.Hosts {
		if a := bareAddr(h.Addr); a != "" && !loopback(a) {
			words[a] = "the address of live host " + show(h.Name)
		}
	}
	for _, k := range live.f.Keys {
		words[strings.ToLower(k.Address)] = "live key " + show(k.Name)
	}
	look := func(v *value) {
		for _, cut := range []func(rune) bool{notOfName, notOfIPv6} {
			for _, w := range strings.FieldsFunc(strings.ToLower(v.str), cut) {
				if what, ok := words[bareAddr(strings.Trim(w, "."))]; ok {
					ld.at(v, "drill-overlap", "this command of the drill names "+what, overlapHint)
					return
				}
			}
		}
	}
	for _, t := range drill.tabs["host"] {
		for _, key := range []string{"power", "isolate"} {
			if e := t.v.get(key); e != nil {
				eachString(e.val, look)
			}
		}
	}
	if faults != nil {
		eachString(faults, look)
	}
}

func notOfName(c rune) bool {
	return !(c == '.' || c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z')
}

func notOfIPv6(c rune) bool {
	return !(c == ':' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'f')
}

// eachString visits every string of a value.
func eachString(v *value, visit func(*value)) {
	if v.kind == kindString {
		visit(v)
	}
	for _, e := range v.keys {
		eachString(e.val, visit)
	}
	for _, item := range v.items {
		eachString(item, visit)
	}
}
