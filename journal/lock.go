package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// lockName is the file in a folder whose lock is its writer's. Its text says
// who holds it; the lock itself is the system's and ends with the process.
const lockName = ".lock"

// lookers is how often a lock is tried again: somebody who only looks at it
// (Held) has it for a moment.
const lookers = 10

// Holder is who holds a lock, as the lock's file says. What is not known is
// empty.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"-"` // by the file's own time
}

// String is "process 4711 on bastion, since 2026-11-23 07:44:10 UTC".
func (h Holder) String() string {
	if h.PID == 0 {
		return "a process that is not named"
	}
	return fmt.Sprintf("process %d on %s, since %s", h.PID, h.Host, h.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// LockedError says who holds a lock. It is ErrLocked.
type LockedError struct{ Holder Holder }

func (e *LockedError) Error() string { return ErrLocked.Error() + ": " + e.Holder.String() }

// Is says that a LockedError is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// Lock takes the lock of a folder without opening a record in it, creating the
// folder. A *LockedError: another process, or this one, holds it. Closing the
// file, or the end of the process, gives it back.
func Lock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock %s: %w%s", dir, err, hint(err))
	}
	f, err := takeLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w%s", dir, err, hint(err))
	}
	return f, nil
}

// Holds says that f, which Lock gave, is still the lock of the folder: somebody
// who removed the folder took the lock with it.
func Holds(f *os.File, dir string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(filepath.Join(dir, lockName))
	return err == nil && os.SameFile(mine, now)
}

// Held says who holds the lock of a folder now. It takes and gives back the
// lock to find out, and creates nothing.
func Held(dir string) (Holder, bool) {
	f, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return Holder{}, false
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil {
		return Holder{}, false
	}
	return holder(f), true
}

func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	for range lookers {
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) {
			break
		}
		time.Sleep(10 * time.Millisecond)
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{holder(f)}
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	sign(f)
	return f, nil
}

// sign writes who holds the lock. Where that cannot be written (a full disk)
// the lock holds all the same.
func sign(f *os.File) {
	host, _ := os.Hostname()
	text, err := json.Marshal(Holder{PID: os.Getpid(), Host: host})
	if err == nil && f.Truncate(0) == nil {
		_, _ = f.WriteAt(append(text, '\n'), 0)
	}
}

func holder(f *os.File) Holder {
	var h Holder
	text, err := io.ReadAll(io.LimitReader(f, 1<<10))
	info, err2 := f.Stat()
	if err != nil || err2 != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	h.Since = info.ModTime()
	return h
}
