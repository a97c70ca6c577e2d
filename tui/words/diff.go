package words

import "strings"

// Edit is a stretch of text against an older one.
type Edit struct {
	Kind  rune // ' ' the same, '-' gone, '+' added
	Parts []Part
}

// Part is a run of words; Changed says that they differ.
type Part struct {
	Text    string
	Changed bool
}

// Diff is how b differs from a, sentence by sentence: what is gone stands before
// what came in its place, and the words that differ are marked.
func Diff(a, b string) []Edit {
	var out []Edit
	var gone, added []string
	flush := func() {
		for i := 0; i < max(len(gone), len(added)); i++ {
			switch {
			case i >= len(added):
				out = append(out, Edit{'-', []Part{{gone[i], true}}})
			case i >= len(gone):
				out = append(out, Edit{'+', []Part{{added[i], true}}})
			default:
				was, is := wordDiff(gone[i], added[i])
				out = append(out, Edit{'-', was}, Edit{'+', is})
			}
		}
		gone, added = nil, nil
	}
	edits(sentences(a), sentences(b), func(kind rune, s string) {
		switch kind {
		case '-':
			gone = append(gone, s)
		case '+':
			added = append(added, s)
		default:
			flush()
			out = append(out, Edit{' ', []Part{{s, false}}})
		}
	})
	flush()
	return out
}

// Differs says that there is something to show.
func Differs(cs []Edit) bool {
	for _, c := range cs {
		if c.Kind != ' ' {
			return true
		}
	}
	return false
}

// sentences are the lines of a text, and its sentences where a line has several.
func sentences(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		for {
			i := strings.Index(l, ". ")
			if i < 0 {
				break
			}
			out, l = append(out, l[:i+1]), strings.TrimLeft(l[i+2:], " ")
		}
		if strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
	}
	return out
}

// wordDiff marks the words in which two sentences differ.
func wordDiff(a, b string) (was, is []Part) {
	put := func(ps []Part, w string, changed bool) []Part {
		if n := len(ps); n > 0 && ps[n-1].Changed == changed {
			ps[n-1].Text += " " + w
			return ps
		}
		return append(ps, Part{w, changed})
	}
	edits(strings.Fields(a), strings.Fields(b), func(kind rune, w string) {
		if kind != '+' {
			was = put(was, w, kind == '-')
		}
		if kind != '-' {
			is = put(is, w, kind == '+')
		}
	})
	return was, is
}

// mostCompared bounds the table of edits; longer texts are shown as gone and
// added as a whole.
const mostCompared = 300

// edits tells the longest common subsequence of a and b: what is the same, what
// only a has and what only b has, in order.
func edits(a, b []string, tell func(kind rune, s string)) {
	if len(a) > mostCompared || len(b) > mostCompared {
		for _, s := range a {
			tell('-', s)
		}
		for _, s := range b {
			tell('+', s)
		}
		return
	}
	n := make([][]int, len(a)+1) // length of the longest one of a[i:], b[j:]
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				n[i][j] = n[i+1][j+1] + 1
			} else {
				n[i][j] = max(n[i+1][j], n[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			tell(' ', a[i])
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || n[i+1][j] >= n[i][j+1]):
			tell('-', a[i])
			i++
		default:
			tell('+', b[j])
			j++
		}
	}
}
