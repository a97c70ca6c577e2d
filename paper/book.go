package paper

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
)

// Order is what to print of a runbook. Book is as it would be flown. Params may
// lack values, Fleet may be empty: then there are lines to write on. Now is the
// time of printing.
type Order struct {
	Book   checklists.Book
	Params map[string]string
	Fleet  config.Fleet
	Now    time.Time
}

// Runbook is the sheet of a runbook, with everything a person needs who has
// only paper.
func Runbook(o Order) Sheet {
	b := o.Book
	w := &writer{filler: filler{book: b, values: o.Params, fleet: o.Fleet, made: map[string]string{}}, no: map[string]string{}}
	w.count()
	s := Sheet{Title: b.Title, Lead: identity(b, o.Now), Foot: fmt.Sprintf("%s  text %.12s  printed %s", b.ID, b.SHA256, o.Now.UTC().Format("2006-01-02"))}
	s.Parts = append(s.Parts, prose(b.Prose)...)
	s.Parts = append(s.Parts, table(nil, []int{36, 36}).row("Incident "+blank, "Declared at "+blankTime).
		row("Commander "+blank, "Deputy "+blank).row("Operations "+blank, "Communications "+blank).row("Scribe "+blank, "Severity "+blank))
	s.Parts = append(s.Parts, strong("The record of a cockpit that runs is the truth. Fly by paper only when there is none, and write down every time: it is the only record."),
		para("Who types a command: a line that begins with > goes on from the one above it, on the same line."))
	s.Parts = append(s.Parts, w.parameters()...)
	s.Parts = append(s.Parts, w.clocks()...)
	s.Parts = append(s.Parts, w.milestones()...)
	for _, ph := range b.Phases {
		s.Parts = append(s.Parts, w.phase(ph)...)
	}
	for _, n := range b.Notes {
		s.Parts = append(s.Parts, heading(2, n.Title))
		s.Parts = append(s.Parts, prose(n.Prose)...)
	}
	s.Parts = append(s.Parts, w.plan()...)
	s.Parts = append(s.Parts, people(2, o.Fleet, nil, 100)...)
	return s
}

// identity is what the runbook says of itself, in one line.
func identity(b checklists.Book, now time.Time) string {
	parts := []string{"Runbook " + b.ID}
	if b.Severity != "" {
		parts = append(parts, severity(b.Severity))
	}
	if b.Component != "" {
		parts = append(parts, b.Component)
	}
	if b.Owner != "" {
		parts = append(parts, "kept by "+b.Owner)
	}
	if _, late := checklists.Overdue(b, now); late {
		parts = append(parts, "its review was due on "+b.ReviewBy)
	} else if b.ReviewBy != "" {
		parts = append(parts, "to be reviewed by "+b.ReviewBy)
	}
	if b.Schedule != nil {
		every := "flown " + b.Schedule.Every
		if b.Schedule.Lasts > 0 {
			every += ", takes " + long(b.Schedule.Lasts)
		}
		if b.Schedule.Notice > 0 {
			every += ", announced " + long(b.Schedule.Notice) + " before"
		}
		parts = append(parts, every)
	}
	return strings.Join(parts, "; ")
}

// writer prints one runbook. no are the numbers of its steps by their ids.
type writer struct {
	filler
	no map[string]string
}

// count numbers the steps, and notes which of them captures what.
func (w *writer) count() {
	for i, st := range w.book.Steps() {
		no := strconv.Itoa(i + 1)
		w.no[st.ID] = no
		if st.Run != nil && st.Run.Capture != "" {
			w.made[st.Run.Capture] = no
		}
	}
}

func (w *writer) parameters() []Part {
	if len(w.book.Params) == 0 {
		return nil
	}
	t := table([]string{"Name", "Question", "Answer"}, []int{14, 38, 20})
	for _, q := range w.book.Params {
		answer, ok := w.value(q.Name)
		switch {
		case q.Type == "secret":
			answer = "from the safe, never on paper"
		case ok && w.values[q.Name] == "":
			answer += ", or: " + blank
		case !ok:
			answer = blank + w.proposal(q)
		}
		t = t.row("$"+q.Name, plain(q.Prompt)+optional(q), answer)
	}
	return []Part{heading(2, "What it is about"), t}
}

func optional(q checklists.Param) string {
	if q.Optional {
		return " (may stay empty)"
	}
	return ""
}

// proposal is what a parameter can hold, as far as that is known.
func (w *writer) proposal(q checklists.Param) string {
	var list []string
	from, arg, _ := strings.Cut(strings.TrimSuffix(q.From, ")"), "(")
	switch {
	case len(q.Options) > 0:
		list = q.Options
	case from == "holders" || from == "standbys":
		k, _ := w.fleet.Key(w.values[strings.TrimPrefix(arg, "$")])
		if list = k.Hosts; from == "standbys" {
			list = k.Standbys
		}
	case from == "keys" || q.Type == "key":
		for _, k := range w.fleet.Keys {
			list = append(list, k.Name)
		}
	case from == "group":
		for _, h := range w.fleet.Group(arg) {
			list = append(list, h.Name)
		}
	case from == "hosts" || q.Type == "host":
		for _, h := range w.fleet.Hosts {
			list = append(list, h.Name)
		}
	}
	if len(list) == 0 || len(list) > 8 {
		return ""
	}
	return " (one of " + strings.Join(list, ", ") + ")"
}

func (w *writer) clocks() []Part {
	if len(w.book.Clocks) == 0 {
		return nil
	}
	t := table([]string{"Clock", "Back within", "At most lost", "Says", "From", "To"}, []int{18, 11, 12, 15, 5, 5})
	for _, c := range w.book.Clocks {
		rto, rpo, source := c.RTO, c.RPO, "runbook"
		lost := "not said"
		if rpo > 0 {
			lost = long(rpo)
		}
		for _, x := range w.fleet.Targets {
			if x.Component != c.Component && x.Scenario != c.Component || x.Component == "" && x.Scenario == "" {
				continue
			}
			if x.RTO > 0 && (rto == 0 || x.RTO < rto) {
				rto, source = x.RTO, x.Source
			}
			if x.HasRPO && (rpo == 0 || x.RPO < rpo) {
				rpo, lost = x.RPO, long(x.RPO)
			}
		}
		within := "not said"
		if rto > 0 {
			within = long(rto)
		} else {
			source = "-"
		}
		t = t.row(c.Component, within, lost, source, blankTime, blankTime)
	}
	return []Part{heading(2, "Clocks: from the first sign of trouble until it was well again"), t}
}

func (w *writer) milestones() []Part {
	if len(w.book.Marks) == 0 {
		return nil
	}
	t := table([]string{"After", "Milestone", "Reached"}, []int{12, 52, 8})
	marks := append([]checklists.Mark{}, w.book.Marks...)
	sort.SliceStable(marks, func(i, j int) bool { return marks[i].At < marks[j].At })
	for _, m := range marks {
		t = t.row("T + "+long(m.At), m.Text, blankTime)
	}
	return []Part{heading(2, "Milestones"), t}
}

func (w *writer) phase(ph checklists.Phase) []Part {
	out := []Part{heading(1, strings.ToUpper(string(ph.Kind))+": "+plain(ph.Title))}
	out = append(out, prose(ph.Prose)...)
	chosen := ""
	for _, g := range ph.Groups {
		if g.Choice != "" && g.Choice != chosen {
			chosen = g.Choice
			out = append(out, w.choice(ph, chosen)...)
		}
		if g.Title != "" {
			out = append(out, heading(2, plain(g.Title)))
		}
		out = append(out, prose(g.Prose)...)
		if g.Suggest != nil {
			out = append(out, para("Take this one when:"))
			out = append(out, w.looks([]checklists.Block{*g.Suggest})...)
		}
		for _, st := range g.Steps {
			out = append(out, w.step(st))
		}
	}
	return out
}

// choice is the question that several options answer.
func (w *writer) choice(ph checklists.Phase, key string) []Part {
	var list []string
	for _, g := range ph.Groups {
		if g.Choice == key {
			list = append(list, plain(g.Title))
		}
	}
	return []Part{strong("Choose exactly one of these " + strconv.Itoa(len(list)) + ", tick it, and fly no step of the others:"), boxes(list...)}
}

// plan are the messages that are due by the configuration.
func (w *writer) plan() []Part {
	if len(w.fleet.Say) == 0 {
		return nil
	}
	t := table([]string{"Due", "Message", "To", "Again", "Posted"}, []int{10, 20, 24, 10, 6})
	sev := w.book.Severity
	for _, s := range w.fleet.Say {
		due := "if asked"
		if s.Timed {
			due = "T + " + long(s.Due)
		}
		again := "-"
		if every, ok := s.Cadence(sev); ok {
			again = long(every)
		} else if sev == "" && len(s.Every) > 0 {
			again = "see plan"
		}
		to, _ := w.lanes(s.Template)
		t = t.row(due, s.Template, strings.Join(to, ", "), again, blankTime)
	}
	return []Part{heading(1, "WHAT IS SAID TO WHOM (T is the declaration)"), t}
}

// people are whom to call, at most that many; roles are who holds which in an
// incident. Who holds one comes first.
func people(level int, f config.Fleet, roles map[string]string, most int) []Part {
	holds := map[string][]string{}
	for r, who := range roles {
		holds[who] = append(holds[who], role(r))
	}
	list := slices.Clone(f.People)
	for who := range holds {
		if !slices.ContainsFunc(list, func(p config.Person) bool { return p.Name == who }) {
			list = append(list, config.Person{Name: who})
		}
	}
	slices.SortStableFunc(list, func(a, b config.Person) int {
		return cmp.Or(len(holds[b.Name])-len(holds[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	t := table([]string{"Who", "Now", "May be", "Phone"}, []int{16, 18, 22, 14})
	for _, p := range list[:min(len(list), most)] {
		t = t.row(p.Name, now(holds[p.Name], len(roles) > 0), strings.Join(roleNames(p.Roles), ", "), orBlank(p.Phone))
	}
	for range max(0, 3-len(t.Rows)) {
		t = t.row(blank, "", "", blank)
	}
	return more([]Part{heading(level, "Whom to call"), t}, len(list)-min(len(list), most))
}

func now(roles []string, asked bool) string {
	sort.Strings(roles)
	if len(roles) == 0 && asked {
		return "-"
	}
	return strings.Join(roles, ", ")
}

func roleNames(list []string) []string {
	var out []string
	for _, r := range list {
		out = append(out, role(r))
	}
	return out
}

func orBlank(s string) string {
	if s == "" {
		return blank
	}
	return s
}
