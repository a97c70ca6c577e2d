package tui

// class is how much the window has room for.
type class int

const (
	sentence class = iota // under 40x10: one sentence
	small                 // one pane, the rows that never move
	tabs                  // one pane, tabs, the next message
	wide                  // side by side
)

// size is the room of one pane, without its title.
type size struct{ w, h int }

// layout is where everything goes. Rows are counted from the top.
type layout struct {
	class class
	w, h  int
	top   int  // rows that never move, above
	tabs  bool // a row of tabs below them
	says  bool // a row with the next message above the prompt
	keys  bool // a row of keys below the prompt
	extra int  // rows the prompt takes above its own, for a long sentence
	whole bool // the body shows one pane only
	one   size // that pane
	left  int  // width of the left column
	main  size // wide: the checklist
	out   size // output, below it
	nodes size // the right column, above
	mail  size // and below
	votes bool // the validators of a halted chain above, over both columns
	why   size // beside them, what that means
}

// arrange lays out a window. It is pure. whole asks for the body to show one
// pane, extra for rows above the prompt; idle says that there is no output yet.
func arrange(w, h int, whole, idle bool, extra int) layout {
	l := layout{w: w, h: h, extra: extra, keys: true, whole: true}
	switch {
	case w < 40 || h < 10:
		return layout{class: sentence, w: w, h: h}
	case w >= 120 && h >= 30:
		return l.wide(whole, idle)
	case w >= 80 && h >= 24:
		l.class, l.top, l.tabs, l.says = tabs, 3, true, true
	default:
		l.class, l.top, l.tabs, l.says = small, 3, h >= 13, h >= 18
	}
	l.one = size{w, max(1, h-l.fixed())}
	return l
}

// fixed are the rows that are not the body's.
func (l layout) fixed() int {
	n := l.top + 1 + l.extra
	for _, on := range []bool{l.tabs, l.says, l.keys} {
		if on {
			n++
		}
	}
	return n
}

// wide gives rows to the checklist first; output shrinks to four, and to one
// while there is none.
func (l layout) wide(whole, idle bool) layout {
	l.class, l.top, l.whole = wide, 4, whole
	body := l.h - l.fixed()
	l.one = size{l.w, max(1, body-2)} // its title and the rule below
	l.left = l.w*3/5 - 1
	right := l.w - l.left - 1
	rows := body - 3 // two titles and the rule below
	out := 4
	if rows >= 28 {
		out = min(rows/4, 12)
	}
	if idle {
		out = 1
	}
	mail := min(max(rows/2, 8), 20)
	l.main, l.out = size{l.left, rows - out}, size{l.left, out}
	l.nodes, l.mail = size{right, rows - mail}, size{right, mail}
	return l
}

// quiet leaves out output and messages: nothing has run, nothing is to be said.
func (l layout) quiet() layout {
	l.main.h += l.out.h + 1
	l.nodes.h += l.mail.h + 1
	l.out.h, l.mail.h = 0, 0
	return l
}

// halted gives the upper rows to the votes, left, and to what they mean, right;
// checklist and messages stay below them. want is how many rows the votes need.
func (l layout) halted(want int) layout {
	rows := l.main.h + l.out.h + 1 // below the first title
	bottom := min(max(rows/3, 8), 24)
	top := min(want, rows-bottom-1)
	bottom = rows - top - 1
	l.votes = true
	l.why, l.mail = size{l.nodes.w, top}, size{l.nodes.w, bottom}
	l.nodes, l.main, l.out.h = size{l.left, top}, size{l.left, bottom}, 0
	return l
}

// over is the room of what lies over the left column.
func (l layout) over() size {
	s := size{l.left, l.main.h}
	if l.out.h > 0 {
		s.h += l.out.h + 1
	}
	return s
}
