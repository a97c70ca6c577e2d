package plain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/tui/internal/fixture"
)

func moments() map[string]func() cockpit.View {
	all := fixture.Moments()
	all["closed"] = closed
	all["later"], all["two-later"], all["back"], all["others"], all["cuts"], all["otherwise"], all["stands"] = later, twoLater, backAgain, others, cuts, otherwise, stands
	all["roll"], all["still"], all["owed"] = called, still, owed
	return all
}

func closed() cockpit.View {
	v := fixture.After()
	v.Now = v.Now.Add(time.Minute)
	v.State.Closed, v.Steps, v.Says, v.CanClose = v.Now, nil, nil, false
	return v
}

// later is a flight in which a second key falls silent.
func later() cockpit.View {
	v := fixture.Running()
	v.Alerts = append(v.Alerts[:len(v.Alerts):len(v.Alerts)], cockpit.Alert{Kind: "key-silent val-3", Text: "val-3 has signed no block since 03:09:10 UTC; 12 missed in a row.", Asks: true,
		Offer: &cockpit.Offer{Runbook: "single-validator-failover", Title: "val-3 signs no blocks", Severity: "sev3", Params: map[string]string{"key": "val-3"}}})
	return v
}

func twoLater() cockpit.View {
	v := later()
	v.Alerts = append(v.Alerts, cockpit.Alert{Kind: "fork val-9", Warning: true, Text: "val-9 and val-3 disagree at height 7.", Asks: true})
	return v
}

// stands is a halted chain with the votes of its validators.
func stands() cockpit.View {
	v := fixture.Halted()
	v.Snap.Chain.Power.Known, v.Snap.Chain.Power.Online, v.Snap.Chain.Power.Total = nodes.True, 760, 1200
	v.Snap.Chain.Votes = &nodes.Votes{Height: 1204058, Ballots: []nodes.Ballot{
		{Name: "northstake", Power: 670, Prevote: nodes.PrevoteBlock, Online: true}, {Name: "mosaic", Power: 90, Prevote: nodes.PrevoteNil, Online: true},
		{Name: "val-1", Key: "validator-1", Power: 300, Prevote: nodes.PrevoteNone}, {Name: "oak", Address: "OAK", Power: 140, Prevote: nodes.PrevoteUnknown}}}
	return v
}

// called is the same after an operator was asked.
func called() cockpit.View {
	v := stands()
	v.State.Roll = []incident.Roll{{Address: "OAK", Name: "oak", Stage: incident.RollAsked, By: "mira", At: v.Now}}
	v.State.Log = append(v.State.Log[:len(v.State.Log):len(v.State.Log)], incident.Entry{At: v.Now, By: "mira", Kind: "roll call", Text: "oak is asked"})
	return v
}

// owed is an incident in which every step is settled and a channel still waits to
// hear that it is over.
func owed() cockpit.View {
	v := fixture.Flight()
	v.State.Resolved, v.Current, v.Steps, v.Choices = v.Now, "", nil, nil
	v.Says = v.Says[:1]
	v.Says[0].Due, v.Says[0].Lock, v.Says[0].NotNeeded = v.Now.Add(time.Minute), incident.Lock{}, false
	v.Says[0].Own = "incident-declared#2/words"
	return v
}

// still is a chain that goes on to stand: only ages and the round have changed.
func still() cockpit.View {
	v := stands()
	v.Now, v.Snap.At = v.Now.Add(2*time.Second), v.Snap.At.Add(2*time.Second)
	v.Snap.Chain.Votes.Round++
	return v
}

func backAgain() cockpit.View {
	v := fixture.Unknown()
	v.Away = &cockpit.Away{From: v.Now.Add(-48 * time.Second), To: v.Now, Entries: 214, Lines: []string{"03:14:41 val-2 signed again, from block 1204176 on"}}
	return v
}

func others() cockpit.View {
	v := fixture.Home()
	v.Others = []cockpit.Other{{ID: "INC-20261121-002", Title: "api \x1b[31mslow", Severity: "sev2", Status: "open", Open: true},
		{ID: "INC-20261109-001", Title: "halt", Severity: "sev1", Status: "closed", Ended: v.Now.Add(-time.Hour)}}
	v.Reviews = []cockpit.Review{{Runbook: "restore", Title: "Restore test", Every: "monthly"},
		{Runbook: "zone", Title: "Zone failover", Every: "quarterly", Due: v.Now.Add(-48 * time.Hour), Last: v.Now.Add(-2000 * time.Hour)},
		{Runbook: "val", Title: "Validator failover", Due: v.Now.Add(-24 * time.Hour)}, {Runbook: "later", Title: "Later", Every: "daily", Due: v.Now.Add(time.Hour)}}
	return v
}

func cuts() cockpit.View {
	v := later()
	for i := range v.Steps {
		if v.Steps[i].Status == incident.Running {
			v.Steps[i].Stoppable = true
			v.Steps[i].Cuts = []cockpit.Cut{{Host: "val-2", How: "power", Word: "val-2"}}
		}
	}
	return v
}

func otherwise() cockpit.View {
	v := fixture.Running()
	for i := range v.Steps {
		if st := &v.Steps[i]; st.Status == incident.Running {
			st.Status, st.Otherwise = incident.Done, []incident.Reading{{Text: "host(val-2).fenced == true", Value: "false", Truth: incident.False}}
		}
	}
	v.State.Log = append(v.State.Log[:len(v.State.Log):len(v.State.Log)], incident.Entry{By: "mira", Kind: "stopped", Text: `stopped "Restart" while it ran`},
		incident.Entry{By: "mira", Kind: "cut", Text: "cuts the power of val-2"}, incident.Entry{Kind: "cut", Text: "the power of val-2: read back as cut (off)"})
	return v
}

// TestStory plays testdata/*.txt: "show MOMENT" gives the next view, "type"
// types its input line by line. What is written and what is asked of the
// cockpit stands below.
func TestStory(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		c := fixture.New(fixture.Home())
		out := &bytes.Buffer{}
		p := &session{c: c, out: out}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			out.Reset()
			calls := len(c.Calls())
			switch d.Cmd {
			case "show":
				c.Show(moments()[d.CmdArgs[0].Key]())
				p.tell()
			case "refuse":
				why := strings.TrimSpace(d.Input)
				c.React = func(_ string, v cockpit.View) (cockpit.View, error) {
					return v, &incident.Refusal{What: "it", Why: why, Do: "look"}
				}
			case "type":
				for _, l := range strings.Split(d.Input, "\n") {
					p.take(t.Context(), l)
				}
			default:
				t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
			}
			for _, call := range c.Calls()[calls:] {
				fmt.Fprintf(out, ">> %s\n", call)
			}
			return out.String()
		})
	})
}

func TestRunEndsWithTheInputAndLeavesTheIncidentOpen(t *testing.T) {
	c := fixture.New(fixture.Flight())
	var out bytes.Buffer
	err := Run(t.Context(), strings.NewReader("note all well\nquit\nnever read\n"), &out, c, Options{Back: func(incident.State) string { return "relight drill" }})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Calls(); len(got) != 1 || !strings.Contains(got[0], "all well") {
		t.Errorf("calls: %q", got)
	}
	if !strings.Contains(out.String(), "stays open. To come back: relight drill\n") {
		t.Errorf("the last line does not say how to come back:\n%s", out.String())
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c := fixture.New(fixture.Flight())
	in, keep := io.Pipe()
	defer keep.Close()
	cause := errors.New("hung up")
	cancel(cause)
	if err := Run(ctx, in, io.Discard, c, Options{}); !errors.Is(err, cause) {
		t.Errorf("Run = %v", err)
	}
}

func TestRunTellsWhatChanges(t *testing.T) {
	c := fixture.New(fixture.Home())
	in, keep := io.Pipe()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Run(t.Context(), in, w, c, Options{Every: time.Millisecond})
		w.Close()
	}()
	buf := make([]byte, 64<<10)
	var got strings.Builder
	for shown := false; !strings.Contains(got.String(), "ASK  Declare it?"); {
		n, err := r.Read(buf)
		if err != nil {
			t.Fatalf("%v after %s", err, got.String())
		}
		got.Write(buf[:n])
		if !shown {
			c.Show(fixture.Alert())
			shown = true
		}
	}
	keep.Close()
	_, _ = io.Copy(io.Discard, r)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestNothingFromOutsideReachesTheTerminalRaw(t *testing.T) {
	var out bytes.Buffer
	p := &session{c: fixture.New(fixture.Hostile()), out: &out}
	p.tell()
	for _, cmd := range []string{"nodes", "says", "says leadership-summary", "out", "steps", "step", "fence", "\x1b[2Jfoo"} {
		p.take(t.Context(), cmd)
	}
	if bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x9f]|\x{202e}|\x{200b}`).FindString(out.String()); bad != "" {
		t.Errorf("%q was written", bad)
	}
}
