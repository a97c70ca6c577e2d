package checklists

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/virtengine/relight/lazy"
)

var (
	nameForm   = lazy.Pattern(`^[a-z][a-z0-9_]*$`)
	expectForm = lazy.Pattern(`^exit:(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$`)
)

func (p *reader) blockAttr(b *Block, a attr) {
	line := b.Line
	switch a.key {
	case "host":
		b.Host = a.val
		switch {
		case b.Lang == "sql":
			p.name(a.val, line, a.col, "database", Inventory.HasDatabase, "string", "enum")
		case a.val != "local":
			p.hostName(a.val, line, a.col)
		}
	case "group":
		b.Group = a.val
		p.groupName(a.val, line, a.col)
	case "parallel":
		n, err := strconv.Atoi(a.val)
		if err != nil || n < 1 || n > 1000 {
			p.err(line, a.col, "parallel", fmt.Sprintf("parallel=%s is no number of hosts", a.val), "write how many run at once, 1 to 1000")
		}
		b.Parallel = n
	case "on_error":
		b.OnError = p.choose(a, line, "on-error", "stop", "continue")
	case "timeout":
		b.Timeout = p.duration(a, line)
	case "every":
		b.Every = p.duration(a, line)
	case "for":
		b.For = p.forAttr(a, line)
	case "capture":
		b.Capture = a.val
		if !nameForm.MatchString(a.val) {
			p.err(line, a.col, "capture", fmt.Sprintf("capture=%s is no name", a.val), "small letters, figures and _, a letter first")
		}
	case "drill":
		b.Drill = p.choose(a, line, "drill", "run", "simulate", "skip")
	case "fence":
		b.Fence = a.val
		if a.val != NoFence {
			p.keyName(a.val, line, a.col)
		}
	case "expect":
		b.Expect = a.val
		if !expectForm.MatchString(a.val) {
			p.err(line, a.col, "expect", fmt.Sprintf("expect=%s is not known", a.val), "write expect=exit:0")
		}
	case "match":
		b.Match = a.val
		if _, err := regexp.Compile(a.val); err != nil {
			p.err(line, a.col, "match", "match is no regular expression", "the syntax is that of Go: https://golang.org/s/re2syntax")
		}
	case "of":
		b.Of = p.choose(a, line, "of", "undo")
	case "template":
		b.Template = a.val
		if !idForm.MatchString(a.val) {
			p.err(line, a.col, "template", fmt.Sprintf("template=%s is no template's name", a.val), "small letters, figures and single hyphens")
		}
	case "state":
		b.State = p.choose(a, line, "state", "investigating", "identified", "in_progress", "monitoring", "resolved")
	}
}

// forAttr reads for=10s or for=$param.
func (p *reader) forAttr(a attr, line int) Dur {
	if !strings.HasPrefix(a.val, "$") {
		return Dur{D: p.duration(a, line)}
	}
	p.paramOf(a.val, line, a.col, "duration")
	return Dur{Param: a.val[1:]}
}

// blockNeeds checks that what the block cannot do without is there.
func (p *reader) blockNeeds(b *Block, in fence) {
	shell := b.Lang == "sh" || b.Lang == "bash"
	switch {
	case b.Host != "" && b.Group != "":
		p.err(in.line, in.col, "target-both", "host and group stand together", "keep one: where does it run?")
	case b.Host == "" && b.Group == "" && (b.Kind == "run" || b.Kind == "undo"):
		p.err(in.line, in.col, "target-missing", fmt.Sprintf("the %s block does not say where", b.Kind), "write host=$param, host=NAME, host=local or group=NAME: there is no default")
	case b.Host == "" && b.Group == "" && shell:
		p.err(in.line, in.col, "target-missing", fmt.Sprintf("the %s block does not say where", b.Kind), "write host=$param, host=NAME, host=local or group=NAME")
	}
	if b.Group == "" && (b.Parallel > 0 || b.OnError != "") {
		p.err(in.line, in.col, "group-only", "parallel and on_error belong to a group", "drop them, or write group=")
	}
	if b.Group != "" && b.Capture != "" {
		p.err(in.line, in.col, "capture-group", "one line cannot be captured from many hosts", "capture from one host")
	}
	if b.Kind == "comms" && b.Template == "" {
		p.err(in.line, in.col, "template-missing", "the message does not say which template it fills", "write {template=NAME}")
	}
	if b.For.D > 0 && b.Timeout > 0 && b.For.D >= b.Timeout {
		p.err(in.line, in.col, "for-timeout", fmt.Sprintf("for=%s cannot hold within timeout=%s", b.For.D, b.Timeout), "let the timeout be longer")
	}
}
