package cockpit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/incident"
)

// ownWords is the field that holds a person's own words for one update.
const ownWords = "words"

// templateLocked is the text of a message as it would leave: a person's own
// words for this update; else, once it is over, the last word; else the runbook's, where it has one; else the base
// text. against is what is seen against what the text says.
func (c *Cockpit) templateLocked(v SayView) (t comms.Template, against []Remark, ok bool) {
	name := v.Template
	if _, known := c.o.Templates[comms.LastWord]; known && c.state.LastWord(v.Say) {
		name = comms.LastWord
	}
	t, ok = c.o.Templates[name]
	if name == comms.LastWord {
		t.Title = "[RESOLVED] " + c.state.Book.Said()
	}
	speakers := c.state.Speakers(v.Say)
	for _, st := range c.state.Steps {
		b, doubts, found := c.textLocked(st, name)
		if !found || !contains(speakers, st.Step.ID) { // the procedure's own words go before the backbone's
			continue
		}
		// The base title speaks of a region; the runbook's own says what is flown.
		t.Name, t.Title, t.Body = name, c.state.Book.Said(), b.Text
		if b.State != "" {
			t.State = b.State
		}
		ok, against = true, doubts
	}
	if len(c.componentsLocked()) == 0 { // a case is counted, and nothing that a reader uses
		t.Body = strings.ReplaceAll("\n"+t.Body, "\n{{"+comms.FieldComponents+"}}\n", "\n")[1:]
	}
	if own := c.state.Fields[v.Own]; own != "" && ok {
		t.Body, against = strings.ReplaceAll(own, `\n`, "\n"), nil
	}
	return t, against, ok
}

// claimHoldsLocked says that all that a step's messages say is seen to be so.
func (c *Cockpit) claimHoldsLocked(st incident.Step) bool {
	if len(st.Step.Comms) == 0 || len(st.Step.Guards) == 0 || st.Passed {
		return false
	}
	for _, g := range st.Step.Guards {
		for _, r := range c.probesLocked(g) {
			if r.Truth != incident.True {
				return false
			}
		}
	}
	return true
}

// textLocked is the text that a step has for a template. The guards of a message
// are what its text says: seen otherwise, the text for that takes its place, and
// without one the text does not leave as it is. The other text tells a change, so
// it wants that the first was seen to be so: what is not seen yet has not ended.
// What is not known contradicts nothing.
func (c *Cockpit) textLocked(st incident.Step, template string) (text checklists.Block, against []Remark, ok bool) {
	carries := func(b checklists.Block) bool { return b.Template == template }
	if !slices.ContainsFunc(st.Step.Comms, carries) {
		return text, nil, false // most steps: a View asks for every message and every step
	}
	word := "no longer so: "
	if st.Claimed.IsZero() {
		word = "not seen to be so yet: "
	}
	for _, g := range st.Step.Guards {
		for i, r := range c.probesLocked(g) {
			if r.Truth == incident.False {
				seen := c.insteadLocked(g.Probes[i], r)
				if st.Claimed.IsZero() {
					seen, _, _ = strings.Cut(seen, " again")
				}
				against = append(against, Remark{Why: word + seen,
					Say: "say it in your own words (:words TEXT), or leave it out (:leave REASON)"})
			}
		}
	}
	for _, otherwise := range []bool{len(against) > 0 && !st.Claimed.IsZero(), false} {
		at := slices.IndexFunc(st.Step.Comms, func(b checklists.Block) bool { return carries(b) && b.Otherwise == otherwise })
		switch {
		case at >= 0 && otherwise:
			return st.Step.Comms[at], nil, true
		case at >= 0:
			return st.Step.Comms[at], against, true
		}
	}
	return text, nil, false
}

// insteadLocked is what is seen in place of what was said, in words.
func (c *Cockpit) insteadLocked(p checklists.Probe, r incident.Reading) string {
	if p.Kind != "key" || p.Field != "signing" || p.Op != "==" {
		if r.Why != "" {
			return r.Text + ", but " + r.Why
		}
		return fmt.Sprintf("%s, but seen %s", r.Text, r.Value)
	}
	name := c.fillLocked(p.Name)
	if p.Lit == "true" {
		return name + " does not sign"
	}
	p.Lit = "true"
	since := c.provenSinceLocked(checklists.Block{Probes: []checklists.Probe{p}})
	if since.IsZero() {
		return name + " signs again"
	}
	return name + " signs again since " + comms.When(since, c.clk.Now())
}
