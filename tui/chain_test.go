package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
	"github.com/virtengine/relight/tui/words"
)

// queue are messages that are all due; those in said were posted.
func queue(said map[string]bool) cockpit.View {
	v := fixture.Filled()
	v.State.Seq += len(said)
	v.Now = v.Now.Add(time.Duration(len(said)) * time.Second)
	base := v.Says[0]
	v.Says = nil
	for i, name := range []string{"first", "second", "third", "fourth"} {
		s := base
		s.Template, s.Rows, s.Missing, s.Problems, s.Remarks, s.Fields = name, nil, nil, nil, nil, nil
		s.Body = "<" + name + " one>\n<" + name + " two>"
		s.Bodies = []incident.Body{{Channel: "status-page", Text: s.Body}}
		s.Digest, s.Due = name, v.Now.Add(time.Duration(i)*time.Second)
		if said[name] {
			s.PostedAt, s.Due = v.Now, time.Time{}
		}
		v.Says = append(v.Says, s)
	}
	return v
}

// Whenever keys come: between two posts of different messages the second stood
// on the screen whole for a second, after the first was posted, and its name was
// said.
func TestTheSecondPostIsDeliberate(t *testing.T) {
	posts, pairs := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.SampledFrom([]size{{80, 24}, {120, 40}, {200, 55}}).Draw(rt, "size")
		said := map[string]bool{}
		d := open(t, queue(said), s.w, s.h)
		whole, named := map[string]time.Time{}, map[string]bool{}
		var last time.Time
		look := func() {
			frame := d.frame()
			for _, o := range queue(said).Says {
				here := strings.Contains(frame, "<"+o.Template+" one>") && strings.Contains(frame, "<"+o.Template+" two>")
				if !here {
					delete(whole, o.Template)
				} else if _, stood := whole[o.Template]; !stood {
					whole[o.Template] = d.now
				}
				label := strings.ToUpper(o.Template[:1]) + o.Template[1:]
				named[o.Template] = named[o.Template] || strings.Contains(frame, "Shown now: "+label) || strings.Contains(frame, "P posts "+label)
			}
		}
		look()
		for range rapid.IntRange(5, 60).Draw(rt, "n") {
			d.pause(time.Duration(rapid.SampledFrom([]int{10, 200, 450, 700, 990, 1000, 1300, 2500}).Draw(rt, "pause")) * time.Millisecond)
			look()
			before := len(d.c.Calls())
			d.send(keyOf(rapid.SampledFrom([]string{"P", "P", "P", "P", "P", "P", "4", "j", "k", "esc", "enter", "tab", "f", "u"}).Draw(rt, "key")))
			for _, c := range d.c.Calls()[before:] {
				name, ok := strings.CutPrefix(c, "post ")
				if !ok {
					continue
				}
				posts++
				if !last.IsZero() {
					pairs++
					since, stood := whole[name]
					if since.Before(last) {
						since = last
					}
					if !stood || d.now.Sub(since) < time.Second || !named[name] {
						rt.Fatalf("%s was posted %s after the last; whole: %v since %s, named %v\n%s", name, d.now.Sub(last), stood, d.now.Sub(since), named[name], d.frame())
					}
				}
				last, said[name] = d.now, true
				clear(named)
				d.shows(queue(said))
			}
			look()
		}
	})
	t.Logf("%d posts, %d of them after another", posts, pairs)
	if pairs == 0 {
		t.Error("no message was posted after another: the test proves nothing")
	}
}

// P twice within a second posts one message; the answer names the one that took
// its place, and a later P posts that.
func TestPTwiceIsOnePost(t *testing.T) {
	d := open(t, queue(nil), 200, 55)
	posted := func() int { return strings.Count(fmt.Sprint(d.c.Calls()), "post ") }
	d.press("P")
	d.shows(queue(map[string]bool{"first": true}))
	d.press("P")
	if posted() != 1 {
		t.Fatalf("posted %d", posted())
	}
	d.pause(2 * time.Second).press("P")
	if posted() == 1 {
		d.sees("Shown now: Second")
		d.pause(2 * time.Second).press("P")
	}
	if posted() != 2 {
		t.Fatalf("posted %d\n%s", posted(), d.frame())
	}
}

// Where the prompt says that P posts the message shown, it was named: one P is
// enough once that stood there for a second.
func TestTheHintNamesTheMessage(t *testing.T) {
	v := fixture.Flight()
	for i, st := range v.Steps {
		if len(st.Step.Step.Comms) == 0 && v.Steps[i].Status == incident.Todo {
			v.Steps[i].Status, v.Steps[i].At = incident.Done, v.Now
		}
		if len(st.Step.Step.Comms) > 0 && st.Status == incident.Todo {
			v.Current = st.Step.Step.ID
		}
	}
	v.Says = append([]cockpit.SayView(nil), v.Says...)
	for i := range v.Says {
		v.Says[i].Missing, v.Says[i].Fields = nil, nil
	}
	n := words.NextOf(v)
	if n.Do != words.DoPost {
		t.Fatalf("the next thing is %v", n.Do)
	}
	d := open(t, v, 120, 40)
	d.m.chain = chain{id: 1, of: "another#1", at: d.now}
	d.pause(4 * time.Second).pause(2 * time.Second)
	d.sees("P posts " + words.Label(n.Say.Template))
	d.press("P").asked("post " + n.Say.Template)
}
