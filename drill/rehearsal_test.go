package drill

import (
	"testing"
	"time"
)

// A rehearsal may play at another time than ours: the same night each time.
func TestBeginsWhenItIsTold(t *testing.T) {
	begins := time.Date(2026, 11, 23, 2, 56, 40, 0, time.UTC)
	now := begins.Add(999 * time.Hour)
	r, err := New(t.TempDir(), Rehearsal{Runbook: "single-validator-failover", Seed: 7, Speed: 2, Begins: begins}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	w, err := loadWorld(r.Path(), r.Speed, now.Add(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if want := begins.Add(time.Minute); !w.Now.Equal(want) {
		t.Errorf("half a minute later at speed 2 it is %v, want %v", w.Now, want)
	}
	if want := "DRILL-20261123-001"; r.ID != want {
		t.Errorf("it is %s, want %s", r.ID, want)
	}
}
