package cli

import (
	"os"
	"strings"
	"testing"
)

// The replica is promoted, too, not only the primary restarted.
func TestAReplicaIsPromoted(t *testing.T) {
	s, code := flyBook(t, "database-promote-replica", nil, "--seed", "7", "--option", "recover=B", "--param", "stable=1m")
	sound(t, s, code)
	if len(s.Clocks) != 1 || s.Options["recover"] != "B" {
		t.Errorf("%+v", s)
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
