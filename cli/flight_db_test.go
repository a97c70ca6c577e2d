package cli

import (
	"os"
	"strings"
	"testing"
)

// databaseFlights are the runbooks of the databases, with the options to fly.
func databaseFlights() map[string][]string {
	return map[string][]string{
		"database-promote-replica": {"--option", "recover=B"},
	}
}

// Each runbook of the databases flies to its close on the built-in fleet, with
// its clock met and nothing failed on the way.
func TestDatabaseBooks(t *testing.T) {
	for book, args := range databaseFlights() {
		s, code := flyBook(t, book, nil, append([]string{"--seed", "7"}, args...)...)
		good(t, s, code)
		if s.Steps["failed"] != 0 || s.Steps["timed-out"] != 0 || s.Steps["todo"] != 0 || s.Steps["done"] == 0 {
			t.Errorf("%s: steps %v", book, s.Steps)
		}
	}
}

// A primary whose host cannot be reached is not fenced: the replica is not
// promoted, however long it takes.
func TestNoPromotionWithoutAFence(t *testing.T) {
	s, code := flyBook(t, "database-promote-replica", nil, "--seed", "7", "--option", "recover=B", "--fault", "ssh-down=db-1@20s")
	text, err := os.ReadFile(s.Report)
	if code == 0 || s.Outcome == "resolved" || err != nil || strings.Contains(string(text), "ran \"Promote the replica\"") {
		t.Errorf("exit %d, %s, %v", code, s.Outcome, err)
	}
	if !strings.Contains(string(text), "ran \"Stop and fence the old primary\"") {
		t.Errorf("the fence was not even tried:\n%s", text)
	}
}
