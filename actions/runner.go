package actions

import (
	"context"
	"errors"
	"fmt"
	"sync"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/safe"
)

// LocalHost is the name of this machine in a runbook. A target of that name is
// run by os/exec; its other fields are not looked at.
const LocalHost = "local"

// ErrLocal says that a job wanted this machine and may not have it. A drill
// never may.
var ErrLocal = errors.New("nothing may be run on this machine here")

// Transport is what a Runner needs of the SSH transport; *relightssh.Pool is
// one.
type Transport interface {
	Exec(ctx context.Context, t relightssh.Target, cmd relightssh.Command) (relightssh.Result, error)
}

// Runner runs jobs. Its methods may be called from any goroutine.
type Runner struct{ ssh Transport }

// NewRunner is a runner over that transport.
func NewRunner(ssh Transport) *Runner { return &Runner{ssh: ssh} }

// Job is one effect.
type Job struct {
	Effect   string                      // id of the recorded event; hosts see it as RELIGHT_EFFECT
	Hosts    []relightssh.Target         // in the order they are started
	Script   string                      // sh or bash
	Shell    relightssh.Shell            // "": sh
	Env      map[string][]relightssh.Var // by host name
	Parallel int                         // how many hosts at a time; 0: all
	Continue bool                        // start further hosts after a failure
	Local    bool                        // LocalHost is allowed
	Redact   safe.Redactor
	OutDir   string // "": the output is not kept
}

// Stream is where a line came from.
type Stream string

// The streams.
const (
	Stdout Stream = "out"
	Stderr Stream = "err"
)

// Line is one line of output, cleaned and without known secrets.
type Line struct {
	Effect string
	Host   string
	Stream Stream
	Text   string
}

// End is how a job ended on one host.
type End struct {
	Host    string
	Class   relightssh.Class
	Exit    int    // of an exited one; -1: ended by Signal
	Signal  string // "" for none
	Reason  string // one sentence when it did not exit, cleaned; else ""
	SHA256  string // of the kept file; "" when none is kept
	Size    int64  // of the whole output, secrets replaced, kept or not
	Capture string // first line of standard output, at most CaptureLimit bytes
	// NotKept says why the output is not in OutDir; "" when it is.
	NotKept string
}

// OK says that the script exited with 0.
func (e End) OK() bool { return e.Class == relightssh.Exited && e.Exit == 0 }

// Run runs the job and returns when it has ended on all hosts: the ends are in
// the order of Hosts. onLine and onEnd (either may be nil) are called as it
// goes, one call at a time, never after Run has returned. When ctx ends, what
// runs becomes lost, and what has not been started is not started.
func (r *Runner) Run(ctx context.Context, j Job, onLine func(Line), onEnd func(End)) []End {
	var mu sync.Mutex // one callback at a time
	failed := ""      // the host that stops the job
	ends := make([]End, len(j.Hosts))
	room := j.Parallel
	if room <= 0 || room > len(j.Hosts) {
		room = max(1, len(j.Hosts))
	}
	turns := make(chan struct{}, room)
	var all sync.WaitGroup
	for i, t := range j.Hosts {
		turns <- struct{}{} // given back when a host has ended
		all.Go(func() {
			defer func() { <-turns }()
			mu.Lock()
			stop := failed
			mu.Unlock()
			var end End
			if stop != "" && !j.Continue {
				end = End{Host: t.Name, Class: relightssh.NotStarted, Reason: "not started: " + stop + " failed before"}
			} else {
				end = r.one(ctx, j, t, func(l Line) {
					mu.Lock()
					defer mu.Unlock()
					if onLine != nil {
						onLine(l)
					}
				})
			}
			mu.Lock()
			defer mu.Unlock()
			if ends[i] = end; !end.OK() && failed == "" {
				failed = t.Name
			}
			if onEnd != nil {
				onEnd(end)
			}
		})
	}
	all.Wait()
	return ends
}

// one runs the job on one host.
func (r *Runner) one(ctx context.Context, j Job, t relightssh.Target, onLine func(Line)) End {
	s := newSink(j, t.Name, onLine)
	res, err := r.exec(ctx, t, j.Local, relightssh.Command{Shell: j.Shell, Script: j.Script, Env: j.Env[t.Name], Effect: j.Effect,
		Stdout: func(b []byte) { s.take(Stdout, b) }, Stderr: func(b []byte) { s.take(Stderr, b) }})
	end := s.end()
	end.Class, end.Exit, end.Signal = res.Class, res.Exit, res.Signal
	if err != nil {
		end.Reason = safe.Short(j.Redact.Redact(err.Error()), 500)
	}
	return end
}

func (r *Runner) exec(ctx context.Context, t relightssh.Target, local bool, cmd relightssh.Command) (relightssh.Result, error) {
	if t.Name != LocalHost {
		return r.ssh.Exec(ctx, t, cmd)
	}
	if !local {
		return relightssh.Result{Class: relightssh.NotStarted}, ErrLocal
	}
	return runLocal(ctx, cmd)
}

// Answer is what a reading script said.
type Answer struct {
	Exit   int
	Output string // both streams, cleaned, without known secrets, at most AnswerLimit bytes
}

// AnswerLimit is how much of an Answer is kept.
const AnswerLimit = 64 << 10

// Read runs a guard or verification: a script that only reads. An error says
// that there was no answer; a script that exits with any code is one.
// j.OutDir, Parallel and Continue are not looked at; there is exactly one host.
func (r *Runner) Read(ctx context.Context, j Job) (Answer, error) {
	if len(j.Hosts) != 1 {
		return Answer{}, fmt.Errorf("a reading wants one host, has %d", len(j.Hosts))
	}
	j.OutDir = ""
	var mu sync.Mutex
	var a Answer
	t := j.Hosts[0]
	s := newSink(j, t.Name, func(l Line) {
		mu.Lock()
		defer mu.Unlock()
		if len(a.Output)+len(l.Text) < AnswerLimit {
			a.Output += l.Text + "\n"
		}
	})
	res, err := r.exec(ctx, t, j.Local, relightssh.Command{Shell: j.Shell, Script: j.Script, Env: j.Env[t.Name], Effect: j.Effect,
		Stdout: func(b []byte) { s.take(Stdout, b) }, Stderr: func(b []byte) { s.take(Stderr, b) }})
	s.end()
	if err != nil {
		return Answer{}, fmt.Errorf("%s: no answer: %w", t.Name, err)
	}
	a.Exit = res.Exit
	return a, nil
}
