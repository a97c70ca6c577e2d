package tui

import (
	"strconv"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// hostRows are the hosts of the last run as a table: state, time, last word. Of
// many hosts those that are done are counted when there is no room.
func (c *checklist) hostRows(st cockpit.StepView, n int) []line {
	all := words.Hosts(st, c.lines, c.now)
	if len(all) == 0 {
		return nil
	}
	name := 8
	for _, h := range all {
		name = max(name, width(h.Host))
	}
	in5 := strings.Repeat(" ", indent)
	var rows []line
	if len(all) > 1 && n > 2 {
		rows = append(rows, in(rule, in5+pad("Host", name)+"   "+pad("State", 8)+"  "+pad("Time", 7)+" Last word"))
	}
	shown, done := all, 0
	if room := max(n, 2); len(all) > room {
		shown = nil
		for _, h := range all {
			if h.Mark == words.Good {
				done++
				continue
			}
			shown = append(shown, h)
		}
		if len(shown) > room {
			shown = shown[:room]
		}
	}
	for _, h := range shown {
		r := roleOf(h.Level)
		if h.Mark == words.Going {
			r = runs
		}
		l := line{{text, in5 + pad(h.Host, name) + " "}, mark(h.Mark, h.Level), {text, " "}, {r, h.Word}, {text, strings.Repeat(" ", max(8-width(h.Word), 0)) + "  " + pad(words.Dur(h.Took), 7) + " "}}
		front := l.width()
		for i, s := range wrapMax(h.Last, c.w-front-1, max(1, n/3)) {
			if i > 0 {
				l = tx(strings.Repeat(" ", front))
			}
			rows = append(rows, l.add(text, s))
		}
	}
	if rest := len(all) - len(shown) - done; rest > 0 || done > 0 {
		s := in5 + "… "
		if done > 0 {
			s += words.Count(done, "host") + " done"
		}
		if rest > 0 {
			s += map[bool]string{true: ", ", false: ""}[done > 0] + words.Count(rest, "more host")
		}
		rows = append(rows, tx(s+", Enter shows all"))
	}
	return rows
}

// failure is why a run failed and what can be done about it, in words.
func (c *checklist) failure(st cockpit.StepView, n int) []line {
	if st.Run == nil {
		return nil
	}
	var rows []line
	said := map[string]bool{}
	for _, h := range st.Run.Hosts {
		f, ok := words.WhyFailed(h, c.lines[h.Host])
		if !ok || f.Why == "" || said[f.Why] || len(said) >= max(1, n/3) {
			continue
		}
		name := "Why it failed"
		if len(said) > 0 {
			name = ""
		}
		said[f.Why] = true
		rows = append(rows, beside(name, f.Why, text, c.w, n)...)
	}
	if len(rows) == 0 {
		return nil
	}
	return rows
}

// ways are what can be done about a run that failed, numbered, the best first.
func (c *checklist) ways(st cockpit.StepView, n int) []line {
	var rows []line
	for i, s := range words.Ways(st, c.lines) {
		name := ""
		if i == 0 {
			name = "What to do"
		}
		l := beside(name, strconv.Itoa(i+1)+"  "+s, text, c.w, max(n, 2))
		for k := range l {
			l[k][1].r = todo
			if k > 0 {
				l[k][1].s = "   " + l[k][1].s
			}
		}
		rows = append(rows, l...)
	}
	return rows
}

// beside is labelled with a wider label.
func beside(name, s string, r role, w, n int) []line {
	const label = 15
	var out []line
	for i, row := range wrapMax(s, w-indent-label-4, n) {
		head := strings.Repeat(" ", label)
		if i == 0 {
			head = pad(name, label)
		}
		out = append(out, line{{text, strings.Repeat(" ", indent) + head}, {r, row}})
	}
	return out
}

// targets says where a step runs and whether those hosts can be reached now.
func (c *checklist) targets(st cockpit.StepView) []line {
	if len(st.Hosts) == 0 {
		return labelled("Host", "not known yet: a parameter is missing", title, c.w, 2)
	}
	named := make([]string, len(st.Hosts))
	for i, h := range st.Hosts {
		named[i] = safe.Short(h, 40)
		if i < len(st.Places) && st.Places[i] != "" {
			named[i] += map[bool]string{true: ", " + safe.Short(st.Places[i], 40), false: " (" + safe.Short(st.Places[i], 40) + ")"}[len(st.Hosts) == 1]
		}
	}
	name := strings.Join(named, ", ")
	if n := len(st.Hosts); n > 1 {
		name = words.Count(n, "host") + ": " + name
	}
	rows := labelled("Host", name, title, c.w, 2)
	m, s, level := reachable(c.v, st.Hosts, c)
	if s == "" {
		return rows
	}
	last := &rows[len(rows)-1]
	if last.width()+width(s)+5 <= c.w {
		*last = append(*last, span{text, "   "}, mark(m, level), span{roleOf(level), " " + s})
		return rows
	}
	return append(rows, line{{text, strings.Repeat(" ", indent+label)}, mark(m, level), {roleOf(level), " " + s}})
}

// reachable says whether all hosts answer by SSH, or the first that does not.
func reachable(v cockpit.View, hosts []string, c *checklist) (m, s string, level words.Level) {
	var oldest string
	for _, name := range hosts {
		h, ok := v.Snap.Host(name)
		front := ""
		if len(hosts) > 1 {
			front = safe.Short(name, 24) + ": "
		}
		switch {
		case !ok:
			return "", "", words.Calm // nobody looks at it
		case h.At.IsZero() || h.Reachable == nodes.Unknown:
			return words.Asks, front + "not asked yet whether it answers by SSH", words.Calm
		case h.HostKey:
			return words.Bad, front + "it shows ANOTHER HOST KEY", words.Warning
		case h.Reachable != nodes.True:
			return words.Bad, front + words.NoWay(name, h.Err) + ", " + words.Age(h.At, c.now) + " ago", words.Warning
		}
		oldest = words.Age(h.At, c.now)
	}
	return words.Good, "connected, " + oldest + " ago", words.Calm
}
