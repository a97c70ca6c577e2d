package main

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The size of one cell, in pixels.
const (
	cellW = 8
	cellH = 17
)

// style is how a cell is drawn; colours are the 16 of the terminal, -1 is the
// default.
type style struct {
	fg, bg                   int
	bold, reverse, underline bool
}

// palette is the 16 colours on a dark ground.
func palette() [16]string {
	return [16]string{"#1d1f21", "#cc4444", "#8abe6f", "#e0b050", "#6f9fd8", "#b97fc9", "#5fb3b3", "#c5c8c6",
		"#6b7075", "#e06c6c", "#a6d98a", "#f0c674", "#8fb8e8", "#d0a0e0", "#7fd6d6", "#ffffff"}
}

// SVG draws what tmux captured with its escapes, cols by rows.
func SVG(captured string, cols, rows int) string {
	var b strings.Builder
	w, h := cols*cellW+16, rows*cellH+16
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", palette()[0])
	st := style{fg: -1, bg: -1} // tmux says only what changes, from line to line too
	for y, line := range strings.Split(strings.TrimRight(captured, "\n"), "\n") {
		if y < rows {
			st = drawLine(&b, st, line, y)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// drawLine draws the runs of equal style of one line that begins in the style
// st, and gives the style at its end.
func drawLine(b *strings.Builder, st style, line string, y int) style {
	x, text := 0, ""
	flush := func() {
		drawRun(b, st, x, y, text)
		x += ansi.StringWidth(text)
		text = ""
	}
	for line != "" {
		rest, ok := strings.CutPrefix(line, "\x1b[")
		if !ok {
			next := strings.IndexByte(line, '\x1b')
			if next < 0 {
				next = len(line)
			}
			text += line[:max(next, 1)]
			line = line[max(next, 1):]
			continue
		}
		flush()
		end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
		if end < 0 {
			break
		}
		if rest[end] == 'm' {
			st = st.apply(rest[:end])
		}
		line = rest[end+1:]
	}
	flush()
	return st
}

// apply is the style after one SGR sequence.
func (s style) apply(params string) style {
	for _, p := range strings.Split(params, ";") {
		n, _ := strconv.Atoi(p)
		switch {
		case n == 0:
			s = style{fg: -1, bg: -1}
		case n == 1:
			s.bold = true
		case n == 4:
			s.underline = true
		case n == 7:
			s.reverse = true
		case n >= 30 && n <= 37:
			s.fg = n - 30
		case n == 39:
			s.fg = -1
		case n >= 40 && n <= 47:
			s.bg = n - 40
		case n == 49:
			s.bg = -1
		case n >= 90 && n <= 97:
			s.fg = n - 90 + 8
		case n >= 100 && n <= 107:
			s.bg = n - 100 + 8
		}
	}
	return s
}

func drawRun(b *strings.Builder, s style, x, y int, text string) {
	if text == "" {
		return
	}
	fg, bg := "#d5d8d6", ""
	if s.fg >= 0 {
		fg = palette()[s.fg]
	}
	if s.bg >= 0 {
		bg = palette()[s.bg]
	}
	if s.reverse {
		if bg == "" {
			bg = palette()[0]
		}
		fg, bg = bg, fg
	}
	width := ansi.StringWidth(text) * cellW
	px, py := 8+x*cellW, 8+y*cellH
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", px, py, width, cellH, bg)
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	for _, p := range pieces(text) {
		drawPiece(b, s, fg, px+p.x*cellW, py, p)
	}
}

func drawPiece(b *strings.Builder, s style, fg string, x, y int, p piece) {
	if p.shape {
		drawShapes(b, fg, x, y, p.text)
		return
	}
	extra := ""
	if s.bold {
		extra += ` font-weight="bold"`
	}
	if s.underline {
		extra += ` text-decoration="underline"`
	}
	var esc strings.Builder
	_ = xml.EscapeText(&esc, []byte(p.text)) // a Builder takes all
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s" textLength="%d" lengthAdjust="spacingAndGlyphs" xml:space="preserve"%s>%s</text>`+"\n",
		x, y+13, fg, ansi.StringWidth(p.text)*cellW, extra, esc.String())
}
