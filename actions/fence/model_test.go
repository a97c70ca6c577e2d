package fence

import (
	"testing"
	"time"
)

// The model: two hosts, the cockpit's knowledge of them, and everything that
// may happen in any order. Heights are relative: a mark is above all that the
// key signed, or not. A reading holds what was true when it was read, and one
// bit says whether it is fresh. Ten blocks pass at a time.

type host struct {
	up, live  bool // process runs; runs with the key loaded
	fenced    bool
	keyThere  bool // the key is in place on disk
	markAbove bool // the sign state in place is above all signed
	staged    bool
	stagedUp  bool // the staged mark is above all signed
	cut       bool // cannot be reached
}

type reading struct {
	known, fresh             bool
	up, live, fenced, key    bool
	mark, staged, stagedMark bool
}

// expired is an old reading. It keeps nothing of what it said but becomes the
// most tempting one there is: if that is refused, all are, and the model stays
// small.
func (r reading) expired() reading {
	if !r.known {
		return r
	}
	return reading{known: true, fenced: true, mark: true, staged: true, stagedMark: true}
}

type world struct {
	h       [2]host
	r       [2]reading
	stopped [2]bool // the cockpit saw it stopped and fenced, without a break since
	silent  bool    // ten blocks without the key since then
	last    int     // who signed last
}

// ask builds the evidence for a start on host t from what the cockpit knows.
func (w world) ask(t int) Evidence {
	names := [2]string{"val-2", "val-2s"}
	o := 1 - t
	e := failover()
	if w.last == t {
		e = restart()
	}
	e.Target, e.Old, e.Hosts = names[t], names[o], names[:]
	fresh, stale := ago(time.Second), ago(11*time.Minute)
	at := func(r reading) time.Time {
		if r.fresh {
			return fresh
		}
		return stale
	}
	if e.Kind == Elsewhere {
		e.StoppedAt = time.Time{}
		if w.stopped[o] {
			e.StoppedAt = stopped
		}
		if !w.silent {
			e.Silence = nil
		}
	} else {
		e.Old = ""
	}
	e.Holders = []Holder{{Host: names[o], Standby: o == 1}}
	if r := w.r[o]; r.known {
		h := &e.Holders[0]
		u := Unit{"inactive", "dead", "0", "enabled", "", "no"}
		if r.up {
			u = Unit{"active", "running", "77", "enabled", "", "no"}
			h.Processes, h.Refuses = Saw(1, at(r), "ssh"), Saw(false, at(r), "rpc")
			h.Shows = Saw(shownKey(r.live), at(r), "rpc")
		} else {
			h.Processes, h.Refuses = Saw(0, at(r), "ssh"), Saw(true, at(r), "rpc")
		}
		if r.fenced {
			u.DropInPaths = fencedUnit().DropInPaths
		}
		h.Unit, h.KeyThere = Saw(u, at(r), "ssh"), Saw(r.key, at(r), "ssh")
		h.State = Saw(SignState{1000, 0, 3}, at(r), "file")
	}
	r := w.r[t]
	e.TargetIs.Mark, e.TargetIs.Staged, e.TargetIs.Shows = Fact[SignState]{}, Fact[string]{}, Fact[string]{}
	if !r.known {
		return e
	}
	mark := r.mark
	if e.Kind == Elsewhere {
		if mark = r.stagedMark; !r.staged {
			return e
		}
		e.TargetIs.Staged = Saw(keyA, at(r), "file")
	}
	e.TargetIs.Mark = Saw(SignState{Height: 900}, at(r), "file")
	if mark {
		e.TargetIs.Mark.V = SignState{1001, 0, 0}
	}
	if r.up {
		e.TargetIs.Shows = Saw(shownKey(r.live), at(r), "rpc")
	}
	return e
}

func shownKey(live bool) string {
	if live {
		return keyA
	}
	return keyB
}

// next are all worlds one event away. start is asked before a start.
func (w world) next(allowed func(world, int) bool, violated func(string)) []world {
	var out []world
	add := func(f func(*world)) {
		n := w
		f(&n)
		out = append(out, n)
	}
	for i := range w.h {
		o := 1 - i
		if !w.h[i].cut {
			// The cockpit reads.
			add(func(n *world) {
				h := n.h[i]
				n.r[i] = reading{true, true, h.up, h.live, h.fenced, h.keyThere, h.markAbove, h.staged, h.stagedUp}
				now := !h.up && h.fenced
				if now && !n.stopped[i] {
					n.silent = false
				}
				n.stopped[i] = now
			})
			// A stop that succeeds, with or without an answer. One that lies changes nothing.
			add(func(n *world) { n.h[i].up, n.h[i].live = false, false })
			add(func(n *world) { n.h[i].fenced = true })
			add(func(n *world) { n.h[i].keyThere = false })
			if w.last != i {
				add(func(n *world) { n.h[i].staged, n.h[i].stagedUp = true, true })
			}
		} else {
			add(func(n *world) { n.r[i] = reading{} })
		}
		// A reboot starts what is not fenced; so does a person who does not look.
		boot := func(n *world) {
			h := &n.h[i]
			h.up = !h.fenced
			h.live = h.up && h.keyThere
		}
		add(boot)
		if !w.h[i].up {
			add(func(n *world) { boot(n) })
		}
		// A person unfences by hand, and says so. That nobody may do while the
		// other may sign: no evidence helps against it.
		if w.h[i].fenced && !w.h[o].keyThere && !w.h[o].live {
			add(func(n *world) { n.h[i].fenced, n.r[i], n.stopped[i], n.silent = false, n.r[i].expired(), false, false })
		}
		add(func(n *world) { n.h[i].cut = !n.h[i].cut })
		if allowed(w, i) {
			out = append(out, w.start(i, violated)...)
		}
	}
	// Ten blocks pass.
	add(func(n *world) {
		n.silent = n.stopped[0] || n.stopped[1]
		for i := range n.h {
			if n.h[i].live {
				n.silent, n.last = false, i
				n.h[i].markAbove = true
				n.h[1-i].markAbove, n.h[0].stagedUp, n.h[1].stagedUp = false, false, false
				// What was read is now below the chain's last signature, which
				// the witnesses show.
				for k := range n.r {
					n.r[k].mark, n.r[k].stagedMark = false, false
				}
			}
		}
	})
	add(func(n *world) { n.r[0], n.r[1] = n.r[0].expired(), n.r[1].expired() })
	add(func(n *world) { n.r, n.stopped, n.silent = [2]reading{}, [2]bool{}, false })
	return out
}

// start are the outcomes of an allowed start: done, done in part, not at all.
func (w world) start(i int, violated func(string)) []world {
	o := w.h[1-i]
	switch {
	case o.live:
		violated("a start while the other host signs")
	case o.keyThere && !o.fenced:
		violated("a start while the other host would sign after a reboot")
	}
	place := func(n *world) {
		h := &n.h[i]
		if w.last != i {
			if !h.stagedUp {
				violated("a start with a mark below what was signed")
			}
			h.markAbove, h.keyThere, h.staged, h.stagedUp = h.stagedUp, true, false, false
		} else if h.keyThere && !h.markAbove {
			violated("a restart with a mark below what was signed")
		}
		h.fenced = false
		n.r[i], n.stopped[i], n.silent = reading{}, false, false
	}
	done, part := w, w
	place(&done)
	done.h[i].up, done.h[i].live = true, done.h[i].keyThere
	place(&part)
	part.h[i].up, part.h[i].live = false, false
	return []world{done, part}
}

// explore visits every reachable world and returns how many there are, the
// first violation, whether the standby ever signed, and the way there.
func explore(judge func(Evidence) bool, limit int) (n int, violation string, reached bool, path []world) {
	type question struct {
		r       [2]reading
		stopped [2]bool
		silent  bool
		last, t int
	}
	memo := map[question]bool{}
	allowed := func(w world, t int) bool {
		q := question{w.r, w.stopped, w.silent, w.last, t}
		a, ok := memo[q]
		if !ok {
			a = judge(w.ask(t))
			memo[q] = a
		}
		return a && !w.h[t].cut
	}
	violated := func(s string) {
		if violation == "" {
			violation = s
		}
	}
	first := world{last: 0}
	first.h[0] = host{up: true, live: true, keyThere: true, markAbove: true}
	first.h[1] = host{up: true}
	type visit struct {
		w    world
		from int
	}
	seen := map[uint64]bool{first.pack(): true}
	all := []visit{{first, -1}}
	for i := 0; i < len(all); i++ {
		w := all[i].w
		if w.h[0].live && w.h[1].live {
			violated("two hosts sign with one key")
		}
		if violation != "" {
			for ; i >= 0; i = all[i].from {
				path = append([]world{all[i].w}, path...)
			}
			break
		}
		reached = reached || w.h[1].live
		for _, x := range w.next(allowed, violated) {
			if p := x.pack(); !seen[p] && len(seen) < limit {
				seen[p] = true
				all = append(all, visit{x, i})
			}
		}
	}
	return len(seen), violation, reached, path
}

// pack is the world as a number.
func (w world) pack() uint64 {
	n := uint64(w.last)
	put := func(bits ...bool) {
		for _, b := range bits {
			if n <<= 1; b {
				n |= 1
			}
		}
	}
	for i := range w.h {
		h, r := w.h[i], w.r[i]
		put(h.up, h.live, h.fenced, h.keyThere, h.markAbove, h.staged, h.stagedUp, h.cut)
		put(r.known, r.fresh, r.up, r.live, r.fenced, r.key, r.mark, r.staged, r.stagedMark, w.stopped[i])
	}
	put(w.silent)
	return n
}

// modelLimit only keeps a mistake in the model from filling the memory: all
// reachable worlds are fewer.
const modelLimit = 3_000_000

// TestModel: whatever happens in whatever order, no start is allowed while the
// other host signs or could, or with a mark below what was signed; and a start
// of the standby is possible.
func TestModel(t *testing.T) {
	n, violation, reached, path := explore(func(e Evidence) bool { return Judge(e, noon).Allow }, modelLimit)
	if violation != "" || !reached || n >= modelLimit {
		t.Errorf("%d worlds: %q, standby reached %v", n, violation, reached)
		for _, w := range path {
			t.Logf("%+v", w)
		}
	}
	t.Logf("%d worlds", n)
}

// TestModelFinds: the model is worth something only if it finds a judge that
// is too mild. Each of these leaves one thing out.
func TestModelFinds(t *testing.T) {
	for name, mild := range map[string]func(*Evidence){
		"stopped is enough": func(e *Evidence) {
			for i := range e.Holders {
				e.Holders[i].Unit.V.DropInPaths = fencedUnit().DropInPaths
			}
		},
		"old readings count": func(e *Evidence) {
			for i := range e.Holders {
				h := &e.Holders[i]
				for _, at := range []*time.Time{&h.Unit.At, &h.Processes.At, &h.Refuses.At, &h.KeyThere.At, &h.Shows.At} {
					if !at.IsZero() {
						*at = ago(time.Second)
					}
				}
			}
		},
		"a time-out is a proof": func(e *Evidence) {
			for i := range e.Holders {
				if h := &e.Holders[i]; !h.Unit.Known() {
					*h = failover().Holders[0]
					h.Host = e.Holders[i].Host
					e.StoppedAt = stopped
				}
			}
		},
		"any mark will do": func(e *Evidence) {
			if e.TargetIs.Mark.Known() {
				e.TargetIs.Mark.V = SignState{Height: 2000}
			}
		},
	} {
		_, violation, _, _ := explore(func(e Evidence) bool { mild(&e); return Judge(e, noon).Allow }, modelLimit)
		if violation == "" {
			t.Errorf("%s: the model finds nothing", name)
		}
	}
}
