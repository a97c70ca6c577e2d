package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/virtengine/relight/incident"
)

// keeper is a second, small process that outlives this one. A program that is
// killed, or dies of an error of its own in the middle of anything, cannot put
// the terminal right itself: the last picture would stand there and look alive.
// The keeper does it, says how to come back, and keeps the stack in a file
// beside the record. While it stands by, it also gets what is written to
// standard error, which would otherwise fall into the picture.
type keeper struct {
	cmd   *exec.Cmd
	notes *os.File // keeperNotes go in, one JSON object a line
	errs  int      // where standard error led before
	// said and ready are open between the call and the start of its watch.
	said, ready *os.File
	// followed is closed when no note comes any more by itself.
	followed chan struct{}
}

// keeperNote is what the keeper must know; each replaces the one before.
type keeperNote struct {
	Screen  bool     `json:"screen"`  // a screen is drawn: it must be taken down
	Folder  string   `json:"folder"`  // for the stack
	State   string   `json:"state"`   // what to say of the incident
	Secrets []string `json:"secrets"` // never to be kept
	End     string   `json:"end"`     // keeperDone, keeperPanic, "" while it goes on
	Ended   bool     `json:"ended"`   // the cockpit ended in order: State says how
}

// How a cockpit ends while it can still speak.
const (
	keeperDone  = "done"
	keeperPanic = "panic" // the screen died of it and took itself down; the stack is in standard error
)

// keeperCommand is the hidden subcommand of the second process.
const keeperCommand = "keep-terminal"

// keeperWait bounds how long the start of a keeper is waited for.
const keeperWait = 2 * time.Second

// callKeeper starts the second process, so that it comes up while other things
// do; newKeeper waits for it. Where it cannot be started the cockpit goes on
// without.
func (g *globals) callKeeper() {
	if !g.keeps || g.called != nil {
		return
	}
	exe, err := os.Executable()
	if err != nil {
		return
	}
	var pipes [3][2]*os.File // notes, standard error, ready
	for i := range pipes {
		if pipes[i][0], pipes[i][1], err = os.Pipe(); err != nil {
			return
		}
	}
	cmd := exec.Command(exe, keeperCommand)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = pipes[0][0], os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{pipes[1][0], pipes[2][1], os.Stdin}
	// A group of its own: what is sent to this program's group is not for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Start()
	for _, f := range []*os.File{pipes[0][0], pipes[1][0], pipes[2][1]} {
		f.Close()
	}
	if err == nil {
		g.called = &keeper{cmd: cmd, notes: pipes[0][1], said: pipes[1][1], ready: pipes[2][0], followed: make(chan struct{})}
	}
}

// newKeeper is the second process, ready to stand by; nil when there is none.
func (g *globals) newKeeper() *keeper {
	g.callKeeper()
	k := g.called
	if k == nil {
		return nil
	}
	_ = k.ready.SetReadDeadline(time.Now().Add(keeperWait))
	_, err := k.ready.Read(make([]byte, 1))
	if err == nil {
		k.errs, err = unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3)
	}
	if err == nil {
		err = unix.Dup2(int(k.said.Fd()), 2)
	}
	if err != nil {
		g.dismissKeeper()
		return nil
	}
	g.called = nil
	k.said.Close()
	k.ready.Close()
	return k
}

// dismissKeeper sends away a keeper that was called and never needed.
func (g *globals) dismissKeeper() {
	k := g.called
	if k == nil {
		return
	}
	g.called = nil
	k.tell(keeperNote{End: keeperDone})
	for _, f := range []*os.File{k.notes, k.said, k.ready} {
		f.Close()
	}
	go func() { _ = k.cmd.Wait() }()
}

// tell gives the keeper the latest note. A keeper that is gone is no reason to
// stop.
func (k *keeper) tell(n keeperNote) {
	if text, err := json.Marshal(n); err == nil {
		_, _ = k.notes.Write(append(text, '\n'))
	}
}

// end gives standard error back and dismisses the keeper, which speaks first if
// it has something to say. The context of follow has ended.
func (k *keeper) end(n keeperNote) {
	<-k.followed
	_ = unix.Dup2(k.errs, 2)
	_ = unix.Close(k.errs)
	k.tell(n)
	k.notes.Close()
	_ = k.cmd.Wait()
}

// abandon leaves the terminal to the keeper and does not wait for it.
func (k *keeper) abandon(n keeperNote) {
	_ = unix.Dup2(k.errs, 2) // what the keeper hears ends here
	<-k.followed
	n.Ended = true
	k.tell(n)
	k.notes.Close()
}

// follow keeps the keeper up to date until ctx ends.
func (k *keeper) follow(ctx context.Context, h house, n keeperNote, say func(incident.State) string) {
	defer close(k.followed)
	last := ""
	for {
		changed := h.Changed()
		s := h.here()
		n.State, n.Folder = say(s), filepath.Join(h.helm.dir, s.ID)
		if text := n.State + n.Folder; text != last {
			k.tell(n)
			last = text
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// killedWords and crashWords begin what the keeper says.
const killedWords = "relight was killed."

func crashWords(path string, err error) string {
	text := "relight ended by an error of its own."
	switch {
	case err != nil:
		return text + fmt.Sprintf(" Where it happened could not be kept: %v.", err)
	case path != "":
		return text + " Where it happened is kept in " + path + ": give it to whoever looks after relight."
	}
	return text
}
