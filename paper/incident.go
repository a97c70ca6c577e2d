package paper

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// Standing is an incident as its record has it. At is the time of the record's
// last event and Head the hash of its last line; Now is the time of printing.
type Standing struct {
	State incident.State
	At    time.Time
	Head  string
	// Broken is why the record cannot be read to its end; "" it can.
	Broken string
	Fleet  config.Fleet
	Now    time.Time
}

// sheetPages is how long the sheet of an incident may be: one leaf of paper.
const sheetPages = 2

// Incident is what a person needs to go on with paper when the cockpit's own
// machine is lost: two pages. What does not fit is counted, never dropped in
// silence.
func Incident(o Standing) Sheet {
	most := 40
	for most > 1 && pageCount(o.sheet(most, 1)) > sheetPages {
		most--
	}
	s := o.sheet(most, 0)
	for empty := 1; empty < 30; empty++ {
		next := o.sheet(most, empty)
		if pageCount(next) > sheetPages {
			break
		}
		s = next
	}
	return s
}

func pageCount(s Sheet) int { return strings.Count(Text(s), "\f") + 1 }

// sheet writes at most that many rows of each list, some more of what is asked
// for first, and empty lines for a log by hand.
func (o Standing) sheet(most, empty int) Sheet {
	st := o.State
	w := &writer{filler: filler{book: st.Book, values: st.Params, fleet: o.Fleet, made: map[string]string{}}, no: map[string]string{}}
	w.count()
	lead := fmt.Sprintf("As the record has it at %s, after %d events. What came later is not on this paper.", utc(o.At), st.Seq)
	if st.Drill {
		lead = "THIS IS A DRILL. " + lead
	}
	s := Sheet{Title: st.ID + ": " + safe.Short(st.Title, 150), Lead: lead, Small: true,
		Foot: fmt.Sprintf("%s  head %.12s  printed %s", st.ID, o.Head, o.Now.UTC().Format("2006-01-02 15:04 UTC"))}
	if o.Broken != "" {
		s.Parts = append(s.Parts, strong("THE RECORD IS DAMAGED after this ("+safe.Short(o.Broken, 160)+"). Take every step below that is not settled as NOT KNOWN: it may have run."))
	}
	s.Parts = append(s.Parts, o.brief(w)...)
	s.Parts = append(s.Parts, o.unknown(w, most+1)...)
	s.Parts = append(s.Parts, o.fences(most)...)
	s.Parts = append(s.Parts, o.clocks()...)
	s.Parts = append(s.Parts, o.due(w, most+1)...)
	s.Parts = append(s.Parts, o.seen(w, most)...)
	s.Parts = append(s.Parts, o.roll(2*most)...)
	s.Parts = append(s.Parts, o.left(w, 2*most+2)...)
	s.Parts = append(s.Parts, o.said(w, most)...)
	s.Parts = append(s.Parts, people(3, o.Fleet, st.Roles, most)...)
	if empty == 0 {
		return s
	}
	log := table([]string{"Time", "Who", "What was done or seen, on which host"}, []int{6, 12, 50})
	for range empty {
		log = log.row(blankTime, blankName, strings.Repeat("_", 54))
	}
	s.Parts = append(s.Parts, heading(3, "From here by hand"), log)
	return s
}

// brief is what anybody must know who takes over.
func (o Standing) brief(w *writer) []Part {
	st := o.State
	t := table(nil, []int{16, 60})
	t = t.row("Severity", severity(st.Severity)).row("Runbook", fmt.Sprintf("%s (text %.12s): relight print %s", st.Runbook, st.Book.SHA256, st.Runbook))
	t = t.row("First sensed", utc(st.Onset)).row("Declared", utc(st.Declared)+" by "+st.DeclaredBy)
	for _, end := range []struct {
		name string
		at   time.Time
	}{{"Resolved", st.Resolved}, {"Closed", st.Closed}, {"Aborted", st.Aborted}} {
		if !end.at.IsZero() {
			t = t.row(end.name, utc(end.at))
		}
	}
	var about []string
	for _, q := range st.Book.Params {
		if v, ok := w.value(q.Name); ok {
			about = append(about, q.Name+" = "+v)
		}
	}
	if len(about) > 0 {
		t = t.row("About", strings.Join(about, ", "))
	}
	seen := map[string]bool{}
	for _, sp := range st.Steps {
		if sp.Choice != "" && st.Choices[sp.Choice] == sp.Letter && !seen[sp.Choice] {
			seen[sp.Choice] = true
			t = t.row("Chosen", sp.Group)
		}
	}
	t = t.row("Double signs", fmt.Sprint(st.DoubleSigns))
	return []Part{t, strong("First: look at every step under NOT KNOWN on its host; it may have run. Start no validator before its fence is proven anew: waiting costs nothing for two days, a second signer costs it for ever.")}
}

// doubtful steps are those that were begun and are not settled.
func doubtful(s incident.Step) bool {
	switch s.Status {
	case incident.Unknown, incident.Running, incident.Verifying, incident.Waiting, incident.Failed, incident.TimedOut, incident.NoLonger:
		return !s.Passed
	}
	return len(s.Otherwise) > 0 && !s.Passed
}

// sensedOnly: nothing was sent; the cockpit only looks.
func sensedOnly(s incident.Step) bool { return s.Status == incident.Verifying && s.Effect == "" }

// unknown are the steps of which nobody knows whether or how they ended.
func (o Standing) unknown(w *writer, most int) []Part {
	p := Part{Kind: Items, Box: true}
	left := 0
	for _, sp := range o.State.Steps {
		if !doubtful(sp) || sensedOnly(sp) {
			continue
		}
		if len(p.Rows) >= most {
			left++
			continue
		}
		p = p.row(o.doubt(w, sp))
	}
	if len(p.Rows) == 0 {
		p = items("None: every step that was begun has an end in the record.")
	}
	return more([]Part{heading(3, "NOT KNOWN: what was begun and has no good end"), p}, left)
}

// doubt is one such step: what was sent where, and what would show its end.
func (o Standing) doubt(w *writer, sp incident.Step) string {
	word := strings.ToUpper(string(sp.Status))
	if len(sp.Otherwise) > 0 {
		word = "DONE, BUT SEEN OTHERWISE"
	}
	text := fmt.Sprintf("Step %s, %s: %s", w.number(sp.Step.ID), safe.Short(sp.Step.Title, 100), word)
	if run, ok := o.State.Runs[sp.Effect]; ok && sp.Effect != "" {
		var hosts []string
		for _, h := range run.Hosts {
			end := "no answer recorded"
			switch h.Class {
			case incident.Exited:
				end = fmt.Sprintf("exit %d", h.Exit)
			case incident.NotStarted:
				end = "nothing was started"
			}
			hosts = append(hosts, w.host(h.Host)+" "+end)
		}
		what := "sent to "
		if run.Undo {
			what = "UNDO sent to "
		}
		text += fmt.Sprintf("; %s%s by %s at %s", what, strings.Join(hosts, ", "), run.By, hour(run.At))
	} else if !sp.At.IsZero() {
		text += " since " + hour(sp.At)
	}
	var see []string
	for _, b := range sp.Step.Verifies {
		for _, pr := range b.Probes {
			says, _ := assertion(pr, w.ref(pr.Name))
			see = append(see, says)
		}
	}
	if len(see) > 0 {
		text += ". It is done when " + strings.Join(see, "; ")
	}
	if b := sp.Step.Run; b != nil && b.Fence != "" && b.Fence != checklists.NoFence && sp.Effect != "" {
		text += ". IT MAY SIGN with the key " + w.ref(b.Fence) + ": start no other signer before this host is proven stopped"
	}
	return text + "."
}

// more says how many rows did not fit.
func more(parts []Part, left int) []Part {
	if left > 0 {
		parts = append(parts, para(fmt.Sprintf("... and %d more that did not fit: the record has them.", left)))
	}
	return parts
}

// fences are the last verdicts with their evidence and its age, the worst
// first.
func (o Standing) fences(most int) []Part {
	out := []Part{heading(3, "FENCES: may it start as a signer?")}
	var ids []string
	for id := range o.State.Fences {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return o.State.Fences[ids[i]].At.After(o.State.Fences[ids[j]].At) })
	if len(ids) == 0 {
		return append(out, para("None was judged. No proof is on record: start no signer."))
	}
	told := min(len(ids), 2)
	if most < 8 {
		told = 1
	}
	for _, id := range ids[:told] {
		f := o.State.Fences[id]
		name := id
		if sp, ok := o.State.Step(id); ok {
			name = sp.Step.Title
		}
		word := "NO"
		if f.Verdict.Allow {
			word = "YES until " + hour(f.Verdict.Until)
			if f.Verdict.Overridden {
				word += ", by the word of two people"
			}
		}
		out = append(out, strong(fmt.Sprintf("%s: %s, judged at %s, %s before the record ends. It is stale now: prove it anew.", name, word, hour(f.At), age(o.At, f.At))))
		p := Part{Kind: Items}
		list := slices.Clone(f.Verdict.Items)
		slices.SortStableFunc(list, func(a, b item) int { return worst(a) - worst(b) })
		for _, it := range list {
			p = p.row(fmt.Sprintf("%d %s %s: %s. %s", it.N, standing(it), age(o.At, it.At), it.Name, seenFor(it, most)))
		}
		out = append(out, p)
	}
	return more(append(out, o.cuts()...), len(ids)-told)
}

// cuts are the hosts whose power or network was cut, and whether that holds.
func (o Standing) cuts() []Part {
	var list []string
	for _, c := range o.State.Cuts {
		word := "not read back: it proves nothing"
		switch c.Held {
		case incident.True:
			word = "read back, and held at " + hour(c.Ended)
		case incident.False:
			word = "READ BACK AND NOT HELD"
		}
		list = append(list, fmt.Sprintf("%s of %s cut by %s at %s: %s", title(c.How), c.Host, c.By, hour(c.At), word))
	}
	if len(list) == 0 {
		return nil
	}
	return []Part{items(list[max(0, len(list)-6):]...)}
}

// seenFor is what was seen of an item; of what is proven in short where room is
// scarce.
func seenFor(it item, most int) string {
	if r := []rune(it.Text); worst(it) > 1 && len(r) > 8*most {
		return string(r[:8*most]) + "..."
	}
	return it.Text
}

func age(now, at time.Time) string {
	if at.IsZero() || now.Before(at) {
		return "-"
	}
	if d := now.Sub(at).Round(time.Second); d < time.Hour {
		return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
	}
	return long(now.Sub(at).Round(time.Minute))
}
