package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/drill/fleet/receivers"
	"github.com/virtengine/relight/drill/fleet/shell"
	"github.com/virtengine/relight/drill/world"
)

// Options is what a fleet needs.
type Options struct {
	World world.World
	Clock *clock.Rehearsal
	// Dir is a folder of the caller's for keys and tokens; it is made 0700.
	Dir string
	// Save keeps the world after a change, before the change is answered. It
	// runs under the fleet's lock, must not keep the value's slices and maps
	// after it returned, and may be nil.
	Save func(world.World) error
	// Quick: nobody sits here who should feel how long a connection to a host
	// that is cut off takes; it times out at once, by a clock that stands still.
	Quick bool
}

// Fleet is a running fleet.
type Fleet struct {
	opt    Options
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	hangs  *hangs
	shell  shell.Shell
	client ssh.PublicKey // the one that may log in

	mu       sync.Mutex
	w        world.World
	saved    uint64 // revision and posts that were saved
	posts    int
	life     uint64
	changed  chan struct{} // closed when something answers differently
	err      error
	machines map[string]*machine
	services map[string]*door // slack, discord, statuspage
}

// Start opens the ports. Close ends them, and so does ctx.
func Start(ctx context.Context, opt Options) (*Fleet, error) {
	if opt.Clock == nil || opt.Dir == "" {
		return nil, errors.New("starting the rehearsal fleet: it needs a clock and a folder")
	}
	f := &Fleet{opt: opt, w: opt.World, hangs: newHangs(opt.Clock), changed: make(chan struct{}),
		machines: map[string]*machine{}, services: map[string]*door{}}
	f.saved, f.posts = f.w.Revision, f.mail()
	f.ctx, f.cancel = context.WithCancel(ctx)
	if err := f.open(); err != nil {
		f.Close()
		return nil, fmt.Errorf("starting the rehearsal fleet: %w", err)
	}
	context.AfterFunc(f.ctx, f.shut)
	opt.Clock.OnMove(f.touch)
	return f, nil
}

func (f *Fleet) open() error {
	if err := os.MkdirAll(filepath.Join(f.opt.Dir, "ssh"), 0o700); err != nil {
		return err
	}
	key, err := clientKey(filepath.Join(f.opt.Dir, "ssh", "id_ed25519"))
	if err != nil {
		return err
	}
	f.client = key
	if err := f.writeTokens(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.w.Hosts {
		m, err := f.newMachine(h)
		if err != nil {
			return err
		}
		f.machines[h.Name] = m
	}
	if err := f.writeDSNs(); err != nil {
		return err
	}
	for name, handler := range receivers.All(f.receive) {
		d, err := newDoor(f.serveHTTP(handler))
		if err != nil {
			return err
		}
		f.services[name] = d
	}
	f.w.Advance(f.opt.Clock.Now())
	f.arrange()
	if f.err != nil {
		return f.err
	}
	return f.writeKnownHosts()
}

// do looks at or changes the world at the present time, alone.
func (f *Fleet) do(what func(*world.World)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.w.Advance(f.opt.Clock.Now())
	what(&f.w)
	if f.w.Life != f.life {
		f.arrange()
	}
}

// touch brings the world to the present time.
func (f *Fleet) touch() { f.do(func(*world.World) {}) }

// receive is do for the receivers: it moves no time, and saves what arrived.
func (f *Fleet) receive(what func(w *world.World, in receivers.Moment)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	what(&f.w, receivers.Moment{Now: f.opt.Clock.Now(), Token: drillToken})
	if f.w.Life != f.life {
		f.arrange()
	}
	return f.saveLocked()
}

func (f *Fleet) mail() int {
	n := len(f.w.Posts)
	for _, p := range f.w.Posts {
		n += p.Edits
	}
	for _, i := range f.w.Incidents {
		n += 1 + len(i.Updates)
	}
	return n
}

// save keeps the world if something changed since it was last kept.
func (f *Fleet) save() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.saveLocked()
}

func (f *Fleet) saveLocked() error {
	if f.w.Revision == f.saved && f.mail() == f.posts {
		return nil
	}
	if f.opt.Save != nil {
		if err := f.opt.Save(f.w); err != nil {
			f.err = fmt.Errorf("saving the rehearsal world: %w", err)
			return f.err
		}
	}
	f.saved, f.posts = f.w.Revision, f.mail()
	return nil
}

// Err is the first thing that went wrong with the fleet itself, such as a
// world that could not be saved.
func (f *Fleet) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// World is a copy of the world at the present time, for tests and for the
// report of a drill. The cockpit must not see it.
func (f *Fleet) World() world.World {
	var c world.World
	f.do(func(w *world.World) { c = w.Clone() })
	return c
}

// Fault makes a fault now, Mend ends it. The world is saved.
func (f *Fleet) Fault(name, target string) error {
	return f.change(func(w *world.World) error { return w.Fault(name, target) })
}

// Mend ends a fault now.
func (f *Fleet) Mend(name, target string) error {
	return f.change(func(w *world.World) error { return w.Mend(name, target) })
}

func (f *Fleet) change(what func(*world.World) error) error {
	var err error
	f.do(func(w *world.World) { err = what(w) })
	if err != nil {
		return err
	}
	return f.save()
}

// Received is every message that arrived, in the order of arrival by service.
func (f *Fleet) Received() []receivers.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return receivers.Messages(&f.w)
}

// arrange opens and closes ports as the world says. The lock is held.
func (f *Fleet) arrange() {
	f.life = f.w.Life
	if f.ctx.Err() != nil {
		return
	}
	for _, h := range f.w.Hosts {
		if m := f.machines[h.Name]; m != nil {
			if err := m.arrange(h); err != nil && f.err == nil {
				f.err = err
			}
		}
	}
	for _, name := range receivers.Names() {
		if d := f.services[name]; d != nil {
			if err := d.set(!f.w.Receivers[name].Down); err != nil && f.err == nil {
				f.err = err
			}
		}
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

// waitHung keeps a caller waiting, on purpose, until what answers changes. It
// says whether the caller is still there; gone is closed when it is not. Time
// stands still meanwhile: one look asks many nodes under one token, so a hang
// that counted as idle would let time run while the others still answer. The
// caller's own transport deadline, in real time, ends it.
func (f *Fleet) waitHung(changed <-chan struct{}, gone <-chan struct{}) bool {
	select {
	case <-changed:
		return true
	case <-gone:
	case <-f.ctx.Done():
	}
	return false
}

// Dial connects to a port of the fleet. A host that is down refuses. Closing
// the connection gives back the Busy token of a caller whose script sleeps, so
// close it before the token is given back.
func (f *Fleet) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	f.touch()
	if f.cutOff(addr) {
		return nil, f.unanswered(ctx, network, addr)
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	f.hangs.enter(c.LocalAddr().String())
	return &dialed{Conn: c, hangs: f.hangs}, nil
}

type dialed struct {
	net.Conn
	hangs *hangs
	once  sync.Once
}

func (d *dialed) Close() error {
	d.once.Do(func() { d.hangs.leave(d.Conn.LocalAddr().String()) })
	return d.Conn.Close()
}

// Close ends every connection and port and waits for what runs.
func (f *Fleet) Close() error {
	f.cancel()
	f.shut()
	f.wg.Wait()
	return nil
}

func (f *Fleet) shut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.machines {
		m.remove()
	}
	for _, d := range f.services {
		d.remove()
	}
}
