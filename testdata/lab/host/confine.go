//go:build linux

package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Rights that write, by the version of Landlock that knows them.
const (
	writesV1 = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK | unix.LANDLOCK_ACCESS_FS_MAKE_SYM
	writesV2 = unix.LANDLOCK_ACCESS_FS_REFER
	writesV3 = unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// confinedFile says in the machine's run folder which guard its processes have.
const confinedFile = "guard"

// Confine makes the kernel refuse every write of this process, and of all it
// will start, outside the machine's folder, /tmp and /dev. It holds for root
// too and cannot be taken back. It returns what guards the machine from now on:
// on a kernel without Landlock only the guards of guard.go.
//
// It binds one thread; the caller executes the program anew, which keeps the
// domain and leaves no other thread.
func Confine(s Spec) (guard string, err error) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return "scripts and sudo are read (no Landlock here)", nil
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: writesV1}
	if abi >= 2 {
		attr.Handled_access_fs |= writesV2
	}
	if abi >= 3 {
		attr.Handled_access_fs |= writesV3
	}
	rules, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return "", fmt.Errorf("guard of host %s: %w", s.Name, errno)
	}
	defer unix.Close(int(rules))
	for _, dir := range []string{s.Root, "/tmp", "/dev"} {
		if err := allow(int(rules), attr.Handled_access_fs, dir); err != nil {
			return "", fmt.Errorf("guard of host %s: %s: %w", s.Name, dir, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "", fmt.Errorf("guard of host %s: %w", s.Name, err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); errno != 0 {
		return "", fmt.Errorf("guard of host %s: %w", s.Name, errno)
	}
	return fmt.Sprintf("kernel (Landlock %d)", abi), nil
}

func allow(rules int, access uint64, dir string) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	beneath := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&beneath)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// Guard is what guards the machine, as its init noted it; "" before it ran.
func (s Spec) Guard() string {
	b, err := os.ReadFile(filepath.Join(s.Run(), confinedFile))
	if err != nil {
		return ""
	}
	return string(b)
}

// Detach lets go of every file descriptor but the first three: whoever started
// the lab may hold locks or pipes that a daemon must not keep open for hours.
func Detach() error {
	err := unix.CloseRange(3, ^uint(0)>>1, unix.CLOSE_RANGE_CLOEXEC)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		for fd := 3; fd < 1024; fd++ {
			unix.CloseOnExec(fd)
		}
		return nil
	}
	return err
}

// confineAndExec is the first half of init: it binds this thread and starts the
// second half in its place, under the same process id.
func confineAndExec(s Spec, next string) error {
	runtime.LockOSThread()
	if err := Detach(); err != nil {
		return fmt.Errorf("let go of open files: %w", err)
	}
	guard, err := Confine(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.Run(), confinedFile), []byte(guard), 0o600); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return unix.Exec(exe, []string{exe, next}, s.Env())
}
