//go:build linux

package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// Request is one command for a machine's init.
type Request struct {
	Op   string   `json:"op"` // "systemctl" or "ctl"
	Args []string `json:"args"`
	Root bool     `json:"root"` // came through sudo
}

// Reply is what the command prints and its exit code.
type Reply struct {
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
	Code   int    `json:"code"`
}

func fail(code int, format string, args ...any) Reply {
	return Reply{Stderr: fmt.Sprintf(format, args...), Code: code}
}

const maxRequest = 64 << 10

// socket is the path of a machine's socket by way of an open folder: a socket's
// path is limited to 108 bytes, a lab's folder is not.
func socket(s Spec) (path string, done func(), err error) {
	d, err := os.Open(s.Run())
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/init.sock", d.Fd()), func() { _ = d.Close() }, nil
}

// Init is the machine's process 1: it boots and serves until SIGTERM, then ends
// all that runs on the machine.
func Init(s Spec) error {
	if err := becomeInit(); err != nil {
		return err
	}
	path, done, err := socket(s)
	if err != nil {
		return err
	}
	defer done()
	_ = os.Remove(filepath.Join(s.Run(), "init.sock"))
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("listen for systemctl: %w", err)
	}
	defer l.Close()
	term, quit := make(chan os.Signal, 1), make(chan os.Signal)
	signal.Notify(term, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP)
	m := newMachine(s)
	go m.reap(quit)
	m.mu.Lock()
	m.boot()
	m.mu.Unlock()
	go m.accept(l)
	<-term
	m.mu.Lock()
	m.powerOff()
	m.mu.Unlock()
	close(quit)
	return nil
}

func (m *Machine) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go m.serve(c)
	}
}

func (m *Machine) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var req Request
	line, err := bufio.NewReader(io.LimitReader(c, maxRequest)).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &req) != nil {
		return
	}
	reply := fail(1, "lab: unknown request %q\n", req.Op)
	switch req.Op {
	case "systemctl":
		reply = m.systemctl(req)
	case "ctl":
		reply = m.control(req.Args)
	}
	_ = json.NewEncoder(c).Encode(reply)
}

// Call sends one command to a machine's init.
func Call(ctx context.Context, s Spec, req Request) (Reply, error) {
	path, done, err := socket(s)
	if err != nil {
		return Reply{}, err
	}
	defer done()
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return Reply{}, fmt.Errorf("host %s: its init does not run; is the lab up?", s.Name)
	}
	if err != nil {
		return Reply{}, fmt.Errorf("host %s: %w", s.Name, err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := json.NewEncoder(c).Encode(req); err != nil {
		return Reply{}, fmt.Errorf("host %s: ask init: %w", s.Name, err)
	}
	var r Reply
	if err := json.NewDecoder(c).Decode(&r); err != nil {
		return Reply{}, fmt.Errorf("host %s: answer of init: %w", s.Name, err)
	}
	return r, nil
}
