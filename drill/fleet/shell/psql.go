package shell

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

func databaseCommand(name string) command {
	switch name {
	case "psql":
		return cmdPsql
	case "pg_isready":
		return with("h= p= U= d= q t=", cmdPgReady)
	case "pg_ctl":
		return cmdPgCtl
	case "pg_ctlcluster":
		return cmdPgCtlCluster
	case "pg_lsclusters":
		return with("h", cmdPgLs)
	case "pg_controldata":
		return cmdPgControl
	case "pg_verifybackup":
		return with("n no-parse-wal q e s w=", cmdPgVerify)
	case "pg_waldump":
		return with("p= path= s= start= e= end= t= timeline= r= rmgr= n= q", cmdPgWaldump)
	case "pg_rewind":
		return with("D= target-pgdata= source-server= source-pgdata= R write-recovery-conf n dry-run P progress c restore-target-wal", cmdPgRewind)
	case "pg_basebackup":
		return with("D= pgdata= h= host= p= port= U= username= X= wal-method= c= checkpoint= R write-recovery-conf l= label= P progress S= slot= C v w", cmdPgBase)
	case "pg_amcheck":
		return with("a all d= database= heapallindexed parent-check rootdescend install-missing h= p= U= j= v q", cmdPgAmcheck)
	}
	return nil
}

// pgServer is the server that a client command means: by default that of this
// host. A name of another host of the fleet leads there, over the network.
func (c *call) pgServer(host, port string) (on string, n int, local bool) {
	n = world.PGPort
	if p, err := strconv.Atoi(port); err == nil {
		n = p
	}
	switch {
	case host == "" || strings.HasPrefix(host, "/"):
		return c.m.Host, n, true
	case host == "127.0.0.1" || host == "localhost":
		return c.m.Host, n, false
	}
	return host, n, false
}

// atServer gives f the server, as a client finds it; else it says why not.
func (c *call) atServer(host, port string, f func(*world.World, *world.Host, *world.Server, world.Session) error) (why string) {
	on, n, local := c.pgServer(host, port)
	where := "connection to server on socket \"/var/run/postgresql/.s.PGSQL." + strconv.Itoa(n) + "\" failed: "
	if !local {
		where = "connection to server at \"" + on + "\", port " + strconv.Itoa(n) + " failed: "
	}
	c.on(func(w *world.World, here *world.Host) {
		h := w.Host(on)
		switch {
		case h == nil:
			why = "could not translate host name \"" + on + "\" to address: Name or service not known"
		case h != here && (h.DatabaseState() == "hang" || here.Silent()):
			why = where + "timeout expired"
		case h.Power != world.On || h.Server(n) == nil:
			why = where + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
		case local && c.user != world.PGUser:
			why = where + "FATAL:  Peer authentication failed for user \"postgres\""
		default:
			if err := f(w, h, h.Server(n), world.Session{Super: c.user == world.PGUser}); err != nil {
				why = err.Error()
			}
		}
	})
	return why
}

// psqlArgs are the options of psql that take effect here.
type psqlArgs struct {
	commands         []string
	host, port, file string
	quiet, stop      bool
	sep              string
}

func parsePsql(args []string) (psqlArgs, error) {
	f, err := parseFlags(args, "A t q X x 1 w c= command= f= file= h= host= p= port= U= username= d= dbname= v= set= F= field-separator= "+
		"no-align tuples-only quiet no-psqlrc single-transaction no-password")
	if err != nil {
		return psqlArgs{}, err
	}
	a := psqlArgs{commands: append(f.val["c"], f.val["command"]...), host: f.last("h", "host"), port: f.last("p", "port"), file: f.last("f", "file"),
		quiet: f.has("q", "quiet"), sep: "|"}
	for _, v := range append(f.val["v"], f.val["set"]...) {
		k, val, _ := strings.Cut(v, "=")
		a.stop = a.stop || strings.EqualFold(k, "ON_ERROR_STOP") && val != "0" && val != "off"
	}
	if s := f.last("F", "field-separator"); s != "" {
		a.sep = s
	}
	return a, nil
}

// cmdPsql prints rows unaligned and without headings, whatever was asked: the
// scripts of runbooks read psql -At.
func cmdPsql(c *call) int {
	a, err := parsePsql(c.args)
	if err != nil {
		return c.usage("%v", err)
	}
	stop := a.stop || len(a.commands) > 0
	if len(a.commands) == 0 {
		text := ""
		if a.file != "" && a.file != "-" {
			if text, err = c.text(a.file); err != nil {
				return c.usage("error: %s: %v", a.file, err)
			}
		} else {
			text = c.readAll()
		}
		a.commands = []string{text}
	}
	code := 0
	for _, one := range a.commands {
		for _, q := range world.Statements(one) {
			var rows world.Rows
			bad := ""
			why := c.atServer(a.host, a.port, func(w *world.World, h *world.Host, s *world.Server, ses world.Session) error {
				var err error
				if rows, err = w.SQL(h, s, ses, q); err != nil {
					bad = err.Error()
				}
				return nil
			})
			switch {
			case why != "":
				return c.usage("error: %s", why)
			case bad != "":
				c.errf("ERROR:  %s\n", bad)
				if stop {
					return 1
				}
				code = 0
				continue
			}
			c.psqlPrint(a, rows)
		}
	}
	return code
}

func (c *call) psqlPrint(a psqlArgs, rows world.Rows) {
	if len(rows.Columns) == 0 {
		if !a.quiet {
			c.outf("%s\n", rows.Tag)
		}
		return
	}
	for _, row := range rows.Cells {
		var cells []string
		for _, v := range row {
			if v == nil {
				cells = append(cells, "")
				continue
			}
			cells = append(cells, *v)
		}
		c.outf("%s\n", strings.Join(cells, a.sep))
	}
}

func cmdPgReady(c *call, f flags) int {
	on, port, _ := c.pgServer(f.last("h"), f.last("p"))
	up := false
	c.on(func(w *world.World, _ *world.Host) {
		h := w.Host(on)
		up = h != nil && h.Power == world.On && !h.Silent() && h.Server(port) != nil
	})
	where := "/var/run/postgresql"
	if f.last("h") != "" {
		where = f.last("h")
	}
	if !up {
		c.outf("%s:%d - no response\n", where, port)
		return 2
	}
	c.outf("%s:%d - accepting connections\n", where, port)
	return 0
}

// cmdPgAmcheck finds pages that cannot be right. A server that holds no rows
// passes, as the real one does.
func cmdPgAmcheck(c *call, f flags) int {
	var damaged []string
	why := c.atServer(f.last("h"), f.last("p"), func(_ *world.World, h *world.Host, s *world.Server, _ world.Session) error {
		damaged = h.Damaged(s)
		return nil
	})
	if why != "" {
		c.errf("pg_amcheck: error: %s\n", why)
		return 1
	}
	for _, name := range damaged {
		c.outf("heap table \"virtengine_db.public.%s\", block 17, offset 3:\n    line pointer redirection to item at offset 0 precedes minimum offset 1\n", name)
	}
	if len(damaged) > 0 {
		return 2
	}
	return 0
}

// needs says that a command was run as the user postgres, or as who it must be.
func (c *call) asPostgres() bool {
	if c.user == world.PGUser {
		return true
	}
	if c.user == world.Root {
		c.errf("%s: error: cannot be executed by \"root\"\nPlease log in (using, e.g., \"su\") as the (unprivileged) user that owns the data directory.\n", c.name)
	} else {
		c.errf("%s: error: could not access the data directory: Permission denied\n", c.name)
	}
	return false
}

var errNoSuchHost = errors.New("could not translate host name to address: Name or service not known")

// hostOf reads host= of a connection string.
func hostOf(conninfo string) string {
	for _, kv := range strings.Fields(conninfo) {
		if h, ok := strings.CutPrefix(kv, "host="); ok {
			return h
		}
	}
	return ""
}

func (c *call) print(text string) { io.WriteString(c.out, text) }
