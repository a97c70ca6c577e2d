package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Who is refused a record learns who holds it: process, host and since when.
func TestLockNamesItsHolder(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Open(dir)
	var locked *LockedError
	if !errors.As(err, &locked) || !errors.Is(err, ErrLocked) {
		t.Fatalf("a second writer got %v", err)
	}
	if h := locked.Holder; h.PID != os.Getpid() || h.Host != host || time.Since(h.Since) > time.Minute {
		t.Errorf("the holder is %+v", h)
	}
	if want := fmt.Sprintf("process %d on %s, since 2", os.Getpid(), host); !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
	if h, ok := Held(dir); !ok || h.PID != os.Getpid() {
		t.Errorf("held: %v, %+v", ok, h)
	}
	j.Close()
	if h, ok := Held(dir); ok {
		t.Errorf("a lock given back is held by %v", h)
	}
	if _, ok := Held(filepath.Join(dir, "none")); ok {
		t.Error("a folder that is not there is locked")
	}
}

// Looking at a lock never keeps its next holder from it.
func TestLookingTakesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte("no json"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		for {
			select {
			case <-stop:
				return
			default:
				Held(dir)
			}
		}
	}()
	for range 50 {
		j, _ := mustOpen(t, dir)
		j.Close()
	}
	close(stop)
	<-looked
}

// Somebody removes the folder of a record that is written. Nothing that was
// acknowledged is lost, neither at the next event nor at the end.
func TestRemovedFolderIsWrittenAnew(t *testing.T) {
	for _, next := range []struct {
		name string
		do   func(*Journal) error
		want int
	}{
		{"append", func(j *Journal) error { _, err := j.Append([]Draft{draft(3)}); return err }, 3},
		{"close", func(*Journal) error { return nil }, 2},
	} {
		dir := filepath.Join(t.TempDir(), "INC-20261123-001")
		j, _ := mustOpen(t, dir)
		mustAppend(t, j, draft(1))
		mustAppend(t, j, draft(2))
		if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
			t.Fatal(err)
		}
		if err := next.do(j); err != nil {
			t.Fatalf("%s: %v", next.name, err)
		}
		if err := j.Close(); err != nil {
			t.Fatalf("%s: %v", next.name, err)
		}
		if got, head, err := Read(dir); err != nil || len(got) != next.want || head != j.Head() {
			t.Errorf("%s: %d events, head %s, %v", next.name, len(got), head, err)
		}
		if !strings.Contains(j.Notice, "removed") {
			t.Errorf("%s: notice %q", next.name, j.Notice)
		}
	}
}

// A removed record that somebody else has begun anew is not written over.
func TestRemovedAndTaken(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	j, _ := mustOpen(t, dir)
	mustAppend(t, j, draft(1))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	other, _ := mustOpen(t, dir)
	defer other.Close()
	mustAppend(t, other, draft(7))
	if _, err := j.Append([]Draft{draft(2)}); !errors.Is(err, ErrFailed) {
		t.Errorf("append: %v", err)
	}
	_ = j.Close()
	if got, _, err := Read(dir); err != nil || len(got) != 1 || string(got[0].Data) != `{"n":7}` {
		t.Errorf("the other's record: %v, %v", got, err)
	}
}

// A record that was moved away takes nothing more, says where it belongs, and
// goes on when it is back.
func TestMovedFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	j, _ := mustOpen(t, dir)
	defer j.Close()
	mustAppend(t, j, draft(1))
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append([]Draft{draft(2)}); !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "move the folder of the record back to "+dir) {
		t.Errorf("append: %v", err)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, draft(3))
	if got, _, err := Read(dir); err != nil || len(got) != 2 {
		t.Errorf("%d events, %v", len(got), err)
	}
}

// TestFullDisk lets a child write until the system takes no more bytes (a limit
// on the size of files, which stops a write in its middle like a full disk),
// then makes room. Nothing acknowledged is lost, nothing refused appears, and
// the record goes on.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("RELIGHT_FULL_DISK"); dir != "" {
		fillDisk(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), "RELIGHT_FULL_DISK="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, _, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range got {
		have = append(have, string(e.Data))
	}
	if want := string(out); !strings.Contains(want, fmt.Sprintf("acknowledged %v\n", have)) {
		t.Errorf("the record holds %v; the child said\n%s", have, want)
	}
}

func fillDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ) // as main does
	limit := func(n uint64) {
		var have unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &have); err != nil {
			t.Fatal(err)
		}
		have.Cur = n
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &have); err != nil {
			t.Fatal(err)
		}
	}
	j, _ := mustOpen(t, dir)
	var took []string
	refused := 0
	limit(1500)
	for n := range 20 {
		if n == 15 {
			limit(1 << 20)
		}
		d := draft(n)
		_, err := j.Append([]Draft{d})
		switch {
		case err == nil:
			took = append(took, string(d.Data))
		case !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "free some space"):
			t.Errorf("event %d: %v", n, err)
		default:
			refused++
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if refused == 0 || refused > 13 || j.segment != 0 {
		t.Errorf("%d refused, segment %d", refused, j.segment)
	}
	fmt.Printf("acknowledged %v\n", took)
}

// nobody runs this test's binary as a user who may write nothing here; without
// root the user of the test may be kept out by the file's mode alone.
func nobody(cmd *exec.Cmd) {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}

// A folder that may not be written says whose fault it is and what to do.
func TestMayNotWrite(t *testing.T) {
	if dir := os.Getenv("RELIGHT_READ_ONLY"); dir != "" {
		_, _, err := Open(dir)
		text, _ := json.Marshal(fmt.Sprint(err))
		fmt.Printf("%s\n", text)
		return
	}
	dir, err := os.MkdirTemp("", "relight")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "test")
	text, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = errors.Join(os.WriteFile(bin, text, 0o755), os.Chmod(dir, 0o555))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-test.run=^TestMayNotWrite$")
	cmd.Env = append(os.Environ(), "RELIGHT_READ_ONLY="+dir)
	cmd.Dir = dir
	nobody(cmd)
	out, err := cmd.CombinedOutput()
	_ = os.Chmod(dir, 0o755)
	if err != nil || !strings.Contains(string(out), "permission denied; make it yours to write, or name another folder with --journal") {
		t.Errorf("%v: %s", err, out)
	}
}

// What the file system says has a word on what to do.
func TestHints(t *testing.T) {
	for err, want := range map[error]string{
		unix.ENOSPC: "free some space", unix.EDQUOT: "free some space", unix.EROFS: "only be read", unix.EIO: "the disk fails", unix.ENOTDIR: "a file stands",
	} {
		if got := hint(fmt.Errorf("write: %w", err)); !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(filepath.Join(file, "r")); err == nil || !strings.Contains(err.Error(), "--journal") {
		t.Errorf("a file in place of the folder: %v", err)
	}
}
