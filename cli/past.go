package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
)

// archive reads what else lies in the journal. A record that has not grown is
// not read again.
type archive struct {
	dir   string
	shelf shelf
	drill bool // a drill shows drills, a live cockpit the real incidents

	mu   sync.Mutex
	read map[string]reading // record's id -> what it held
}

type reading struct {
	size  int64
	state incident.State
	err   error
}

// readSoon is how long before its day a runbook's text is named for review.
const readSoon = 30 * 24 * time.Hour

// past is what a cockpit asks of it.
func (a *archive) past(ctx context.Context, now time.Time) ([]cockpit.Other, []cockpit.Review, error) {
	ids, err := journal.List(a.dir, "")
	if err != nil {
		return nil, nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var others []cockpit.Other
	flown := map[string]time.Time{} // runbook -> end of its last flight
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		s, err := a.stateOf(id)
		if err == nil && s.ID == "" {
			continue // nothing was declared in it yet
		}
		o := other(id, s, err)
		if !s.Closed.IsZero() && s.Closed.After(flown[s.Runbook]) {
			flown[s.Runbook] = s.Closed
		}
		if o.Drill == a.drill {
			others = append(others, o)
		}
	}
	books, err := a.shelf.headers()
	due := reviews(books, flown, now)
	if a.drill { // what was never flown is no news on a fleet for rehearsing
		due = slices.DeleteFunc(due, func(r cockpit.Review) bool { return r.Every != "" && r.Last.IsZero() })
	}
	return others, due, err
}

// stateOf folds a record, unless it was and has not grown since.
func (a *archive) stateOf(id string) (incident.State, error) {
	path := filepath.Join(a.dir, id)
	size := sizeOf(path)
	if r, ok := a.read[id]; ok && r.size == size {
		return r.state, r.err
	}
	s, err := stateOf(path)
	if a.read == nil {
		a.read = map[string]reading{}
	}
	a.read[id] = reading{size, s, err}
	return s, err
}

// sizeOf a record: a record only ever grows.
func sizeOf(path string) int64 {
	files, _ := filepath.Glob(filepath.Join(path, "*.jsonl"))
	n := int64(len(files)) << 48
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += info.Size()
		}
	}
	return n
}

// other is an incident in a line.
func other(id string, s incident.State, err error) cockpit.Other {
	o := cockpit.Other{ID: id, Title: s.Title, Severity: s.Severity, Runbook: s.Runbook, Commander: s.Roles["commander"],
		Drill: strings.HasPrefix(id, journal.DrillPrefix), Declared: s.Declared, Open: s.Open(), Status: "open"}
	switch {
	case err != nil:
		// Whether it is open is not known: it stands with those that are.
		o.Status, o.Open = "unreadable", true
	case !s.Aborted.IsZero():
		o.Status, o.Ended = "aborted", s.Aborted
	case !s.Closed.IsZero():
		o.Status, o.Ended = "closed", s.Closed
	case !s.Resolved.IsZero():
		o.Status = "resolved"
	}
	return o
}

// reviews are the runbooks with a schedule, and those whose text is to be read
// again soon; the first due first.
func reviews(books []checklists.Book, flown map[string]time.Time, now time.Time) []cockpit.Review {
	var out []cockpit.Review
	for _, b := range books {
		if b.Schedule != nil {
			r := cockpit.Review{Runbook: b.ID, Title: b.Title, Every: b.Schedule.Every, Last: flown[b.ID]}
			if !r.Last.IsZero() {
				r.Due = b.Schedule.After(r.Last)
			}
			out = append(out, r)
		}
		if due, err := time.Parse(time.DateOnly, b.ReviewBy); err == nil && due.Sub(now) <= readSoon {
			out = append(out, cockpit.Review{Runbook: b.ID, Title: b.Title, Due: due})
		}
	}
	slices.SortStableFunc(out, func(a, b cockpit.Review) int { return a.Due.Compare(b.Due) })
	return out
}

// all are the runbooks that can be flown, the user's own over the shipped. One
// that cannot be read is an error; the others are given all the same.
func (s shelf) all() ([]checklists.Book, error) { return s.over(checklists.Library) }

// headers are all of them, the shipped ones without their steps.
func (s shelf) headers() ([]checklists.Book, error) { return s.over(checklists.Headers) }

// over is the user's own runbooks over the shipped.
func (s shelf) over(shipped func() ([]checklists.Book, error)) ([]checklists.Book, error) {
	books, err := shipped()
	if err != nil {
		return nil, err
	}
	byID := map[string]checklists.Book{}
	for _, b := range books {
		byID[b.ID] = b
	}
	var bad []error
	for _, dir := range s.folders {
		found, _ := filepath.Glob(filepath.Join(dir, "*.md")) // the pattern is no broken one
		for _, path := range found {
			id := strings.TrimSuffix(filepath.Base(path), ".md")
			b, err := s.Procedure(id)
			if err != nil {
				bad = append(bad, fmt.Errorf("runbook %s: %w", id, err))
				continue
			}
			byID[id] = b
		}
	}
	var out []checklists.Book
	for id, b := range byID {
		if id != backbone {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b checklists.Book) int { return strings.Compare(a.ID, b.ID) })
	return out, errors.Join(bad...)
}
