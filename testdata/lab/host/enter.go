//go:build linux

package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// maxScript bounds what is read of a script before it runs.
const maxScript = 4 << 20

// enter is what sshd runs for every session: it sets up the machine's own
// world, makes sure that no command of the real one can be met by accident, and
// only then runs what was asked for.
func enter(s Spec) error {
	command := os.Getenv("SSH_ORIGINAL_COMMAND")
	effect := os.Getenv("SSH_CONNECTION")
	for _, kv := range s.Env() {
		k, v, _ := strings.Cut(kv, "=")
		if err := os.Setenv(k, v); err != nil {
			return err
		}
	}
	for _, name := range []string{"systemctl", "sudo", "virtengine", "pgrep", "journalctl"} {
		if err := s.resolves(name); err != nil {
			return err
		}
	}
	if err := s.Text(command); err != nil {
		return err
	}
	if err := os.Chdir(s.UserHome()); err != nil {
		return err
	}
	argv := []string{"sh", "-c", command}
	if command == "" {
		if !strings.HasPrefix(s.Guard(), "kernel") {
			return errors.New("no terminal here: without Landlock nothing would guard what is typed; give a command")
		}
		argv = []string{"sh", "-i"}
	}
	if strings.Contains(command, "$(cat)") {
		if err := readAhead(s); err != nil {
			return err
		}
	}
	return fmt.Errorf("run sh: %w", unix.Exec("/bin/sh", argv, s.Env("SSH_CONNECTION="+effect)))
}

// readAhead takes in a script that comes on standard input, to its end, looks
// at it, and puts it back.
func readAhead(s Spec) error {
	script, err := io.ReadAll(io.LimitReader(os.Stdin, maxScript+1))
	if err != nil {
		return fmt.Errorf("read the script: %w", err)
	}
	if len(script) > maxScript {
		return fmt.Errorf("read the script: it is longer than %d bytes", maxScript)
	}
	if err := s.Text(string(script)); err != nil {
		return err
	}
	fd, err := unix.MemfdCreate("script", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	if _, err := unix.Write(fd, script); err != nil {
		return err
	}
	if _, err := unix.Seek(fd, 0, io.SeekStart); err != nil {
		return err
	}
	return unix.Dup3(fd, 0, 0)
}
