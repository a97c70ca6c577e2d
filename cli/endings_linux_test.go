package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/virtengine/relight/journal"
)

// lines is relight without a screen, at the other end of two pipes.
type lines struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	said *spoken
}

func (l *lines) types(format string, args ...any) {
	l.t.Helper()
	if _, err := fmt.Fprintf(l.in, format+"\n", args...); err != nil {
		l.t.Fatal(err)
	}
}

// hears waits for a text.
func (l *lines) hears(text string) {
	l.t.Helper()
	l.hearsTimes(1, text)
}

// hearsTimes waits until a text came so often.
func (l *lines) hearsTimes(n int, text string) {
	l.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for strings.Count(l.said.String(), text) < n {
		select {
		case <-end.C:
			l.t.Fatalf("%q never came:\n%s", text, l.said)
		case <-tick.C:
		}
	}
}

// inLines starts relight by a shell that first runs setup.
func inLines(t *testing.T, p livePlace, setup string) *lines {
	t.Helper()
	cmd := exec.Command("sh", "-c", setup+`; exec "$0" --plain --config "$1" --journal "$2"`, buildRelight(t), p.fleet, p.journal)
	cmd.Env = append(os.Environ(), "USER=mira")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	l := &lines{t, cmd, in, &spoken{}}
	cmd.Stdout, cmd.Stderr = l.said, l.said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return l
}

// The disk is full in the middle of an incident: nothing is done that cannot be
// recorded, the words say why and what to do, and once there is room it goes on.
// Nothing that was acknowledged is lost. (A limit on the size of files stops a
// write as a full disk does.)
func TestDiskFullInFlight(t *testing.T) {
	p := newLivePlace(t)
	id := p.declares("alpha")
	info, err := os.Stat(filepath.Join(p.path(id), journal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	l := inLines(t, p, fmt.Sprintf("ulimit -S -f %d", info.Size()/512+4)) // sh counts in half kilobytes
	l.hears("Ask what changed. TO DO")
	last := -1 // note that was typed last: the refused one
	for last < 50 && !strings.Contains(l.said.String(), "cannot be written, so nothing was done") {
		last++
		l.types("note number %d %s", last, strings.Repeat("x", 400))
		l.types("note ") // its answer says that the one before was answered
		l.hearsTimes(last+1, "note: it is empty")
	}
	l.hears("Nothing can be recorded, so nothing runs")
	l.hears("free some space and try again")
	var limit unix.Rlimit
	if err := unix.Prlimit(l.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	if err := unix.Prlimit(l.cmd.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		t.Fatal(err)
	}
	l.types("note there is room again")
	l.types("quit")
	l.hears("is open and recorded. Come back with:")
	if err := l.cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, l.said)
	}
	out, errs, code := p.relight("log", "--verify", id)
	if code != 0 {
		t.Errorf("the record is not whole: %s%s", out, errs)
	}
	out, _, _ = p.relight("log", id)
	if !strings.Contains(out, "there is room again") || !strings.Contains(out, fmt.Sprintf("number %d ", last-1)) || strings.Contains(out, fmt.Sprintf("number %d ", last)) {
		t.Errorf("the note refused was %d:\n%s", last, out)
	}
}

// The folder of the record is removed in the middle of an incident.
func TestFolderRemovedInFlight(t *testing.T) {
	p := newLivePlace(t)
	id := p.declares("alpha")
	l := inLines(t, p, ":")
	l.hears("Ask what changed. TO DO")
	if err := os.RemoveAll(p.journal); err != nil {
		t.Fatal(err)
	}
	l.types("note written all the same")
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	l.hears("relight was ended by SIGTERM.")
	l.hears("somebody removed the folder of the record; the record was written anew")
	_ = l.cmd.Wait() // exit 1
	out, errs, code := p.relight("log", id)
	if code != 0 || !strings.Contains(out, "declared "+id) {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}

// A line that is dead, and nobody has noticed: the terminal takes nothing more,
// so the screen hangs in a write. Who ends relight from elsewhere, as a second
// one advises, must be obeyed all the same.
func TestEndsOnADeadLine(t *testing.T) {
	p := newLivePlace(t)
	id := p.declares("alpha")
	master, slave := ptyPair(t)
	cmd := exec.Command(buildRelight(t), id, "--config", p.fleet, "--journal", p.journal)
	cmd.Env = append(os.Environ(), "USER=mira", "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	slave.Close()
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()

	until := func(what string, ok func(n int) bool) {
		t.Helper()
		end := time.NewTimer(patience)
		defer end.Stop()
		tick := time.NewTicker(glance)
		defer tick.Stop()
		for n := 0; !ok(n); n++ {
			select {
			case <-end.C:
				t.Fatalf("%s never came", what)
			case err := <-over:
				t.Fatalf("it ended by itself: %v", err)
			case <-tick.C:
			}
		}
	}
	waiting := func() int {
		n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCINQ)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	full, same := 0, 0
	until("a full line", func(n int) bool {
		size := unix.Winsize{Row: uint16(40 + n%2), Col: 120} // each change draws all anew
		if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &size); err != nil {
			t.Fatal(err)
		}
		if now := waiting(); now > 1000 && now == full {
			same++
		} else {
			full, same = now, 0
		}
		return same > 50
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	end := time.NewTimer(patience)
	defer end.Stop()
	select {
	case <-over:
	case <-end.C:
		t.Fatal("it hangs in the dead line")
	}
	if h, held := journal.Held(p.path(id)); held {
		t.Errorf("the record is still held by %v", h)
	}
	if out, errs, code := p.relight("log", "--verify", id); code != 0 {
		t.Errorf("the record is not whole: %s%s", out, errs)
	}
}

// ptyPair is a pseudo-terminal: what is written to slave waits in master.
func ptyPair(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
