package paper

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
)

// saying is an assertion in words: %s is the name. hand says how a person looks
// without the cockpit; it may be shared by fields.
type saying struct{ yes, no, hand string }

const (
	askStatus = "ssh to its host: curl -s http://127.0.0.1:26657/status"
	askCommit = "on a node that does not hold the key: curl -s http://127.0.0.1:26657/commit, is the key's address among the signatures?"
)

// sayings of the table of probes. A field that has none is told by its help.
func sayings(field string) saying {
	switch field {
	case "host.reachable":
		return saying{"%s answers by SSH with the host key that is known", "%s does not answer by SSH", "ssh to it, and run: true"}
	case "host.unit":
		return saying{hand: "ssh to it: systemctl is-active, with the name of its unit"}
	case "host.fenced":
		return saying{"%s is fenced: stopped, disabled, the assertion in place, no process, no answer", "%s is not fenced", "ssh to it: systemctl is-active (inactive), is-enabled (disabled), cat of the unit shows the assertion, no process, port 26657 refuses"}
	case "node.up":
		return saying{"%s answers on its RPC", "%s does not answer on its RPC", askStatus}
	case "node.synced":
		return saying{"%s is in step: not catching up, and its last block is fresh", "%s is not in step", askStatus + ": catching_up false, latest_block_time seconds ago by your own watch"}
	case "node.catching_up":
		return saying{"%s says that it is catching up", "%s does not say that it is catching up", askStatus}
	case "node.height", "node.age":
		return saying{hand: askStatus}
	case "node.peers":
		return saying{hand: "ssh to its host: curl -s http://127.0.0.1:26657/net_info"}
	case "key.signing":
		return saying{"the key %s signed the last block", "the key %s did not sign the last block", askCommit}
	case "key.banned":
		return saying{"the key %s is banned for ever", "the key %s is not banned", "virtengine query slashing signing-info: tombstoned"}
	case "key.missed_last":
		return saying{hand: askCommit}
	case "key.live_endpoints":
		return saying{hand: "ask /status of every host that holds the key: which shows its address?"}
	case "chain.halted":
		return saying{"the chain stands still", "the chain goes on", "on two nodes: does latest_block_height in /status grow within 30 s?"}
	case "chain.power_ready":
		return saying{hand: "the sheet of the roll call below"}
	case "chain.power_online":
		return saying{hand: "add up the voting power of the signatures in /commit over /validators, all its pages"}
	case "db.role":
		return saying{hand: "psql -c 'select pg_is_in_recovery()': f is a primary, t a replica"}
	case "endpoint.ok":
		return saying{"%s answers as it should", "%s does not answer as it should", "ask its address from outside, with its certificate checked"}
	case "alert.firing":
		return saying{"the alert %s fires", "the alert %s does not fire", "look in the monitoring"}
	}
	return saying{}
}

// assertion is a probe in words, and how a person looks.
func assertion(p checklists.Probe, name string) (says, hand string) {
	spec, _ := checklists.FindProbe(p.Kind, p.Field)
	w := sayings(p.Kind + "." + p.Field)
	truth := p.Lit == "true"
	if p.Op == "!=" {
		truth = !truth
	}
	named := func(form string) string {
		if !strings.Contains(form, "%s") {
			return form
		}
		return fmt.Sprintf(form, name)
	}
	switch {
	case spec.Type == "bool" && truth && w.yes != "":
		return named(w.yes), w.hand
	case spec.Type == "bool" && !truth && w.no != "":
		return named(w.no), w.hand
	}
	if name != "" {
		name += ": "
	}
	help := spec.Help
	if help == "" {
		help = p.Kind + " " + p.Field
	}
	if p.Arg > 0 {
		help = strings.Replace(help, " N ", fmt.Sprintf(" %d ", p.Arg), 1)
	}
	switch {
	case spec.Type == "bool" && truth:
		return name + help, w.hand
	case spec.Type == "bool":
		return name + "not so: " + help, w.hand
	}
	return fmt.Sprintf("%s%s: %s%s", name, help, operator(p.Op, spec.Type), p.Lit), w.hand
}

func operator(op, kind string) string {
	switch op {
	case "==":
		if kind == "int" {
			return "exactly "
		}
		return ""
	case "!=":
		return "not "
	case "<":
		return "less than "
	case "<=":
		return "at most "
	case ">":
		return "more than "
	}
	return "at least "
}

// long is a length of time in words: "2 min", "1 h 30 min", "10 s".
func long(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / u.unit; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, u.name))
			d -= n * u.unit
		}
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " ")
}

// role is a role as people call it.
func role(r string) string {
	switch r {
	case "ops":
		return "operations"
	case "comms":
		return "communications"
	case "":
		return "anybody"
	}
	return r
}

// title is a word with a capital.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func severity(s string) string {
	return strings.ToUpper(strings.Replace(s, "sev", "sev-", 1))
}

func utc(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func hour(t time.Time) string {
	if t.IsZero() {
		return blankTime
	}
	return t.UTC().Format("15:04:05")
}
