//go:build linux

package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ErrOutside is what a guard refuses.
var ErrOutside = errors.New("outside this host of the lab")

// The machine's own service manager, by every path it goes by, and the commands
// that would act on the machine. A path of the lab itself never matches: it has
// a name in front.
var (
	machineDirs = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.-])/(?:etc/(?:systemd|init|cron|sudoers|passwd|shadow|ssh)|usr/(?:local/)?lib/systemd|lib/systemd|run/systemd|boot)\b`)
	machineCmds = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.-])/(?:usr/)?(?:local/)?s?bin/(?:systemctl|sudo|su|service|journalctl|pgrep|pkill|reboot|halt|poweroff|shutdown|virtengine|loginctl|systemd-run)\b`)
	exports     = regexp.MustCompile(`(?m)^export [A-Za-z_][A-Za-z0-9_]*='[^'\n]*'$`)
	scratch     = regexp.MustCompile(`^/tmp/(?:relight-[0-9A-Za-z]+|tmp\.[0-9A-Za-z]+)(?:/|$)`)
	devices     = regexp.MustCompile(`^/dev/(?:null|zero|urandom|tty|stdin|stdout|stderr|fd/[0-9]+)$`)
)

// Path says whether p, symbolic links followed, lies where a command of this
// host may act: in its own folder, in a script's scratch folder in /tmp, or on a
// harmless device.
func (s Spec) Path(p string) error {
	abs, err := filepath.Abs(p)
	if err != nil {
		return err
	}
	if devices.MatchString(abs) {
		return nil
	}
	real := resolve(abs)
	if within(s.Root, real) {
		return nil
	}
	if !within(s.Lab, real) && scratch.MatchString(real) {
		return nil
	}
	return fmt.Errorf("%w: %s is not in %s", ErrOutside, p, s.Root)
}

func within(root, p string) bool { return p == root || strings.HasPrefix(p, root+"/") }

// resolve follows the symbolic links of the part of a path that exists.
func resolve(abs string) string {
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if to, err := os.Readlink(dir); err == nil { // it dangles: where it leads counts
			if !filepath.IsAbs(to) {
				to = filepath.Join(filepath.Dir(dir), to)
			}
			return filepath.Join(resolve(filepath.Dir(to)), filepath.Base(to), rest)
		}
		if dir == "/" {
			return abs
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// Text looks for what a script must not name: the machine's units and commands,
// and the folders of the lab's other hosts. It finds what is spelt out, not what
// is hidden; the kernel's guard (Confine) holds for that.
func (s Spec) Text(script string) error {
	// A script that travels inside a command line is quoted once more.
	script = strings.ReplaceAll(script, `'\''`, `'`)
	for _, rule := range []*regexp.Regexp{machineDirs, machineCmds} {
		if m := rule.FindString(script); m != "" {
			return fmt.Errorf("%w: it names %s, which is the machine's own; the units of this host lie in %s", ErrOutside, m[strings.IndexByte(m, '/'):], s.Units())
		}
	}
	// What the cockpit exports names other hosts: $standby_home is known on
	// $failed too. A line that only sets a variable acts on nothing.
	own := "hosts/" + s.Name
	for rest := exports.ReplaceAllString(script, ""); ; {
		i := strings.Index(rest, s.Lab+"/")
		if i < 0 {
			return nil
		}
		rest = rest[i+len(s.Lab)+1:]
		word := rest[:len(rest)-len(strings.TrimLeft(rest, pathChars))]
		after := rest[len(word):]
		// A path cut in two by quotes ('/a/b''/c') goes on behind them.
		whole := word == own || strings.HasPrefix(word, own+"/")
		if !whole && !(strings.HasPrefix(after, "''") && strings.HasPrefix(own+"/", word)) {
			return fmt.Errorf("%w: it names %s/%s, which is not this host's", ErrOutside, s.Lab, word)
		}
	}
}

const pathChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/@+=:-"

// Args says whether a command that sudo is asked to run stays inside. Only what
// the runbooks need is understood; every absolute path among the arguments
// counts, apart from the scripts of sed and the patterns of grep.
func (s Spec) Args(args []string) error {
	if len(args) == 0 {
		return nil
	}
	operands := args[1:]
	switch filepath.Base(args[0]) {
	case "sed", "grep", "awk":
		operands = withoutProgram(operands)
	case "sh", "bash", "dash", "env", "xargs", "find":
		// What they run cannot be seen from here; its text can.
		if err := s.Text(strings.Join(operands, "\n")); err != nil {
			return err
		}
		for _, a := range operands {
			if filepath.IsAbs(a) && !strings.ContainsAny(a, " \n;") {
				if err := s.Path(a); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, a := range operands {
		if i := strings.Index(a, "=/"); i > 0 && (strings.HasPrefix(a, "--") || filepath.Base(args[0]) == "dd") {
			a = a[i+1:]
		}
		if !filepath.IsAbs(a) && !strings.HasPrefix(a, "..") && !strings.Contains(a, "/../") {
			continue
		}
		if err := s.Path(a); err != nil {
			return err
		}
	}
	return nil
}

// withoutProgram drops the scripts of a sed or grep command line: what follows
// -e, or else the first operand.
func withoutProgram(args []string) []string {
	var out []string
	given := false
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-e":
			given = true
			i++
		case a == "-f":
			given = true
		case len(a) > 1 && a[0] == '-':
			out = append(out, a)
		case !given:
			given = true
		default:
			out = append(out, a)
		}
	}
	return out
}
