package cockpit

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

// offerLocked is the declaration that fits an alert; nil when no runbook answers
// it, or when the open incident commands that key already.
func (c *Cockpit) offerLocked(a Alert) *Offer {
	if name, ok := strings.CutPrefix(a.Kind, endpointDown); ok {
		return c.serviceOfferLocked(name, a)
	}
	if name, ok := strings.CutPrefix(a.Kind, nodeDown); ok {
		return c.nodeOfferLocked(name, a)
	}
	if o := c.databaseOfferLocked(a); o != nil {
		return o
	}
	if o := c.wideOffer(a); o != nil {
		if c.state.Open() && c.o.OpenOther == nil {
			return nil
		}
		return c.asAskedLocked(o)
	}
	key, ok := strings.CutPrefix(a.Kind, incident.SilentKey)
	if !ok {
		return nil
	}
	k, known := c.o.Fleet.Key(key)
	if !known || c.state.Open() && (c.o.OpenOther == nil || c.commandsLocked(key)) {
		return nil
	}
	o := &Offer{Runbook: "single-validator-failover", Severity: "sev3", Onset: a.Since,
		Title: fmt.Sprintf("%s signs no blocks since %s UTC", key, a.Since.Format("15:04:05")), Params: map[string]string{"key": key}}
	if h := c.signer(k); h != "" {
		o.Params["failed"] = h
	}
	for _, h := range k.Standbys {
		if h != o.Params["failed"] {
			o.Params["standby"] = h
			break
		}
	}
	return c.asAskedLocked(o)
}

// wideOffer is the declaration for what is wider than a key or a service; nil
// when the alert is about neither, or no such runbook is at hand.
func (c *Cockpit) wideOffer(a Alert) *Offer {
	name, silent := strings.CutPrefix(a.Kind, placeSilent+" ")
	switch {
	case silent:
		return c.atHand(placeOffer(name, a, c.snap))
	case a.Kind == "chain-halted" && a.Warning:
		return c.atHand(haltOffer(a, c.snap))
	case a.Kind == told:
		return &Offer{Runbook: c.o.Runbook, Severity: "sev3", Title: a.Text, Onset: a.Since, Params: map[string]string{}}
	}
	return nil
}

// atHand is the offer, if its runbook is there.
func (c *Cockpit) atHand(o *Offer) *Offer {
	if !checklists.Ships(o.Runbook) {
		return nil
	}
	return o
}

// asAskedLocked is an offer with what was given on the command line, which is
// about the first incident.
func (c *Cockpit) asAskedLocked(o *Offer) *Offer {
	o.own = o.Runbook
	if c.state.Open() {
		return o
	}
	if c.o.Runbook != "" {
		o.Runbook = c.o.Runbook
		c.fitLocked(o)
	}
	for p, v := range c.o.Params {
		o.Params[p] = v
	}
	return o
}

// fitLocked gives an offer the severity of the runbook that was asked for, and
// takes out what that one does not ask.
func (c *Cockpit) fitLocked(o *Offer) {
	if c.askedLocked(); c.book.ID == "" {
		return // the declaration says what is wrong with it
	}
	if c.book.Severity != "" {
		o.Severity = c.book.Severity
	}
	for name := range o.Params {
		if _, asks := c.book.Param(name); !asks {
			delete(o.Params, name)
		}
	}
}

// askedLocked reads the runbook that was asked for, once.
func (c *Cockpit) askedLocked() {
	if c.book.ID != "" {
		return
	}
	if b, err := c.o.Books.Flight(c.o.Runbook); err == nil {
		c.book = b
	}
}

// commandsLocked says that a parameter of the open incident names the key.
func (c *Cockpit) commandsLocked(key string) bool {
	for _, p := range c.state.Book.Params {
		if p.Type == "key" && c.state.Params[p.Name] == key {
			return true
		}
	}
	return false
}

// firstOffer is that of the first alert which has one: of an alert that the
// runbook asked for answers by itself, if there is one.
func firstOffer(alerts []Alert) *Offer {
	var first *Offer
	for _, a := range alerts {
		switch {
		case a.Offer == nil:
		case a.Offer.Runbook == a.Offer.own:
			return a.Offer
		case first == nil:
			first = a.Offer
		}
	}
	return first
}
