package words

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/safe"
)

// Claim is an assertion of a runbook in words: "val-2 is stopped and fenced"
// for host(val-2).fenced == true. One that no words are known for stays as it
// is written. params fill the name of a script's host.
func Claim(text string, params map[string]string) string {
	text = safe.Short(text, 160)
	if rest, ok := strings.CutPrefix(text, "script on "); ok {
		return script(rest, params)
	}
	m := assertion.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	c := claim{kind: m[1], name: m[2], field: m[3], arg: m[4], op: m[5], lit: m[6]}
	if s := c.words(); s != "" {
		return s
	}
	return text
}

var assertion = lazy.Pattern(`^([a-z]+)(?:\(([^()]+)\))?\.([a-z_]+)(?:\(([0-9]+)\))? (==|!=|<=|>=|<|>) (\S+)$`)

// script names the host of a script that reads something.
func script(rest string, params map[string]string) string {
	host, body, _ := strings.Cut(rest, ": ")
	if name, ok := strings.CutPrefix(host, "$"); ok {
		host = name
		if v := safe.Short(params[name], 40); v != "" {
			host = v
		}
	}
	if assigns.MatchString(body) || body == "" {
		return "the script of the runbook on " + host + " says so"
	}
	return "on " + host + ": " + body
}

// assigns is a script's first line that only sets a variable: it says nothing.
var assigns = lazy.Pattern(`^[A-Za-z_][A-Za-z0-9_]*=`)

type claim struct{ kind, name, field, arg, op, lit string }

func (c claim) words() string {
	yes := (c.lit == "true") == (c.op == "==")
	flag := func(is, not string) string {
		if c.lit != "true" && c.lit != "false" {
			return ""
		}
		if yes {
			return is
		}
		return not
	}
	n := c.name
	switch c.kind + "." + c.field {
	case "host.reachable":
		return flag(n+" answers by SSH", n+" does not answer by SSH")
	case "host.fenced":
		return flag(n+" is stopped and fenced", n+" is not fenced")
	case "host.unit":
		return c.is("the unit of "+n, "")
	case "node.up":
		return flag(n+" answers", n+" does not answer")
	case "node.synced":
		return flag(n+" has the last block", n+" is behind")
	case "node.serving":
		return flag(n+" answers with the last block", n+" serves nobody")
	case "node.catching_up":
		return flag(n+" is catching up", n+" is not catching up")
	case "node.height":
		return c.amount(n+" is at block", "")
	case "node.peers":
		return c.amount(n+" has", " peers")
	case "node.age":
		return c.amount("the last block of "+n+" is", " old")
	case "key.signing":
		return flag("key "+n+" signs", "key "+n+" does not sign")
	case "key.banned":
		return flag("key "+n+" is banned for ever", "key "+n+" is not banned for ever")
	case "key.missed_last":
		return c.missed()
	case "key.live_endpoints":
		return c.endpoints()
	case "chain.halted":
		return flag("the chain stands", "the chain does not stand")
	case "chain.power_online":
		return c.amount("power online is", "")
	case "chain.power_ready":
		return c.amount("power that votes or is ready is", "")
	case "chain.second_signers":
		if c.op == "==" && c.lit == "0" {
			return "no key is shown by two endpoints"
		}
		return c.amount("keys shown by two endpoints:", "")
	case "place.silent":
		return flag("nothing in "+n+" answers", "something in "+n+" answers")
	case "place.answering":
		return c.amount("answering in "+n+":", "")
	case "chain.height":
		return c.amount("the chain is at block", "")
	case "chain.evidence":
		if c.op == "==" && c.lit == "0" {
			return "no evidence of double signing"
		}
	case "db.up":
		return flag("the database "+n+" answers", "the database "+n+" does not answer")
	case "db.replay":
		return c.is("the replay of "+n, "")
	case "db.fenced":
		return flag(n+" is stopped and fenced", n+" is not fenced")
	case "db.loss_age":
		return c.amount("a promotion of "+n+" loses", "")
	case "db.managed":
		return flag("a manager promotes "+n, "no manager promotes "+n)
	case "db.loose":
		return flag(n+" may come back: its host answers, and it is not fenced", n+" is fenced, or its host does not answer")
	case "db.sessions":
		return c.amount("sessions on "+n+":", "")
	case "db.replicas":
		return c.amount("replicas that stream from "+n+":", "")
	case "db.archiving":
		return flag(n+" archives its WAL", n+" does not archive its WAL")
	case "db.role":
		return c.is(n, "")
	case "db.timeline":
		return c.amount("the timeline of "+n+" is", "")
	case "db.lag_bytes":
		return c.amount(n+" is behind by", " bytes")
	case "db.lag_age":
		return c.amount("the newest row on "+n+" is", " old")
	case "endpoint.ok":
		return flag(n+" answers as it should", n+" does not answer as it should")
	case "alert.firing":
		return flag("the alert "+n+" fires", "the alert "+n+" does not fire")
	}
	return ""
}

func (c claim) is(what, unit string) string {
	switch c.op {
	case "==":
		return what + " is " + c.lit + unit
	case "!=":
		return what + " is not " + c.lit + unit
	}
	return ""
}

// amount is a comparison with a number.
func (c claim) amount(what, unit string) string {
	how := map[string]string{"==": "%s %s%s", "!=": "%s not %s%s", ">=": "%s %s%s or more", "<=": "%s %s%s at most", ">": "%s more than %s%s", "<": "%s less than %s%s"}[c.op]
	return fmt.Sprintf(how, what, c.lit, unit)
}

func (c claim) missed() string {
	last := "the last " + c.arg + " blocks"
	switch {
	case c.op == "==" && c.lit == c.arg:
		return "key " + c.name + " is in none of " + last
	case c.op == "==" && c.lit == "0":
		return "key " + c.name + " is in all of " + last
	}
	return c.amount("of "+last+" key "+c.name+" missed", "")
}

func (c claim) endpoints() string {
	switch {
	case c.op == "==" && c.lit == "0":
		return "key " + c.name + " answers nowhere"
	case c.op == "==" && c.lit == "1":
		return "key " + c.name + " answers at one place only"
	}
	return c.amount("places where key "+c.name+" answers:", "")
}
