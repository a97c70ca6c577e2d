package tui

import (
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// topRows are the rows that never move. Nothing is ever drawn over them.
func topRows(v cockpit.View, now time.Time, l layout) []line {
	rows := []line{rowBadge(v, now, l.w)}
	if l.class == wide {
		rows = append(rows, rowRoles(v, now, l.w), rowPower(v, now, l.w))
	} else {
		rows = append(rows, rowShort(v, now, l.w))
	}
	return append(rows, fit(rowAlert(v, now, l.w), l.w))
}

func rowBadge(v cockpit.View, now time.Time, w int) line {
	left := line{{text, " "}, {badge, " " + words.Badge(v) + " "}, {text, " "}}
	right := line{{text, "  " + words.TPlus(declared(v), now) + "  "}, {title, now.UTC().Format("15:04:05") + " UTC"}, {text, " "}}
	if v.State.ID == "" {
		return sides(left.add(title, "No incident is open"), right, w)
	}
	left = left.add(title, safe.Short(v.State.ID, 24))
	sev := " " + words.Severity(v.State.Severity) + " "
	name, progress := safe.Line(v.State.Title), words.Progress(v)
	if v.Skipping {
		progress = "jumping ahead"
	}
	room := w - left.width() - right.width() - width(sev)
	_, brief, _ := strings.Cut(progress, ", ")
	for _, p := range []string{progress, brief} {
		if n := width(p) + 2; p != "" && room >= n {
			right = append(tx("  "+p), right...)
			room -= n
			break
		}
	}
	if room >= 0 {
		left = left.add(text, sev)
	}
	if room >= 18 {
		left = left.add(title, " "+name)
	}
	return sides(left, right, w)
}

func declared(v cockpit.View) time.Time {
	if v.State.ID == "" {
		return time.Time{}
	}
	return v.State.Declared
}

func rowRoles(v cockpit.View, now time.Time, w int) line {
	left := tx(" Commander " + words.Role(v, "commander"))
	if v.State.Roles["commander"] == v.Person && v.Person != "" {
		left = left.add(text, " (you)")
	}
	switch {
	case v.State.ID == "":
		left = left.add(text, "   You are "+safe.Short(v.Person, 20)+"   "+safe.Short(v.Fleet, 40)+"  "+safe.Short(v.Chain, 30))
	default:
		for _, r := range []string{"ops", "comms", "scribe"} {
			left = left.add(text, "  "+strings.ToUpper(r[:1])+r[1:]+" "+words.Role(v, r))
		}
	}
	m, rec, level := words.Record(v)
	right := append(rowClock(v, now), span{text, "   Record "}, mark(m, level), span{roleOf(level), " " + rec}, span{text, " "})
	return sides(left, right, w)
}

// rowClock is the clock that presses most; in front of a fence it is the cost
// of waiting instead.
func rowClock(v cockpit.View, now time.Time) line {
	if !v.State.Open() {
		return nil
	}
	if words.Fenced(v) {
		return in(title, "Waiting is free")
	}
	all := words.Clocks(v, now)
	if len(all) == 0 {
		return nil
	}
	c := all[0]
	l := line{{roleOf(c.Level), c.Text}}
	if c.Level > words.Calm {
		l = l.add(roleOf(c.Level), " "+c.Mark)
	}
	return l
}

func rowPower(v cockpit.View, now time.Time, w int) line {
	p, level := words.Power(v)
	l := line{{text, " "}}
	if v.Snap.Chain.Power.Known == nodes.True {
		p = strings.TrimPrefix(p, "Power ")
		l = append(append(l.add(text, "Power "), gauge(v, 18)...), span{text, " "})
	}
	l = l.add(roleOf(level), p)
	m, chain, level := words.Chain(v, now)
	l = append(l.add(text, "   "), mark(m, level), span{roleOf(level), " " + chain})
	right := line{{text, words.OldestAnswer(v, now) + " "}}
	if pw := v.Snap.Chain.Power; pw.Known == nodes.True && pw.Spare >= 0 && pw.Online < pw.Total {
		right = tx("spare " + words.Num(pw.Spare) + " ")
	}
	if l.width()+right.width() > w {
		right = tx(" ")
	}
	return sides(l, right, w)
}

// rowShort is clock and power in one row, for narrow windows: the longest
// wording that fits.
func rowShort(v cockpit.View, now time.Time, w int) line {
	left := append(line{{text, " "}}, rowClockShort(v, now)...)
	if v.State.ID == "" {
		left = tx(" " + safe.Short(v.Fleet, 30))
	}
	m, chain, level := words.Chain(v, now)
	chain = strings.Replace(chain, "block "+words.Num(v.Snap.Chain.Height)+", ", "", 1)
	brief, _, _ := strings.Cut(chain, " since ")
	p := v.Snap.Chain.Power
	powers, r := []string{"", "", ""}, text
	if p.Known == nodes.True {
		online := words.Num(p.Online) + "/" + words.Num(p.Total)
		powers = []string{"Power " + online + ", needs " + words.Num(p.Needed) + "  ", "Power " + online + "  ", online + "  "}
		if p.Spare < 0 {
			r = warn
		}
	}
	var right line
	for _, power := range powers {
		for _, c := range []string{chain, brief} {
			right = line{{r, power}, mark(m, level), {roleOf(level), " " + c}, {text, " "}}
			if left.width()+right.width()+1 <= w {
				return sides(left, right, w)
			}
		}
	}
	// The clock and whether the chain moves are never run together: what stands
	// between them goes, then the end of the clock.
	word, _, _ := strings.Cut(strings.NewReplacer(",", " ", " at ", "  ").Replace(brief), " ")
	for _, power := range []string{powers[2], ""} {
		right = line{{text, " "}, {r, power}, mark(m, level), {roleOf(level), " " + word}, {text, " "}}
		if left.width()+right.width() <= w {
			return sides(left, right, w)
		}
	}
	return sides(fit(left, max(w-right.width(), 0)), right, w)
}

func rowClockShort(v cockpit.View, now time.Time) line {
	all := words.Clocks(v, now)
	if !v.State.Open() || len(all) == 0 || words.Fenced(v) {
		return rowClock(v, now)
	}
	c := all[0]
	l := line{{roleOf(c.Level), c.Short}}
	if c.Mark == words.Good {
		return append(l, span{text, " "}, mark(c.Mark, c.Level))
	}
	if c.Level > words.Calm {
		l = l.add(roleOf(c.Level), " "+c.Mark)
	}
	return l
}

func rowAlert(v cockpit.View, now time.Time, w int) line {
	h := words.Worst(v, now)
	if h.Level == words.Calm {
		return tx(" " + h.Text)
	}
	r := roleOf(h.Level)
	l := line{{text, " "}, {r, h.Mark + " " + h.Word}, {text, "  "}}
	for _, s := range words.Shorter(h.Text) { // the first that fits, else the shortest is cut
		if h.Text = s; l.width()+width(s) < w {
			break
		}
	}
	if h.Quiet {
		return l.add(text, h.Text)
	}
	return l.add(r, h.Text)
}

// gauge is the power online against the two-thirds mark, w cells wide.
func gauge(v cockpit.View, w int) line {
	p := v.Snap.Chain.Power
	if p.Known != nodes.True || p.Total <= 0 || w < 6 {
		return nil
	}
	cells := int64(w - 1) // one for the mark
	full := int(p.Online * cells / p.Total)
	if p.Online < p.Total && full == int(cells) {
		full--
	}
	at := int((p.Needed*cells + p.Total - 1) / p.Total)
	if p.Online < p.Needed { // a bar that is short never touches the mark
		full = min(full, at-1)
	} else {
		full = max(full, at)
	}
	bar := strings.Repeat("█", full) + strings.Repeat("░", int(cells)-full)
	cutAt := len(string([]rune(bar)[:at]))
	return line{{text, bar[:cutAt]}, {title, "┃"}, {text, bar[cutAt:]}}
}

// tooSmall is what to do about a tiny window.
const tooSmall = "Too small for keys: make it 40x10."

// oneSentence is all there is room for in a tiny window.
func oneSentence(v cockpit.View, now time.Time, w, h int) []line {
	s := words.Badge(v) + " " + words.TPlus(declared(v), now)
	if h := words.Worst(v, now); h.Level > words.Calm {
		s += " " + h.Mark + " " + h.Word + " " + h.Text
	} else {
		s += " " + h.Text
	}
	s = strings.TrimSuffix(s, ".") + ". " + tooSmall
	rows := wrapMax(s, max(w, 1), max(h, 1))
	out := make([]line, 0, h)
	for i := range h {
		if i < len(rows) {
			out = append(out, fit(tx(rows[i]), w))
		} else {
			out = append(out, fit(nil, w))
		}
	}
	return out
}
