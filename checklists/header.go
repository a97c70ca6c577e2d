package checklists

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/yuin/goldmark/ast"
)

// headerFile is the header as TOML has it.
type headerFile struct {
	ID        string          `toml:"id"`
	Severity  string          `toml:"severity"`
	Owner     string          `toml:"owner"`
	Component string          `toml:"component"`
	Modes     []string        `toml:"modes"`
	ReviewBy  *toml.LocalDate `toml:"review_by"`
	Hold      string          `toml:"hold"`
	Public    string          `toml:"public_title"`
	Clocks    []headerClock   `toml:"clock"`
	Params    []headerParam   `toml:"param"`
	Schedule  *headerSchedule `toml:"schedule"`
	Marks     []headerMark    `toml:"milestone"`
}

type headerClock struct {
	Name      string `toml:"name"`
	Component string `toml:"component"`
	RTO       string `toml:"rto"`
	RPO       string `toml:"rpo"`
}

type headerParam struct {
	Name     string   `toml:"name"`
	Type     string   `toml:"type"`
	Prompt   string   `toml:"prompt"`
	From     string   `toml:"from"`
	Pattern  string   `toml:"pattern"`
	Options  []string `toml:"options"`
	Default  string   `toml:"default"`
	Optional bool     `toml:"optional"`
}

type headerSchedule struct {
	Every  string `toml:"every"`
	Lasts  string `toml:"lasts"`
	Notice string `toml:"notice"`
	Rotate string `toml:"rotate"`
}

type headerMark struct {
	Text string `toml:"text"`
	At   string `toml:"at"`
}

// readHeader reads the toml runbook block.
func (p *reader) readHeader(f *ast.FencedCodeBlock) {
	in := p.fenceInfo(f)
	p.claimFence(in, executable)
	p.header, p.headerLine = true, in.line
	if in.indent != "" || in.attrs != "" {
		p.err(in.line, in.col, "header-form", "the header is indented or carries attributes", "write ```toml runbook at column 1")
	}
	var h headerFile
	dec := toml.NewDecoder(bytes.NewReader([]byte(p.fenceText(in)))).DisallowUnknownFields()
	if err := dec.Decode(&h); err != nil {
		p.headerError(err, in)
	}
	p.fillHeader(h)
}

// headerError turns an error of the TOML reader into problems at its rows.
func (p *reader) headerError(err error, in fence) {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		for _, e := range strict.Errors {
			row, col := e.Position()
			key := strings.Join(e.Key(), ".")
			hint := "the header takes id, severity, owner, modes, review_by, component, [[clock]], [[param]], [schedule], [[milestone]]"
			last := key[strings.LastIndexByte(key, '.')+1:]
			if w := nearest(last, headerKeys()); w != "" {
				hint = "did you mean " + w + "?"
			}
			p.err(in.line+row, col, "header-key", fmt.Sprintf("the header knows no %q", key), hint)
		}
		return
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		row, col := bad.Position()
		p.err(in.line+min(max(row, 1), in.last-in.line+1), col, "header-toml", strings.TrimPrefix(bad.Error(), "toml: "), "the header is TOML: name = \"value\"")
		return
	}
	p.err(in.line, in.col, "header-toml", strings.TrimPrefix(err.Error(), "toml: "), "the header is TOML: name = \"value\"")
}

func headerKeys() []string {
	return []string{"id", "severity", "owner", "modes", "review_by", "hold", "public_title", "component", "clock", "param", "schedule", "milestone",
		"name", "rto", "rpo", "type", "prompt", "from", "pattern", "options", "default", "optional", "every", "lasts", "notice", "rotate", "text", "at"}
}

// headerAt is the line of the n-th "key =" or "[[key]]" in the header, or the
// header's first line.
func (p *reader) headerAt(key string, nth int) int {
	form := regexp.MustCompile(`^\s*(\[\[?` + regexp.QuoteMeta(key) + `\]|` + regexp.QuoteMeta(key) + `\s*=)`)
	for n := p.headerLine + 1; n < len(p.code) && p.code[n] == executable; n++ {
		if form.MatchString(p.src.line(n)) {
			if nth--; nth < 0 {
				return n
			}
		}
	}
	return p.headerLine
}

func (p *reader) fillHeader(h headerFile) {
	b := &p.book
	b.ID, b.Severity, b.Owner, b.Component, b.Modes = h.ID, h.Severity, h.Owner, h.Component, h.Modes
	b.Hold, b.Public = h.Hold, h.Public
	if h.ReviewBy != nil {
		b.ReviewBy = h.ReviewBy.String()
	}
	if !idForm.MatchString(h.ID) {
		p.err(p.headerAt("id", 0), 1, "header-id", fmt.Sprintf("the id %q is missing or not made of small letters, figures and single hyphens", h.ID), "write id = \"single-validator-failover\"")
	}
	if h.Severity != "" && !contains([]string{"sev1", "sev2", "sev3", "sev4"}, h.Severity) {
		p.err(p.headerAt("severity", 0), 1, "header-severity", fmt.Sprintf("severity %q is not known", h.Severity), "one of sev1, sev2, sev3, sev4")
	}
	for _, m := range h.Modes {
		if !contains([]string{"incident", "drill", "review"}, m) {
			p.err(p.headerAt("modes", 0), 1, "header-modes", fmt.Sprintf("mode %q is not known", m), "any of incident, drill, review")
		}
	}
	p.fillClocks(h.Clocks)
	for i, q := range h.Params {
		p.fillParam(i, Param(q))
	}
	p.fillSchedule(h.Schedule)
	for i, m := range h.Marks {
		var at time.Duration
		if m.At != "T+0m" { // the declaration itself
			at = p.headerDuration(strings.TrimPrefix(m.At, "T+"), p.headerAt("milestone", i), "at")
		}
		if m.Text == "" || !strings.HasPrefix(m.At, "T+") {
			p.err(p.headerAt("milestone", i), 1, "header-milestone", "a milestone needs text and at", "write at = \"T+15m\"")
		}
		b.Marks = append(b.Marks, Mark{Text: m.Text, At: at})
	}
}

func (p *reader) headerDuration(s string, line int, key string) time.Duration {
	if s == "" {
		return 0
	}
	d, err := parseDuration(s)
	if err != nil {
		p.err(line, 1, "duration", fmt.Sprintf("%s = %q is no duration", key, s), "write 60s, 10m or 1h30m")
	}
	return d
}

func (p *reader) fillClocks(clocks []headerClock) {
	seen := map[string]bool{}
	for i, c := range clocks {
		line := p.headerAt("clock", i)
		switch {
		case c.Name == "" || c.Component == "":
			p.err(line, 1, "header-clock", "a clock needs name and component", "write name = \"validator\" and component = \"Validator node\"")
		case !nameForm.MatchString(strings.ReplaceAll(c.Name, "-", "_")):
			p.err(line, 1, "header-clock", fmt.Sprintf("the clock's name %q is not made of small letters and figures", c.Name), "write name = \""+Slug(c.Name)+"\"")
		case seen[c.Name]:
			p.err(line, 1, "header-clock", fmt.Sprintf("a second clock %q", c.Name), "give each clock its own name")
		case p.inv != nil && !p.inv.HasComponent(c.Component):
			p.err(line, 1, "component-unknown", fmt.Sprintf("the configuration knows no component %q", c.Component), "write one of its [[target]] or [[component]] names")
		}
		seen[c.Name] = true
		clock := Clock{Name: c.Name, Component: c.Component,
			RTO: p.headerDuration(c.RTO, line, "rto"), RPO: p.headerDuration(c.RPO, line, "rpo")}
		p.stricter(clock, line)
		p.book.Clocks = append(p.book.Clocks, clock)
	}
}

// limits is an Inventory that knows the targets, too: how long a component may
// be away and how much it may lose; 0: no target.
type limits interface {
	Limits(component string) (rto, rpo time.Duration)
}

// stricter: a clock may ask for more than the configuration's targets, never
// for less: two documents would say two things.
func (p *reader) stricter(c Clock, line int) {
	inv, ok := p.inv.(limits)
	if !ok {
		return
	}
	rto, rpo := inv.Limits(c.Component)
	for _, x := range []struct {
		name     string
		own, max time.Duration
	}{{"RTO", c.RTO, rto}, {"RPO", c.RPO, rpo}} {
		if x.max > 0 && x.own > x.max {
			p.err(line, 1, "clock-laxer", fmt.Sprintf("the clock %q allows an %s of %s, the configuration's target for %s is %s", c.Name, x.name, x.own, c.Component, x.max),
				"leave it out, or write a stricter one")
		}
	}
}

func (p *reader) fillSchedule(s *headerSchedule) {
	if s == nil {
		return
	}
	line := p.headerAt("schedule", 0)
	if !contains([]string{"daily", "weekly", "monthly", "quarterly", "annually"}, s.Every) {
		p.err(line, 1, "header-schedule", fmt.Sprintf("every = %q is not known", s.Every), "one of daily, weekly, monthly, quarterly, annually")
	}
	p.book.Schedule = &Schedule{Every: s.Every, Rotate: s.Rotate,
		Lasts: p.headerDuration(s.Lasts, line, "lasts"), Notice: p.headerDuration(s.Notice, line, "notice")}
}
