package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// socket names the tmux server of the pictures. Nothing else uses it.
const socket = "relight-pictures"

// Times of a person at the keys.
const (
	patience = 60 * time.Second       // for one text to appear
	glance   = 60 * time.Millisecond  // between two looks
	calm     = 600 * time.Millisecond // before a key: a form takes none in its first moments
	stands   = 1300 * time.Millisecond
)

// server is the tmux server of one run. Its flights are its sessions.
type server struct{ home string }

// up starts the server; it refuses to share one.
func up(home string) (server, error) {
	if exec.Command("tmux", "-L", socket, "list-sessions").Run() == nil {
		return server{}, fmt.Errorf("a tmux server %q runs already: wait for the other make pictures, or end what it left behind with tmux -L %s kill-server", socket, socket)
	}
	s := server{home: home}
	_, err := s.tmux("start-server", ";", "set-option", "-g", "exit-empty", "off", ";", "set-option", "-g", "status", "off", ";", "set-option", "-sg", "escape-time", "0")
	return s, err
}

// down ends the server and all in it.
func (s server) down() { _, _ = s.tmux("kill-server") }

// tmux runs with an environment of its own: nothing of this machine's must
// reach the picture.
func (s server) tmux(args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-L", socket, "-u", "-f", "/dev/null"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "USER=mira", "LC_ALL=C.UTF-8", "TERM=xterm-256color"}
	if dir := os.Getenv("TMUX_TMPDIR"); dir != "" {
		cmd.Env = append(cmd.Env, "TMUX_TMPDIR="+dir)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// screen is one session: a terminal with relight in it.
type screen struct {
	server
	name string
	w, h int
}

// start runs a command line in a new terminal. What it says last stays on the
// screen.
func (s *screen) start(line string) error {
	_, _ = s.tmux("kill-session", "-t", "="+s.name)
	_, err := s.tmux("new-session", "-d", "-s", s.name, "-x", strconv.Itoa(s.w), "-y", strconv.Itoa(s.h), line+"; echo \"[exit $?]\"; exec cat")
	return err
}

func (s *screen) resize(w, h int) error {
	s.w, s.h = w, h
	_, err := s.tmux("resize-window", "-t", "="+s.name+":", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h))
	return err
}

func (s *screen) press(keys ...string) error {
	_, err := s.tmux(append([]string{"send-keys", "-t", "=" + s.name + ":"}, keys...)...)
	return err
}

// spell types a text. tmux takes a semicolon at its end for one of its own.
func (s *screen) spell(text string) error {
	if rest, ok := strings.CutSuffix(text, ";"); ok {
		text = rest + `\;`
	}
	return s.press("-l", text)
}

// kill ends relight as a loss of power would: the shell's child, by its id.
func (s *screen) kill() error {
	out, err := s.tmux("display-message", "-p", "-t", "="+s.name+":", "#{pane_pid}")
	if err != nil {
		return err
	}
	shell := strings.TrimSpace(out)
	children, err := os.ReadFile("/proc/" + shell + "/task/" + shell + "/children")
	if err != nil {
		return fmt.Errorf("kill: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		return fmt.Errorf("kill: the terminal runs %q, not one program", children)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill %d: %w", pid, err)
	}
	return nil
}

// raw is the screen with its colours.
func (s *screen) raw() (string, error) {
	return s.tmux("capture-pane", "-p", "-e", "-t", "="+s.name+":")
}

// whole is the screen with its colours once it stands still for two looks: no
// frame is caught half drawn.
func (s *screen) whole() (string, error) {
	before := ""
	for range 200 {
		out, err := s.raw()
		if err != nil || (out == before && before != "") {
			return out, err
		}
		before = out
		time.Sleep(glance)
	}
	return before, nil
}

// until looks until ok likes the words on the screen; it fails with the last
// of them.
func (s *screen) until(what string, within time.Duration, ok func(screenful) bool) error {
	var last screenful
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(glance) {
		out, err := s.raw()
		if err != nil {
			return err
		}
		if last = screenful(ansi.Strip(out)); ok(last) {
			return nil
		}
	}
	return errors.New("the screen never showed " + what + ". It shows:\n" + string(last))
}

// screenful is the words on a screen.
type screenful string

// has says that one of the texts, split by " | ", stands on the screen.
func (f screenful) has(texts string) bool {
	for _, t := range strings.Split(texts, " | ") {
		if strings.Contains(string(f), t) {
			return true
		}
	}
	return false
}

// on says that the row under the cursor names title.
func (f screenful) on(title string) bool {
	for _, row := range strings.Split(string(f), "\n") {
		if _, row, ok := strings.Cut(row, "▶"); ok && strings.Contains(row, title) {
			return true
		}
	}
	return false
}
