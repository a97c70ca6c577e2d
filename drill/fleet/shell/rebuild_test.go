package shell

import (
	"strconv"
	"testing"

	"github.com/virtengine/relight/drill/world"
)

// A node is built anew on a machine on which nothing of the chain is left: what
// is missing, wrong or cut short is said by whom it stops.
func TestBuildAnew(t *testing.T) {
	b := newBox()
	if err := b.w.Fault("machine-lost", "val-3"); err != nil {
		t.Fatal(err)
	}
	const get, home = "curl -fsS -o /tmp/f https://" + world.ArtifactHost, " --home " + world.Home
	for _, c := range []struct {
		script, errout string
		code           int
	}{
		{"virtengine version", "sh: virtengine: not found\n", 127},
		{"sudo systemctl start virtengine", "Failed to start virtengine.service: Unit virtengine.service not found.\n", 5},
		{get + "/nothing", "curl: (22) The requested URL returned error: 404\n", 22},
		{get + "/virtengine-1.0.0 && sudo install -m 0755 /tmp/f " + world.Program, "", 0},
		{"sudo cp /backups/config/virtengine.service /etc/systemd/system/ && sudo systemctl daemon-reload", "", 0},
		{"virtengine init val-3 --chain-id virtengine-1" + home, "", 0},
		{"virtengine init val-3 --chain-id virtengine-1" + home, "virtengine: Error: genesis.json file already exists: " + world.Home + "/config/genesis.json\n", 1},
		{get + "/virtengine-1-truncated.tar && tar -xf /tmp/f -C " + world.Home, "tar: Unexpected EOF in archive\n", 2},
		{"tar -xf /backups/config/app.toml -C " + world.Home, "tar: This does not look like a tar archive\n", 2},
		{get + "/virtengine-1.tar && tar -xf /tmp/f -C " + world.Home, "", 0},
		{"sudo systemctl start virtengine; sleep 2; systemctl is-active --quiet virtengine", "", 3}, // the genesis of init is another chain's
		{get + "/genesis.json && cp /tmp/f " + world.Home + "/config/genesis.json && sudo systemctl reset-failed virtengine; sudo systemctl restart virtengine; sleep 20; virtengine status | jq -e '.sync_info.catching_up == false' > /dev/null", "", 0},
	} {
		if _, errout, code := b.run(t, "val-3", c.script); errout != c.errout || code != c.code {
			t.Errorf("%s: %q %d", c.script, errout, code)
		}
	}
	if a := b.w.Host("val-3").Proc.Address; b.w.SetAt(b.w.Tip().Height).Index(a) >= 0 {
		t.Error("a node that was never given a key signs with one of the set")
	}
}

// State sync takes the state only when the trusted block is the chain's own.
func TestStateSync(t *testing.T) {
	for _, c := range []struct {
		name, hash string
		up         bool
	}{{"the chain's block", "", true}, {"another block", "00AA", false}} {
		b := newBox()
		if err := b.w.Fault("disk-lost", "val-3"); err != nil {
			t.Fatal(err)
		}
		hash := c.hash
		if hash == "" {
			hash = b.w.Tip().Hash
		}
		b.run(t, "val-3", "virtengine init val-3 --chain-id virtengine-1 --home "+world.Home+"; curl -fsS -o "+world.Home+"/config/genesis.json https://"+world.ArtifactHost+"/genesis.json")
		b.run(t, "val-3", "printf '\\n[statesync]\\nenable = true\\ntrust_height = %s\\ntrust_hash = \"%s\"\\n' "+strconv.FormatInt(b.w.Tip().Height, 10)+" "+hash+" >> "+world.ConfigPath)
		b.run(t, "val-3", "sudo systemctl reset-failed virtengine; sudo systemctl start virtengine; sleep 60")
		if p := b.w.Host("val-3").Proc; (p != nil && p.Synced) != c.up {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}
