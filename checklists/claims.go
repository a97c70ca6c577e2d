package checklists

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/virtengine/relight/lazy"
)

// claim is a figure that a document promises: how fast, how often, how fresh.
// Two documents, or two places of one, may say two things; which of them is
// right is for people to settle, so a conflict is a warning at the later one
// that names the earlier.
type claim struct {
	rule     string // of a conflict
	about    string // what it says, for a person
	key      string // of the component, where about names one in its own words
	severity string // "1".."4", "" for all
	said     string // the figure as it stands there
	worth    time.Duration
	at       Problem // file, line, column
}

// claimForm is one figure that the operator's documents are known to
// contradict each other about. The first group of line is the figure.
type claimForm struct {
	rule, about string
	has         string // in small letters: a line without it cannot match
	line        *regexp.Regexp
	fixed       time.Duration // where the words are the figure ("hourly")
	hint        string
}

const figure = `([0-9]+(?:[ -]?(?:min(?:ute)?s?|m|hours?|h|(?:business )?days?))\b)`

// claimForms is the table, compiled once: what is looked for in every line,
// prose and code.
var claimForms = sync.OnceValue(func() []claimForm {
	re := regexp.MustCompile
	settle := "settle it in one place: [[say]] of the configuration says when and how often, and a text says {{next_update}}"
	return []claimForm{
		{rule: "conflict-first-post", about: "when the status page says its first word", has: "status page", line: re(`(?i)^\|.*\bstatus page\b[^|]*\|\s*` + figure), hint: settle},
		{rule: "conflict-first-post", about: "when the status page says its first word", has: "status page", line: re(`(?i)\bfirst\b.*\bstatus page\b.*?\b` + figure), hint: settle},
		{rule: "conflict-cadence", about: "how often there is news", has: "every", line: re(`(?i)\bupdates?\b[^.|\n]{0,40}\bevery ` + figure), hint: settle},
		{rule: "conflict-snapshot-age", about: "how old the newest snapshot may be", has: "snapshot", line: re(`(?i)\bhourly snapshots?\b`), fixed: time.Hour, hint: "check against the interval at which snapshots are taken, and some minutes"},
		{rule: "conflict-snapshot-age", about: "how old the newest snapshot may be", has: "snapshot", line: re(`(?i)\bsnapshots?[^.|\n]{0,20} every ` + figure), hint: "check against the interval at which snapshots are taken, and some minutes"},
		{rule: "conflict-snapshot-age", about: "how old the newest snapshot may be", has: "snapshot", line: re(`(?i)snapshot_age"?'?\s*-g[te]\s*([0-9]+)\b`), hint: "check against the interval at which snapshots are taken, and some minutes"},
		{rule: "conflict-report-due", about: "when the report after the incident is due", has: "within", line: re(`(?i)\b(?:post-?incident report|post-?mortem|incident report)\b[^|\n]{0,60}\bwithin ` + figure), hint: "settle it in one place, and let the others point there"},
	}
})

var severityWord = lazy.Pattern(`(?i)\bsev(?:erity)?[ -]?([1-4])\b`)

// claims are the figures of one document.
func claims(file string, lines []string) []claim {
	var out []claim
	for i, raw := range lines {
		low := strings.ToLower(raw)
		for _, f := range claimForms() {
			if !strings.Contains(low, f.has) {
				continue
			}
			m := f.line.FindStringSubmatchIndex(raw)
			if m == nil {
				continue
			}
			c := claim{rule: f.rule, about: f.about, worth: f.fixed, said: "hourly", at: Problem{File: file, Line: i + 1, Col: m[0] + 1, Hint: f.hint}}
			if len(m) > 2 {
				c.said, c.at.Col = raw[m[2]:m[3]], m[2]+1
				c.worth = figureOf(c.said)
			}
			if s := severityWord.FindStringSubmatch(raw); s != nil {
				c.severity = s[1]
			}
			if c.worth > 0 {
				out = append(out, c)
			}
		}
	}
	return append(out, targets(file, lines)...)
}

// figureOf is "15 min", "1 hour", "48h", "5 business days"; a bare number is
// hours, as in a script. 0: none.
func figureOf(s string) time.Duration {
	s = strings.ToLower(strings.TrimSpace(s))
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return 0
	}
	unit := time.Hour
	switch rest := strings.Trim(s[end:], " -"); {
	case strings.HasPrefix(rest, "m"):
		unit = time.Minute
	case strings.Contains(rest, "day"):
		unit = 24 * time.Hour
	}
	return time.Duration(n) * unit
}

// conflicts compares the claims of all documents in their order: each with the
// first one that says something else.
func conflicts(all []claim) []Problem {
	var out []Problem
	first := map[string][]claim{} // rule and about → one claim for each figure and severity
	for _, c := range all {
		key := c.rule + " " + cmp.Or(c.key, c.about)
		known := false
		for _, d := range first[key] {
			if c.worth == d.worth {
				known = known || c.severity == d.severity
				continue
			}
			if c.severity == "" || d.severity == "" || c.severity == d.severity {
				out = append(out, c.against(d))
				break
			}
		}
		if !known && len(first[key]) < 50 {
			first[key] = append(first[key], c)
		}
	}
	return out
}

// against is the conflict of c with the earlier claim d.
func (c claim) against(d claim) Problem {
	p := c.at
	where := fmt.Sprintf("line %d", d.at.Line)
	if d.at.File != p.File {
		where = fmt.Sprintf("%s:%d", d.at.File, d.at.Line)
	}
	p.Rule, p.Warn = c.rule, true
	p.Text = fmt.Sprintf("two figures for %s: %s here, %s in %s", c.about, c.said, d.said, where)
	return p
}

// targetRow is one row of a table of recovery targets.
type targetRow struct {
	name  string
	words []string // what the name is compared by
	line  int
	cells map[string]string // "rto", "rpo" → figure as written
}

// targetTables are the tables of a document with a column RTO or RPO.
func targetTables(lines []string) [][]targetRow {
	var out [][]targetRow
	for i := 0; i+1 < len(lines); i++ {
		head := cells(lines[i])
		cols := map[int]string{}
		for j, h := range head {
			if h = strings.ToLower(h); j > 0 && (h == "rto" || h == "rpo") {
				cols[j] = h
			}
		}
		if len(cols) == 0 || !strings.Contains(lines[i+1], "--") {
			continue
		}
		var rows []targetRow
		for i += 2; i < len(lines) && len(cells(lines[i])) == len(head); i++ {
			c := cells(lines[i])
			row := targetRow{name: c[0], words: nameWords(c[0]), line: i + 1, cells: map[string]string{}}
			for j, kind := range cols {
				row.cells[kind] = c[j]
			}
			rows = append(rows, row)
		}
		out = append(out, rows)
	}
	return out
}

func cells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	out := strings.Split(strings.Trim(line, "|"), "|")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// nameWords are the words of a component's name that tell it from others, in
// the singular: "Monitoring infrastructure" and "Monitoring" are one.
func nameWords(name string) []string {
	const empty = " infrastructure supporting service node daemon the "
	all := strings.Split(Slug(name), "-")
	var out []string
	for _, w := range all {
		if w = strings.TrimSuffix(w, "s"); !strings.Contains(empty, " "+w+" ") {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

func sameName(a, b targetRow) bool {
	for _, w := range a.words {
		if contains(b.words, w) {
			return true
		}
	}
	return false
}

// targets are the recovery targets of a document's tables, as claims.
func targets(file string, lines []string) []claim {
	var out []claim
	var seen []targetRow
	for _, table := range targetTables(lines) {
		for _, row := range table {
			name, key := row.name, strings.Join(row.words, " ")
			if i := slices.IndexFunc(seen, func(other targetRow) bool { return sameName(row, other) }); i >= 0 {
				name, key = seen[i].name, strings.Join(seen[i].words, " ")
			}
			seen = append(seen, row)
			for _, kind := range []string{"rto", "rpo"} {
				if worth := figureOf(row.cells[kind]); row.cells[kind] != "" && worth > 0 {
					out = append(out, claim{rule: "conflict-" + kind, about: strings.ToUpper(kind) + " of " + name, key: key, said: row.cells[kind], worth: worth,
						at: Problem{File: file, Line: row.line, Col: 1, Hint: "write both as [[target]] with their source: the stricter holds until the documents agree"}})
				}
			}
		}
	}
	return out
}

// missingRows warns of a component that has targets in one table of a document
// and no row in another that speaks of the same components.
func missingRows(file string, lines []string) []Problem {
	var out []Problem
	tables := targetTables(lines)
	for i, a := range tables {
		for j, b := range tables {
			if i == j || len(b) == 0 || shared(a, b) == 0 {
				continue
			}
			for _, row := range a {
				if shared([]targetRow{row}, b) > 0 {
					continue
				}
				out = append(out, Problem{File: file, Line: row.line, Col: 1, Rule: "conflict-row-missing", Warn: true,
					Text: fmt.Sprintf("%q has targets here and no row in the table of line %d", row.name, b[0].line),
					Hint: "give it the same name and a row in both, or write it once as [[target]] with its source"})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Line < out[j].Line })
	return out
}

// shared is how many rows of a have a row of the same name in b.
func shared(a, b []targetRow) int {
	n := 0
	for _, x := range a {
		for _, y := range b {
			if sameName(x, y) {
				n++
				break
			}
		}
	}
	return n
}
