//go:build linux

package lab

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// power of each of the four validators: one may fail, two halt the chain.
const power = "10"

// checkHeight is double_sign_check_height, the operator's value.
const checkHeight = 10

// makeChain lets cometbft make the homes of four validators and a keyless full
// node, and moves each to its host.
func makeChain(ctx context.Context, l *Lab) error {
	tmp, err := os.MkdirTemp(l.Dir, "testnet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	out, err := exec.CommandContext(ctx, l.Node, "testnet", "--v", "4", "--n", "1", "--o", tmp, "--populate-persistent-peers=false").CombinedOutput()
	if err != nil {
		return fmt.Errorf("make the chain: %w: %s", err, lastPart(string(out)))
	}
	genesis, err := rewriteGenesis(filepath.Join(tmp, "node0", "config", "genesis.json"), l)
	if err != nil {
		return fmt.Errorf("make the chain: genesis: %w", err)
	}
	for i := range l.Hosts {
		h := &l.Hosts[i]
		if err := os.Rename(filepath.Join(tmp, "node"+strconv.Itoa(i)), h.Home); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(h.Home, "config", "genesis.json"), genesis, 0o600); err != nil {
			return err
		}
		if h.NodeID, err = nodeID(filepath.Join(h.Home, "config", "node_key.json")); err != nil {
			return err
		}
		if err := ownKey(h); err != nil {
			return err
		}
	}
	for _, h := range l.Hosts {
		if err := rewriteConfig(l, h); err != nil {
			return fmt.Errorf("host %s: config.toml: %w", h.Name, err)
		}
	}
	return nil
}

// rewriteGenesis gives the chain its id and its validators their power.
func rewriteGenesis(path string, l *Lab) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var g map[string]json.RawMessage
	if err := json.Unmarshal(b, &g); err != nil {
		return nil, err
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(g["validators"], &list); err != nil {
		return nil, err
	}
	for i := range list {
		list[i]["power"] = json.RawMessage(strconv.Quote(power))
		list[i]["name"] = json.RawMessage(strconv.Quote(l.Hosts[i].Name))
	}
	if g["validators"], err = json.Marshal(list); err != nil {
		return nil, err
	}
	g["chain_id"] = json.RawMessage(strconv.Quote(l.ChainID))
	return json.MarshalIndent(g, "", "  ")
}

// nodeID is the hash of a node's public key, which cometbft calls its id.
func nodeID(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var key struct {
		Priv struct {
			Value string `json:"value"`
		} `json:"priv_key"`
	}
	if err := json.Unmarshal(b, &key); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	raw, err := base64.StdEncoding.DecodeString(key.Priv.Value)
	if err != nil || len(raw) != 64 { // seed and public key
		return "", fmt.Errorf("%s: no ed25519 key", path)
	}
	sum := sha256.Sum256(raw[32:])
	return hex.EncodeToString(sum[:20]), nil
}

// ownKey reads the address of the key that the host was made with.
func ownKey(h *Host) error {
	b, err := os.ReadFile(filepath.Join(h.Home, "config", "priv_validator_key.json"))
	if err != nil {
		return err
	}
	var key struct {
		Address string `json:"address"`
	}
	if err := json.Unmarshal(b, &key); err != nil || len(key.Address) != 40 {
		return fmt.Errorf("host %s: its key file cannot be read", h.Name)
	}
	h.Address = strings.ToUpper(key.Address)
	return nil
}

func rewriteConfig(l *Lab, h Host) error {
	var peers []string
	for _, p := range l.Hosts {
		if p.Name != h.Name {
			peers = append(peers, fmt.Sprintf("%s@%s:%d", p.NodeID, Addr, p.P2P))
		}
	}
	path := filepath.Join(h.Home, "config", "config.toml")
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := string(b)
	// A proposer that is gone costs a second here, not three.
	for _, set := range []struct{ section, key, value string }{
		{"", "proxy_app", `"kvstore"`},
		{"", "moniker", strconv.Quote(h.Name)},
		{"rpc", "laddr", fmt.Sprintf(`"tcp://%s:%d"`, Addr, h.RPC)},
		{"p2p", "laddr", fmt.Sprintf(`"tcp://%s:%d"`, Addr, h.P2P)},
		{"p2p", "persistent_peers", strconv.Quote(strings.Join(peers, ","))},
		{"p2p", "persistent_peers_max_dial_period", `"2s"`},
		{"p2p", "addr_book_strict", "false"},
		{"p2p", "allow_duplicate_ip", "true"},
		{"p2p", "pex", "false"},
		{"consensus", "timeout_propose", `"1s"`},
		{"consensus", "timeout_prevote", `"500ms"`},
		{"consensus", "timeout_precommit", `"500ms"`},
		{"consensus", "timeout_commit", strconv.Quote((l.BlockTime - overhead).String())},
		{"consensus", "double_sign_check_height", strconv.Itoa(checkHeight)},
	} {
		if text, err = setTOML(text, set.section, set.key, set.value); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// overhead is what a block takes besides timeout_commit on a small machine.
const overhead = 100 * time.Millisecond

// setTOML replaces the value of a key that stands in a file, and nothing else.
func setTOML(text, section, key, value string) (string, error) {
	lines := strings.Split(text, "\n")
	in := ""
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			in = strings.Trim(trimmed, "[]")
			continue
		}
		if k, _, ok := strings.Cut(trimmed, "="); ok && in == section && strings.TrimSpace(k) == key {
			lines[i] = key + " = " + value
			return strings.Join(lines, "\n"), nil
		}
	}
	return "", fmt.Errorf("no %s in [%s]", key, section)
}
