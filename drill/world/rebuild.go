package world

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
)

// ArtifactHost is where the operator keeps what a new machine needs.
const ArtifactHost = "artifacts.drill.example"

// Program is the chain's own program on a host.
const Program = "/usr/local/bin/virtengine"

// Artifact is a file on the artifact host by its path, "" when there is none:
// the program, the genesis, a snapshot of the chain's data.
func Artifact(path string) string {
	switch path {
	case "/virtengine-1.0.0":
		return "ELF\n"
	case "/genesis.json":
		return genesis()
	case "/virtengine-1.tar":
		return snapshotMark + "data/application.db\ndata/blockstore.db\ndata/state.db\n"
	case "/virtengine-1-truncated.tar":
		return snapshotMark + "data/application.db\n"
	}
	return ""
}

// snapshotMark begins a snapshot of the chain's data: the names of what is in it
// follow, one a line.
const snapshotMark = "snapshot of " + ChainID + "\n"

func genesis() string { return `{"chain_id":"` + ChainID + `","initial_height":"1"}` }

// loseDisk takes everything below the node's home: data, keys, sign state. The
// node dies of it. What the machine's own disk holds stays.
func (w *World) loseDisk(h *Host) {
	if h.Power != On || h.unit(ChainUnit) == nil {
		return
	}
	w.crash(h)
	for p := range h.Files {
		if p == Home || strings.HasPrefix(p, Home+"/") {
			delete(h.Files, p)
		}
	}
	h.Data, h.BadApp = 0, 0
}

// loseMachine is a new machine in the place of one that is gone: nothing of the
// chain is on it.
func (w *World) loseMachine(h *Host) {
	w.loseDisk(h)
	delete(h.Files, Program)
	for p := range h.Files {
		if strings.HasPrefix(p, UnitDir+"/"+ChainUnit+".service") {
			delete(h.Files, p)
		}
	}
	if u := h.unit(ChainUnit); u != nil {
		u.Active, u.Sub, u.Result, u.Enabled, u.Loaded = "inactive", "dead", "success", false, nil
	}
}

// Init lays down what the program's init does: a configuration with the defaults,
// keys of its own that nobody knows, a sign state at zero, a genesis without
// validators. It says why it does not.
func (w *World) Init(h *Host, u User, home, moniker, chain string) string {
	if _, ok := h.Files[home+"/config/genesis.json"]; ok {
		return "genesis.json file already exists: " + home + "/config/genesis.json"
	}
	owner := string(u)
	k := w.deriveKey(h.Name, "made", strconv.Itoa(h.Starts), w.Now.String())
	w.put(h, owner, home+"/config/config.toml", strings.Replace(configToml(moniker), "double_sign_check_height = 10", "double_sign_check_height = 0", 1), 0o644)
	w.put(h, owner, home+"/config/app.toml", "minimum-gas-prices = \"\"\n", 0o644)
	w.put(h, owner, home+"/config/genesis.json", `{"chain_id":"`+chain+`","initial_height":"1","validators":[]}`, 0o644)
	w.put(h, owner, home+"/config/node_key.json", `{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":""}}`, 0o600)
	w.put(h, owner, home+"/config/priv_validator_key.json", k.KeyFile(), 0o600)
	w.put(h, owner, home+"/data/priv_validator_state.json", Mark{}.StateFile(), 0o600)
	return ""
}

// Unpack puts a snapshot into the node's data: its height is that of the chain at
// the start of the drill. It says why it cannot.
func (w *World) Unpack(h *Host, text, dir string) string {
	if !strings.HasPrefix(text, snapshotMark) {
		return "This does not look like a tar archive"
	}
	if dir != Home {
		return dir + ": Cannot open: No such file or directory"
	}
	if !strings.Contains(text, "data/state.db") {
		return "Unexpected EOF in archive"
	}
	h.Data = firstHeight + int64(w.Roll(500, "tip"))
	w.Touched()
	return ""
}

var syncLine = lazy.Pattern(`(?m)^(enable|trust_height|trust_hash)\s*=\s*"?([0-9A-Fa-f]+|true|false)"?\s*$`)

// lightSync is what a start does with a home without data: with state sync it
// takes a recent state, if the trusted block is the chain's. why is the end of
// the process.
func (w *World) lightSync(h *Host) (took time.Duration, why string) {
	text := h.Files[ConfigPath].Text
	_, section, there := strings.Cut(text, "[statesync]")
	if !there || h.Data > 0 {
		return 0, ""
	}
	set := map[string]string{}
	for _, m := range syncLine.FindAllStringSubmatch(section, -1) {
		set[m[1]] = m[2]
	}
	if set["enable"] != "true" {
		return 0, ""
	}
	height, _ := strconv.ParseInt(set["trust_height"], 10, 64) // 0 is not on the chain
	b, ok := w.Block(height)
	if !ok || !strings.EqualFold(b.Hash, set["trust_hash"]) {
		return 0, fmt.Sprintf("failed to set up light client state provider: expected header's hash %s at height %d", set["trust_hash"], height)
	}
	h.Data = w.Tip().Height
	return w.between(20*time.Second, 40*time.Second, "statesync", h.Name, strconv.Itoa(h.Starts)), ""
}

// unready is why the program does not come up at all on a host; "" when it does.
func (h *Host) unready() string {
	if _, ok := h.Files[Program]; !ok {
		return "Failed at step EXEC spawning " + Program + ": No such file or directory"
	}
	g, ok := h.Files[Home+"/config/genesis.json"]
	switch {
	case !ok:
		return "couldn't read GenesisDoc file: open " + Home + "/config/genesis.json: no such file or directory"
	case g.Text != genesis():
		return "genesis doc hash in db does not match loaded genesis doc"
	}
	return ""
}
