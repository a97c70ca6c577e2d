package actions

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/safe"
)

// ErrUnsafe says that a script must not reach a host that holds a validator's
// key.
var ErrUnsafe = errors.New("refused on a host with a validator key")

// Screen reads a script for a host that holds a validator's key. It refuses
// what resets or removes the sign state, and what cannot be read: eval, nested
// shells with text that is not there, pipes into a shell, command words from
// variables. The error names line and column. It knows the limit of reading:
// see the package comment.
func Screen(script string) error {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return fmt.Errorf("%w: the shell cannot read it: %s", ErrUnsafe, safe.Line(err.Error()))
	}
	s := &screen{vars: map[string][]*syntax.Word{}, opaque: map[string]bool{}, funcs: map[string]bool{}}
	s.collect(file)
	syntax.Walk(file, func(n syntax.Node) bool {
		if s.err == nil && n != nil {
			s.node(n)
		}
		return s.err == nil
	})
	return s.err
}

// screen is one reading of a script.
type screen struct {
	vars   map[string][]*syntax.Word // all that is ever assigned to a name
	opaque map[string]bool           // names that also get what cannot be read
	funcs  map[string]bool           // defined in the script
	depth  int                       // of nested literal scripts
	err    error
}

func (s *screen) refuse(at syntax.Node, format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("%w: %d:%d: %s", ErrUnsafe, at.Pos().Line(), at.Pos().Col(), safe.Line(fmt.Sprintf(format, args...)))
	}
}

// collect finds what variables may hold and which functions there are.
func (s *screen) collect(file *syntax.File) {
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			switch {
			case n.Name == nil:
			case n.Value == nil || n.Append || n.Index != nil || n.Array != nil:
				s.opaque[n.Name.Value] = true
			default:
				s.vars[n.Name.Value] = append(s.vars[n.Name.Value], n.Value)
			}
		case *syntax.WordIter:
			s.vars[n.Name.Value] = append(s.vars[n.Name.Value], n.Items...)
			if len(n.Items) == 0 { // the script's own arguments
				s.opaque[n.Name.Value] = true
			}
		case *syntax.ParamExp:
			if n.Param != nil && n.Exp != nil { // ${x:=word} assigns
				s.opaque[n.Param.Value] = true
			}
		case *syntax.CallExpr:
			s.read(n)
		case *syntax.FuncDecl:
			if n.Name != nil {
				s.funcs[n.Name.Value] = true
			}
		}
		return true
	})
}

// read marks the names that read, getopts and their like fill.
func (s *screen) read(call *syntax.CallExpr) {
	if len(call.Args) == 0 {
		return
	}
	switch call.Args[0].Lit() {
	case "read", "getopts", "mapfile", "readarray", "printf", "let", "unset":
		for _, w := range call.Args[1:] {
			s.opaque[w.Lit()] = true
		}
	}
}

func (s *screen) node(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.CallExpr:
		if len(n.Args) > 0 {
			s.command(n, n.Args)
		}
	case *syntax.Redirect:
		s.redirect(n)
	case *syntax.FuncDecl:
		if n.Name != nil && known(n.Name.Value) {
			s.refuse(n, "a function named %s hides the command", n.Name.Value)
		}
	case *syntax.Word:
		for _, v := range s.values(n, 0) {
			if unsafeWord(v) {
				s.refuse(n, "%s sets the sign state back: the key could sign the same height twice", show(v))
			}
		}
	}
}

// unsafeWord is a subcommand that removes the sign state, in any spelling the
// node's binaries take.
func unsafeWord(v string) bool {
	v = strings.ToLower(strings.ReplaceAll(v, "_", "-"))
	return strings.Contains(v, "unsafe-reset") || strings.Contains(v, "reset-priv-validator")
}

// redirect refuses to write over a sign state.
func (s *screen) redirect(r *syntax.Redirect) {
	switch r.Op {
	case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll, syntax.RdrClob, syntax.RdrInOut:
		for _, v := range s.values(r.Word, 0) {
			if names(v, stateFile) {
				s.refuse(r, "this may write over %s", stateFile)
			}
		}
	}
}

// command judges one simple command: its words, without its assignments.
func (s *screen) command(at syntax.Node, words []*syntax.Word) {
	for s.err == nil && len(words) > 0 {
		names := s.values(words[0], 0)
		if len(names) != 1 || unreadable(names[0]) {
			s.refuse(words[0], "the command is not written here, it comes from a variable or a pattern")
			return
		}
		name := base(names[0])
		if s.funcs[name] && name == names[0] {
			return // its body is read where it stands
		}
		rest, wrapped := s.unwrap(name, words[1:])
		if s.err != nil {
			return
		}
		if !wrapped {
			s.judge(words[0], name, words[1:])
			return
		}
		words = rest
	}
}

// unwrap steps over a command that runs another one.
func (s *screen) unwrap(name string, args []*syntax.Word) (rest []*syntax.Word, wrapped bool) {
	switch name {
	case "sudo", "doas":
		return s.options(name, args, "ugCDhpRrtT", "is"), true
	case "nice", "ionice":
		return s.options(name, args, "ncpt", ""), true
	case "nohup", "command", "builtin", "exec", "setsid", "stdbuf", "time":
		return s.options(name, args, "oei", ""), true
	case "env":
		rest := s.options(name, args, "uC", "S")
		for len(rest) > 0 && strings.Contains(rest[0].Lit()+s.first(rest[0]), "=") {
			rest = rest[1:]
		}
		return rest, true
	case "timeout":
		rest := s.options(name, args, "ks", "")
		if len(rest) > 0 {
			rest = rest[1:] // the duration
		}
		return rest, true
	case "xargs":
		rest := s.options(name, args, "adEILnPs", "")
		if len(rest) == 0 {
			return nil, true
		}
		// What it adds is not written here.
		return append(append([]*syntax.Word(nil), rest...), anyWord(rest[0])), true
	}
	return nil, false
}

// options skips a wrapper's options; with says which take a value, not which
// must not be there (they open a shell).
func (s *screen) options(name string, args []*syntax.Word, with, not string) []*syntax.Word {
	for len(args) > 0 {
		v := s.first(args[0])
		switch {
		case unreadable(v) && s.mayBeOption(v):
			s.refuse(args[0], "an option of %s is not written here", name)
			return nil
		case v == "--":
			return args[1:]
		case strings.HasPrefix(v, "--"):
			if name == "sudo" && (strings.HasPrefix(v, "--login") || strings.HasPrefix(v, "--shell")) {
				s.refuse(args[0], "sudo opens a shell")
				return nil
			}
			if strings.HasPrefix(v, "--split-string") {
				s.refuse(args[0], "env splits a text into a command")
				return nil
			}
			args = args[1:]
		case len(v) > 1 && v[0] == '-':
			if strings.ContainsAny(v[1:], not) && not != "" {
				s.refuse(args[0], "%s %s runs what is not written here", name, v)
				return nil
			}
			args = args[1:]
			if last := v[len(v)-1:]; strings.Contains(with, last) && len(v) == 2 && len(args) > 0 {
				args = args[1:]
			}
		default:
			return args
		}
	}
	return args
}

// mayBeOption: a word that starts with what cannot be read may be anything.
func (s *screen) mayBeOption(v string) bool { return strings.HasPrefix(v, anything) }

func (s *screen) first(w *syntax.Word) string {
	vs := s.values(w, 0)
	if len(vs) == 1 {
		return vs[0]
	}
	return anything
}
