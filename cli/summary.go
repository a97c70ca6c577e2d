package cli

import (
	"strings"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
)

// summary is what `relight drill --json` prints.
type summary struct {
	Incident    string            `json:"incident"`
	Runbook     string            `json:"runbook"`
	Seed        uint64            `json:"seed"`
	Outcome     string            `json:"outcome"`
	Why         string            `json:"why,omitempty"` // the last refusal, when it was not resolved
	Options     map[string]string `json:"options"`
	Steps       map[string]int    `json:"steps"`
	Clocks      []clockSummary    `json:"clocks"`
	Messages    []messageSummary  `json:"messages"`
	DoubleSigns int               `json:"double_signs"`
	RecordHead  string            `json:"record_head"`
	Story       string            `json:"story"`
	Journal     string            `json:"journal"`
	Report      string            `json:"report"`
}

type clockSummary struct {
	Name      string   `json:"name"`
	Component string   `json:"component"`
	RTO       float64  `json:"rto_seconds"`
	Measured  *float64 `json:"measured_seconds"`
	Met       bool     `json:"met"`
}

type messageSummary struct {
	Channel  string       `json:"channel"`
	Template string       `json:"template"`
	Update   int          `json:"update"`
	State    outbox.State `json:"state"`
	Attempts int          `json:"attempts"`
}

func summarize(s incident.State, log []incident.Recorded) summary {
	out := summary{Incident: s.ID, Runbook: s.Runbook, Options: s.Choices, DoubleSigns: s.DoubleSigns,
		Steps: map[string]int{}, Clocks: []clockSummary{}, Messages: []messageSummary{}, Story: incident.Story(log)}
	if out.Options == nil {
		out.Options = map[string]string{}
	}
	for _, st := range incident.Statuses() {
		out.Steps[string(st)] = 0
	}
	for _, st := range s.Steps {
		out.Steps[string(st.Status)]++
	}
	for _, c := range s.Clocks {
		cs := clockSummary{Name: c.Name, Component: c.Component, RTO: c.RTO.Seconds(), Met: c.Met()}
		if d, ok := c.Measured(); ok {
			sec := d.Seconds()
			cs.Measured = &sec
		}
		out.Clocks = append(out.Clocks, cs)
	}
	for _, r := range s.Rows {
		out.Messages = append(out.Messages, messageSummary{Channel: r.Lane, Template: r.Template, Update: r.Update, State: r.State, Attempts: r.Attempt})
	}
	return out
}

// good says that the drill was resolved and every clock met its target.
func (s summary) good() bool {
	for _, c := range s.Clocks {
		if !c.Met {
			return false
		}
	}
	return s.Outcome == "resolved"
}

// pairs reads k=v arguments.
func pairs(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, kv := range list {
		k, v, ok := strings.Cut(kv, "=")
		if !ok || k == "" {
			return nil, &badPair{kv}
		}
		out[k] = v
	}
	return out, nil
}

type badPair struct{ text string }

func (b *badPair) Error() string { return "\"" + b.text + "\" is not NAME=VALUE" }
