package outbox

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// world is an outbox with the channels behind it: what really stands there,
// however little the outbox was told. It is small enough to be walked through
// completely.
type world struct {
	rows   []Row
	posted map[string]int // how often each row stands in its channel
	order  map[string][]string
	now    time.Time
}

func newWorld(rows ...Row) world {
	w := world{posted: map[string]int{}, order: map[string][]string{}, now: t0}
	for _, r := range rows {
		q, err := Enqueue(w.rows, r, "ada", w.now)
		if err != nil {
			panic(err)
		}
		w.rows = append(w.rows, q)
	}
	return w
}

func (w world) clone() world {
	c := world{rows: append([]Row(nil), w.rows...), posted: map[string]int{}, order: map[string][]string{}, now: w.now}
	for k, v := range w.posted {
		c.posted[k] = v
	}
	for k, v := range w.order {
		c.order[k] = append([]string(nil), v...)
	}
	return c
}

func (w *world) post(r Row) {
	w.posted[r.ID]++
	w.order[r.Lane] = append(w.order[r.Lane], r.ID)
}

// move is one thing that can happen next, with its name for the failure report.
type move struct {
	name string
	to   world
}

// answers are all the truths and silences a channel may give to a request.
func (w world) answers(i int) []move {
	var out []move
	row := w.rows[i]
	add := func(name string, f func(c *world)) {
		c := w.clone()
		f(&c)
		out = append(out, move{row.ID + " " + name, c})
	}
	if row.State == Sending {
		for _, class := range []Class{ClassNotSent, ClassRateLimited, ClassRejected, ClassUnknown, "from-the-future"} {
			add(string(class), func(c *world) { c.rows[i] = Ended(row, Outcome{Class: class}, c.now, 1) })
		}
		add("delivered", func(c *world) {
			c.post(row)
			c.rows[i] = Ended(row, Outcome{Class: ClassDelivered, Remote: Remote{ID: "x"}}, c.now, 1)
		})
		add("stored, reply lost", func(c *world) {
			c.post(row)
			c.rows[i] = Ended(row, Outcome{Class: ClassUnknown}, c.now, 1)
		})
		add("stored, then the machine dies", func(c *world) { c.post(row); c.crash() })
	}
	if row.State == Reconciling {
		truth := Absent
		if w.posted[row.ID] > 0 {
			truth = Found
		}
		for _, class := range []LookupClass{truth, Failed, Impossible} {
			add("look-up "+string(class), func(c *world) { c.rows[i] = Reconciled(row, LookupResult{Class: class}, c.now) })
		}
	}
	return out
}

func (w *world) crash() {
	for i, r := range w.rows {
		w.rows[i] = Reopen(r)
	}
}

// moves are everything that can happen next.
func (w world) moves() []move {
	var out []move
	for i, r := range w.rows {
		out = append(out, w.answers(i)...)
		for _, a := range Answers(r) {
			stands := w.posted[r.ID] > 0
			if a == AnswerSent && !stands || a == AnswerNotSent && stands || a == AnswerByHand && stands {
				continue // the person tells the truth
			}
			c := w.clone()
			if a == AnswerByHand {
				if _, waits := Blocker(w.rows, r); waits {
					continue // posting by hand out of turn is the person's own decision
				}
				c.post(r)
			}
			c.rows[i] = Human(r, a, "ada", c.now)
			out = append(out, move{r.ID + " human says " + string(a), c})
		}
	}
	for _, a := range Next(w.rows, w.now) {
		c := w.clone()
		for i, r := range c.rows {
			if r.ID == a.Row.ID {
				c.rows[i] = Started(r, c.now)
			}
		}
		out = append(out, move{string(a.Verb) + " " + a.Row.ID, c})
	}
	if wake := NextWake(w.rows); wake.After(w.now) {
		c := w.clone()
		c.now = wake
		out = append(out, move{"time passes", c})
	}
	c := w.clone()
	c.crash()
	return append(out, move{"the machine dies", c})
}

// broken is the promise that w breaks, or "".
func (w world) broken() string {
	flying := map[string]int{}
	for _, r := range w.rows {
		n := w.posted[r.ID]
		switch {
		case n > 1:
			return r.ID + " was said twice"
		case r.State == Delivered && n != 1:
			return r.ID + " is called delivered and is not there"
		case r.State.Unsent() && n != 0:
			return r.ID + " is called " + string(r.State) + " and is there"
		}
		if r.State.InFlight() {
			flying[r.Lane]++
		}
	}
	for lane, n := range flying {
		if n > 1 {
			return "two requests in flight in " + lane
		}
	}
	place := map[string]int{}
	for _, r := range w.rows {
		place[r.ID] = r.Place
	}
	for lane, ids := range w.order {
		for i := 1; i < len(ids); i++ {
			if place[ids[i]] < place[ids[i-1]] {
				return ids[i] + " was overtaken in " + lane
			}
		}
	}
	return w.lost()
}

// lost finds a row that nothing would ever move: not settled, and neither time
// nor an answer in flight nor a red row in front of a person's eyes.
func (w world) lost() string {
	for _, r := range w.rows {
		if r.State.Settled() || r.State == Draft {
			continue
		}
		at := r
		if b, ok := Blocker(w.rows, r); ok {
			at = b
		}
		asks := at.State == Rejected || at.State == NeedsHuman
		if !asks && !at.State.InFlight() && NextWake(w.rows).IsZero() {
			return r.ID + " is lost in " + string(at.State)
		}
	}
	return ""
}

// shape is w without the parts of time and count that change nothing.
func (w world) shape() string {
	type short struct {
		S       State
		A, L, N int
		Wait    time.Duration
		Posted  int
	}
	out := make([]short, 0, len(w.rows))
	for _, r := range w.rows {
		wait := max(0, r.NotBefore.Sub(w.now))
		out = append(out, short{r.State, min(r.Attempt, 3), r.Lookups, r.Absents, wait.Round(time.Second), w.posted[r.ID]})
	}
	b, _ := json.Marshal(out)
	return string(b)
}

// TestEveryPath walks through every state that two messages in one lane and one
// in another can reach, whatever the channels answer, whenever the machine
// dies, whatever a truthful person says.
func TestEveryPath(t *testing.T) {
	start := newWorld(Row{ID: "a", Incident: "I", Lane: "x", Template: "first"},
		Row{ID: "b", Incident: "I", Lane: "x", Template: "second"})
	walk(t, start, 2)
	walk(t, newWorld(Row{ID: "a", Incident: "I", Lane: "x", Bucket: "k", Template: "first"},
		Row{ID: "c", Incident: "I", Lane: "y", Bucket: "k", Template: "first"}), 1)
}

func walk(t *testing.T, start world, attempts int) {
	t.Helper()
	type node struct {
		w    world
		from string
		how  string
	}
	seen := map[string]node{start.shape(): {w: start}}
	queue := []string{start.shape()}
	settled := 0
	for len(queue) > 0 {
		key := queue[0]
		queue = queue[1:]
		w := seen[key].w
		done := true
		for _, r := range w.rows {
			done = done && r.State.Settled()
		}
		if done {
			settled++
		}
		for _, m := range w.moves() {
			k := m.to.shape()
			if _, ok := seen[k]; ok || m.to.tired(attempts) {
				continue
			}
			seen[k] = node{m.to, key, m.name}
			queue = append(queue, k)
			if why := m.to.broken(); why != "" {
				story := ""
				for at := k; at != start.shape(); at = seen[at].from {
					story = seen[at].how + "\n" + story
				}
				t.Fatalf("%s:\n%s", why, story)
			}
		}
	}
	if settled == 0 {
		t.Fatal("no path ends")
	}
	t.Log(fmt.Sprintf("%d states walked, %d of them all settled", len(seen), settled))
}

// tired bounds the walk: after so many attempts nothing new happens.
func (w world) tired(attempts int) bool {
	for _, r := range w.rows {
		if r.Attempt > attempts {
			return true
		}
	}
	return false
}
