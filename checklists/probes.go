package checklists

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/virtengine/relight/lazy"
)

// ProbeSpec is one row of the table of probes: kind(name).field(arg). From it
// the linter knows what may be asked, and the documentation is generated.
type ProbeSpec struct {
	Kind   string
	Field  string
	Type   string // bool, word, int, duration or fraction
	HasArg bool   // field(N)
	Words  []string
	Help   string
}

// Named says whether the kind takes a name in brackets: all but chain.
func (s ProbeSpec) Named() bool { return s.Kind != "chain" }

// Probes is the table of everything a runbook may ask the cockpit.
func Probes() []ProbeSpec {
	return []ProbeSpec{
		{Kind: "host", Field: "reachable", Type: "bool", Help: "SSH answers with the right host key"},
		{Kind: "host", Field: "unit", Type: "word", Words: []string{"active", "inactive", "failed", "activating", "deactivating"}, Help: "what systemd says of the host's unit"},
		{Kind: "host", Field: "fenced", Type: "bool", Help: "every read-back of the fence holds: stopped, disabled, the assertion in place, no process, no answer"},
		{Kind: "node", Field: "up", Type: "bool", Help: "RPC answers"},
		{Kind: "node", Field: "serving", Type: "bool", Help: "RPC answers and the last block is fresh; false also where nothing answers"},
		{Kind: "node", Field: "synced", Type: "bool", Help: "not catching up and the last block is fresh"},
		{Kind: "node", Field: "catching_up", Type: "bool", Help: "the node says that it is catching up"},
		{Kind: "node", Field: "height", Type: "int", Help: "height of the node's last block"},
		{Kind: "node", Field: "peers", Type: "int", Help: "connected peers"},
		{Kind: "node", Field: "age", Type: "duration", Help: "age of the node's last block by our clock"},
		{Kind: "key", Field: "signing", Type: "bool", Help: "the key signed the last canonical block"},
		{Kind: "key", Field: "banned", Type: "bool", Help: "tombstoned: banned for ever"},
		{Kind: "key", Field: "missed_last", Type: "int", HasArg: true, Help: "commits without the key among the last N canonical blocks"},
		{Kind: "key", Field: "live_endpoints", Type: "int", Help: "endpoints that answer and show the key's address"},
		{Kind: "place", Field: "silent", Type: "bool", Help: "nothing in that region or zone answers, of two things or more that were asked"},
		{Kind: "place", Field: "answering", Type: "int", Help: "nodes, services and hosts in that region or zone that answer"},
		{Kind: "chain", Field: "halted", Type: "bool", Help: "no new block, by two witnesses"},
		{Kind: "chain", Field: "power_online", Type: "fraction", Help: "voting power that signs, of the total"},
		{Kind: "chain", Field: "power_ready", Type: "fraction", Help: "voting power of a standing chain that votes, or whose operators said in the roll call that they are ready, of the total"},
		{Kind: "chain", Field: "second_signers", Type: "int", Help: "keys that two answering endpoints show"},
		{Kind: "chain", Field: "height", Type: "int", Help: "height of the last canonical block"},
		{Kind: "chain", Field: "evidence", Type: "int", Help: "evidence of double signing since the declaration"},
		{Kind: "db", Field: "up", Type: "bool", Help: "the server answers a query"},
		{Kind: "db", Field: "role", Type: "word", Words: []string{"primary", "replica"}, Help: "what the server says it is"},
		{Kind: "db", Field: "timeline", Type: "int", Help: "the server's timeline"},
		{Kind: "db", Field: "replay", Type: "word", Words: []string{"none", "streaming", "paused", "cut"}, Help: "what it does with the primary's WAL: none on a primary, cut when it hears nobody"},
		{Kind: "db", Field: "lag_bytes", Type: "int", Help: "bytes of the primary's WAL that the replica has not replayed"},
		{Kind: "db", Field: "lag_age", Type: "duration", Help: "age of the heartbeat row, or of the last word from the primary where that is older"},
		{Kind: "db", Field: "loss_age", Type: "duration", Help: "how much older a replica's newest row is than the last sign of life of its primary: what a promotion would lose, at most"},
		{Kind: "db", Field: "fenced", Type: "bool", Help: "its host was read back: stopped, disabled, the fence's assertion in place; and its port refuses"},
		{Kind: "db", Field: "managed", Type: "bool", Help: "the configuration names a manager that promotes it, such as patroni: what is done by hand fights it"},
		{Kind: "db", Field: "loose", Type: "bool", Help: "its host answers and it is not fenced: it may come back; says nothing of a host that does not answer"},
		{Kind: "db", Field: "sessions", Type: "int", Help: "clients connected, but for relight"},
		{Kind: "db", Field: "replicas", Type: "int", Help: "replicas that stream from the server"},
		{Kind: "db", Field: "archiving", Type: "bool", Help: "WAL archiving is on, and the last attempt did not fail"},
		{Kind: "endpoint", Field: "ok", Type: "bool", Help: "the endpoint answers as the configuration expects"},
		{Kind: "alert", Field: "firing", Type: "bool", Help: "the alert fires in the monitoring"},
	}
}

// FindProbe is the row for kind.field.
func FindProbe(kind, field string) (ProbeSpec, bool) {
	for _, s := range Probes() {
		if s.Kind == kind && s.Field == field {
			return s, true
		}
	}
	return ProbeSpec{}, false
}

var probeForm = lazy.Pattern(`^([a-z]+)(?:\(([A-Za-z0-9$._:/@-]+)\))?\.([a-z_]+)(?:\(([0-9]{1,6})\))? (==|!=|<=|>=|<|>) (\S+)$`)

// probes reads the lines of a probe block.
func (p *reader) probes(b *Block, in fence) {
	for n := in.line + 1; n <= in.last; n++ {
		text := strings.TrimSpace(p.src.line(n))
		if text == "" {
			continue
		}
		if pr, ok := p.probe(text, n); ok {
			b.Probes = append(b.Probes, pr)
		}
	}
	if in.last == in.line || strings.TrimSpace(b.Text) == "" {
		p.err(in.line, in.col, "block-empty", "the probe block asserts nothing", "write one assertion a line, such as chain.halted == false")
	}
}

// probe reads one assertion.
func (p *reader) probe(text string, line int) (Probe, bool) {
	col := p.col(line)
	m := probeForm.FindStringSubmatch(text)
	if m == nil {
		p.err(line, col, "probe-syntax", fmt.Sprintf("%q is no assertion", text), "write kind(name).field == value, one a line, one blank on each side of the sign")
		return Probe{}, false
	}
	pr := Probe{Kind: m[1], Name: m[2], Field: m[3], Op: m[5], Lit: m[6], Text: text, Line: line}
	pr.Arg, _ = strconv.Atoi(m[4])
	spec, ok := FindProbe(pr.Kind, pr.Field)
	if !ok {
		p.err(line, col, "probe-unknown", fmt.Sprintf("nothing is known as %s.%s", pr.Kind, pr.Field), probeHint(pr.Kind))
		return pr, false
	}
	switch {
	case spec.Named() && pr.Name == "":
		p.err(line, col, "probe-name", fmt.Sprintf("%s needs a name", pr.Kind), fmt.Sprintf("write %s($param).%s or %s(NAME).%s", pr.Kind, pr.Field, pr.Kind, pr.Field))
	case !spec.Named() && pr.Name != "":
		p.err(line, col, "probe-name", fmt.Sprintf("%s takes no name", pr.Kind), "there is one chain: write "+pr.Kind+"."+pr.Field)
	case spec.HasArg && pr.Arg < 1:
		p.err(line, col, "probe-arg", fmt.Sprintf("%s needs a number above zero", pr.Field), fmt.Sprintf("write %s(100)", pr.Field))
	case !spec.HasArg && m[4] != "":
		p.err(line, col, "probe-arg", fmt.Sprintf("%s takes no number", pr.Field), "drop the brackets after "+pr.Field)
	}
	if hint := literalHint(spec, pr.Op, pr.Lit); hint != "" {
		p.err(line, col, "probe-literal", fmt.Sprintf("%s.%s cannot be compared by %s with %s", pr.Kind, pr.Field, pr.Op, pr.Lit), hint)
	}
	p.probeName(pr, line, col+len(pr.Kind)+1)
	return pr, true
}

func probeHint(kind string) string {
	var fields, kinds []string
	for _, s := range Probes() {
		if s.Kind == kind {
			fields = append(fields, s.Field)
		}
		if !contains(kinds, s.Kind) {
			kinds = append(kinds, s.Kind)
		}
	}
	if len(fields) > 0 {
		return kind + " knows " + strings.Join(fields, ", ")
	}
	return "the kinds are " + strings.Join(kinds, ", ")
}

// literalHint is what to write instead, or "" when the literal fits the type.
func literalHint(s ProbeSpec, op, lit string) string {
	ordered := op != "==" && op != "!="
	switch s.Type {
	case "bool":
		if ordered || lit != "true" && lit != "false" {
			return "compare with == true or == false"
		}
	case "word":
		if ordered || !contains(s.Words, lit) {
			return "compare by == or != with one of " + strings.Join(s.Words, ", ")
		}
	case "int":
		if _, err := strconv.ParseUint(lit, 10, 63); err != nil {
			return "write a whole number"
		}
	case "duration":
		if lit != "0s" {
			if _, err := parseDuration(lit); err != nil {
				return "write a duration such as 30s"
			}
		}
	case "fraction":
		if _, err := ParseFraction(lit); err != nil {
			return "write a fraction such as 2/3 or 0.67"
		}
	}
	return ""
}

// ParseFraction reads 2/3 or 0.67: a number from 0 to 1.
func ParseFraction(lit string) (float64, error) {
	f, err := strconv.ParseFloat(lit, 64)
	if a, b, ok := strings.Cut(lit, "/"); ok {
		x, errA := strconv.ParseUint(a, 10, 31)
		y, errB := strconv.ParseUint(b, 10, 31)
		if errA != nil || errB != nil || y == 0 {
			return 0, fmt.Errorf("%q is no fraction", lit)
		}
		f, err = float64(x)/float64(y), nil
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("%q is no fraction from 0 to 1", lit)
	}
	return f, nil
}
