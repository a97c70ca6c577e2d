package tui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
)

// known is what a declaration can name: the runbooks there are, and the keys,
// hosts and nodes that are watched.
type known struct {
	books              []Runbook
	keys, hosts, nodes []string
	holders            map[string][]string // of each key
	names              Names
}

// Names are what the configuration knows and no look shows.
type Names struct {
	Hosts, Zones, Regions, Endpoints, Databases []string
	Groups                                      map[string][]string // hosts of each group
}

func knownOf(v cockpit.View, books []Runbook, names Names) known {
	k := known{books: books, holders: map[string][]string{}, names: names}
	add := func(list *[]string, s string) {
		if s = safe.Line(s); s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, x := range v.Snap.Keys {
		add(&k.keys, x.Name)
		k.holders[x.Name] = x.Hosts
		for _, h := range x.Hosts {
			add(&k.hosts, h)
		}
	}
	for _, h := range v.Snap.Hosts {
		add(&k.hosts, h.Name)
	}
	for _, h := range names.Hosts {
		add(&k.hosts, h)
	}
	for _, n := range v.Snap.Nodes {
		k.nodes = append(k.nodes, safe.Line(n.Name)) // names of nodes are their own
	}
	return k
}

// book is the runbook of that id.
func (k known) book(id string) (checklists.Book, bool) {
	for _, b := range k.books {
		if b.ID == id {
			return b.Book, b.Book.ID != ""
		}
	}
	return checklists.Book{}, false
}

// title of a runbook.
func (k known) title(id string) string {
	for _, b := range k.books {
		if b.ID == id {
			return safe.Short(b.Title, 60)
		}
	}
	return ""
}

func (k known) ids() []string {
	out := make([]string, len(k.books))
	for i, b := range k.books {
		out[i] = b.ID
	}
	return out
}

// booksLike are the ids of the runbooks in whose id, title, component or scenario
// the letters typed are found in their order: those whose id has them first.
func (k known) booksLike(typed string) []string {
	ids := k.ids()
	if typed = strings.TrimSpace(typed); typed == "" || slices.Contains(ids, typed) {
		return ids
	}
	var out []string
	for _, m := range fuzzy.Find(typed, ids) {
		out = append(out, ids[m.Index])
	}
	about := make([]string, len(k.books))
	for i, b := range k.books {
		about[i] = b.Title + " " + b.Book.Component
		for _, c := range b.Book.Clocks {
			about[i] += " " + c.Component
		}
	}
	for _, m := range fuzzy.Find(typed, about) {
		if id := ids[m.Index]; !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) > 0 {
		return out
	}
	return nearest(typed, ids)
}

// choices are what a parameter can hold, as its runbook proposes it; value says
// what the other fields hold. Two parameters never propose the same host: a
// host cannot take over from itself.
func (k known) choices(p checklists.Param, value func(key string) string) []string {
	from, arg, _ := strings.Cut(strings.TrimSuffix(p.From, ")"), "(")
	switch {
	case len(p.Options) > 0:
		return p.Options
	case from == "holders", from == "standbys":
		out := slices.Clone(k.holders[value(strings.TrimPrefix(arg, "$"))])
		if from == "standbys" {
			out = slices.DeleteFunc(out, func(h string) bool { return h == value("failed") || h == value("old") })
		}
		return out
	case from == "group":
		return k.names.Groups[arg]
	case from == "zones":
		return k.names.Zones
	case from == "regions":
		return k.names.Regions
	case from == "endpoints":
		return k.names.Endpoints
	case from == "databases":
		return k.names.Databases
	case from == "keys" || p.Type == "key":
		return k.keys
	case from == "hosts" || p.Type == "host":
		return k.hosts
	case from == "nodes" || p.Type == "node":
		return k.nodes
	}
	return nil
}

// nearest are the words in which the letters of s are found in their order, the
// best first; where there is none, the three that are the fewest typing errors
// away. Nothing typed, or one of the words itself, gives all of them.
func nearest(s string, list []string) []string {
	if s = strings.TrimSpace(s); s == "" || slices.Contains(list, s) {
		return slices.Clone(list)
	}
	var out []string
	for _, m := range fuzzy.Find(s, list) {
		out = append(out, list[m.Index])
	}
	if len(out) > 0 || len(list) > 1000 || len(s) > 60 {
		return out
	}
	out = slices.Clone(list)
	far := map[string]int{}
	for _, w := range list {
		far[w] = errorsBetween(s, w)
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(far[a], far[b]) })
	return out[:min(len(out), 3)]
}

// errorsBetween is how many letters have to be put in, left out or changed to
// come from a to the part of b that is nearest to it from its beginning.
func errorsBetween(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		last := row[0]
		row[0] = i + 1
		for j := range y {
			cost := last
			if x[i] != y[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, last+1)
		}
	}
	return slices.Min(row)
}
