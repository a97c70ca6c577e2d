package incident

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestRollCall(t *testing.T) {
	s := State{ID: "INC-1", Roles: map[string]string{"commander": "mira"}}
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	kite := Roll{Address: "AA", Name: "kite", By: "mira"}
	say := func(r Roll, change func(*Roll)) Roll { change(&r); return r }
	for _, c := range []struct {
		name string
		roll Roll
		want string // of the refusal; "" taken
	}{
		{"asked", say(kite, func(r *Roll) { r.Stage = RollAsked }), ""},
		{"ready", say(kite, func(r *Roll) { r.Stage, r.Version, r.Height = RollReady, "1.0.0", 1204118 }), ""},
		{"ready at another block", say(kite, func(r *Roll) { r.Stage, r.Version, r.Height = RollReady, "1.0.0", 99 }), "he stands at 99"},
		{"ready with another program", Roll{Address: "BB", Name: "oak", Stage: RollReady, Version: "0.9.0", Height: 1204118, By: "mira"}, "he runs 0.9.0 and kite runs 1.0.0"},
		{"ready without a version", say(kite, func(r *Roll) { r.Stage, r.Height = RollReady, 1204118 }), "which version runs"},
		{"ready without a height", say(kite, func(r *Roll) { r.Stage, r.Version = RollReady, "1.0.0" }), "which version runs"},
		{"no such stage", say(kite, func(r *Roll) { r.Stage = "asleep" }), "no stage"},
		{"nobody", Roll{Stage: RollAsked, By: "mira"}, "no validator is named"},
		{"a stranger", say(kite, func(r *Roll) { r.Stage, r.By = RollAsked, "eve" }), "belongs to comms"},
	} {
		events, err := callRoll(s, CallRoll{Roll: c.roll, Tip: 1204118})
		var refused *Refusal
		switch {
		case c.want == "" && (err != nil || len(events) != 1):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || refused.Do == ""):
			t.Errorf("%s: %v", c.name, err)
		}
		for _, e := range events {
			s = s.called(e.(RollCalled).Roll, now)
		}
	}
	if r, ok := s.RollOf("aa"); !ok || r.Stage != RollReady || len(s.Roll) != 1 || len(s.Ready()) != 1 {
		t.Errorf("the last word counts, and one row: %+v", s.Roll)
	}
	if n := len(s.Log); n != 2 || !strings.Contains(s.Log[1].Text, "kite is ready, version 1.0.0 at 1204118") {
		t.Errorf("%+v", s.Log)
	}
	s = s.called(Roll{Address: "AA", Name: "kite", Stage: RollOut, Note: "disk gone", By: "mira"}, now)
	if len(s.Ready()) != 0 {
		t.Error("who is out is not ready")
	}
}
