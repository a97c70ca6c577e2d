package checklists

import (
	"slices"
	"strings"
	"testing"
)

func find(t *testing.T, id string) Book {
	t.Helper()
	b, err := Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestComposeValidatorIntoBackbone(t *testing.T) {
	outer, inner := find(t, "incident-backbone"), find(t, "single-validator-failover")
	b, err := Compose(outer, inner)
	if err != nil {
		t.Fatal(err)
	}
	if b.ID != inner.ID || b.Title != inner.Title || b.SHA256 == inner.SHA256 || len(b.SHA256) != 64 {
		t.Errorf("the composed book is %s %q sha %s", b.ID, b.Title, b.SHA256)
	}
	var got []string
	for i, s := range Plan(b) {
		if s.Index != i {
			t.Errorf("step %s has index %d, want %d", s.Step.ID, s.Index, i)
		}
		got = append(got, strings.Trim(string(s.Phase)+" "+s.Choice+" "+s.Letter+" "+s.Step.ID, " "))
	}
	want := []string{
		"before   procedure/confirm", "before   procedure/what-changed",
		"during   assign-roles", "during   assess-impact", "during   declare", "during   activate",
		"during recover A procedure/restart",
		"during recover B procedure/fence-failed", "during recover B procedure/key-aside", "during recover B procedure/silence",
		"during recover B procedure/stage", "during recover B procedure/start", "during recover B procedure/still-fenced",
		"during   procedure/tell-validators", "during   procedure/tell-providers", "during   procedure/tell-users", "during   procedure/tell-how-far",
		"during   update-engineering", "during   update-leadership", "during   verify-restored", "during   document-all",
		"after   procedure/stable", "after   procedure/no-evidence", "after   procedure/hand-over", "after   procedure/follow-up", "after   procedure/rate-drill",
		"after   confirm-stable", "after   resolve-status", "after   hold-debrief", "after   schedule-post-mortem", "after   create-tickets", "after   update-runbooks", "after   replenish",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the plan is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, ph := range b.Phases {
		if ph.Kind == During && ph.Slug != "recover" {
			t.Errorf("the merged During has the slug %q, want the procedure's", ph.Slug)
		}
	}
	for _, s := range b.Steps() {
		if s.ID == "activate" && s.Kind() != Inner {
			t.Errorf("activate is %s, want inner", s.Kind())
		}
		for _, need := range s.Needs {
			if strings.HasPrefix(s.ID, innerPrefix) != strings.HasPrefix(need, innerPrefix) {
				t.Errorf("%s needs %s across the border", s.ID, need)
			}
		}
	}
	if inner.Steps()[0].ID != "confirm" {
		t.Error("composing changed the procedure itself")
	}
}

func TestComposeRefuses(t *testing.T) {
	backbone, inner := find(t, "incident-backbone"), find(t, "single-validator-failover")
	clash := find(t, "single-validator-failover")
	clash.Clocks = []Clock{{Name: "validator", Component: "Another"}}
	clash.Phases[1].Groups[0].Steps[0].Book = "@procedure"
	for name, pair := range map[string][2]Book{
		"a backbone without a place":    {inner, inner},
		"a backbone inside a backbone":  {backbone, backbone},
		"one clock for two components":  {clash, inner},
		"an empty book as the backbone": {{}, inner},
	} {
		if _, err := Compose(pair[0], pair[1]); err == nil {
			t.Errorf("%s was composed", name)
		}
	}
}
