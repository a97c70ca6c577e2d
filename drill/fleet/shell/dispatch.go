package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/drill/world"
)

// call is one command being run.
type call struct {
	session
	ctx  context.Context
	name string
	args []string // without the name
	dir  string
	vars environ
	in   io.Reader
	out  io.Writer
	err  io.Writer
}

// command runs a call and gives its exit code.
type command func(*call) int

// call looks at every simple command before it runs. Builtins that would look
// at the machine become commands of ours.
func (se session) call(ctx context.Context, args []string) ([]string, error) {
	switch args[0] {
	case "command":
		if len(args) > 1 && (args[1] == "-v" || args[1] == "-V") {
			return append([]string{"relight-which"}, args[2:]...), nil
		}
	case "type":
		return append([]string{"relight-which"}, args[1:]...), nil
	case "umask", "kill", "ulimit", "hash":
		return append([]string{"relight-" + args[0]}, args[1:]...), nil
	case ".", "source":
		if len(args) < 2 {
			break
		}
		hc := interp.HandlerCtx(ctx)
		text, err := se.read(abs(hc.Dir, args[1]))
		if err != nil {
			return []string{"relight-missing", args[1], err.Error()}, nil
		}
		return se.guarded(text), nil
	case "trap":
		if len(args) < 3 || strings.HasPrefix(args[1], "-") {
			break
		}
		text, err := se.confined(args[1])
		if err != nil {
			return []string{"relight-refused", err.Error()}, nil
		}
		return append([]string{"trap", strings.TrimSpace(text)}, args[2:]...), nil
	case "eval":
		return se.guarded(strings.Join(args[1:], " ")), nil
	}
	return args, nil
}

// guarded is an eval of text, with what would reach out of the world taken out
// or refused. The interpreter parses it again, so it is printed back.
func (se session) guarded(text string) []string {
	text, err := se.confined(text)
	if err != nil {
		return []string{"relight-refused", err.Error()}
	}
	return []string{"eval", text}
}

func (se session) confined(text string) (string, error) {
	file, err := se.shell.parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := syntax.NewPrinter().Print(&b, file); err != nil {
		return "", err
	}
	return b.String(), nil
}

// exec runs what is neither a function nor a builtin. It never goes on to a
// real process.
func (se session) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	c := &call{session: se, ctx: ctx, name: args[0], args: args[1:], dir: hc.Dir, vars: exportedOf(hc.Env),
		in: hc.Stdin, out: hc.Stdout, err: hc.Stderr}
	if f, ok := hc.Stdin.(*os.File); ok && f == nil {
		c.in = nil
	}
	if code := c.run(); code != 0 {
		return interp.ExitStatus(code)
	}
	return nil
}

// run dispatches a call.
func (c *call) run() int {
	if c.ctx.Err() != nil {
		return 143
	}
	name := c.name
	if strings.Contains(name, "/") {
		return c.runPath(abs(c.dir, name))
	}
	if cmd := lookup(name); cmd != nil {
		return cmd(c)
	}
	if hasBuiltinTwin(name) {
		return c.again(append([]string{name}, c.args...)...)
	}
	c.errf("sh: %s: not found\n", name)
	return 127
}

// runPath runs a command given by its path: a known one in a folder for
// programs, or a script of the world.
func (c *call) runPath(p string) int {
	dir, base := path.Split(p)
	switch dir {
	case "/usr/lib/postgresql/15/bin/", "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/":
		if lookup(base) != nil || hasBuiltinTwin(base) {
			c.name = base
			return c.run()
		}
	}
	f, err := c.file(p)
	switch {
	case err != nil:
		c.errf("sh: %s: not found\n", c.name)
		return 127
	case f.Dir || c.access(c.ctx, p, interp.AccessExec) != nil:
		c.errf("sh: %s: Permission denied\n", c.name)
		return 126
	}
	text := f.Text
	if strings.HasPrefix(text, "#!") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return c.script(c.ctx, script{text: text, name: p, args: c.args, vars: c.vars, dir: c.dir, in: c.stdin(), out: c.out, err: c.err})
}

// again runs a command through a shell of its own, so that builtins work.
func (c *call) again(args ...string) int {
	return c.script(c.ctx, script{text: `"$@"`, name: "sh", args: args, vars: c.vars, dir: c.dir, in: c.stdin(), out: c.out, err: c.err})
}

func (c *call) stdin() *os.File {
	f, ok := c.in.(*os.File)
	if !ok {
		return nil
	}
	return f
}

// hasBuiltinTwin are builtins that exist as programs too.
func hasBuiltinTwin(name string) bool {
	switch name {
	case "test", "[", "echo", "printf", "true", "false", "pwd", "kill":
		return true
	}
	return false
}

// lookup is the command of that name, or nil.
func lookup(name string) command {
	for _, find := range []func(string) command{shellCommand, fileCommand, textCommand, hostCommand, serviceCommand, databaseCommand} {
		if c := find(name); c != nil {
			return c
		}
	}
	return nil
}

func shellCommand(name string) command {
	switch name {
	case "sh", "bash", "dash":
		return cmdSh
	case "sudo":
		return cmdSudo
	case "env":
		return cmdEnv
	case "nohup", "setsid", "nice", "timeout":
		return cmdWrap
	case "which", "relight-which":
		return cmdWhich
	case "relight-umask":
		return cmdUmask
	case "relight-kill":
		return cmdKill
	case "relight-ulimit", "relight-hash":
		return func(*call) int { return 0 }
	case "relight-missing":
		return func(c *call) int { c.errf("sh: .: cannot open %s: %s\n", c.args[0], c.args[1]); return 2 }
	case "relight-refused":
		return func(c *call) int { c.errf("sh: %s\n", c.args[0]); return 2 }
	}
	return nil
}

func (c *call) outf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }
func (c *call) errf(format string, args ...any) { fmt.Fprintf(c.err, format, args...) }

// fail prints "NAME: …" and gives 1.
func (c *call) fail(format string, args ...any) int {
	c.errf("%s: %s\n", c.name, fmt.Sprintf(format, args...))
	return 1
}

// usage prints "NAME: …" and gives 2.
func (c *call) usage(format string, args ...any) int {
	c.fail(format, args...)
	return 2
}

// readAll is standard input.
func (c *call) readAll() string {
	if c.in == nil {
		return ""
	}
	b, err := io.ReadAll(c.in)
	if err != nil && !errors.Is(err, os.ErrClosed) {
		return string(b)
	}
	return string(b)
}

// text is the content of a file, or of standard input for "-".
func (c *call) text(name string) (string, error) {
	if name == "-" || name == "/dev/stdin" {
		return c.readAll(), nil
	}
	if device(abs(c.dir, name)) {
		return "", nil
	}
	return c.read(abs(c.dir, name))
}

// as is a copy of the call for another command line and user.
func (c *call) as(u world.User, args []string) *call {
	d := *c
	d.user, d.name, d.args = u, args[0], args[1:]
	return &d
}
