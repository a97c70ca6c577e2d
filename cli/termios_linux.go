package cli

import "golang.org/x/sys/unix"

// getTermios asks for a line's settings.
const getTermios = unix.TCGETS
