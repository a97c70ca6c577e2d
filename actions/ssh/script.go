package ssh

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/lazy"
)

// Var is one variable of a script's environment.
type Var struct{ Name, Value string }

// Shell is what runs a script.
type Shell string

// The shells. The empty one is Sh.
const (
	Sh   Shell = "sh"
	Bash Shell = "bash"
)

// EffectVar is the variable by which a host knows the effect it runs.
const EffectVar = "RELIGHT_EFFECT"

// maxScript is below what Linux takes as one argument (131,072 bytes): above,
// the shell would answer 126.
const maxScript = 120 << 10

var nameRule = lazy.Pattern(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ownNames are variables that change what commands mean.
func ownName(name string) bool {
	switch name {
	case "PATH", "IFS", "ENV", "BASH_ENV", "HOME", "SHELLOPTS", "BASHOPTS", "PS4", "CDPATH", "GLOBIGNORE", EffectVar:
		return true
	}
	return strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "BASH_FUNC")
}

// maxLine is the longest command line sent: with its frame it is below what
// every SSH implementation must take in one packet (RFC 4253, 6.1).
const maxLine = 24 << 10

// Encode is what travels: the command line of the exec request, and the bytes
// for standard input (nil for none).
//
// A script of usual length stands in the line itself. It is one packet, whole
// or broken, and costs one round trip. A longer one goes over standard input,
// which the line reads to its end before it runs anything; sshd grants that
// stream no window before it has seen the request, so this costs a round trip
// more (measured). So does one with backslashes that a fish login shell would
// take for its own. Either way the script finds nothing on standard input.
//
// The script stands in one pair of braces with its exports, so that the shell
// executes nothing before it has seen the last line. That holds for scripts
// that are complete by themselves, so others are refused here: one that closes
// the brace and opens another would run in part when cut.
func Encode(shell Shell, effect, script string, env []Var) (line string, stdin []byte, err error) {
	switch shell {
	case "":
		shell = Sh
	case Sh, Bash:
	default:
		return "", nil, fmt.Errorf("%w: unknown shell %q", ErrScript, shell)
	}
	if strings.ContainsRune(script, 0) {
		return "", nil, fmt.Errorf("%w: it contains a NUL byte", ErrScript)
	}
	script = strings.ReplaceAll(script, "\r\n", "\n")
	if err := complete(script); err != nil {
		return "", nil, err
	}
	var b strings.Builder
	b.WriteString("{\n")
	b.WriteString("export " + EffectVar + "=" + quote(effect) + "\n")
	for _, v := range env {
		if !nameRule.MatchString(v.Name) || ownName(v.Name) {
			return "", nil, fmt.Errorf("%w: %q cannot be the name of a variable", ErrScript, v.Name)
		}
		if strings.ContainsRune(v.Value, 0) {
			return "", nil, fmt.Errorf("%w: the value of %s contains a NUL byte", ErrScript, v.Name)
		}
		b.WriteString("export " + v.Name + "=" + quoteValue(v) + "\n")
	}
	if strings.ContainsRune(effect, 0) {
		return "", nil, fmt.Errorf("%w: the effect id contains a NUL byte", ErrScript)
	}
	// Two line breaks: the first may be eaten by a backslash.
	b.WriteString(script + "\n\n}\n")
	if b.Len() > maxScript {
		return "", nil, fmt.Errorf("%w: %d bytes with its variables, at most %d", ErrScript, b.Len(), maxScript)
	}
	text := b.String()
	if line := fmt.Sprintf("exec %[1]s -c %[2]s %[1]s </dev/null", shell, quote(text)); len(line) <= maxLine &&
		!strings.Contains(text, `\\`) && !strings.Contains(text, `\'`) {
		return line, nil, nil
	}
	line = fmt.Sprintf(`sh -c 'exec %[1]s -c "$(cat)" %[1]s </dev/null'`, shell)
	return line, []byte(text), nil
}

// complete says whether the script is a program by itself. Either grammar will
// do: plain sh takes what bash does not, and the reverse.
func complete(script string) error {
	var first error
	for _, lang := range [...]syntax.LangVariant{syntax.LangBash, syntax.LangPOSIX} {
		f, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(script), "")
		if err == nil {
			if len(f.Stmts) == 0 {
				return fmt.Errorf("%w: it holds no command", ErrScript)
			}
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return fmt.Errorf("%w: %w", ErrScript, first)
}

// quoteValue makes a variable's value one word. A home below the login's own,
// "~/.virtengine", is that folder: in quotes the shell would not see it.
func quoteValue(v Var) string {
	if rest, ok := strings.CutPrefix(v.Value, "~/"); ok && strings.HasSuffix(v.Name, "_home") {
		return `"$HOME"/` + quote(rest)
	}
	return quote(v.Value)
}

// quote makes s one word of the shell, whatever is in it.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
