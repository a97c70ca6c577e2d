package checklists

import (
	"fmt"
	"path"
	"strings"
)

// lint checks what needs the whole book: names used before they are known,
// order, clocks, messages, shell.
func (p *reader) lint() {
	p.ids()
	clocks := map[string]bool{}
	for _, c := range p.book.Clocks {
		clocks[c.Name] = true
	}
	steps := 0
	for i, sp := range p.spots {
		steps++
		s := p.stepAt(sp)
		p.lintStep(s, sp, clocks)
		p.lintNeeds(s, sp, i)
		p.lintBlocks(s, sp)
	}
	if steps == 0 && p.header && p.book.Title != "" {
		p.err(1, 1, "no-steps", "the runbook has no step", "write \"- [ ] **What to do** `{role=ops}`\" under a phase")
	}
	p.holds()
	p.clockPaths()
	p.shells()
	p.domainSlips()
	p.captureFirst()
	p.resolvedLocked()
	p.memoryItems()
}

func (p *reader) stepAt(sp spot) Step {
	return p.book.Phases[sp.phase].Groups[sp.group].Steps[sp.step]
}

func (p *reader) groupAt(sp spot) Group { return p.book.Phases[sp.phase].Groups[sp.group] }

func (sp spot) col(key string) int {
	if c, ok := sp.cols[key]; ok {
		return c
	}
	return 1
}

// ids demands unique ids, and words in them that the title or another place of
// the runbook has, too: the only redundancy that a misspelt id can be caught by.
func (p *reader) ids() {
	first := map[string]int{}
	for _, sp := range p.spots {
		s := p.stepAt(sp)
		if s.ID == "" {
			p.err(sp.line, 1, "id-form", "the title gives no id", "write {id=name}")
			continue
		}
		if line, twice := first[s.ID]; twice {
			p.err(sp.line, sp.col("id"), "id-duplicate", fmt.Sprintf("the id %q stands already in line %d", s.ID, line), "write another id={…}")
			continue
		}
		first[s.ID] = sp.line
		if _, written := sp.cols["id"]; written {
			if want := idMeant(s.ID, s.Title); want != "" {
				p.err(sp.line, sp.col("id"), "id-typo", fmt.Sprintf("the id %q is one letter away from words of the title", s.ID), "write id="+want+", or an id with other words")
			} else if odd := p.oddWord(s); odd != "" {
				p.err(sp.line, sp.col("id"), "id-words", fmt.Sprintf("%q of the id stands nowhere else in this runbook: a slip in it could not be seen", odd), "make the id of words of the title, or of words that the runbook uses")
			}
		}
	}
}

// maxID is the longest id that is compared letter by letter: the work grows
// with its square, and no slip is seen in more.
const maxID = 80

// idMeant is the id made of words of the title that is one edit away from id,
// or "" when id itself is made of them, or is far from them. "user" stands for
// "users" and "stop" for "stopped" too: people name steps that way.
func idMeant(id, title string) string {
	words := titleWords(title)
	if len(id) > maxID || madeOf(id, words) {
		return ""
	}
	// One edit spoils one word, or joins or cuts two: so all words but two, at
	// the most, must stand in the title untouched.
	odd := 0
	for _, w := range strings.Split(id, "-") {
		if !contains(words, w) {
			odd++
		}
	}
	if odd > 2 {
		return ""
	}
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	for i := 0; i <= len(id); i++ {
		if i < len(id) && madeOf(id[:i]+id[i+1:], words) {
			return id[:i] + id[i+1:]
		}
		if i+1 < len(id) {
			if s := id[:i] + id[i+1:i+2] + id[i:i+1] + id[i+2:]; madeOf(s, words) {
				return s
			}
		}
		for _, c := range letters {
			if s := id[:i] + string(c) + id[i:]; madeOf(s, words) {
				return s
			}
			if i < len(id) {
				if s := id[:i] + string(c) + id[i+1:]; madeOf(s, words) {
					return s
				}
			}
		}
	}
	return ""
}

// titleWords are the words of a title, and their stems.
func titleWords(title string) []string {
	words := strings.Split(Slug(title), "-")
	for _, w := range words[:len(words):len(words)] {
		words = append(words, w+"s")
		for _, ending := range []string{"s", "es", "d", "ed", "ing"} {
			if stem := strings.TrimSuffix(w, ending); stem != w && len(stem) > 2 {
				words = append(words, stem)
			}
		}
	}
	return words
}

// oddWord is a word of a written id that neither its title nor any other place
// of the runbook has; shorter than three letters none counts.
func (p *reader) oddWord(s Step) string {
	words := titleWords(s.Title)
	if s.Title == "" || Slug(s.ID) != s.ID {
		return "" // that was said
	}
	for _, w := range strings.Split(s.ID, "-") {
		if len(w) < 3 || contains(words, w) {
			continue
		}
		if p.said == nil {
			p.said = map[string]int{}
			for _, raw := range p.src.lines {
				for _, word := range strings.FieldsFunc(strings.ToLower(raw), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
					p.said[word]++
				}
			}
		}
		if p.said[w] < 2 {
			return w
		}
	}
	return ""
}

// holds checks that the step which lets the words out is there, and that a person
// signs it.
func (p *reader) holds() {
	if p.book.Hold == "" {
		return
	}
	for _, s := range p.book.Steps() {
		if s.ID == p.book.Hold {
			return
		}
	}
	p.err(p.headerAt("hold", 0), 1, "hold-unknown", fmt.Sprintf("hold = %q names no step of the runbook", p.book.Hold), "write the id of the step that must be done before anything is said")
}

// madeOf says whether every word of the id is one of the words.
func madeOf(id string, words []string) bool {
	for rest, more := id, true; more; {
		var w string
		w, rest, more = strings.Cut(rest, "-")
		if !contains(words, w) {
			return false
		}
	}
	return true
}

func (p *reader) lintStep(s Step, sp spot, clocks map[string]bool) {
	for _, c := range append(append([]string{}, s.Start...), s.Stop...) {
		if !clocks[c] {
			p.err(s.Line, sp.col("clock"), "clock-unknown", fmt.Sprintf("the header has no clock %q", c), "declare it as [[clock]]")
		}
	}
	if strings.HasPrefix(s.Confirm, "$") {
		p.paramOf(s.Confirm, s.Line, sp.col("confirm"))
	}
	if s.Undo != nil && s.Run == nil {
		p.err(s.Undo.Line, p.col(s.Undo.Line), "undo-without-run", "an undo in a step that runs nothing", "put it under the step whose run it takes back")
	}
	if len(s.UndoGuards) > 0 && s.Undo == nil {
		p.err(s.UndoGuards[0].Line, p.col(s.UndoGuards[0].Line), "undo-guard", "a guard of=undo in a step without an undo", "add the undo, or drop of=undo")
	}
	if s.Book != "" && (s.Run != nil || len(s.Comms) > 0 || len(s.Verifies) > 0) {
		p.err(s.Line, sp.col("book"), "book-blocks", "a step that flies another runbook has blocks of its own", "move them into a step of their own")
	}
	if s.Book != "" && s.Book != "@procedure" && path.Base(s.Book) == path.Base(p.path) {
		p.err(s.Line, sp.col("book"), "book-cycle", "the runbook flies itself", "name another runbook")
	}
	if s.Book == "@procedure" && (sp.phaseKind(p) != During || p.groupAt(sp).Letter != "") {
		p.err(s.Line, sp.col("book"), "book-place", "the procedure is flown in During, outside options", "move the step")
	}
	if len(s.Comms) > 0 && s.Run != nil {
		p.err(s.Line, 1, "comms-run", "one step runs something and tells somebody", "make two steps: they are done at different moments")
	}
	p.lintSaid(s, sp)
}

// lintSaid: what says "resolved" is said after it is; and what a text says is
// held against what is seen all the time, so only probes guard it.
func (p *reader) lintSaid(s Step, sp spot) {
	for _, g := range s.Guards {
		if len(s.Comms) > 0 && g.Lang != "probe" {
			p.err(g.Line, p.col(g.Line), "message-guard", fmt.Sprintf("a message is guarded by a %s block", g.Lang), "write a probe guard: what the text says, as the cockpit sees it")
		}
	}
	first := map[string]bool{}
	for _, b := range s.Comms {
		if b.Otherwise && (len(s.Guards) == 0 || !first[b.Template]) {
			p.err(b.Line, p.col(b.Line), "otherwise", "a text for when a guard does not hold has no guard, or no text before it for when it does", "write the text, its **Guard**, and then the text with otherwise")
		}
		first[b.Template] = first[b.Template] || !b.Otherwise
		if b.State == "resolved" && sp.phaseKind(p) != After {
			p.err(b.Line, p.col(b.Line), "resolved-early", "a message with state=resolved stands outside After: it cannot be posted before the incident is resolved", "move its step to After")
		}
	}
}

func (sp spot) phaseKind(p *reader) PhaseKind { return p.book.Phases[sp.phase].Kind }

// lintNeeds: a need must be an earlier step that is flown whenever this one is.
func (p *reader) lintNeeds(s Step, sp spot, index int) {
	for _, need := range s.Needs {
		at := -1
		for j, other := range p.spots {
			if p.stepAt(other).ID == need {
				at = j
				break
			}
		}
		col := sp.col("needs")
		switch {
		case at < 0:
			hint := "write the id of an earlier step"
			var ids []string
			for _, other := range p.spots[:index] {
				ids = append(ids, p.stepAt(other).ID)
			}
			if w := nearest(need, ids); w != "" {
				hint = "did you mean " + w + "?"
			}
			p.err(s.Line, col, "needs-unknown", fmt.Sprintf("no step has the id %q", need), hint)
		case at >= index:
			p.err(s.Line, col, "needs-later", fmt.Sprintf("%q comes later (line %d)", need, p.spots[at].line), "a step needs earlier ones only")
		default:
			from, to := p.groupAt(sp), p.groupAt(p.spots[at])
			if to.Letter != "" && !(from.Letter == to.Letter && from.Choice == to.Choice) {
				p.err(s.Line, col, "needs-option", fmt.Sprintf("%q stands in option %s, which may not be chosen", need, to.Letter), "need a step that is flown on every path, or move this one into the option")
			}
			if only := p.stepAt(p.spots[at]).Only; only != "" && only != s.Only {
				p.err(s.Line, col, "needs-only", fmt.Sprintf("%q is flown only in a %s", need, only), "give both steps the same only=")
			}
		}
	}
}

// blocks are all blocks of a step, in no order that matters.
func (s Step) blocks() []Block {
	out := append([]Block{}, s.Guards...)
	if s.Run != nil {
		out = append(out, *s.Run)
	}
	out = append(out, s.Verifies...)
	if s.Undo != nil {
		out = append(out, *s.Undo)
	}
	return append(append(out, s.UndoGuards...), s.Comms...)
}

// lintBlocks checks messages and captures.
func (p *reader) lintBlocks(s Step, sp spot) {
	templates := map[string]int{}
	for _, b := range s.blocks() {
		if b.Kind == "comms" {
			p.message(b)
			name := b.Template
			if b.Otherwise {
				name += " otherwise"
			}
			if line, twice := templates[name]; twice {
				p.err(b.Line, p.col(b.Line), "template-twice", fmt.Sprintf("template %q stands already in line %d", b.Template, line), "one text for one template")
			}
			templates[name] = b.Line
		}
		if _, taken := p.book.Param(b.Capture); taken && b.Capture != "" {
			p.err(b.Line, p.col(b.Line), "capture", fmt.Sprintf("capture=%s is the name of a parameter", b.Capture), "give what is captured a name of its own")
		}
	}
}

// message checks the {{names}} of a text.
func (p *reader) message(b Block) {
	for i, line := range strings.Split(b.Text, "\n") {
		n := b.Line + 1 + i
		raw := p.src.line(n)
		for _, m := range placeholderForm.FindAllStringSubmatchIndex(raw, -1) {
			p.placeholder(raw[m[2]:m[3]], n, m[0]+1)
		}
		p.gaps(raw, n)
		rest := placeholderForm.ReplaceAllString(line, "")
		if strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			p.err(n, p.col(n), "placeholder-form", "{{ and }} do not enclose one name", "write {{name}}")
		}
	}
}

func (p *reader) placeholder(name string, line, col int) {
	if contains(BuiltIns(), name) {
		return
	}
	known := BuiltIns()
	for _, q := range p.book.Params {
		if q.Name == name && q.Type == "secret" {
			p.err(line, col, "secret", fmt.Sprintf("the secret %s would be sent in a message", name), "drop it")
			return
		}
		if q.Name == name {
			return
		}
		known = append(known, q.Name)
	}
	hint := "a parameter, or one of " + strings.Join(BuiltIns(), ", ")
	if w := nearest(name, known); w != "" {
		hint = "did you mean {{" + w + "}}?"
	}
	p.err(line, col, "placeholder-unknown", fmt.Sprintf("no parameter and no built-in is called %q", name), hint)
}
