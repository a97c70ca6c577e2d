package fleet

import (
	"errors"
	"net"
	"os"
	"path/filepath"

	"github.com/virtengine/relight/drill/fleet/pgwire"
	"github.com/virtengine/relight/drill/world"
)

// errGone says that the server behind a connection is not there any more.
var errGone = errors.New("the server is gone")

// serveDatabase is the port of a host's database.
func (f *Fleet) serveDatabase(m *machine) func(net.Listener) func() {
	return func(l net.Listener) func() {
		open := &conns{open: map[net.Conn]bool{}}
		f.wg.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return // the door is shut
				}
				open.add(c)
				f.wg.Go(func() {
					defer open.remove(c)
					f.session(m, c)
				})
			}
		})
		return func() {
			l.Close()
			open.closeAll()
		}
	}
}

// session is one connection to a database. A host that hangs takes it and says
// nothing.
func (f *Fleet) session(m *machine, c net.Conn) {
	pid := 0
	if !f.database(m, func(_ *world.World, _ *world.Host, s *world.Server) { pid = s.PID }) {
		c.Close()
		return
	}
	pgwire.Serve(c, uint32(pid), func(sql string) (rows world.Rows, err error) {
		same := false
		if !f.database(m, func(w *world.World, h *world.Host, s *world.Server) {
			if same = s.PID == pid; same {
				// Whoever comes over the network is no superuser.
				rows, err = w.SQL(h, s, world.Session{}, sql)
			}
		}) || !same {
			return rows, errGone
		}
		return rows, err
	})
}

// database gives look the server of a machine once it answers. It says whether
// there is one.
func (f *Fleet) database(m *machine, look func(*world.World, *world.Host, *world.Server)) bool {
	for {
		state := ""
		var changed <-chan struct{}
		f.do(func(w *world.World) {
			changed = f.changed
			h := w.Host(m.name)
			if state = h.DatabaseState(); state == "up" {
				look(w, h, h.Server(world.PGPort))
			}
		})
		if state == "up" {
			return true
		}
		if state != "hang" || !f.waitHung(changed, nil) {
			return false
		}
	}
}

// dsnPath is where the connection string of a database lies: it is a secret in
// a configuration, and in a drill no less.
func (f *Fleet) dsnPath(host string) string { return filepath.Join(f.opt.Dir, "tokens", "dsn-"+host) }

// writeDSNs writes how the databases are reached: db-1 at its port, the others
// through their hosts, as a server that listens on its loopback alone.
func (f *Fleet) writeDSNs() error {
	for name, m := range f.machines {
		if m.pg == nil {
			continue
		}
		dsn := "postgres://relight@" + m.pg.addr + "/virtengine_db?sslmode=disable"
		if name != "db-1" {
			dsn = "ssh:postgres://relight@127.0.0.1:5432/virtengine_db?sslmode=disable"
		}
		if err := os.WriteFile(f.dsnPath(name), []byte(dsn+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}
