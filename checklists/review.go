package checklists

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// Overdue warns when the book's review_by lies before today. Parse cannot know
// the day; whoever has a clock asks here.
func Overdue(b Book, today time.Time) (Problem, bool) {
	due, err := time.Parse(time.DateOnly, b.ReviewBy)
	if err != nil || !today.UTC().Truncate(24*time.Hour).After(due) {
		return Problem{}, false
	}
	return Problem{File: b.Path, Line: 1, Col: 1, Rule: "review-past", Warn: true,
		Text: fmt.Sprintf("the review was due on %s", b.ReviewBy), Hint: "read the runbook against the systems, then move review_by"}, true
}

// Cycles reports the steps whose book= leads back to their own runbook, and
// those that name a file which is not among the books. Files are matched by
// their last name: a library is flat.
func Cycles(books []Book) []Problem {
	byName := map[string]Book{}
	for _, b := range books {
		byName[path.Base(b.Path)] = b
	}
	var out []Problem
	for _, b := range books {
		for _, s := range b.Steps() {
			if !strings.HasSuffix(s.Book, ".md") {
				continue
			}
			p := Problem{File: b.Path, Line: s.Line, Col: 1}
			next, known := byName[path.Base(s.Book)]
			switch {
			case !known:
				p.Rule, p.Text, p.Hint = "book-unknown", fmt.Sprintf("there is no runbook %s", s.Book), "name a file beside this one"
			case reaches(next, path.Base(b.Path), byName, map[string]bool{}):
				p.Rule, p.Text, p.Hint = "book-cycle", fmt.Sprintf("%s leads back to this runbook", s.Book), "break the circle: one of them must not fly the other"
			default:
				continue
			}
			out = append(out, p)
		}
	}
	return out
}

// reaches says whether flying from ever flies the file target.
func reaches(from Book, target string, byName map[string]Book, seen map[string]bool) bool {
	name := path.Base(from.Path)
	if name == target {
		return true
	}
	if seen[name] {
		return false
	}
	seen[name] = true
	for _, s := range from.Steps() {
		if next, ok := byName[path.Base(s.Book)]; ok && s.Book != "" && reaches(next, target, byName, seen) {
			return true
		}
	}
	return false
}
