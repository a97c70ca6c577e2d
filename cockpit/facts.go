package cockpit

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/incident"
)

// FieldView is one place to fill in a message, and what fills it.
type FieldView struct {
	Name  string // as in {{name}}
	Key   string // what Fill wants: the name, or one that counts for this update alone
	Now   string // Key for this update alone
	Value string // "" while nothing fills it
	From  string // where the value comes from, in a word or two; "" while there is none
	Typed bool   // a person gave it
	// Optional says that the line with it is left out while it is empty.
	Optional bool
}

// Remark is what is wrong with words of a message, and what to write instead.
type Remark struct {
	Match, Why, Say string // Match is "" when the whole text is meant
	Field           string // whose value holds the words; "" when it is the text itself
}

// String is the remark in a sentence.
func (r Remark) String() string {
	s := r.Why
	if r.Match != "" {
		s = fmt.Sprintf("%q: %s", r.Match, r.Why)
	}
	if r.Say != "" {
		s += "; " + r.Say
	}
	return s
}

// Place is where a message goes on one channel.
type Place struct {
	Channel string
	Driver  string // slack, discord, statuspage, ... as in the configuration
	Target  string // as the driver names it: a channel, a page, people
}

// forUpdate is the name of a field's value that counts for one update alone.
func forUpdate(template string, update int, field string) string {
	return fmt.Sprintf("%s#%d/%s", template, update, field)
}

// typedLocked is what a person typed for a field of a message: for this update,
// else for all messages.
func (c *Cockpit) typedLocked(v SayView, field string) string {
	if val := c.state.Fields[forUpdate(v.Template, v.Next, field)]; val != "" {
		return val
	}
	return c.state.Fields[field]
}

// fieldViews are the places of a template and what fills them. A time that is
// promised holds for one update: the next one promises anew.
func (c *Cockpit) fieldViews(v SayView, t comms.Template, f comms.Fields) []FieldView {
	var out []FieldView
	for _, name := range t.Fields() {
		now := forUpdate(v.Template, v.Next, name)
		o := FieldView{Name: name, Key: name, Now: now, Value: strings.TrimSpace(f[name]), Optional: comms.Optional(name)}
		o.Typed = c.typedLocked(v, name) != ""
		if name == comms.FieldNextUpdate || c.state.Fields[now] != "" {
			o.Key = now
		}
		if o.Value != "" {
			o.From = c.sourceLocked(name, o.Typed)
		}
		out = append(out, o)
	}
	return out
}

// sourceLocked says where the value of a field comes from.
func (c *Cockpit) sourceLocked(name string, typed bool) string {
	switch {
	case typed:
		return "typed"
	case name == comms.FieldImpact:
		return "the chain, seen now"
	case name == comms.FieldComponents:
		return "the clocks"
	case name == comms.FieldNextUpdate || name == comms.FieldCadence:
		return "the plan"
	case name == comms.FieldPublicName:
		return "the configuration"
	case name == comms.FieldStart && !c.state.Onset.IsZero():
		return "first seen"
	}
	return "the record"
}

// remarks are problems with what to write instead, and the field to mend.
func (c *Cockpit) remarks(problems []comms.Problem, fields []FieldView) []Remark {
	var out []Remark
	for _, p := range problems {
		r := Remark{Match: p.Match, Why: p.Why, Say: comms.Instead(p)}
		if p.IsHost() {
			r.Why, r.Say = "a host name of ours", c.publicWord(p.Match)
		}
		for _, f := range fields {
			if f.Value != "" && strings.Contains(strings.ToLower(f.Value), strings.ToLower(strings.TrimSuffix(p.Match, "…"))) {
				r.Field = f.Name
			}
		}
		out = append(out, r)
	}
	return out
}

// publicWord is what the public may hear in place of a host's name or address.
func (c *Cockpit) publicWord(match string) string {
	for _, h := range c.o.Fleet.Hosts {
		if !strings.EqualFold(h.Name, match) && !strings.EqualFold(h.Addr, match) {
			continue
		}
		for _, k := range c.o.Fleet.Keys {
			if contains(k.Hosts, h.Name) && k.PublicName != "" {
				return fmt.Sprintf("say %q", k.PublicName)
			}
		}
		if len(h.Groups) > 0 && strings.HasSuffix(h.Groups[0], "s") {
			return fmt.Sprintf("say %q", "one of our "+h.Groups[0])
		}
	}
	return `say "one of our machines"`
}

// places are where a message goes.
func (c *Cockpit) places(to []incident.Lane) []Place {
	var out []Place
	for _, l := range to {
		p := Place{Channel: l.Channel}
		if ch, ok := c.o.Fleet.Channel(l.Channel); ok {
			p.Driver, p.Target = ch.Driver, ch.Target
		}
		out = append(out, p)
	}
	return out
}

// promised is the time that a message names for its next update; zero: none.
func promised(v SayView, now time.Time) time.Time {
	for _, f := range v.Fields {
		if f.Name == comms.FieldNextUpdate {
			at, _ := comms.TimeOf(f.Value, now)
			return at
		}
	}
	return time.Time{}
}
