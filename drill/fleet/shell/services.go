package shell

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"github.com/virtengine/relight/drill/world"
)

func serviceCommand(name string) command {
	switch name {
	case "systemctl":
		return cmdSystemctl
	case "journalctl":
		return cmdJournalctl
	case "jq":
		return cmdJq
	case "gpg", "gpg2":
		return cmdGpg
	case "curl":
		return cmdCurl
	case "virtengine", "cometbft":
		return cmdNode
	case "provider-daemon":
		return cmdProvider
	case "kubectl":
		return cmdKubectl
	case "tar":
		return cmdTar
	case "dig":
		return cmdDig
	case "aws":
		return cmdAws
	}
	return nil
}

func cmdSystemctl(c *call) int {
	var out world.Out
	c.on(func(w *world.World, h *world.Host) { out = w.Systemctl(h, c.user, c.args) })
	io.WriteString(c.out, out.Stdout)
	io.WriteString(c.err, out.Stderr)
	return out.Code
}

func cmdJournalctl(c *call) int {
	unit, n := "", 1000
	for i := 0; i < len(c.args); i++ {
		switch a := c.args[i]; {
		case (a == "-u" || a == "--unit") && i+1 < len(c.args):
			i++
			unit = c.args[i]
		case strings.HasPrefix(a, "--unit="):
			unit = a[len("--unit="):]
		case a == "-n" && i+1 < len(c.args):
			i++
			v, err := strconv.Atoi(c.args[i])
			if err != nil {
				return c.fail("Failed to parse lines '%s'", c.args[i])
			}
			n = v
		case (a == "--since" || a == "-o" || a == "-g" || a == "--until") && i+1 < len(c.args):
			i++
		}
	}
	text := ""
	c.on(func(_ *world.World, h *world.Host) { text = h.Journal(unit, n) })
	if text == "" {
		text = "-- No entries --\n"
	}
	io.WriteString(c.out, text)
	return 0
}

// jqArgs are the options of jq that take effect here.
type jqArgs struct {
	raw, exit, null, slurp, join, compact bool
	names                                 []string
	values                                []any
	rest                                  []string
}

func parseJq(args []string) (jqArgs, error) {
	var a jqArgs
	for i := 0; i < len(args); i++ {
		s := args[i]
		switch {
		case (s == "--arg" || s == "--argjson") && i+2 < len(args):
			var v any = args[i+2]
			if s == "--argjson" {
				if err := json.Unmarshal([]byte(args[i+2]), &v); err != nil {
					return a, fmt.Errorf("Invalid JSON text passed to --argjson")
				}
			}
			a.names, a.values = append(a.names, "$"+args[i+1]), append(a.values, v)
			i += 2
		case s == "--raw-output":
			a.raw = true
		case s == "--exit-status":
			a.exit = true
		case strings.HasPrefix(s, "-") && len(s) > 1 && !strings.HasPrefix(s, "--"):
			for _, ch := range s[1:] {
				switch ch {
				case 'r':
					a.raw = true
				case 'e':
					a.exit = true
				case 'n':
					a.null = true
				case 's':
					a.slurp = true
				case 'j':
					a.raw, a.join = true, true
				case 'c':
					a.compact = true
				case 'M', 'S':
				default:
					return a, fmt.Errorf("Unknown arguments: %s", s)
				}
			}
		default:
			a.rest = append(a.rest, s)
		}
	}
	if len(a.rest) == 0 {
		return a, fmt.Errorf("no filter given")
	}
	return a, nil
}

func cmdJq(c *call) int {
	a, err := parseJq(c.args)
	if err != nil {
		return c.usage("%v", err)
	}
	q, err := gojq.Parse(a.rest[0])
	if err != nil {
		c.errf("jq: error: %v\njq: 1 compile error\n", err)
		return 3
	}
	prog, err := gojq.Compile(q, gojq.WithVariables(a.names), gojq.WithEnvironLoader(func() []string { return nil }))
	if err != nil {
		c.errf("jq: error: %v\njq: 1 compile error\n", err)
		return 3
	}
	inputs, code := c.jqInputs(a)
	var last any
	for _, in := range inputs {
		for it := prog.RunWithContext(c.ctx, in, a.values...); ; {
			v, ok := it.Next()
			if !ok {
				break
			}
			if err, bad := v.(error); bad {
				c.errf("jq: error: %v\n", err)
				code = 5
				break
			}
			last = v
			c.jqPrint(a, v)
		}
	}
	if code == 0 && a.exit && (last == nil || last == false) {
		return 1
	}
	return code
}

func (c *call) jqInputs(a jqArgs) ([]any, int) {
	if a.null {
		return []any{nil}, 0
	}
	var inputs []any
	bad := 0
	code := c.inputs(a.rest[1:], func(_, text string) {
		d := json.NewDecoder(strings.NewReader(text))
		for {
			var v any
			err := d.Decode(&v)
			if err == io.EOF {
				return
			}
			if err != nil {
				c.errf("jq: parse error: %v\n", err)
				bad = 2
				return
			}
			inputs = append(inputs, v)
		}
	})
	if code != 0 {
		bad = 2
	}
	if a.slurp {
		return []any{inputs}, bad
	}
	return inputs, bad
}

func (c *call) jqPrint(a jqArgs, v any) {
	end := "\n"
	if a.join {
		end = ""
	}
	if s, ok := v.(string); ok && a.raw {
		c.outf("%s%s", s, end)
		return
	}
	var b []byte
	var err error
	if b, err = gojq.Marshal(v); err == nil && !a.compact {
		var out strings.Builder
		e := json.NewEncoder(&out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err = e.Encode(json.RawMessage(b)); err == nil {
			b = []byte(strings.TrimSuffix(out.String(), "\n"))
		}
	}
	if err != nil {
		c.errf("jq: error: %v\n", err)
		return
	}
	c.outf("%s%s", b, end)
}

func cmdGpg(c *call) int {
	f, err := parseFlags(c.args, "batch yes quiet q no-tty d decrypt o= output= list-packets pinentry-mode= passphrase-file= passphrase-fd= homedir= no-symkey-cache status-fd= trust-model=")
	if err != nil {
		return c.usage("%v", err)
	}
	if p := f.last("passphrase-file"); p != "" {
		if _, err := c.text(p); err != nil {
			return c.usage("can't open '%s': %v", p, err)
		}
	}
	name := "-"
	if len(f.rest) > 0 {
		name = f.rest[0]
	}
	text, err := c.text(name)
	if err != nil {
		c.errf("gpg: can't open '%s': %v\ngpg: decrypt_message failed: %v\n", name, err, err)
		return 2
	}
	var plain string
	ok := false
	c.on(func(w *world.World, _ *world.Host) { plain, ok = w.Unseal(text) })
	switch {
	case !ok:
		c.errf("gpg: no valid OpenPGP data found.\ngpg: decrypt_message failed: Unknown system error\n")
		return 2
	case f.has("list-packets"):
		c.outf(":symkey enc packet: version 4, cipher 9, aead 0, s2k 3, hash 10\n:encrypted data packet:\n")
		return 0
	}
	to := f.last("o", "output")
	if to == "" || to == "-" {
		c.outf("%s", plain)
		return 0
	}
	p := abs(c.dir, to)
	if _, err := c.file(p); err == nil && !f.has("yes") && !device(p) {
		c.errf("gpg: File '%s' exists.\ngpg: decrypt_message failed: File exists\n", to)
		return 2
	}
	if err := c.write(p, plain, 0o666); err != nil {
		return c.usage("can't create '%s': %v", to, err)
	}
	return 0
}
