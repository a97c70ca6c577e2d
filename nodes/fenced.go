package nodes

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// Check is one of the read-backs that prove a fence.
type Check struct {
	Name  string    `json:"name"`
	Holds Tri       `json:"holds"`
	Saw   string    `json:"saw"`
	At    time.Time `json:"at,omitzero"`
}

// Fenced says whether all read-backs of a host hold: the unit is inactive or
// failed, it has no main process, the fence's drop-in is loaded and its text
// keeps the unit from starting, no reload is pending, it is not enabled, no process runs with that home, and the RPC of
// every node of the host refuses. One that contradicts makes it false, one that
// is missing unknown. A timeout is never a refusal, and an exit status is no
// read-back.
func Fenced(s Snapshot, host string) (Tri, []Check) {
	h, ok := s.Host(host)
	if !ok || h.At.IsZero() {
		return Unknown, []Check{{Name: "host", Saw: "not looked at"}}
	}
	if h.Reachable != True {
		return Unknown, []Check{{Name: "host", Saw: firstOf(h.Err, "not reachable"), At: h.At}}
	}
	checks := append(unitChecks(h), Check{Name: "processes", Saw: "not known", At: h.At})
	if h.ProcsKnown {
		p := &checks[len(checks)-1]
		p.Holds, p.Saw = TriOf(h.Procs == 0), fmt.Sprintf("%d with that home", h.Procs)
	}
	checks = append(checks, rpcChecks(s, host)...)
	all := True
	for i, c := range checks {
		if !s.Fresh(c.At, s.HostEvery) {
			checks[i].Holds, checks[i].Saw = Unknown, "read too long ago"
		}
		all = all.And(checks[i].Holds)
	}
	return all, checks
}

func unitChecks(h HostFacts) []Check {
	u := h.Unit
	word := func(name, saw string, good, bad []string) Check {
		c := Check{Name: name, Saw: firstOf(saw, "not printed"), At: h.At}
		for _, g := range good {
			if saw == g {
				c.Holds = True
			}
		}
		// Anything else that was printed contradicts, unless only some words
		// are known to.
		if c.Holds == Unknown && saw != "" && bad == nil {
			c.Holds = False
		}
		for _, b := range bad {
			if saw == b {
				c.Holds = False
			}
		}
		return c
	}
	drop := Check{Name: "drop-in", At: h.At, Saw: "the unit was not read"}
	if u.ActiveState != "" {
		drop.Holds, drop.Saw = False, "no "+FenceDropIn
		for _, p := range strings.Fields(u.DropInPaths) {
			if path.Base(p) == FenceDropIn {
				drop.Holds, drop.Saw = True, p
			}
		}
	}
	text := Check{Name: "drop-in text", Holds: h.FenceHolds, At: h.At, Saw: "was not read"}
	switch h.FenceHolds {
	case True:
		text.Saw = "asserts a path that is never there"
	case False:
		text.Saw = "does not keep the unit from starting"
	}
	return []Check{
		word("active", u.ActiveState, []string{"inactive", "failed"}, nil),
		word("main pid", u.MainPID, []string{"0"}, nil),
		drop,
		text,
		word("reload pending", u.NeedDaemonReload, []string{"no"}, nil),
		word("unit file", u.UnitFileState, []string{"disabled", "masked", "masked-runtime", "static", "indirect", "linked", "linked-runtime"},
			[]string{"enabled", "enabled-runtime", "alias"}),
	}
}

func rpcChecks(s Snapshot, host string) []Check {
	list := s.NodesOf(host)
	if len(list) == 0 {
		return []Check{{Name: "rpc", Saw: "no node is configured on this host", At: s.At}}
	}
	var out []Check
	for _, n := range list {
		c := Check{Name: "rpc of " + n.Name, Saw: firstOf(n.Err, string(n.State)), At: n.AskedAt}
		switch {
		case n.State == Up, n.Fail == FailAnswer:
			c.Holds = False // whatever it says, something listens there
		case n.Fail == FailRefused:
			c.Holds, c.Saw = True, "refuses"
		}
		out = append(out, c)
	}
	return out
}

// describe puts the checks into one line, what does not hold first.
func describe(checks []Check) string {
	var bad, good []string
	for _, c := range checks {
		if c.Holds == True {
			good = append(good, c.Name+" "+c.Saw)
		} else {
			bad = append(bad, c.Name+" "+c.Saw)
		}
	}
	return strings.Join(append(bad, good...), "; ")
}

func oldestCheck(checks []Check, at time.Time) time.Time {
	for _, c := range checks {
		if !c.At.IsZero() && c.At.Before(at) {
			at = c.At
		}
	}
	return at
}
