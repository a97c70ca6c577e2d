//go:build linux

package host

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// spawner starts processes from one thread that lives as long as init: the
// kernel ties "die with your parent" to the thread that forked. So a lab whose
// init is killed leaves no node behind.
type spawner struct{ jobs chan func() }

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// start runs argv with its output appended to log, and gives its process id.
// The caller holds the machine's lock, so that the reaper cannot meet a process
// nobody knows yet.
func (s *spawner) start(argv, env []string, dir, log string) (int, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return 0, err
	}
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	var pid int
	done := make(chan struct{})
	s.jobs <- func() {
		defer close(done)
		pid, err = syscall.ForkExec(path, argv, &syscall.ProcAttr{
			Dir: dir, Env: env, Files: []uintptr{null.Fd(), out.Fd(), out.Fd()},
			Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
		})
	}
	<-done
	return pid, err
}

// becomeInit makes orphans below this process its children: a machine's
// process 1 knows all that runs on it.
func becomeInit() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the parent of orphans: %w", err)
	}
	return nil
}

// Process is what /proc says of one.
type Process struct {
	PID, Parent int
	Started     string // ticks since boot; with PID it is an identity
	State       string // "Z" is dead and not yet reaped
	Line        string // command line, blanks between the words
}

// Look reads one process; ok is false when there is none.
func Look(pid int) (p Process, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return p, false
	}
	// The name stands in brackets and may hold anything.
	rest := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(rest) < 20 {
		return p, false
	}
	parent, _ := strconv.Atoi(rest[1])
	line, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return Process{PID: pid, Parent: parent, Started: rest[19], State: rest[0],
		Line: strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))}, true
}

// Processes are all of the machine the lab runs on.
func Processes() []Process {
	list, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var out []Process
	for _, e := range list {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if p, ok := Look(pid); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// Below are the descendants of pid that live, without those in the trees of
// the processes to be spared.
func Below(pid int, spare ...int) []Process {
	all := Processes()
	skip := map[int]bool{}
	for _, p := range spare {
		skip[p] = p != 0
	}
	var out []Process
	for level := []int{pid}; len(level) > 0; {
		var next []int
		for _, p := range all {
			for _, parent := range level {
				if p.Parent == parent && p.PID != pid && !skip[p.PID] {
					next = append(next, p.PID)
					if p.State != "Z" {
						out = append(out, p)
					}
				}
			}
		}
		level = next
	}
	return out
}
