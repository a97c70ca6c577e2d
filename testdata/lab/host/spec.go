//go:build linux

package host

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Spec is DIR/hosts/NAME/host.json: what one machine is.
type Spec struct {
	Name    string `json:"name"`
	Root    string `json:"root"` // its folder, absolute, without symbolic links
	Lab     string `json:"lab"`  // the lab's folder
	ChainID string `json:"chain_id"`
	Prefix  string `json:"prefix"` // bech32, of accounts
	Unit    string `json:"unit"`   // "virtengine"
	Node    string `json:"node"`   // the cometbft binary
	RPC     int    `json:"rpc"`    // its port on 127.0.0.1
}

// The folders of a machine.
func (s Spec) UserHome() string { return filepath.Join(s.Root, "home") }

// Home is the node's home.
func (s Spec) Home() string { return filepath.Join(s.Root, "home", ".virtengine") }

// Units is where the unit files lie.
func (s Spec) Units() string { return filepath.Join(s.Root, "units") }

// Bin is where the machine's commands lie.
func (s Spec) Bin() string { return filepath.Join(s.Root, "bin") }

// Log is where the units' output goes.
func (s Spec) Log() string { return filepath.Join(s.Root, "log") }

// Run holds socket and pid file.
func (s Spec) Run() string { return filepath.Join(s.Root, "run") }

// Etc holds sshd's files.
func (s Spec) Etc() string { return filepath.Join(s.Root, "etc") }

func (s Spec) flags() string { return filepath.Join(s.Root, "faults") }

// Search is what scripts find commands in: the machine's own first.
func (s Spec) Search() string { return s.Bin() + ":/usr/bin:/bin" }

// Env is the environment of everything that runs on the machine. It is made
// anew: nothing of whoever started the lab leaks in.
func (s Spec) Env(more ...string) []string {
	user := os.Getenv("USER")
	if user == "" {
		user = "validator"
	}
	return append([]string{
		"PATH=" + s.Search(), "HOME=" + s.UserHome(), "GNUPGHOME=" + filepath.Join(s.UserHome(), ".gnupg"),
		"USER=" + user, "LOGNAME=" + user, "SHELL=/bin/sh", "LANG=C.UTF-8",
	}, more...)
}

// Save writes host.json.
func (s Spec) Save() error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Root, "host.json"), append(b, '\n'), 0o600)
}

// Load reads the host.json of a folder. A folder that is not the one it speaks
// of is refused: a copied lab would act on the original.
func Load(root string) (Spec, error) {
	var s Spec
	b, err := os.ReadFile(filepath.Join(root, "host.json"))
	if err != nil {
		return s, fmt.Errorf("host of the lab: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("host of the lab: %s: %w", root, err)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil || real != s.Root || s.Name == "" || filepath.Dir(filepath.Dir(s.Root)) != s.Lab {
		return s, fmt.Errorf("host of the lab: %s/host.json speaks of %s; was the folder moved?", root, s.Root)
	}
	return s, nil
}

// Mine is the machine this program's file belongs to: ROOT/bin/NAME. The names
// are hard links, so that the path says which machine and which command.
func Mine() (s Spec, name string, err error) {
	exe, err := os.Executable()
	if err != nil {
		return s, "", err
	}
	if filepath.Base(filepath.Dir(exe)) != "bin" {
		return s, "", fmt.Errorf("host of the lab: %s stands in no host's bin folder", exe)
	}
	s, err = Load(filepath.Dir(filepath.Dir(exe)))
	return s, filepath.Base(exe), err
}
