package tui

import (
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// library is the shipped runbooks, as the screen is given them.
func library(t *testing.T) []Runbook {
	t.Helper()
	books, err := checklists.Library()
	if err != nil {
		t.Fatal(err)
	}
	var out []Runbook
	for _, b := range books {
		out = append(out, Runbook{ID: b.ID, Title: b.Title, Book: b})
	}
	return out
}

// Before anything is declared the runbook can be read from its first to its last
// word, with what is filled in; back leads into the form.
func TestReadTheRunbookBeforeFlying(t *testing.T) {
	books := library(t)
	d := openWith(t, fixture.Alert(), 80, 24, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook { return books }})
	d.press("b").sees("Runbook: Single validator fai", "Which validator key stopped signing?").asked()
	d.press("G").sees("The key comes last, after the proof.").press("esc").sees("1 Watched").asked()
	d.press("D").sees("Declare an incident").press("b").sees("Runbook: Single").press("esc").sees("Declare an incident").asked()
	v := fixture.Flight()
	v.State.Runbook, v.State.Book = books[0].ID, books[0].Book
	d = openWith(t, v, 80, 24, Options{NoColor: true, Quiet: true})
	d.press("b").sees("Runbook: " + books[0].Title[:10]).press("esc").sees("1 Checklist").asked()
}

// Every shipped runbook can be read at any width: nothing is wider than the
// window, and every step and every word of a script is there.
func TestEveryRunbookReads(t *testing.T) {
	books := library(t)
	for _, w := range []int{40, 80, 120, 200} {
		d := openWith(t, fixture.Alert(), w, 24, Options{NoColor: true, Quiet: true, Runbooks: func() []Runbook { return books }})
		for _, b := range books {
			rows := d.m.bookRows(b.ID, w)
			for _, l := range rows {
				if l.width() > w {
					t.Fatalf("%s at %d: %d cells: %q", b.ID, w, l.width(), l.String())
				}
			}
			if len(rows) < len(b.Book.Steps()) {
				t.Errorf("%s at %d: %d rows for %d steps", b.ID, w, len(rows), len(b.Book.Steps()))
			}
		}
	}
}

// A few letters of a component or scenario find the runbook, not only its id.
func TestRunbooksAreFoundByWhatTheyAreFor(t *testing.T) {
	k := known{books: library(t)}
	for typed, want := range map[string]string{"chain-h": "chain-halt", "data center": "datacenter-loss", "RPC": "rpc-endpoint-recovery", "Provider": "provider-daemon-recovery",
		"review": "quarterly-review", "failovr": "single-validator-failover"} {
		found := false
		for i, id := range k.booksLike(typed) {
			found = found || id == want && i < 4
		}
		if !found {
			t.Errorf("%q finds %v", typed, k.booksLike(typed))
		}
	}
}

// What a parameter holds is checked while it is filled in, and what it can hold is
// proposed from the configuration.
func TestParametersAreChecked(t *testing.T) {
	books := library(t)
	names := Names{Hosts: []string{"monitor-1", "monitor-2"}, Zones: []string{"eu-1a", "us-1a"}, Groups: map[string][]string{"monitoring": {"monitor-1", "monitor-2"}}}
	d := openWith(t, fixture.Alert(), 120, 40, Options{NoColor: true, Quiet: true, Names: names, Runbooks: func() []Runbook { return books }})
	d.press("D")
	d.m.form.Set("runbook", "availability-zone-failure")
	d.m.form.Set("replicas", "five")
	d.m.form.Set("control", "moon")
	d.m.form.Set("stable", "soon")
	d.press("tab", "tab", "tab", "tab").sees("it is no whole number", "no host of that name", "it is no duration above 0", "us-1a")
}

func TestTheRollIsCalled(t *testing.T) {
	d := open(t, fixture.Halted(), 120, 40)
	if !d.m.rolls() {
		t.Fatal("the halted view has nobody to call")
	}
	d.press(":").typing("roll").press("enter").sees("the roll call needs a validator").asked()
	d.press(":").typing("roll zzz asked").press("enter").sees("no validator of the set begins").asked()
	d.press(":").typing("roll oak ready").press("enter").sees("which version runs").asked()
	d.press(":").typing("roll oak ready 1.0.0 1,218,402").press("enter").asked("incident.CallRoll {Roll:{Address:")
}
