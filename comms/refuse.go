package comms

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/safe"
)

// literals are the bracketed texts that are meant as they stand.
func literals() []string {
	return []string{"[MAJOR OUTAGE]", "[MAJOR OUTAGE - UPDATE]", "[RESOLVED]", "[DRILL]"}
}

var (
	bracketed = lazy.Pattern(`\[[^\[\]\n]*\]`)
	undecided = lazy.Pattern(`(?i)\bTB[DA]\b`)
)

// leftovers are the places that somebody forgot to fill. An unfilled
// placeholder is reported as missing, braces inside a value by fill.
func leftovers(text string, more []string) []Problem {
	var out []Problem
	for _, m := range bracketed.FindAllString(text, -1) {
		if !slices.Contains(literals(), m) && !slices.Contains(more, m) {
			out = append(out, Problem{safe.Short(m, 60), "a place left to fill"})
		}
	}
	for _, m := range undecided.FindAllString(text, -1) {
		out = append(out, Problem{m, "not decided yet"})
	}
	return out
}

// pattern is one kind of text that must not be said.
type pattern struct {
	re  *lazy.Regexp
	why string
}

// secretTable is refused for every audience.
var secretTable = compile(
	`xox[a-z]-[0-9A-Za-z-]{6,}|xapp-[0-9A-Za-z-]{6,}`, "a Slack token",
	`https?://hooks\.slack\.com/\S+|https?://[a-z.]*discord(app)?\.com/api/(v\d+/)?webhooks/\S+`, "a webhook address is a token",
	`(?i)\bauthorization: *\w+ +\S{8,}|\bbearer +[0-9A-Za-z._~+/-]{20,}=*`, "a token",
	`\b(gh[pousr]_[0-9A-Za-z]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|sk[-_](live|test|ant|proj)?[-_]?[0-9A-Za-z]{16,})`, "a token",
	`\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*`, "a signed token",
	`-----BEGIN [A-Z ]+-----`, "a key",
	`(?i)\b(password|passwd|passphrase|secret|token|api[_-]?key|mnemonic)\s*[=:]\s*\S+`, "a secret",
	`\b[a-z][a-z0-9+.-]*://[^\s/@:]+:[^\s/@]+@\S+`, "an address with a password",
)

// privateTable is refused in public.
var privateTable = compile(
	`(?i)\b[\w.-]*(priv_validator_(key|state)|node_key)[\w.-]*|\bkeyring-\w+|\bid_(rsa|ed25519|ecdsa)\b|\b[\w-]+\.(gpg|pem|key|p12)\b`, "a key file",
	`(^|[\s"'(=,;:])(~[\w.-]*|/[\w.-]+)(/[\w.-]+)+|~/[\w.-]+`, "a path",
	`\b(0x)?[0-9A-Fa-f]{40}\b|\b(0x)?[0-9A-Fa-f]{64}\b`, "an address or a hash",
	`\b[a-z]{2,24}1[02-9ac-hj-np-z]{38,64}\b`, "an account address",
	`goroutine \d+ \[|\bpanic: |Traceback \(most recent|\b[\w./-]+\.(go|py|rs|c|cpp|java|js|ts):\d+|File "[^"]*", line \d+|\bat [\w.$]+\([\w.]+:\d+\)`, "a stack trace",
	"(?m)```|(^|[\\s:])\\$ [a-z].*|[\\w.-]+@[\\w.-]+:[~/]\\S*[#$]?|\\[\\d+\\]: |\\b[\\w-]+: (command not found|Permission denied|No such file)", "raw command output",
	`\b(level|err|error|module|msg)="?[\w.]+|"jsonrpc"|\{"\w+":|\bexit (status|code) \d+|\b[IWED]\[\d{4}-|Active: \w+ \(`, "raw command output",
)

// compile builds a table from pairs of an expression and its reason.
func compile(pairs ...string) []pattern {
	var out []pattern
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, pattern{lazy.Pattern(pairs[i]), pairs[i+1]})
	}
	return out
}

func search(text string, table []pattern) []Problem {
	var out []Problem
	for _, p := range table {
		for _, m := range p.re.FindAllString(text, -1) {
			out = append(out, Problem{safe.Short(strings.Trim(m, ` "'(=,;:`), 60), p.why})
		}
	}
	return out
}

// secrets are refused everywhere; the match shows only its beginning, for it
// goes on a screen and into the record.
func secrets(text string) []Problem {
	out := search(text, secretTable)
	for i, p := range out {
		if r := []rune(p.Match); len(r) > 8 {
			out[i].Match = string(r[:8]) + "…"
		}
	}
	return out
}

var (
	ipv4     = lazy.Pattern(`\b\d{1,3}(\.\d{1,3}){3}\b`)
	longWord = lazy.Pattern(`[0-9A-Za-z+_=]{32,}`)
	ipv6     = lazy.Pattern(`[0-9A-Fa-f]*:[0-9A-Fa-f:.]*[0-9A-Fa-f:]`)
)

const whyHost = "a host of the inventory"

// IsHost says that p names a host of the inventory.
func (p Problem) IsHost() bool { return p.Why == whyHost }

// private is what must not leave the company.
func private(text string, hosts []string) []Problem {
	var out []Problem
	for _, m := range ipv4.FindAllString(text, -1) {
		if _, err := netip.ParseAddr(m); err == nil {
			out = append(out, Problem{m, "an IP address"})
		}
	}
	for _, at := range ipv6.FindAllStringIndex(text, -1) {
		m := text[at[0]:at[1]]
		if at[0] > 0 && letter(text[at[0]-1]) || at[1] < len(text) && letter(text[at[1]]) {
			continue // the middle of a word such as std::string
		}
		if a, err := netip.ParseAddr(m); err == nil && len(m) > 2 && a.Is6() {
			out = append(out, Problem{m, "an IP address"})
		}
	}
	for _, m := range longWord.FindAllString(text, -1) {
		if strings.ContainsAny(m, "0123456789") && strings.ContainsFunc(m, unicode.IsLetter) {
			out = append(out, Problem{safe.Short(m, 12), "looks like a token"})
		}
	}
	for _, h := range hosts {
		if m, ok := word(text, h); ok {
			out = append(out, Problem{m, whyHost})
		}
	}
	return append(out, search(text, privateTable)...)
}

func letter(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// word finds name as a whole word, whatever its case.
func word(text, name string) (string, bool) {
	if strings.TrimSpace(name) == "" {
		return "", false
	}
	re, err := regexp.Compile(`(?i)(^|[^\w-])(` + regexp.QuoteMeta(name) + `)($|[^\w-])`)
	if err != nil {
		return "", false
	}
	m := re.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[2], true
}
