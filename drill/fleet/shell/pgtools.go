package shell

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// cmdPgCtl is pg_ctl with -D: start, stop and status of a server of one's own.
func cmdPgCtl(c *call) int {
	f, err := parseFlags(c.args, "D= pgdata= w W s t= o= l= log= m= mode= options=")
	if err != nil || len(f.rest) != 1 || f.last("D", "pgdata") == "" {
		return c.usage("no operation specified, or no database directory: pg_ctl -D DIR start|stop|status")
	}
	if !c.asPostgres() {
		return 1
	}
	dir := abs(c.dir, f.last("D", "pgdata"))
	port := world.PGPort
	words := strings.Fields(strings.ReplaceAll(f.last("o", "options"), "=", " "))
	for i, word := range words {
		if (word == "-p" || word == "port") && i+1 < len(words) {
			if n, err := strconv.Atoi(words[i+1]); err == nil {
				port = n
			}
		}
	}
	running, why := false, ""
	c.on(func(w *world.World, h *world.Host) {
		var s *world.Server
		for _, one := range h.Servers {
			if one.Dir == dir {
				s, running = one, true
			}
		}
		switch {
		case f.rest[0] == "start" && s == nil:
			w.NextPID += 3
			why = w.StartServer(h, dir, port, "", w.NextPID)
			w.Touched()
		case f.rest[0] == "stop" && s != nil:
			w.StopServer(h, s, f.last("m", "mode") != "immediate")
			w.Touched()
		}
	})
	switch verb := f.rest[0]; {
	case why != "":
		c.outf("waiting for server to start.... stopped waiting\n")
		c.errf("%s\npg_ctl: could not start server\nExamine the log output.\n", why)
		return 1
	case verb == "start" && running:
		c.errf("pg_ctl: another server might be running; trying to start server anyway\npg_ctl: could not start server\n")
		return 1
	case verb == "start":
		c.outf("waiting for server to start.... done\nserver started\n")
	case verb == "stop" && !running:
		c.errf("pg_ctl: PID file \"%s/postmaster.pid\" does not exist\nIs server running?\n", dir)
		return 1
	case verb == "stop":
		c.outf("waiting for server to shut down.... done\nserver stopped\n")
	case verb == "status" && running:
		c.outf("pg_ctl: server is running\n")
	case verb == "status":
		c.outf("pg_ctl: no server running\n")
		return 3
	default:
		return c.usage("unrecognized operation mode \"%s\"", verb)
	}
	return 0
}

// cmdPgCtlCluster is Debian's: it hands over to systemd.
func cmdPgCtlCluster(c *call) int {
	f, err := parseFlags(c.args, "m= mode= f force skip-systemctl-redirect")
	if err != nil || len(f.rest) < 3 {
		return c.usage("Usage: pg_ctlcluster <version> <cluster> <action>")
	}
	if f.rest[0] != "15" || f.rest[1] != "main" {
		return c.fail("Error: specified cluster '%s %s' does not exist", f.rest[0], f.rest[1])
	}
	return c.as(c.user, []string{"systemctl", f.rest[2], world.PGUnit}).run()
}

func cmdPgLs(c *call, f flags) int {
	if !f.has("h") {
		c.outf("Ver Cluster Port Status          Owner    Data directory              Log file\n")
	}
	status := "down"
	c.on(func(_ *world.World, h *world.Host) {
		if s := h.Server(world.PGPort); s != nil {
			if status = "online"; s.Mode != world.Primary {
				status = "online,recovery"
			}
		}
	})
	c.outf("15  main    5432 %-15s postgres %s /var/log/postgresql/postgresql-15-main.log\n", status, world.PGData)
	return 0
}

func cmdPgControl(c *call) int {
	dir := world.PGData
	for _, a := range c.args {
		if a != "-D" {
			dir = abs(c.dir, a)
		}
	}
	text, ok := "", false
	denied := c.access(c.ctx, dir, 1)
	c.on(func(_ *world.World, h *world.Host) { text, ok = h.ControlData(dir) })
	if denied != nil || !ok {
		return c.fail("error: could not open file \"%s/global/pg_control\" for reading: %s", dir,
			map[bool]string{true: "Permission denied", false: "No such file or directory"}[denied == world.ErrDenied])
	}
	c.print(text)
	return 0
}

func cmdPgVerify(c *call, f flags) int {
	if len(f.rest) != 1 {
		return c.usage("error: no backup directory specified")
	}
	dir := abs(c.dir, f.rest[0])
	if err := c.access(c.ctx, dir, 1); err != nil {
		return c.fail("error: could not open directory \"%s\": %v", dir, err)
	}
	var wrong []string
	c.on(func(_ *world.World, h *world.Host) { wrong = h.VerifyBackup(dir) })
	for _, line := range wrong {
		c.errf("pg_verifybackup: error: %s\n", line)
	}
	if len(wrong) > 0 {
		return 1
	}
	if !f.has("q") {
		c.outf("backup successfully verified\n")
	}
	return 0
}

func cmdPgWaldump(c *call, f flags) int {
	from, ok := world.ParseLSN(f.last("s", "start"))
	tli, err := strconv.Atoi(firstSet(f.last("t", "timeline"), "1"))
	dir := abs(c.dir, firstSet(f.last("p", "path"), world.PGData+"/pg_wal"))
	if !ok || err != nil {
		return c.fail("error: invalid WAL location: \"%s\"", f.last("s", "start"))
	}
	if err := c.access(c.ctx, dir, 1); err != nil {
		return c.fail("error: could not open directory \"%s\": %v", dir, err)
	}
	text := ""
	c.on(func(w *world.World, h *world.Host) { text, ok = w.CommitsAfter(h, dir, tli, from) })
	if !ok {
		return c.fail("error: could not find a valid record after %s", from)
	}
	c.print(text)
	// The end of the WAL is an error to it, always.
	return c.fail("error: error in WAL record: invalid record length: wanted 24, got 0")
}

func firstSet(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func cmdPgRewind(c *call, f flags) int {
	if !c.asPostgres() {
		return 1
	}
	dir, from := abs(c.dir, f.last("D", "target-pgdata")), f.last("source-server")
	out := ""
	err := fmt.Errorf("no source specified (--source-pgdata or --source-server)")
	c.on(func(w *world.World, h *world.Host) {
		src := w.Host(hostOf(from))
		switch {
		case from == "":
		case src == nil:
			err = errNoSuchHost
		default:
			out, err = w.Rewind(h, dir, src, from, f.has("R", "write-recovery-conf"), f.has("n", "dry-run"))
		}
	})
	c.print(out)
	if err != nil {
		return c.fail("error: %v", err)
	}
	return 0
}

// copyTakes is how long a base backup of the rehearsal's database takes.
const copyTakes = 4 * time.Second

func cmdPgBase(c *call, f flags) int {
	if !c.asPostgres() {
		return 1
	}
	dir := abs(c.dir, f.last("D", "pgdata"))
	on, _, _ := c.pgServer(f.last("h", "host"), "")
	began := c.worldNow()
	if err := c.m.Sleep(c.ctx, copyTakes); err != nil {
		return 143
	}
	err := errNoSuchHost
	conninfo := "host=" + on + " port=5432 user=" + firstSet(f.last("U", "username"), "postgres")
	label := firstSet(f.last("l", "label"), path.Base(dir))
	c.on(func(w *world.World, h *world.Host) {
		if src := w.Host(on); src != nil {
			err = w.BaseBackup(h, dir, src, label, conninfo, f.has("R", "write-recovery-conf"), began)
		}
	})
	if err != nil {
		return c.fail("error: %v", err)
	}
	return 0
}

// worldNow is the time, whatever the host's own clock says.
func (c *call) worldNow() (t time.Time) {
	c.on(func(w *world.World, _ *world.Host) { t = w.Now })
	return t
}
