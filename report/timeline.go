package report

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/incident"
)

// timeline lists what happened, one line an event that a reader wants to see.
func timeline(b *strings.Builder, record []incident.Recorded) {
	b.WriteString("## Timeline (UTC)\n\n")
	var s incident.State
	for _, r := range record {
		before := s
		s = incident.Apply(s, r)
		if text := Line(before, s, r); text != "" {
			fmt.Fprintf(b, "- %s %s\n", hms(r.At), text)
		}
	}
	b.WriteString("\n")
}

// Line is an event in words, or nothing when it is bookkeeping. before and
// after are the states around it.
func Line(before, after incident.State, r incident.Recorded) string {
	switch e := r.Event.(type) {
	case incident.StepStarted:
		verb := "ran"
		if e.Undo {
			verb = "undid"
		}
		return fmt.Sprintf("%s %s %q on %s", cell(e.By), verb, stepTitle(after, e.Step), cell(strings.Join(e.Hosts, ", ")))
	case incident.HostEnded:
		return hostEnded(e)
	case incident.StepMoved:
		return stepMoved(before, after, e)
	case incident.StepDoubted:
		return fmt.Sprintf("%q is done, but seen otherwise: %s", stepTitle(after, e.Step), seen(e.Readings))
	case incident.FenceJudged:
		if !e.Verdict.Allow {
			return "" // the refusal follows, with its reasons
		}
		return cell(e.Verdict.Summary)
	case incident.ClockStarted:
		return fmt.Sprintf("clock %s counts from %s", cell(e.Name), hms(e.From))
	case incident.ClockStopped:
		return fmt.Sprintf("clock %s stopped at %s", cell(e.Name), hms(e.At))
	case incident.SayPosted:
		return fmt.Sprintf("%s posted %s, update %d", cell(e.By), cell(e.Template), e.Update)
	case incident.SayOverdue:
		return fmt.Sprintf("%s, update %d, was due at %s and is overdue", cell(e.Template), e.Update, hms(e.Due))
	case incident.SayDropped:
		if e.By != "" {
			return fmt.Sprintf("%s left out %s: %s", cell(e.By), cell(e.Template), cell(e.Why))
		}
		return fmt.Sprintf("%s is not needed: %s", cell(e.Template), cell(e.Why))
	case incident.RowChanged:
		return fmt.Sprintf("%s to %s: %s", cell(e.Row.Template), cell(e.Row.Lane), e.Row.State)
	case incident.AlarmRaised:
		return "alert: " + cell(e.Text)
	case incident.AlarmEnded:
		return "alert over: " + cell(e.Name)
	}
	if n := len(after.Log); n > len(before.Log) {
		return entry(after.Log[n-1])
	}
	return ""
}

func entry(e incident.Entry) string {
	who := ""
	if e.By != "" {
		who = cell(e.By) + ": "
	}
	if e.Kind == "refused" {
		return who + "REFUSED " + cell(e.Text)
	}
	return who + cell(e.Text)
}

func hostEnded(e incident.HostEnded) string {
	switch e.Class {
	case incident.Exited:
		return fmt.Sprintf("%s: exit %d (output sha256 %.12s, %d bytes)", cell(e.Host), e.Exit, e.SHA256, e.Size)
	case incident.NotStarted:
		return fmt.Sprintf("%s: nothing was started: %s", cell(e.Host), cell(e.Reason))
	}
	return fmt.Sprintf("%s: no result: %s", cell(e.Host), cell(e.Reason))
}

func stepMoved(before, after incident.State, e incident.StepMoved) string {
	if e.To == incident.Verifying {
		if st, ok := before.Step(e.Step); ok && st.Status == incident.Todo {
			return ""
		}
	}
	line := fmt.Sprintf("%q is %s", stepTitle(after, e.Step), e.To)
	if e.Value != "" {
		line += ": " + cell(e.Value)
	}
	return line
}

func seen(rs []incident.Reading) string {
	var out []string
	for _, r := range rs {
		out = append(out, cell(r.Text)+" is "+cell(r.Value))
	}
	return strings.Join(out, "; ")
}

func stepTitle(s incident.State, id string) string {
	if st, ok := s.Step(id); ok {
		return cell(st.PlannedStep.Step.Title)
	}
	return id
}
