package incident_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
)

// The rules are told in testdata/*.txt: a command, what the record took, and
// why something was refused. Time stands at 03:00:00 until "wait" moves it.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, path string) {
		s := &stage{t: t, now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return s.run(d) })
	})
}

// stage is one incident under test.
type stage struct {
	t     *testing.T
	now   time.Time
	book  checklists.Book
	state incident.State
	n     int
	seen  []incident.Alarm // conditions that hold now
}

func (s *stage) run(d *datadriven.TestData) string {
	arg := func(name, def string) string {
		if !d.HasArg(name) {
			return def
		}
		v := def
		d.ScanArgs(s.t, name, &v)
		return strings.ReplaceAll(v, "_", " ")
	}
	by := arg("by", "mira")
	step := ""
	if len(d.CmdArgs) > 0 && len(d.CmdArgs[0].Vals) == 0 {
		step = d.CmdArgs[0].Key
	}
	switch d.Cmd {
	case "book":
		src, err := os.ReadFile("testdata/book.md")
		if err != nil {
			s.t.Fatal(err)
		}
		book, problems := checklists.Parse("book.md", src, nil)
		for _, p := range problems {
			s.t.Fatalf("%s: %s", d.Pos, p)
		}
		s.book = book
		return ""
	case "wait":
		wait, err := time.ParseDuration(step)
		if err != nil {
			s.t.Fatal(err)
		}
		s.now = s.now.Add(wait)
		return s.now.Format("15:04:05") + "\n" + s.do(incident.Tick{})
	case "declare":
		c := incident.Declare{ID: "INC-20261123-001", Title: "val-2 is silent", Severity: "sev3", Runbook: "t", By: by, Book: s.book,
			Drill: d.HasArg("drill"), Params: map[string]string{"failed": "val-2"},
			Targets: []incident.Clock{{Component: "Validator node", RTO: 15 * time.Minute, Source: "plan"}},
			Says: []incident.Say{
				{Template: "hello", To: []incident.Lane{{Channel: "slack", Audience: "internal"}}, Planned: true},
				{Template: "progress", To: []incident.Lane{{Channel: "slack", Audience: "internal"}, {Channel: "page", Audience: "public"}},
					Due: 30 * time.Minute, Planned: true, Every: map[string]time.Duration{"sev3": 30 * time.Minute}},
			}}
		if d.HasArg("until") {
			c.Says[1].Until = arg("until", "")
		}
		for _, a := range s.seen {
			c.Alarms = append(c.Alarms, a)
		}
		if d.HasArg("onset") {
			ago, err := time.ParseDuration(arg("onset", ""))
			if err != nil {
				s.t.Fatal(err)
			}
			c.Onset = s.now.Add(-ago)
		}
		return s.do(c)
	case "alarms": // the conditions that hold from now on
		s.seen = nil
		for _, v := range d.CmdArgs {
			s.seen = append(s.seen, incident.Alarm{Kind: strings.ReplaceAll(v.Key, "_", " "), Text: v.Key, At: s.now})
		}
		if !s.state.Open() {
			return ""
		}
		return s.do(incident.Observe{Alarms: s.seen})
	case "alert":
		return s.do(incident.AnswerAlarm{Kind: strings.ReplaceAll(step, "_", " "), By: by, Answer: incident.AlarmAnswer(arg("answer", "")), Note: arg("note", "")})
	case "stop":
		return s.do(incident.Stop{Step: step, By: by, Confirm: arg("word", incident.StopWord)})
	case "cut":
		return s.do(incident.CutHost{Host: step, How: arg("how", "power"), By: by, Confirm: arg("word", ""), Known: !d.HasArg("unknown")})
	case "cut-ended":
		return s.do(incident.CutResult{Cut: s.state.Cuts[len(s.state.Cuts)-1].ID, Failed: arg("failed", ""),
			Held: incident.Truth(arg("held", "unknown")), Text: arg("text", "")})
	case "see":
		return s.do(s.observe(step, d))
	case "run":
		c := incident.RunStep{Step: step, By: by, Confirm: arg("confirm", ""), Approver: arg("approver", ""), Hosts: []string{"val-2"}}
		for _, v := range d.CmdArgs {
			if v.Key == "guard" {
				c.Guards = append(c.Guards, s.reading("the guard", v.Vals[0]))
			}
		}
		return s.do(c)
	case "ended":
		st, _ := s.state.Step(step)
		c := incident.HostResult{Effect: st.Effect, Host: "val-2", Class: incident.Class(arg("class", "exited"))}
		fmt.Sscan(arg("exit", "0"), &c.Exit)
		return s.do(c)
	case "sign":
		return s.do(incident.Sign{Step: step, By: by, Value: arg("value", "")})
	case "skip":
		return s.do(incident.Skip{Step: step, By: by, Reason: arg("reason", "")})
	case "answer":
		return s.do(incident.Answer{Step: step, By: by, Ran: arg("ran", ""), Note: arg("note", "looked")})
	case "choose":
		return s.do(incident.Choose{Choice: step, Letter: arg("letter", ""), By: by})
	case "role":
		return s.do(incident.TakeRole{Role: step, Person: arg("to", by), By: by})
	case "post":
		c := incident.Post{Template: step, By: by}
		if d.HasArg("missing") {
			c.Missing = []string{arg("missing", "")}
		}
		for _, say := range s.state.Says {
			if say.Template != step {
				continue
			}
			for _, l := range say.To {
				s.n++
				c.Bodies = append(c.Bodies, incident.Body{ID: fmt.Sprintf("row%d", s.n), Channel: l.Channel, Text: "text"})
			}
		}
		return s.do(c)
	case "delivered":
		return s.outcome(step, outbox.Outcome{Class: outbox.ClassDelivered, Remote: outbox.Remote{ID: "1"}})
	case "reopen":
		return s.do(incident.Reopen{By: by})
	case "resolve":
		return s.do(incident.Resolve{By: by})
	case "close":
		return s.do(incident.Close{By: by})
	case "steps":
		return s.steps()
	}
	s.t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	return ""
}

func (s *stage) outcome(lane string, o outbox.Outcome) string {
	for _, r := range s.state.Rows {
		if r.Lane == lane && r.State == outbox.Sending {
			return s.do(incident.RowResult{Row: r.ID, Outcome: o})
		}
	}
	return "nothing is being sent\n"
}

func (s *stage) observe(step string, d *datadriven.TestData) incident.Observe {
	st, ok := s.state.Step(step)
	if !ok {
		s.t.Fatalf("%s: no step %s", d.Pos, step)
	}
	o := incident.Observed{Step: step}
	for range st.Step.Verifies {
		o.Checks = append(o.Checks, []incident.Reading{s.reading("the proof", d.CmdArgs[1].Key)})
	}
	return incident.Observe{Steps: []incident.Observed{o}, Alarms: s.seen, Gap: d.HasArg("gap")}
}

func (s *stage) reading(text, truth string) incident.Reading {
	return incident.Reading{Text: text, Truth: incident.Truth(truth), Value: truth, At: s.now}
}

// do decides, and holds that the record alone leads to the same state.
func (s *stage) do(c incident.Command) string {
	events, err := incident.Decide(s.state, c, s.now)
	var b strings.Builder
	for _, e := range events {
		s.n++
		r := incident.Recorded{ID: fmt.Sprintf("e%d", s.n), At: s.now, Event: e}
		data, jerr := json.Marshal(e)
		if jerr != nil {
			s.t.Fatal(jerr)
		}
		again, jerr := incident.DecodeEvent(e.Kind(), data)
		if jerr != nil {
			s.t.Fatal(jerr)
		}
		live := incident.Apply(s.state, r)
		replayed := incident.Apply(s.state, incident.Recorded{ID: r.ID, At: r.At, Event: again})
		if x, y := asJSON(s.t, live), asJSON(s.t, replayed); x != y {
			s.t.Fatalf("event %s does not survive the record:\n%s\n%s", e.Kind(), x, y)
		}
		s.state = live
		fmt.Fprintln(&b, describe(e))
	}
	var refusal *incident.Refusal
	if errors.As(err, &refusal) {
		fmt.Fprintf(&b, "REFUSED %s\n", refusal)
	} else if err != nil {
		fmt.Fprintf(&b, "ERROR %v\n", err)
	}
	return b.String()
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (s *stage) steps() string {
	var b strings.Builder
	for _, st := range s.state.Steps {
		lock := ""
		if l := s.state.Gate(st); l.Locked() && !st.Settled() {
			lock = "  LOCKED: " + l.Why
		}
		if len(st.Otherwise) > 0 {
			lock = "  SEEN OTHERWISE" + lock
		}
		fmt.Fprintf(&b, "%s %s%s\n", st.PlannedStep.Step.ID, st.Status, lock)
	}
	return b.String()
}

// describe is an event in one short line, without ids.
func describe(e incident.Event) string {
	switch e := e.(type) {
	case incident.Declared:
		return "declared " + e.Runbook + " by " + e.By
	case incident.StepMoved:
		return strings.TrimSpace(fmt.Sprintf("step %s is %s %s", e.Step, e.To, e.Value))
	case incident.CutOrdered:
		return fmt.Sprintf("cut the %s of %s by %s", e.How, e.Host, e.By)
	case incident.CutEnded:
		return strings.TrimSpace(fmt.Sprintf("cut of %s ended, held %s %s %s", e.Host, e.Held, e.Text, e.Failed))
	case incident.StepDoubted:
		return fmt.Sprintf("step %s is seen otherwise: %s is %s", e.Step, e.Readings[0].Text, e.Readings[0].Value)
	case incident.StepUpheld:
		return fmt.Sprintf("step %s is done all the same: %s", e.Step, e.Note)
	case incident.StepStopped:
		return fmt.Sprintf("stopped %s by %s", e.Step, e.By)
	case incident.AlarmRaised:
		return strings.TrimSpace(fmt.Sprintf("alarm %s %s %s", e.Alarm.Kind, e.Answer, e.Note))
	case incident.AlarmEnded:
		return "alarm over: " + e.Name
	case incident.AlarmAnswered:
		return strings.TrimSpace(fmt.Sprintf("alarm %s is %s %s", e.Name, e.Answer, e.Note))
	case incident.StepStarted:
		return fmt.Sprintf("start %s on %v by %s%s", e.Step, e.Hosts, e.By, orNothing(" for ", e.For))
	case incident.ClockStarted:
		return fmt.Sprintf("clock %s from %s", e.Name, e.From.Format("15:04:05"))
	case incident.ClockStopped:
		return fmt.Sprintf("clock %s stopped at %s", e.Name, e.At.Format("15:04:05"))
	case incident.CheckRead:
		held := "broken"
		if !e.Held.IsZero() {
			held = "held since " + e.Held.Format("15:04:05")
		}
		return fmt.Sprintf("check %s %s", e.Step, held)
	case incident.RowQueued:
		return fmt.Sprintf("queued %s %d to %s", e.Row.Template, e.Row.Update, e.Row.Lane)
	case incident.RowChanged:
		return fmt.Sprintf("%s to %s is %s", e.Row.Template, e.Row.Lane, e.Row.State)
	case incident.HostEnded:
		return fmt.Sprintf("%s %s %d", e.Host, e.Class, e.Exit)
	case incident.SayPosted:
		return fmt.Sprintf("posted %s %d", e.Template, e.Update)
	case incident.SayDropped:
		return "not needed: " + e.Template
	case incident.SayOverdue:
		return "overdue: " + e.Template
	case incident.Ended:
		return e.How
	}
	return e.Kind()
}

func orNothing(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// Every kind of event is in the table, under its own name.
func TestUnknownEventsAreKept(t *testing.T) {
	e, err := incident.DecodeEvent("from-the-future", []byte(`{"x":1}`))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(e)
	if err != nil || string(data) != `{"x":1}` || e.Kind() != "from-the-future" {
		t.Errorf("an unknown event comes out as %s %s, %v", e.Kind(), data, err)
	}
	s := incident.Apply(incident.State{}, incident.Recorded{Event: e})
	if len(s.Log) != 1 {
		t.Error("an unknown event is not shown")
	}
}

// The story knows no ids and no times, and no order between streams.
func TestStory(t *testing.T) {
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	moved := func(step string) incident.Event { return incident.StepMoved{Step: step, To: incident.Done} }
	row := func(lane string) incident.Event {
		return incident.RowQueued{Row: outbox.Row{ID: lane + fmt.Sprint(at.UnixNano()), Lane: lane, Template: "hello"}}
	}
	tell := func(events ...incident.Event) string {
		var log []incident.Recorded
		for i, e := range events {
			at = at.Add(time.Second)
			log = append(log, incident.Recorded{ID: fmt.Sprint(i, at), At: at, Event: e})
		}
		return incident.Story(log)
	}
	one := tell(moved("a"), row("slack"), moved("b"), row("page"))
	if got := tell(row("page"), moved("a"), moved("b"), row("slack")); got != one {
		t.Error("the order of streams against each other is part of the story")
	}
	if got := tell(moved("b"), row("slack"), moved("a"), row("page")); got == one {
		t.Error("the order inside a stream is no part of the story")
	}
}

// Apply never changes what an older state refers to.
func TestApplyIsPure(t *testing.T) {
	s := &stage{t: t, now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	s.book, _ = checklists.Find("single-validator-failover")
	s.do(incident.Declare{ID: "INC-20261123-001", Severity: "sev3", By: "mira", Book: s.book})
	events := []incident.Event{
		incident.Chosen{Choice: "recover", Letter: "B", By: "mira"},
		incident.StepMoved{Step: "confirm", To: incident.Done},
		incident.RoleTaken{Role: "ops", Person: "dan"},
		incident.ClockStopped{Name: "validator", At: s.now},
		incident.Noted{Text: "x", Todo: true},
		incident.AlarmRaised{Alarm: incident.Alarm{Kind: "k"}},
		incident.AlarmQuieted{Name: "k"},
		incident.AlarmAnswered{Name: "k", Answer: incident.AlarmKnown, Note: "work"},
		incident.StepStarted{Step: "fence-failed", Hosts: []string{"val-2"}},
		incident.StepStopped{Step: "fence-failed", Effect: "x", By: "mira"},
		incident.HostEnded{Effect: "x", Host: "val-2", Class: incident.Exited},
		incident.StepDoubted{Step: "fence-failed", Readings: []incident.Reading{{Text: "fenced", Truth: incident.False}}},
		incident.CutOrdered{Host: "val-2", How: "power", By: "mira"},
		incident.CutEnded{Cut: "x", Host: "val-2", Held: incident.True},
		incident.StepUpheld{Step: "fence-failed", By: "mira", Note: "seen by eye"},
	}
	states := []incident.State{s.state}
	pictures := []string{asJSON(t, s.state)}
	for _, e := range events {
		n := incident.Apply(states[len(states)-1], incident.Recorded{ID: "x", At: s.now, Event: e})
		states, pictures = append(states, n), append(pictures, asJSON(t, n))
	}
	for i := range states {
		if got := asJSON(t, states[i]); got != pictures[i] {
			t.Errorf("state %d changed after it was given away", i)
		}
	}
	if !reflect.DeepEqual(sorted(states[0].Roles), []string{"commander=mira"}) {
		t.Errorf("roles of the first state: %v", states[0].Roles)
	}
}

func sorted(m map[string]string) []string {
	var out []string
	for k, v := range m {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	return out
}
