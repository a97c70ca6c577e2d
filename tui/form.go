package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

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
}

// field is one line of the form. With options it is chosen, else typed.
type field struct {
	key, label, value string
	options           []string
	notes             []string // one for each option
	param             bool
}

// newForm is the form for what is offered; without an offer it is empty.
func newForm(v cockpit.View) form {
	o := cockpit.Offer{Severity: "sev2"}
	if v.Offer != nil {
		o = *v.Offer
	}
	f := form{at: -1, onset: o.Onset, kind: o.Runbook + o.Title}
	f.fields = []field{
		{key: "title", label: "What is wrong", value: safe.Line(o.Title)},
		{key: "severity", label: "Severity", value: strings.ToLower(o.Severity), options: []string{"sev1", "sev2", "sev3", "sev4"},
			notes: []string{"chain halted, keys lost, all down", "customers may notice, one fault from worse", "no customer notices", "a ticket for tomorrow"}},
		{key: "runbook", label: "Runbook", value: safe.Line(o.Runbook)},
	}
	for _, k := range words.Sorted(o.Params) {
		f.fields = append(f.fields, field{key: k, label: safe.Short(k, 14), value: safe.Line(o.Params[k]), param: true})
	}
	for _, r := range []string{"ops", "comms"} {
		f.fields = append(f.fields, field{key: "role:" + r, label: strings.ToUpper(r[:1]) + r[1:]})
	}
	return f
}

// declaration is what the form says now.
func (f form) declaration(v cockpit.View) cockpit.Declaration {
	d := cockpit.Declaration{Params: map[string]string{}, Roles: map[string]string{}, Onset: f.onset}
	for _, x := range f.fields {
		val := strings.TrimSpace(x.value)
		role, isRole := strings.CutPrefix(x.key, "role:")
		switch {
		case x.param:
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
			f.fields[i].value = value
		}
	}
}

// Leave goes out of the fields and says whether it was in one.
func (f *form) Leave() bool {
	was := f.at >= 0
	f.at = -1
	return was
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
		e := edit{x.value, f.pos}.typed(k)
		x.value, f.pos = e.value, e.pos
	case len(k.Text) == 1 && k.Text >= "1" && k.Text <= "4":
		x.value = "sev" + k.Text
	}
}

// Paste puts a text where the cursor stands.
func (f *form) Paste(s string) {
	if f.at < 0 || f.fields[f.at].options != nil {
		return
	}
	e := edit{f.fields[f.at].value, f.pos}.insert(s)
	f.fields[f.at].value, f.pos = e.value, e.pos
}

// Choose moves a chosen field by n.
func (f *form) Choose(n int) {
	if f.at < 0 || f.fields[f.at].options == nil {
		return
	}
	x := &f.fields[f.at]
	for i, o := range x.options {
		if o == x.value {
			x.value = x.options[(i+n+len(x.options))%len(x.options)]
			return
		}
	}
	x.value = x.options[0]
}

// View is the form in w cells, in h rows: shorter where there is no room.
func (f form) View(v cockpit.View, now time.Time, w, h int) []line {
	rows := f.rows(v, now, w, true)
	if len(rows) > h {
		rows = f.rows(v, now, w, false)
	}
	from := 0
	for i, l := range rows {
		if len(l) > 0 && strings.HasPrefix(l[0].s, "▶") {
			from = i
		}
	}
	return screenful(rows, w, h, window(len(rows), h, from, from+2))
}

func (f form) rows(v cockpit.View, now time.Time, w int, airy bool) []line {
	const head = 18
	var rows []line
	gap := func() {
		if airy {
			rows = append(rows, nil)
		}
	}
	if v.Offer != nil {
		rows = append(rows, tx(" Filled in from what is seen. Change it or take it."))
	} else {
		rows = append(rows, line{{text, " Nothing is offered. "}, {todo, "Name the runbook to fly and what is wrong."}})
	}
	gap()
	for i, x := range f.fields {
		here := i == f.at
		front, r := " ", text
		if here {
			front, r = "▶", selected
		}
		label := line{{text, front + pad(x.label, head-2) + " "}}
		if x.options == nil {
			room := max(w-head-3, 1)
			val := in(text, clean(x.value))
			if here {
				val = edit{x.value, f.pos}.draw(min(max(width(x.value)+1, 24), room), r)
			} else {
				val = fit(val, min(max(val.width(), 24), room))
			}
			row := append(append(label, span{text, "["}), val...)
			rows = append(rows, append(row, span{text, "]"}))
			continue
		}
		for j, o := range x.options {
			box, rr := "( )", text
			if o == x.value {
				box, rr = "(•)", r
			}
			if j > 0 {
				label = tx(pad("", head))
			}
			rows = append(rows, append(label, span{rr, box + " " + words.Severity(o)}, span{text, "  " + x.notes[j]}))
		}
		rows = append(rows, tx(pad("", head)+"Unsure? Take the higher. It can be lowered later."))
	}
	rows = append(rows, tx(pad(" Commander", head)+safe.Short(v.Person, 20)+" (you)"))
	if !f.onset.IsZero() {
		rows = append(rows, tx(pad(" Started at", head)+words.HMS(f.onset, now)+", first sensed; the clocks count from here"))
	}
	gap()
	for _, s := range wrap("Declaring opens the record and starts the clocks. It runs nothing and posts nothing.", w-2) {
		rows = append(rows, tx(" "+s))
	}
	return rows
}

// choice is the form of a choice: a mark on an option, Enter takes it.
type choice struct {
	key  string
	pick int // 0 none
}

// View is the choice with what speaks for each option.
func (c choice) View(ch cockpit.ChoiceView, cl *checklist, w, h int) []line {
	var rows []line
	from, to := 0, 0
	for i, o := range ch.Options {
		front, r := " ", title
		here := c.pick == i+1
		if here {
			front, r, from = "▶", selected, len(rows)
		}
		l := line{{r, front + safe.Short(o.Letter, 2) + "  " + words.Option(o)}}
		if o.Suggested {
			l = l.add(good, "  ✓ fits what is seen")
		}
		rows = append(rows, l)
		for _, s := range wrapMax(words.Prose(o.Prose), w-6, 8) {
			rows = append(rows, tx("    "+s))
		}
		for _, rd := range o.Suggest {
			rows = append(rows, readingRow("    ", rd, w, cl)...)
		}
		rows = append(rows, nil)
		if here {
			to = len(rows)
		}
	}
	for _, s := range wrap("A letter or j k marks an option, Enter takes it. It can be changed while nothing runs.", w-2) {
		rows = append(rows, line{{text, " "}, {todo, s}})
	}
	return screenful(rows, w, h, window(len(rows), h, from, to))
}
