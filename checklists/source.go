package checklists

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
	"unicode/utf8"
)

// source is one file, by lines. Line numbers are 1-based everywhere; line 0
// does not exist.
type source struct {
	text   []byte // LF only, no BOM
	lines  []string
	starts []int  // offset of each line in text
	sum    string // sha256 of the bytes as given, hex
}

const bom = "\uFEFF"

func newSource(src []byte) source {
	sum := sha256.Sum256(src)
	text := bytes.ReplaceAll(bytes.TrimPrefix(src, []byte(bom)), []byte("\r\n"), []byte("\n"))
	s := source{text: text, sum: hex.EncodeToString(sum[:])}
	for at := 0; at <= len(text); {
		s.starts = append(s.starts, at)
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			s.lines = append(s.lines, string(text[at:]))
			break
		}
		s.lines = append(s.lines, string(text[at:at+end]))
		at += end + 1
	}
	return s
}

// line is the text of line n, without its newline; empty outside the file.
func (s source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// at is the line that holds the byte offset.
func (s source) at(offset int) int {
	return sort.Search(len(s.starts), func(i int) bool { return s.starts[i] > offset })
}

// rawChecks reports what no reading of the Markdown would show: bytes that
// look like others, and headers of other tools.
func (p *reader) rawChecks(src []byte) {
	if bytes.HasPrefix(src, []byte(bom)) {
		p.err(1, 1, "bom", "the file starts with a byte order mark", "save it as UTF-8 without BOM")
	}
	if first := p.src.line(1); first == "---" || first == "+++" {
		p.err(1, 1, "front-matter", "front matter is not part of the format", "put the fields into the ```toml runbook block under the title")
	}
	for i, line := range p.src.lines {
		p.rawLine(i+1, line)
	}
}

func (p *reader) rawLine(n int, line string) {
	if !utf8.ValidString(line) {
		at := 0
		for r, size := utf8.DecodeRuneInString(line); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRuneInString(line[at:]) {
			at += size
		}
		p.err(n, at+1, "utf8", "the line is not UTF-8", "save the file as UTF-8")
		return
	}
	for at, r := range line {
		switch {
		case r == '\r' || r < ' ' && r != '\t' || r == 0x7f:
			p.err(n, at+1, "control-char", "a control character stands in the line", "delete it")
		case invisibleBlank(r):
			p.err(n, at+1, "odd-space", "a no-break space or an invisible character looks like a blank and is none", "type a plain blank")
		default:
			continue
		}
		return
	}
	if indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]; strings.Contains(indent, "\t") {
		p.tabs = append(p.tabs, n)
	}
}

// invisibleBlank are the runes that a reader takes for a blank or does not see.
func invisibleBlank(r rune) bool {
	switch {
	case r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200F, r >= 0x2028 && r <= 0x202F:
		return true
	case r == 0x205F, r == 0x2060, r == 0x3000, r == 0xFEFF, r == 0xAD, r == 0x85:
		return true
	}
	return false
}
