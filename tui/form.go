package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// quietFor is how long no key may have come before a key that acts is taken:
// a held or doubled key never answers what it just opened.
const quietFor = 425 * time.Millisecond

// form is the declaration, every field filled from what is seen. It opens
// outside its fields; closed, it is kept as a draft.
type form struct {
	fields []field
	at     int // field with the cursor; -1 outside
	pos    int // of the cursor in it
	onset  time.Time
	kind   string // of what made the offer, to know a new one
	offer  cockpit.Offer
	known  known
	alone  bool   // no pane of nodes stands beside it
	alert  string // it declares a second incident, for this alert
	own    bool   // a person wrote or chose something in it
}

// field is one line of the form. With options it is chosen, else typed.
type field struct {
	key, label, value string
	options           []string
	notes             []string // one for each option
	param             bool
	ask               checklists.Param // of a parameter, as its runbook asks
}

// newForm is the form for what is offered; without an offer what is wrong comes
// from the worst alert, and the runbook is to be named. The fields are completed
// from the runbooks there are and the names that are seen.
func newForm(v cockpit.View, books []Runbook, names Names) form {
	o, kind := filler(v)
	f := form{at: -1, onset: o.Onset, kind: kind, offer: o, known: knownOf(v, books, names)}
	f.fields = []field{
		{key: "title", label: "What is wrong", value: safe.Line(o.Title)},
		{key: "severity", label: "Severity", value: strings.ToLower(o.Severity), options: []string{"sev1", "sev2", "sev3", "sev4"},
			notes: []string{"chain halted, keys lost, all down", "customers may notice, one fault from worse", "no customer notices", "a ticket for tomorrow"}},
		{key: "runbook", label: "Runbook", value: safe.Line(o.Runbook)},
		{key: "role:ops", label: "Ops"},
		{key: "role:comms", label: "Comms"},
	}
	f.askParams()
	return f
}

// filler is what a form is filled from now, and what made it; "" for nothing.
func filler(v cockpit.View) (o cockpit.Offer, kind string) {
	o.Severity = "sev2"
	switch {
	case v.Offer != nil:
		o = *v.Offer
		kind = o.Runbook + o.Title
	case len(v.Alerts) > 0: // no runbook answers it: what is seen can still be filled in
		a := v.Alerts[0]
		if kind = a.Kind; a.Warning {
			o.Severity = "sev1"
		}
		o.Title, o.Onset = words.BriefAlert(a.Text), a.Since
	}
	return o, kind
}

// newer is what would be filled in now, if that is not what the form was filled
// from.
func (f *form) newer(v cockpit.View) (cockpit.Offer, bool) {
	o, kind := filler(v)
	return o, f.alert == "" && kind != "" && kind != f.kind
}

// lacks is what a declaration needs and the form has not.
func (f *form) lacks() string {
	var out []string
	if strings.TrimSpace(f.value("title")) == "" {
		out = append(out, "what is wrong")
	}
	if strings.TrimSpace(f.value("runbook")) == "" {
		out = append(out, "the runbook to fly")
	}
	return strings.Join(out, " and ")
}

// askParams gives the form the parameters that its runbook asks for. What was
// filled in under the same name stays.
func (f *form) askParams() {
	had := map[string]string{}
	rest := slices.DeleteFunc(slices.Clone(f.fields), func(x field) bool {
		if x.param {
			had[x.key] = x.value
		}
		return x.param
	})
	id := strings.TrimSpace(f.value("runbook"))
	var asks []checklists.Param
	if b, ok := f.known.book(id); ok {
		asks = b.Params
	} else if id == f.offer.Runbook {
		for _, k := range words.Sorted(f.offer.Params) {
			asks = append(asks, checklists.Param{Name: k})
		}
	}
	var params []field
	for _, p := range asks {
		x := field{key: p.Name, label: safe.Short(p.Name, 14), param: true, ask: p, value: safe.Line(had[p.Name])}
		if x.value == "" && id == f.offer.Runbook {
			x.value = safe.Line(f.offer.Params[p.Name])
		}
		if x.value == "" {
			x.value = safe.Line(p.Default)
		}
		params = append(params, x)
	}
	at := slices.IndexFunc(rest, func(x field) bool { return x.key == "runbook" }) + 1
	f.fields = slices.Insert(rest, at, params...)
	for i := at; i < at+len(params); i++ { // one way only needs no question
		if x := &f.fields[i]; x.value == "" {
			if c := f.known.choices(x.ask, f.value); len(c) == 1 {
				x.value = c[0]
			}
		}
	}
}

// value is what a field holds.
func (f *form) value(key string) string {
	for _, x := range f.fields {
		if x.key == key {
			return x.value
		}
	}
	return ""
}

// declaration is what the form says now.
func (f form) declaration(v cockpit.View) cockpit.Declaration {
	d := cockpit.Declaration{Params: map[string]string{}, Roles: map[string]string{}, Onset: f.onset, Alert: f.alert}
	for _, x := range f.fields {
		val := strings.TrimSpace(x.value)
		role, isRole := strings.CutPrefix(x.key, "role:")
		switch {
		case x.param && val != "":
			d.Params[x.key] = val
		case isRole && val != "":
			d.Roles[role] = val
		case x.key == "title":
			d.Title = val
		case x.key == "severity":
			d.Severity = val
		case x.key == "runbook":
			d.Runbook = val
		}
	}
	d.Roles["commander"] = v.Person
	return d
}

// Tab goes to the next field, or back.
func (f *form) Tab(n int) {
	if f.at < 0 && n < 0 {
		f.at = len(f.fields)
	}
	f.at = (f.at + n + len(f.fields)) % len(f.fields)
	f.pos = len([]rune(f.fields[f.at].value))
}

// Set fills a field; it stays outside of it.
func (f *form) Set(key, value string) {
	for i := range f.fields {
		if f.fields[i].key == key {
			f.fields[i].value, f.own = value, true
		}
	}
	if key == "runbook" {
		f.askParams()
	}
}

// Leave goes out of the fields and says whether it was in one.
func (f *form) Leave() bool {
	was := f.at >= 0
	f.at = -1
	return was
}

// put gives the field with the cursor another text.
func (f *form) put(e edit) {
	x := &f.fields[f.at]
	f.own = f.own || x.value != e.value
	x.value, f.pos = e.value, e.pos
	if key := x.key; key == "runbook" {
		f.askParams() // they come behind it: the cursor stays
	}
}

// Key gives a key to the field with the cursor: a text is edited, of a choice
// the digit is taken.
func (f *form) Key(k tea.KeyPressMsg) {
	if f.at < 0 {
		return
	}
	x := &f.fields[f.at]
	switch {
	case x.options == nil:
		f.put(edit{x.value, f.pos}.typed(k))
	case len(k.Text) == 1 && k.Text >= "1" && k.Text <= "4":
		x.value, f.own = "sev"+k.Text, true
	}
}

// Paste puts a text where the cursor stands.
func (f *form) Paste(s string) {
	if f.at < 0 || f.fields[f.at].options != nil {
		return
	}
	f.put(edit{f.fields[f.at].value, f.pos}.insert(s))
}

// Choose moves a chosen field by n.
func (f *form) Choose(n int) {
	if f.at < 0 || f.fields[f.at].options == nil {
		return
	}
	x := &f.fields[f.at]
	f.own = true
	for i, o := range x.options {
		if o == x.value {
			x.value = x.options[(i+n+len(x.options))%len(x.options)]
			return
		}
	}
	x.value = x.options[0]
}

// offers are what the field with the cursor could hold, the nearest to what is
// typed first.
func (f *form) offers() []string {
	if f.at < 0 || f.fields[f.at].options != nil {
		return nil
	}
	x := f.fields[f.at]
	switch {
	case x.key == "runbook":
		return f.known.booksLike(x.value)
	case x.param:
		return nearest(x.value, f.known.choices(x.ask, f.value))
	}
	return nil
}

// Complete takes the nearest of what the field could hold, and says whether it
// changed anything: what holds one of them already stays.
func (f *form) Complete() bool {
	list := f.offers()
	if len(list) == 0 || f.fields[f.at].value == "" || slices.Contains(list, f.fields[f.at].value) {
		return false
	}
	f.put(filledWith(list[0]))
	return true
}

// Turn takes the next of what the field could hold.
func (f *form) Turn() {
	list := f.offers()
	if len(list) == 0 {
		return
	}
	at := slices.Index(list, f.fields[f.at].value)
	if at >= 0 {
		slices.Sort(list) // round and round, in an order that stays
		at = slices.Index(list, f.fields[f.at].value)
	}
	f.put(filledWith(list[(at+1)%len(list)]))
}

// Turns says that the field has something to turn to: its cursor stands at the
// end, where the arrow would do nothing else.
func (f *form) Turns() bool {
	return len(f.offers()) > 0 && f.pos >= len([]rune(f.fields[f.at].value))
}
