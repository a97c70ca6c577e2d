package checklists

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/virtengine/relight/lazy"
)

var (
	phaseForm  = lazy.Pattern(`^(Before|During|After): (\S.*)$`)
	optionForm = lazy.Pattern(`^Option ([A-Z]): (\S.*)$`)
	firstWord  = lazy.Pattern(`^[A-Za-z]+`)
)

// atx says whether the heading is written with # at the start of its line; the
// other spelling (a line of = or - below) is refused, because a lost blank
// line makes one by accident.
func (p *reader) atx(h *ast.Heading) bool {
	return strings.HasPrefix(p.src.line(p.lineOf(h)), "#")
}

func (p *reader) heading(h *ast.Heading) {
	line := p.lineOf(h)
	p.leaveStep(h)
	if !p.atx(h) {
		if strings.HasPrefix(strings.TrimSpace(p.src.line(line)), "#") {
			p.err(line, 1, "heading-indent", "the heading is indented", "start it at column 1")
		} else {
			p.err(line, 1, "heading-underlined", "an underlined heading is not part of the format", "write \"## \" before the text, and a blank line before any \"---\"")
		}
		return
	}
	text := inlineText(h, p.src.text, nil)
	p.claimed[line] = true
	if attrLook.MatchString(p.src.line(line)) {
		p.err(line, 1, "attrs-place", "a heading takes no attributes", "put them at the end of a step's line")
	}
	switch {
	case h.Level == 1:
		p.err(line, 1, "title-second", "a second title", "one runbook, one \"# \" heading: use \"## \"")
	case h.Level == 2:
		p.section(line, text)
	case h.Level == 3:
		p.groupHeading(line, text)
	default:
		p.lookAlike(line, text)
	}
}

// section starts a phase or a note.
func (p *reader) section(line int, text string) {
	p.closePhase()
	m := phaseForm.FindStringSubmatch(text)
	if m == nil {
		p.lookAlike(line, text)
		p.inNote = true
		p.book.Notes = append(p.book.Notes, NoteText{Title: text})
		p.span(line + 1)
		return
	}
	kind := PhaseKind(strings.ToLower(m[1]))
	for _, ph := range p.book.Phases {
		if ph.Kind == kind {
			p.err(line, 1, "phase-twice", fmt.Sprintf("a second %q phase", m[1]), "each phase stands once: join the two")
		} else if phaseOrder(ph.Kind) > phaseOrder(kind) {
			p.err(line, 1, "phase-order", fmt.Sprintf("%q stands after %q", m[1], ph.Kind), "the order is Before, During, After")
		}
	}
	p.inNote = false
	p.book.Phases = append(p.book.Phases, Phase{Kind: kind, Title: m[2], Slug: Slug(m[2])})
	p.phase, p.group = len(p.book.Phases)-1, -1
	if p.book.Phases[p.phase].Slug == "" {
		p.err(line, 1, "phase-title", "the phase's text has no letter or figure", "say in a word what the phase does")
	}
	p.span(line + 1)
}

func phaseOrder(k PhaseKind) int {
	switch k {
	case Before:
		return 0
	case During:
		return 1
	}
	return 2
}

// groupHeading starts a group or an option.
func (p *reader) groupHeading(line int, text string) {
	if p.phase < 0 {
		p.lookAlike(line, text)
		return
	}
	ph := &p.book.Phases[p.phase]
	g := Group{Title: text}
	if m := optionForm.FindStringSubmatch(text); m != nil {
		g.Letter = m[1]
	} else {
		p.lookAlike(line, text)
	}
	ph.Groups = append(ph.Groups, g)
	p.group = len(ph.Groups) - 1
	p.groupLines = append(p.groupLines, groupLine{p.phase, p.group, line})
	p.span(line + 1)
}

// lookAlike refuses headings that someone will take for a phase or an option.
func (p *reader) lookAlike(line int, text string) {
	word := strings.ToLower(firstWord.FindString(text))
	if word == "" {
		return
	}
	rest := strings.TrimSpace(text[len(word):])
	for _, want := range []string{"before", "during", "after", "option"} {
		d := distance(word, want)
		near := d <= 1 || d == 2 && strings.HasPrefix(rest, ":")
		if want == "option" {
			near = d <= 1 && len(rest) > 0 && (len(rest) == 1 || rest[1] == ':' || rest[1] == ' ') || d == 2 && len(rest) > 1 && rest[1] == ':'
		}
		if !near {
			continue
		}
		if want == "option" {
			p.err(line, 1, "option-look-alike", fmt.Sprintf("%q looks like an option and is none", text), "write \"### Option A: what it does\"")
		} else {
			p.err(line, 1, "phase-look-alike", fmt.Sprintf("%q looks like a phase and is none", text), fmt.Sprintf("write \"## %s: what is done\", or begin the heading with another word", strings.ToUpper(want[:1])+want[1:]))
		}
		return
	}
}

// closePhase names the choices of the phase that ends and checks its options.
func (p *reader) closePhase() {
	if p.phase >= 0 {
		p.nameChoices(&p.book.Phases[p.phase])
	}
	p.phase, p.group, p.step = -1, -1, -1
}

func (p *reader) nameChoices(ph *Phase) {
	number := 0
	for i := 0; i < len(ph.Groups); {
		if ph.Groups[i].Letter == "" {
			i++
			continue
		}
		end := i
		for end < len(ph.Groups) && ph.Groups[end].Letter != "" && (end == i || ph.Groups[end].Letter != "A") {
			end++
		}
		number++
		key := ph.Slug
		if number > 1 {
			key += "." + strconv.Itoa(number)
		}
		for j := i; j < end; j++ {
			ph.Groups[j].Choice = key
			if want := string(rune('A' + j - i)); ph.Groups[j].Letter != want {
				p.err(p.groupLine(j), 1, "option-letter", fmt.Sprintf("option %s stands where option %s should", ph.Groups[j].Letter, want), "the letters of one choice run A, B, C without a gap")
			}
			if len(ph.Groups[j].Steps) == 0 {
				p.err(p.groupLine(j), 1, "option-empty", "the option has no step", "give it one, or drop it")
			}
		}
		if end-i == 1 {
			p.err(p.groupLine(i), 1, "option-alone", "one option alone is no choice", "add another, or drop the word Option")
		}
		i = end
	}
}

// groupLine is where the j-th group of the phase being closed stands.
func (p *reader) groupLine(j int) int {
	for _, g := range p.groupLines {
		if g.phase == p.phase && g.group == j {
			return g.line
		}
	}
	return 1
}

type groupLine struct{ phase, group, line int }

// Slug is text in small letters and figures with single hyphens between.
func Slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && s[len(s)-1] != '-' {
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}
