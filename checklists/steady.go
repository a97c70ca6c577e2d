package checklists

import (
	"fmt"
	"strings"

	"github.com/virtengine/relight/lazy"
)

// resolvedLocked: what says "resolved" waits, by its needs, for a step that
// nobody can tick: a sensed one whose verification had to hold for a time.
func (p *reader) resolvedLocked() {
	byID := map[string]Step{}
	for _, sp := range p.spots {
		byID[p.stepAt(sp).ID] = p.stepAt(sp)
	}
	for _, sp := range p.spots {
		s := p.stepAt(sp)
		for _, b := range s.Comms {
			if b.State != "resolved" || sp.phaseKind(p) != After || locked(s, byID, map[string]bool{}) {
				continue
			}
			p.err(b.Line, p.col(b.Line), "resolved-unlocked", "\"resolved\" can be said before anything was seen to hold",
				"let its step need= a step with only a **Verify** that has for=: the window in which it stayed well")
			break
		}
	}
}

// locked: a sensed step with a window stands among the needs, or theirs.
func locked(s Step, byID map[string]Step, seen map[string]bool) bool {
	for _, need := range s.Needs {
		if seen[need] {
			continue
		}
		seen[need] = true
		n, ok := byID[need]
		if !ok {
			continue
		}
		if n.Kind() == Sensed && held(n) || locked(n, byID, seen) {
			return true
		}
	}
	return false
}

// held: one of the step's verifications must hold for a time.
func held(s Step) bool {
	for _, v := range s.Verifies {
		if v.For.D > 0 || v.For.Param != "" {
			return true
		}
	}
	return false
}

// maxMemory is how many things a person under alarm remembers to do unread:
// more are read, and then they belong into steps.
const maxMemory = 3

var (
	memoryLabel = lazy.Pattern(`^ {0,2}\*\*Memory(?: items)?:?\*\*:?\s*$`)
	memoryItem  = lazy.Pattern(`^ {0,3}(?:[-*+]|[0-9]+[.)]) +\S`)
)

// memoryItems: under "**Memory**" stand at most three lines in one section:
// a section is a condition.
func (p *reader) memoryItems() {
	count, inside := 0, false
	for i, raw := range p.src.lines {
		n := i + 1
		switch {
		case p.code[n] != notCode:
			inside = false
		case strings.HasPrefix(raw, "#"):
			count, inside = 0, false
		case memoryLabel.MatchString(raw):
			inside = true
		case inside && memoryItem.MatchString(raw):
			if count++; count == maxMemory+1 {
				p.err(n, p.col(n), "memory-items", fmt.Sprintf("a fourth memory item: nobody knows more than %s by heart", "three"), "keep the three that must be done before anybody reads; the rest are steps")
			}
		case raw != "" && !strings.HasPrefix(raw, "  "):
			inside = false
		}
	}
}
