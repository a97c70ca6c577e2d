package nodes

// compare looks for the newest block that node i and another endpoint of the
// same network both named, witnesses first, and says whether they agree.
func (w *Watcher) compare(i int) (agree Tri, at int64, forks []Fork) {
	n := &w.nodes[i]
	if !n.live(w.round, w.fleet) {
		return Unknown, 0, nil
	}
	for k := len(n.recent) - 1; k >= 0 && agree == Unknown; k-- {
		ref := n.recent[k]
		other, theirs, ok := w.blockAt(ref.height, i)
		if !ok || ref.hash == "" || theirs.hash == "" {
			continue
		}
		at = ref.height
		agree = TriOf(ref.hash == theirs.hash && (ref.app == theirs.app || ref.app == "" || theirs.app == ""))
		if agree == False {
			forks = append(forks, Fork{Height: at, Kind: "block", Node: n.spec.Name, Hash: ref.hash, Other: other, Theirs: theirs.hash})
		}
	}
	if f, ok := w.compareApp(i); ok {
		agree, at = False, f.Height
		forks = append(forks, f)
	}
	return agree, at, forks
}

// blockAt is block h as somebody other than node i names it.
func (w *Watcher) blockAt(h int64, i int) (name string, ref blockRef, ok bool) {
	order := []int{w.lead}
	for j := range w.ledgers {
		order = append(order, j)
	}
	best := -1
	for _, j := range order {
		if l := w.ledgers[j]; j != i && l != nil && l.entries[h].hash != "" {
			if best < 0 || (best != w.lead && j < best) {
				best = j
			}
		}
	}
	if best >= 0 {
		e := w.ledgers[best].entries[h]
		return w.nodes[best].spec.Name, blockRef{height: h, hash: e.hash, app: e.app}, true
	}
	if ref, ok := w.forks.headers[h]; ok && w.lead >= 0 && w.lead != i {
		return w.nodes[w.lead].spec.Name, ref, true
	}
	for _, j := range w.named[h] {
		if j == i {
			continue
		}
		for _, r := range w.nodes[j].recent {
			if r.height == h {
				return w.nodes[j].spec.Name, r, true
			}
		}
	}
	return "", blockRef{}, false
}

// index notes two live nodes for each height that was named lately: for the
// comparison of blocks that no witness has shown.
func (w *Watcher) index() {
	w.named = map[int64][]int{}
	for i := range w.nodes {
		if !w.nodes[i].live(w.round, w.fleet) {
			continue
		}
		for _, r := range w.nodes[i].recent {
			if list := w.named[r.height]; len(list) < 2 {
				w.named[r.height] = append(list, i)
			}
		}
	}
}

// compareApp compares what the application of a node that stands came to with
// the next header of the others, or with their applications at the same
// height. This is what CONSENSUS FAILURE looks like from outside.
func (w *Watcher) compareApp(i int) (Fork, bool) {
	n := &w.nodes[i]
	if n.app.Height == 0 || n.app.Hash == "" || n.app.Height != n.view.Height || w.round-n.appAt > 3*slowEvery {
		return Fork{}, false
	}
	if other, ref, ok := w.blockAt(n.app.Height+1, i); ok && ref.app != "" {
		return Fork{Height: n.app.Height, Kind: "app-hash", Node: n.spec.Name, Hash: n.app.Hash, Other: other, Theirs: ref.app}, ref.app != n.app.Hash
	}
	for j := range w.nodes {
		o := &w.nodes[j]
		if j != i && o.live(w.round, w.fleet) && o.app.Height == n.app.Height && o.app.Hash != "" && o.app.Hash != n.app.Hash {
			return Fork{Height: n.app.Height, Kind: "app-hash", Node: n.spec.Name, Hash: n.app.Hash, Other: o.spec.Name, Theirs: o.app.Hash}, true
		}
	}
	return Fork{}, false
}
