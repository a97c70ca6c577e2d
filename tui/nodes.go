package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// fleet is the pane of the nodes: power, what is wrong in full, and what is
// normal folded into counted lines. What is listed keeps its place under the
// person's hand: see Hand.
type fleet struct {
	size
	v   cockpit.View
	now time.Time

	order  order
	open   bool           // what is normal is listed one by one, too
	seen   map[spot]sight // of this View
	all    []spot         // all that can be listed, as the configuration has it
	seq    []spot         // what is listed one by one, in the order kept
	list   []spot         // seq, and below it the groups: a cursor can stand on each
	folded map[spot][]spot
	cursor spot          // "": the first
	back   []nodes.Way   // from a halt
	causes []words.Cause // of it
	sum    summary       // for home
	top    int           // first spot shown
	names  int           // width of the column of names

	here  bool // the pane has the focus
	held  bool // a person's hand is on the keys: nothing changes its place
	full  bool // the pane has the window for itself
	plain bool // the nodes are wanted although there are votes
	apart bool // what the halt means stands beside the pane
}

// spot is something a cursor can stand on: "node NAME", "key NAME",
// "host NAME", "endpoint NAME", "database NAME", "alert KIND", "vote ADDRESS", or "group WORD".
type spot string

// sight is what is seen of a spot.
type sight struct {
	name       string
	mark, text string
	level      words.Level
	group      string // what it is folded under; "" is never folded
	power      int64
	at         int // in the snapshot
}

// order is how the pane is sorted.
type order int

const (
	byState order = iota
	byName
	byPower
	orders
)

func (o order) String() string {
	return [...]string{"what is wrong first", "by name", "by power"}[o]
}

// restFor is how long no key may have come before a list may change its order
// by itself.
const restFor = 10 * time.Second

func nodePlace(name string) spot { return spot("node " + name) }

func (p spot) kind() string { k, _, _ := strings.Cut(string(p), " "); return k }
func (p spot) id() string   { _, n, _ := strings.Cut(string(p), " "); return n }

func (f *fleet) SetSize(s size) { f.size = s }

// Hand says whether the pane has the focus, and whether a hand is on the keys
// or on an armed action. Under a hand what is listed keeps its place: what goes
// wrong meanwhile is added below, and what became well stays until the hand
// rests. Whoever enters the pane finds it sorted.
func (f *fleet) Hand(here, held bool) {
	sort := here && !f.here || f.held && !held
	f.here, f.held = here, held
	if sort {
		f.sort()
	}
}

// SetView looks at all nodes once for each View, not for each frame.
func (f *fleet) SetView(v cockpit.View, now time.Time) {
	same := f.seen != nil && v.Now.Equal(f.v.Now) && v.State.Seq == f.v.State.Seq && sameSlice(v.Snap.Nodes, f.v.Snap.Nodes) &&
		sameSlice(v.Snap.Keys, f.v.Snap.Keys) && sameSlice(v.Snap.Hosts, f.v.Snap.Hosts) && sameSlice(v.Alerts, f.v.Alerts)
	f.v, f.now = v, now
	if same {
		return
	}
	f.back, f.causes = nodes.WaysBack(v.Snap), words.Causes(v)
	f.look()
	if f.sum = (summary{}); !v.State.Open() {
		f.sum = summed(v, now)
	}
	if f.held {
		f.keep()
	} else {
		f.sort()
	}
}

func sameSlice[T any](a, b []T) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// look sees every spot.
func (f *fleet) look() {
	f.seen, f.all, f.names = map[spot]sight{}, nil, 9
	add := func(p spot, s sight) { f.seen[p], f.all = s, append(f.all, p) }
	if f.votes() {
		f.lookVotes(add)
		return
	}
	for i, a := range f.v.Alerts {
		key, silent := strings.CutPrefix(a.Kind, "key-silent ")
		if _, ok := f.v.Snap.Key(key); silent && ok {
			continue // the key says so
		}
		st := sight{mark: words.Look, text: words.Grouped(safe.Line(a.Text)), level: words.Caution, at: i}
		if a.Warning {
			st.mark, st.level = words.Bad, words.Warning
		}
		add(spot("alert "+a.Kind), st)
	}
	wrong := map[string]bool{} // hosts with a node that is wrong
	for i, n := range f.v.Snap.Nodes {
		m, s, level := words.Node(f.v, n)
		st := sight{name: n.Name, mark: m, text: s, level: level, power: n.Power, at: i}
		word, _, _ := strings.Cut(s, ",")
		if level == words.Calm || n.State != nodes.Up && n.State != nodes.Down {
			st.group = word
		} else {
			wrong[n.Host] = true
		}
		f.names = max(f.names, min(14, width(n.Name)))
		add(nodePlace(n.Name), st)
	}
	for i, k := range f.v.Snap.Keys {
		m, s, level := words.Key(f.v, k, f.now)
		st := sight{name: k.Name, mark: m, text: s, level: level, power: k.Power, at: i}
		switch {
		case level == words.Calm && len(k.LiveEndpoints) > 0:
			continue // its node says so
		case level == words.Calm:
			st.group = "keys sign"
		case level == words.Unknown:
			st.group = "keys are not known to sign"
		}
		add(spot("key "+k.Name), st)
	}
	for i, h := range f.v.Snap.Hosts {
		m, s, level := words.Host(f.v, h)
		st := sight{name: h.Name, mark: m, text: s, level: level, at: i}
		switch {
		case h.At.IsZero() || level > words.Calm && wrong[h.Name]:
			continue // nobody asks it in calm, or its node says so
		case level == words.Calm:
			st.group = "hosts answer over SSH"
		}
		add(spot("host "+h.Name), st)
	}
	for i, e := range f.v.Snap.Endpoints {
		m, s, level := words.Endpoint(e)
		st := sight{name: e.Name, mark: m, text: s, level: level, at: i}
		if level != words.Warning {
			st.group = "endpoints answer"
		}
		if level == words.Unknown {
			st.group = "endpoints are not known to answer"
		}
		add(spot("endpoint "+e.Name), st)
	}
	for i, d := range f.v.Snap.Databases {
		m, s, level := words.Database(d)
		st := sight{name: d.Name, mark: m, text: s, level: level, at: i}
		if level == words.Calm {
			st.group = "databases serve"
		}
		if level == words.Unknown {
			st.group = "databases are not known to serve"
		}
		add(spot("database "+d.Name), st)
	}
}

// sort lists anew: in the order wanted, what is normal folded unless it is
// wanted, too.
func (f *fleet) sort() {
	f.seq = f.seq[:0:0]
	for _, p := range f.all {
		if f.seen[p].group == "" || f.open || f.order != byState && (p.kind() == "node" || p.kind() == "vote") {
			f.seq = append(f.seq, p)
		}
	}
	slices.SortStableFunc(f.seq, func(a, b spot) int {
		x, y := f.seen[a], f.seen[b]
		switch f.order {
		case byName:
			return natural(x.name, y.name)
		case byPower:
			return cmp.Compare(y.power, x.power)
		}
		if f.votes() {
			return cmp.Or(cmp.Compare(y.level, x.level), cmp.Compare(y.power, x.power))
		}
		return cmp.Compare(y.level, x.level)
	})
	f.fold()
}

// keep leaves everything where it is; what is gone goes, what is newly wrong
// comes below.
func (f *fleet) keep() {
	kept := make(map[spot]bool, len(f.seq))
	f.seq = slices.DeleteFunc(slices.Clone(f.seq), func(p spot) bool {
		_, ok := f.seen[p]
		kept[p] = ok
		return !ok
	})
	for _, p := range f.all {
		if f.seen[p].group == "" && !kept[p] {
			f.seq = append(f.seq, p)
		}
	}
	f.fold()
}

// fold puts what is not listed one by one into its groups.
func (f *fleet) fold() {
	listed := make(map[spot]bool, len(f.seq))
	for _, p := range f.seq {
		listed[p] = true
	}
	f.folded = map[spot][]spot{}
	f.list = slices.Clone(f.seq)
	for _, p := range f.all {
		if listed[p] {
			continue
		}
		g := spot("group " + f.seen[p].group)
		if f.folded[g] == nil {
			f.list = append(f.list, g)
		}
		f.folded[g] = append(f.folded[g], p)
	}
}

// Mark is what the tab says of the pane.
func (f *fleet) Mark() string {
	worst, m := words.Calm, ""
	for _, p := range f.all {
		if s := f.seen[p]; s.level > worst {
			worst, m = s.level, s.mark
		}
	}
	return m
}

// at is the spot of the cursor in the list.
func (f *fleet) at() int {
	if i := slices.Index(f.list, f.cursor); i >= 0 {
		return i
	}
	return max(slices.Index(f.list, spot("group "+f.seen[f.cursor].group)), 0)
}

// Selected is what the cursor stands on; without a cursor it is the first.
func (f *fleet) Selected() (spot, bool) {
	if len(f.list) == 0 {
		return "", false
	}
	return f.list[f.at()], true
}

// Move moves the cursor.
func (f *fleet) Move(n int) {
	if len(f.list) > 0 {
		f.cursor = f.list[min(max(f.at()+n, 0), len(f.list)-1)]
	}
}

// Go puts the cursor on a spot, out of its group.
func (f *fleet) Go(p spot) {
	f.cursor = p
	if !slices.Contains(f.list, p) {
		f.open = true
		f.sort()
	}
}

// Follow gives the cursor back to what is worst and folds what is normal.
func (f *fleet) Follow() {
	f.cursor, f.top, f.open = "", 0, false
	f.sort()
}

// Turn takes the next order.
func (f *fleet) Turn() {
	f.order, f.open, f.top = (f.order+1)%orders, false, 0
	f.sort()
}

// natural compares names as people count: val-2 before val-10.
func natural(a, b string) int {
	for a != "" && b != "" {
		i, j := digits(a), digits(b)
		if i > 0 && j > 0 {
			x, y := strings.TrimLeft(a[:i], "0"), strings.TrimLeft(b[:j], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[i:], b[j:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// Texts are all places, one text each: those in groups, too.
func (f *fleet) Texts() []string {
	var out []string
	for _, p := range f.places() {
		s := f.seen[p]
		out = append(out, s.mark+" "+safe.Clean(s.name)+" "+s.text)
	}
	return out
}

// places are all places: as listed, then those in groups.
func (f *fleet) places() []spot {
	out := slices.Clone(f.seq)
	for _, p := range f.list {
		out = append(out, f.folded[p]...)
	}
	return out
}

// At is where the cursor stands among the places.
func (f *fleet) At() int { return max(slices.Index(f.places(), f.cursor), 0) }

// Show puts the cursor on the spot of that number.
func (f *fleet) Show(i int) {
	if all := f.places(); i < len(all) {
		f.Go(all[i])
	}
}
