package fleet

import (
	"context"
	"net"
	"os"
)

// cutOff says that addr is a port of a host which no packet reaches.
func (f *Fleet) cutOff(addr string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, m := range f.machines {
		if !f.w.Host(name).Cut {
			continue
		}
		for _, d := range []*door{m.ssh, m.rpc, m.rest, m.svc} {
			if d != nil && d.addr == addr {
				return true
			}
		}
	}
	return false
}

// unanswered is what comes of a connection to a host that is cut off: nothing,
// until the caller's patience ends.
func (f *Fleet) unanswered(ctx context.Context, network, addr string) error {
	if !f.opt.Quick {
		<-ctx.Done()
	}
	at, _ := net.ResolveTCPAddr(network, addr) // it is one of ours, by number
	return &net.OpError{Op: "dial", Net: network, Addr: at, Err: os.ErrDeadlineExceeded}
}
