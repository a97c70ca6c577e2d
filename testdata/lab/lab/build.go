//go:build linux

package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// cacheDir is $RELIGHT_CACHE, else relight in the user's cache folder.
func cacheDir() (string, error) {
	dir := os.Getenv("RELIGHT_CACHE")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("where to keep the node: %w; set RELIGHT_CACHE", err)
		}
		dir = filepath.Join(user, "relight")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(filepath.Join(dir, "bin"), 0o755)
}

// NodeBinary is the path of cometbft, built on first use (80 s on two cores). A
// second caller waits for the first.
func NodeBinary(ctx context.Context, log func(string)) (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "bin", "cometbft-"+NodeVersion)
	if built(bin) {
		return bin, nil
	}
	lock, err := os.OpenFile(filepath.Join(dir, "build.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", fmt.Errorf("wait for another build of the node: %w", err)
	}
	if built(bin) {
		return bin, nil
	}
	log("building cometbft " + NodeVersion + " into " + dir + ", once; this takes a minute or two")
	tmp, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	err = goTool(ctx, dir, []string{"GOBIN=" + tmp, "GOFLAGS=", "GOWORK=off"}, "install", "github.com/cometbft/cometbft/cmd/cometbft@"+NodeVersion)
	if err != nil {
		return "", fmt.Errorf("build the node: %w", err)
	}
	return bin, os.Rename(filepath.Join(tmp, "cometbft"), bin)
}

func built(bin string) bool {
	info, err := os.Stat(bin)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o100 != 0
}

// buildHost builds labhost to path.
func buildHost(ctx context.Context, path string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	if err := goTool(ctx, root, nil, "build", "-buildvcs=false", "-o", path, "./testdata/lab/labhost"); err != nil {
		return fmt.Errorf("build the hosts' program: %w", err)
	}
	return nil
}

// moduleRoot is where this module's go.mod lies: above the working folder, as
// in a test, or above this source file.
func moduleRoot() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	_, file, _, _ := runtime.Caller(0)
	for _, from := range []string{wd, filepath.Dir(file)} {
		for dir := from; ; dir = filepath.Dir(dir) {
			b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err == nil && bytes.HasPrefix(b, []byte("module github.com/virtengine/relight\n")) {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("the source of relight is not found above %s; run this in its checkout", wd)
}

// goTool runs go without cgo: the programs must not depend on where they run.
func goTool(ctx context.Context, dir string, env []string, args ...string) error {
	tool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("%w: go", ErrMissing)
	}
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w: %s", args[0], err, lastPart(string(out)))
	}
	return nil
}

// lastPart is the end of an output, for an error.
func lastPart(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1500 {
		s = "…" + s[len(s)-1500:]
	}
	return s
}

// programs are what the machine must have.
func programs() (sshd, gpg string, err error) {
	for _, p := range []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"} {
		if built(p) {
			sshd = p
			break
		}
	}
	if sshd == "" {
		return "", "", fmt.Errorf("%w: sshd (install openssh-server; it need not run)", ErrMissing)
	}
	if gpg, err = exec.LookPath("gpg"); err != nil {
		return "", "", fmt.Errorf("%w: gpg (install gnupg)", ErrMissing)
	}
	return sshd, gpg, nil
}
