package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/drill"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
)

var long = time.Date(2026, 8, 12, 3, 0, 0, 0, time.UTC)

// recorded writes a record below dir.
func recorded(t *testing.T, dir, prefix string, at time.Time, params map[string]string, ends ...string) string {
	t.Helper()
	book, err := checklists.Find("single-validator-failover")
	if err != nil {
		t.Fatal(err)
	}
	id, path, err := journal.NewFolder(dir, prefix, at)
	if err != nil {
		t.Fatal(err)
	}
	events := []incident.Event{incident.Declared{Declare: incident.Declare{ID: id, Title: "silent", Severity: "sev3", Runbook: book.ID, By: "mira",
		Roles: map[string]string{"commander": "mira"}, Book: book, Params: params, Drill: prefix == journal.DrillPrefix}}}
	for _, how := range ends {
		events = append(events, incident.Ended{How: how, By: "mira"})
	}
	j, _, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for i, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append([]journal.Draft{{At: at.Add(time.Duration(i) * time.Hour), Kind: e.Kind(), Data: data}}); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// Other incidents are told by how they stand; a drill shows drills; what cannot
// be read stands with the open ones.
func TestPast(t *testing.T) {
	dir := t.TempDir()
	recorded(t, dir, journal.LivePrefix, long, nil, "resolved", "closed")
	recorded(t, dir, journal.LivePrefix, long, nil, "aborted")
	recorded(t, dir, journal.LivePrefix, long, nil, "resolved")
	recorded(t, dir, journal.LivePrefix, long, nil)
	broken := recorded(t, dir, journal.LivePrefix, long, nil)
	if err := os.WriteFile(filepath.Join(dir, broken, journal.FileName), []byte("{\"prev\":\"x\"}\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	recorded(t, dir, journal.DrillPrefix, long, nil, "resolved", "closed")
	if _, _, err := journal.NewFolder(dir, journal.LivePrefix, long); err != nil {
		t.Fatal(err) // an empty folder is no incident
	}
	a := &archive{dir: dir}
	tell := func() string {
		others, _, err := a.past(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, o := range others {
			out = append(out, fmt.Sprintf("%s %s %t", o.ID[len(o.ID)-3:], o.Status, o.Open))
		}
		return strings.Join(out, ", ")
	}
	if got := tell(); got != "005 unreadable true, 004 open true, 003 resolved true, 002 aborted false, 001 closed false" {
		t.Errorf("%s", got)
	}
	if len(a.read) != 7 {
		t.Errorf("%d records are kept", len(a.read))
	}
	// A record that goes on is read again.
	path := filepath.Join(dir, "INC-20260812-004")
	j, _, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := json.Marshal(incident.Ended{How: "aborted", By: "mira"})
	if _, err := j.Append([]journal.Draft{{At: long, Kind: "ended", Data: data}}); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if got := tell(); !strings.Contains(got, "004 aborted false") {
		t.Errorf("%s", got)
	}
	a.drill = true
	if got := tell(); got != "001 closed false" {
		t.Errorf("in a drill: %s", got)
	}
}

// What is scheduled is due that long after its last flight; a text is named a
// month before its day.
func TestReviews(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	every := func(id, e, review string) checklists.Book {
		b := checklists.Book{ID: id, Title: id, ReviewBy: review}
		if e != "" {
			b.Schedule = &checklists.Schedule{Every: e}
		}
		return b
	}
	var out []string
	for _, r := range reviews([]checklists.Book{every("zone", "quarterly", "2027-04-30"), every("restore", "monthly", ""),
		every("text", "", "2026-12-01"), every("later", "", "2027-12-01")}, map[string]time.Time{"zone": long}, now) {
		out = append(out, fmt.Sprintf("%s %q due %s", r.Runbook, r.Every, r.Due.Format(time.DateOnly)))
	}
	if got := strings.Join(out, ", "); got != `restore "monthly" due 0001-01-01, zone "quarterly" due 2026-11-12, text "" due 2026-12-01` {
		t.Errorf("%s", got)
	}
}

// A second incident is opened only where no open one reaches its keys, and its
// record is free for whoever takes it up.
func TestOpenOther(t *testing.T) {
	dir := t.TempDir()
	fleet := config.Fleet{Hosts: []config.Host{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		Keys: []config.Key{{Name: "one", Address: "AA", Hosts: []string{"a", "b"}}, {Name: "two", Address: "BB", Hosts: []string{"c"}}}}
	first := recorded(t, dir, journal.LivePrefix, long, map[string]string{"key": "one", "failed": "a", "standby": "b"})
	book, err := checklists.Find("single-validator-failover")
	if err != nil {
		t.Fatal(err)
	}
	p := plan{dir: dir, fleet: fleet}
	mine := &helm{dir: dir, fleet: fleet, live: true, back: backWord, held: map[string]*os.File{}}
	if _, _, err := mine.other(p, long, book, map[string]string{"key": "two", "failed": "b"}); err == nil || !strings.Contains(err.Error(), first) {
		t.Errorf("on a host of the first: %v", err)
	}
	two := map[string]string{"key": "two", "failed": "c"}
	id, r, err := mine.other(p, long, book, two)
	if err != nil || id == first {
		t.Fatal(id, err)
	}
	theirs := &helm{dir: dir, fleet: fleet, live: true, back: backWord, held: map[string]*os.File{}}
	if err := theirs.claim(reaches(book, two, fleet)); err == nil {
		t.Error("its key is free before it is declared")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(filepath.Join(dir, id))
	if err != nil {
		t.Fatalf("nobody can take %s up: %v", id, err)
	}
	if err := theirs.claim(reaches(book, two, fleet)); err != nil {
		t.Errorf("its key is not free afterwards: %v", err)
	}
	j.Close()
	var _ cockpit.Record = j
}

// A drill on the built-in fleet reaches no command of any configuration.
func TestTheBuiltInFleetRunsNothingHere(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "ran")
	if _, err := (hands{}).Outside(t.Context(), "touch "+marker); err == nil {
		t.Error("a command was taken")
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a command ran")
	}
}

// A new drill beside an open one says how to go on with that one.
func TestANewDrillNamesTheOpenOne(t *testing.T) {
	var said bytes.Buffer
	g, dir := &globals{Streams: Streams{Err: &said}}, t.TempDir()
	id := recorded(t, dir, journal.DrillPrefix, long, nil)
	r, err := json.Marshal(drill.Rehearsal{ID: id, Runbook: firstDrill, Speed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, id, "drill.json"), r, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := g.chooseRehearsal(t.Context(), dir, drillOptions{seeded: true, seed: 7, speed: 1}); err != nil {
		t.Fatal(err)
	}
	if want := "`relight drill " + id + "` goes on with it"; !strings.Contains(said.String(), want) {
		t.Errorf("%q was not said: %q", want, &said)
	}
}
