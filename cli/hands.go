package cli

import (
	"context"
	"fmt"

	"github.com/virtengine/relight/actions"
	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// hands run what the cockpit orders.
type hands struct {
	reach  *fleetReach
	runner *actions.Runner
	clk    clock.Clock
	redact safe.Redactor
	local  bool // a runbook may use this machine; never in a drill
	// outside: the configuration's power and isolate commands may be read.
	outside bool
	// mine takes command of all keys that a script on these hosts can reach.
	mine func(hosts []string) error
}

// Run runs a job on its hosts.
func (h hands) Run(ctx context.Context, j cockpit.Job, onLine func(cockpit.Line), onEnd func(cockpit.HostEnd)) {
	if err := h.mine(j.Hosts); err != nil {
		for _, name := range j.Hosts {
			onEnd(cockpit.HostEnd{Host: name, Class: incident.NotStarted, Reason: err.Error()})
		}
		return
	}
	job := actions.Job{Effect: j.Effect, Script: j.Script, Parallel: j.Parallel, Continue: j.Continue,
		Local: h.local, Redact: h.redact, OutDir: j.OutDir, Env: map[string][]relightssh.Var{}}
	if j.Bash {
		job.Shell = relightssh.Bash
	}
	for _, name := range j.Hosts {
		t, err := h.targetOf(name)
		if err != nil {
			onEnd(cockpit.HostEnd{Host: name, Class: incident.NotStarted, Reason: err.Error()})
			continue
		}
		job.Hosts = append(job.Hosts, t)
		job.Env[name] = vars(j.Env[name])
	}
	// A token for each host: on the rehearsal fleet a host that sleeps is idle,
	// and the others are not.
	tokens := map[string]func(){}
	for _, t := range job.Hosts[min(1, len(job.Hosts)):] {
		tokens[t.Name] = h.clk.Busy()
	}
	h.runner.Run(ctx, job, func(l actions.Line) {
		onLine(cockpit.Line{Host: l.Host, At: h.clk.Now(), Text: l.Text, Err: l.Stream == actions.Stderr})
	}, func(e actions.End) {
		end := cockpit.HostEnd{Host: e.Host, Class: incident.Class(e.Class), Exit: e.Exit, Reason: e.Reason,
			SHA256: e.SHA256, Size: e.Size, Capture: e.Capture}
		if e.NotKept != "" && end.Reason == "" {
			end.Reason = "output not kept: " + e.NotKept
		}
		onEnd(end)
		if done := tokens[e.Host]; done != nil {
			done()
		}
	})
}

func (h hands) targetOf(name string) (relightssh.Target, error) {
	if name == actions.LocalHost {
		return relightssh.Target{Name: name}, nil
	}
	return h.reach.target(name)
}

func vars(in []cockpit.Var) []relightssh.Var {
	out := make([]relightssh.Var, len(in))
	for i, v := range in {
		out[i] = relightssh.Var{Name: v.Name, Value: v.Value}
	}
	return out
}

// Read runs a script that only reads.
func (h hands) Read(ctx context.Context, host, script string, env []cockpit.Var) (int, string, error) {
	a, err := h.ask(ctx, host, script, env)
	return a.Exit, a.Output, err
}

// Output is what a reading script printed.
func (h hands) Output(ctx context.Context, host, script string, env []cockpit.Var) (string, error) {
	a, err := h.ask(ctx, host, script, env)
	if err == nil && a.Exit != 0 {
		err = fmt.Errorf("the script on %s ended with exit %d", host, a.Exit)
	}
	return a.Output, err
}

func (h hands) ask(ctx context.Context, host, script string, env []cockpit.Var) (actions.Answer, error) {
	t, err := h.targetOf(host)
	if err != nil {
		return actions.Answer{}, err
	}
	return h.runner.Read(ctx, actions.Job{Hosts: []relightssh.Target{t}, Script: script, Redact: h.redact,
		Env: map[string][]relightssh.Var{host: vars(env)}, Local: h.local})
}

// Outside runs one of the configuration's own commands that read a fence back
// from outside a host. The built-in fleet has none.
func (h hands) Outside(ctx context.Context, command string) (string, error) {
	if !h.outside {
		return "", actions.ErrLocal
	}
	a, err := h.runner.Read(ctx, actions.Job{Hosts: []relightssh.Target{{Name: actions.LocalHost}}, Script: command, Redact: h.redact, Local: true})
	if err == nil && a.Exit != 0 {
		err = fmt.Errorf("exit %d", a.Exit)
	}
	return a.Output, err
}
