package paper

import (
	"fmt"
	"sort"
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

type item = fence.Item

// worst orders items: what contradicts, what is not known, what is proven.
func worst(it item) int {
	switch it.State {
	case fence.Contradicting:
		return 0
	case fence.Proven:
		return 2
	case fence.NotChecked:
		return 3
	}
	return 1 // whatever is no known state is missing
}

func standing(it item) string {
	return [...]string{"AGAINST", "NOT KNOWN", "proven", "not asked"}[worst(it)]
}

func (o Standing) clocks() []Part {
	if len(o.State.Clocks) == 0 {
		return nil
	}
	t := table([]string{"Component", "Counts from", "Back by", "Ended", ""}, []int{26, 12, 12, 12, 8})
	for _, c := range o.State.Clocks {
		from, by, ended, word := "not yet", "no target", blankTime, ""
		if !c.Started.IsZero() {
			from = hour(c.Started)
			if c.RTO > 0 {
				by = hour(c.Started.Add(c.RTO))
			}
		}
		switch {
		case !c.Stopped.IsZero() && c.Met():
			ended, word = hour(c.Stopped), "met"
		case !c.Stopped.IsZero():
			ended, word = hour(c.Stopped), "MISSED"
		case !c.Started.IsZero() && c.RTO > 0 && o.At.After(c.Started.Add(c.RTO)):
			word = "OVER"
		}
		t = t.row(c.Component, from, by, ended, word)
	}
	return []Part{heading(3, "Clocks (UTC)"), t}
}

// due are the messages that were promised, the next first.
func (o Standing) due(w *writer, most int) []Part {
	var says []incident.Say
	for _, s := range o.State.Says {
		if !s.NotNeeded && !s.DueAt.IsZero() {
			says = append(says, s)
		}
	}
	sort.SliceStable(says, func(i, j int) bool { return says[i].DueAt.Before(says[j].DueAt) })
	if len(says) == 0 {
		return []Part{heading(3, "Next updates due"), para("None is due by the record.")}
	}
	t := table([]string{"Due", "Message", "To", "", "Posted"}, []int{8, 20, 28, 8, 6})
	for _, s := range says[:min(len(says), most)] {
		word := ""
		if s.DueAt.Before(o.At) {
			word = "OVERDUE"
		}
		to, _ := w.lanes(s.Template)
		if len(to) == 0 {
			for _, l := range s.To {
				to = append(to, l.Channel)
			}
		}
		t = t.row(hour(s.DueAt), fmt.Sprintf("%s, update %d", s.Template, s.Next), strings.Join(to, ", "), word, blankTime)
	}
	return more([]Part{heading(3, "Next updates due (UTC)"), t}, len(says)-len(t.Rows))
}

// seen is what is known and what is not: conditions that hold, and the last
// readings of what is being watched.
func (o Standing) seen(w *writer, most int) []Part {
	t := table([]string{"Seen", "", "Age"}, []int{54, 12, 6})
	left := 0
	add := func(what, word, age string) {
		if len(t.Rows) >= most {
			left++
			return
		}
		t = t.row(what, word, age)
	}
	for _, a := range o.State.Alarms {
		if a.Ended.IsZero() {
			add(safe.Short(w.words(a.Text), 200), "ALERT", age(o.At, a.At))
		}
	}
	for _, truth := range []incident.Truth{incident.False, incident.NotKnown, incident.True} {
		for _, sp := range o.State.Steps {
			if sp.Passed || sp.Settled() {
				continue
			}
			for i, c := range sp.Checks {
				for _, r := range c.Readings {
					if r.Truth == truth {
						add(safe.Short(w.reading(sp.Step, i, r)+told(r), 200), wordOf(truth), age(o.At, r.At))
					}
				}
			}
		}
	}
	if len(t.Rows) == 0 {
		return []Part{heading(3, "What is known"), para("The record holds no open alert and no reading of an open step. That is not the same as all is well: look.")}
	}
	return more([]Part{heading(3, "What is known, and what is not"), t}, left)
}

// roll is where the roll call of a halted chain stands.
func (o Standing) roll(most int) []Part {
	if len(o.State.Roll) == 0 {
		return nil
	}
	t := table([]string{"Operator", "Says", "Version", "Height", "At", "Note"}, []int{16, 8, 12, 10, 8, 14})
	for _, r := range o.State.Roll[:min(len(o.State.Roll), most)] {
		height := ""
		if r.Height > 0 {
			height = fmt.Sprint(r.Height)
		}
		t = t.row(r.Name, r.Stage, r.Version, height, hour(r.At), safe.Short(r.Note, 60))
	}
	return more([]Part{heading(3, "Roll call: who is ready (UTC)"), t}, len(o.State.Roll)-len(t.Rows))
}

// told is what was seen instead, or why nothing was. Of what is only so or not
// so, the word beside it says it.
func told(r incident.Reading) string {
	switch {
	case r.Truth == incident.NotKnown && r.Why != "":
		return " (" + r.Why + ")"
	case r.Truth != incident.True && r.Value != "" && r.Value != "true" && r.Value != "false":
		return " (seen: " + r.Value + ")"
	}
	return ""
}

func wordOf(t incident.Truth) string {
	switch t {
	case incident.True:
		return "so"
	case incident.False:
		return "NOT SO"
	}
	return "NOT KNOWN"
}

// left are the steps that are still to be done.
func (o Standing) left(w *writer, most int) []Part {
	t := table([]string{"", "Step", "Who", "Where", "Done"}, []int{3, 38, 14, 12, 5})
	done, left := 0, 0
	for _, sp := range o.State.Steps {
		switch {
		case sp.Passed:
			continue
		case sp.Settled():
			done++
			continue
		case len(t.Rows) >= most:
			left++
			continue
		}
		title := safe.Short(sp.Step.Title, 100)
		if sp.Choice != "" && o.State.Choices[sp.Choice] == "" {
			title += " (option " + sp.Letter + ", not chosen yet)"
		}
		if sp.Status != incident.Todo {
			title += ": " + string(sp.Status)
		}
		t = t.row(w.number(sp.Step.ID), title, role(sp.Step.Role), where(w, sp.Step), blankTime)
	}
	if len(t.Rows) == 0 {
		return []Part{heading(3, "Steps"), para(fmt.Sprintf("All %d steps are settled.", done))}
	}
	return more([]Part{heading(3, fmt.Sprintf("Steps left (settled: %d); the commands are in relight print %s", done, o.State.Runbook)), t}, left)
}

func where(w *writer, s checklists.Step) string {
	switch {
	case s.Run == nil:
		return ""
	case s.Run.Group != "":
		return w.ref(s.Run.Group)
	case s.Run.Host == "local":
		return "here"
	}
	return w.ref(s.Run.Host)
}

// said are the pinned notes, the follow-ups and the last words of the log.
func (o Standing) said(w *writer, most int) []Part {
	var list []string
	tail := max(0, len(o.State.Log)-2*min(most, 8))
	for i, e := range o.State.Log {
		if !e.Pinned && !e.Todo && i < tail || again(o.State.Log[i:]) {
			continue
		}
		who := ""
		if e.By != "" {
			who = e.By + ": "
		}
		list = append(list, fmt.Sprintf("%s %s%s", hour(e.At), who, safe.Short(w.words(e.Text), 160)))
	}
	if len(list) == 0 {
		return nil
	}
	left := max(0, len(list)-min(most, 8))
	return more([]Part{heading(3, "Notes and decisions, the newest last (UTC)"), items(list[left:]...)}, left)
}

// again: the next line is a refusal of the same thing, and newer.
func again(log []incident.Entry) bool {
	if len(log) < 2 || log[0].Kind != "refused" || log[1].Kind != "refused" {
		return false
	}
	a, _, _ := strings.Cut(log[0].Text, ":")
	b, _, _ := strings.Cut(log[1].Text, ":")
	return a == b
}
