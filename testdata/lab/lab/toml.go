//go:build linux

package lab

import (
	"fmt"
	"os"
	"strings"

	"github.com/virtengine/relight/drill/fleet/receivers"
	"github.com/virtengine/relight/testdata/lab/mail"
)

// writeConfig writes relight.toml: the lab as the file's drill fleet, or as its
// live one. Paths inside it are absolute.
func (l *Lab) writeConfig(opt Options) error {
	under := "drill."
	if l.Live {
		under = ""
	}
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	w("# A lab of relight: real nodes and a real sshd each, on loopback. Written by\n# testdata/lab; it goes with the lab. Of the REST server there is a stand-in only.")
	w("\n[%schain]\nid = %q\nbech32_prefix = %q\nblock_time = %q\nunit = %q", under, l.ChainID, prefix, l.BlockTime, unitName)
	w("\n[%sssh]\nuser = %q\nknown_hosts = %q\nkeys = [%q]\nagent = false", under, l.User, l.KnownHosts, l.KeyFile)
	for _, h := range l.Hosts {
		l.writeHost(w, under, h)
	}
	for _, h := range l.Hosts {
		l.writeNode(w, under, h)
	}
	for _, h := range l.Hosts {
		l.writeKey(w, under, h)
	}
	l.writePlan(w, under, opt)
	if !l.Live {
		l.writeFaults(w)
	}
	return os.WriteFile(l.Config, []byte(b.String()), 0o600)
}

type writer func(format string, args ...any)

// public is what outsiders read for a host.
func public(name string) string {
	if name == sealedOn {
		return "standby of validator 2"
	}
	return "validator " + strings.TrimPrefix(name, "val-")
}

// board is a local command to a host's management board.
func board(h Host, command string) string { return h.Bin("labhost") + " ctl " + command }

func (l *Lab) writeHost(w writer, under string, h Host) {
	group := "validators"
	if h.Standby {
		group = "standbys"
	}
	w("\n[[%shost]]\nname = %q\naddr = %q\nport = %d\ngroups = [%q]\npublic_name = %q\nunit_dir = %q\nhome = %q",
		under, h.Name, Addr, h.SSH, group, public(h.Name), h.UnitDir, h.Home)
	w("power = { off = %q, state = %q }", board(h, "power off"), board(h, "power state"))
}

// writeNode: val-2 and its standby are reached as an operator's validators
// are, through their host; the others directly, and they testify.
func (l *Lab) writeNode(w writer, under string, h Host) {
	rpc, witness := fmt.Sprintf("ssh:%s:%d", Addr, h.RPC), false
	if h.Name != sealedOf && !h.Standby {
		rpc, witness = h.RPCURL(), true
	}
	w("\n[[%snode]]\nname = %q\nhost = %q\nrpc = %q\nrest = %q\nwitness = %t", under, h.Name, h.Name, rpc, l.REST, witness)
}

func (l *Lab) writeKey(w writer, under string, h Host) {
	if h.Standby {
		return
	}
	w("\n[[%skey]]\nname = %q\npublic_name = %q\naddress = %q", under, h.Name, public(h.Name), h.Address)
	if h.Name != sealedOf {
		w("hosts = [%q]", h.Name)
		return
	}
	w("hosts = [%q, %q]\nstandbys = [%q]\nsealed_backup = %q", h.Name, sealedOn, sealedOn, l.mustHost(sealedOn).Sealed)
}

// writePlan: components, targets, the fence and the people.
func (l *Lab) writePlan(w writer, under string, opt Options) {
	var members []string
	for _, h := range l.Hosts {
		members = append(members, fmt.Sprintf("%q", h.Name))
	}
	w("\n[[%scomponent]]\nname = \"Validator node\"\nmembers = [%s]\nstatus_page_id = \"cmpvalidator\"", under, strings.Join(members, ", "))
	w("\n[[%starget]]\ncomponent = \"Validator node\"\nrto = \"15m\"\nrpo = \"0s\"\nsource = \"DR procedures 1.0.0, By Component\"", under)
	w("\n[%sfence]\nblocks = 10", under)
	if opt.Watch > 0 {
		w("watch = %q", opt.Watch)
	}
	w("\n[%speople.%s]\nroles = [\"commander\", \"deputy\", \"ops\", \"comms\", \"scribe\"]", under, l.User)
	l.writeMessages(w, under)
}

// writeMessages leads every channel to a letter box of the lab.
func (l *Lab) writeMessages(w writer, under string) {
	at := map[string]string{}
	for i, s := range mail.Services() {
		at[s] = "http://" + l.mailAddrs()[i] + mail.Base(s)
	}
	for _, c := range []struct{ name, driver, audience, target string }{
		{"slack-incident", "slack", "internal", "#incident"},
		{"discord-validators", "discord", "public", receivers.ValidatorsChannel},
		{"discord-providers", "discord", "public", receivers.ProvidersChannel},
		{"status-page", "statuspage", "public", receivers.Page},
	} {
		w("\n[[%schannel]]\nname = %q\ndriver = %q\naudience = %q\nurl = %q\ntarget = %q\ntoken = { file = %q }",
			under, c.name, c.driver, c.audience, at[c.driver], c.target, l.token(c.driver))
	}
	for _, s := range []struct{ template, to, rest string }{
		{"incident-declared", "slack-incident", `due = "0s"`},
		{"validators-status", "discord-validators", `due = "15m"`},
		{"providers-impact", "discord-providers", `due = "15m"`},
		{"status-activated", "status-page", "due = \"30m\"\nuntil = \"status-resolved\""},
		{"status-progress", "status-page", ""},
		{"status-resolved", "status-page", ""},
	} {
		w("\n[[%ssay]]\ntemplate = %q\nto = [%q]\n%s", under, s.template, s.to, s.rest)
	}
}

// writeFaults says how to make and mend what can be made without root.
// Mending starts a unit as systemd would, so that a fence holds.
func (l *Lab) writeFaults(w writer) {
	two, three := l.mustHost(sealedOf), l.mustHost("val-3")
	fault := func(name string, make, mend [][2]string) {
		w("\n[drill.faults.%s]\nmake = [%s]", name, commands(make))
		if mend != nil {
			w("mend = [%s]", commands(mend))
		}
	}
	local := func(h Host, command string) [2]string { return [2]string{"local", board(h, command)} }
	for _, f := range [][3]string{
		{"process-crash", "crash virtengine", "start virtengine"},
		{"host-down", "power off", "power on"},
		{"host-hang", "hang", "unhang"},
		{"ssh-down", "ssh down", "ssh up"},
		{"ssh-hang", "ssh hang", "ssh up"},
		{"ssh-new-key", "ssh new-key", "ssh new-key"},
		{"sudo-locked", "set sudo-locked", "clear sudo-locked"},
		{"stop-lies", "set stop-lies", "clear stop-lies"},
	} {
		fault(f[0], [][2]string{local(two, f[1])}, [][2]string{local(two, f[2])})
	}
	fault("reboot", [][2]string{local(two, "reboot")}, nil)
	fault("halt", [][2]string{local(two, "crash virtengine"), local(three, "crash virtengine")},
		[][2]string{local(two, "start virtengine"), local(three, "start virtengine")})
	fault("colleague-starts-old", [][2]string{{two.Name, colleague(two)}}, nil)
	w("\n[drill.faults.runbooks]\nsingle-validator-failover = \"process-crash\"\nvalidator-recovery = \"host-down\"\nchain-halted = \"halt\"")
}

// colleague is what somebody with good intentions does on the old host.
func colleague(h Host) string {
	key := h.Home + "/config/priv_validator_key.json"
	return strings.Join([]string{
		"sudo -n rm -f " + h.UnitDir + "/" + unitName + ".service.d/90-fence.conf",
		"sudo -n systemctl daemon-reload",
		"if test -f " + key + ".aside; then sudo -n mv " + key + ".aside " + key + "; fi",
		"sudo -n systemctl enable --now " + unitName,
	}, "; ")
}

func commands(list [][2]string) string {
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprintf("{ host = %q, run = %q }", c[0], c[1]))
	}
	return strings.Join(out, ", ")
}
