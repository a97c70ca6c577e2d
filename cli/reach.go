package cli

import (
	"context"
	"fmt"
	"net"
	"slices"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/nodes/reach"
)

// dial opens TCP connections: the machine's own, or the rehearsal fleet's.
type dial func(ctx context.Context, network, addr string) (net.Conn, error)

// fleetReach is how the house reaches a fleet: one pool of SSH connections for
// actions and eyes.
type fleetReach struct {
	*reach.Hosts
	pool    *relightssh.Pool
	targets map[string]relightssh.Target
	dial    dial
}

func newReach(f config.Fleet, d dial, o relightssh.Options) (*fleetReach, error) {
	if d == nil {
		d = new(net.Dialer).DialContext
	}
	o.Dial = d
	r := &fleetReach{dial: d, pool: relightssh.NewPool(o), targets: map[string]relightssh.Target{}}
	for _, h := range f.Hosts {
		t, err := targetOf(f, h, 0)
		if err != nil {
			return nil, err
		}
		r.targets[h.Name] = t
	}
	r.Hosts = reach.New(r.pool, r.targets)
	return r, nil
}

// maxJumps bounds a chain of jump hosts.
const maxJumps = 4

// targetOf is a host as the transport knows it.
func targetOf(f config.Fleet, h config.Host, depth int) (relightssh.Target, error) {
	t := relightssh.Target{Name: h.Name, Addr: h.Addr, Port: h.Port, User: h.User,
		KnownHosts: h.KnownHosts, KeyFiles: h.KeyFiles, Agent: h.Agent}
	if h.Jump == "" {
		return t, nil
	}
	via, ok := f.Host(h.Jump)
	if !ok || depth >= maxJumps {
		return t, fmt.Errorf("jump host %q of %s: name a host of the configuration", h.Jump, h.Name)
	}
	jump, err := targetOf(f, via, depth+1)
	if err != nil {
		return t, err
	}
	t.Via = &jump
	return t, nil
}

// target is the host of that name.
func (r *fleetReach) target(name string) (relightssh.Target, error) {
	t, ok := r.targets[name]
	if !ok {
		return t, fmt.Errorf("host %q is not in the configuration", name)
	}
	return t, nil
}

// Dial opens a connection from this machine.
func (r *fleetReach) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return r.dial(ctx, network, addr)
}

// seen is the fleet as nodes watches it.
func seen(f config.Fleet) nodes.Fleet {
	out := nodes.Fleet{ChainID: f.Chain.ID, BlockTime: f.Chain.BlockTime, ConsPrefix: f.Chain.Prefix + "valcons"}
	for _, n := range f.Nodes {
		out.Nodes = append(out.Nodes, nodes.NodeSpec{Name: n.Name, Host: n.Host, RPC: n.RPC, REST: n.REST, Witness: n.Witness})
	}
	for _, k := range f.Keys {
		out.Keys = append(out.Keys, nodes.KeySpec{Name: k.Name, PublicName: k.PublicName, Address: k.Address, Hosts: k.Hosts,
			Standbys: k.Standbys, StateBackups: k.StateBackups, SealedBackup: k.SealedBackup, RemoteSigner: k.Signer == config.SignerRemote})
	}
	for _, h := range f.Hosts {
		spec := nodes.HostSpec{Name: h.Name, Unit: h.Unit, UnitDir: h.UnitDir, Home: h.Home, Region: h.Region, Zone: h.Zone}
		for _, k := range f.Keys {
			if k.SealedBackup != "" && slices.Contains(k.Standbys, h.Name) {
				spec.Sealed = append(spec.Sealed, k.SealedBackup)
			}
		}
		out.Hosts = append(out.Hosts, spec)
	}
	for _, d := range f.Databases {
		spec := nodes.DatabaseSpec{Name: d.Name, Host: d.Host, Role: d.Role, Manager: d.Manager}
		if !d.DSN.IsZero() {
			spec.DSN = d.DSN.Resolve
		}
		out.Databases = append(out.Databases, spec)
	}
	for _, e := range f.Endpoints {
		out.Endpoints = append(out.Endpoints, nodes.EndpointSpec{Name: e.Name, Kind: e.Kind, Host: e.Host, URL: e.URL, Expect: e.Expect})
	}
	return out
}
