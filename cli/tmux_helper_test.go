package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Bounds of a story told at a real terminal. They are long because the machine
// may be busy; nothing waits for them unless something is wrong.
const (
	patience = 90 * time.Second        // for something to appear
	again    = 1500 * time.Millisecond // before a key that was not taken is pressed again
	glance   = 40 * time.Millisecond   // between two looks at the screen
)

// needTmux says loudly that nobody looked at a real terminal. Where the whole
// picture is promised (CI=true) that is a failure.
func needTmux(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("tmux is not installed: no story was told at a real terminal")
	}
	fmt.Fprintln(os.Stderr, "NOT TESTED: tmux is not installed, so no story was told at a real terminal")
	t.SkipNow()
}

// terminal is a person at a real terminal: keys go in through tmux, frames come
// out of it. Its server is its own.
type terminal struct {
	t     *testing.T
	bin   string
	home  string // state and journal
	socks string // folder of the sockets of its tmux servers; a short path
	runs  int
	env   []string // more of the environment
	unset string   // a variable of the pane that relight does not get
}

func newTerminal(t *testing.T, bin string) *terminal {
	t.Helper()
	socks, err := os.MkdirTemp("", "relight")
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, bin: bin, home: t.TempDir(), socks: socks}
	t.Cleanup(func() {
		x.endServer()
		x.until("the program's end", func(frame) bool { return !x.alive() })
		_ = os.RemoveAll(socks)
	})
	return x
}

// endServer ends this story's tmux server and nothing else.
func (x *terminal) endServer() { _ = x.tmux("kill-server").Run() }

func (x *terminal) tmux(args ...string) *exec.Cmd {
	cmd := exec.Command("tmux", append([]string{"-L", strconv.Itoa(x.runs), "-u", "-f", "/dev/null"}, args...)...)
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "TMUX", "TMUX_PANE", "TMUX_TMPDIR", "NO_COLOR", "RELIGHT_CONFIG":
		default:
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+x.home, "XDG_STATE_HOME="+x.home, "TMUX_TMPDIR="+x.socks, "USER=mira", "LC_ALL=C.UTF-8", "TERM=xterm-256color")
	cmd.Env = append(cmd.Env, x.env...)
	return cmd
}

// start runs relight in a new terminal of w by h cells. When it ends, its exit
// code stands below its last words.
func (x *terminal) start(w, h int, args ...string) {
	x.t.Helper()
	x.endServer()
	x.runs++
	script := filepath.Join(x.home, fmt.Sprintf("run-%d", x.runs))
	text := "sh -c 'echo $$ > \"$0\"; exec \"$@\"'"
	if x.unset != "" {
		text = "unset " + x.unset + "\n" + text
	}
	for _, a := range append([]string{x.pidFile(), x.bin}, args...) {
		text += " '" + a + "'"
	}
	if err := os.WriteFile(script, []byte(text+"\necho \"[exit $?]\"\nexec cat\n"), 0o600); err != nil {
		x.t.Fatal(err)
	}
	out, err := x.tmux("start-server", ";", "set-option", "-g", "status", "off", ";",
		"new-session", "-d", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h), "sh '"+script+"'").CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux: %v\n%s", err, out)
	}
	x.until("the program's start", func(frame) bool { return x.pid() > 0 })
}

func (x *terminal) pidFile() string { return filepath.Join(x.home, fmt.Sprintf("pid-%d", x.runs)) }

func (x *terminal) pid() int {
	data, _ := os.ReadFile(x.pidFile())
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || !bytes.HasSuffix(data, []byte("\n")) {
		return 0
	}
	return pid
}

// alive says that relight still runs. The dead whom nobody has taken away yet
// do not count: in a container there may be nobody to do it.
func (x *terminal) alive() bool {
	if x.pid() == 0 || syscall.Kill(x.pid(), 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", x.pid()))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// resize makes the window another size while relight runs.
func (x *terminal) resize(w, h int) {
	x.t.Helper()
	if out, err := x.tmux("resize-window", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h)).CombinedOutput(); err != nil {
		x.t.Fatalf("tmux resize-window: %v\n%s", err, out)
	}
}

// press sends keys by their tmux names, as fast as tmux does.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	if out, err := x.tmux(append([]string{"send-keys"}, keys...)...).CombinedOutput(); err != nil {
		x.t.Fatalf("tmux send-keys %v: %v\n%s", keys, err, out)
	}
}

// types sends text, letter by letter.
func (x *terminal) types(text string) {
	x.t.Helper()
	if out, err := x.tmux("send-keys", "-l", text).CombinedOutput(); err != nil {
		x.t.Fatalf("tmux send-keys -l %q: %v\n%s", text, err, out)
	}
}

// spells types a word as a hand does: each letter is seen before the next. What
// comes at once is a paste.
func (x *terminal) spells(word string) {
	x.t.Helper()
	for i, r := range word {
		x.types(string(r))
		x.until("the typed word", func(f frame) bool { return f.has("Enter: [" + word[:i+len(string(r))]) })
	}
}

// frame is what stands on the screen, row by row, without blanks at the ends.
type frame []string

func (f frame) String() string     { return strings.Join(f, "\n") }
func (f frame) has(s string) bool  { return strings.Contains(f.String(), s) }
func (f frame) last() string       { return f.row(len(f) - 1) }
func (f frame) prompt() string     { return f.row(len(f) - 2) }
func (f frame) asks(s string) bool { return strings.Contains(f.prompt(), s) }
func (f frame) armed() bool {
	return len(f) > 7 && strings.Contains(f[len(f)-7:].String(), " armed 00:")
}
func (f frame) shows(s string) bool { return strings.Contains(f.row(0), s) }

func (f frame) row(i int) string {
	if i < 0 || i >= len(f) {
		return ""
	}
	return f[i]
}

// on is the title of the step under the cursor, "" when none is shown.
func (f frame) on() string {
	for _, row := range f {
		at := strings.IndexAny(row, "▶")
		if at != 0 {
			continue
		}
		row, _, _ = strings.Cut(strings.TrimPrefix(row, "▶"), "│")
		if runes := []rune(row); len(runes) > 4 {
			return string(runes[4:]) // past the box
		}
	}
	return ""
}

// look is the screen as it stands now.
func (x *terminal) look() frame {
	out, err := x.tmux("capture-pane", "-p").Output()
	if err != nil {
		return nil
	}
	rows := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows
}

// until looks until ok; it fails with the last frame.
func (x *terminal) until(what string, ok func(frame) bool) frame {
	x.t.Helper()
	f, done := x.lookFor(patience, ok)
	if !done {
		x.t.Fatalf("%s never came. The screen:\n%s", what, f)
	}
	return f
}

// lookFor looks until ok or the end of the time.
func (x *terminal) lookFor(d time.Duration, ok func(frame) bool) (frame, bool) {
	end := time.NewTimer(d)
	defer end.Stop()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		f := x.look()
		if ok(f) {
			return f, true
		}
		select {
		case <-end.C:
			return f, false
		case <-tick.C:
		}
	}
}

// sees waits for a text anywhere on the screen.
func (x *terminal) sees(text string) frame {
	x.t.Helper()
	return x.until(fmt.Sprintf("%q", text), func(f frame) bool { return f.has(text) })
}

// insist presses a key until the screen answers it: a key that acts is not
// taken while the text it acts on is fresh.
func (x *terminal) insist(key, what string, ok func(frame) bool) frame {
	x.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		x.press(key)
		f, done := x.lookFor(again, ok)
		if done {
			return f
		}
		if time.Now().After(deadline) {
			x.t.Fatalf("%s did not bring %s. The screen:\n%s", key, what, f)
		}
	}
}

// command types a command after ":".
func (x *terminal) command(text string) {
	x.t.Helper()
	x.press(":")
	x.until("the command's prompt", func(f frame) bool { return strings.HasPrefix(f.prompt(), " :") })
	x.types(text)
	x.until("the typed command", func(f frame) bool { return f.asks("[" + text) })
	x.press("Enter")
	x.until("the command's end", func(f frame) bool { return !f.asks("[" + text) })
}

// hints waits until the prompt row says that this is what to do next.
func (x *terminal) hints(text string) frame {
	x.t.Helper()
	return x.until(fmt.Sprintf("the hint %q", text), func(f frame) bool { return f.asks(text) })
}

// ticks signs the step to do next, with its note.
func (x *terminal) ticks(title, note string) {
	x.t.Helper()
	x.hints(`Space ticks "` + title)
	x.press("Space")
	x.until("the field", func(f frame) bool { return f.asks(": [_") })
	x.types(note)
	x.until("the typed note", func(f frame) bool { return f.asks("[" + note) })
	x.press("Enter")
	x.until("the tick", func(f frame) bool { return !f.asks("["+note) && !strings.HasPrefix(f.on(), title) })
}

// posts sends the message that the step to do next asks for.
func (x *terminal) posts(label string) {
	x.t.Helper()
	x.hints("P posts " + label)
	x.insist("P", "the message", func(f frame) bool {
		return !f.asks("P posts "+label) && !f.asks("came or changed") && !f.asks("Shown now: "+label)
	})
}

// arms arms the step to do next and types its word. It says what came of it.
func (x *terminal) arms(title, word string) {
	x.t.Helper()
	x.hints(`x arms "` + title)
	x.press("x")
	x.until("the armed prompt", func(f frame) bool { return f.armed() && f.has("Enter: [_") })
	x.spells(word)
	x.press("Enter")
	x.until("the word's answer", func(f frame) bool { return !f.armed() })
}

// declares waits for the alert and declares what is offered.
func (x *terminal) declares() {
	x.t.Helper()
	x.hints("Nothing is wrong")
	x.command("wait") // the trouble comes within the minute
	x.hints("D opens the declaration")
	x.insist("D", "the form", func(f frame) bool { return f.has("Declare an incident") })
	x.insist("D", "the incident", func(f frame) bool { return f.shows("DRILL-") })
}

// incident is the folder of the one incident of this story.
func (x *terminal) incident() string {
	x.t.Helper()
	all, _ := filepath.Glob(filepath.Join(x.home, "relight", "DRILL-*"))
	if len(all) != 1 {
		x.t.Fatalf("one incident was expected, not %v", all)
	}
	return all[0]
}

// recorded is how many events of a kind the record holds.
func (x *terminal) recorded(kind string) int {
	x.t.Helper()
	data, err := os.ReadFile(filepath.Join(x.incident(), "journal.jsonl"))
	if err != nil {
		x.t.Fatal(err)
	}
	return bytes.Count(data, []byte(`"kind":"`+kind+`"`))
}

// spoken is what a program said so far; it may be read while it speaks.
type spoken struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps p.
func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}
