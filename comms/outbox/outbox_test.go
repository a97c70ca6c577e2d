package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLongRuns drives an outbox of several lanes through long random
// histories. At the end the channels heal and a person answers: then every row
// must stand in its channel exactly once, in order.
func TestLongRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []Row
		for i := range rapid.IntRange(1, 7).Draw(t, "rows") {
			lane := rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "lane")
			rows = append(rows, Row{ID: fmt.Sprintf("r%02d", i), Incident: "I", Lane: lane,
				Bucket: rapid.SampledFrom([]string{"", "k"}).Draw(t, "bucket"), Template: "t", Update: i})
		}
		w := newWorld(rows...)
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			m := rapid.SampledFrom(w.moves()).Draw(t, "move")
			if strings.Contains(m.name, "byhand") {
				continue
			}
			w = m.to
			if why := w.broken(); why != "" {
				t.Fatalf("%s after %s", why, m.name)
			}
		}
		heal(t, w)
	})
}

// heal lets every channel answer truthfully and in full, and a person answer
// what only a person can.
func heal(t *rapid.T, w world) {
	for range 500 {
		moved := false
		for i, r := range w.rows {
			stands := w.posted[r.ID] > 0
			switch r.State {
			case Sending:
				w.post(r)
				w.rows[i] = Ended(r, Outcome{Class: ClassDelivered}, w.now, 1)
			case Reconciling:
				class := Absent
				if stands {
					class = Found
				}
				w.rows[i] = Reconciled(r, LookupResult{Class: class}, w.now)
			case Rejected, NeedsHuman:
				a := AnswerNotSent
				if stands {
					a = AnswerSent
				}
				w.rows[i] = Human(r, a, "ada", w.now)
			default:
				continue
			}
			moved = true
		}
		for _, a := range Next(w.rows, w.now) {
			for i, r := range w.rows {
				if r.ID == a.Row.ID {
					w.rows[i], moved = Started(r, w.now), true
				}
			}
		}
		if why := w.broken(); why != "" {
			t.Fatal(why)
		}
		if !moved {
			wake := NextWake(w.rows)
			if wake.IsZero() {
				break
			}
			w.now = wake
		}
	}
	for _, r := range w.rows {
		if r.State != Delivered || w.posted[r.ID] != 1 {
			t.Fatalf("%s is %s and stands there %d times", r.ID, r.State, w.posted[r.ID])
		}
	}
}

func TestBackoff(t *testing.T) {
	base := []time.Duration{1, 1, 2, 4, 8, 16, 30, 30, 30}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-3, 1000).Draw(t, "attempt")
		seed := rapid.Uint64().Draw(t, "seed")
		want := base[min(max(n, 0), len(base)-1)] * time.Second
		got := Backoff(n, seed, "a")
		if got < want*8/10 || got > want*12/10 {
			t.Fatalf("after attempt %d: %s, want %s within a fifth", n, got, want)
		}
		if again := Backoff(n, seed, "a"); again != got {
			t.Fatalf("the same seed gave %s and %s", got, again)
		}
	})
	if Backoff(6, 1, "a") == Backoff(6, 1, "b") && Backoff(6, 2, "a") == Backoff(6, 2, "b") {
		t.Error("rows that fail together wait the same time")
	}
}

func TestRowSurvivesJSON(t *testing.T) {
	r := Seal(Row{ID: "01J", Incident: "INC-1", Lane: "x", Template: "t", Title: "T", Body: "b", Audience: Public})
	r, err := Enqueue(nil, r, "ada", t0)
	if err != nil {
		t.Fatal(err)
	}
	r = Ended(Started(r, t0), Outcome{Class: ClassDelivered, Remote: Remote{ID: "1", Link: "l"}}, t0.Add(time.Second), 1)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Row
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back != r {
		t.Errorf("came back as %+v, was %+v", back, r)
	}
	var empty []byte
	if empty, err = json.Marshal(Row{}); err != nil || strings.Contains(string(empty), "0001") {
		t.Errorf("an empty row writes zero times: %s %v", empty, err)
	}
}

func TestMarker(t *testing.T) {
	r := Row{ID: "01J", Incident: "INC-1", Lane: "x", Template: "t"}
	m := MarkerOf(r)
	if len(m) != 20 || strings.ToLower(m) != m {
		t.Errorf("marker %q: want 20 characters in lower case", m)
	}
	for _, o := range []Row{{ID: "01K", Incident: "INC-1", Lane: "x", Template: "t"},
		{ID: "01J", Incident: "INC-1", Lane: "x", Template: "t", Part: 1}} {
		if MarkerOf(o) == m {
			t.Errorf("%+v has the same marker", o)
		}
	}
	sealed := Seal(r)
	sealed.Body = "edited"
	if again := Seal(sealed); again.Marker != m || again.SHA256 == sealed.SHA256 {
		t.Error("an edit must change the hash and keep the marker")
	}
	if Opaque("a", "bc") == Opaque("ab", "c") {
		t.Error("parts run into each other")
	}
}

func TestFirstWord(t *testing.T) {
	first := Row{ID: "a", Incident: "I", Lane: "x", Place: 1, Template: "activated", State: Queued}
	second := Row{ID: "b", Incident: "I", Lane: "x", Place: 2, Template: "progress", State: Queued}
	rows := []Row{second, first}
	if !Opens(rows, first) {
		t.Error("the first row opens its lane")
	}
	rows[1] = Cancel(first, "ada", t0)
	if !Opens(rows, second) {
		t.Error("after a cancelled announcement the update is the first word")
	}
	first.State, first.Remote = Delivered, Remote{ID: "inc9"}
	rows[1] = first
	if Opens(rows, second) {
		t.Error("a delivered announcement was not seen")
	}
	if at, ok := Parent(rows, second); !ok || at.ID != "inc9" {
		t.Errorf("parent %v %v", at, ok)
	}
	rows[1] = Row{ID: "a", Incident: "I", Lane: "x", Place: 1, State: ByHand}
	if _, ok := Parent(rows, second); ok || Opens(rows, second) {
		t.Error("posted by hand without an id: no parent, and no second incident either")
	}
}

func TestNothingMovesOutOfTurn(t *testing.T) {
	for _, s := range States() {
		r := Row{ID: "a", State: s, Template: "t", Lane: "x"}
		if s != Sending && Ended(r, Outcome{Class: ClassDelivered}, t0, 1) != r {
			t.Errorf("%s: a result without an attempt moved the row", s)
		}
		if s != Reconciling && Reconciled(r, LookupResult{Class: Found}, t0) != r {
			t.Errorf("%s: a find without a look-up moved the row", s)
		}
		for _, a := range []Answer{AnswerSent, AnswerNotSent, AnswerByHand, "shrug"} {
			got := Human(r, a, "ada", t0)
			if (s == Sending || s.Settled() || a == "shrug") && got != r {
				t.Errorf("%s: %s moved the row to %s", s, a, got.State)
			}
		}
		if taken := Cancel(r, "ada", t0) != r; taken != s.Unsent() {
			t.Errorf("%s: cancel gave %v", s, taken)
		}
		if gone := Unneeded(r, t0) != r; gone != s.Unsent() {
			t.Errorf("%s: not needed gave %v", s, gone)
		}
		if s != Draft {
			if _, err := Enqueue(nil, r, "ada", t0); !errors.Is(err, ErrNotDraft) {
				t.Errorf("%s was queued: %v", s, err)
			}
		}
	}
	pinned := Row{ID: "b", Place: 2, State: Queued, Pinned: true}
	if MaySupersede(nil, pinned) == nil {
		t.Error("a pinned row was superseded")
	}
}
