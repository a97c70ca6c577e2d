package plain

import (
	"context"
	"fmt"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

func (p *session) role(_ context.Context, v cockpit.View, args string) error {
	role, who, _ := strings.Cut(args, " ")
	return p.c.Do(incident.TakeRole{Role: strings.ToLower(role), Person: strings.TrimSpace(who), By: v.Person})
}

func (p *session) steps(_ context.Context, v cockpit.View, _ string) error {
	if len(v.Steps) == 0 {
		return fmt.Errorf("no incident is open")
	}
	for _, kind := range []checklists.PhaseKind{checklists.Before, checklists.During, checklists.After} {
		done, all := words.Counted(v, kind)
		p.line("%s", sub("PHASE", "%s: %d of %d done", words.Phase(kind), done, all))
		for _, st := range v.Steps {
			if st.Phase != kind || words.Elsewhere(v, st) {
				continue
			}
			s := words.Step(st, st.Step.Step.ID == v.Current, v.Now)
			mark := "    "
			if st.Step.Step.ID == v.Current {
				mark = "NEXT"
			}
			p.line("%s", sub(mark, "%s: %s, %s", safe.Short(st.Step.Step.ID, 60), words.Title(st), s.Word))
		}
	}
	return nil
}

func (p *session) step(_ context.Context, v cockpit.View, id string) error {
	if id == "" {
		if lines := nextLines(v); len(lines) > 0 {
			for _, l := range lines {
				p.line("%s", l)
			}
			return nil
		}
	}
	st, err := wanted(v, id)
	if err != nil {
		return err
	}
	for _, l := range stepLines(v, st) {
		p.line("%s", l)
	}
	return nil
}

func (p *session) tick(_ context.Context, v cockpit.View, value string) error {
	st, err := wanted(v, "")
	if err != nil {
		return err
	}
	return p.c.Do(incident.Sign{Step: st.Step.Step.ID, By: v.Person, Value: value})
}

func (p *session) skip(_ context.Context, v cockpit.View, args string) error {
	id, reason, _ := strings.Cut(args, " ")
	if _, ok := v.Step(id); !ok {
		return fmt.Errorf("skip needs a step and a reason: skip ID REASON; type: steps")
	}
	return p.c.Do(incident.Skip{Step: id, By: v.Person, Reason: strings.TrimSpace(reason)})
}

func (p *session) choose(_ context.Context, v cockpit.View, letter string) error {
	c, ok := words.OpenChoice(v)
	if !ok {
		return fmt.Errorf("there is nothing to choose now")
	}
	return p.c.Do(incident.Choose{Choice: c.Key, Letter: strings.ToUpper(letter), By: v.Person})
}

func (p *session) answer(_ context.Context, v cockpit.View, args string) error {
	ran, note, _ := strings.Cut(args, " ")
	for _, st := range v.Steps {
		if st.Status == incident.Unknown || st.Status == incident.Done && len(st.Otherwise) > 0 {
			return p.c.Do(incident.Answer{Step: st.Step.Step.ID, By: v.Person, Ran: ran, Note: strings.TrimSpace(note)})
		}
	}
	return fmt.Errorf("no step is in state unknown or seen otherwise")
}

func (p *session) says(_ context.Context, v cockpit.View, template string) error {
	if template != "" {
		s, err := message(v, template)
		if err != nil {
			return err
		}
		for _, l := range text(v, s) {
			p.line("%s", l)
		}
		return nil
	}
	if len(v.Says) == 0 {
		return fmt.Errorf("no message is planned")
	}
	for _, s := range v.Says {
		due, _ := words.Due(s, v.Now)
		_, ready, _ := words.Ready(s)
		p.line("%s", sub("SAY", "%s%s, %s. %s", safe.Short(s.Template, 60), public(s), due, ready))
		for _, r := range s.Rows {
			_, word, _ := words.Row(r)
			p.line("%s", sub("", "%s: %s. %s", safe.Short(r.Lane, 40), word, words.RowDetail(r)))
		}
	}
	return nil
}

func (p *session) fill(_ context.Context, _ cockpit.View, args string) error {
	field, value, ok := strings.Cut(args, " ")
	if !ok || strings.TrimSpace(value) == "" {
		return fmt.Errorf("fill needs a field and its value")
	}
	p.c.Fill(field, strings.TrimSpace(value))
	p.line("%s", sub("FILLED", "%s = %s", safe.Line(field), safe.Line(value)))
	return nil
}

func (p *session) words(_ context.Context, v cockpit.View, args string) error {
	s, text, ok := byName(v, args)
	if !ok || text == "" || s.Own == "" {
		return fmt.Errorf("words needs a message and what to say: words TEMPLATE TEXT")
	}
	p.c.Fill(s.Own, text)
	p.line("%s", sub("WORDS", "%s: %s", words.Label(s.Template), safe.Line(text)))
	return nil
}

func (p *session) leaveOut(_ context.Context, v cockpit.View, args string) error {
	s, why, ok := byName(v, args)
	if !ok || why == "" {
		return fmt.Errorf("leave needs a message and a reason: leave TEMPLATE REASON")
	}
	return p.c.Do(incident.LeaveOut{Template: s.Template, By: v.Person, Reason: why})
}

func (p *session) param(_ context.Context, v cockpit.View, args string) error {
	name, value, _ := strings.Cut(args, " ")
	if value = strings.TrimSpace(value); value == "" {
		return fmt.Errorf("param needs a parameter and its value: param NAME VALUE")
	}
	return p.c.Do(incident.SetParam{Name: name, Value: value, By: v.Person})
}

// fence shows the evidence; with what to cut it is the screen's way to ask for
// a cut.
func (p *session) fence(ctx context.Context, v cockpit.View, id string) error {
	if how, host, _ := strings.Cut(id, " "); how == "power" || how == "network" {
		return p.cutBy(v, how, strings.TrimSpace(host))
	}
	for _, st := range v.Steps {
		now, live := words.AtHand(st)
		if now.Verdict != nil && (id == "" || id == st.Step.Step.ID) {
			word, more := "VERDICT", ""
			if live {
				long, _ := words.Judged(st, v.Now)
				word, more = "SEEN NOW", " This is what would be judged by what is seen now; "+long+". Type: run, then it is judged."
			}
			st = now
			p.line("%s", sub(word, "%s: %s%s", words.Title(st), grouped(st.Verdict.Verdict.Summary), more))
			for _, l := range evidence(st.Verdict.Verdict) {
				p.line("%s", l)
			}
			return nil
		}
	}
	return fmt.Errorf("nothing was judged yet; the fence judges when a start is asked for")
}

func (p *session) nodes(_ context.Context, v cockpit.View, _ string) error {
	for _, n := range v.Snap.Nodes {
		_, text, _ := words.Node(v, n)
		p.line("%s", sub("NODE", "%s: %s; last answer %s ago", safe.Short(n.Name, 40), text, words.Age(n.SeenAt, v.Now)))
	}
	for _, l := range ballots(v) {
		p.line("%s", l)
	}
	text, _ := words.Power(v)
	p.line("%s", sub("POWER", "%s", text))
	return nil
}

func (p *session) output(_ context.Context, v cockpit.View, _ string) error {
	if len(v.Outputs) == 0 {
		return fmt.Errorf("nothing has run yet")
	}
	for _, l := range v.Outputs[len(v.Outputs)-1].Lines {
		p.line("%s OUT  %s  %s", l.At.UTC().Format("15:04:05"), safe.Short(l.Host, 40), safe.Line(l.Text))
	}
	return nil
}

func (p *session) note(_ context.Context, v cockpit.View, text string) error {
	return p.c.Do(incident.Note{By: v.Person, Text: text})
}

func (p *session) hush(_ context.Context, v cockpit.View, _ string) error {
	for _, a := range v.Alerts {
		if !a.Quiet {
			p.c.Quiet(a.Kind)
		}
	}
	p.line("%s", sub("QUIET", "The words stay until their cause ends."))
	return nil
}

func (p *session) reread(ctx context.Context, _ cockpit.View, _ string) error {
	p.c.Reread(ctx)
	return nil
}

func (p *session) wait(_ context.Context, v cockpit.View, _ string) error {
	if !v.Drill {
		return fmt.Errorf("time cannot be jumped over on LIVE")
	}
	p.c.Wait()
	return nil
}

func (p *session) severity(_ context.Context, v cockpit.View, args string) error {
	sev, reason, _ := strings.Cut(args, " ")
	sev = "sev" + strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(sev), "sev"), "-")
	return p.c.Do(incident.SetSeverity{Severity: sev, By: v.Person, Reason: strings.TrimSpace(reason)})
}

func (p *session) resolve(_ context.Context, v cockpit.View, _ string) error {
	return p.c.Do(incident.Resolve{By: v.Person})
}

func (p *session) close(_ context.Context, v cockpit.View, _ string) error {
	return p.c.Do(incident.Close{By: v.Person})
}

func (p *session) abort(_ context.Context, v cockpit.View, reason string) error {
	return p.c.Do(incident.Abort{By: v.Person, Reason: reason})
}

func (p *session) help(context.Context, cockpit.View, string) error {
	for _, c := range commands() {
		p.line("       %-40s %s", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	return nil
}

func (p *session) bye(context.Context, cockpit.View, string) error {
	p.quit = true
	return nil
}
