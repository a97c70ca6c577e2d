package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"github.com/virtengine/relight/drill/world"
)

func cmdSh(c *call) int {
	var opts []string
	args := c.args
	command := false
	for len(args) > 0 && (strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "+")) && len(args[0]) > 1 {
		a := args[0]
		args = args[1:]
		if a == "--" {
			break
		}
		if strings.HasPrefix(a, "--") {
			continue // --login, --noprofile: nothing to do here
		}
		rest := ""
		for _, ch := range a[1:] {
			switch ch {
			case 'c':
				command = true
			case 's', 'l', 'i':
			case 'o':
				if len(args) > 0 {
					opts = append(opts, "-o", args[0])
					args = args[1:]
				}
			default:
				rest += string(ch)
			}
		}
		if rest != "" {
			opts = append(opts, a[:1]+rest)
		}
	}
	sc := script{name: c.name, opts: opts, vars: c.vars, dir: c.dir, in: c.stdin(), out: c.out, err: c.err}
	switch {
	case command:
		if len(args) == 0 {
			return c.usage("0: -c requires an argument")
		}
		sc.text = args[0]
		if args = args[1:]; len(args) > 0 {
			sc.name, args = args[0], args[1:]
		}
	case len(args) > 0:
		text, err := c.text(args[0])
		if err != nil {
			c.errf("sh: 0: cannot open %s: %s\n", args[0], err)
			return 127
		}
		sc.text, sc.name, args = text, args[0], args[1:]
	default:
		// The whole of it at once: a child that reads standard input finds it
		// empty, where a real shell would lose the rest of its script to it.
		sc.text = c.readAll()
	}
	sc.args = args
	return c.script(c.ctx, sc)
}

func cmdSudo(c *call) int {
	u, args, keep := world.Root, c.args, false
	list := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		a := args[0]
		args = args[1:]
		switch a {
		case "-n", "-H", "-S", "-i", "-s":
		case "-E":
			keep = true
		case "-l", "-v", "-k", "-K":
			list = true
		case "-u":
			if len(args) == 0 {
				return c.fail("option requires an argument -- 'u'")
			}
			u, args = world.User(args[0]), args[1:]
		case "--":
		default:
			return c.fail("invalid option %s", a)
		}
	}
	locked := false
	c.on(func(_ *world.World, h *world.Host) { locked = h.SudoLocked })
	if locked {
		return c.fail("a password is required")
	}
	vars := c.vars
	if !keep {
		vars = environ{map[string]string{"PATH": c.vars.vars["PATH"], "SUDO_USER": string(c.user), "LANG": "C.UTF-8"}}
	}
	vars = vars.with("HOME", homeOf(u), "USER", string(u), "LOGNAME", string(u))
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.HasPrefix(args[0], "=") {
		k, v, _ := strings.Cut(args[0], "=")
		vars.set(k, v)
		args = args[1:]
	}
	if len(args) == 0 {
		if list {
			return 0
		}
		return c.fail("no command given")
	}
	if interp.IsBuiltin(args[0]) && lookup(args[0]) == nil && !hasBuiltinTwin(args[0]) {
		return c.fail("%s: command not found", args[0])
	}
	d := c.as(u, args)
	d.vars = vars
	return d.run()
}

func cmdEnv(c *call) int {
	args, vars := c.args, c.vars.with()
	for len(args) > 0 {
		switch a := args[0]; {
		case a == "-i" || a == "-":
			vars = environ{map[string]string{}}
		case a == "-u" && len(args) > 1:
			delete(vars.vars, args[1])
			args = args[1:]
		case strings.Contains(a, "="):
			k, v, _ := strings.Cut(a, "=")
			vars.set(k, v)
		default:
			d := c.as(c.user, args)
			d.vars = vars
			return d.run()
		}
		args = args[1:]
	}
	for _, k := range vars.names() {
		c.outf("%s=%s\n", k, vars.vars[k])
	}
	return 0
}

// cmdWrap runs the command behind its own options.
func cmdWrap(c *call) int {
	args := c.args
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if (args[0] == "-s" || args[0] == "-k" || args[0] == "-n") && len(args) > 1 {
			args = args[1:]
		}
		args = args[1:]
	}
	if c.name == "timeout" && len(args) > 0 {
		args = args[1:]
	}
	if len(args) == 0 {
		return c.fail("missing operand")
	}
	return c.as(c.user, args).run()
}

func cmdWhich(c *call) int {
	code := 0
	for _, a := range c.args {
		switch {
		case strings.HasPrefix(a, "-"):
		case interp.IsBuiltin(a) && c.name != "which":
			c.outf("%s\n", a)
		case strings.HasPrefix(a, "relight-"):
			code = 1
		case lookup(a) != nil || hasBuiltinTwin(a):
			c.outf("/usr/bin/%s\n", a)
		case strings.Contains(a, "/") && c.access(c.ctx, abs(c.dir, a), interp.AccessExec) == nil:
			c.outf("%s\n", a)
		default:
			code = 1
		}
	}
	return code
}

func cmdUmask(c *call) int {
	if len(c.args) == 0 {
		c.outf("%04o\n", *c.umask)
		return 0
	}
	var m uint32
	if _, err := fmt.Sscanf(c.args[0], "%o", &m); err != nil {
		return c.usage("Illegal number: %s", c.args[0])
	}
	*c.umask = m & 0o777
	return 0
}
