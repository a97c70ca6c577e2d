//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package cli

import "golang.org/x/sys/unix"

// getTermios asks for a line's settings.
const getTermios = unix.TIOCGETA
