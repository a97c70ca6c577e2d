package shell

import (
	"encoding/json"
	"io"
	"path"
	"strings"

	"github.com/virtengine/relight/drill/fleet/chainrpc"
	"github.com/virtengine/relight/drill/world"
)

// cmdNode is the chain's own program, with the verbs that commanders use.
func cmdNode(c *call) int {
	f, err := parseFlags(c.args, "home= node= output= o= chain-id= long help keep-addr-book")
	if err != nil {
		return c.fail("Error: %v", err)
	}
	if _, err := c.file(world.Program); err != nil {
		c.errf("sh: %s: not found\n", c.name)
		return 127
	}
	home := f.last("home")
	if home == "" {
		home = path.Join(c.vars.vars["HOME"], ".virtengine")
	}
	home = abs(c.dir, home)
	args := f.rest
	if len(args) > 0 && (args[0] == "comet" || args[0] == "cometbft" || args[0] == "tendermint") {
		args = args[1:]
	}
	verb := strings.Join(args[:min(len(args), 3)], " ")
	switch {
	case verb == "version":
		c.outf("v1.0.0\n")
		return 0
	case len(args) == 2 && args[0] == "init":
		why := ""
		c.on(func(w *world.World, h *world.Host) { why = w.Init(h, c.user, home, args[1], f.last("chain-id")) })
		if why != "" {
			return c.fail("Error: %s", why)
		}
		return 0
	case verb == "show-validator" || verb == "show-address":
		return c.showKey(home, verb)
	case verb == "show-node-id":
		id := ""
		c.on(func(w *world.World, h *world.Host) { id = strings.ToLower(w.Hex("node", h.Name)[:40]) })
		c.outf("%s\n", id)
		return 0
	case verb == "status":
		return c.nodeStatus()
	case strings.HasPrefix(verb, "query slashing signing-info"):
		return c.signingInfo(args)
	case verb == "unsafe-reset-all" || verb == "unsafe-reset-priv-validator":
		return c.unsafeReset(home)
	}
	c.errf("Error: unknown command %q for %q\n", verb, c.name)
	return 1
}

// cmdTar unpacks a snapshot of the chain's data, the one archive there is.
func cmdTar(c *call) int {
	f, err := parseFlags(c.args, "x f= C= z exclude=")
	if err != nil || !f.has("x") || f.last("f") == "" {
		return c.usage("it unpacks snapshots: tar -xf FILE -C FOLDER")
	}
	text, err := c.read(abs(c.dir, f.last("f")))
	if err != nil {
		return c.usage("%s: Cannot open: %v", f.last("f"), err)
	}
	why := ""
	c.on(func(w *world.World, h *world.Host) { why = w.Unpack(h, text, abs(c.dir, f.last("C"))) })
	if why != "" {
		return c.usage("%s", why)
	}
	return 0
}

func (c *call) showKey(home, verb string) int {
	p := home + "/config/priv_validator_key.json"
	text, err := c.read(p)
	if err != nil {
		c.errf("Error: private validator file %s does not exist\n", p)
		return 1
	}
	k, err := world.ParseKeyFile(text)
	if err != nil {
		c.errf("Error: %v\n", err)
		return 1
	}
	if verb == "show-address" {
		cons, err := chainrpc.ConsAddress(k.Address)
		if err != nil {
			c.errf("Error: %v\n", err)
			return 1
		}
		c.outf("%s\n", cons)
		return 0
	}
	c.outf("{\"@type\":\"/cosmos.crypto.ed25519.PubKey\",\"key\":%q}\n", k.PubB64())
	return 0
}

// unsafeReset is the trap it is in reality: the sign state goes to zero, and
// with it the guard against signing twice.
func (c *call) unsafeReset(home string) int {
	err := c.write(home+"/data/priv_validator_state.json", world.Mark{}.StateFile(), 0o600)
	if err != nil {
		c.errf("Error: %v\n", err)
		return 1
	}
	c.on(func(_ *world.World, h *world.Host) {
		if h.Proc == nil {
			h.Data = 0
		}
	})
	c.errf("INF Reset private validator file to genesis state\n")
	return 0
}

const refusedByNode = "Error: post failed: Post \"http://localhost:26657\": dial tcp 127.0.0.1:26657: connect: connection refused\n"

func (c *call) nodeStatus() int {
	var a chainrpc.Answer
	up := false
	c.on(func(w *world.World, h *world.Host) {
		if up = h.RPCState() == "up"; up {
			a = chainrpc.RPC(w, h, "GET", "/status", "", nil)
		}
	})
	var env struct {
		Result json.RawMessage `json:"result"`
	}
	if !up || json.Unmarshal(a.Body, &env) != nil {
		io.WriteString(c.err, refusedByNode)
		return 1
	}
	c.outf("%s\n", env.Result)
	return 0
}

func (c *call) signingInfo(args []string) int {
	if len(args) < 4 {
		c.errf("Error: accepts 1 arg(s), received 0\n")
		return 1
	}
	var key struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal([]byte(args[3]), &key); err != nil {
		c.errf("Error: %v\n", err)
		return 1
	}
	why := "Error: rpc error: code = NotFound desc = SigningInfo not found for validator\n"
	var a chainrpc.Answer
	c.on(func(w *world.World, h *world.Host) {
		if h.RPCState() != "up" {
			why = refusedByNode
			return
		}
		for _, v := range w.Chain.Sets[0].Vals {
			if cons, err := chainrpc.ConsAddress(v.Address); v.PubKey == key.Key && err == nil {
				a = chainrpc.REST(w, h, "/cosmos/slashing/v1beta1/signing_infos/"+cons)
			}
		}
	})
	if a.Status == 0 {
		io.WriteString(c.err, why)
		return 1
	}
	c.outf("%s\n", a.Body)
	return 0
}
