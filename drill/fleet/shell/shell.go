package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/drill/world"
)

// Machine is where a command runs.
type Machine struct {
	// Do looks at or changes the world, at the present domain time and alone.
	Do   func(func(*world.World))
	Host string
	User world.User
	// Sleep waits in domain time.
	Sleep func(context.Context, time.Duration) error
}

// Invocation is one command with its surroundings.
type Invocation struct {
	Command        string
	Env            []string  // NAME=value
	Stdin          io.Reader // nil: empty
	Stdout, Stderr io.Writer
}

// Shell runs commands. It keeps parsed scripts, as a runbook sends the same
// ones again and again. The zero value is ready and safe for concurrent use.
type Shell struct {
	mu     sync.Mutex
	parsed map[string]*syntax.File
}

// keepParsed bounds the memory of parsed scripts.
const keepParsed = 256

// session is what commands of one invocation share.
type session struct {
	shell *Shell
	m     Machine
	user  world.User
	umask *uint32
	pid   string
	self  string // the command line of the innermost shell, as ps shows it
}

// Run runs one command as sshd does, with the login shell, and gives its exit
// code. A cancelled ctx ends it with 143.
func (s *Shell) Run(ctx context.Context, m Machine, inv Invocation) int {
	umask := uint32(0o022)
	se := session{shell: s, m: m, user: m.User, umask: &umask}
	se.m.Do(func(w *world.World) {
		se.pid = fmt.Sprint(20000 + w.Roll(9000, "shell", m.Host, inv.Command, w.Now.String()))
	})
	vars := loginVars(m)
	for _, kv := range inv.Env {
		if k, v, ok := strings.Cut(kv, "="); ok {
			vars.set(k, v)
		}
	}
	stdin, closeIn := pipeFor(inv.Stdin)
	defer closeIn()
	return se.script(ctx, script{text: inv.Command, name: "sh", vars: vars, dir: loginDir(m.User),
		in: stdin, out: inv.Stdout, err: inv.Stderr})
}

// script is a text to interpret.
type script struct {
	text string
	name string   // $0
	args []string // $1…
	opts []string // -e, -u, -x
	vars environ
	dir  string
	in   *os.File // nil: closed
	out  io.Writer
	err  io.Writer
}

func (se session) script(ctx context.Context, sc script) int {
	file, err := se.shell.parse(sc.text)
	if err != nil {
		fmt.Fprintf(sc.err, "%s: %v\n", sc.name, err)
		return 2
	}
	return se.interpret(ctx, file, sc)
}

func (se session) interpret(ctx context.Context, file *syntax.File, sc script) int {
	se.self = strings.TrimSpace(sc.name + " -c " + sc.text)
	var in io.Reader
	if sc.in != nil {
		in = sc.in
	}
	named := *file
	named.Name = sc.name
	r, err := interp.New(append(se.jail(sc),
		interp.StdIO(in, sc.out, sc.err),
		interp.Params(append(append(sc.opts[:len(sc.opts):len(sc.opts)], "--"), sc.args...)...))...)
	if err != nil {
		fmt.Fprintf(sc.err, "%s: %v\n", sc.name, err)
		return 2
	}
	err = r.Run(ctx, &named)
	var code interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil:
		return 143
	}
	fmt.Fprintf(sc.err, "%s: %v\n", sc.name, err)
	return 2
}

// parse gives the tree of a script, with what would reach out of the world
// taken out or refused.
func (s *Shell) parse(text string) (*syntax.File, error) {
	s.mu.Lock()
	file, ok := s.parsed[text]
	s.mu.Unlock()
	if ok {
		return file, nil
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, fmt.Errorf("syntax error: %w", err)
	}
	if err := confine(file); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parsed == nil || len(s.parsed) >= keepParsed {
		s.parsed = map[string]*syntax.File{}
	}
	s.parsed[text] = file
	return file, nil
}

// Variables that stand for what the interpreter would take from the machine.
const (
	pidVar    = "RELIGHT_PID"
	randomVar = "RELIGHT_RANDOM"
)

// confine renames the variables that the interpreter answers from the machine
// itself, and refuses the constructs that need it.
func confine(file *syntax.File) error {
	var refused error
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			expandFirst(n)
		case *syntax.ArithmExp:
			confineArithm(n)
		case *syntax.ProcSubst:
			refused = errors.New("syntax error: \"(\" unexpected (sh has no process substitution)")
		case *syntax.TimeClause:
			refused = errors.New("syntax error: time is not to be had on this host")
		case *syntax.ParamExp:
			if n.Param == nil {
				break
			}
			switch n.Param.Value {
			case "$", "PPID", "BASHPID":
				n.Param.Value, n.Short = pidVar, false
			case "RANDOM", "SRANDOM":
				n.Param.Value, n.Short = randomVar, false
			}
		}
		return refused == nil
	})
	return refused
}

func confineArithm(n *syntax.ArithmExp) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if l, ok := n.(*syntax.Lit); ok && (l.Value == "RANDOM" || l.Value == "SRANDOM") {
			l.Value = randomVar
		}
		return true
	})
}

// expandFirst makes the words of a command expand before its redirections, as
// POSIX says and the interpreter does not: in `sh -c "$(cat)" </dev/null` the
// cat must read what stood on standard input before. The words that run
// commands become variables of a block around the command.
func expandFirst(st *syntax.Stmt) {
	call, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(st.Redirs) == 0 || len(call.Args) == 0 {
		return
	}
	var assigns []*syntax.Assign
	args := make([]*syntax.Word, len(call.Args))
	for i, w := range call.Args {
		args[i] = w
		if len(w.Parts) != 1 {
			continue
		}
		q, ok := w.Parts[0].(*syntax.DblQuoted)
		if !ok || !runsCommands(q) {
			continue
		}
		name := fmt.Sprintf("RELIGHT_WORD_%d", i)
		assigns = append(assigns, &syntax.Assign{Name: &syntax.Lit{Value: name}, Value: w})
		args[i] = &syntax.Word{Parts: []syntax.WordPart{&syntax.DblQuoted{Parts: []syntax.WordPart{
			&syntax.ParamExp{Short: true, Param: &syntax.Lit{Value: name}}}}}}
	}
	if len(assigns) == 0 {
		return
	}
	inner := &syntax.Stmt{Position: st.Position, Redirs: st.Redirs, Cmd: &syntax.CallExpr{Assigns: call.Assigns, Args: args}}
	first := &syntax.Stmt{Position: st.Position, Cmd: &syntax.CallExpr{Assigns: assigns}}
	st.Redirs, st.Cmd = nil, &syntax.Block{Lbrace: st.Position, Rbrace: st.Position, Stmts: []*syntax.Stmt{first, inner}}
}

func runsCommands(n syntax.Node) bool {
	runs := false
	syntax.Walk(n, func(n syntax.Node) bool {
		if _, ok := n.(*syntax.CmdSubst); ok {
			runs = true
		}
		return !runs
	})
	return runs
}

// pipeFor makes standard input a pipe, which is what the interpreter takes.
func pipeFor(in io.Reader) (*os.File, func()) {
	if in == nil {
		f, err := textPipe("")
		if err != nil {
			return nil, func() {}
		}
		return f, func() { f.Close() }
	}
	if f, ok := in.(*os.File); ok {
		return f, func() {}
	}
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, func() {}
	}
	go func() {
		// Who does not read to the end closes pr, which ends this.
		io.Copy(pw, in)
		pw.Close()
	}()
	return pr, func() { pr.Close() }
}

// pipeRoom is what a pipe takes without a reader.
const pipeRoom = 60 << 10

// textPipe is a pipe that holds text.
func textPipe(text string) (*os.File, error) {
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if len(text) <= pipeRoom {
		io.WriteString(pw, text)
		pw.Close()
		return pr, nil
	}
	go func() {
		io.WriteString(pw, text)
		pw.Close()
	}()
	return pr, nil
}
