package plain

import (
	"context"
	"fmt"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// question is an open ASK that acts: only its word does it.
type question struct {
	word  string // what must be typed; "" takes any word, as an approver's name
	act   func(ctx context.Context, typed string) error
	leave string // what is said when something else was typed
}

func ask(text string) string { return "ASK  " + text }

// command is one word a person may type.
type command struct {
	name, args, help string
	do               func(p *session, ctx context.Context, v cockpit.View, args string) error
}

// commands in the order of help.
func commands() []command {
	return []command{
		{"declare", "[NAME=VALUE ...]", "declare what is offered; runbook=, severity=, title= and parameters change it", (*session).declare},
		{"role", "ROLE NAME", "give a role: commander, deputy, ops, comms, scribe", (*session).role},
		{"steps", "", "all steps of the phase", (*session).steps},
		{"step", "[ID]", "the step to do next, or that one, in full", (*session).step},
		{"run", "[ID]", "run the step; asks for its word", (*session).run},
		{"stop", "[ID]", "stop the action that runs; asks for its word", (*session).stop},
		{"undo", "ID", "undo a step; asks for its word", (*session).undo},
		{"tick", "[VALUE]", "the step to do next is done, by your word", (*session).tick},
		{"skip", "ID REASON", "leave a step out", (*session).skip},
		{"choose", "LETTER", "take an option", (*session).choose},
		{"answer", "done|failed|retry NOTE", "what you know of a step that is unknown or seen otherwise", (*session).answer},
		{"says", "[TEMPLATE]", "the messages of the plan, or one in full", (*session).says},
		{"fill", "FIELD VALUE", "fill a field of the messages", (*session).fill},
		{"words", "TEMPLATE TEXT", "say the next update of a message in your own words", (*session).words},
		{"leave", "TEMPLATE REASON", "leave a message out, or its last word", (*session).leaveOut},
		{"post", "[TEMPLATE]", "post the message that is due, or that one; asks for the word", (*session).post},
		{"said", "CHANNEL sent|notsent|byhand", "what you know of a message that was lost", (*session).said},
		{"param", "NAME VALUE", "fill a parameter of the runbook", (*session).param},
		{"roll", "NAME asked|reached|out|ready ...", "what a validator's operator said in the roll call: NAME ready VERSION HEIGHT; nodes lists them", (*session).roll},
		{"fence", "[ID], or power|network [HOST]", "the evidence of the last verdict; or cut, like cut", (*session).fence},
		{"cut", "HOST power|network", "cut a host off from outside; asks for its word", (*session).cut},
		{"why", "NAME", "why a node, host or key is as it is: all that was seen of it", (*session).why},
		{"nodes", "", "what is seen of each node", (*session).nodes},
		{"out", "", "the last output", (*session).output},
		{"note", "TEXT", "write into the record; ! pins it", (*session).note},
		{"quiet", "", "quiet the alerts", (*session).hush},
		{"attach", "[N]", "the alert that asks belongs to this incident", (*session).attach},
		{"known", "[N] REASON", "the alert that asks has a known cause", (*session).known},
		{"other", "[N]", "declare an incident of its own for the alert that asks", (*session).other},
		{"read", "", "read everything again now", (*session).reread},
		{"wait", "", "in a drill: jump to the next timer", (*session).wait},
		{"severity", "1-4 [REASON]", "change the severity", (*session).severity},
		{"resolve", "", "the service is back", (*session).resolve},
		{"close", "", "everything is done and said", (*session).close},
		{"abort", "REASON", "end a drill, or a declaration made by mistake", (*session).abort},
		{"help", "", "this list", (*session).help},
		{"quit", "", "leave; the incident stays open; q is the same", (*session).bye},
	}
}

// named is the command of that name.
func named(name string) (command, bool) {
	name = strings.ToLower(name)
	if name == "q" {
		name = "quit"
	}
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// Knows says that the lines take a command of that name.
func Knows(name string) bool {
	_, ok := named(name)
	return ok
}

// take is one typed line: the answer of an open question, or a command. A ":"
// before it, as runbooks write the commands of the screen, is no part of it.
func (p *session) take(ctx context.Context, typed string) {
	typed, colon := strings.CutPrefix(strings.TrimSpace(safe.Line(typed)), ":")
	typed = strings.TrimSpace(typed)
	if q := p.ask; q != nil {
		p.ask = nil
		if colon && q.word == "" {
			typed = "" // a command is nobody's name
		}
		p.settle(ctx, q, typed)
		return
	}
	name, args, _ := strings.Cut(typed, " ")
	if name == "" {
		p.alive()
		return
	}
	c, ok := named(name)
	if !ok {
		p.line("%s", sub("WHAT", "%q is no command. Type: help", safe.Short(name, 40)))
		return
	}
	if err := c.do(p, ctx, p.c.View(), strings.TrimSpace(args)); err != nil {
		p.refused(err)
	}
}

func (p *session) settle(ctx context.Context, q *question, typed string) {
	if typed == "" || (q.word != "" && typed != q.word) {
		p.line("%s", sub("NOT", "%s", q.leave))
		return
	}
	if err := q.act(ctx, typed); err != nil {
		p.refused(err)
	}
}

// refused says why not. The cockpit keeps the same words as its notice, which
// is not said a second time.
func (p *session) refused(err error) {
	p.told.old.Notice = p.c.View().Notice
	p.line("%s", say(p.c.View(), "REFUSED", "%s", safe.Line(err.Error())))
}

// asks puts a question that acts when its word is typed.
func (p *session) asks(text, word, leave string, act func(context.Context, string) error) {
	p.line("%s", ask(text))
	p.ask = &question{word: word, leave: leave, act: act}
}

// wanted is the step that is meant: named, or the one to do next.
func wanted(v cockpit.View, id string) (cockpit.StepView, error) {
	if id == "" {
		id = v.Current
	}
	if st, ok := v.Step(id); ok {
		return st, nil
	}
	if id == "" {
		return cockpit.StepView{}, fmt.Errorf("no step is next; type: steps")
	}
	return cockpit.StepView{}, fmt.Errorf("there is no step %s; type: steps", safe.Short(id, 60))
}

func (p *session) declare(_ context.Context, v cockpit.View, args string) error {
	d := cockpit.Declaration{Params: map[string]string{}}
	if v.Offer != nil {
		d = cockpit.Declaration{Runbook: v.Offer.Runbook, Title: v.Offer.Title, Severity: v.Offer.Severity, Onset: v.Offer.Onset, Params: map[string]string{}}
		for k, val := range v.Offer.Params {
			d.Params[k] = val
		}
	}
	pairs, err := assignments(args)
	if err != nil {
		return err
	}
	for _, kv := range pairs {
		switch kv[0] {
		case "runbook":
			d.Runbook = kv[1]
		case "title":
			d.Title = kv[1]
		case "severity":
			d.Severity = "sev" + strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(kv[1]), "sev"), "-")
		default:
			d.Params[kv[0]] = kv[1]
		}
	}
	if d.Runbook == "" {
		return fmt.Errorf("declare: nothing is offered; name a runbook: declare runbook=ID title=\"...\"")
	}
	p.line("%s", sub("RUNBOOK", "%s", safe.Line(d.Runbook)))
	for _, k := range words.Sorted(d.Params) {
		p.line("%s", sub("PARAM", "%s = %s", safe.Line(k), safe.Line(d.Params[k])))
	}
	p.asks(fmt.Sprintf("Declare %s %q on %s? It posts and runs nothing. Type: declare", words.Severity(d.Severity), grouped(d.Title), words.Badge(v)),
		"declare", "Nothing was declared.", func(context.Context, string) error { return p.c.Declare(d) })
	return nil
}

// assignments reads NAME=VALUE words; a value in double quotes may hold blanks.
func assignments(s string) ([][2]string, error) {
	var out [][2]string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		name, rest, ok := strings.Cut(s, "=")
		if !ok || name == "" || strings.ContainsAny(name, ` "`) {
			return nil, fmt.Errorf("declare: %q is not NAME=VALUE", safe.Short(s, 40))
		}
		value, after, _ := strings.Cut(rest, " ")
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			if value, after, ok = strings.Cut(quoted, `"`); !ok {
				return nil, fmt.Errorf("declare: the quote after %s= does not end", safe.Short(name, 40))
			}
		}
		out, s = append(out, [2]string{strings.ToLower(name), value}), after
	}
	return out, nil
}

func (p *session) run(_ context.Context, v cockpit.View, id string) error {
	st, err := wanted(v, id)
	if err != nil {
		return err
	}
	switch {
	case st.Step.Step.Run == nil:
		return fmt.Errorf("there is nothing to run in %q", words.Title(st))
	case st.Lock.Locked():
		return fmt.Errorf("%q is locked: %s", words.Title(st), words.Lock(st.Lock))
	}
	id = st.Step.Step.ID
	hosts := safe.Line(strings.Join(st.Hosts, ", "))
	confirm := func(approver string) {
		word := words.Typed(st, "run")
		p.asks(fmt.Sprintf("On %s: %q on %s. Type %s to run, empty to leave:", words.Badge(v), words.Title(st), hosts, word),
			word, "Nothing ran: the word was another.", func(ctx context.Context, _ string) error {
				return p.c.RunStep(ctx, id, st.Confirm, approver)
			})
	}
	if st.Step.Step.Approve != "2" {
		confirm("")
		return nil
	}
	p.asks("A second person must approve it. Who does? Type the name:", "", "Nothing ran: nobody approved.", func(_ context.Context, name string) error {
		if name == v.Person {
			return fmt.Errorf("someone other than %s must approve", safe.Short(v.Person, 40))
		}
		confirm(name)
		return nil
	})
	return nil
}

func (p *session) undo(_ context.Context, v cockpit.View, id string) error {
	st, err := wanted(v, id)
	if err != nil {
		return err
	}
	if !st.Undoable {
		return fmt.Errorf("there is nothing to undo in %q", words.Title(st))
	}
	word := "undo"
	if st.Confirm != "" && st.Confirm != "run" {
		word = words.Typed(st, "undo")
	}
	p.asks(fmt.Sprintf("On %s: undo %q on %s. Type %s to undo, empty to leave:", words.Badge(v), words.Title(st), safe.Line(strings.Join(st.Hosts, ", ")), word),
		word, "Nothing was undone.", func(ctx context.Context, typed string) error {
			if word != "undo" {
				typed = st.Confirm
			}
			return p.c.UndoStep(ctx, st.Step.Step.ID, typed)
		})
	return nil
}

func (p *session) post(_ context.Context, v cockpit.View, template string) error {
	s, err := message(v, template)
	if err != nil {
		return err
	}
	for _, l := range text(v, s) {
		p.line("%s", l)
	}
	if !s.Ready() {
		return nil
	}
	p.asks(fmt.Sprintf("Post this text to %s%s? Type: post", words.Count(len(s.To), "channel"), public(s)), "post", "Nothing was posted.",
		func(ctx context.Context, _ string) error {
			return p.c.Post(ctx, s.Template, s.Digest)
		})
	return nil
}

// byName is the message that is named first, by its template or by what it is
// called on the screen, and what is left of the words.
func byName(v cockpit.View, args string) (s cockpit.SayView, rest string, ok bool) {
	first, rest, _ := strings.Cut(args, " ")
	if s, ok := v.Message(first); ok {
		return s, strings.TrimSpace(rest), true
	}
	longest := 0
	for _, m := range v.Says {
		name := words.Label(m.Template)
		if n := len(name); n > longest && len(args) >= n && strings.EqualFold(args[:n], name) && (len(args) == n || args[n] == ' ') {
			s, rest, ok, longest = m, strings.TrimSpace(args[n:]), true, n
		}
	}
	return s, rest, ok
}

func message(v cockpit.View, template string) (cockpit.SayView, error) {
	if template != "" {
		if s, rest, ok := byName(v, template); ok && rest == "" {
			return s, nil
		}
		return cockpit.SayView{}, fmt.Errorf("there is no message %s; type: says", safe.Short(template, 60))
	}
	if s, ok := words.NextSay(v); ok {
		return s, nil
	}
	return cockpit.SayView{}, fmt.Errorf("no message is due; type: says")
}

func (p *session) said(_ context.Context, v cockpit.View, args string) error {
	lane, word, _ := strings.Cut(args, " ")
	for _, s := range v.Says {
		for _, r := range s.Rows {
			if r.Lane != lane || len(outbox.Answers(r)) == 0 || r.State.Settled() {
				continue
			}
			for _, a := range outbox.Answers(r) {
				if string(a) == word {
					return p.c.Do(incident.RowAnswer{Row: r.ID, By: v.Person, Answer: a})
				}
			}
			return fmt.Errorf("%q is no answer for %s now; one of %v", safe.Short(word, 20), safe.Short(lane, 40), outbox.Answers(r))
		}
	}
	return fmt.Errorf("no message to %s waits for an answer", safe.Short(lane, 40))
}
