package tui

import (
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// openBook is the runbook that can be read now: the one that the form names, the
// one that is flown, or the one that is offered. ok is false when there is none.
func (m *model) openBook() (id string, ok bool) {
	switch {
	case m.over == overForm:
		id = strings.TrimSpace(m.form.value("runbook"))
	case m.view.State.Open():
		return m.view.State.Runbook, m.view.State.Book.ID != ""
	case m.view.Offer != nil:
		id = m.view.Offer.Runbook
	}
	if id == "" {
		return "", false // the first frame waits for this: no runbook is read for it
	}
	_, ok = m.bookOf(id)
	return id, ok
}

// bookWord is the key's word in the row below: before a declaration it is worth
// the room.
func (m *model) bookWord() string {
	if m.view.State.Open() || m.over != overNone {
		return ""
	}
	return "read the runbook"
}

// bookOf is the runbook of that id: as it is flown, or as it would be.
func (m *model) bookOf(id string) (checklists.Book, bool) {
	if s := m.view.State; s.Open() && s.Runbook == id {
		return s.Book, true
	}
	return known{books: m.o.runbooks()}.book(id)
}

// readBook shows a runbook whole. Back leads to where it was asked for.
func (m *model) readBook() {
	id, ok := m.openBook()
	if !ok {
		return
	}
	back := m.over
	if back != overForm {
		back = overNone
	}
	m.show(ofBook, id)
	m.detail.back = back
}

// bookTitle is what stands over a runbook.
func (m *model) bookTitle(id string) string {
	b, _ := m.bookOf(id)
	return "Runbook: " + safe.Short(b.Title, 60)
}

// bookRows are a runbook, from its first to its last word, in w cells. Nothing in
// it runs from here.
func (m *model) bookRows(id string, w int) []line {
	b, ok := m.bookOf(id)
	if !ok {
		return []line{tx(" No runbook is called " + safe.Short(id, 40) + ".")}
	}
	p := bookPrinter{w: w, params: map[string]string{}}
	switch s := m.view.State; {
	case s.Open() && s.Runbook == id:
		p.params = s.Params
	case m.form.fields != nil && m.form.value("runbook") == id:
		p.params = m.form.declaration(m.view).Params
	case m.view.Offer != nil && m.view.Offer.Runbook == id:
		p.params = m.view.Offer.Params
	}
	p.head(b)
	for _, ph := range b.Phases {
		p.phase(ph)
	}
	for _, n := range b.Notes {
		p.gap()
		p.add(fit(in(title, safe.Line(n.Title)), p.w))
		p.prose(n.Prose, 0)
	}
	return p.rows
}

// bookPrinter writes a runbook as rows.
type bookPrinter struct {
	w      int
	params map[string]string
	rows   []line
}

func (p *bookPrinter) add(l line) { p.rows = append(p.rows, l) }

func (p *bookPrinter) gap() {
	if len(p.rows) > 0 {
		p.rows = append(p.rows, nil)
	}
}

// prose writes Markdown, set in by n cells.
func (p *bookPrinter) prose(md string, n int) {
	for _, l := range markdown(md, p.w-n-2) {
		p.add(append(tx(strings.Repeat(" ", n+1)), l...))
	}
}

// item writes a name and its text beside it.
func (p *bookPrinter) item(n int, name, s string, r role) {
	front := strings.Repeat(" ", n+1) + pad(name, 8) + " "
	for i, row := range wrap(s, p.w-width(front)-1) {
		if i > 0 {
			front = strings.Repeat(" ", width(front))
		}
		p.add(line{{text, front}, {r, row}})
	}
}

// head is what stands before the phases: what it is for, what it asks.
func (p *bookPrinter) head(b checklists.Book) {
	about := words.Severity(b.Severity)
	if b.Owner != "" {
		about += ", owner " + safe.Short(b.Owner, 30)
	}
	if b.Schedule != nil {
		about += ", " + safe.Short(b.Schedule.Every, 20)
	}
	p.item(0, "Runbook", safe.Short(b.ID, 60)+", "+about, text)
	for _, c := range b.Clocks {
		p.item(0, "Clock", safe.Short(c.Component, 60), text)
	}
	for _, q := range b.Params {
		said := "asked at the declaration"
		if v := p.params[q.Name]; v != "" {
			said = v
		} else if q.Default != "" {
			said = q.Default
		}
		p.item(0, "Asks", safe.Short(q.Prompt, 200)+"  "+safe.Short(said, 80), text)
	}
	p.gap()
	p.prose(b.Prose, 0)
}

func (p *bookPrinter) phase(ph checklists.Phase) {
	p.gap()
	name := strings.ToUpper(string(ph.Kind))
	p.add(fit(in(badge, " "+name+": "+safe.Line(ph.Title)+" "), p.w))
	p.prose(ph.Prose, 0)
	for _, g := range ph.Groups {
		if g.Title != "" {
			p.gap()
			p.add(fit(in(title, " "+safe.Line(g.Title)), p.w))
		}
		if g.Suggest != nil {
			p.claims(0, "Fits if", *g.Suggest)
		}
		p.prose(g.Prose, 0)
		for _, s := range g.Steps {
			p.step(s)
		}
	}
}

// step is one step with its blocks, each under its word.
func (p *bookPrinter) step(s checklists.Step) {
	p.gap()
	l := line{{text, " [ ] "}, {title, safe.Line(s.Title)}}
	if s.Kind() == checklists.Sensed {
		l[0].s = " ( ) "
	}
	if s.Role != "" {
		l = l.add(text, "   "+safe.Short(s.Role, 20))
	}
	p.add(fit(l, p.w))
	p.prose(s.Prose, 4)
	if len(s.Needs) > 0 {
		p.item(4, "Needs", strings.Join(s.Needs, ", "), text)
	}
	if s.Confirm != "" {
		word := s.Confirm
		if v := p.params[strings.TrimPrefix(word, "$")]; v != "" {
			word = safe.Short(v, 40)
		}
		p.item(4, "Type", word, text)
	}
	for _, b := range s.Guards {
		p.claims(4, "Guard", b)
	}
	if s.Run != nil {
		p.script("Run", *s.Run)
	}
	for _, b := range s.Verifies {
		p.claims(4, "Check", b)
	}
	if s.Undo != nil {
		p.script("Undo", *s.Undo)
	}
	for _, b := range s.Comms {
		p.item(4, "Says", words.Label(b.Template), text)
		for _, row := range strings.Split(strings.TrimRight(safe.Clean(b.Text), "\n"), "\n") {
			for _, part := range wrap(row, p.w-15) {
				p.add(tx(strings.Repeat(" ", 14) + part))
			}
		}
	}
}

// claims are the assertions of a block in words; a script stands as it is.
func (p *bookPrinter) claims(n int, name string, b checklists.Block) {
	if b.Lang != "probe" {
		p.script(name, b)
		return
	}
	for _, pr := range b.Probes {
		p.item(n, name, words.Claim(p.filled(pr.Text), p.params), text)
		name = ""
	}
}

// filled puts the parameters that are known into an assertion.
func (p *bookPrinter) filled(s string) string {
	for name, v := range p.params {
		if v != "" {
			s = strings.ReplaceAll(s, "($"+name+")", "("+v+")")
		}
	}
	return s
}

// script is a block that runs or reads, with where.
func (p *bookPrinter) script(name string, b checklists.Block) {
	where := safe.Short(b.Host, 40)
	if v := p.params[strings.TrimPrefix(b.Host, "$")]; v != "" {
		where = safe.Short(v, 40)
	}
	if b.Group != "" {
		where = "every host of " + safe.Short(b.Group, 40)
	}
	if b.HasFence() {
		where += ", once the fence says yes"
	}
	p.item(4, name, "on "+where, text)
	for _, row := range strings.Split(strings.TrimRight(safe.Clean(b.Text), "\n"), "\n") {
		for i, part := range wrap(row, p.w-15) {
			if i > 0 {
				part = "  " + part
			}
			p.add(fit(line{{runs, strings.Repeat(" ", 14) + part}}, p.w))
		}
	}
}
