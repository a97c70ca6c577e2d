package cockpit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/nodes"
)

// two is a cockpit whose fleet has a second key, and the second record.
func two(t *testing.T) (*Cockpit, *paper) {
	t.Helper()
	c, _, _ := sit(t)
	second := &paper{}
	c.o.Fleet.Hosts = append(c.o.Fleet.Hosts, config.Host{Name: "val-3"}, config.Host{Name: "val-3s"})
	c.o.Fleet.Keys = append(c.o.Fleet.Keys, config.Key{Name: "val-3", Hosts: []string{"val-3", "val-3s"}, Standbys: []string{"val-3s"}})
	c.o.OpenOther = func(time.Time, checklists.Book, map[string]string) (string, Record, error) {
		return "INC-20261123-002", second, nil
	}
	c.mu.Lock()
	c.snap = nodes.Snapshot{At: c.clk.Now(), Keys: []nodes.Key{
		{Name: "val-2", Signing: nodes.False, MissedStreak: 5, StoppedSince: start},
		{Name: "val-3", Signing: nodes.False, MissedStreak: 5, StoppedSince: start}}}
	c.noteAlertsLocked()
	c.observeLocked(false)
	c.mu.Unlock()
	return c, second
}

func alert(t *testing.T, c *Cockpit, kind string) Alert {
	t.Helper()
	for _, a := range c.View().Alerts {
		if a.Kind == kind {
			return a
		}
	}
	t.Fatalf("no alert %s", kind)
	return Alert{}
}

// A second incident gets a record of its own; the first goes on, and knows.
func TestDeclareOther(t *testing.T) {
	c, second := two(t)
	c.o.Back = func(id string) string { return "relight " + id + " --journal here" }
	if a := alert(t, c, "key-silent val-2"); a.Offer != nil {
		t.Error("a second incident is offered about the key of the first")
	}
	a := alert(t, c, "key-silent val-3")
	if !a.Asks || a.Offer == nil || a.Offer.Params["key"] != "val-3" || a.Offer.Params["standby"] != "val-3s" {
		t.Fatalf("%+v, offer %+v", a, a.Offer)
	}
	id, err := c.DeclareOther(Declaration{Runbook: a.Offer.Runbook, Title: a.Offer.Title, Severity: a.Offer.Severity, Params: a.Offer.Params,
		Onset: a.Offer.Onset, Alert: a.Kind})
	if err != nil || id != "INC-20261123-002" {
		t.Fatal(id, err)
	}
	if n := c.View().Notice; !strings.HasSuffix(n, "relight INC-20261123-002 --journal here") {
		t.Errorf("notice %q", n)
	}
	if c.State().ID != "INC-20261123-001" {
		t.Errorf("this cockpit flies %s now", c.State().ID)
	}
	if a := alert(t, c, "key-silent val-3"); a.Answer != incident.AlarmDeclared || a.AnswerNote != id || a.Asks {
		t.Errorf("the alert is %q %q, asks %t", a.Answer, a.AnswerNote, a.Asks)
	}
	log, err := Decode(second.entries)
	if err != nil {
		t.Fatal(err)
	}
	s := Fold(log)
	if !s.Open() || s.ID != id || s.Params["key"] != "val-3" || s.Clocks[0].Started.IsZero() || s.Roles["commander"] != "mira" {
		t.Errorf("the second record: %+v", s)
	}
	got := ""
	for _, al := range s.Alarms {
		got += fmt.Sprintf("%s %s%s; ", al.Kind, al.Answer, al.Note)
	}
	if got != "key-silent val-2 declaredINC-20261123-001; key-silent val-3 own; " {
		t.Errorf("alarms of the second: %s", got)
	}
}

// Two incidents never command one key.
func TestDeclareOtherOnTheSameKey(t *testing.T) {
	c, second := two(t)
	for name, params := range map[string]map[string]string{
		"the key":       {"key": "val-2", "failed": "val-2", "standby": "val-2s"},
		"a host of it":  {"key": "val-3", "failed": "val-3", "standby": "val-2s"},
		"the other way": {"key": "val-3", "failed": "val-2", "standby": "val-3s"},
	} {
		_, err := c.DeclareOther(Declaration{Runbook: "single-validator-failover", Title: "x", Params: params})
		var refusal *incident.Refusal
		if !errors.As(err, &refusal) || refusal.Do != "attach it" || len(second.entries) != 0 {
			t.Errorf("%s: %v, %d events", name, err, len(second.entries))
		}
	}
	c.o.OpenOther = nil
	if _, err := c.DeclareOther(Declaration{Runbook: "single-validator-failover", Params: map[string]string{"key": "val-3"}}); err == nil {
		t.Error("declared where there is one cockpit")
	}
	if a := alert(t, c, "key-silent val-3"); a.Offer != nil {
		t.Error("offered where there is one cockpit")
	}
}

// A second record that cannot be written is no second incident.
func TestDeclareOtherUnrecorded(t *testing.T) {
	c, second := two(t)
	second.full = true
	_, err := c.DeclareOther(Declaration{Runbook: "single-validator-failover", Title: "x", Severity: "sev3", Alert: "key-silent val-3",
		Params: map[string]string{"key": "val-3", "failed": "val-3", "standby": "val-3s"}})
	if !errors.Is(err, ErrNoRecord) || alert(t, c, "key-silent val-3").Answer != "" {
		t.Errorf("%v", err)
	}
}

func TestReaches(t *testing.T) {
	c, _ := two(t)
	run := func(b checklists.Block) checklists.Book {
		return checklists.Book{Phases: []checklists.Phase{{Kind: checklists.During, Groups: []checklists.Group{{Steps: []checklists.Step{{ID: "a", Run: &b}}}}}}}
	}
	c.o.Fleet.Hosts[2].Groups = []string{"validators"}
	for name, x := range map[string]struct {
		book checklists.Book
		want string
	}{
		"nothing":       {checklists.Book{}, "[]"},
		"a host":        {run(checklists.Block{Host: "val-3s"}), "[val-3]"},
		"a parameter":   {run(checklists.Block{Host: "$where"}), "[val-2]"},
		"not filled in": {run(checklists.Block{Host: "$nobody"}), "[]"},
		"a group":       {run(checklists.Block{Group: "validators"}), "[val-3]"},
		"this machine":  {run(checklists.Block{Host: "local"}), "[val-2 val-3]"},
	} {
		if got := fmt.Sprint(Reaches(x.book, map[string]string{"where": "val-2s"}, c.o.Fleet)); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
}

// The past is read when the cockpit begins, each minute, and after a close;
// never while somebody looks at the View.
func TestPast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := sit(t)
		c.clk = clock.Real()
		var calls atomic.Int32
		c.o.Past = func(context.Context, time.Time) ([]Other, []Review, error) {
			if calls.Add(1) == 2 {
				return nil, nil, errors.New("the disk is gone")
			}
			var out []Other
			for i := range 8 {
				out = append(out, Other{ID: fmt.Sprint("closed-", i), Ended: start.Add(time.Duration(i) * time.Hour)})
			}
			return append(out, Other{ID: "INC-20261123-001", Open: true}, Other{ID: "open", Open: true}), []Review{{Runbook: "r"}}, nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { c.Run(ctx); close(ended) }()
		synctest.Wait()
		v := c.View()
		var ids []string
		for _, o := range v.Others {
			ids = append(ids, o.ID)
		}
		if got := strings.Join(ids, " "); got != "open closed-7 closed-6 closed-5 closed-4 closed-3" || len(v.Reviews) != 1 || calls.Load() != 1 {
			t.Errorf("%s, %v, %d calls", got, v.Reviews, calls.Load())
		}
		time.Sleep(pastEvery)
		synctest.Wait()
		if v := c.View(); calls.Load() != 2 || len(v.Others) != 6 || !strings.Contains(v.Notice, "the disk is gone") {
			t.Errorf("after a failed reading: %d calls, %d others, %q", calls.Load(), len(v.Others), v.Notice)
		}
		if err := c.Do(incident.Abort{By: "mira", Reason: "test"}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if calls.Load() != 3 {
			t.Errorf("%d calls after the end", calls.Load())
		}
		cancel()
		<-ended
	})
}

// After a resume the View says how long nobody watched and what happened.
func TestAway(t *testing.T) {
	c, p, r := sit(t)
	entries := append([]journal.Entry(nil), p.entries...)
	if c.View().Away != nil {
		t.Error("away in the cockpit that declared it")
	}
	back := start.Add(10 * time.Minute)
	again := New(Options{Clock: clock.NewRehearsal(back, 1), Person: "mira", Books: r, Watcher: r, Runner: r, Poster: r, Fleet: c.o.Fleet})
	entries = append(entries, alarmOf(t, "key-silent val-2", "val-2 has signed no block."))
	if err := again.Resume(&paper{}, entries, "mira"); err != nil {
		t.Fatal(err)
	}
	again.mu.Lock()
	again.snap = nodes.Snapshot{At: back.Add(time.Second), Keys: []nodes.Key{
		{Name: "val-2", Signing: nodes.True, SignedFrom: 1204176, SignedSince: start.Add(9 * time.Minute)},
		{Name: "val-9", Signing: nodes.True, SignedFrom: 7, SignedSince: start.Add(-time.Hour)}}}
	again.away.follow(again.snap)
	again.observeLocked(false)
	again.mu.Unlock()
	a := again.View().Away
	if a == nil || !a.From.Equal(start) || a.To.Sub(back) > time.Minute || a.Entries != len(entries) {
		t.Fatalf("%+v", a)
	}
	if got := strings.Join(a.Lines, "; "); got != "03:09:00 val-2 signed again, from block 1204176 on; over: val-2 has signed no block." {
		t.Errorf("%s", got)
	}
}

func alarmOf(t *testing.T, kind, text string) journal.Entry {
	t.Helper()
	drafts, err := encode([]incident.Event{incident.AlarmRaised{Alarm: incident.Alarm{Kind: kind, Text: text}}}, start)
	if err != nil {
		t.Fatal(err)
	}
	return journal.Entry{ID: "x", At: drafts[0].At, Kind: drafts[0].Kind, Data: drafts[0].Data}
}
