package words

import (
	"testing"
	"time"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

func TestTimes(t *testing.T) {
	now := fixture.At("03:10:52")
	for _, c := range []struct{ got, want string }{
		{Dur(169 * time.Second), "02:49"}, {Dur(-time.Minute), "-01:00"}, {Dur(3723 * time.Second), "1:02:03"}, {Dur(49 * time.Hour), "2 d 01:00"},
		{TPlus(fixture.At("03:02:10"), now), "T+00:08:42"}, {TPlus(time.Time{}, now), "T+ --:--:--"},
		{Age(now.Add(-3*time.Second), now), "3 s"}, {Age(now.Add(-31*time.Second), now), "0:31"}, {Age(now.Add(time.Second), now), "0 s"},
		{Age(now.Add(-796*time.Second), now), "13:16"}, {Age(now.Add(-90*time.Minute), now), "1:30:00"}, {Age(time.Time{}, now), "never"},
		{HMS(now, now), "03:10:52"}, {HMS(now.Add(-24*time.Hour), now), "22 Nov 03:10:52"},
		{Num(1203844), "1,203,844"}, {Num(-41), "-41"}, {Num(999), "999"}, {Count(1, "line"), "1 line"}, {Count(1200, "line"), "1,200 lines"},
		{Severity("sev2"), "SEV-2"}, {Severity("SEV-1"), "SEV-1"}, {Label("status-progress"), "Status progress"}, {Label(""), "Message"},
		{Sentence("What changed?"), "What changed?"}, {Sentence("Done"), "Done."},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestClocksPressInOrder(t *testing.T) {
	v := fixture.Before()
	start := v.Now.Add(-10 * time.Minute)
	v.State.Clocks = []incident.Clock{
		{Name: "over", RTO: time.Hour, Started: start, Stopped: v.Now},
		{Name: "calm", RTO: time.Hour, Started: start},
		{Name: "late", RTO: time.Minute, Started: start},
		{Name: "waits", RTO: time.Minute},
		{Name: "soon", RTO: 12 * time.Minute, Started: start},
	}
	want := []struct {
		text  string
		level Level
	}{{"late OVER by 09:00", Warning}, {"soon by 03:04:40: 02:00 left", Caution}, {"calm by 03:52:40: 50:00 left", Calm}, {"over took 10:00 of 1:00:00", Calm}}
	got := Clocks(v, v.Now)
	if len(got) != len(want) {
		t.Fatalf("%d clocks, want %d", len(got), len(want))
	}
	for i, w := range want {
		if got[i].Text != w.text || got[i].Level != w.level {
			t.Errorf("clock %d is %q at %d, want %q at %d", i, got[i].Text, got[i].Level, w.text, w.level)
		}
	}
}

func TestWhatIsNext(t *testing.T) {
	for name, want := range map[string]Do{"home": DoNothing, "alert": DoDeclare, "before": DoTick, "choice": DoChoose, "flight": DoRun,
		"running": DoWait, "refused": DoRun, "unknown": DoAnswer, "comms": DoPost, "posted": DoWait, "after": DoClose} {
		if got := NextOf(fixture.Moments()[name]()).Do; got != want {
			t.Errorf("%s: next is %d, want %d", name, got, want)
		}
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	v := fixture.Unknown()
	if w := Worst(v, v.Now); w.Word != "UNKNOWN" {
		t.Errorf("a step nobody knows the end of is outdone by %+v", w)
	}
	v.Trouble = "disk full"
	if w := Worst(v, v.Now); w.Word != "WARNING" || w.Text != "Nothing can be recorded, so nothing runs: disk full" {
		t.Errorf("a record that cannot be written is outdone by %+v", w)
	}
	if w := Worst(fixture.Home(), v.Now); w.Level != Calm {
		t.Errorf("calm has the headline %+v", w)
	}
}
