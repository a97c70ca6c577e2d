package config

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// checkWitnesses sees to it that two witnesses are two: a proof that asks one
// node under two names was given by one.
func (r *reading) checkWitnesses() {
	const hint = "a witness is an independent node: name another, or set witness = false on one of them"
	machines := r.machines()
	nodes, hosts := map[string]string{}, map[string]string{}
	for i, n := range r.f.Nodes {
		if !n.Witness {
			continue
		}
		t := r.tabs["node"][i]
		e := t.v.get("rpc")
		if e == nil {
			e = t.v.get("witness")
		}
		if e == nil {
			continue
		}
		machine, place := witnessPlace(n, machines)
		other, same := nodes[place]
		near, beside := hosts[machine]
		switch {
		case place != "" && same:
			r.ld.at(e.val, "same-witness", fmt.Sprintf("witnesses %s and %s ask the same RPC", show(other), show(n.Name)), hint)
		case machine != "" && beside:
			r.ld.warn(e.val.at, "witness-host", fmt.Sprintf("witnesses %s and %s are on one host and fail together", show(near), show(n.Name)), hint)
		}
		if !same {
			nodes[place] = n.Name
		}
		if !beside {
			hosts[machine] = n.Name
		}
	}
}

// machines are the hosts by address, where an address is that of one host
// alone: several behind one gateway, or on loopback, cannot be told apart by it.
func (r *reading) machines() map[string]string {
	out := map[string]string{}
	for _, h := range r.f.Hosts {
		addr := bareAddr(h.Addr)
		if _, twice := out[addr]; twice || loopback(addr) {
			out[addr] = ""
			continue
		}
		out[addr] = h.Name
	}
	return out
}

// witnessPlace is the machine a witness runs on and the place of its RPC there,
// in the one form in which they are compared. Either is "" when it cannot be
// told.
func witnessPlace(n Node, machines map[string]string) (machine, place string) {
	addr, port, path := "", 0, ""
	if rest, through := strings.CutPrefix(n.RPC, "ssh:"); through {
		var ok bool
		if addr, port, ok = splitAddr(rest); !ok {
			return "", ""
		}
		addr = bareAddr(addr)
		if loopback(addr) {
			machine = "host " + n.Host
		}
	} else {
		var ok bool
		if addr, port, ok = webSpot(n.RPC); !ok {
			return "", ""
		}
		if u, err := url.Parse(n.RPC); err == nil {
			path = strings.TrimRight(u.Path, "/") // two nodes may stand behind one name
		}
	}
	own := machine == "" && loopback(addr) // this machine: a tunnel may lead anywhere
	if machine == "" {
		machine = addr
		if own {
			machine = "localhost"
		} else if name := machines[addr]; name != "" {
			machine = "host " + name
		}
	}
	place = machine + " " + strconv.Itoa(port) + path
	switch {
	case n.Host != "":
		machine = "host " + n.Host
	case own:
		machine = ""
	}
	return machine, place
}
