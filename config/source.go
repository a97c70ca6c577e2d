package config

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/safe"
)

// source is the file's text: it turns byte offsets into lines and columns, and
// shows a line without what must not be shown.
type source struct {
	name   string
	data   []byte
	starts []int    // offset of each line
	hidden [][2]int // byte ranges that may hold a secret
}

func newSource(name string, data []byte) *source {
	s := &source{name: name, data: data, starts: []int{0}}
	for i, c := range data {
		if c == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

// hide keeps a range out of every excerpt, and a comment behind it: a quote too
// few makes a comment of a token.
func (s *source) hide(from, to int) {
	if _, _, end := s.lineAt(to); to < end && bytes.IndexByte(s.data[to:end], '#') >= 0 {
		to = end
	}
	s.hidden = append(s.hidden, [2]int{from, to})
}

// lineAt is the index of the line that holds an offset, and the line's range
// without its line break.
func (s *source) lineAt(off int) (index, from, to int) {
	off = min(max(off, 0), len(s.data))
	index = sort.SearchInts(s.starts, off+1) - 1
	from, to = s.starts[index], len(s.data)
	if index+1 < len(s.starts) {
		to = s.starts[index+1] - 1
	}
	return index, from, to
}

// place is the 1-based line and column (in characters) of an offset.
func (s *source) place(off int) (line, col int) {
	index, from, to := s.lineAt(off)
	return index + 1, utf8.RuneCount(s.data[from:min(max(off, from), to)]) + 1
}

const (
	veil       = "•••" // stands where a value is not shown
	excerptMax = 110   // columns
	// aroundMax bytes before and after the place are looked at: many times
	// what is shown, so that a cut token is not shown by its tail.
	aroundMax = 4096
)

// excerpt is the line of an offset as it may be shown, and the columns before
// the offset in it.
func (s *source) excerpt(off int) (string, int) {
	_, from, to := s.lineAt(off)
	off = min(max(off, from), to)
	from, to = max(from, off-aroundMax), min(to, off+aroundMax)
	before, after := s.piece(from, off), s.piece(off, to)
	// A hidden range that spans the offset is veiled once, after the caret.
	if s.inside(off) {
		before = strings.TrimSuffix(before, veil)
	}
	caret := ansi.StringWidth(before)
	if caret > excerptMax*3/4 {
		cut := caret - excerptMax/2
		before = "…" + ansi.TruncateLeft(before, cut, "")
		caret = ansi.StringWidth(before)
	}
	line := before + after
	if ansi.StringWidth(line) > excerptMax {
		line = ansi.Truncate(line, excerptMax, "…")
	}
	return strings.TrimRight(line, " "), caret
}

// inside says whether a hidden range goes on across off.
func (s *source) inside(off int) bool {
	return slices.ContainsFunc(s.hidden, func(h [2]int) bool { return h[0] < off && off < h[1] })
}

// piece is data[from:to] cleaned, with hidden ranges veiled.
func (s *source) piece(from, to int) string {
	var b bytes.Buffer
	for at := from; at < to; {
		next, veiled := to, false
		for _, h := range s.hidden {
			switch {
			case h[0] <= at && at < h[1]:
				if !veiled {
					next, veiled = min(h[1], to), true
				} else {
					next = max(next, min(h[1], to))
				}
			case at < h[0] && h[0] < next && !veiled:
				next = h[0]
			}
		}
		if veiled {
			b.WriteString(veil)
		} else {
			b.Write(s.data[at:next])
		}
		at = next
	}
	// Clean drops a carriage return into a line break: one line stays one.
	return strings.ReplaceAll(safe.Clean(hideTokens(strings.TrimRight(b.String(), "\r"))), "\n", " ")
}

// tokens are the shapes of secrets people paste: Slack and code-host tokens,
// webhook addresses, private keys, passwords in addresses, Discord bot tokens.
var tokens = lazy.Pattern(`xox[a-z]-[^\s"']*|xapp-[^\s"']*|gh[pousr]_[A-Za-z0-9]+` +
	`|hooks\.slack\.com/[^\s"']*|discord(app)?\.com/api/(v\d+/)?webhooks/[^\s"']*` +
	`|-----BEGIN [^"']*|[^/\s"'@:]+:[^/\s"'@]+@|[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}`)

func hideTokens(s string) string { return tokens.ReplaceAllString(s, veil) }

// show quotes a word of the file for a sentence: short, safe, without tokens.
func show(word string) string {
	return `"` + safe.Short(hideTokens(word), 60) + `"`
}

// plainKeys are keys whose value may be shown even when the line does not
// parse. Any other line that does not parse is shown up to its first "=".
const plainKeys = " name public_name addr region zone groups id bech32_prefix block_time unit unit_dir home user port agent " +
	"host hosts standbys address signer role manager kind component scenario rto rpo source members template to due " +
	"until approve driver audience target witness blocks proof_ttl watch login roles "

var (
	statement = lazy.Pattern(`^\s*([A-Za-z0-9_-]+)[ \t]*=[ \t]*`)
	keyAlone  = lazy.Pattern(`^\s*([a-z0-9_]+)\s*$`)
	header    = lazy.Pattern(`^\s*\[{1,2}[\w.\- ]*\]{0,2}\s*(#.*)?$`)
)

// hideBroken hides what may be a secret on a line that is not TOML: the parser
// cannot say there what is key and what is value.
func (s *source) hideBroken(off int) {
	_, from, to := s.lineAt(off)
	line := s.data[from:to]
	m := statement.FindSubmatchIndex(line)
	switch {
	case m != nil && isPlain([][]byte{nil, line[m[2]:m[3]]}):
		if again := bytes.IndexByte(line[m[1]:], '='); again >= 0 {
			s.hide(from+m[1]+again+1, to)
		}
	case m != nil:
		s.hide(from+m[1], to)
	case isPlain(keyAlone.FindSubmatch(line)):
	case !header.Match(line):
		s.hide(from, to)
	}
}

// isPlain says whether the first group of a match is a plain key.
func isPlain(match [][]byte) bool {
	return len(match) > 1 && strings.Contains(plainKeys, " "+string(match[1])+" ")
}
