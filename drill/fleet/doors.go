package fleet

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/virtengine/relight/drill/fleet/chainrpc"
	"github.com/virtengine/relight/drill/world"
)

// door is one port of the loopback: open, somebody serves it; closed, it
// refuses. The port stays the same.
type door struct {
	addr    string
	serve   func(net.Listener) (end func())
	end     func() // nil while closed
	release func() // gives the port back
}

// newDoor takes a port. The door is closed.
func newDoor(serve func(net.Listener) func()) (*door, error) {
	addr, release, err := reserve()
	if err != nil {
		return nil, fmt.Errorf("taking a port of the loopback: %w", err)
	}
	return &door{addr: addr, serve: serve, release: release}, nil
}

func (d *door) set(open bool) error {
	switch {
	case open && d.end == nil:
		l, err := net.Listen("tcp4", d.addr)
		if err != nil {
			return fmt.Errorf("opening a port of the rehearsal fleet again: %w", err)
		}
		d.end = d.serve(l)
	case !open:
		d.shut()
	}
	return nil
}

func (d *door) shut() {
	if d != nil && d.end != nil {
		d.end()
		d.end = nil
	}
}

// remove shuts the door for good.
func (d *door) remove() {
	if d == nil || d.release == nil {
		return
	}
	d.shut()
	d.release()
	d.release = nil
}

// port is the number of the door's port.
func (d *door) port() string {
	_, p, _ := net.SplitHostPort(d.addr)
	return p
}

// machine is the outside of one host.
type machine struct {
	name  string
	ssh   *door
	rpc   *door // chain hosts
	rest  *door // some of them
	svc   *door // the health of a provider, a database's or a monitor's service
	pg    *door // of a database
	conns *conns
	pid   int // of the process behind rpc
	pgPID int // of the server behind pg
	boots int
}

func (f *Fleet) newMachine(h *world.Host) (*machine, error) {
	m := &machine{name: h.Name, conns: &conns{open: map[net.Conn]bool{}}}
	var err error
	door := func(serve func(net.Listener) func()) *door {
		d, derr := newDoor(serve)
		if derr != nil && err == nil {
			err = derr
		}
		return d
	}
	m.ssh = door(func(l net.Listener) func() { return f.serveSSH(m, l) })
	switch {
	case h.Role == "database":
		m.pg = door(f.serveDatabase(m))
	case h.Role == "chain":
		m.rpc = door(f.serveHTTP(f.chainHandler(h.Name, false)))
		if h.Name == "val-1" || h.Name == "val-3" {
			m.rest = door(f.serveHTTP(f.chainHandler(h.Name, true)))
		}
	case h.Role == "provider" || h.Role == "monitor":
		m.svc = door(f.serveHTTP(f.serviceHandler(h.Name)))
	}
	return m, err
}

// arrange makes the ports what the host is.
func (m *machine) arrange(h *world.Host) error {
	var errs []error
	if m.boots != h.Boots || h.Power != world.On {
		// The machine went down since: nothing of it lives on.
		m.conns.closeAll()
		m.ssh.shut()
		m.rpc.shut()
		m.rest.shut()
		m.pg.shut()
		m.boots = h.Boots
	}
	errs = append(errs, m.ssh.set(h.SSHState() != "refused"))
	if m.rpc != nil {
		pid := 0
		if h.Proc != nil {
			pid = h.Proc.PID
		}
		if pid != m.pid { // another process: the old one's connections are gone
			m.rpc.shut()
			m.rest.shut()
			m.pid = pid
		}
		errs = append(errs, m.rpc.set(h.RPCState() != "refused"))
		if m.rest != nil {
			errs = append(errs, m.rest.set(h.RPCState() != "refused"))
		}
	}
	if m.svc != nil {
		u := h.Units[0]
		errs = append(errs, m.svc.set(h.Power == world.On && u.Active == "active"))
	}
	if m.pg != nil {
		pid := 0
		if s := h.Server(world.PGPort); s != nil {
			pid = s.PID
		}
		if pid != m.pgPID {
			m.pg.shut()
			m.pgPID = pid
		}
		errs = append(errs, m.pg.set(h.DatabaseState() != "refused"))
	}
	return errors.Join(errs...)
}

func (m *machine) remove() {
	m.pg.remove()
	m.ssh.remove()
	m.rpc.remove()
	m.rest.remove()
	m.svc.remove()
	m.conns.closeAll()
}

// conns are the SSH connections of a machine.
type conns struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

func (c *conns) add(n net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[n] = true
}

func (c *conns) remove(n net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, n)
}

func (c *conns) closeAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := range c.open {
		n.Close()
		delete(c.open, n)
	}
}

// serveHTTP is a door that serves h.
func (f *Fleet) serveHTTP(h http.Handler) func(net.Listener) func() {
	return func(l net.Listener) func() {
		s := &http.Server{Handler: h}
		f.wg.Go(func() { s.Serve(l) }) // ends when the door is shut
		return func() { s.Close() }
	}
}

// maxBody is more than any request has.
const maxBody = 1 << 20

// chainHandler is the RPC or REST port of a host.
func (f *Fleet) chainHandler(host string, rest bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			return
		}
		f.answer(w, r, func(h *world.Host) string { return h.RPCState() }, host, func(w *world.World, h *world.Host) chainrpc.Answer {
			if rest {
				return chainrpc.REST(w, h, r.URL.Path)
			}
			return chainrpc.RPC(w, h, r.Method, r.URL.Path, r.URL.RawQuery, body)
		})
	})
}

// answer answers, hangs or cuts the connection, as the host is.
func (f *Fleet) answer(w http.ResponseWriter, r *http.Request, state func(*world.Host) string, host string,
	give func(*world.World, *world.Host) chainrpc.Answer) {
	for {
		var a chainrpc.Answer
		var is string
		var changed <-chan struct{}
		f.do(func(wd *world.World) {
			changed = f.changed
			h := wd.Host(host)
			if is = state(h); is == "up" {
				a = give(wd, h)
			}
		})
		switch is {
		case "up":
			w.Header().Set("Content-Type", a.Type)
			w.WriteHeader(a.Status)
			w.Write(a.Body)
			return
		case "hang":
			if f.waitHung(changed, r.Context().Done()) {
				continue
			}
		}
		// No process: no answer either, the connection just ends.
		panic(http.ErrAbortHandler)
	}
}

// serviceHandler is the health of a provider or of the monitoring.
func (f *Fleet) serviceHandler(host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := func(h *world.Host) string {
			switch {
			case h.Silent():
				return "hang"
			case h.Power != world.On || h.Units[0].Active != "active":
				return "refused"
			}
			return "up"
		}
		f.answer(w, r, state, host, func(_ *world.World, h *world.Host) chainrpc.Answer {
			switch r.URL.Path {
			case "/health", "/api/v1/health":
				return chainrpc.Answer{Status: http.StatusOK, Type: "text/plain; charset=utf-8", Body: []byte("ok\n")}
			case "/-/healthy", "/-/ready":
				return chainrpc.Answer{Status: http.StatusOK, Type: "text/plain; charset=utf-8", Body: []byte(h.Units[0].Name + " Server is Healthy.\n")}
			}
			return chainrpc.Answer{Status: http.StatusNotFound, Type: "text/plain; charset=utf-8", Body: []byte("404 page not found\n")}
		})
	})
}
