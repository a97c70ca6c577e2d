package words

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// What stays and what is gone is the old text, what stays and what was added the
// new one, sentence by sentence.
func TestDiffLosesNothing(t *testing.T) {
	sentence := rapid.StringMatching(`[a-c]( [a-c]){0,3}[.\n]`)
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(sentence, 0, 8).Draw(t, "s"), " ") })
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		var was, is []string
		for _, c := range Diff(a, b) {
			var parts []string
			for _, p := range c.Parts {
				parts = append(parts, strings.Fields(p.Text)...)
			}
			s := strings.Join(parts, " ")
			if c.Kind != '+' {
				was = append(was, s)
			}
			if c.Kind != '-' {
				is = append(is, s)
			}
		}
		flat := func(s string) []string {
			var out []string
			for _, x := range sentences(s) {
				out = append(out, strings.Join(strings.Fields(x), " "))
			}
			return out
		}
		if !slices.Equal(was, flat(a)) || !slices.Equal(is, flat(b)) {
			t.Fatalf("from %q to %q: was %q, is %q", a, b, was, is)
		}
		if Differs(Diff(a, a)) {
			t.Fatalf("%q differs from itself", a)
		}
	})
}

func TestChoicesSayNoMoreThanIsSeen(t *testing.T) {
	v := fixture.Comms()
	s, _ := v.Message("validators-status")
	values := func(field string) string {
		var out []string
		for _, c := range Choices(v, s, field, v.Now) {
			out = append(out, c.Value)
		}
		return strings.Join(out, "|")
	}
	if got := values("impact"); got != "no customer effect seen since 02:58 UTC|some requests are slow or fail|not known yet; we are looking into it" {
		t.Errorf("impact: %s", got)
	}
	v.Snap.Chain.Halted = nodes.True
	if got := values("impact"); strings.Contains(got, "no customer effect") {
		t.Errorf("halted, and it offers %s", got)
	}
	s.Every = map[string]time.Duration{"sev2": 30 * time.Minute}
	if got := values("next_update"); got != "03:50 UTC|03:35 UTC" {
		t.Errorf("next_update: %s", got)
	}
	if got := values("commander"); got != "" {
		t.Errorf("commander: %s", got)
	}
}

func TestNoChange(t *testing.T) {
	now := fixture.At("03:31:00")
	s := cockpit.SayView{Missing: []string{"impact", "owner", "next_update", "eta"}}
	if _, fields := NoChange(s, now); len(fields) > 0 {
		t.Error("nothing was said before")
	}
	s.PostedAt, s.Due = fixture.At("03:17:03"), now.Add(time.Minute)
	value, fields := NoChange(s, now)
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	if value != "no change since 03:17 UTC" || strings.Join(names, " ") != "impact owner" {
		t.Errorf("%q in %v", value, names)
	}
	s.Due = time.Time{}
	if _, fields := NoChange(s, now); len(fields) > 0 {
		t.Error("no update is due")
	}
}

func TestWhatStandsOpenElsewhere(t *testing.T) {
	v := fixture.Stuck()
	if got := OpenElsewhere(v); strings.Join(got, "|") != "status-page: incident 8k2j  monitoring" {
		t.Errorf("%q", got)
	}
	done := v.State.Rows[3]
	done.ID, done.Update, done.StatusState, done.Remote = "r9", 2, "resolved", outbox.Remote{}
	v.State.Rows = append(v.State.Rows, done)
	if got := OpenElsewhere(v); len(got) != 0 {
		t.Errorf("resolved, and still open: %q", got)
	}
}

func TestWhatHappenedToACopy(t *testing.T) {
	at := func(s int) time.Time { return fixture.At("03:00:00").Add(time.Duration(s) * time.Second) }
	moments := []incident.Moment{{At: at(0), State: outbox.Queued, By: "ada"}, {At: at(0), State: outbox.Sending, Attempt: 1},
		{At: at(1), State: outbox.RetryWait, Attempt: 1, Error: "refused"}, {At: at(2), State: outbox.Sending, Attempt: 2},
		{At: at(3), State: outbox.RetryWait, Attempt: 2, Limited: true}, {At: at(4), State: outbox.Sending, Attempt: 2},
		{At: at(5), State: outbox.Unknown, Attempt: 2, Error: "cut"}, {At: at(6), State: outbox.Reconciling, Attempt: 2},
		{At: at(6), State: outbox.Unknown, Lookups: 1}, {At: at(7), State: outbox.Reconciling, Lookups: 1},
		{At: at(7), State: outbox.Unknown, Lookups: 2, Absents: 1}, {At: at(8), State: outbox.Reconciling, Lookups: 2, Absents: 1},
		{At: at(8), State: outbox.NeedsHuman, Lookups: 3, Absents: 1}, {At: at(9), State: outbox.Queued, By: "ada"},
		{At: at(9), State: outbox.Sending, Attempt: 3}, {At: at(10), State: outbox.Rejected, Error: "no such channel"},
		{At: at(11), State: outbox.ByHand, By: "ada"}}
	v := cockpit.View{State: incident.State{Trails: map[string][]incident.Moment{"r": moments}}}
	want := []string{"queued by ada", "sending", "it did not leave: refused", "sending again, try 2", "the channel asks to wait; nothing was posted",
		"sending again, try 2", "the answer was lost: it may be there or not: cut", "looked, no clear answer", "looked: not there (1 of 2 needed)",
		"only a person can tell whether it is there", "ada says that it is not there: it is sent once more", "sending again, try 3",
		"the channel refused it: no such channel", "ada posted it by hand"}
	var got []string
	for _, h := range Happened(v, outbox.Row{ID: "r", State: outbox.ByHand}, false, at(20)) {
		got = append(got, h.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
