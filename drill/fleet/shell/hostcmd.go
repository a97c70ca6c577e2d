package shell

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"

	"github.com/virtengine/relight/drill/world"
)

func hostCommand(name string) command {
	switch name {
	case "date":
		return cmdDate
	case "sleep":
		return cmdSleep
	case "hostname":
		return func(c *call) int { c.outf("%s\n", c.m.Host); return 0 }
	case "whoami":
		return func(c *call) int { c.outf("%s\n", c.user); return 0 }
	case "id":
		return with("u n g G", cmdID)
	case "uname":
		return with("a s r n m", cmdUname)
	case "uptime":
		return cmdUptime
	case "nproc":
		return func(c *call) int { c.outf("16\n"); return 0 }
	case "pgrep":
		return with("f x a l c u= U= n o", cmdPgrep)
	case "pkill":
		return with("f x u= 9 KILL TERM e", cmdPkill)
	case "ps":
		return cmdPs
	case "logger":
		return func(*call) int { return 0 }
	case "reboot", "shutdown", "poweroff":
		return cmdPower
	}
	return nil
}

// now is the host's own clock.
func (c *call) now() time.Time {
	var t time.Time
	c.on(func(w *world.World, h *world.Host) { t = w.Now.Add(h.Skew) })
	return t.UTC()
}

func cmdDate(c *call) int {
	t := c.now()
	format := ""
	for i := 0; i < len(c.args); i++ {
		a := c.args[i]
		switch {
		case a == "-u" || a == "--utc":
		case strings.HasPrefix(a, "+"):
			format = a[1:]
		case a == "-Is" || a == "-Iseconds" || a == "--iso-8601=seconds":
			format = "%Y-%m-%dT%H:%M:%S+00:00"
		case a == "-d" && i+1 < len(c.args):
			i++
			n, err := strconv.ParseInt(strings.TrimPrefix(c.args[i], "@"), 10, 64)
			if p, perr := time.Parse(time.RFC3339, c.args[i]); perr == nil {
				n, err = p.Unix(), nil
			}
			for _, form := range []string{"2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05.999999-07"} {
				if p, perr := time.Parse(form, c.args[i]); perr == nil {
					n, err = p.Unix(), nil
				}
			}
			if err != nil {
				return c.fail("invalid date '%s'", c.args[i])
			}
			t = time.Unix(n, 0).UTC()
		default:
			return c.fail("invalid date '%s'", a)
		}
	}
	if format == "" {
		format = "%a %b %e %H:%M:%S UTC %Y"
	}
	c.outf("%s\n", timefmt.Format(t, strings.ReplaceAll(format, "%N", fmt.Sprintf("%09d", t.Nanosecond()))))
	return 0
}

func cmdSleep(c *call) int {
	var whole time.Duration
	for _, a := range c.args {
		d, err := time.ParseDuration(a)
		if err != nil {
			d, err = time.ParseDuration(a + "s")
		}
		if err != nil || d < 0 {
			return c.fail("invalid time interval '%s'", a)
		}
		whole += d
	}
	if len(c.args) == 0 {
		return c.fail("missing operand")
	}
	if err := c.m.Sleep(c.ctx, whole); err != nil {
		return 143
	}
	return 0
}

func cmdID(c *call, f flags) int {
	uid := 1000
	if c.user == world.Root {
		uid = 0
	}
	switch {
	case f.has("n"):
		c.outf("%s\n", c.user)
	case f.has("u", "g", "G"):
		c.outf("%d\n", uid)
	default:
		c.outf("uid=%d(%s) gid=%d(%s) groups=%d(%s)\n", uid, c.user, uid, c.user, uid, c.user)
	}
	return 0
}

func cmdUname(c *call, f flags) int {
	const release = "6.1.0-31-amd64"
	switch {
	case f.has("a"):
		c.outf("Linux %s %s x86_64 GNU/Linux\n", c.m.Host, release)
	case f.has("r"):
		c.outf("%s\n", release)
	case f.has("n"):
		c.outf("%s\n", c.m.Host)
	case f.has("m"):
		c.outf("x86_64\n")
	default:
		c.outf("Linux\n")
	}
	return 0
}

func cmdUptime(c *call) int {
	c.outf(" %s up 10 days,  1 user,  load average: 0.42, 0.40, 0.38\n", c.now().Format("15:04:05"))
	return 0
}

// proc is a line of ps.
type proc struct {
	pid  int
	user string
	cmd  string
}

// procs are the processes of the host: its units' main processes, sshd, and
// the shell that is asking. As on a real host a pattern that stands in the
// script itself finds that shell.
func (c *call) procs() []proc {
	out := []proc{{1, "root", "/sbin/init"}, {612, "root", "sshd: /usr/sbin/sshd -D"}}
	c.on(func(_ *world.World, h *world.Host) {
		for _, u := range h.Units {
			if u.MainPID != 0 {
				out = append(out, proc{u.MainPID, u.User(), u.Command()})
			}
		}
	})
	pid, err := strconv.Atoi(c.pid)
	if err != nil {
		return out
	}
	return append(out, proc{pid, string(c.m.User), c.self})
}

func (c *call) matching(f flags) ([]proc, error) {
	if len(f.rest) != 1 {
		return nil, fmt.Errorf("only one pattern can be provided")
	}
	expr := posix(f.rest[0], true)
	if f.has("x") {
		expr = "^(?:" + expr + ")$"
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	var out []proc
	for _, p := range c.procs() {
		text := p.cmd
		if !f.has("f") {
			text, _, _ = strings.Cut(text, " ")
			text = text[strings.LastIndexByte(text, '/')+1:]
		}
		if u := f.last("u", "U"); re.MatchString(text) && (u == "" || u == p.user) {
			out = append(out, p)
		}
	}
	return out, nil
}

func cmdPgrep(c *call, f flags) int {
	ps, err := c.matching(f)
	if err != nil {
		return c.usage("%v", err)
	}
	if f.has("c") {
		c.outf("%d\n", len(ps))
	}
	for _, p := range ps {
		switch {
		case f.has("c"):
		case f.has("a", "l"):
			c.outf("%d %s\n", p.pid, p.cmd)
		default:
			c.outf("%d\n", p.pid)
		}
	}
	if len(ps) == 0 {
		return 1
	}
	return 0
}

func cmdPkill(c *call, f flags) int {
	ps, err := c.matching(f)
	if err != nil {
		return c.usage("%v", err)
	}
	code := 1
	for _, p := range ps {
		if c.killOne(p.pid, f.has("9", "KILL")) == nil {
			code = 0
		}
	}
	return code
}

func cmdKill(c *call) int {
	hard, probe := false, false
	code := 0
	for _, a := range c.args {
		switch a {
		case "-9", "-KILL", "-SIGKILL":
			hard = true
		case "-0":
			probe = true
		case "-15", "-TERM", "-s", "--", "-INT", "-2":
		default:
			pid, err := strconv.Atoi(a)
			if err != nil {
				return c.usage("Illegal number: %s", a)
			}
			if probe {
				err = world.ErrNotExist
				for _, p := range c.procs() {
					if p.pid == pid {
						err = nil
					}
				}
			} else {
				err = c.killOne(pid, hard)
			}
			if err != nil {
				c.errf("sh: kill: (%d) - %v\n", pid, err)
				code = 1
			}
		}
	}
	return code
}

func (c *call) killOne(pid int, hard bool) error {
	err := fmt.Errorf("No such process")
	c.on(func(w *world.World, h *world.Host) {
		for _, u := range h.Units {
			if u.MainPID != pid || pid == 0 {
				continue
			}
			if c.user != world.Root && u.User() != string(c.user) {
				err = fmt.Errorf("Operation not permitted")
				return
			}
			w.KillProcess(h, pid, hard)
			err = nil
			return
		}
	})
	return err
}

func cmdPs(c *call) int {
	want, noHead := 0, false
	format := "pid,user,cmd"
	for i := 0; i < len(c.args); i++ {
		switch a := c.args[i]; {
		case (a == "-p" || a == "--pid") && i+1 < len(c.args):
			i++
			n, err := strconv.Atoi(c.args[i])
			if err != nil {
				return c.fail("process ID list syntax error")
			}
			want = n
		case a == "-o" && i+1 < len(c.args):
			i++
			format = strings.ReplaceAll(c.args[i], "=", "")
			noHead = strings.HasSuffix(c.args[i], "=")
		}
	}
	cols := strings.Split(format, ",")
	if !noHead {
		c.outf("%s\n", strings.ToUpper(strings.Join(cols, " ")))
	}
	code := 0
	if want != 0 {
		code = 1
	}
	for _, p := range c.procs() {
		if want != 0 && p.pid != want {
			continue
		}
		code = 0
		var out []string
		for _, col := range cols {
			switch col {
			case "pid":
				out = append(out, strconv.Itoa(p.pid))
			case "user", "euser":
				out = append(out, p.user)
			case "comm":
				name, _, _ := strings.Cut(p.cmd, " ")
				out = append(out, name[strings.LastIndexByte(name, '/')+1:])
			default:
				out = append(out, p.cmd)
			}
		}
		c.outf("%s\n", strings.Join(out, " "))
	}
	return code
}

func cmdPower(c *call) int {
	if c.user != world.Root {
		return c.fail("Interactive authentication required.")
	}
	off := c.name == "poweroff" || c.name == "shutdown" && !strings.Contains(strings.Join(c.args, " "), "-r")
	verb := "reboot"
	if off {
		verb = "poweroff"
	}
	c.on(func(w *world.World, h *world.Host) { w.Systemctl(h, c.user, []string{verb}) })
	return 0
}
