package cockpit

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// DeclareOther declares a second incident beside the open one, with a record of
// its own, and gives its id. This cockpit goes on with the first; the second is
// commanded by whoever takes its id up elsewhere. It is refused when it reaches
// a key that the first commands: then it belongs to the first, so attach it.
func (c *Cockpit) DeclareOther(d Declaration) (string, error) {
	if err := incident.TitleFits(d.Title); err != nil {
		return "", c.refuse(err)
	}
	book, err := c.o.Books.Flight(d.Runbook)
	if err != nil {
		return "", c.refuse(fmt.Errorf("declare another incident: %w", err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	id, err := c.declareOtherLocked(d, book)
	c.tellLocked(err)
	if err == nil {
		back := "relight " + id
		if c.o.Back != nil {
			back = c.o.Back(id)
		}
		c.notice = fmt.Sprintf("%s is declared, its clocks run. Command it in another window: %s", id, back)
		c.publishLocked()
		c.effect(c.recall)
	}
	return id, err
}

func (c *Cockpit) declareOtherLocked(d Declaration, book checklists.Book) (string, error) {
	const what = "declare another incident"
	switch {
	case !c.state.Open():
		return "", &incident.Refusal{What: what, Why: "no incident is open", Do: "declare it as the first one"}
	case c.o.OpenOther == nil:
		return "", &incident.Refusal{What: what, Why: "the built-in fleet has one cockpit", Do: "attach it"}
	}
	mine := Reaches(c.state.Book, c.state.Params, c.o.Fleet)
	for _, k := range Reaches(book, d.Params, c.o.Fleet) {
		if slices.Contains(mine, k) {
			return "", &incident.Refusal{What: what, Why: fmt.Sprintf("it reaches the key %s, which %s commands", safe.Short(k, 60), c.state.ID), Do: "attach it"}
		}
	}
	if err := c.misfit(book, d.Params); err != nil {
		return "", err
	}
	now := c.clk.Now()
	id, r, err := c.o.OpenOther(now, book, d.Params)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	defer r.Close()
	if err := c.writeOther(id, r, d, book, now); err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	if _, ok := c.alarmLocked(d.Alert); ok {
		if err := c.decideLocked(incident.AnswerAlarm{Kind: d.Alert, Answer: incident.AlarmDeclared, Note: id, By: c.o.Person}); err != nil {
			return id, fmt.Errorf("%s is declared, but not noted here: %w", id, err)
		}
	}
	return id, nil
}

// writeOther records the declaration of the second incident. What the first one
// deals with is answered there already.
func (c *Cockpit) writeOther(id string, r Record, d Declaration, book checklists.Book, now time.Time) error {
	seen := c.alarmsLocked()
	for i := range seen {
		if a, ok := c.alarmLocked(seen[i].Kind); ok && seen[i].Kind != d.Alert && (a.Answer == incident.AlarmOwn || a.Answer == incident.AlarmAttached) {
			seen[i].Answer, seen[i].Note = incident.AlarmDeclared, c.state.ID
		}
	}
	params := maps.Clone(d.Params)
	events, err := incident.Decide(incident.State{}, c.command(id, d, book, params, seen), now)
	if err != nil {
		return err
	}
	drafts, err := encode(events, now)
	if err != nil {
		return err
	}
	if _, err := r.Append(drafts); err != nil {
		return fmt.Errorf("%w: %w", ErrNoRecord, err)
	}
	return nil
}

// alarmLocked is the recorded alarm of that kind which stands.
func (c *Cockpit) alarmLocked(kind string) (incident.Alarm, bool) {
	for _, a := range c.state.Alarms {
		if a.Kind == kind && a.Ended.IsZero() {
			return a, true
		}
	}
	return incident.Alarm{}, false
}
