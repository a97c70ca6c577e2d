package main

import (
	"fmt"
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

const shapes = "─│┌┐└┘├┤┬┴┼┃█░▶✓✗🔄✅"

// arms says to which sides of its cell a line goes: left, right, up, down.
func arms(glyph string) (l, r, u, d bool) {
	return strings.Contains("─┐┘┤┬┴┼", glyph), strings.Contains("─┌└├┬┴┼", glyph),
		strings.Contains("│└┘├┤┴┼", glyph), strings.Contains("│┌┐├┤┬┼", glyph)
}

// drawShapes draws glyphs cell by cell; a run of one glyph is one shape.
func drawShapes(b *strings.Builder, fg string, x, y int, text string) {
	var line strings.Builder
	for text != "" {
		glyph, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		n := 1
		for text = text[len(glyph):]; strings.HasPrefix(text, glyph); text = text[len(glyph):] {
			n++
		}
		w, midX, midY := n*width*cellW, x+cellW/2, y+cellH/2
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
		case "🔄":
			fmt.Fprintf(b, `<path d="M%d %da5 5 0 1 1 -3 -4l3 1m0 -4v4h-4" fill="none" stroke="#8fb8e8" stroke-width="1.5"/>`+"\n", x+13, y+9)
		case "✅":
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="13" height="13" rx="2" fill="#5aa05a"/><path d="M%d %dl3 4l5 -8" fill="none" stroke="#ffffff" stroke-width="1.7"/>`+"\n", x+1, y+2, x+4, y+9)
		default:
			l, r, u, d := arms(glyph)
			if l && r {
				fmt.Fprintf(&line, "M%d %d.5H%d", x, midY, x+w)
			} else if l {
				fmt.Fprintf(&line, "M%d %d.5H%d.5", x, midY, midX)
			} else if r {
				fmt.Fprintf(&line, "M%d.5 %d.5H%d", midX, midY, x+w)
			}
			if u {
				fmt.Fprintf(&line, "M%d.5 %dV%d.5", midX, y, midY)
			}
			if d {
				fmt.Fprintf(&line, "M%d.5 %d.5V%d", midX, midY, y+cellH)
			}
		}
		x += w
	}
	if line.Len() > 0 {
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-linecap="square"/>`+"\n", line.String(), fg)
	}
}
