package cockpit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// says is the configuration's plan as the rules know it.
func says(f config.Fleet, texts map[string]comms.Template, drives func(string) bool) []incident.Say {
	var out []incident.Say
	for _, s := range f.Say {
		say := incident.Say{Template: s.Template, Due: s.Due, Every: s.Every, Until: s.Until, Planned: s.Timed, State: texts[s.Template].State}
		for _, name := range s.To {
			if ch, ok := f.Channel(name); ok {
				say.To = append(say.To, incident.Lane{Channel: ch.Name, Audience: ch.Audience, ByHand: !drives(ch.Name)})
			}
		}
		out = append(out, say)
	}
	return out
}

// targets are the clocks' aims, by component or scenario: a clock counts either.
func targets(f config.Fleet) []incident.Clock {
	var out []incident.Clock
	for _, t := range f.Targets {
		out = append(out, incident.Clock{Component: t.Component + t.Scenario, RTO: t.RTO, RPO: t.RPO, Source: t.Source})
	}
	return out
}

// Post queues a message of the plan for all its channels. digest is that of the
// text that was read (SayView.Digest): another text is not posted.
func (c *Cockpit) Post(_ context.Context, template, digest string) error {
	done := c.clk.Busy()
	defer done()
	v, ok := c.View().Message(template)
	if !ok {
		return c.Do(incident.Post{Template: template, By: c.o.Person})
	}
	if v.Digest != digest {
		return c.refuse(&incident.Refusal{What: "post " + template, Why: "the text is not the one that was read", Do: "read it again"})
	}
	cmd := incident.Post{Template: template, By: c.o.Person, Missing: v.Missing, Problems: v.Problems, Bodies: v.Bodies, Promised: promised(v, c.clk.Now())}
	c.mu.Lock()
	for i := range cmd.Bodies {
		if c.record != nil {
			cmd.Bodies[i].ID = c.record.NewID(c.clk.Now())
		}
	}
	err := c.decideLocked(cmd)
	if err == nil {
		err = c.decideLocked(incident.Tick{}) // all lanes start at the same keystroke
	}
	c.tellLocked(err)
	c.mu.Unlock()
	return err
}

// Fill gives a message field the value a person typed.
func (c *Cockpit) Fill(field, value string) {
	_ = c.Do(incident.SetField{Name: field, Value: value, By: c.o.Person}) // a refusal is shown as the notice
}

func (c *Cockpit) saysLocked(now time.Time) []SayView {
	var out []SayView
	for _, say := range c.state.Says {
		v := SayView{Say: say, Due: c.state.DueAt(say), Lock: c.state.SayLock(say), Places: c.places(say.To), Own: forUpdate(say.Template, say.Next, ownWords)}
		for _, l := range say.To {
			v.Public = v.Public || l.Audience == config.Public
		}
		for _, r := range c.state.Rows {
			if r.Template == say.Template {
				v.Rows = append(v.Rows, r)
			}
		}
		c.renderLocked(&v, now)
		out = append(out, v)
	}
	sort.SliceStable(out, func(i, j int) bool { return before(out[i].Due, out[j].Due) })
	return out
}

// before orders due times; what is not due comes last.
func before(a, b time.Time) bool {
	switch {
	case a.IsZero():
		return false
	case b.IsZero():
		return true
	}
	return a.Before(b)
}

// rendering is a message as it was rendered last, and from what.
type rendering struct {
	from string
	view SayView
}

// renderLocked fills the message as it would be posted now. A View is asked for
// many times a second and a message changes with what is known and at most every
// step, so the last rendering is kept.
func (c *Cockpit) renderLocked(v *SayView, now time.Time) {
	if v.Over() && len(v.Rows) > 0 {
		v.showPosted()
		return
	}
	t, against, ok := c.templateLocked(*v)
	if !ok {
		v.Problems = []string{"there is no template " + v.Template}
		return
	}
	f := c.fieldsLocked(*v, now)
	from := fmt.Sprint(t, f, v.To, now.Unix()/int64(step/time.Second)) // fmt prints maps in the order of their keys
	last, ok := c.rendered[v.Template]
	if !ok || last.from != from {
		last = rendering{from: from, view: c.fill(t, f, v.To, c.fieldViews(*v, t, f), now)}
		c.rendered[v.Template] = last
	}
	v.Title, v.Body, v.Missing, v.Problems = last.view.Title, last.view.Body, last.view.Missing, last.view.Problems
	v.Remarks, v.Minds, v.Fields = last.view.Remarks, last.view.Minds, last.view.Fields
	v.Bodies = append([]incident.Body(nil), last.view.Bodies...)
	for _, r := range against {
		v.Problems, v.Remarks = append(v.Problems[:len(v.Problems):len(v.Problems)], r.String()), append(v.Remarks[:len(v.Remarks):len(v.Remarks)], r)
	}
	v.Digest = digest(*v)
}

// showPosted shows what was said last: it is no draft any more, and asks for
// nothing.
func (v *SayView) showPosted() {
	last := v.Rows[len(v.Rows)-1].Update
	for _, r := range v.Rows {
		if r.Update != last {
			continue
		}
		if v.Body == "" || r.Audience == outbox.Public {
			v.Title, v.Body, v.StatusState = r.Title, r.Body, r.StatusState
		}
		v.Bodies = append(v.Bodies, incident.Body{Channel: r.Lane, Title: r.Title, Text: r.Body, State: r.StatusState, Part: r.Part, Parts: r.Parts})
	}
	v.Digest = digest(*v)
}

// digest is the hash of all that would leave: which update, and what each
// channel gets. Ids and times of sending are no part of it.
func digest(v SayView) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d\n", v.Template, v.Next)
	for _, b := range v.Bodies {
		fmt.Fprintf(h, "%q %q %q %q %d/%d\n", b.Channel, b.Title, b.Text, b.State, b.Part, b.Parts)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fill renders a template once for each channel: an audience may refuse what
// another may read.
func (c *Cockpit) fill(t comms.Template, f comms.Fields, to []incident.Lane, fields []FieldView, now time.Time) SayView {
	v := SayView{Fields: fields}
	for i, l := range to {
		ch, _ := c.o.Fleet.Channel(l.Channel)
		m, err := comms.Render(t, f, comms.Rules{Audience: outbox.Audience(l.Audience), Hosts: c.privateNames(), Now: now, Onset: c.state.Began()})
		if err != nil {
			v.Problems = append(v.Problems, err.Error())
			return v
		}
		if i == 0 || l.Audience == config.Public {
			v.Title, v.Body = m.Title, m.Body
		}
		v.Missing = union(v.Missing, m.Missing)
		for _, r := range c.remarks(m.Problems, fields) {
			if !contains(v.Problems, r.String()) {
				v.Problems, v.Remarks = append(v.Problems, r.String()), append(v.Remarks, r)
			}
		}
		if i == 0 {
			v.Minds = c.remarks(m.Warnings, fields)
		}
		for _, r := range comms.Compose(m, ch.Driver, outbox.Row{Drill: c.o.Drill}) {
			v.Bodies = append(v.Bodies, incident.Body{Channel: l.Channel, Title: r.Title, Text: r.Body, State: r.StatusState, Part: r.Part, Parts: r.Parts})
		}
	}
	return v
}

func union(a, b []string) []string {
	for _, x := range b {
		if !contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

// privateNames are the words of the inventory that no public text may hold.
func (c *Cockpit) privateNames() []string {
	var out []string
	for _, h := range c.o.Fleet.Hosts {
		out = append(out, h.Name, h.Addr)
	}
	return out
}

// step is how far the times in a text move at once. A text that changes every
// minute cannot be read and then posted; nobody needs a promise to the minute.
const step = 5 * time.Minute

// promise is when the next update is due at the latest, on the next full step:
// never earlier than the plan asks for.
func promise(now time.Time, every time.Duration) time.Time {
	return now.Add(every + step - 1).Truncate(step)
}

// soFar is how long it has lasted at least, in full steps.
func soFar(d time.Duration) string {
	if d < step {
		return "under " + comms.HowLong(step)
	}
	return comms.HowLong(d.Truncate(step))
}

// minutes is how long it was by the two times as the text shows them, without
// seconds: whoever counts them comes to the same.
func minutes(from, to time.Time) time.Duration {
	return to.Truncate(time.Minute).Sub(from.Truncate(time.Minute))
}

// fieldsLocked are the values of a message: the built-in ones from the record
// and what is seen, the parameters, and what a person typed, which wins.
func (c *Cockpit) fieldsLocked(v SayView, now time.Time) comms.Fields {
	s := c.state
	f := comms.Fields{
		comms.FieldSeverity:   strings.ToUpper(strings.Replace(s.Severity, "sev", "sev-", 1)),
		comms.FieldCommander:  s.Roles["commander"],
		comms.FieldComponents: comms.Components(c.componentsLocked()),
		comms.FieldImpact:     c.impactLocked(),
	}
	start := s.Began()
	f[comms.FieldStart], f[comms.FieldDuration] = comms.When(start, now), soFar(now.Sub(start))
	if every := v.Every[s.Severity]; every > 0 && s.Resolved.IsZero() {
		f[comms.FieldNextUpdate] = comms.When(promise(now, every), now)
		f[comms.FieldCadence] = comms.HowLong(every)
	} else if s.Resolved.IsZero() {
		f[comms.FieldNextUpdate] = "when it is resolved"
	}
	if !s.Resolved.IsZero() {
		end := s.Back()
		if typed, ok := comms.TimeOf(c.typedLocked(v, comms.FieldEnd), now); ok {
			end = typed
		}
		f[comms.FieldEnd], f[comms.FieldDuration] = comms.When(end, now), comms.HowLong(minutes(start, end))
	}
	for _, p := range s.Book.Params {
		if p.Type == "secret" {
			continue
		}
		f[p.Name] = s.Params[p.Name]
		if k, ok := c.o.Fleet.Key(s.Params[p.Name]); ok && p.Type == "key" {
			f[comms.FieldPublicName] = k.PublicName
		}
	}
	for k := range s.Fields {
		name := k[strings.LastIndexByte(k, '/')+1:]
		val := c.typedLocked(v, name)
		if at, ok := comms.TimeOf(val, now); ok && name == comms.FieldEnd {
			val = comms.When(at, now)
		}
		if val != "" {
			f[name] = val
		}
	}
	return f
}

// impactLocked is what the chain itself says of the impact: whether it goes on
// without what failed.
func (c *Cockpit) impactLocked() string {
	power := c.snap.Chain.Power
	switch {
	case c.snap.Chain.Moving == nodes.True && power.Known == nodes.True && power.Spare < 0:
		return "" // the last block came, and no other will: a person says what is so
	case c.snap.Chain.Moving == nodes.True:
		if slices.ContainsFunc(c.state.Alarms, func(a incident.Alarm) bool { return a.Kind == "chain-halted" }) {
			return "The chain stood and goes on again."
		}
		if slices.ContainsFunc(Alerts(c.snap), func(a Alert) bool { return !strings.HasPrefix(a.Kind, incident.SilentKey) }) {
			return "The chain goes on."
		}
		return "The chain goes on; no service interruption is seen."
	case c.snap.Chain.Halted == nodes.True:
		return "The chain is halted."
	}
	return ""
}

// componentsLocked says how far each component of the running clocks is.
func (c *Cockpit) componentsLocked() []comms.ComponentState {
	var out []comms.ComponentState
	for _, cl := range c.state.Clocks {
		if _, scenario := c.o.Fleet.ScenarioTarget(cl.Component); scenario {
			continue // it counts a case, and nothing that a reader uses
		}
		st := comms.ComponentState{Name: cl.Component, State: comms.InProgress}
		if !cl.Stopped.IsZero() || !c.state.Resolved.IsZero() {
			st.State = comms.Restored // no text says that it is over and that it is not
		}
		out = append(out, st)
	}
	return out
}
