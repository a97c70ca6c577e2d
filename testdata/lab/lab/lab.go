// Package lab puts a real chain on loopback and takes it away again: Up, Down,
// Open. See the command's documentation one folder up for what a lab is.
//
// In: Options. Out: a Lab, whose processes outlive the program that started
// them, and DIR/relight.toml. It ends only processes whose identity it has
// checked, listens on 127.0.0.1 alone, and waits on heights, never on time.
package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// NodeVersion is the CometBFT of the lab; the operator pins 0.38.21, whose RPC
// is the same.
const NodeVersion = "v0.38.26"

// Errors of Up.
var (
	ErrMissing  = errors.New("the lab lacks a program")
	ErrPlatform = errors.New("the lab runs on Linux only")
	ErrUp       = errors.New("a lab is up in this folder")
)

// Options of Up. The zero value is a lab in a new folder in the cache, on ports
// of its own.
type Options struct {
	Dir       string        // "": a new folder
	BasePort  int           // 0: a free block of Ports ports is looked for
	Live      bool          // the lab is the file's live fleet, not its drill's
	BlockTime time.Duration // aimed at; default 700 ms, at least 200 ms
	// Watch is [fence] watch; 0 leaves the default of the configuration.
	Watch time.Duration
	// Log is told what is done; nil is quiet.
	Log func(string)
}

// Ports is how many ports one lab takes.
const Ports = 20

// Lab is one lab, as DIR/lab.json keeps it.
type Lab struct {
	Dir        string        `json:"dir"`
	Config     string        `json:"config"` // DIR/relight.toml
	ChainID    string        `json:"chain_id"`
	Live       bool          `json:"live"`
	BlockTime  time.Duration `json:"block_time"`
	User       string        `json:"user"`        // the login of every host
	KeyFile    string        `json:"key_file"`    // SSH, for the client
	KnownHosts string        `json:"known_hosts"` // of all hosts
	REST       string        `json:"rest"`        // base address of the stand-in
	Messages   string        `json:"messages"`    // GET: what the letter boxes took, as JSON
	Node       string        `json:"node"`        // the cometbft binary
	Guard      string        `json:"guard"`       // what keeps the hosts in their folders
	Hosts      []Host        `json:"hosts"`
	Notes      []string      `json:"notes,omitempty"` // what was done to the machine, for people
	Procs      []Proc        `json:"procs"`
	base       int
}

// Host is one machine of a lab.
type Host struct {
	Name    string `json:"name"`
	Root    string `json:"root"`
	Home    string `json:"home"` // the node's
	UnitDir string `json:"unit_dir"`
	SSH     int    `json:"ssh"`
	RPC     int    `json:"rpc"`
	P2P     int    `json:"p2p"`
	Address string `json:"address"` // of the key it was made with, HEX40
	Standby bool   `json:"standby,omitempty"`
	NodeID  string `json:"node_id"`
	Sealed  string `json:"sealed,omitempty"` // val-2's key, encrypted, on the standby
}

// Proc is a process the lab started itself: each host's init, and the REST
// stand-in. Started makes the id an identity.
type Proc struct {
	Name    string `json:"name"`
	PID     int    `json:"pid"`
	Started string `json:"started"`
}

// Addr is 127.0.0.1 for every host: the port tells them apart.
const Addr = "127.0.0.1"

// Host by name.
func (l *Lab) Host(name string) (Host, bool) {
	for _, h := range l.Hosts {
		if h.Name == name {
			return h, true
		}
	}
	return Host{}, false
}

// RPCURL is a host's RPC, reached directly.
func (h Host) RPCURL() string { return fmt.Sprintf("http://%s:%d", Addr, h.RPC) }

// Bin is one of the host's own commands.
func (h Host) Bin(name string) string { return filepath.Join(h.Root, "bin", name) }

// Open reads the lab of a folder.
func Open(dir string) (*Lab, error) {
	b, err := os.ReadFile(filepath.Join(dir, "lab.json"))
	if err != nil {
		return nil, fmt.Errorf("open the lab: %w", err)
	}
	var l Lab
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("open the lab: %s: %w", dir, err)
	}
	return &l, nil
}

func (l *Lab) save() error {
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.Dir, "lab.json"), append(b, '\n'), 0o600)
}
