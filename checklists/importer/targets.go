package importer

import (
	"strings"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/lazy"
)

// target is a row of a table of recovery objectives. Zero: the row says none.
type target struct {
	name, component string
	rto, rpo        time.Duration
	line            int
}

var spanForm = lazy.Pattern(`(?i)^[~<≤ ]*(?:[0-9]{1,4} *(?:-|–|to) *)?([0-9]{1,4}) *(s|sec|seconds?|m|min|mins|minutes?|h|hours?|hrs?|d|days?)\b`)

// span reads the length that a cell begins with: "15 min", "1 hour (usage
// data)"; of a range, "1-4 hours", the longer end.
func span(cell string) time.Duration {
	m := spanForm.FindStringSubmatch(strings.TrimSpace(cell))
	if m == nil {
		return 0
	}
	var n int64
	for _, c := range m[1] {
		n = 10*n + int64(c-'0')
	}
	unit := time.Second
	switch strings.ToLower(m[2])[0] {
	case 'm':
		unit = time.Minute
	case 'h':
		unit = time.Hour
	case 'd':
		unit = 24 * time.Hour
	}
	return time.Duration(n) * unit
}

// targets reads the rows of a table that has a column RTO, and gives those in
// which no time was found.
func targets(b block) (out []target, unread []line) {
	rto, rpo := -1, -1
	for i, c := range cells(b.own[0].s) {
		switch strings.ToUpper(c) {
		case "RTO":
			rto = i
		case "RPO":
			rpo = i
		}
	}
	if rto < 1 {
		return nil, nil
	}
	for _, l := range b.own[2:] {
		row := cells(l.s)
		if len(row) <= rto || span(row[rto]) == 0 {
			unread = append(unread, l)
			continue
		}
		component := plainTitle(row[0])
		name := checklists.Slug(component)
		if name == "" {
			continue
		}
		if name[0] < 'a' {
			name = "c-" + name
		}
		t := target{name: name, component: component, rto: span(row[rto]), line: l.n}
		if rpo >= 0 && rpo < len(row) {
			t.rpo = span(row[rpo])
		}
		out = append(out, t)
	}
	return out, unread
}

func cells(s string) []string {
	var out []string
	for _, c := range strings.Split(strings.Trim(strings.TrimSpace(s), "|"), "|") {
		out = append(out, strings.Trim(strings.TrimSpace(c), "*`"))
	}
	return out
}

// about says whether a procedure's title speaks of the component.
func (t target) about(title string) bool {
	words := strings.Split(checklists.Slug(title), "-")
	for _, w := range strings.Split(t.name, "-") {
		w = strings.TrimSuffix(w, "s")
		if len(w) < 4 || w == "service" || w == "infrastructure" || w == "support" || w == "supporting" {
			continue
		}
		for _, in := range words {
			if strings.TrimSuffix(in, "s") == w {
				return true
			}
		}
	}
	return false
}

// short is a length as the format writes it: 15m, 1h, 1h30m.
func short(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
