package main

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The size of one cell and of the margin around all, in pixels.
const (
	cellW  = 8
	cellH  = 17
	margin = 8
)

// style is how a cell is drawn; colours are the 16 of the terminal, -1 is the
// default.
type style struct {
	fg, bg             int
	bold, faint        bool
	reverse, underline bool
}

// item is one thing drawn. What lies under is drawn before all the rest.
type item struct {
	svg   string
	under bool
}

// SVG draws what tmux captured with its escapes, cols by rows.
func SVG(captured, title string, cols, rows int, t theme) string {
	var b strings.Builder
	w, h := cols*cellW+2*margin, rows*cellH+2*margin
	open(&b, w, h, title, t)
	layers(&b, draw(captured, rows, t))
	b.WriteString("</svg>\n")
	return b.String()
}

// layers draws what lies under, then the rest.
func layers(b *strings.Builder, items []item) {
	for _, under := range []bool{true, false} {
		for _, it := range items {
			if it.under == under {
				b.WriteString(it.svg)
			}
		}
	}
}

// open begins a picture: its size, what it shows in words, its ground.
func open(b *strings.Builder, w, h int, title string, t theme) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d" height="%d" viewBox="0 0 %d %d" font-family="DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace" font-size="13" fill="%s">`+"\n",
		w, h, w, h, t.ink)
	fmt.Fprintf(b, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(b, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="%s" stroke="%s"/>`+"\n", w-1, h-1, t.ground, t.edge)
}

// draw is everything on the captured screen, in its first rows rows.
func draw(captured string, rows int, t theme) []item {
	p := painter{theme: t}
	st := style{fg: -1, bg: -1} // tmux says only what changes, from line to line too
	for y, line := range strings.Split(strings.TrimRight(captured, "\n"), "\n") {
		if y < rows {
			st = p.line(st, line, y)
		}
	}
	for _, s := range join(p.strokes) {
		p.items = append(p.items, item{svg: s.svg()})
	}
	return p.items
}

// painter gathers what is drawn.
type painter struct {
	theme theme
	items []item

	strokes []stroke
}

// line draws the runs of equal style of one line that begins in the style st,
// and gives the style at its end.
func (p *painter) line(st style, line string, y int) style {
	x, text := 0, ""
	flush := func() {
		p.run(st, x, y, text)
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
	all := strings.FieldsFunc(params+";", func(r rune) bool { return r == ';' })
	if len(all) == 0 {
		all = []string{"0"}
	}
	for _, p := range all {
		n, _ := strconv.Atoi(p)
		switch {
		case n == 38 || n == 48:
			return s // a colour beyond the 16: the screen has none
		case n == 2:
			s.faint = true
		case n == 0:
			s = style{fg: -1, bg: -1}
		case n == 1:
			s.bold = true
		case n == 4:
			s.underline = true
		case n == 7:
			s.reverse = true
		case n == 22:
			s.bold, s.faint = false, false
		case n == 24:
			s.underline = false
		case n == 27:
			s.reverse = false
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

// ink are the colours of the letters and of the ground below them, "" for the
// picture's own.
func (s style) ink(t theme) (fg, bg string) {
	if s.fg >= 0 {
		fg = t.colours[s.fg]
	}
	if s.bg >= 0 {
		bg = t.colours[s.bg]
	}
	if !s.reverse {
		return fg, bg
	}
	if fg == "" {
		fg = t.ink
	}
	if bg == "" {
		bg = t.ground
	}
	return bg, fg
}

func (p *painter) run(s style, x, y int, text string) {
	if text == "" {
		return
	}
	fg, bg := s.ink(p.theme)
	px, py := margin+x*cellW, margin+y*cellH
	if bg != "" {
		p.items = append(p.items, item{fmt.Sprintf(`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", px, py, ansi.StringWidth(text)*cellW, cellH, bg), true})
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	for _, pc := range pieces(text) {
		p.piece(s, fg, px+pc.x*cellW, py, pc)
	}
}

func (p *painter) piece(s style, fg string, x, y int, pc piece) {
	if pc.shape {
		p.drawShapes(cmp.Or(fg, p.theme.ink), x, y, pc.text)
		return
	}
	extra := ""
	if fg != "" {
		extra = ` fill="` + fg + `"`
	}
	if s.bold {
		extra += ` font-weight="bold"`
	}
	if s.faint {
		extra += ` opacity="0.7"`
	}
	if s.underline {
		extra += ` text-decoration="underline"`
	}
	p.items = append(p.items, item{svg: fmt.Sprintf(`<text x="%d" y="%d" textLength="%d"%s>%s</text>`+"\n", x, y+13, ansi.StringWidth(pc.text)*cellW, extra, escape(pc.text))})
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}
