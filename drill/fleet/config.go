package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/fleet/chainrpc"
	"github.com/virtengine/relight/drill/fleet/receivers"
	"github.com/virtengine/relight/drill/world"
)

// WriteConfig writes the configuration that describes this fleet, as a [drill]
// fleet and nothing live. Ports differ from start to start.
func (f *Fleet) WriteConfig(path string) error {
	if err := os.WriteFile(path, []byte(f.configText()), 0o600); err != nil {
		return fmt.Errorf("writing the rehearsal fleet's configuration: %w", err)
	}
	return nil
}

func (f *Fleet) configText() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &toml{}
	t.line("# Written by relight for its built-in fleet. Everything here is on the loopback of this machine.")
	f.configReach(t)
	for _, h := range f.w.Hosts {
		f.configHost(t, h)
	}
	for _, h := range f.w.Hosts {
		if h.Role == "chain" {
			f.configNode(t, h)
		}
	}
	f.configKeys(t)
	f.configDatabases(t)
	f.configServices(t)
	configPlan(t)
	configTargets(t)
	return t.b.String()
}

// toml is as much of a writer as is needed here.
type toml struct{ b strings.Builder }

func (t *toml) line(s string)         { t.b.WriteString(s + "\n") }
func (t *toml) table(name string)     { t.line("\n[drill." + name + "]") }
func (t *toml) item(name string)      { t.line("\n[[drill." + name + "]]") }
func (t *toml) raw(key, value string) { t.line(key + " = " + value) }
func (t *toml) str(key, value string) { t.raw(key, strconv.Quote(value)) }
func (t *toml) list(key string, vals ...string) {
	q := make([]string, len(vals))
	for i, v := range vals {
		q[i] = strconv.Quote(v)
	}
	t.raw(key, "["+strings.Join(q, ", ")+"]")
}

func (f *Fleet) configReach(t *toml) {
	t.table("chain")
	t.str("id", world.ChainID)
	t.str("bech32_prefix", strings.TrimSuffix(chainrpc.ConsPrefix, "valcons"))
	t.str("block_time", world.BlockTime.String())
	t.str("unit", world.ChainUnit)
	t.str("unit_dir", world.UnitDir)
	t.str("home", world.Home)
	t.table("ssh")
	t.str("user", string(world.Login))
	t.str("known_hosts", filepath.Join(f.opt.Dir, "known_hosts"))
	t.list("keys", filepath.Join(f.opt.Dir, "ssh", "id_ed25519"))
	t.raw("agent", "false")
	t.table("fence")
	t.raw("blocks", "10")
	t.str("proof_ttl", "10m")
}

func (f *Fleet) configHost(t *toml, h *world.Host) {
	t.item("host")
	t.str("name", h.Name)
	t.str("addr", "127.0.0.1")
	t.raw("port", f.machines[h.Name].ssh.port())
	t.str("region", h.Region)
	t.str("zone", h.Zone)
	t.str("public_name", h.PublicName)
	group := map[string]string{"chain": "validators", "provider": "providers", "monitor": "monitoring", "database": "databases"}[h.Role]
	switch h.Name {
	case "val-2s":
		group = "standbys"
	case "rpc-1":
		group = "rpc"
	}
	t.list("groups", group)
	if h.Role != "chain" {
		t.str("unit", h.Units[0].Name)
	}
}

func (f *Fleet) configNode(t *toml, h *world.Host) {
	m := f.machines[h.Name]
	t.item("node")
	t.str("name", h.Name)
	t.str("host", h.Name)
	// val-2 and its standby bind RPC to their loopback, as the hardening guide
	// says; the others can be asked directly.
	if strings.HasPrefix(h.Name, "val-2") {
		t.str("rpc", "ssh:127.0.0.1:26657")
		return
	}
	t.str("rpc", "http://"+m.rpc.addr)
	if m.rest != nil {
		t.str("rest", "http://"+m.rest.addr)
	}
	t.raw("witness", "true")
}

func (f *Fleet) configKeys(t *toml) {
	for _, v := range f.w.Chain.Sets[0].Vals {
		t.item("key")
		t.str("name", v.Name)
		t.str("public_name", v.Moniker)
		t.str("address", v.Address)
		t.str("signer", "file")
		if v.Name != "val-2" {
			t.list("hosts", v.Name)
			continue
		}
		t.list("hosts", "val-2", "val-2s")
		t.list("standbys", "val-2s")
		t.str("sealed_backup", world.SealedBackup)
	}
}

func (f *Fleet) configDatabases(t *toml) {
	for _, h := range f.w.Hosts {
		if h.Role != "database" {
			continue
		}
		t.item("database")
		t.str("name", h.Name)
		t.str("host", h.Name)
		t.raw("dsn", "{ file = "+strconv.Quote(f.dsnPath(h.Name))+" }")
		t.str("role", map[bool]string{true: "primary", false: "replica"}[h.Name == "db-1"])
		t.str("manager", "none")
	}
}

func (f *Fleet) configServices(t *toml) {
	for _, h := range f.w.Hosts {
		m := f.machines[h.Name]
		if m.svc == nil {
			continue
		}
		t.item("endpoint")
		t.str("name", h.Name+"-health")
		t.str("kind", "http")
		t.str("host", h.Name)
		if h.Role == "provider" {
			t.str("url", "http://"+m.svc.addr+"/health")
			t.str("expect", "ok")
			continue
		}
		t.str("url", "http://"+m.svc.addr+"/-/healthy")
	}
	members := map[string][]string{
		"Validator node":      {"host:val-1", "host:val-2", "host:val-3", "host:val-4", "host:val-2s", "node:val-1", "node:val-2", "node:val-3", "node:val-4", "node:val-2s"},
		"Provider daemon":     {"provider-1", "provider-2", "provider-1-health", "provider-2-health"},
		"RPC endpoints":       {"host:rpc-1", "node:rpc-1"},
		"Monitoring":          {"monitor-1", "monitor-2", "monitor-1-health", "monitor-2-health"},
		"Supporting services": {"monitor-1"},
		"Databases":           {"db-1", "db-2"},
	}
	for _, c := range receivers.PageComponents() {
		t.item("component")
		t.str("name", c[1])
		t.list("members", members[c[1]]...)
		t.str("status_page_id", c[0])
	}
	for _, c := range []struct{ name, driver, audience, target string }{
		{"slack-incident", "slack", "internal", receivers.SlackID("drill-incident")},
		{"slack-engineering", "slack", "internal", receivers.SlackID("drill-engineering")},
		{"slack-leadership", "slack", "internal", receivers.SlackID("drill-leadership")},
		{"discord-validators", "discord", "public", receivers.ValidatorsChannel},
		{"discord-providers", "discord", "public", receivers.ProvidersChannel},
		{"status-page", "statuspage", "public", receivers.Page},
	} {
		t.item("channel")
		t.str("name", c.name)
		t.str("driver", c.driver)
		t.str("audience", c.audience)
		t.str("url", "http://"+f.services[c.driver].addr+map[string]string{"slack": "/api", "discord": "/api/v10", "statuspage": "/v1"}[c.driver])
		t.str("target", c.target)
		t.raw("token", "{ file = "+strconv.Quote(f.tokenPath(c.driver))+" }")
	}
}

// configPlan is the communication plan of the DR procedures, on the drill's
// channels.
func configPlan(t *toml) {
	for _, s := range []struct{ template, to, due, every, until, approve string }{
		{"incident-declared", "slack-incident", "0s", `{ sev1 = "15m", sev2 = "30m" }`, "resolved", ""},
		{"engineering-update", "slack-engineering", "15m", `{ sev1 = "30m", sev2 = "1h" }`, "", ""},
		{"leadership-summary", "slack-leadership", "30m", `{ sev1 = "30m", sev2 = "1h" }`, "", ""},
		{"validators-status", "discord-validators", "15m", `{ sev1 = "30m", sev2 = "1h", sev3 = "2h" }`, "", ""},
		{"providers-impact", "discord-providers", "15m", `{ sev1 = "30m", sev2 = "1h", sev3 = "2h" }`, "", ""},
		{"status-activated", "status-page", "30m", `{ sev1 = "15m", sev2 = "30m" }`, "status-resolved", "commander"},
		{"status-progress", "status-page", "", "", "", ""},
		{"status-resolved", "status-page", "", "", "", "commander"},
	} {
		t.item("say")
		t.str("template", s.template)
		t.list("to", s.to)
		if s.due != "" {
			t.str("due", s.due)
		}
		if s.every != "" {
			t.raw("every", s.every)
		}
		if s.until != "" {
			t.str("until", s.until)
		}
		if s.approve != "" {
			t.str("approve", s.approve)
		}
	}
}

// configTargets are the recovery targets of the DR procedures; where its two
// tables differ, the stricter.
func configTargets(t *toml) {
	for _, x := range []struct{ component, rto, rpo string }{
		{"Validator node", "15m", "0s"}, {"Provider daemon", "30m", "1h"}, {"RPC endpoints", "15m", "0s"},
		{"Monitoring", "15m", "5m"}, {"Supporting services", "1h", "15m"}, {"Databases", "1h", "15m"},
	} {
		t.item("target")
		t.str("component", x.component)
		t.str("rto", x.rto)
		t.str("rpo", x.rpo)
		t.str("source", "DR procedures 1.0.0")
	}
	for _, x := range [][2]string{{"Single node failure", "15m"}, {"Availability zone failure", "30m"}, {"Region failure", "1h"},
		{"Complete data center loss", "4h"}, {"Key compromise", "48h"}} {
		t.item("target")
		t.str("scenario", x[0])
		t.str("rto", x[1])
		t.str("source", "DR procedures 1.0.0")
	}
}
