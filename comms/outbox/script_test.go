package outbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// The scripts under testdata tell the protocol to a reader. Times are seconds
// since the declaration; the jitter is off by asking for a seed whose waits the
// script prints.
var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type desk struct {
	rows []Row
	now  time.Time
}

func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		d := &desk{now: t0}
		datadriven.RunTest(t, path, d.run)
	})
}

func (d *desk) run(t *testing.T, td *datadriven.TestData) string {
	arg := func(key string) string {
		for _, a := range td.CmdArgs {
			if a.Key == key && len(a.Vals) > 0 {
				return a.Vals[0]
			}
		}
		return ""
	}
	id := ""
	if len(td.CmdArgs) > 0 && len(td.CmdArgs[0].Vals) == 0 {
		id = td.CmdArgs[0].Key
	}
	wait, _ := time.ParseDuration(arg("wait"))
	at := Remote{ID: arg("remote")}
	switch td.Cmd {
	case "draft":
		n, _ := strconv.Atoi(arg("update"))
		d.rows = append(d.rows, Seal(Row{ID: id, Incident: "INC", Lane: arg("lane"), Bucket: arg("bucket"),
			Template: arg("template"), Update: n, Body: "text of " + id}))
		return d.table()
	case "post":
		var err error
		*d.row(t, id), err = Enqueue(d.rows, *d.row(t, id), "ada", d.now)
		if err != nil {
			return err.Error() + "\n"
		}
		return d.table()
	case "after":
		dur, err := time.ParseDuration(id)
		if err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(dur)
		return d.next()
	case "next":
		return d.next()
	case "start":
		for _, a := range Next(d.rows, d.now) {
			*d.row(t, a.Row.ID) = Started(a.Row, d.now)
		}
	case "ended":
		*d.row(t, id) = Ended(*d.row(t, id), Outcome{Class: Class(arg("class")), RetryAfter: wait, Remote: at, Reason: arg("why")}, d.now, 7)
	case "looked":
		*d.row(t, id) = Reconciled(*d.row(t, id), LookupResult{Class: LookupClass(arg("class")), Remote: at, RetryAfter: wait}, d.now)
	case "reopen":
		for i := range d.rows {
			d.rows[i] = Reopen(d.rows[i])
		}
	case "human":
		*d.row(t, id) = Human(*d.row(t, id), Answer(arg("says")), "ada", d.now)
	case "look-again":
		*d.row(t, id) = LookAgain(*d.row(t, id), d.now)
	case "retry":
		*d.row(t, id) = Retry(*d.row(t, id), "ada", d.now)
	case "cancel":
		*d.row(t, id) = Cancel(*d.row(t, id), "ada", d.now)
	case "hold":
		*d.row(t, id) = Hold(*d.row(t, id), arg("behind"))
	case "release":
		*d.row(t, id) = Release(*d.row(t, id), "ada")
	case "supersede":
		r, err := Supersede(d.rows, *d.row(t, id), arg("by"), d.now)
		if err != nil {
			return err.Error() + "\n"
		}
		*d.row(t, id) = r
	case "unsaid":
		var ids []string
		for _, r := range Unsaid(d.rows, *d.row(t, id)) {
			ids = append(ids, r.ID)
		}
		return strings.Join(ids, " ") + "\n"
	default:
		t.Fatalf("no such command: %s", td.Cmd)
	}
	return d.table()
}

func (d *desk) row(t *testing.T, id string) *Row {
	i := slices.IndexFunc(d.rows, func(r Row) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("no row %q", id)
	}
	return &d.rows[i]
}

func (d *desk) next() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", d.clock(d.now))
	for _, a := range Next(d.rows, d.now) {
		fmt.Fprintf(&b, " %s %s", a.Verb, a.Row.ID)
	}
	if w := NextWake(d.rows); w.After(d.now) {
		fmt.Fprintf(&b, " wake %s", d.clock(w))
	} else if w.IsZero() {
		b.WriteString(" nothing to wait for")
	}
	return b.String() + "\n"
}

func (d *desk) clock(t time.Time) string { return "+" + t.Sub(t0).String() }

func (d *desk) table() string {
	var b strings.Builder
	for _, r := range d.rows {
		fmt.Fprintf(&b, "%s %s/%d %s", r.ID, r.Lane, r.Place, r.State)
		if r.Attempt > 0 {
			fmt.Fprintf(&b, " attempt=%d", r.Attempt)
		}
		if r.NotBefore.After(d.now) {
			fmt.Fprintf(&b, " until=%s", d.clock(r.NotBefore))
		}
		if r.Remote.ID != "" {
			fmt.Fprintf(&b, " remote=%s", r.Remote.ID)
		}
		if o, ok := Blocker(d.rows, r); ok {
			fmt.Fprintf(&b, " behind=%s", o.ID)
		}
		if Stuck(r, d.now) {
			b.WriteString(" RED")
		}
		if r.Error != "" {
			fmt.Fprintf(&b, " (%s)", r.Error)
		}
		b.WriteString("\n")
	}
	return b.String()
}
