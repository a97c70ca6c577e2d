//go:build linux

package lab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// Labs lie between these ports, below those that the kernel gives away.
const (
	firstBase = 20000
	lastBase  = 32000
)

var errTaken = errors.New("a port of the block is taken")

// claim takes a block of ports: base, or any free one when it is 0. The block
// is locked until release, so that two labs that come up together do not take
// the same: until its processes listen nobody else can see it.
func claim(base int) (got int, release func(), err error) {
	dir, err := cacheDir()
	if err != nil {
		return 0, nil, err
	}
	if base != 0 {
		release, err = claimBlock(dir, base)
		return base, release, err
	}
	const blocks = (lastBase - firstBase) / Ports
	for i, from := 0, rand.IntN(blocks); i < blocks; i++ {
		base = firstBase + (from+i)%blocks*Ports
		if release, err = claimBlock(dir, base); !errors.Is(err, errTaken) {
			return base, release, err
		}
	}
	return 0, nil, fmt.Errorf("no block of %d free ports between %d and %d", Ports, firstBase, lastBase)
}

func claimBlock(dir string, base int) (release func(), err error) {
	if base < 1024 || base+Ports > 65536 {
		return nil, fmt.Errorf("base port %d: want 1024 to %d", base, 65536-Ports)
	}
	if err := os.MkdirAll(filepath.Join(dir, "ports"), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "ports", strconv.Itoa(base)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		_ = f.Close()
		return nil, fmt.Errorf("ports from %d: %w by a lab that comes up just now", base, errTaken)
	}
	for p := base; p < base+Ports; p++ {
		l, err := net.Listen("tcp", net.JoinHostPort(Addr, strconv.Itoa(p)))
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("port %d: %w", p, errTaken)
		}
		_ = l.Close()
	}
	return func() { _ = f.Close() }, nil
}
