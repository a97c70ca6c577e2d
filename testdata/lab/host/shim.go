//go:build linux

package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Names are the commands a machine has, all of them this program.
func Names() []string {
	return []string{"labhost", shellName, "systemctl", "sudo", "virtengine", "pgrep", "journalctl"}
}

// shellName is what sshd runs for every session.
const shellName = "labshell"

// rootMark is set by sudo for what it runs.
const rootMark = "RELIGHT_LAB_ROOT"

// refused is the exit code of the guards.
const refused = 126

// Main runs one of a machine's commands and gives its exit code. args are
// without the program's name.
func Main(s Spec, name string, args []string) int {
	switch name {
	case shellName:
		return say(enter(s))
	case "systemctl":
		return callInit(s, Request{Op: "systemctl", Args: args, Root: os.Getenv(rootMark) != ""}, 3*time.Minute)
	case "sudo":
		return sudo(s, args)
	case "virtengine":
		return virtengine(s, args)
	case "pgrep":
		return pgrep(s, args)
	case "journalctl":
		return journalctl(s, args)
	}
	switch {
	case len(args) == 1 && args[0] == "init":
		return say(confineAndExec(s, "init-confined"))
	case len(args) == 1 && args[0] == "init-confined":
		return say(Init(s))
	case len(args) > 1 && args[0] == "ctl":
		return callInit(s, Request{Op: "ctl", Args: args[1:]}, time.Minute)
	}
	fmt.Fprintf(os.Stderr, "usage: labhost init | labhost ctl COMMAND\n%s", Control)
	return 2
}

func say(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "lab:", err)
	if errors.Is(err, ErrOutside) {
		return refused
	}
	return 1
}

func callInit(s Spec, req Request, limit time.Duration) int {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r, err := Call(ctx, s, req)
	if err != nil {
		return say(err)
	}
	fmt.Fprint(os.Stdout, r.Stdout)
	fmt.Fprint(os.Stderr, r.Stderr)
	return r.Code
}

// find is exec.LookPath on the machine's own path.
func find(s Spec, name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, dir := range strings.Split(s.Search(), ":") {
		p := filepath.Join(dir, name)
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return p, nil
		}
	}
	return "", fmt.Errorf("%s: command not found", name)
}

// sudo drops its options and runs the command in its place, if all it names
// lies on this host.
func sudo(s Spec, args []string) int {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		opt := args[0]
		args = args[1:]
		if opt == "--" {
			break
		}
		if opt != "-u" && opt != "-g" {
			continue
		}
		if len(args) == 0 || (args[0] != "root" && args[0] != "validator" && args[0] != os.Getenv("USER")) {
			fmt.Fprintln(os.Stderr, "sudo: unknown user on this host of the lab")
			return 1
		}
		args = args[1:]
	}
	if s.Flag("sudo-locked") {
		fmt.Fprintln(os.Stderr, "sudo: a password is required")
		return 1
	}
	env := s.Env(rootMark + "=1")
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.ContainsAny(args[0], "/ ") {
		env = append(env, args[0])
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	path, err := find(s, args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "sudo:", err)
		return 1
	}
	if err := s.Text(strings.Join(args, "\n")); err != nil {
		return say(err)
	}
	if err := s.Args(args); err != nil {
		return say(err)
	}
	return say(fmt.Errorf("sudo: %s: %w", path, unix.Exec(path, args, env)))
}

// pgrep finds only processes of this machine: those whose command line names
// its home folder. All machines of the lab share one process table.
func pgrep(s Spec, args []string) int {
	q, err := parsePgrep(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgrep:", err)
		return 2
	}
	n := 0
	for _, p := range Processes() {
		if p.PID == os.Getpid() || p.State == "Z" || !s.owns(p.Line) || !q.matches(p) {
			continue
		}
		n++
		switch {
		case q.list:
			fmt.Println(strconv.Itoa(p.PID), p.Line)
		case !q.count:
			fmt.Println(p.PID)
		}
	}
	if q.count {
		fmt.Println(n)
	}
	if n == 0 {
		return 1
	}
	return 0
}

// owns says whether a command line names the machine's home folder, and not
// that of a machine whose name merely begins alike.
func (s Spec) owns(line string) bool {
	return strings.Contains(line+" ", s.UserHome()+"/") || strings.Contains(line+" ", s.UserHome()+" ")
}

// journalctl prints what a unit wrote.
func journalctl(s Spec, args []string) int {
	unit, n := s.Unit, 1000
	for i := 0; i < len(args); i++ {
		a := args[i]
		next := func() string {
			if i++; i < len(args) {
				return args[i]
			}
			return ""
		}
		var err error
		switch {
		case a == "-u" || a == "--unit":
			unit = next()
		case strings.HasPrefix(a, "--unit="):
			unit = a[len("--unit="):]
		case a == "-n" || a == "--lines":
			n, err = strconv.Atoi(next())
		case strings.HasPrefix(a, "--lines="):
			n, err = strconv.Atoi(a[len("--lines="):])
		case strings.HasPrefix(a, "-n"):
			n, err = strconv.Atoi(a[2:])
		case a == "-o" || a == "-S" || a == "--since" || a == "-U" || a == "--until":
			next()
		case a == "-f" || a == "--follow":
			err = errors.New("following is not emulated in the lab")
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "journalctl:", err)
			return 1
		}
	}
	unit = strings.TrimSuffix(unit, ".service")
	if unit == "" || strings.ContainsAny(unit, "/.") {
		fmt.Fprintln(os.Stderr, "-- No entries --")
		return 1
	}
	fmt.Print(lastLines(filepath.Join(s.Log(), unit+".log"), n))
	return 0
}

// resolves says whether a command of this name, looked up as a script would,
// is the machine's own.
func (s Spec) resolves(name string) error {
	p, err := exec.LookPath(name)
	if err != nil || p != filepath.Join(s.Bin(), name) {
		return fmt.Errorf("%w: %s is %q here, not this host's; nothing was run", ErrOutside, name, p)
	}
	return nil
}
