package comms

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

// teller is an outbox with a driver, as the cockpit will wire them. Its time is
// the machine's when it begins and jumps from wake to wake.
type teller struct {
	t    *testing.T
	d    Driver
	rows []outbox.Row
	now  time.Time
	log  []string
}

func newTeller(t *testing.T, d Driver) *teller { return &teller{t: t, d: d, now: time.Now().UTC()} }

func (w *teller) post(id, template, body string) {
	w.t.Helper()
	r, err := outbox.Enqueue(w.rows, outbox.Row{ID: id, Incident: "INC-1", Lane: "incident", Template: template,
		Title: "Title of " + id, Body: body, StatusState: "identified"}, "ada", w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.rows = append(w.rows, r)
}

// run carries out what the outbox asks for until nothing is left or a person is
// needed.
func (w *teller) run() {
	for range 60 {
		acts := outbox.Next(w.rows, w.now)
		if len(acts) == 0 {
			wake := outbox.NextWake(w.rows)
			if wake.IsZero() {
				return
			}
			w.now = wake
			continue
		}
		for _, a := range acts {
			for i, r := range w.rows {
				if r.ID == a.Row.ID {
					w.rows[i] = w.act(a.Verb, outbox.Started(r, w.now))
				}
			}
		}
	}
	w.t.Fatal("never at rest: " + strings.Join(w.log, ", "))
}

func (w *teller) act(verb outbox.Verb, r outbox.Row) outbox.Row {
	p := PostOf(w.rows, r, w.now)
	if verb == outbox.Send {
		out := w.d.Send(context.Background(), p)
		w.log = append(w.log, r.ID+" "+string(out.Class))
		return outbox.Ended(r, out, w.now, 1)
	}
	found := w.d.Lookup(context.Background(), p)
	w.log = append(w.log, r.ID+" "+string(found.Class))
	return outbox.Reconciled(r, found, w.now)
}

// TestSaidOnce lets each channel fail in each way and asks for one copy of each
// message in the end, or for a person where the channel cannot be asked.
func TestSaidOnce(t *testing.T) {
	for _, driver := range allDrivers() {
		for _, faults := range [][]string{{}, {"lost"}, {"refuse"}, {"429", "429-bare"}, {"html"}, {"empty"}, {"500", "lost"}, {"lost", "lost"}} {
			t.Run(driver+"/"+strings.Join(faults, "+"), func(t *testing.T) {
				t.Parallel()
				f := newFake(t)
				f.fault(faults...)
				w := newTeller(t, f.driver(driver))
				w.post("a", "declared", "the chain stands still")
				w.post("b", "resolved", "the chain runs")
				w.run()
				hook := strings.HasSuffix(driver, "-webhook")
				doubt := strings.Contains(strings.Join(w.log, " "), string(outbox.ClassUnknown))
				if hook && doubt {
					if w.rows[0].State != outbox.NeedsHuman || w.rows[1].State != outbox.Queued {
						t.Fatalf("a webhook in doubt: %s, behind it %s", w.rows[0].State, w.rows[1].State)
					}
					return
				}
				for _, r := range w.rows {
					if r.State != outbox.Delivered {
						t.Errorf("%s is %s (%s): %s", r.ID, r.State, r.Error, strings.Join(w.log, ", "))
					}
				}
				want := 2
				if driver == Statuspage {
					want = 1 // one incident, two updates
					if n := f.messages()[0].fields["updates"]; n != 2 {
						t.Errorf("the incident has %v updates", n)
					}
				}
				if got := len(f.messages()); got != want {
					t.Errorf("%d copies stand there, want %d: %s", got, want, strings.Join(w.log, ", "))
				}
			})
		}
	}
}

// TestBlindLookup: the reply is lost and the channel cannot be read: nobody
// guesses.
func TestBlindLookup(t *testing.T) {
	for _, driver := range []string{Slack, Discord, Statuspage} {
		f := newFake(t)
		f.blind = true
		f.fault("lost")
		w := newTeller(t, f.driver(driver))
		w.post("a", "declared", "x")
		w.run()
		if w.rows[0].State != outbox.NeedsHuman || len(f.messages()) != 1 || w.rows[0].Error == "" {
			t.Errorf("%s: %s with %d copies (%s)", driver, w.rows[0].State, len(f.messages()), w.rows[0].Error)
		}
	}
}

// TestWrongClock: our clock is minutes ahead of the channel's, the reply is
// lost, and the message is found all the same instead of being said again.
func TestWrongClock(t *testing.T) {
	for _, driver := range []string{Slack, Discord} {
		for _, skew := range []time.Duration{-7 * time.Minute, 7 * time.Minute} {
			f := newFake(t)
			f.skew = skew
			f.fault("lost")
			w := newTeller(t, f.driver(driver))
			w.post("a", "declared", "x")
			w.run()
			if n := len(f.messages()); n != 1 || w.rows[0].State != outbox.Delivered {
				t.Errorf("%s, channel's clock off by %s: %s, %d copies", driver, skew, w.rows[0].State, n)
			}
		}
	}
}

// TestNoRightToRead: Discord lists nothing to a bot that may not read. Fresh, a
// second copy is kept away by the nonce; later, a person is asked.
func TestNoRightToRead(t *testing.T) {
	for _, late := range []time.Duration{0, time.Hour} {
		f := newFake(t)
		f.noRead = true
		f.fault("lost")
		w := newTeller(t, f.driver(Discord))
		w.post("a", "declared", "x")
		sent := outbox.Started(w.rows[0], w.now)
		w.rows[0] = outbox.Reopen(sent)
		w.d.Send(context.Background(), PostOf(w.rows, sent, w.now))
		w.now = w.now.Add(late)
		w.run()
		want := outbox.Delivered
		if late > 0 {
			want = outbox.NeedsHuman
		}
		if w.rows[0].State != want || len(f.messages()) != 1 {
			t.Errorf("%s later: %s with %d copies", late, w.rows[0].State, len(f.messages()))
		}
	}
}

// TestSameTextTwice: two "no change" posts of one wording; a look-up for the
// second must not find the first.
func TestSameTextTwice(t *testing.T) {
	f := newFake(t)
	w := newTeller(t, f.driver(Discord))
	for i := range 2 {
		r, err := outbox.Enqueue(w.rows, outbox.Row{ID: fmt.Sprint(i), Incident: "INC-1", Lane: "incident", Template: "t", Update: i, Body: "No change."}, "ada", w.now)
		if err != nil {
			t.Fatal(err)
		}
		w.rows = append(w.rows, r)
	}
	f.fault("", "500")
	w.run()
	if got := len(f.messages()); got != 2 {
		t.Errorf("%d messages stand there, want 2: %s", got, strings.Join(w.log, ", "))
	}
}

// TestStatuspageNeverOpensTwice: the incident was opened by hand; an update
// without its id is refused, and goes to it once the id is given.
func TestStatuspageNeverOpensTwice(t *testing.T) {
	f := newFake(t)
	w := newTeller(t, f.driver(Statuspage))
	w.post("a", "activated", "x")
	w.rows[0] = outbox.Human(w.rows[0], outbox.AnswerByHand, "ada", w.now)
	w.post("b", "progress", "y")
	w.run()
	if w.rows[1].State != outbox.Rejected || len(f.messages()) != 0 {
		t.Fatalf("%s with %d incidents", w.rows[1].State, len(f.messages()))
	}
	other := newTeller(t, w.d)
	other.post("z", "by-hand", "x")
	other.run()
	w.rows[0].Remote.ID = other.rows[0].Remote.ID
	w.rows[1] = outbox.Retry(w.rows[1], "ada", w.now)
	w.run()
	if w.rows[1].State != outbox.Delivered || len(f.messages()) != 1 {
		t.Errorf("%s with %d incidents", w.rows[1].State, len(f.messages()))
	}
	// Our own incident, whose id is lost from the record, is found by its key.
	w.rows[0].Remote = outbox.Remote{}
	w.rows[1].Remote = outbox.Remote{}
	w.post("c", "resolved", "z")
	w.run()
	if w.rows[2].State != outbox.Delivered || len(f.messages()) != 1 {
		t.Errorf("by key: %s (%s) with %d incidents", w.rows[2].State, w.rows[2].Error, len(f.messages()))
	}
}

func TestNames(t *testing.T) {
	want := map[string]string{Slack: "#incident", Discord: "#validators", DiscordWebhook: "webhook validators", Statuspage: "VirtEngine Status"}
	for _, driver := range allDrivers() {
		f := newFake(t)
		name, err := f.driver(driver).Name(context.Background())
		if name != want[driver] || (err == nil) != (want[driver] != "") {
			t.Errorf("%s: %q %v", driver, name, err)
		}
		f.blind = true
		if _, err := f.driver(driver).Name(context.Background()); err == nil {
			t.Errorf("%s: no error from a channel that does not answer", driver)
		}
	}
}
