package words

import (
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
)

// Watch is what all that is watched comes to: nodes, hosts, endpoints and
// databases that were asked, and the keys of the chain.
type Watch struct {
	Answers, All int // of nodes, hosts, endpoints and databases
	Wrong        int // not as it should be; keys count, too
	Asks         int // nobody knows
	Behind       int // nodes that catch up
	Fenced       int // nodes that were stopped on purpose
	Alerts       int // what is wrong by an alert, which may see more than one thing at a time, or was told
	Oldest       time.Time
}

// Watched counts all that is watched.
func Watched(v cockpit.View) Watch {
	var w Watch
	count := func(l Level) {
		switch {
		case l == Unknown:
			w.Asks++
		case l > Calm:
			w.Wrong++
		}
	}
	answer := func(ok bool, at time.Time) {
		if w.All++; !ok {
			return
		}
		if w.Answers++; w.Oldest.IsZero() || at.Before(w.Oldest) {
			w.Oldest = at
		}
	}
	for _, n := range v.Snap.Nodes {
		answer(n.State == nodes.Up, n.SeenAt)
		_, _, level := Node(v, n)
		count(level)
		switch {
		case level > Calm:
		case n.State == nodes.Down:
			w.Fenced++
		case n.CatchingUp == nodes.True:
			w.Behind++
		}
	}
	for _, h := range v.Snap.Hosts {
		if h.At.IsZero() {
			continue // nobody asks it in calm
		}
		// How old the answer of a host is says nothing of the watch: in calm it
		// is seldom asked.
		w.All++
		if _, _, level := Host(v, h); level == Calm {
			w.Answers++
		} else {
			count(level)
		}
	}
	for _, e := range v.Snap.Endpoints {
		answer(e.OK == nodes.True, e.At)
		_, _, level := Endpoint(e)
		count(level)
	}
	for _, d := range v.Snap.Databases {
		answer(d.State == nodes.Up, d.SeenAt)
		_, _, level := Database(d)
		count(level)
	}
	for _, k := range v.Snap.Keys {
		_, _, level := Key(v, k, v.Now)
		count(level)
	}
	w.Alerts = len(v.Alerts)
	return w
}

// Fine says that nothing watched is wrong or unknown.
func (w Watch) Fine() bool { return w.Wrong == 0 && w.Asks == 0 }

// Text is the one line that folds all that is watched.
func (w Watch) Text() string {
	if w.All == 0 || w.Answers == 0 && w.Wrong == 0 {
		return "Looking for the first time."
	}
	of := Num(int64(w.Answers)) + " of " + Num(int64(w.All)) + " answer"
	var rest []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{w.Wrong, "1 is wrong", "are wrong"}, {w.Asks, "1 is not known", "are not known"},
		{w.Behind, "1 is catching up", "are catching up"}, {w.Fenced, "1 is fenced", "are fenced"}} {
		switch {
		case p.n == 1:
			rest = append(rest, p.one)
		case p.n > 1:
			rest = append(rest, Num(int64(p.n))+" "+p.many)
		}
	}
	switch {
	case w.Fine() && w.Alerts > 0:
		return of + ", and nothing is wrong with any of them alone: see the alert."
	case len(rest) == 0:
		return "Everything watched is normal. " + of + ". Nothing is wrong."
	case w.Fine():
		return "Nothing is wrong. " + of + "; " + strings.Join(rest, ", ") + "."
	}
	return of + "; " + strings.Join(rest, ", ") + "."
}
