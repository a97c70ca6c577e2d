package main

import (
	"cmp"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// piece is a part of a run that is drawn in one go: words, or glyphs that are
// drawn as shapes because fonts differ in them and lines must meet.
type piece struct {
	text  string
	x     int // in cells, from the start of the run
	shape bool
}

// pieces cuts a run where two blanks or a shape stand: a stretched blank moves
// the words behind it.
func pieces(text string) []piece {
	var out []piece
	x := 0
	open := false // the last piece takes more
	for rest := text; rest != ""; {
		glyph, width := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		next := rest[len(glyph):]
		shape := strings.Contains(shapes, glyph)
		switch {
		case glyph == " " && (!open || next == "" || next[0] == ' ' || out[len(out)-1].shape):
			open = false
		case open && out[len(out)-1].shape == shape:
			out[len(out)-1].text += glyph
		default:
			out, open = append(out, piece{glyph, x, shape}), true
		}
		x, rest = x+width, next
	}
	for i := range out {
		out[i].text = strings.TrimRight(out[i].text, " ") // a blank before a shape
	}
	return out
}

const shapes = "─│┌┐└┘├┤┬┴┼┃█░▶✓✗🔄✅⏳"

// arms says to which sides of its cell a line goes: left, right, up, down.
func arms(glyph string) (l, r, u, d bool) {
	return strings.Contains("─┐┘┤┬┴┼", glyph), strings.Contains("─┌└├┬┴┼", glyph),
		strings.Contains("│└┘├┤┴┼", glyph), strings.Contains("│┌┐├┤┬┼", glyph)
}

// drawShapes draws glyphs cell by cell; a run of one glyph is one shape. Lines
// are gathered: they are drawn when all cells are known.
func (p *painter) drawShapes(fg string, x, y int, text string) {
	b := &strings.Builder{}
	for text != "" {
		glyph, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		n := 1
		for text = text[len(glyph):]; strings.HasPrefix(text, glyph); text = text[len(glyph):] {
			n++
		}
		w, midX := n*width*cellW, x+cellW/2
		switch glyph {
		case "█", "░":
			opacity := ""
			if glyph == "░" {
				opacity = ` opacity="0.3"`
			}
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"%s/>`+"\n", x, y+2, w, cellH-4, fg, opacity)
		case "┃":
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="3" height="%d" fill="%s"/>`+"\n", midX-1, y, cellH, fg)
		case "▶":
			fmt.Fprintf(b, `<path d="M%d %dl6 5l-6 5z" fill="%s"/>`+"\n", x+1, y+4, fg)
		case "✓":
			fmt.Fprintf(b, `<path d="M%d %dl2 4l4 -9" fill="none" stroke="%s" stroke-width="1.7"/>`+"\n", x+1, y+9, fg)
		case "✗":
			fmt.Fprintf(b, `<path d="M%d %dl6 8m0 -8l-6 8" fill="none" stroke="%s" stroke-width="1.7"/>`+"\n", x+1, y+5, fg)
		case "⏳":
			fmt.Fprintf(b, `<path d="M%d %dh9m-9 11h9m-8 0q0 -4 3.500 -5.500q-3.500 -1.500 -3.500 -5.500m7 0q0 4 -3.500 5.500q3.500 1.500 3.500 5.500" fill="none" stroke="%s" stroke-width="1.3"/>`+"\n", x+3, y+3, fg)
		case "🔄":
			fmt.Fprintf(b, `<path d="M%d %da5 5 0 1 1 -3 -4l3 1m0 -4v4h-4" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", x+13, y+9, p.theme.colours[12])
		case "✅":
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="13" height="13" rx="2" fill="#5aa05a"/><path d="M%d %dl3 4l5 -8" fill="none" stroke="#ffffff" stroke-width="1.7"/>`+"\n", x+1, y+2, x+4, y+9)
		default:
			p.lines(fg, x, y, w, glyph)
		}
		x += w
	}
	if b.Len() > 0 {
		p.items = append(p.items, item{svg: b.String()})
	}
}

// stroke is a straight line: at a fixed place across, from one end to the other,
// in half pixels.
type stroke struct {
	fg       string
	upright  bool
	at       int
	from, to int
}

// lines gathers the strokes of a glyph that is drawn w pixels wide.
func (p *painter) lines(fg string, x, y, w int, glyph string) {
	l, r, u, d := arms(glyph)
	midX, midY := 2*x+cellW+1, 2*y+cellH
	add := func(on, upright bool, at, from, to int) {
		if on {
			p.strokes = append(p.strokes, stroke{fg, upright, at, from, to})
		}
	}
	add(l && r, false, midY, 2*x, 2*(x+w))
	add(l && !r, false, midY, 2*x, midX)
	add(r && !l, false, midY, midX, 2*(x+w))
	add(u && d, true, midX, 2*y, 2*(y+cellH))
	add(u && !d, true, midX, 2*y, midY)
	add(d && !u, true, midX, midY, 2*(y+cellH))
}

// join makes one stroke of those that meet end to end: seams show when a
// picture is scaled.
func join(all []stroke) []stroke {
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		return cmp.Or(cmp.Compare(a.fg, b.fg), cmp.Compare(a.at, b.at), cmp.Compare(a.from, b.from)) < 0
	})
	var out []stroke
	for _, upright := range []bool{false, true} {
		for _, s := range all {
			if s.upright != upright {
				continue
			}
			if n := len(out) - 1; n >= 0 && out[n].upright == upright && out[n].fg == s.fg && out[n].at == s.at && out[n].to >= s.from {
				out[n].to = max(out[n].to, s.to)
				continue
			}
			out = append(out, s)
		}
	}
	return out
}

// svg draws a stroke.
func (s stroke) svg() string {
	x, y, way, to := s.from, s.at, "H", s.to
	if s.upright {
		x, y, way = s.at, s.from, "V"
	}
	return fmt.Sprintf(`<path d="M%s %s%s%s" stroke="%s" stroke-linecap="square"/>`+"\n", half(x), half(y), way, half(to), s.fg)
}

// half writes half pixels.
func half(n int) string {
	if n%2 == 0 {
		return strconv.Itoa(n / 2)
	}
	return strconv.Itoa(n/2) + ".5"
}
