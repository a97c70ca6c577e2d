//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/virtengine/relight/testdata/lab/host"
)

const downLimit = 20 * time.Second

// Down ends what the lab in a folder started, and nothing else: each process is
// known by its id and the moment it started, and an init ends all that runs on
// its host. Leftovers of an init that was killed are known by the lab's folder
// on their command line. Taking down what is down is no error. The folder
// stays; Clean empties it.
func Down(dir string) error {
	dir, err := truePath(dir)
	if err != nil {
		return fmt.Errorf("take the lab down: %w", err)
	}
	l, err := Open(dir)
	if err != nil {
		return err
	}
	if l.Dir != dir {
		return fmt.Errorf("take the lab down: %s/lab.json speaks of %s; was the folder moved?", dir, l.Dir)
	}
	for _, p := range l.Procs {
		if p.alive() {
			_ = syscall.Kill(p.PID, syscall.SIGTERM)
		}
	}
	end := time.Now().Add(downLimit)
	for _, p := range l.Procs {
		for p.alive() && time.Now().Before(end) {
			time.Sleep(10 * time.Millisecond)
		}
		if p.alive() {
			for _, below := range host.Below(p.PID) {
				_ = syscall.Kill(below.PID, syscall.SIGKILL)
			}
			_ = syscall.Kill(p.PID, syscall.SIGKILL)
		}
	}
	for time.Now().Before(end) {
		left := runningIn(dir)
		if len(left) == 0 {
			return nil
		}
		for _, p := range left {
			_ = syscall.Kill(p.PID, syscall.SIGKILL)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if left := runningIn(dir); len(left) > 0 {
		return fmt.Errorf("take the lab down: process %d (%s) does not end", left[0].PID, left[0].Line)
	}
	return nil
}

// truePath is the one absolute path of a folder: guards and command lines
// compare it.
func truePath(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// runningIn are the lab's own processes that live in a folder: its program, the
// node, sshd. An editor or a pager that shows one of its files is none.
func runningIn(dir string) []host.Process {
	var out []host.Process
	for _, p := range host.Processes() {
		if p.State == "Z" || p.PID == os.Getpid() || !strings.Contains(p.Line, dir+"/") && !strings.HasSuffix(p.Line, " "+dir) {
			continue
		}
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.PID))
		if err != nil {
			continue // another user's, so not ours
		}
		exe = strings.TrimSuffix(exe, " (deleted)")
		if base := filepath.Base(exe); strings.HasPrefix(exe, dir+"/") || base == "sshd" || base == "cometbft-"+NodeVersion {
			out = append(out, p)
		}
	}
	return out
}

// Clean removes what a lab that is down left in its folder, by name; the folder
// itself goes when nothing else is in it.
func Clean(dir string) error {
	dir, err := truePath(dir)
	if err != nil {
		return fmt.Errorf("clean the lab: %w", err)
	}
	if _, err := Open(dir); err != nil {
		return err
	}
	if running := runningIn(dir); len(running) > 0 {
		return fmt.Errorf("%w: %s", ErrUp, dir)
	}
	for _, name := range []string{"hosts", "bin", "id_ed25519", "known_hosts", "tokens", "rest.log", "mail.log", "relight.toml", "lab.json"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("clean the lab: %w", err)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "testnet-*"))
	for _, p := range left {
		err = errors.Join(err, os.RemoveAll(p))
	}
	_ = os.Remove(dir)
	return err
}
