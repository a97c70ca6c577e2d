package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/virtengine/relight/safe"
)

// Files of the keeper's process beyond the standard three: 0 notes, 1 the
// screen, 2 standard error as it was.
const (
	keeperErrs  = 3 // what the cockpit writes to standard error
	keeperReady = 4
	keeperInput = 5 // the cockpit's standard input
)

// crashLimit bounds what is kept of a stack.
const crashLimit = 1 << 20

func newKeep(g *globals) *cobra.Command {
	return &cobra.Command{Use: keeperCommand, Hidden: true, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		signal.Ignore(syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTTOU, syscall.SIGTSTP, syscall.SIGPIPE)
		before, _ := term.GetState(keeperInput)
		ready := os.NewFile(keeperReady, "ready")
		_, _ = ready.Write([]byte{'r'})
		ready.Close()
		var said spill
		heard := make(chan struct{})
		go func() { defer close(heard); _, _ = io.Copy(&said, os.NewFile(keeperErrs, "errors")) }()
		n := readNotes(g.In)
		<-heard // it ends with the cockpit, or when the cockpit took it back
		if n.End == keeperDone {
			return nil
		}
		if n.Screen && n.End == "" {
			takeDown(before)
		}
		fmt.Fprint(g.Err, strings.ReplaceAll(lastWords(n, said.Bytes())+"\n", "\n", "\r\n"))
		return nil
	}}
}

// readNotes is the last note.
func readNotes(in io.Reader) keeperNote {
	var n keeperNote
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var next keeperNote
		if json.Unmarshal(lines.Bytes(), &next) == nil {
			n = next
		}
	}
	return n
}

// takeDown puts the terminal right: margins, colours, cursor, pasting, the
// keyboard's protocol, the screen from before. The line's settings are put back
// only if they are still those of a screen: a shell may have set its own by now.
func takeDown(before *term.State) {
	if t, err := unix.IoctlGetTermios(keeperInput, getTermios); before != nil && err == nil && t.Oflag&unix.OPOST == 0 {
		_ = term.Restore(keeperInput, before)
	}
	_, _ = os.Stdout.WriteString("\x1b[?2026l\x1b[r\x1b[0m\x1b[?25h\x1b[?2004l\x1b[>4;0m\x1b[=0;1u\x1b[?1049l\r\n")
}

// lastWords is what the keeper says in the cockpit's place. A stack goes into a
// file, redacted, and never on the screen.
func lastWords(n keeperNote, said []byte) string {
	if n.Ended {
		return n.State
	}
	first := killedWords
	if n.End == keeperPanic || bytes.Contains(said, []byte("panic: ")) || bytes.Contains(said, []byte("fatal error: ")) || bytes.Contains(said, []byte("\nPC=")) {
		path, err := keepStack(n, said, time.Now())
		first = crashWords(path, err)
	}
	if n.State == "" {
		return first
	}
	return first + "\n" + n.State
}

// keepStack writes what the cockpit said last into a file of its own.
func keepStack(n keeperNote, said []byte, now time.Time) (path string, err error) {
	if len(said) == 0 || n.Folder == "" {
		return "", nil
	}
	if err := os.MkdirAll(n.Folder, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(n.Folder, "crash-"+now.UTC().Format("20060102-150405")+".txt")
	text := safe.Redactor{}.With(n.Secrets...).Redact(string(said))
	return path, os.WriteFile(path, []byte(safe.Clean(text)), 0o600)
}

// spill keeps what is written to it, up to crashLimit.
type spill struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write takes all of p and keeps what there is room for.
func (s *spill) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf.Write(p[:min(len(p), max(0, crashLimit-s.buf.Len()))])
	return len(p), nil
}

// Bytes is what was kept.
func (s *spill) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.buf.Bytes())
}
