package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestBadEndings tells at a real terminal what ends badly: each leaves the
// terminal as a shell wants it, says what to do next, and loses nothing.
func TestBadEndings(t *testing.T) {
	needTmux(t)
	bin := buildRelight(t)
	for name, story := range map[string]func(*testing.T, *terminal){
		"killed": killedAtOnce, "asked-to-end": askedToEnd, "stopped": stoppedAndWoken, "panic-in-a-key": panicInAKey,
		"panic-in-the-watch": panicInTheWatch, "second": secondAtTheSame, "loose": loose, "tiny": tinyWindow,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, newTerminal(t, bin))
		})
	}
}

// kill sends relight a signal.
func (x *terminal) kill(s syscall.Signal) {
	x.t.Helper()
	if err := syscall.Kill(x.pid(), s); err != nil {
		x.t.Fatal(err)
	}
}

// asks tmux something about the pane.
func (x *terminal) pane(format string) string {
	out, _ := x.tmux("display-message", "-p", format).Output()
	return strings.TrimSpace(string(out))
}

// line is stty on the pane's terminal.
func (x *terminal) line(args ...string) string {
	out, _ := exec.Command("stty", append([]string{"-F", x.pane("#{pane_tty}")}, args...)...).Output()
	return " " + strings.Join(strings.Fields(string(out)), " ") + " "
}

// isSane waits until the terminal is as a shell wants it: the screen from
// before, a cursor, lines and echo.
func (x *terminal) isSane() {
	x.t.Helper()
	x.until("a sane terminal", func(frame) bool {
		line := x.line("-a")
		return x.pane("#{alternate_on}#{cursor_flag}#{mouse_any_flag}") == "010" && strings.Contains(line, " icanon ") && strings.Contains(line, " echo ") && strings.Contains(line, " opost ")
	})
}

// drills declares an incident on the built-in fleet and gives its folder.
func (x *terminal) drills(w, h int) string {
	x.t.Helper()
	x.start(w, h, "drill", "--new", "--seed", "7", "--speed", "2", "--lessons", "off")
	x.declares()
	x.hints(`Space ticks "Ask what changed`)
	return x.incident()
}

// The process is killed: nothing of it can speak. The last picture must not
// stand there as if it lived.
func killedAtOnce(t *testing.T, x *terminal) {
	folder := x.drills(80, 24)
	x.kill(syscall.SIGKILL)
	f := x.sees("relight was killed.")
	if !f.has(filepath.Base(folder)+" is open and recorded. Come back with:") || !f.has("  relight drill "+filepath.Base(folder)) {
		t.Errorf("the last words do not say how to come back:\n%s", f)
	}
	x.isSane()
	x.comesBack(folder)
}

// comesBack resumes by the command that the last words named.
func (x *terminal) comesBack(folder string) {
	x.t.Helper()
	x.start(80, 24, "drill", filepath.Base(folder))
	x.hints(`Space ticks "Ask what changed`)
	if n := x.recorded("declared"); n != 1 {
		x.t.Errorf("the record holds %d declarations", n)
	}
	x.leaves("relight drill " + filepath.Base(folder))
	x.isSane()
	out, errs, code := command(nil, "log", "--verify", filepath.Base(folder), "--journal", filepath.Dir(folder))
	if code != 0 {
		x.t.Errorf("the record is not whole: %s%s", out, errs)
	}
}

// SIGTERM ends in order, and says so.
func askedToEnd(t *testing.T, x *terminal) {
	folder := x.drills(80, 24)
	for _, s := range []struct {
		signal syscall.Signal
		words  string
	}{{syscall.SIGTERM, "relight was ended by SIGTERM."}, {syscall.SIGHUP, "relight was ended by SIGHUP: the terminal or the line to it is gone."}, {syscall.SIGQUIT, "relight was ended by SIGQUIT."}} {
		x.kill(s.signal)
		f := x.sees("[exit 1]")
		if !f.has(s.words) || !f.has("  relight drill "+filepath.Base(folder)) || f.has("goroutine") {
			t.Errorf("the last words are\n%s", f)
		}
		x.isSane()
		x.start(80, 24, "drill", filepath.Base(folder))
		x.hints(`Space ticks "Ask what changed`)
	}
	x.leaves("relight drill DRILL-")
}

// It cannot be suspended. Stopped all the same, it takes the terminal back when
// it goes on: from a shell that wrote into the picture and set the line for
// itself.
func stoppedAndWoken(t *testing.T, x *terminal) {
	x.drills(80, 24)
	x.kill(syscall.SIGTSTP)
	x.sees("Not suspended")
	x.press("C-z")
	x.sees("Not suspended")
	x.kill(syscall.SIGSTOP)
	x.until("the stop", func(frame) bool { return x.state() == "T" })
	tty, err := os.OpenFile(x.pane("#{pane_tty}"), os.O_WRONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	if _, err := tty.WriteString("\x1b[5;1H$ a shell wrote this\x1b[?25h"); err != nil {
		t.Fatal(err)
	}
	x.line("sane")
	x.sees("a shell wrote this")
	x.kill(syscall.SIGCONT)
	x.until("the whole screen", func(f frame) bool {
		return !f.has("a shell wrote this") && f.shows("DRILL-") && keysRow(f.last()) && x.pane("#{cursor_flag}") == "0"
	})
	x.press("2") // taken without Enter
	x.sees("needs 801")
	x.leaves("relight drill DRILL-")
	x.isSane()
}

// state is the process's state: R, S, T ...
func (x *terminal) state() string {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", x.pid())); err == nil {
		_, state, _ := strings.Cut(string(stat), ") ")
		return state[:min(1, len(state))]
	}
	out, _ := exec.Command("ps", "-o", "state=", "-p", strconv.Itoa(x.pid())).Output()
	return strings.TrimSpace(string(out))
}

// The screen meets an error of its own.
func panicInAKey(t *testing.T, x *terminal) {
	folder := x.drills(80, 24)
	x.leaves("relight drill DRILL-")
	x.asTest("RELIGHT_PANIC=boom")
	x.start(80, 24, "drill", filepath.Base(folder))
	x.hints(`Space ticks "Ask what changed`)
	x.press("i")
	x.until("the note", func(f frame) bool { return f.asks("[_") })
	x.types("boom")
	x.press("Enter")
	x.endedByItself(folder, "met boom with the token [hidden]")
}

// The watch meets one, in a part of the program that nobody could catch it in.
func panicInTheWatch(t *testing.T, x *terminal) {
	x.asTest("RELIGHT_PANIC=procedure/confirm")
	x.start(80, 24, "drill", "--new", "--seed", "7", "--speed", "2", "--lessons", "off")
	x.declares()
	x.endedByItself(x.incident(), "met procedure/confirm")
}

// asTest takes the test's own binary in relight's place.
func (x *terminal) asTest(env ...string) {
	x.bin = os.Args[0]
	x.env = append(env, "RELIGHT_PANIC_SECRET=xoxb-drill-0000-not-a-secret")
}

// endedByItself holds that the terminal is sane, that no stack stands on it, and
// that the stack is kept, without secrets.
func (x *terminal) endedByItself(folder, what string) {
	x.t.Helper()
	f := x.sees("relight ended by an error of its own.")
	f = x.until("how to come back", func(f frame) bool { return f.has("  relight drill " + filepath.Base(folder)) })
	if f.has("goroutine") || f.has("boom") || f.has("xoxb") {
		x.t.Errorf("the stack is on the screen:\n%s", f)
	}
	x.isSane()
	kept, _ := filepath.Glob(filepath.Join(folder, "crash-*.txt"))
	if len(kept) != 1 {
		x.t.Fatalf("kept are %v", kept)
	}
	text, err := os.ReadFile(kept[0])
	if err != nil || !strings.Contains(string(text), what) || !strings.Contains(string(text), "goroutine ") || strings.Contains(string(text), "xoxb") {
		x.t.Errorf("%v: kept is\n%.600s", err, text)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		x.t.Errorf("%v, %v", info.Mode(), err)
	}
	out, errs, code := command(nil, "log", "--verify", filepath.Base(folder), "--journal", filepath.Dir(folder))
	if code != 0 {
		x.t.Errorf("the record is not whole: %s%s", out, errs)
	}
}

// A second relight on the same incident is refused, and the first goes on.
func secondAtTheSame(t *testing.T, x *terminal) {
	folder := x.drills(80, 24)
	out, errs, code := command(nil, "drill", filepath.Base(folder), "--journal", filepath.Dir(folder))
	if code != 2 || !strings.Contains(errs, "is commanded by another relight: process "+strconv.Itoa(x.pid())+" on ") || !strings.Contains(errs, "kill "+strconv.Itoa(x.pid())) {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	x.ticks("Ask what changed", "nobody works on it")
	x.leaves("relight drill DRILL-")
}

// Where nothing keeps the session, that stands on the screen until something
// worse does, and blocks nothing.
func loose(t *testing.T, x *terminal) {
	x.unset = "TMUX"
	x.start(80, 24, "drill", "--new", "--seed", "7", "--speed", "2", "--lessons", "off")
	f := x.hints("Nothing is wrong")
	if !strings.Contains(f.row(2), "! CAUTION  Neither tmux nor screen here: if the line drops, relight ends.") || !f.has("`relight drill` resumes it") {
		t.Errorf("nothing is said:\n%s", f)
	}
	x.declares()
	if f := x.look(); f.has("Neither tmux") {
		t.Errorf("it hides what is worse:\n%s", f)
	}
	x.leaves("relight drill DRILL-")
}

// A window too small for the prompt shows one sentence and takes no key; made
// larger, all is as before.
func tinyWindow(t *testing.T, x *terminal) {
	x.drills(80, 24)
	x.resize(38, 9)
	x.sees("make it 40x10")
	x.press("i")
	x.types("unseen")
	x.press("Enter")
	x.resize(80, 24)
	x.hints(`Space ticks "Ask what changed`)
	if n := x.recorded("noted"); n != 0 {
		t.Errorf("%d notes were written unseen", n)
	}
	x.leaves("relight drill DRILL-")
}
