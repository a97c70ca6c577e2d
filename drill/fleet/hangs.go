package fleet

import (
	"strings"
	"sync"

	"github.com/virtengine/relight/clock"
)

// hangs keeps account of callers whose script sleeps. A key is the caller's
// address, with "#n" behind it for one channel of an SSH connection: each
// stands for one Busy token.
type hangs struct {
	clock *clock.Rehearsal
	mu    sync.Mutex
	n     map[string]int
	gone  map[string]bool // addresses and keys that gave up
}

func newHangs(c *clock.Rehearsal) *hangs {
	return &hangs{clock: c, n: map[string]int{}, gone: map[string]bool{}}
}

func addrOf(key string) string {
	addr, _, _ := strings.Cut(key, "#")
	return addr
}

// hang says that key waits. A caller that is gone has its token back already.
func (h *hangs) hang(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone[key] || h.gone[addrOf(key)] {
		return
	}
	if h.n[key]++; h.n[key] == 1 {
		h.clock.Hang(key)
	}
}

func (h *hangs) unhang(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.n[key] == 0 {
		return
	}
	if h.n[key]--; h.n[key] == 0 {
		delete(h.n, key)
		h.clock.Unhang(key)
	}
}

// leave gives back every token of an address, or of one key of it, and takes no
// more from there.
func (h *hangs) leave(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone[key] = true
	for k := range h.n {
		if k == key || addrOf(k) == key {
			delete(h.n, k)
			h.clock.Unhang(k)
		}
	}
}

// enter forgets what an address was before: ports are used again.
func (h *hangs) enter(addr string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := range h.gone {
		if addrOf(k) == addr {
			delete(h.gone, k)
		}
	}
}
