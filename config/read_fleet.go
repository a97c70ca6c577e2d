package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
)

// reading is one fleet while it is read: the values, and beside each the table
// it came from, so that a rule about meaning can point at its line.
type reading struct {
	ld   *loader
	f    *Fleet
	tabs map[string][]*table // "host" → the tables behind f.Hosts, and so on
	at   map[string]*value   // "host val-1" → where the name first stood
	refs []ref
}

// ref is a name that must exist once everything is read.
type ref struct {
	kind string // host, channel, component
	w    word
	by   string
}

// fleet reads the tables of one fleet out of top.
func (ld *loader) fleet(f *Fleet, top *table) *reading {
	r := &reading{ld: ld, f: f, tabs: map[string][]*table{}, at: map[string]*value{}}
	r.chain(r.single(top, "chain"))
	r.ssh(r.single(top, "ssh"))
	for _, part := range []struct {
		kind string
		read func(*table)
	}{
		{"host", r.host}, {"node", r.node}, {"key", r.key}, {"database", r.database}, {"endpoint", r.endpoint},
		{"component", r.component}, {"channel", r.channel}, {"say", r.say}, {"target", r.target},
	} {
		for _, v := range top.tables(part.kind, fmt.Sprintf("write [[%s%s]], once for each", ld.under, part.kind)) {
			t := ld.table(v, fmt.Sprintf("[[%s%s]]", ld.under, part.kind))
			part.read(t)
			t.close()
			r.tabs[part.kind] = append(r.tabs[part.kind], t)
		}
	}
	r.fence(r.single(top, "fence"))
	r.people(r.single(top, "people"))
	r.check()
	return r
}

func (r *reading) single(top *table, name string) *table {
	t := top.sub(name, fmt.Sprintf("write [%s%s]", r.ld.under, name))
	t.what = fmt.Sprintf("[%s%s]", r.ld.under, name)
	return t
}

// Shapes. They are narrow because these words travel into shells, units and
// addresses; what does not match is refused here, once, for all rooms.
var (
	slugShape   = lazy.Pattern(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	userShape   = lazy.Pattern(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`)
	unitShape   = lazy.Pattern(`^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,127}$`)
	remoteShape = lazy.Pattern(`^~?/[A-Za-z0-9._/@+=:-]*$`)
	globShape   = lazy.Pattern(`^~?/[A-Za-z0-9._/@+=:*?-]*$`)
	chainShape  = lazy.Pattern(`^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$`)
	prefixShape = lazy.Pattern(`^[a-z][a-z0-9]{0,19}$`)
)

const (
	slugHint   = "letters, digits, dot, dash and underscore; it starts with a letter or a digit"
	remoteHint = "an absolute path on the host, or one that starts with ~/"
)

// name reads the name of a repeated table, which must be a slug of its own.
func (r *reading) name(t *table, kind string) string {
	name := t.need("name", `write name = "…"`)
	if name == "" {
		return ""
	}
	t.what += " " + name
	v := t.v.get("name").val
	if !slugShape.MatchString(name) {
		t.ld.at(v, "shape", fmt.Sprintf("%s cannot be the name of a %s", show(name), kind), slugHint)
		return name
	}
	if kind == "host" && name == Local {
		t.ld.at(v, "shape", `"local" means the machine relight runs on`, "give the host another name")
	}
	r.once(kind, name, v)
	return name
}

// once reports a name of a kind that stands a second time.
func (r *reading) once(kind, name string, v *value) {
	if first, ok := r.at[kind+" "+name]; ok {
		line, _ := r.ld.src.place(first.at)
		r.ld.at(v, "duplicate", fmt.Sprintf("%s %s stands twice; first on line %d", kind, show(name), line), "every "+kind+" stands once in a fleet")
		return
	}
	r.at[kind+" "+name] = v
}

// refer notes that words of t must be names of a kind.
func (r *reading) refer(kind string, t *table, words ...word) {
	for _, w := range words {
		r.refs = append(r.refs, ref{kind, w, t.what})
	}
}

// referOne is refer for a single string.
func (r *reading) referOne(kind string, t *table, key, name string) {
	if name != "" {
		r.refer(kind, t, word{name, t.v.get(key).val})
	}
}

func (r *reading) chain(t *table) {
	r.f.Chain = Chain{
		ID:        t.match("id", "", chainShape, "chain id", "as in genesis.json, at most 50 characters"),
		Prefix:    t.match("bech32_prefix", "ve", prefixShape, "bech32 prefix", `what account addresses start with, without the 1: "ve"`),
		BlockTime: t.positive("block_time", 6*time.Second),
		Unit:      t.match("unit", "virtengine", unitShape, "unit", "a systemd unit"),
		UnitDir:   t.match("unit_dir", "/etc/systemd/system", remoteShape, "remote path", remoteHint),
		Home:      t.match("home", "~/.virtengine", remoteShape, "remote path", remoteHint),
	}
	t.close()
}

func (r *reading) ssh(t *table) {
	r.f.SSH = SSH{
		User:         t.match("user", r.ld.opt.Getenv("USER"), userShape, "login", "letters, digits, dot, dash and underscore"),
		Port:         t.num("port", 22, 1, 65535),
		KnownHosts:   r.paths(t, "known_hosts", []string{r.ld.path("~/.ssh/known_hosts")}),
		KeyFiles:     r.keyFiles(t, nil),
		Agent:        t.flag("agent", true),
		Jump:         r.jump(t, ""),
		UseSSHConfig: t.flag("use_ssh_config", false),
	}
	t.close()
}

// paths is one path or a list of them.
func (r *reading) paths(t *table, key string, def []string) []string {
	if t.v == nil || t.v.get(key) == nil {
		t.asked = append(t.asked, key)
		return def
	}
	var out []string
	if t.v.get(key).val.kind == kindString {
		if s := t.need(key, "name a file"); s != "" {
			out = append(out, r.ld.path(s))
		}
		return out
	}
	for _, w := range t.strs(key) {
		out = append(out, r.ld.path(w.s))
	}
	return out
}

func (r *reading) keyFiles(t *table, def []string) []string {
	if t.v == nil || t.v.get("keys") == nil {
		t.asked = append(t.asked, "keys")
		return def
	}
	var out []string
	for _, w := range t.strs("keys") {
		if !pathShape.MatchString(w.s) {
			r.ld.src.hide(w.v.at, w.v.end)
			r.ld.at(w.v, "shape", "keys of "+t.what+" lists files, and this is no path", `write "~/.ssh/…", "/…" or "./…"`)
			continue
		}
		path := r.ld.path(w.s)
		r.ld.private(w.v, path, "the SSH key")
		out = append(out, path)
	}
	return out
}

// jump is the name of a host of this fleet, or an address.
func (r *reading) jump(t *table, def string) string {
	s := t.str("jump", def)
	if s == "" || s == def {
		return s
	}
	if !strings.ContainsAny(s, ".:@") {
		r.referOne("host", t, "jump", s)
	} else if _, ok := r.at["host "+s]; !ok && !jumpShape(s) {
		r.ld.at(t.v.get("jump").val, "shape", "jump of "+t.what+" is no address: "+show(s), "the name of a host, or user@addr:port")
	}
	return s
}

func (r *reading) host(t *table) {
	c, s := r.f.Chain, r.f.SSH
	h := Host{
		Name:       r.name(t, "host"),
		Addr:       r.addr(t),
		Region:     t.str("region", ""),
		Zone:       t.str("zone", ""),
		PublicName: t.str("public_name", ""),
		User:       t.match("user", s.User, userShape, "login", "letters, digits, dot, dash and underscore"),
		Port:       t.num("port", s.Port, 1, 65535),
		KnownHosts: r.paths(t, "known_hosts", s.KnownHosts),
		KeyFiles:   r.keyFiles(t, s.KeyFiles),
		Agent:      t.flag("agent", s.Agent),
		Jump:       r.jump(t, s.Jump),
		Unit:       t.match("unit", c.Unit, unitShape, "unit", "a systemd unit"),
		UnitDir:    t.match("unit_dir", c.UnitDir, remoteShape, "remote path", remoteHint),
		Home:       t.match("home", c.Home, remoteShape, "remote path", remoteHint),
	}
	if h.Jump == h.Name {
		h.Jump = "" // [ssh] jump names this host: it is reached directly
	}
	for _, w := range t.strs("groups") {
		if !slugShape.MatchString(w.s) {
			r.ld.at(w.v, "shape", show(w.s)+" cannot be the name of a group", slugHint)
		}
		h.Groups = append(h.Groups, w.s)
	}
	h.Power.Off, h.Power.State = r.outside(t, "power", "off")
	h.Isolate.On, h.Isolate.State = r.outside(t, "isolate", "on")
	if h.User == "" {
		t.missing("user", `write user = "…" under [ssh]; $USER is not set`)
	}
	r.f.Hosts = append(r.f.Hosts, h)
}

// outside reads a fence from outside. What cannot be read back proves nothing,
// so that half a pair is refused.
func (r *reading) outside(t *table, key, verb string) (do, state string) {
	hint := fmt.Sprintf(`write %s = { %s = "command", state = "command that prints %s" }`, key, verb, verb)
	p := t.sub(key, hint)
	if p.v == nil {
		return "", ""
	}
	do, state = p.need(verb, hint), p.need("state", hint)
	p.close()
	return do, state
}

func (r *reading) node(t *table) {
	n := Node{Name: r.name(t, "node"), Host: t.str("host", ""), Witness: t.flag("witness", false)}
	r.referOne("host", t, "host", n.Host)
	def := ""
	if n.Host != "" {
		def = "ssh:127.0.0.1:26657"
	}
	if n.RPC = t.str("rpc", def); n.RPC == "" {
		t.missing("host or rpc", `write rpc = "http://addr:26657", or host = "…" to go through that host`)
	}
	r.rpcShape(t, "rpc", n.Host)
	n.REST = t.str("rest", "")
	r.rpcShape(t, "rest", n.Host)
	r.f.Nodes = append(r.f.Nodes, n)
}

var addressShape = lazy.Pattern(`^[0-9A-Fa-f]{40}$`)

const addressHint = `40 hex digits, as "address" in priv_validator_key.json or "validator_info" of /status`

func (r *reading) key(t *table) {
	k := Key{
		Name:       r.name(t, "key"),
		PublicName: t.str("public_name", ""),
		Address:    t.need("address", addressHint),
		Signer:     t.oneOf("signer", SignerFile, SignerFile+" "+SignerRemote),
	}
	if k.Address != "" {
		v := t.v.get("address").val
		if !addressShape.MatchString(k.Address) {
			r.ld.at(v, "address", fmt.Sprintf("address of %s is no consensus address: %s", t.what, show(k.Address)), addressHint)
		} else {
			k.Address = strings.ToUpper(k.Address)
			r.once("key address", k.Address, v)
		}
	}
	hosts, standbys := t.strs("hosts"), t.strs("standbys")
	r.refer("host", t, hosts...)
	r.refer("host", t, standbys...)
	k.Hosts, k.Standbys = texts(hosts), texts(standbys)
	if len(k.Hosts) == 0 && t.v.get("hosts") == nil {
		t.missing("hosts", "list every host that holds this key, standbys included: an unlisted holder can sign unseen")
	} else if len(k.Hosts) == 0 {
		r.ld.at(t.v.get("hosts").val, "missing", "hosts of "+t.what+" is empty", "list every host that holds this key")
	}
	for _, w := range standbys {
		if len(hosts) > 0 && !k.Holds(w.s) {
			r.ld.at(w.v, "not-a-holder", fmt.Sprintf("standby %s is not among the hosts of %s", show(w.s), t.what), "add it to hosts: hosts lists every holder, and only holders are proven silent")
		}
	}
	for _, w := range t.strs("state_backups") {
		if !globShape.MatchString(w.s) {
			r.ld.at(w.v, "shape", fmt.Sprintf("state_backups of %s is no remote path: %s", t.what, show(w.s)), remoteHint+"; * and ? may stand in it")
		}
		k.StateBackups = append(k.StateBackups, w.s)
	}
	k.SealedBackup = t.match("sealed_backup", "", remoteShape, "remote path", remoteHint)
	r.f.Keys = append(r.f.Keys, k)
}

func (r *reading) database(t *table) {
	d := Database{
		Name:    r.name(t, "database"),
		Host:    t.str("host", ""),
		DSN:     t.secret("dsn"),
		Role:    t.oneOf("role", "primary", "primary replica"),
		Manager: t.match("manager", "none", slugShape, "manager", `who else promotes or restarts it, such as "patroni"; "none" is nobody`),
	}
	r.referOne("host", t, "host", d.Host)
	r.f.Databases = append(r.f.Databases, d)
}

func (r *reading) endpoint(t *table) {
	e := Endpoint{Name: r.name(t, "endpoint")}
	if t.v.get("kind") == nil {
		t.missing("kind", oneOfHint("", EndpointKinds()))
	}
	e.Kind = t.oneOf("kind", "", endpointKinds)
	e.URL = t.need("url", `write url = "https://…"`)
	e.Expect = t.str("expect", "")
	e.Host = t.str("host", "")
	r.referOne("host", t, "host", e.Host)
	r.endpointShape(t, e)
	r.f.Endpoints = append(r.f.Endpoints, e)
}
