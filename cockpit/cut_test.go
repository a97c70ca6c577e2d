package cockpit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
)

// switches answers the commands of a configuration, in order.
type switches struct {
	rooms
	mu     sync.Mutex
	asked  []string
	answer func(command string, n int) (string, error)
}

func (s *switches) Outside(ctx context.Context, command string) (string, error) {
	s.mu.Lock()
	s.asked = append(s.asked, command)
	n := 0
	for _, a := range s.asked {
		if a == command {
			n++
		}
	}
	s.mu.Unlock()
	if command == "hang" {
		<-ctx.Done()
		return "", context.Cause(ctx)
	}
	return s.answer(command, n)
}

// cutting is a cockpit whose first holder can be cut off.
func cutting(t *testing.T, h config.Host, answer func(string, int) (string, error)) (*Cockpit, *switches) {
	t.Helper()
	c, _, _ := sit(t)
	c.clk = clock.Real()
	h.Name = "val-2"
	c.o.Fleet.Hosts[0] = h
	s := &switches{answer: answer}
	c.o.Runner = s
	return c, s
}

func lastCut(c *Cockpit) incident.Cut {
	cuts := c.State().Cuts
	if len(cuts) == 0 {
		return incident.Cut{}
	}
	return cuts[len(cuts)-1]
}

// A cut is recorded, done, and read back until it holds.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := config.Host{Power: config.Power{Off: "cut it", State: "ask it"}, Isolate: config.Isolate{On: "wall it", State: "ask the wall"}}
		c, s := cutting(t, h, func(command string, n int) (string, error) {
			if command == "ask it" && n >= 3 {
				return "power is off", nil
			}
			return "power is on", nil
		})
		fence, _ := c.View().Step("fence-failed")
		if got := fmt.Sprint(fence.Cuts); got != "[{val-2 power val-2} {val-2 network val-2}]" {
			t.Errorf("offered on the fence step: %s", got)
		}
		start, _ := c.View().Step("start")
		if got := fmt.Sprint(start.Cuts); got != "[{val-2 power val-2} {val-2 network val-2}]" {
			t.Errorf("offered on the start: %s", got)
		}
		if err := c.Cut(t.Context(), "val-2", "power", "yes"); err == nil || len(s.asked) != 0 {
			t.Fatalf("cut without the word: %v, ran %v", err, s.asked)
		}
		if err := c.Cut(t.Context(), "val-2", "power", "val-2"); err != nil {
			t.Fatal(err)
		}
		c.wg.Wait()
		if got := lastCut(c); got.Held != incident.True || got.Text != "power is off" || got.Failed != "" || got.By != "mira" {
			t.Errorf("%+v", got)
		}
		if got := fmt.Sprint(s.asked[:4]); got != "[cut it ask it ask it ask it]" {
			t.Errorf("ran %s", got)
		}
		var order []string
		for _, r := range c.Log() {
			switch r.Event.(type) {
			case incident.CutOrdered, incident.CutEnded:
				order = append(order, r.Event.Kind())
			}
		}
		if fmt.Sprint(order) != "[cut-ordered cut-ended]" {
			t.Errorf("recorded %v", order)
		}
	})
}

// What the command says proves nothing; what cannot be read back is not known.
func TestCutIsBelievedOnlyReadBack(t *testing.T) {
	for name, x := range map[string]struct {
		off, state string
		answer     func(string, int) (string, error)
		held       incident.Truth
		failed     bool
	}{
		"it says done and stays on": {"cut", "ask", func(string, int) (string, error) { return "on", nil }, incident.False, false},
		"it fails and is off":       {"cut", "ask", func(c string, _ int) (string, error) { return "off", failure(c == "cut") }, incident.True, true},
		"nobody answers":            {"cut", "ask", func(c string, _ int) (string, error) { return "off", failure(c == "ask") }, incident.NotKnown, false},
		"nothing reads it back":     {"cut", "", func(string, int) (string, error) { return "off", nil }, incident.NotKnown, false},
		"the command hangs":         {"hang", "ask", func(string, int) (string, error) { return "on", nil }, incident.False, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := cutting(t, config.Host{Power: config.Power{Off: x.off, State: x.state}}, x.answer)
				if err := c.Cut(t.Context(), "val-2", "power", "val-2"); err != nil {
					t.Fatal(err)
				}
				c.wg.Wait()
				if got := lastCut(c); got.Held != x.held || (got.Failed != "") != x.failed || got.Ended.IsZero() {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func failure(fails bool) error {
	if fails {
		return errors.New("exit 1")
	}
	return nil
}

// Only what the configuration of this fleet offers, only for holders of the
// incident's key, and only while an incident is open.
func TestCutsThatAreRefused(t *testing.T) {
	c, s := cutting(t, config.Host{Power: config.Power{Off: "cut", State: "ask"}}, nil)
	c.o.Fleet.Hosts = append(c.o.Fleet.Hosts, config.Host{Name: "db-1", Power: config.Power{Off: "cut db"}})
	for _, x := range [][2]string{{"db-1", "power"}, {"val-2", "network"}, {"val-2s", "power"}, {"nobody", "power"}, {"val-2", "plug"}} {
		var refusal *incident.Refusal
		if err := c.Cut(context.Background(), x[0], x[1], x[0]); !errors.As(err, &refusal) {
			t.Errorf("%v: %v", x, err)
		}
	}
	if err := c.Do(incident.Abort{By: "mira", Reason: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Cut(context.Background(), "val-2", "power", "val-2"); err == nil {
		t.Error("cut after the end")
	}
	if len(s.asked) != 0 {
		t.Errorf("ran %v", s.asked)
	}
}
