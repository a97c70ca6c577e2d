package scenario

import (
	"errors"
	"testing"
	"time"

	"github.com/virtengine/relight/drill/world"
)

var start = time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)

func TestFailoverDrillStartsWithACrashOfVal2(t *testing.T) {
	seen := map[time.Duration]bool{}
	for seed := range uint64(20) {
		trouble, err := Of("single-validator-failover", seed)
		if err != nil {
			t.Fatal(err)
		}
		faults := trouble.Faults
		twice, _ := Of("single-validator-failover", seed)
		again := twice.Faults
		f := faults[0]
		if len(faults) != 1 || f != again[0] || f.Name != "process-crash" || f.Target != "val-2" {
			t.Fatalf("seed %d: %+v, then %+v", seed, faults, again)
		}
		if f.At < 12*time.Second || f.At >= 18*time.Second {
			t.Errorf("seed %d: at %v", seed, f.At)
		}
		seen[f.At] = true
		w := world.New(seed, start)
		if err := Schedule(&w, faults); err != nil {
			t.Fatal(err)
		}
		w.Advance(start.Add(f.At - time.Millisecond))
		if got := w.Host("val-2").Unit("virtengine").Active; got != "active" {
			t.Errorf("seed %d: %s before the fault", seed, got)
		}
		w.Advance(start.Add(f.At))
		if got := w.Host("val-2").Unit("virtengine").Active; got != "failed" {
			t.Errorf("seed %d: %s after the fault", seed, got)
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d moments among 20 seeds", len(seen))
	}
}

func TestEveryFaultHasATitleAndATarget(t *testing.T) {
	for _, name := range Names() {
		w := world.New(1, start)
		if Title(name) == "" {
			t.Errorf("%s has no title", name)
		}
		if err := Apply(&w, name, DefaultTarget(name)); err != nil {
			t.Error(err)
		}
		if err := Mend(&w, name, DefaultTarget(name)); err != nil {
			t.Error(err)
		}
	}
}

func TestWrongNames(t *testing.T) {
	if _, err := Of("tea-break", 1); err == nil {
		t.Error("a drill without a fault")
	}
	w := world.New(1, start)
	if err := Apply(&w, "wal-gap", "val-1"); !errors.Is(err, world.ErrUnknownTarget) {
		t.Errorf("wal-gap: %v", err)
	}
	before := len(w.Events)
	err := Schedule(&w, []Fault{{Name: "reboot", Target: "val-1"}, {Name: "reboot", Target: "moon"}})
	if !errors.Is(err, world.ErrUnknownTarget) || len(w.Events) != before {
		t.Errorf("err %v, %d events", err, len(w.Events))
	}
}
