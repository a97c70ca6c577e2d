package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// command is something rare and heavy, asked for in words after ":".
type command struct {
	name, args, help string
	when             func() bool // nil: always
	do               func(args string) (tea.Cmd, error)
}

func (m *model) commands() []command {
	open := func() bool { return m.view.State.Open() }
	by := m.view.Person
	return []command{
		{"q", "", "leave; the incident stays open", nil, func(string) (tea.Cmd, error) {
			m.left = true
			return tea.Quit, nil
		}},
		{"skip", "REASON", "leave the step under the cursor out", m.skippable, func(why string) (tea.Cmd, error) {
			st, ok := m.list.Selected()
			if !ok || why == "" {
				return nil, fmt.Errorf("skip needs a reason: :skip REASON")
			}
			return m.skip(st, why), nil
		}},
		{"undo", "", "arm the undo of the step under the cursor", open, func(string) (tea.Cmd, error) {
			if st, ok := m.list.Selected(); ok {
				m.undo(st, m.clock())
			}
			return nil, nil
		}},
		{"fence", "power|network [HOST]", "arm the cut of a host that holds the key: its power or its network", m.cuttable, m.fence},
		{"fill", "FIELD VALUE", "fill a field of the messages", open, func(a string) (tea.Cmd, error) {
			field, value, _ := strings.Cut(a, " ")
			if strings.TrimSpace(value) == "" {
				return nil, fmt.Errorf("fill needs a field and its value: :fill FIELD VALUE")
			}
			return m.fillIn(field, field, strings.TrimSpace(value)), nil
		}},
		{"words", "TEXT", `say this update of the message shown in your own words; \n begins a row, {{components}} and the like are filled; empty takes them back`, open, func(a string) (tea.Cmd, error) {
			s, ok := m.mail.Selected()
			if !ok || s.Over() || s.Own == "" {
				return nil, fmt.Errorf("no message is shown that will be posted: 4, then j k")
			}
			m.mail.face(sideNext)
			m.mail.cursor = s.Template
			return m.give("words", "It is said in your words. Read it, then P posts it.", []string{s.Own}, a), nil
		}},
		{"leave", "REASON", "leave the message shown out: it is not posted, or its last word not said", open, func(why string) (tea.Cmd, error) {
			s, ok := m.mail.Selected()
			if !ok || why == "" {
				return nil, fmt.Errorf("leaving the message shown out needs a reason: :leave REASON")
			}
			m.mail.Follow()
			return m.do("leave out "+words.Label(s.Template), words.Label(s.Template)+" is left out.", incident.LeaveOut{Template: s.Template, By: by, Reason: why}), nil
		}},
		{"severity", "1-4 [REASON]", "change the severity", open, func(a string) (tea.Cmd, error) {
			sev, why, _ := strings.Cut(a, " ")
			if !slices.Contains([]string{"1", "2", "3", "4"}, strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(sev), "sev"), "-")) {
				return nil, fmt.Errorf("severity needs a number from 1 to 4: :severity 2 REASON")
			}
			sev = "sev" + strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(sev), "sev"), "-")
			return m.do("severity", "Severity is "+words.Severity(sev)+".", incident.SetSeverity{Severity: sev, By: by, Reason: strings.TrimSpace(why)}), nil
		}},
		{"role", "ROLE NAME", "give a role: commander, deputy, ops, comms, scribe", open, func(a string) (tea.Cmd, error) {
			role, who, _ := strings.Cut(a, " ")
			who = strings.TrimSpace(who)
			if !slices.Contains([]string{"commander", "deputy", "ops", "comms", "scribe"}, strings.ToLower(role)) || who == "" {
				return nil, fmt.Errorf("role needs commander, deputy, ops, comms or scribe, and a name: :role ops NAME")
			}
			return m.do("role "+safe.Short(role, 20), "The role is given.", incident.TakeRole{Role: strings.ToLower(role), Person: who, By: by}), nil
		}},
		{"param", "NAME VALUE", "fill a parameter of the runbook", open, func(a string) (tea.Cmd, error) {
			name, value, _ := strings.Cut(a, " ")
			return m.do("parameter "+safe.Short(name, 20), "The parameter is set.", incident.SetParam{Name: name, Value: strings.TrimSpace(value), By: by}), nil
		}},
		{"roll", "VALIDATOR asked|reached|out [NOTE], or VALIDATOR ready VERSION HEIGHT", "write down what an operator said in the roll call of a halted chain", m.rolls, m.callRoll},
		{"note", "TEXT", "write into the record", open, func(a string) (tea.Cmd, error) {
			return m.do("note", "Written into the record.", incident.Note{By: by, Text: a}), nil
		}},
		{"wait", "", "jump to the next thing that time alone brings, else a minute", func() bool { return m.view.Drill }, func(string) (tea.Cmd, error) {
			return m.ask("wait", m.waits(), func(context.Context) error { m.c.Wait(); return nil }), nil
		}},
		{"resolve", "", "the service is back", open, func(string) (tea.Cmd, error) {
			return m.do("resolve", "Resolved. The steps of After are open.", incident.Resolve{By: by}), nil
		}},
		{"close", "", "everything is done and said", open, func(string) (tea.Cmd, error) {
			return m.do("close", "Closed.", incident.Close{By: by}), nil
		}},
		{"abort", "REASON", "end a drill, or a declaration made by mistake", open, func(why string) (tea.Cmd, error) {
			if why == "" {
				return nil, fmt.Errorf("abort needs a reason: :abort REASON")
			}
			return m.do("abort", "Aborted.", incident.Abort{By: by, Reason: why}), nil
		}},
	}
}

// waits says where :wait jumps to; where nothing falls due, that it does not know
// of anything.
func (m *model) waits() string {
	at, what := m.view.NextTimer()
	if what == "" {
		return "Nothing is known to fall due: time moves on to " + words.HMS(at, m.view.Now) + ", a minute ahead."
	}
	return "Jumping to " + words.HMS(at, m.view.Now) + ": " + safe.Short(what, 80) + "."
}

// command does what was typed after ":".
func (m *model) command(typed string) tea.Cmd {
	name, args, _ := strings.Cut(strings.TrimSpace(typed), " ")
	if name == "" {
		return nil
	}
	for _, c := range m.commands() {
		if c.name != strings.ToLower(name) && !(c.name == "q" && name == "quit") {
			continue
		}
		if c.when != nil && !c.when() {
			m.tell(words.Caution, ":%s does not work now. It is for: %s.", strings.TrimSpace(c.name+" "+c.args), c.help)
			return nil
		}
		if args = strings.TrimSpace(args); c.args == "" && args != "" {
			m.tell(words.Caution, ":%s takes nothing behind it, and %q is not understood: nothing was done. It is for: %s.", c.name, safe.Short(args, 40), c.help)
			return nil
		}
		cmd, err := c.do(args)
		if err != nil {
			m.tell(words.Caution, "%s", safe.Line(err.Error()))
		}
		return cmd
	}
	m.tell(words.Caution, "There is no command :%s. ? shows all.", safe.Short(name, 30))
	return nil
}
