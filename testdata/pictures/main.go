package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// patience bounds the wait for one text to appear.
const patience = 90 * time.Second

// screen is one tmux server with one window.
type screen struct{ socket, out string }

func run() error {
	dir, err := os.MkdirTemp("", "relight-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin, err := filepath.Abs(filepath.Join("bin", "relight"))
	if err != nil {
		return err
	}
	s := screen{socket: fmt.Sprintf("relight-pictures-%d", os.Getpid()), out: filepath.Join("docs", "pictures")}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	defer s.tmux("kill-server")
	_, err = s.tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-e", "USER=mira",
		"-e", "COLORTERM=", bin, "drill", "--new", "--seed", "7", "--speed", "2", "--param", "stable=60s", "--journal", dir)
	if err != nil {
		return err
	}
	return s.fly()
}

// fly is the story of the pictures: keys, and the text that must appear before
// the next ones.
func (s screen) fly() error {
	for _, step := range []struct{ keys, until, picture string }{
		{"", "CAUTION", "home"},
		{"D", "Declare an incident", "declare"},
		{"D", "T+00:00", ""},
		{"P", "slack-engineering", ""},
		{"Space", "note", ""},
		{"-l nobody works on it", "nobody works", ""},
		{"Enter", "Which way", ""},
		{"Space", "note", ""},
		{"-l mira has all", "mira has all", ""},
		{"Enter", "ticks \"Assess", ""},
		{"Space", "note", ""},
		{"-l one validator, chain goes on", "one validator", ""},
		{"Enter", "c chooses the way", ""},
		{"c", "Enter takes", ""},
		{"B", "▶B", ""},
		{"Enter", "Option B chosen", ""},
		{"x", "armed", "armed"},
		{"-l val-2", "[val-2", ""},
		{"Enter", "x arms \"Read its sign state", "flight"},
		{"x", "armed", ""},
		{"-l run", "[run", ""},
		{"Enter", "x arms \"Stage", ""},
		{"x", "armed", ""},
		{"-l run", "[run", ""},
		{"Enter", "x arms \"Start", ""},
		{"x", "armed", ""},
		{"-l val-2s", "[val-2s", ""},
		{"Enter", "REFUSED", ""}, // straight after the stop: the evidence is not there yet
		{"Enter", "VERDICT", "fence"},
		{"Escape", "4 Next message", ""},
		{"4", "4 Next message", ""},
		{"z", "All messages", "comms"},
	} {
		if step.keys != "" {
			// A message stands a second before its key counts; so does a form.
			time.Sleep(1200 * time.Millisecond)
			args := append([]string{"send-keys"}, split(step.keys)...)
			if _, err := s.tmux(args...); err != nil {
				return err
			}
		}
		if err := s.wait(step.until); err != nil {
			return err
		}
		if step.picture != "" {
			time.Sleep(1500 * time.Millisecond)
			if err := s.keep(step.picture, 120, 40); err != nil {
				return err
			}
		}
	}
	return s.small()
}

// small is the flight in the smallest window that has all of it.
func (s screen) small() error {
	for _, args := range [][]string{{"send-keys", "Escape"}, {"resize-window", "-x", "80", "-y", "24"}, {"send-keys", "1"}} {
		if _, err := s.tmux(args...); err != nil {
			return err
		}
		time.Sleep(1500 * time.Millisecond) // Escape alone, and a window drawn anew
	}
	if err := s.wait("[1 Checklist"); err != nil {
		return err
	}
	return s.keep("flight", 80, 24)
}

// split keeps the text of "-l text" whole.
func split(keys string) []string {
	if text, ok := strings.CutPrefix(keys, "-l "); ok {
		return []string{"-l", text}
	}
	return strings.Fields(keys)
}

func (s screen) tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-L", s.socket}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// wait polls the screen until text stands on it.
func (s screen) wait(text string) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		out, err := s.tmux("capture-pane", "-p")
		if err != nil {
			return err
		}
		if strings.Contains(out, text) {
			return nil
		}
	}
	out, _ := s.tmux("capture-pane", "-p")
	return errors.New("the screen never showed " + text + ":\n" + out)
}

func (s screen) keep(name string, w, h int) error {
	out, err := s.tmux("capture-pane", "-p", "-e")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.out, fmt.Sprintf("%s-%dx%d.svg", name, w, h)), []byte(SVG(out, w, h)), 0o644)
}
