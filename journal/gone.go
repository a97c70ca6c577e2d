package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// there looks whether the file that is written is still the one in the folder.
// A folder that somebody removed is written anew from the file that is still
// open, so that nothing acknowledged is lost; one that was moved away is not:
// there would be two records of one incident.
func (j *Journal) there() error {
	own, ok := j.f.(*os.File)
	if !ok {
		return nil // a test's file
	}
	mine, err := own.Stat()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	path := filepath.Join(j.dir, segmentName(j.segment))
	now, err := os.Stat(path)
	if err == nil && os.SameFile(mine, now) {
		return nil
	}
	if st, ok := mine.Sys().(*syscall.Stat_t); !ok || st.Nlink > 0 || err == nil {
		return fmt.Errorf("%w: %s is not the file that was opened: move the folder of the record back to %s", ErrFailed, path, j.dir)
	}
	return j.anew(own, path)
}

// anew writes a removed record again.
func (j *Journal) anew(old *os.File, path string) error {
	fail := func(err error) error {
		return fmt.Errorf("%w: the folder %s was removed and cannot be made again: %w%s", ErrFailed, j.dir, err, hint(err))
	}
	if j.segment > 0 {
		return fail(errors.New("its older segments are lost; declare anew"))
	}
	text := make([]byte, j.size)
	if _, err := old.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return fail(err)
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return fail(err)
	}
	lock, err := takeLock(filepath.Join(j.dir, lockName))
	if err != nil {
		return fail(err)
	}
	f, err := putWhole(path, text)
	if err != nil {
		lock.Close()
		return fail(err)
	}
	old.Close()
	j.lock.Close()
	j.f, j.lock = f, lock
	j.Notice = "somebody removed the folder of the record; the record was written anew, the outputs in it are lost"
	return errors.Join(syncDir(j.dir), syncDir(filepath.Dir(j.dir)))
}

// putWhole makes a file that must not be there yet and holds text, on the disk.
func putWhole(path string, text []byte) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(f, bytes.NewReader(text)); err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Close()
		_ = os.Remove(path) // half of a record is worse than none
		return nil, err
	}
	return f, nil
}

// hint is what to do about an error of the file system; "" when there is
// nothing to add.
func hint(err error) string {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EFBIG), errors.Is(err, io.ErrShortWrite):
		return "; the disk, a quota or a limit is full: free some space and try again"
	case errors.Is(err, unix.EROFS):
		return "; the file system can only be read: mount it for writing, or name another folder with --journal"
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return "; make it yours to write, or name another folder with --journal"
	case errors.Is(err, unix.ENOTDIR):
		return "; a file stands where the folder should be: name another folder with --journal"
	case errors.Is(err, unix.EIO):
		return "; the disk fails: copy the folder to another one and go on there with --journal"
	}
	return ""
}
