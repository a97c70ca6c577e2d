package cockpit

import "fmt"

// told is the kind of the alert about what a person reported.
const told = "told"

// toldLocked is what somebody reports, until an incident was declared.
func (c *Cockpit) toldLocked() []Alert {
	r := c.o.Told
	if r.Text == "" || c.o.Runbook == "" || c.state.ID != "" || c.clk.Now().Before(r.At) {
		return nil
	}
	c.askedLocked()
	grave := c.book.Severity == "sev1" || c.book.Severity == "sev2"
	a := Alert{Kind: told, Warning: grave, Text: r.Text, Since: r.At, Source: "somebody reports it"}
	if c.o.Runbook == stolenBook {
		a.Memory = memoryOf(keyStolen)
	}
	return []Alert{a}
}

// stolenBook is the runbook for a key in foreign hands.
const stolenBook = "key-compromise"

// stolenLocked is the alert about a key that counts as stolen. Nothing senses it:
// it stands from the declaration until the incident is resolved.
func (c *Cockpit) stolenLocked() []Alert {
	s := c.state
	if !s.Open() || !s.Resolved.IsZero() || s.Runbook != stolenBook || s.Params["key"] == "" {
		return nil
	}
	since := s.Onset
	if since.IsZero() {
		since = s.Declared
	}
	kind := keyStolen + " " + s.Params["key"]
	return []Alert{{Kind: kind, Warning: true, Since: since, Source: "this incident", Memory: memoryOf(kind),
		Text: fmt.Sprintf("The key %s counts as stolen since %s: who has it can sign anywhere.", s.Params["key"], clockTime(c.clk.Now(), since))}}
}
