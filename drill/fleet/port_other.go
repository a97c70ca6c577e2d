//go:build !linux

package fleet

import "net"

// reserve finds a free port of the loopback. Elsewhere than on Linux nothing
// keeps it while a door is closed.
func reserve() (addr string, release func(), err error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	defer l.Close()
	return l.Addr().String(), func() {}, nil
}
