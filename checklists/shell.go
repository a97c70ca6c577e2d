package checklists

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/lazy"
)

// shells reads every shell block: it must parse, must not start a signer
// without a fence, and should use no small-letter variable that nobody sets.
func (p *reader) shells() {
	known := p.shellNames()
	for _, sp := range p.spots {
		for _, b := range p.stepAt(sp).blocks() {
			p.shell(b, known)
		}
	}
	for _, ph := range p.book.Phases {
		for _, g := range ph.Groups {
			if g.Suggest != nil {
				p.shell(*g.Suggest, known)
			}
		}
	}
}

// shellNames are the variables that the cockpit sets for a block.
func (p *reader) shellNames() map[string]bool {
	known := map[string]bool{}
	for _, q := range p.book.Params {
		for _, name := range EnvNames(q) {
			known[name] = true
		}
	}
	for _, sp := range p.spots {
		for _, b := range p.stepAt(sp).blocks() {
			if b.Capture != "" {
				known[b.Capture] = true
			}
		}
	}
	return known
}

// EnvNames are the environment variables that a parameter becomes in a shell
// block: its own name, and what follows from its type.
func EnvNames(q Param) []string {
	var tails []string
	switch q.Type {
	case "host":
		tails = []string{"_addr", "_unit", "_unit_dir", "_home"}
	case "key":
		tails = []string{"_address", "_sealed_backup", "_mark_height", "_mark_round", "_mark_step"}
	}
	out := []string{q.Name}
	for _, t := range tails {
		out = append(out, q.Name+t)
	}
	return out
}

func (p *reader) shell(b Block, known map[string]bool) {
	if b.Lang != "sh" && b.Lang != "bash" {
		return
	}
	lang := syntax.LangPOSIX
	if b.Lang == "bash" {
		lang = syntax.LangBash
	}
	file, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(b.Text), "")
	if err != nil {
		line, text := b.Line+1, err.Error()
		var pe syntax.ParseError
		var le syntax.LangError
		if errors.As(err, &pe) {
			line, text = b.Line+int(pe.Pos.Line()), pe.Text
		} else if errors.As(err, &le) {
			line, text = b.Line+int(le.Pos.Line()), "not in this shell: "+le.Feature
		}
		p.err(line, p.col(line), "shell-syntax", "the shell cannot read this: "+text, "correct the script; write bash where sh is not enough")
		return
	}
	p.unknownNames(b, file, known)
	if (b.Kind == "run" || b.Kind == "undo") && b.Fence == "" {
		p.startsSigner(b, file)
	}
}

var smallName = lazy.Pattern(`^[a-z][a-z0-9_]*$`)

// unknownNames warns of $lower that is no parameter, no capture and not set in
// the block itself.
func (p *reader) unknownNames(b Block, file *syntax.File, known map[string]bool) {
	set := map[string]bool{}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				set[n.Name.Value] = true
			}
		case *syntax.WordIter:
			set[n.Name.Value] = true
		case *syntax.CallExpr:
			if words := literals(n); len(words) > 1 && words[0] == "read" {
				for _, w := range words[1:] {
					set[w] = true
				}
			}
		}
		return true
	})
	said := map[string]bool{}
	syntax.Walk(file, func(n syntax.Node) bool {
		e, ok := n.(*syntax.ParamExp)
		if !ok || e.Param == nil {
			return true
		}
		name := e.Param.Value
		if smallName.MatchString(name) && !known[name] && !set[name] && !said[name] {
			said[name] = true
			line := b.Line + int(e.Pos().Line())
			p.warn(line, p.col(line), "name-unknown", fmt.Sprintf("$%s is no parameter and is not set in this block", name), "declare it as [[param]], set it, or write other shell variables in capitals")
		}
		return true
	})
}

// literals are the words of a call; a word that is not plain text keeps its
// variables' names as $name.
func literals(c *syntax.CallExpr) []string {
	var out []string
	for _, w := range c.Args {
		var b strings.Builder
		wordText(&b, w.Parts)
		out = append(out, b.String())
	}
	return out
}

func wordText(b *strings.Builder, parts []syntax.WordPart) {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(part.Value)
		case *syntax.SglQuoted:
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			wordText(b, part.Parts)
		case *syntax.ParamExp:
			if part.Param != nil {
				b.WriteString("$" + part.Param.Value)
			}
		default:
			b.WriteString("$?")
		}
	}
}

// startsSigner reports the first command of a block without fence= that may
// start, restart or unfence a signer.
func (p *reader) startsSigner(b Block, file *syntax.File) {
	done := false
	syntax.Walk(file, func(n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || done {
			return !done
		}
		if words := plainCommand(literals(c)); p.mayStart(words, b) {
			done = true
			line := b.Line + int(c.Pos().Line())
			p.err(line, p.col(line), "start-without-fence", fmt.Sprintf("%q may start a signer, and the block has no fence", strings.Join(words, " ")), "write fence=$key on the block: the evidence is then judged before it runs")
		}
		return !done
	})
}

// plainCommand drops what stands before the command itself: sudo and its
// options, env, nohup, and the folder of the program.
func plainCommand(words []string) []string {
	for len(words) > 0 {
		name := words[0][strings.LastIndexByte(words[0], '/')+1:]
		switch name {
		case "sudo", "env", "nohup", "exec", "command", "setsid", "timeout", "nice":
			words = words[1:]
			for len(words) > 0 && (strings.HasPrefix(words[0], "-") || strings.Contains(words[0], "=") || name == "timeout" && strings.Trim(words[0], "0123456789smh.") == "") {
				takes := name == "sudo" && (words[0] == "-u" || words[0] == "-g")
				words = words[1:]
				if takes && len(words) > 0 {
					words = words[1:]
				}
			}
		default:
			return append([]string{name}, words[1:]...)
		}
	}
	return nil
}

// mayStart: systemctl verbs that bring a unit up (or may at the next boot) on
// the chain's unit or one named by a variable, the node's own start command,
// and anything that takes a fence away.
func (p *reader) mayStart(words []string, b Block) bool {
	if len(words) == 0 {
		return false
	}
	rest := strings.Join(words[1:], " ")
	switch words[0] {
	case "systemctl":
		return startsUnit(words[1:])
	case "service":
		return len(words) > 2 && chainUnit(words[1]) && (words[2] == "start" || words[2] == "restart")
	case "virtengine", "cosmovisor":
		return contains(words[1:], "start") || words[0] == "cosmovisor" && contains(words[1:], "run")
	case "rm", "unlink", "mv":
		return strings.Contains(rest, "90-fence.conf") && !strings.Contains(rest, "/tmp/")
	case "docker", "podman":
		return strings.Contains(rest, "virtengine") && (contains(words[1:], "start") || contains(words[1:], "restart") || contains(words[1:], "run"))
	}
	return false
}

func startsUnit(args []string) bool {
	verb := ""
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			continue
		}
		if verb == "" {
			verb = a
			continue
		}
		if chainUnit(a) {
			switch verb {
			case "start", "restart", "try-restart", "reload-or-restart", "condrestart", "enable", "reenable", "unmask", "revert":
				return true
			}
			return strings.HasPrefix(verb, "$")
		}
	}
	return false
}

// chainUnit says whether a unit's name may be that of the chain.
func chainUnit(unit string) bool {
	return strings.HasPrefix(unit, "virtengine") || strings.HasPrefix(unit, "cosmovisor") || strings.HasPrefix(unit, "$")
}
