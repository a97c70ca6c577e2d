package importer

import (
	"regexp"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/lazy"
)

// fence places a fenced block: shell becomes steps, a template a message, the
// rest an illustration.
func (w *writer) fence(bl block) {
	w.b.mark(w.k, "mark", bl.own)
	if bl.open {
		w.b.list(bl.own[0].n, "this block is never closed: it was read to the end")
	}
	if info := infoText(bl); info != "" && !plainInfo.MatchString(info) {
		w.b.list(bl.own[0].n, "the words after the fence were left out: "+plainTitle(info))
	}
	switch {
	case isMessage(w.label, bl):
		w.message(bl)
	case isShell(bl) && w.nested():
		w.b.mark(w.k, "illustration", bl.body)
		w.add(shellChunk(bl.body, bl.lang))
	case isShell(bl):
		w.shell(bl)
	case !hasText(bl.body):
		w.b.list(bl.own[0].n, "this block is empty")
	default:
		w.b.mark(w.k, "illustration", bl.body)
		w.add(chunk{lang: "text", lines: bl.body, todo: "a block that was not understood: make it a step, a check or prose."})
	}
}

var plainInfo = lazy.Pattern(`^[A-Za-z0-9+_-]*$`)

func infoText(bl block) string {
	m := fenceForm.FindStringSubmatch(bl.own[0].s)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[3])
}

// nested says that the step being filled is an item whose block this is.
func (w *writer) nested() bool { return w.step != nil && w.step.item }

// shell makes a step of each piece of a block.
func (w *writer) shell(bl block) {
	parts := pieces(bl.body)
	if len(parts) == 0 {
		w.b.list(bl.own[0].n, "this block is empty")
		return
	}
	for _, p := range parts {
		w.b.mark(w.k, "illustration", p.lines)
		name := p.title
		if name == "" {
			name = "Do what the block says: " + w.label
		}
		s := w.newStep(name, p.lines[firstText(p.lines)].n, "ops")
		s.body = append(s.body, shellChunk(p.lines, bl.lang))
	}
}

func shellChunk(lines []line, lang string) chunk {
	c := chunk{lang: "sh", lines: lines, todo: "say on which host it runs, what fences it and how it is read back; until then nothing runs."}
	if lang == "bash" || lang == "zsh" {
		c.lang = "bash"
	}
	for _, l := range lines {
		if t := strings.TrimSpace(l.s); t != "" && !strings.HasPrefix(t, "#") {
			return c
		}
	}
	c.todo = "only comments: write what a person does or sees here."
	return c
}

// item places a box or a numbered item: as a step, or as prose.
func (w *writer) item(bl block, asStep bool) {
	if !asStep {
		w.b.mark(w.k, "prose", bl.own)
		w.add(chunk{prose: true, lines: bl.own})
		w.inner(bl)
		return
	}
	w.b.mark(w.k, "step", bl.own)
	if bl.ticked {
		w.b.list(bl.own[0].n, "the tick was dropped: a run's ticks are in its record")
	}
	up := w.step
	if up != nil && up.item {
		up.item = false // a box inside a step becomes a step after it
	}
	s := w.newStep(bl.text, bl.own[0].n, roleOf(bl.text))
	s.own, s.item = bl.own, true
	w.inner(bl)
	s.item = false
}

func (w *writer) inner(bl block) {
	for _, in := range bl.nested {
		if in.kind == number {
			w.b.mark(w.k, "prose", in.own)
			w.add(chunk{prose: true, lines: in.own})
			w.inner(in)
			continue
		}
		w.block(in)
	}
}

// roleOf guesses who does it.
func roleOf(text string) string {
	for _, r := range []struct{ words, role string }{
		{`(?i)status page|communicat|notify|stakeholder|announce|tell `, "comms"},
		{`(?i)declare|assign|roles|activate|debrief|post-?mortem|approve|decide|scope`, "commander"},
		{`(?i)document|ticket|record|lessons`, "scribe"},
	} {
		if regexp.MustCompile(r.words).MatchString(text) {
			return r.role
		}
	}
	return "ops"
}

var messageForm = lazy.Pattern(`(?i)template|status page|message|announce|notification|slack|discord|e-?mail`)

// isMessage says whether a fence is a text that is sent to people.
func isMessage(label string, b block) bool {
	return (b.lang == "" || b.lang == "text" || b.lang == "txt") && messageForm.MatchString(label) && !isShell(b) && hasText(b.body)
}

// message makes a step with the text of a template. A text that the format
// would read for something else stays an illustration.
func (w *writer) message(bl block) {
	phase := w.phase
	text := w.label + " " + bl.body[firstText(bl.body)].s
	w.phase = phaseOf(bl.body[firstText(bl.body)].s, phaseOf(w.label, during))
	if w.phase == before {
		w.phase = during
	}
	label := strings.TrimSpace(strings.TrimPrefix(w.label, w.section))
	if label == "" {
		label = w.section
	}
	s := w.newStep(label, bl.own[0].n, "comms")
	c := chunk{lang: "text", lines: bl.body, todo: "a text that is sent: name its template and write its gaps as {{impact}}, {{eta}}, {{start}}, {{end}}."}
	body, had, open := filled(bl.body)
	switch {
	case open != "":
		c.todo = "nobody has filled " + plainGap(open) + ": write the words, or {{impact}}, {{eta}}, {{start}}, {{end}}, {{next_update}}; then make it a message with its template."
		w.b.mark(w.k, "illustration", bl.body)
		w.b.list(bl.own[0].n, "a text with a gap whose meaning is not known: it is quoted")
	case sendable(body):
		c.lines, c.template = body, templateOf(text, label)
		c.todo = "look whether it is the template " + c.template + " of the plan, and whether what it says is still so."
		if c.template == "status-resolved" && w.phase == after {
			c.todo = "this is the last word: give it state=resolved, and let its step need one whose verification holds for a time. " + upper(c.todo)
		}
		w.b.mark(w.k, "message", bl.body)
		if len(had) > 0 {
			w.b.mark(w.k, "illustration", had)
			s.body = append(s.body, chunk{lang: "text", lines: had, todo: "these lines had gaps, and names stand there now: look whether they fit. They were:"})
		}
	default:
		w.b.mark(w.k, "illustration", bl.body)
		w.b.list(bl.own[0].n, "a text that the format does not take as a message: it is quoted")
	}
	s.body = append(s.body, c)
	w.phase = phase
}

// filled is a text with its gaps as names: the lines that had one as they were,
// and the first gap whose meaning is not known.
func filled(body []line) (out, had []line, open string) {
	for _, l := range body {
		gaps := checklists.Gaps(l.s)
		text := l.s
		for i := len(gaps) - 1; i >= 0; i-- {
			g := gaps[i]
			name := checklists.GapName(l.s, g)
			if name == "" {
				return nil, nil, l.s[g.From:g.To]
			}
			text = text[:g.From] + "{{" + name + "}}" + text[g.To:]
		}
		if len(gaps) > 0 {
			had = append(had, l)
		}
		out = append(out, line{n: l.n, s: text})
	}
	return out, had, ""
}

// plainGap is a gap as the prose of a runbook can say it.
func plainGap(gap string) string {
	if t := plainTitle(gap); t != "" {
		return "the gap \"" + t + "\""
	}
	return "a gap"
}

// upper is the text with a capital.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// sendable says whether the format takes a text as a message: the gaps it has
// are those that every message may have.
func sendable(body []line) bool {
	for _, l := range body {
		rest := l.s
		for _, name := range checklists.BuiltIns() {
			rest = strings.NewReplacer("{{"+name+"}}", "", "{{ "+name+" }}", "").Replace(rest)
		}
		if risky(l.s) || strings.Contains(rest, "{{") || strings.Contains(rest, "}}") || strings.Contains(l.s, "`{") {
			return false
		}
	}
	return true
}

// templateOf guesses the template's name: one of the shipped plan for a status
// page, else the label's own words.
func templateOf(text, label string) string {
	low := strings.ToLower(text)
	if strings.Contains(low, "status page") {
		switch {
		case strings.Contains(low, "resolved"):
			return "status-resolved"
		case strings.Contains(low, "progress") || strings.Contains(low, "update"):
			return "status-progress"
		default:
			return "status-activated"
		}
	}
	if s := checklists.Slug(label); s != "" {
		return s
	}
	return "imported"
}
