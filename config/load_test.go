package config

import (
	"os"
	"path/filepath"
	"testing"
)

// fakeEnv is the environment of every test: the machine's own must not matter.
func fakeEnv(home string) func(string) string {
	return func(name string) string { return map[string]string{"HOME": home, "USER": "tester"}[name] }
}

// write puts a file of mode 0600 into a folder of its own.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "relight.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load loads a text that must have no errors.
func load(t testing.TB, text string) Config {
	t.Helper()
	c, err := Load(write(t, text), Options{Getenv: fakeEnv(t.TempDir())})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return c
}

func TestInheritance(t *testing.T) {
	c := load(t, `
[chain]
id = "virtengine-1"
block_time = "2s"
home = "/srv/node"
[ssh]
user = "relight"
port = 22022
jump = "bastion"
[[host]]
name = "bastion"
addr = "192.0.2.1"
port = 22
[[host]]
name = "val-1"
addr = "192.0.2.11"
groups = ["validators"]
unit = "virtengine@1"
[[node]]
name = "n"
host = "val-1"
[[key]]
name = "alpha"
address = "aabbccddeeff00112233445566778899aabbccdd"
hosts = ["val-1"]
[fence]
blocks = 40
`)
	f := c.Live
	h, ok := f.Host("val-1")
	if !ok || h.User != "relight" || h.Port != 22022 || h.Jump != "bastion" || h.Unit != "virtengine@1" || h.Home != "/srv/node" || h.UnitDir != "/etc/systemd/system" || !h.Agent {
		t.Errorf("val-1 = %+v", h)
	}
	if b, _ := f.Host("bastion"); b.Jump != "" || b.Port != 22 {
		t.Errorf("the jump host itself is reached directly: %+v", b)
	}
	if n, ok := f.NodeOn("val-1"); !ok || n.RPC != "ssh:127.0.0.1:26657" {
		t.Errorf("node = %+v %v", n, ok)
	}
	if k, _ := f.Key("alpha"); k.Address != "AABBCCDDEEFF00112233445566778899AABBCCDD" || k.Signer != SignerFile {
		t.Errorf("key = %+v", k)
	}
	if f.Fence.Watch.String() != "2m40s" || f.Fence.ProofTTL.String() != "10m0s" {
		t.Errorf("fence = %+v", f.Fence)
	}
}
