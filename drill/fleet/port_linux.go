package fleet

import (
	"fmt"
	"os"
	"syscall"
)

// reserve takes a port of the loopback and keeps it by a socket that is bound
// and does not listen: nobody else gets the port while a door is closed, and
// who connects is refused. Linux lets a listener share the port, as both
// sockets allow its reuse.
func reserve() (addr string, release func(), err error) {
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	syscall.ForkLock.RUnlock()
	if err != nil {
		return "", nil, os.NewSyscallError("socket", err)
	}
	release = func() { syscall.Close(fd) }
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var name syscall.Sockaddr
	if err == nil {
		name, err = syscall.Getsockname(fd)
	}
	in, ok := name.(*syscall.SockaddrInet4)
	if err != nil || !ok {
		release()
		return "", nil, os.NewSyscallError("bind", err)
	}
	return fmt.Sprintf("127.0.0.1:%d", in.Port), release, nil
}
