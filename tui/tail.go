package tui

// tail is a view of a growing list that follows its end until it is scrolled.
// An entry takes as many rows as its text needs: only those that are seen are
// ever wrapped, so that a long list costs no more than a short one.
//
// Entries are counted from the first there ever was: what is scrolled to stays
// in its place while the list grows at one end and is cut at the other.
type tail struct {
	held bool // else it follows
	last int  // held: the entry at the lower end
}

// follow goes back to the end.
func (t *tail) follow() { *t = tail{} }

// move scrolls by n entries: up is back. first is the number of the oldest of n
// entries that are kept; h and rows are those of the view.
func (t *tail) move(by, first, n, h int, rows func(i int) int) {
	end := first + n - 1
	at := end
	if t.held {
		at = min(max(t.last, first), end)
	}
	at = min(max(at+by, first), end)
	if by < 0 { // never past the first screenful
		room, fill := h, first
		for i := 0; i < n && room > 0; i++ {
			room -= rows(i)
			fill = first + i
		}
		at = min(max(at, fill), end)
	}
	t.held, t.last = at < end, at
}

// show brings entry i (of those kept) to the upper end.
func (t *tail) show(i, first, n, h int, rows func(i int) int) {
	last := i
	for room := h - rows(i); last+1 < n && room > 0; last++ {
		room -= rows(last + 1)
	}
	t.held, t.last = last < n-1, first+last
}

// window are the rows that fit into h, the number of the entry at the upper
// end, and how many entries lie below.
func (t *tail) window(first, n, h int, rows func(i int) []line) (out []line, top, below int) {
	last := n - 1
	if t.held {
		last = min(max(t.last-first, 0), n-1)
	}
	top = last + 1
	for i := last; i >= 0 && len(out) < h; i-- {
		r := rows(i)
		if room := h - len(out); len(r) > room {
			r = r[len(r)-room:]
		}
		out = append(append(make([]line, 0, h), r...), out...)
		top = i
	}
	for len(out) < h && last+1 < n { // the list was cut above: fill up below
		last++
		r := rows(last)
		out = append(out, r[:min(len(r), h-len(out))]...)
	}
	return out, top, n - 1 - last
}
