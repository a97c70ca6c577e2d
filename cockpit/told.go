package cockpit

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
	return []Alert{{Kind: told, Warning: grave, Text: r.Text, Since: r.At, Source: "somebody reports it"}}
}
