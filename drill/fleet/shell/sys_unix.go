//go:build unix

package shell

import (
	"syscall"

	"github.com/virtengine/relight/drill/world"
)

// sysOf is what the interpreter's -O and -G tests ask for; without it they
// panic.
func sysOf(f world.File) any {
	s := &syscall.Stat_t{Uid: 1000, Gid: 1000}
	if f.Owner == string(world.Root) {
		s.Uid, s.Gid = 0, 0
	}
	return s
}
