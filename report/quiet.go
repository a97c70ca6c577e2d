package report

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/incident"
)

// Quiet is an event in words that Line leaves out: bookkeeping, which a report
// does without and the whole record shows. before is the state before it.
func Quiet(before incident.State, r incident.Recorded) string {
	switch e := r.Event.(type) {
	case incident.StepMoved: // of a step without an action
		return fmt.Sprintf("%q: its checks are read from now on", stepTitle(before, e.Step))
	case incident.CheckRead:
		return checkRead(before, e)
	case incident.ClaimSeen:
		return fmt.Sprintf("what %q says is seen to be so", stepTitle(before, e.Step))
	case incident.FenceJudged:
		return fmt.Sprintf("the fence judged the start of %q: refused", stepTitle(before, e.Step))
	case incident.FieldSet:
		return fmt.Sprintf("%s filled %s: %s", cell(e.By), cell(e.Name), cell(e.Value))
	case incident.RowQueued:
		return fmt.Sprintf("%s to %s: queued", cell(e.Row.Template), cell(e.Row.Lane))
	case incident.RowStarted:
		return rowOf(before, e.Row) + ": it is being sent"
	case incident.RowLookStarted:
		return rowOf(before, e.Row) + ": looked up whether it arrived"
	case incident.AlarmQuieted:
		return fmt.Sprintf("%s quieted the alert %s", cell(e.By), cell(e.Name))
	}
	return "recorded: " + strings.ReplaceAll(r.Event.Kind(), "-", " ")
}

// checkRead is what the checks of a step show.
func checkRead(s incident.State, e incident.CheckRead) string {
	head := fmt.Sprintf("%q, check %d: ", stepTitle(s, e.Step), e.Block+1)
	if len(e.Readings) == 0 {
		return head + "nothing was read"
	}
	var out []string
	for _, r := range e.Readings {
		text := fmt.Sprintf("%s is %s", cell(r.Text), r.Truth)
		if r.Value != "" && r.Value != string(r.Truth) {
			text += " (" + cell(r.Value) + ")"
		}
		out = append(out, text)
	}
	return head + strings.Join(out, "; ")
}

// rowOf names a message to a channel by its row.
func rowOf(s incident.State, id string) string {
	for _, r := range s.Rows {
		if r.ID == id {
			return cell(r.Template) + " to " + cell(r.Lane)
		}
	}
	return "a message"
}
