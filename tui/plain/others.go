package plain

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// asking are the alerts that came after the declaration and want an answer.
func asking(v cockpit.View) []cockpit.Alert {
	var out []cockpit.Alert
	for _, a := range v.Alerts {
		if a.Asks {
			out = append(out, a)
		}
	}
	return out
}

// wonders asks about alerts that came after the declaration.
func (t *teller) wonders(v cockpit.View) {
	was := map[string]bool{}
	for _, a := range asking(t.old) {
		was[a.Kind] = true
	}
	for i, a := range asking(v) {
		if was[a.Kind] {
			continue
		}
		n := ""
		if len(asking(v)) > 1 {
			n = " " + strconv.Itoa(i+1)
		}
		text := fmt.Sprintf("It came after the declaration. Does it belong to this incident? Type: attach%s; or its known cause: known%s REASON", n, n)
		if a.Offer != nil {
			text += "; or an incident of its own: other" + n
		}
		t.lines = append(t.lines, ask(text))
	}
}

// meant is the alert that is meant: by its number among those that ask, else the
// only one. It gives what is left of the words.
func meant(v cockpit.View, args string) (cockpit.Alert, string, error) {
	all := asking(v)
	if len(all) == 0 {
		return cockpit.Alert{}, "", fmt.Errorf("no alert waits for an answer")
	}
	first, rest, _ := strings.Cut(args, " ")
	if n, err := strconv.Atoi(first); err == nil {
		if n < 1 || n > len(all) {
			return cockpit.Alert{}, "", fmt.Errorf("there is no alert %d; %s", n, listed(all))
		}
		return all[n-1], strings.TrimSpace(rest), nil
	}
	if len(all) > 1 {
		return cockpit.Alert{}, "", fmt.Errorf("which one? %s", listed(all))
	}
	return all[0], args, nil
}

func listed(all []cockpit.Alert) string {
	var out []string
	for i, a := range all {
		out = append(out, fmt.Sprintf("%d: %s", i+1, safe.Short(words.Grouped(a.Text), 100)))
	}
	return strings.Join(out, " ")
}

func (p *session) attach(_ context.Context, v cockpit.View, args string) error {
	a, note, err := meant(v, args)
	if err != nil {
		return err
	}
	return p.c.AnswerAlert(a.Kind, incident.AlarmAttached, note)
}

func (p *session) known(_ context.Context, v cockpit.View, args string) error {
	a, note, err := meant(v, args)
	if err != nil {
		return err
	}
	return p.c.AnswerAlert(a.Kind, incident.AlarmKnown, note)
}

func (p *session) other(_ context.Context, v cockpit.View, args string) error {
	a, _, err := meant(v, args)
	if err != nil {
		return err
	}
	if a.Offer == nil {
		return fmt.Errorf("no incident of its own can be declared for it here; type: attach, or known REASON")
	}
	d := cockpit.Declaration{Runbook: a.Offer.Runbook, Title: a.Offer.Title, Severity: a.Offer.Severity, Onset: a.Offer.Onset, Params: a.Offer.Params, Alert: a.Kind}
	p.line("%s", sub("RUNBOOK", "%s", safe.Line(d.Runbook)))
	for _, k := range words.Sorted(d.Params) {
		p.line("%s", sub("PARAM", "%s = %s", safe.Line(k), safe.Line(d.Params[k])))
	}
	p.asks(fmt.Sprintf("Declare %s %q as an incident of its own? This screen goes on with %s. Type: declare", words.Severity(d.Severity), grouped(d.Title), safe.Short(v.State.ID, 40)),
		"declare", "Nothing was declared.", func(context.Context, string) error {
			_, err := p.c.DeclareOther(d) // its id and what to do are the next notice
			return err
		})
	return nil
}

func (p *session) stop(_ context.Context, v cockpit.View, id string) error {
	for _, st := range v.Steps {
		if !st.Stoppable || id != "" && st.Step.Step.ID != id {
			continue
		}
		step := st.Step.Step.ID
		p.asks(fmt.Sprintf("Stop %q? What has not ended is cut off; it may still run there. Type: %s", words.Title(st), incident.StopWord), incident.StopWord, "It runs on.",
			func(ctx context.Context, typed string) error { return p.c.StopStep(ctx, step, typed) })
		return nil
	}
	return fmt.Errorf("nothing runs that could be stopped")
}

func (p *session) cut(_ context.Context, v cockpit.View, args string) error {
	host, how, _ := strings.Cut(args, " ")
	return p.cutHost(v, host, strings.TrimSpace(how))
}

// cutBy asks for a cut of that kind: of the host named, or of the only one that
// is offered.
func (p *session) cutBy(v cockpit.View, how, host string) error {
	hosts := map[string]string{}
	for _, st := range v.Steps {
		for _, c := range st.Cuts {
			if c.How == how {
				hosts[c.Host] = how
			}
		}
	}
	switch {
	case host == "" && len(hosts) > 1:
		return fmt.Errorf("name the host: fence %s and one of %s", how, safe.Line(strings.Join(words.Sorted(hosts), ", ")))
	case host == "" && len(hosts) == 1:
		host = words.Sorted(hosts)[0]
	}
	return p.cutHost(v, host, how)
}

func (p *session) cutHost(v cockpit.View, host, how string) error {
	offered := map[string]string{}
	for _, st := range v.Steps {
		for _, c := range st.Cuts {
			if c.Host == host && (how == "" || c.How == how) {
				p.asks(fmt.Sprintf("On %s: cut the %s of %s. Type %s to cut, empty to leave:", words.Badge(v), c.How, safe.Line(c.Host), safe.Line(c.Word)),
					safe.Line(c.Word), "Nothing was cut.", func(ctx context.Context, typed string) error { return p.c.Cut(ctx, c.Host, c.How, typed) })
				return nil
			}
			offered[safe.Short(c.Host, 40)+" "+c.How] = c.Word
		}
	}
	if len(offered) == 0 {
		return fmt.Errorf("the configuration offers no cut for a host of this incident")
	}
	return fmt.Errorf("there is no such cut; the configuration offers: %s", strings.Join(words.Sorted(offered), ", "))
}

// absence says how long nobody watched, and what happened meanwhile.
func (t *teller) absence(v cockpit.View) {
	a, old := v.Away, t.old.Away
	if a == nil {
		return
	}
	known := 0
	if old != nil && t.old.State.ID == v.State.ID {
		known = len(old.Lines)
	} else {
		t.say(v, "BACK", "after %s. The record is whole: %s, last %s.", words.Dur(a.To.Sub(a.From)), words.Count(a.Entries, "event"), words.HMS(a.From, v.Now))
	}
	for _, l := range a.Lines[min(known, len(a.Lines)):] {
		t.sub("AWAY", "%s", grouped(l))
	}
}

// journal says which other incidents are open, and what is due, when that is new.
func (t *teller) journal(v cockpit.View) {
	was := map[string]string{}
	for _, o := range t.old.Others {
		was[o.ID] = o.Status
	}
	for _, o := range v.Others {
		old, known := was[o.ID]
		if old == o.Status || !o.Open && !known {
			continue
		}
		t.say(v, "OTHER", "%s %s %q is %s.", safe.Short(o.ID, 40), words.Severity(o.Severity), safe.Short(words.Grouped(o.Title), 80), safe.Short(o.Status, 20))
	}
	due := map[string]bool{}
	for _, r := range t.old.Reviews {
		due[r.Runbook+r.Every] = !r.Due.After(t.old.Now)
	}
	for _, r := range v.Reviews {
		if v.State.Open() || r.Due.After(v.Now) || due[r.Runbook+r.Every] {
			continue
		}
		t.say(v, "DUE", "%s", review(v, r))
	}
}

func review(v cockpit.View, r cockpit.Review) string {
	title := safe.Short(r.Title, 80)
	switch {
	case r.Every == "":
		return fmt.Sprintf("%s: its text was to be read again by %s.", title, r.Due.UTC().Format("2006-01-02"))
	case r.Last.IsZero():
		return fmt.Sprintf("%s, %s, was never flown.", title, safe.Short(r.Every, 20))
	}
	return fmt.Sprintf("%s, %s, was due %s; flown last %s.", title, safe.Short(r.Every, 20), r.Due.UTC().Format("2006-01-02"), r.Last.UTC().Format("2006-01-02"))
}
