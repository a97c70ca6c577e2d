package main

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// stripH is the height of the strip below a film, in pixels: the key that was
// pressed stands there, outside the screen.
const stripH = 30

// Film is a recording as one picture that moves by itself: no script, no font,
// no second file. Every thing that was drawn stands in it once, and is shown
// while it was on the screen. Where nothing may move, the poster stands.
func Film(r recording, t theme) string {
	takes := cutFilm(r)
	w, h := r.W*cellW+2*margin, r.H*cellH+2*margin
	reel := newReel(takes)
	for i, tk := range takes {
		for _, it := range draw(r.Frames[tk.frame].Text, r.H, t) {
			reel.show(it, i)
		}
		for _, it := range strip(r.Beats[tk.beat], h, w, t) {
			reel.show(it, i)
		}
	}
	var b strings.Builder
	open(&b, w, h+stripH, r.Title, t)
	reel.write(&b, posterOf(r, takes))
	total := takes[len(takes)-1].to
	fmt.Fprintf(&b, `<rect class="bar" x="%d" y="%d" width="%d" height="2" fill="%s"/>`+"\n", margin, h+stripH-5, w-2*margin, t.said)
	fmt.Fprintf(&b, "<style>%s</style>\n</svg>\n", reel.css(total))
	return b.String()
}

// posterOf is the take that shows the poster.
func posterOf(r recording, takes []take) int {
	for i, tk := range takes {
		if tk.frame >= r.Poster {
			return i
		}
	}
	return len(takes) - 1
}

// strip is the key of a beat and what it is for.
func strip(b beat, y, w int, t theme) []item {
	x, mid := margin, y+stripH/2-4
	out := []item{{svg: fmt.Sprintf(`<path d="M0 %d.5H%d" stroke="%s"/>`+"\n", y-2, w, t.edge), under: true}}
	if b.Keys != "" {
		n := ansi.StringWidth(b.Keys)*cellW + 14
		out = append(out, item{svg: fmt.Sprintf(`<rect x="%d.5" y="%d.5" width="%d" height="20" rx="4" fill="%s" stroke="%s"/>`+"\n", x, mid-10, n, t.strip, t.cap), under: true},
			item{svg: fmt.Sprintf(`<text x="%d" y="%d" fill="%s" font-weight="bold" textLength="%d">%s</text>`+"\n", x+7, mid+5, t.cap, n-14, escape(b.Keys))})
		x += n + 12
	}
	if b.Say != "" {
		out = append(out, item{svg: fmt.Sprintf(`<text x="%d" y="%d" fill="%s" textLength="%d">%s</text>`+"\n", x, mid+5, t.said, ansi.StringWidth(b.Say)*cellW, escape(b.Say))})
	}
	return out
}

// reel knows in which takes each thing is seen.
type reel struct {
	takes []take
	order []item
	seen  map[item][]int
}

func newReel(takes []take) *reel { return &reel{takes: takes, seen: map[item][]int{}} }

func (r *reel) show(it item, n int) {
	at, ok := r.seen[it]
	if !ok {
		r.order = append(r.order, it)
	}
	if len(at) == 0 || at[len(at)-1] != n {
		r.seen[it] = append(at, n)
	}
}

// spans are the times in which a thing is seen.
func (r *reel) spans(takes []int) [][2]time.Duration {
	var out [][2]time.Duration
	for _, n := range takes {
		if from := r.takes[n].from; len(out) > 0 && out[len(out)-1][1] == from {
			out[len(out)-1][1] = r.takes[n].to
		} else {
			out = append(out, [2]time.Duration{from, r.takes[n].to})
		}
	}
	return out
}

// classes names the groups of things that are seen at the same times; "" is
// always seen.
func (r *reel) classes() map[string]string {
	total := r.takes[len(r.takes)-1].to
	var keys []string
	have := map[string]bool{}
	for _, it := range r.order {
		k := fmt.Sprint(r.spans(r.seen[it]))
		if !have[k] {
			have[k] = true
			keys = append(keys, k)
		}
	}
	out := map[string]string{fmt.Sprint([][2]time.Duration{{0, total}}): ""}
	n := 0
	for _, k := range keys {
		if _, always := out[k]; !always {
			out[k] = fmt.Sprintf("k%d", n)
			n++
		}
	}
	return out
}

// write draws all things in two layers, each in groups that are seen together.
func (r *reel) write(b *strings.Builder, poster int) {
	classes := r.classes()
	for _, under := range []bool{true, false} {
		groups, order := map[string]*strings.Builder{}, []string{}
		for _, it := range r.order {
			if it.under != under {
				continue
			}
			class := classes[fmt.Sprint(r.spans(r.seen[it]))]
			if class != "" && contains(r.seen[it], poster) {
				class += " p"
			}
			if groups[class] == nil {
				groups[class] = &strings.Builder{}
				order = append(order, class)
			}
			groups[class].WriteString(it.svg)
		}
		for _, class := range order {
			if class == "" {
				b.WriteString(groups[class].String())
				continue
			}
			fmt.Fprintf(b, "<g class=\"%s\">\n%s</g>\n", class, groups[class])
		}
	}
}

func contains(list []int, n int) bool {
	i := sort.SearchInts(list, n)
	return i < len(list) && list[i] == n
}

// css shows each group at its times. It stands under a question to the reader's
// machine, so that whoever wants no motion sees the poster.
func (r *reel) css(total time.Duration) string {
	var b strings.Builder
	b.WriteString("g{visibility:hidden}.p{visibility:visible}.bar{visibility:hidden}\n@media (prefers-reduced-motion:no-preference){\n")
	fmt.Fprintf(&b, "g{animation:%.2fs step-end infinite}.bar{visibility:visible;transform-origin:%dpx 0;animation:bar %.2fs steps(%d) infinite}@keyframes bar{from{transform:scaleX(0)}}\n",
		total.Seconds(), margin, total.Seconds(), max(1, int(total.Seconds()))) // a bar that glides would be drawn 60 times a second
	percent := func(d time.Duration) string {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*float64(d)/float64(total)), "0"), ".") + "%"
	}
	done := map[string]bool{"": true}
	classes := r.classes()
	for _, it := range r.order {
		spans := r.spans(r.seen[it])
		class := classes[fmt.Sprint(spans)]
		if done[class] {
			continue
		}
		done[class] = true
		fmt.Fprintf(&b, ".%s{animation-name:%s}@keyframes %s{", class, class, class)
		if spans[0][0] > 0 {
			b.WriteString("0%{visibility:hidden}")
		}
		for _, s := range spans {
			fmt.Fprintf(&b, "%s{visibility:visible}", percent(s[0]))
			if s[1] < total {
				fmt.Fprintf(&b, "%s{visibility:hidden}", percent(s[1]))
			}
		}
		if spans[len(spans)-1][1] == total {
			b.WriteString("to{visibility:visible}")
		} else {
			b.WriteString("to{visibility:hidden}")
		}
		b.WriteString("}\n")
	}
	b.WriteString("}")
	return b.String()
}

// Still is one take of a film as a picture that stands.
func Still(r recording, tk take, t theme) string {
	w, h := r.W*cellW+2*margin, r.H*cellH+2*margin
	items := append(draw(r.Frames[tk.frame].Text, r.H, t), strip(r.Beats[tk.beat], h, w, t)...)
	var b strings.Builder
	open(&b, w, h+stripH, r.Title, t)
	layers(&b, items)
	b.WriteString("</svg>\n")
	return b.String()
}
