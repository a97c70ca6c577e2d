package checklists

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/virtengine/relight/lazy"
)

var fromForm = lazy.Pattern(`^(?:(holders|standbys)\(\$([a-z][a-z0-9_]*)\)|group\(([A-Za-z0-9$._-]+)\)|hosts|keys|nodes|zones|regions|endpoints|databases)$`)

func paramTypes() []string {
	return []string{"key", "node", "host", "group", "string", "int", "duration", "time", "enum", "link", "secret"}
}

// fillParam checks the i-th [[param]] and adds it.
func (p *reader) fillParam(i int, q Param) {
	line := p.headerAt("param", i)
	bad := func(text, hint string) { p.err(line, 1, "header-param", text, hint) }
	if _, twice := p.book.Param(q.Name); twice {
		bad(fmt.Sprintf("a second parameter %q", q.Name), "give each parameter its own name")
	}
	switch {
	case !nameForm.MatchString(q.Name):
		bad(fmt.Sprintf("the parameter's name %q is missing or no name", q.Name), "small letters, figures and _, a letter first: it becomes a shell variable")
	case contains(BuiltIns(), q.Name):
		bad(fmt.Sprintf("%q is the name of a built-in of messages", q.Name), "give the parameter another name")
	case !contains(paramTypes(), q.Type):
		bad(fmt.Sprintf("$%s has the type %q", q.Name, q.Type), "one of key, node, host, group, string, int, duration, time, enum, link, secret")
	case q.Prompt == "":
		bad(fmt.Sprintf("$%s has no prompt", q.Name), "write the question that the commander is asked")
	case q.Type == "enum" && len(q.Options) == 0:
		bad(fmt.Sprintf("$%s is an enum without options", q.Name), "write options = [\"a\", \"b\"]")
	case q.Type == "secret" && q.Default != "":
		bad(fmt.Sprintf("the secret $%s stands in the file", q.Name), "drop the default: a runbook is no place for a secret")
	case q.Default != "" && !defaultFits(q):
		bad(fmt.Sprintf("the default %q of $%s does not fit its type %s", q.Default, q.Name, q.Type), "write a value of that type")
	}
	if _, err := regexp.Compile(q.Pattern); err != nil {
		bad(fmt.Sprintf("the pattern of $%s is no regular expression", q.Name), "the syntax is that of Go: https://golang.org/s/re2syntax")
	}
	p.paramFrom(q, bad)
	p.sameHost(q, bad)
	p.book.Params = append(p.book.Params, q)
}

// paramFrom checks where the proposed values come from.
func (p *reader) paramFrom(q Param, bad func(text, hint string)) {
	if q.From == "" {
		return
	}
	m := fromForm.FindStringSubmatch(q.From)
	if m == nil {
		bad(fmt.Sprintf("from = %q of $%s is not known", q.From, q.Name), "one of holders($key), standbys($key), hosts, keys, nodes, zones, regions, endpoints, databases, group(NAME)")
		return
	}
	if m[2] != "" {
		if k, ok := p.book.Param(m[2]); !ok || k.Type != "key" {
			bad(fmt.Sprintf("$%s asks for the %s of $%s, which is no key above it", q.Name, m[1], m[2]), "declare the key's parameter first")
		}
	}
	if m[3] != "" && p.inv != nil && !p.inv.HasGroup(m[3]) {
		bad(fmt.Sprintf("the configuration knows no group %q", m[3]), "write one of its groups")
	}
}

// sameHost refuses two hosts that are the same by default: one that holds the
// key and the standby that is to take it over.
func (p *reader) sameHost(q Param, bad func(text, hint string)) {
	if q.Type != "host" || q.Default == "" {
		return
	}
	for _, other := range p.book.Params {
		if other.Type == "host" && other.Default == q.Default {
			bad(fmt.Sprintf("$%s and $%s are the same host by default", other.Name, q.Name), "a host cannot take over from itself")
		}
	}
}

func defaultFits(q Param) bool {
	var err error
	switch q.Type {
	case "int":
		_, err = strconv.ParseInt(q.Default, 10, 64)
	case "duration":
		_, err = parseDuration(q.Default)
	case "time":
		_, err = time.Parse(time.RFC3339, q.Default)
	case "enum":
		return contains(q.Options, q.Default)
	}
	if err == nil && q.Pattern != "" {
		if re, e := regexp.Compile(q.Pattern); e == nil {
			return re.MatchString(q.Default)
		}
	}
	return err == nil
}

// SameHost says which two host parameters name one host among the given
// values, and should not: the one that holds a key and the one that takes it
// over. ok is true when there is none.
func SameHost(b Book, values map[string]string) (a, other string, ok bool) {
	for i, q := range b.Params {
		for _, r := range b.Params[i+1:] {
			if q.Type == "host" && r.Type == "host" && values[q.Name] != "" && values[q.Name] == values[r.Name] {
				return q.Name, r.Name, false
			}
		}
	}
	return "", "", true
}
