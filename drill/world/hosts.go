package world

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Where things lie on a chain host.
const (
	Home         = "/home/validator/.virtengine"
	KeyPath      = Home + "/config/priv_validator_key.json"
	StatePath    = Home + "/data/priv_validator_state.json"
	ConfigPath   = Home + "/config/config.toml"
	SealedBackup = "/home/validator/backup/priv_validator_key.json.gpg"
	UnitDir      = "/etc/systemd/system"
	ChainUnit    = "virtengine"
	// Login is the user that SSH lets in.
	Login User = "validator"
)

// Host is one machine.
type Host struct {
	Name       string `json:"name"`
	PublicName string `json:"public_name"`
	Region     string `json:"region"`
	Zone       string `json:"zone"`
	Role       string `json:"role"` // chain, provider, monitor, database

	Power      Power         `json:"power"`
	SSH        string        `json:"ssh"` // up, down, hang
	KeyGen     int           `json:"key_gen"`
	Hung       bool          `json:"hung,omitempty"` // the kernel answers TCP, nothing else does
	Cut        bool          `json:"cut,omitempty"`  // no packet gets in or out
	SudoLocked bool          `json:"sudo_locked,omitempty"`
	StopLies   bool          `json:"stop_lies,omitempty"`
	DiskFull   bool          `json:"disk_full,omitempty"`
	Skew       time.Duration `json:"skew,omitempty"`
	// BadApp is the height from which this host's application computes another
	// result than everybody else's; a restart does not help.
	BadApp int64 `json:"bad_app,omitempty"`

	Files map[string]File `json:"files"`
	Units []*Unit         `json:"units"`
	Proc  *Process        `json:"proc,omitempty"` // the chain process, if one lives
	// Servers are the PostgreSQL servers that run here.
	Servers []*Server `json:"servers,omitempty"`
	// Data is the height the chain data on disk has.
	Data   int64     `json:"data,omitempty"`
	Boots  int       `json:"boots"`
	Starts int       `json:"starts"`
	Log    []LogLine `json:"log,omitempty"`
	// Alerts are those that an Alertmanager on this host was given.
	Alerts []PromAlert `json:"alerts,omitempty"`
}

// Power is the state of a machine.
type Power string

// The states of a machine.
const (
	On      Power = "on"
	Booting Power = "booting"
	Off     Power = "off"
)

// LogLine is one line of a unit's journal.
type LogLine struct {
	At   time.Time `json:"at"`
	Unit string    `json:"unit"`
	Text string    `json:"text"`
}

const keepLog = 200

func (w *World) log(h *Host, unit, format string, args ...any) {
	h.Log = append(h.Log, LogLine{w.Now, unit, fmt.Sprintf(format, args...)})
	if len(h.Log) > keepLog {
		h.Log = append(h.Log[:0:0], h.Log[len(h.Log)-keepLog:]...)
	}
}

func (h *Host) unit(name string) *Unit {
	name = strings.TrimSuffix(name, ".service")
	for _, u := range h.Units {
		if u.Name == name {
			return u
		}
	}
	return nil
}

// Unit is the unit of that name, with or without ".service", or nil.
func (h *Host) Unit(name string) *Unit { return h.unit(name) }

// Silent says that connections are taken and nothing is ever said.
func (h *Host) Silent() bool { return h.Power == On && (h.Hung || h.Cut) }

// SSHState is what a connection to the SSH port meets: "up", "refused" or
// "hang".
func (h *Host) SSHState() string {
	switch {
	case h.Power != On:
		return "refused"
	case h.Silent() || h.SSH == "hang":
		return "hang"
	case h.SSH == "down":
		return "refused"
	}
	return "up"
}

// RPCState is what a connection to the RPC port meets, like SSHState.
func (h *Host) RPCState() string {
	switch {
	case h.Power != On:
		return "refused"
	case h.Silent():
		return "hang"
	case h.Proc == nil || !h.Proc.RPC:
		return "refused"
	}
	return "up"
}

func (w *World) buildHosts() {
	for _, s := range []struct{ name, public, role, region, zone string }{
		{"val-1", "VirtEngine 1", "chain", "eu-1", "eu-1a"},
		{"val-2", "VirtEngine 2", "chain", "eu-1", "eu-1b"},
		{"val-3", "VirtEngine 3", "chain", "us-1", "us-1a"},
		{"val-4", "VirtEngine 4", "chain", "us-1", "us-1b"},
		{"val-2s", "VirtEngine 2 standby", "chain", "us-1", "us-1a"},
		{"provider-1", "Provider 1", "provider", "eu-1", "eu-1a"},
		{"provider-2", "Provider 2", "provider", "us-1", "us-1a"},
		{"monitor-1", "Monitoring", "monitor", "eu-1", "eu-1b"},
		{"monitor-2", "Standby monitoring", "monitor", "us-1", "us-1b"},
		{"rpc-1", "RPC 1", "chain", "eu-1", "eu-1a"},
		{"db-1", "Database", "database", "eu-1", "eu-1b"},
		{"db-2", "Database replica", "database", "us-1", "us-1a"},
	} {
		h := &Host{Name: s.name, PublicName: s.public, Role: s.role, Region: s.region, Zone: s.zone,
			Power: On, SSH: "up", Files: map[string]File{}}
		w.Hosts = append(w.Hosts, h)
		w.furnish(h)
	}
}

func (w *World) furnish(h *Host) {
	h.Files["/"] = File{Dir: true, Mode: 0o755, Owner: "root", MTime: w.Start}
	w.put(h, "root", "/etc/hostname", h.Name+"\n", 0o644)
	w.put(h, "root", "/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n", 0o644)
	w.put(h, "root", "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nvalidator:x:1000:1000::/home/validator:/bin/sh\n", 0o644)
	for _, dir := range []string{"/etc/systemd/system", "/lib/systemd/system", "/run", "/var/log", "/dev", "/usr/local/bin", "/backups"} {
		w.putDirs(h, "root", dir)
	}
	w.putDirs(h, string(Login), "/home/validator")
	h.Files["/root"] = File{Dir: true, Mode: 0o700, Owner: "root", MTime: w.Start}
	for _, dir := range []string{"/tmp", "/var/tmp"} {
		h.Files[dir] = File{Dir: true, Mode: 0o777, Owner: "root", MTime: w.Start}
	}
	switch h.Role {
	case "chain":
		w.furnishChain(h)
	case "provider":
		w.addUnit(h, "provider-daemon", UnitDir, "/usr/local/bin/provider-daemon start --listen :8080")
	case "monitor":
		w.addUnit(h, "prometheus", "/lib/systemd/system", "/usr/bin/prometheus")
		w.addUnit(h, "alertmanager", "/lib/systemd/system", "/usr/bin/alertmanager")
		w.furnishBackups(h)
	case "database":
		w.addUnit(h, PGUnit, "/lib/systemd/system", "/usr/bin/pg_ctlcluster 15-main start")
	}
}

const appToml = "minimum-gas-prices = \"0.025uve\"\n\n[api]\nenable = true\naddress = \"tcp://127.0.0.1:1317\"\n"

// unitText is a service's unit file.
func unitText(name, exec string) string {
	text := "[Unit]\nDescription=" + name + "\n\n[Service]\nExecStart=" + exec +
		"\nRestart=on-failure\nRestartSec=10\n\n[Install]\nWantedBy=multi-user.target\n"
	if name == ChainUnit {
		text = strings.Replace(text, "[Service]\n", "[Service]\nUser=validator\n", 1)
	}
	return text
}

func (w *World) addUnit(h *Host, name, dir, exec string) {
	w.put(h, "root", dir+"/"+name+".service", unitText(name, exec), 0o644)
	u := &Unit{Name: name, Active: "inactive", Sub: "dead", Enabled: true, Result: "success"}
	h.Units = append(h.Units, u)
	u.Loaded = h.fragments(name)
}

func (w *World) furnishChain(h *Host) {
	owner := string(Login)
	w.put(h, "root", Program, "ELF\n", 0o755)
	w.put(h, owner, KeyPath, w.deriveKey(h.Name).KeyFile(), 0o600)
	w.put(h, owner, StatePath, Mark{}.StateFile(), 0o600)
	w.put(h, owner, Home+"/config/node_key.json", `{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":""}}`, 0o600)
	w.put(h, owner, ConfigPath, configToml(h.Name), 0o644)
	w.put(h, owner, Home+"/config/app.toml", appToml, 0o644)
	w.put(h, owner, Home+"/config/genesis.json", genesis(), 0o644)
	// What the operator restores from: mounted where it is needed.
	w.put(h, owner, "/backups/validator-keys/"+h.Name+".json.gpg", w.seal(w.deriveKey(h.Name).KeyFile()), 0o600)
	w.put(h, owner, "/backups/config/config.toml", configToml(h.Name), 0o644)
	w.put(h, owner, "/backups/config/app.toml", appToml, 0o644)
	w.put(h, owner, "/backups/config/virtengine.service", unitText(ChainUnit, Program+" start --home "+Home), 0o644)
	if h.Name == "val-2s" {
		w.put(h, owner, SealedBackup, w.seal(w.deriveKey("val-2").KeyFile()), 0o600)
		d := h.Files["/home/validator/backup"]
		d.Mode = 0o700
		h.Files["/home/validator/backup"] = d
	}
	w.addUnit(h, ChainUnit, UnitDir, Program+" start --home "+Home)
}

func configToml(moniker string) string {
	return "moniker = " + strconv.Quote(moniker) + `
proxy_app = "tcp://127.0.0.1:26658"
priv_validator_key_file = "config/priv_validator_key.json"
priv_validator_state_file = "data/priv_validator_state.json"

[rpc]
laddr = "tcp://127.0.0.1:26657"

[p2p]
laddr = "tcp://0.0.0.0:26656"

[consensus]
timeout_propose = "3s"
timeout_commit = "5s"
double_sign_check_height = 10
`
}

// settle makes the first morning calm: every process is up, synced, and has
// signed the tip.
func (w *World) settle() {
	tip := w.Tip().Height
	w.drop(func(ev Event) bool { return ev.Kind != evSegment })
	for _, h := range w.Hosts {
		h.Data = tip
		p := h.Proc
		if p == nil {
			continue
		}
		p.RPC, p.Synced, p.Started = true, true, w.Start.Add(-240*time.Hour)
		if w.SetAt(tip).Index(p.Address) >= 0 {
			w.sign(h, Mark{Height: tip, Step: 3})
		}
	}
	for _, h := range w.Hosts {
		for _, u := range h.Units {
			u.Since = w.Start.Add(-240 * time.Hour)
		}
	}
	w.Revision, w.Life = 0, 0
}
