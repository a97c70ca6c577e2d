package tui

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/safe"
)

// Turn shows the next host, or the one before; all come first.
func (o *output) Turn(n int) {
	all := append([]string{""}, o.hosts...)
	at := (slices.Index(all, o.host) + n + len(all)) % len(all)
	o.host = all[at]
	o.follow()
	o.SetView(o.v, o.now)
}

// Many says that there is more than one host to choose from.
func (o *output) Many() bool { return len(o.hosts) > 1 }

// Tabs are all hosts by name, the one shown in brackets; as many as fit.
func (o *output) Tabs(w int) line {
	if !o.Many() {
		return nil
	}
	names := append([]string{""}, o.hosts...)
	from := 0
	for {
		l := o.tabsFrom(names, from, w)
		if l.width() <= w || from >= slices.Index(names, o.host) {
			return l
		}
		from++
	}
}

// tabsFrom are the tabs from one on, until there is no room; the one shown is
// always among them.
func (o *output) tabsFrom(names []string, from, w int) line {
	var l line
	if from > 0 {
		l = l.add(text, "…")
	}
	seen := false
	for i, h := range names[from:] {
		name, r := safe.Short(h, 24), text
		if h == "" {
			name = "all"
		}
		here := h == o.host
		if here {
			name, r = "["+name+"]", title
		} else {
			name = " " + name + " "
		}
		if l.width()+width(name)+1 > w && i > 0 {
			if seen {
				return l.add(text, "…")
			}
		}
		seen = seen || here
		l = l.add(r, name)
	}
	return l
}

// titleRow is the pane's title with the hosts to choose from, as far as they
// fit.
func (o *output) titleRow(focus bool, w int) line {
	name := "3 " + o.Title()
	if !o.Many() {
		return titleRow(name, o.Mark(), focus, w)
	}
	tabs := o.Tabs(max(w-30, w-10-width(name)))
	name = cutTo(clean(name), max(w-10-tabs.width(), 12))
	r := text
	if focus {
		r = title
	}
	l := line{{rule, "─ "}, {r, name}, {text, " "}}
	if mk := o.Mark(); mk != "" {
		l = l.add(r, mk+" ")
	}
	l = append(append(l, tabs...), span{text, " "})
	return fit(l.add(rule, strings.Repeat("─", max(w-l.width(), 0))), w)
}
