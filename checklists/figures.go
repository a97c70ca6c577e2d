package checklists

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Figure is something the configuration promises that documents promise, too.
// Rule is conflict-rto or conflict-rpo (then About is the component),
// conflict-cadence or conflict-first-post. Where names its place.
type Figure struct {
	Rule     string
	About    string
	Severity string // "1".."4", "" for all
	Said     string // as a person reads it
	Worth    time.Duration
	Where    string
}

// speaksOf says whether a claim of a document is about the same thing.
func (f Figure) speaksOf(c claim) bool {
	if f.Rule != c.rule || f.Severity != "" && c.severity != "" && f.Severity != c.severity {
		return false
	}
	if c.key == "" {
		return true
	}
	words := nameWords(f.About)
	return slices.ContainsFunc(strings.Fields(c.key), func(w string) bool { return contains(words, w) })
}

// against are the claims of a document that no figure of the configuration
// agrees with, though one speaks of the same thing.
func against(all []claim, figures []Figure) []Problem {
	var out []Problem
	for _, c := range all {
		var other *Figure
		agreed := false
		for i, f := range figures {
			if f.speaksOf(c) {
				other, agreed = &figures[i], agreed || f.Worth == c.worth
			}
		}
		if other == nil || agreed {
			continue
		}
		p := c.at
		p.Rule, p.Warn = c.rule, true
		p.Text = fmt.Sprintf("two figures for %s: %s here, %s in %s", c.about, c.said, other.Said, other.Where)
		out = append(out, p)
	}
	return out
}
