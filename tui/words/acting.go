package words

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/safe"
)

// Acting are the commands of a script that change something, each in one row:
// what only looks, sets a variable, speaks or tests is left out. What is not known
// to be harmless is taken to act, and a script that cannot be read acts whole.
func Acting(script string) []string {
	clean := safe.Clean(script)
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(clean), "")
	if err != nil {
		return strings.Split(Brief(script), "; ")
	}
	var out []string
	syntax.Walk(file, func(n syntax.Node) bool {
		st, ok := n.(*syntax.Stmt)
		if !ok {
			return true
		}
		switch st.Cmd.(type) {
		case *syntax.CallExpr, *syntax.BinaryCmd, *syntax.DeclClause, nil:
		default:
			if !writes(st.Redirs) {
				return true // what acts is inside
			}
		}
		if acts(st) {
			out = append(out, strings.Join(strings.Fields(strings.ReplaceAll(clean[st.Pos().Offset():st.End().Offset()], "\\\n", " ")), " "))
		}
		return false
	})
	return out
}

// acts says that some command in n changes something, or may.
func acts(n syntax.Node) bool {
	found := false
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			found = found || writes(n.Redirs)
		case *syntax.CallExpr:
			found = found || changes(called(n))
		}
		return !found
	})
	return found
}

// writes says that a redirection goes into a file.
func writes(rs []*syntax.Redirect) bool {
	return slices.ContainsFunc(rs, func(r *syntax.Redirect) bool {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll, syntax.RdrClob, syntax.RdrInOut:
			return r.Word == nil || r.Word.Lit() != "/dev/null"
		}
		return false
	})
}

// called are the words of a call as far as they are plain, without sudo and its
// like before them; a word that is not is "".
func called(c *syntax.CallExpr) []string {
	var out []string
	for _, w := range c.Args {
		out = append(out, w.Lit())
	}
	for len(out) > 0 && slices.Contains([]string{"sudo", "env", "command", "nice", "timeout"}, out[0]) {
		timed := out[0] == "timeout"
		out = out[1:]
		for len(out) > 0 && (strings.HasPrefix(out[0], "-") || strings.Contains(out[0], "=") || timed) {
			timed = timed && strings.HasPrefix(out[0], "-")
			out = out[1:]
		}
	}
	if len(out) > 0 && out[0] != "" {
		out[0] = out[0][strings.LastIndexByte(out[0], '/')+1:]
	}
	return out
}

// looking are commands that change nothing, whatever they are given.
const looking = " set : true false test [ echo printf exit return break continue cd shift read wait sleep cat head tail grep egrep fgrep cut tr wc uniq ls stat df du id uname whoami pgrep ps sha256sum md5sum cmp diff jq readlink realpath dirname basename seq pg_isready pg_controldata pg_verifybackup export readonly umask "

// changes says that a call changes something, or may.
func changes(call []string) bool {
	if len(call) == 0 || call[0] != "" && strings.Contains(looking, " "+call[0]+" ") {
		return false
	}
	rest := call[1:]
	switch name := call[0]; name {
	case "sed":
		return slices.ContainsFunc(rest, func(w string) bool { return strings.HasPrefix(w, "-i") || strings.HasPrefix(w, "--in-place") })
	case "tee":
		return !(len(rest) == 1 && rest[0] == "/dev/null")
	case "kubectl":
		if anyOf(rest, "rollout") {
			return !slices.Contains(rest, "status")
		}
		return !anyOf(rest, "get", "describe", "logs", "top", "version")
	case "systemctl":
		return !anyOf(rest, "is-active", "is-enabled", "is-failed", "status", "show", "cat", "list-units", "list-unit-files")
	}
	return true
}

// anyOf says that the first of what a call is given that is no option, nor the
// value of one, is one of some words: an object that is called so is no verb.
func anyOf(rest []string, some ...string) bool {
	for i := 0; i < len(rest); i++ {
		switch w := rest[i]; {
		case w == "-n" || w == "--namespace" || w == "--context" || w == "-t" || w == "-p":
			i++
		case !strings.HasPrefix(w, "-"):
			return slices.Contains(some, w)
		}
	}
	return false
}
