package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// Markdown is the post-incident report of a record whose last line hashes to
// head. All times are UTC.
func Markdown(record []incident.Recorded, head string) string {
	s := fold(record)
	if s.ID == "" {
		return "# Nothing was declared\n\nThe record holds no incident.\n"
	}
	var b strings.Builder
	overview(&b, s, head)
	clocks(&b, s)
	timeline(&b, record)
	steps(&b, s)
	messages(&b, s)
	followUps(&b, s)
	return b.String()
}

func fold(record []incident.Recorded) incident.State {
	var s incident.State
	for _, r := range record {
		s = incident.Apply(s, r)
	}
	return s
}

func overview(b *strings.Builder, s incident.State, head string) {
	fmt.Fprintf(b, "# %s: %s\n\n", s.ID, cell(s.Title))
	if s.Drill {
		b.WriteString("This was a drill.\n\n")
	}
	fmt.Fprintf(b, "| | |\n| --- | --- |\n")
	row := func(k, v string) { fmt.Fprintf(b, "| %s | %s |\n", k, v) }
	row("Severity", severity(s.Severity))
	row("Runbook", fmt.Sprintf("%s (sha256 %.12s)", s.Runbook, s.Book.SHA256))
	row("First sensed", clockTime(s.Onset))
	row("Declared", clockTime(s.Declared)+" by "+cell(s.DeclaredBy))
	row("Resolved", clockTime(s.Resolved))
	row("Closed", clockTime(s.Closed))
	if !s.Aborted.IsZero() {
		row("Aborted", clockTime(s.Aborted))
	}
	for _, role := range []string{"commander", "deputy", "ops", "comms", "scribe"} {
		if who := s.Roles[role]; who != "" {
			row(strings.ToUpper(role[:1])+role[1:], cell(who))
		}
	}
	chosen := map[string]bool{}
	for _, st := range s.Steps {
		if st.Choice != "" && s.Choices[st.Choice] == st.Letter && !chosen[st.Choice] {
			chosen[st.Choice] = true
			row("Chosen", cell(st.Group))
		}
	}
	row("Double signs", fmt.Sprint(s.DoubleSigns))
	row("Record", fmt.Sprintf("%d events, head %s", s.Seq, head))
	b.WriteString("\n")
}

func clocks(b *strings.Builder, s incident.State) {
	if len(s.Clocks) == 0 {
		return
	}
	b.WriteString("## Clocks\n\n| Clock | Component | Target | Measured | |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range s.Clocks {
		target, verdict := "none", "still running"
		if c.RTO > 0 {
			target = fmt.Sprintf("%s (%s)", c.RTO, cell(c.Source))
		}
		measured := "-"
		if d, ok := c.Measured(); ok {
			measured = d.Round(time.Second).String()
			verdict = "missed"
			if c.Met() {
				verdict = "met"
			}
		} else if c.Started.IsZero() {
			verdict = "never started"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", cell(c.Name), cell(c.Component), target, measured, verdict)
	}
	b.WriteString("\n")
}

func steps(b *strings.Builder, s incident.State) {
	b.WriteString("## Steps\n\n| Step | State | By | At | |\n| --- | --- | --- | --- | --- |\n")
	for _, st := range s.Steps {
		if st.Passed {
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", cell(st.PlannedStep.Step.Title), st.Status, cell(st.By), hms(st.At), cell(st.Value))
	}
	b.WriteString("\n")
}

func messages(b *strings.Builder, s incident.State) {
	if len(s.Rows) == 0 {
		return
	}
	b.WriteString("## Messages\n\n| Message | Update | Channel | Audience | State | At |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, r := range s.Rows {
		fmt.Fprintf(b, "| %s | %d | %s | %s | %s | %s |\n", cell(r.Template), r.Update, cell(r.Lane), r.Audience, r.State, hms(r.EndedAt))
	}
	for _, say := range s.Says {
		if say.NotNeeded && say.PostedAt.IsZero() {
			fmt.Fprintf(b, "| %s | - | - | - | not needed | |\n", cell(say.Template))
		}
	}
	b.WriteString("\n")
}

func followUps(b *strings.Builder, s incident.State) {
	first := true
	for _, e := range s.Log {
		if !e.Todo {
			continue
		}
		if first {
			b.WriteString("## Follow-ups\n\n")
			first = false
		}
		fmt.Fprintf(b, "- %s (%s)\n", cell(e.Text), cell(e.By))
	}
}

// cell is text from outside as it may stand in a table.
func cell(s string) string { return strings.ReplaceAll(safe.Line(s), "|", "\\|") }

func severity(s string) string { return strings.ToUpper(strings.Replace(s, "sev", "sev-", 1)) }

func clockTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func hms(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("15:04:05")
}
