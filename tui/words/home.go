package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Item is one line of home: what it is about, what is true of it, and since
// when or how old that is.
type Item struct {
	Mark  string
	Level Level
	Name  string
	Cells []string // in columns, the most important first
	Text  string   // as long as it needs
	At    string
}

// Readiness says what could be failed over if it broke now. Keys that could are one
// counted line; those that could not are told with why, each why once.
func Readiness(v cockpit.View, now time.Time) []Item {
	var fine []string
	var oldest time.Time
	var text string
	var rest []Item
	by := map[string]int{} // text -> its line
	for _, r := range v.Ready {
		name := safe.Short(r.What, 24)
		if r.OK == nodes.True {
			fine = append(fine, name)
			text = safe.Line(r.Text)
			if oldest.IsZero() || r.At.Before(oldest) {
				oldest = r.At
			}
			continue
		}
		if i, ok := by[r.Text]; ok {
			rest[i].Name += ", " + name
			continue
		}
		it := Item{Mark: Look, Level: Caution, Name: name, Text: "NOT READY: " + safe.Line(r.Text), At: read(r.At, now)}
		switch {
		case r.OK == nodes.Unknown:
			it.Mark, it.Level, it.Text = Asks, Unknown, "NOT KNOWN: "+safe.Line(r.Text)
		case strings.HasPrefix(r.Text, "no standby"): // as it was built: nothing broke
			it.Mark, it.Level, it.Text, it.At = Left, Calm, safe.Line(r.Text), ""
		}
		by[r.Text] = len(rest)
		rest = append(rest, it)
	}
	if len(fine) == 0 {
		return rest
	}
	if len(fine) > 1 {
		text = strings.Join(fine, ", ")
	}
	all := fmt.Sprintf("%d of %s could fail over", len(fine), Count(len(v.Ready), "key"))
	return append([]Item{{Mark: Good, Name: all, Text: text, At: read(oldest, now)}}, rest...)
}

func read(at, now time.Time) string {
	if at.IsZero() {
		return "never read"
	}
	return "read " + Age(at, now) + " ago"
}

// Reviews are the runbooks to rehearse or to read again.
func Reviews(v cockpit.View, now time.Time) []Item {
	var out []Item
	for _, r := range v.Reviews {
		it := Item{Mark: Nothing, Name: safe.Short(orElse(r.Title, r.Runbook), 40)}
		due, late := Day(r.Due, now)
		if r.Due.IsZero() {
			due, late = "never flown, due now", true
		}
		if late {
			it.Mark, it.Level = Look, Caution
		}
		every, last := safe.Short(r.Every, 12), ""
		if every == "" {
			every = "to be read"
		} else if !r.Last.IsZero() {
			last = "last " + r.Last.UTC().Format("2 Jan")
		}
		it.Cells = []string{due, every, last}
		out = append(out, it)
	}
	slices.SortStableFunc(out, func(a, b Item) int { return cmp.Compare(b.Level, a.Level) })
	return out
}

// Day says on which day something is due, how far off that is, and whether it
// is past.
func Day(due, now time.Time) (text string, late bool) {
	d := int(due.UTC().Truncate(24*time.Hour).Sub(now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
	day := "due " + due.UTC().Format("2 Jan")
	if due.UTC().Year() != now.UTC().Year() {
		day += due.UTC().Format(" 2006")
	}
	switch {
	case d == 0:
		return "due today", false
	case d < 0:
		return fmt.Sprintf("%s, %d d overdue", day, -d), true
	}
	return fmt.Sprintf("%s, in %d d", day, d), false
}

// Others are further incidents of the journal, the open ones first.
func Others(v cockpit.View, now time.Time) []Item {
	var out []Item
	for _, o := range v.Others {
		it := Item{Mark: Nothing, Name: safe.Short(o.ID, 24), Text: safe.Line(o.Title)}
		is := safe.Short(o.Status, 14)
		if is != "" {
			is = strings.ToUpper(is[:1]) + is[1:]
		}
		switch {
		case o.Status == "unreadable":
			it.Mark, it.Level, is = Asks, Unknown, "UNREADABLE"
		case o.Open:
			it.Mark, it.Level, is = Look, Caution, strings.ToUpper(is)+" since "+Stamp(o.Declared, now)
			if c := safe.Short(o.Commander, 20); c != "" {
				is += ", " + c
			}
		default:
			is += " " + Stamp(o.Ended, now)
		}
		it.Cells = []string{Severity(o.Severity), is}
		out = append(out, it)
	}
	return out
}

// Stamp is a time to the minute, with its day where that is not today.
func Stamp(t, now time.Time) string {
	switch t, now = t.UTC(), now.UTC(); {
	case t.IsZero():
		return "at a time not known"
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04")
	case t.Year() != now.Year():
		return t.Format("2 Jan 2006")
	}
	return t.Format("2 Jan 15:04")
}
