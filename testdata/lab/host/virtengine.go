//go:build linux

package host

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/virtengine/relight/nodes/comet"
)

// virtengine is the operator's command, as far as runbooks use it, mapped on
// cometbft. The Cosmos SDK is not there: query and tx say so.
func virtengine(s Spec, args []string) int {
	home, args, err := takeHome(s, args)
	if err != nil {
		return say(err)
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: virtengine version|start|status|comet …  (a stand-in on cometbft)")
		return 2
	}
	switch verb, rest := args[0], args[1:]; verb {
	case "version":
		fmt.Println("0.0.0-lab (a stand-in: cometbft and its kvstore application)")
		return 0
	case "start":
		argv := append([]string{"cometbft", "start", "--home", home}, rest...)
		return say(fmt.Errorf("%s: %w", s.Node, unix.Exec(s.Node, argv, os.Environ())))
	case "status":
		return say(status(s))
	case "comet", "cometbft", "tendermint":
		return cometVerb(s, home, rest)
	}
	fmt.Fprintf(os.Stderr, "lab: virtengine %s needs the Cosmos SDK, which is not here; ask the REST stand-in\n", strings.Join(args, " "))
	return 1
}

// takeHome takes --home out of the arguments; it must lie on this host.
func takeHome(s Spec, args []string) (home string, rest []string, err error) {
	home = s.Home()
	for i := 0; i < len(args); i++ {
		v, ok := strings.CutPrefix(args[i], "--home=")
		switch {
		case ok:
			home = v
		case args[i] == "--home" && i+1 < len(args):
			i++
			home = args[i]
		default:
			rest = append(rest, args[i])
		}
	}
	return home, rest, s.homeHere(home)
}

// homeHere says whether a home lies on this host; scratch folders are none.
func (s Spec) homeHere(home string) error {
	abs, err := filepath.Abs(home)
	if err == nil && !within(s.Root, resolve(abs)) {
		err = fmt.Errorf("%w: --home %s", ErrOutside, home)
	}
	return err
}

func cometVerb(s Spec, home string, args []string) int {
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: virtengine comet show-validator|show-address|show-node-id|version|unsafe-reset-all")
		return 2
	}
	switch args[0] {
	case "show-validator", "show-address":
		return say(showKey(s, home, args[0] == "show-address"))
	case "show-node-id", "version", "unsafe-reset-all", "unsafe-reset-priv-validator", "reset-state":
		argv := append([]string{"cometbft", "--home", home}, args...)
		return say(fmt.Errorf("%s: %w", s.Node, unix.Exec(s.Node, argv, os.Environ())))
	}
	fmt.Fprintf(os.Stderr, "lab: virtengine comet %s is not emulated\n", args[0])
	return 1
}

// showKey prints the public key as the SDK does, or its bech32 address.
func showKey(s Spec, home string, address bool) error {
	if address {
		// The key file is read for its address alone.
		b, err := os.ReadFile(filepath.Join(home, "config", "priv_validator_key.json"))
		var key struct {
			Address string `json:"address"`
		}
		if err == nil {
			err = json.Unmarshal(b, &key)
		}
		if err != nil {
			return fmt.Errorf("show-address: %w", err)
		}
		cons, err := comet.Valcons(s.Prefix+"valcons", key.Address)
		if err == nil {
			fmt.Println(cons)
		}
		return err
	}
	out, err := exec.Command(s.Node, "show-validator", "--home", home).Output()
	var key struct {
		Value string `json:"value"`
	}
	if err == nil {
		err = json.Unmarshal(out, &key)
	}
	if err != nil {
		return fmt.Errorf("show-validator: %w", err)
	}
	fmt.Printf("{\"@type\":\"/cosmos.crypto.ed25519.PubKey\",\"key\":%q}\n", key.Value)
	return nil
}

// status prints what the node says of itself, as the SDK marshals it.
func status(s Spec) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/status", s.RPC), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	var answer struct {
		Result json.RawMessage `json:"result"`
	}
	if err == nil {
		err = json.Unmarshal(b, &answer)
	}
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	fmt.Println(string(answer.Result))
	return nil
}
