package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// evidence is the fence's verdict as a checklist: what contradicts, what is
// missing, what is proven, what would change it, and what waiting costs, never
// a clock. It takes h rows where it can: the tighter, the less is said of what
// is proven.
func (c *checklist) evidence(st cockpit.StepView, w, h int) []line {
	now, live := words.AtHand(st)
	e := evidence{c: c, st: now, last: st, live: live, w: w}
	for e.tight = range tightest {
		if rows := e.rows(); len(rows) <= h {
			return rows
		}
	}
	e.tight = tightest
	rows := append(e.rows(), nil, in(title, " Each of the nine, in full")) // for who scrolls
	e.tight = 1
	for _, p := range words.Proofs(now.Verdict.Verdict) {
		rows = append(rows, e.group(p)...)
	}
	return rows
}

// staleAfter is how long a verdict stands before it is said that it is old.
const staleAfter = time.Minute

// tightest says of what is proven no more than a few words, side by side.
const tightest = 2

// evidence is one verdict as drawn.
type evidence struct {
	c     *checklist
	st    cockpit.StepView // with the verdict that is drawn
	last  cockpit.StepView // with its last judgement
	live  bool             // drawn is what would be judged by what is seen now
	w     int
	tight int // 0: all; 1: no blank rows; tightest
}

func (e evidence) rows() []line {
	rows := e.verdict()
	blank := func() {
		if e.tight == 0 {
			rows = append(rows, nil)
		}
	}
	if !e.live && e.c.now.Sub(e.st.Verdict.At) > staleAfter && !e.st.Verdict.Verdict.Allow {
		rows = append(rows, e.para(" ", "Judged "+words.Age(e.st.Verdict.At, e.c.now)+" ago: what stands here may have changed. x judges anew.", caut)...)
	}
	blank()
	proofs := words.Proofs(e.st.Verdict.Verdict)
	if e.columns() {
		rows = append(rows, in(rule, e.row("   "+pad("What must be true", e.nameWidth()), "What was seen", "Source", "Age", "Holds to")))
	}
	var proven []line // where rows are few, what can be done comes before it
	for i, p := range proofs {
		if e.tight == tightest && p.Level == words.Calm {
			proven = e.packed(proofs[i:])
			break
		}
		rows = append(rows, e.group(p)...)
	}
	blank()
	rows = append(append(rows, e.changes()...), proven...)
	for _, t := range words.CutsTold(e.c.v, e.st, e.c.now) {
		for i, s := range wrap(t.Text, e.w-5) {
			if i > 0 {
				rows = append(rows, tx("   "+s))
				continue
			}
			rows = append(rows, line{{text, " "}, mark(t.Mark, t.Level), {roleOf(t.Level), " " + s}})
		}
	}
	if s := words.OverrideWord(e.st.Verdict.Verdict); s != "" {
		rows = append(rows, e.para(" ", s, text)...)
	}
	cost, brief := words.WaitingCost(e.c.v, e.st, e.c.now)
	if e.tight == tightest {
		cost = brief
	}
	return append(rows, e.para(" ", cost, title)...)
}

// columns says that every item has one row with a column for each fact.
func (e evidence) columns() bool { return e.w >= 110 }

// para is a text in as many rows as it takes, all behind front.
func (e evidence) para(front, s string, r role) []line {
	var rows []line
	for _, p := range wrap(s, e.w-width(front)-1) {
		rows = append(rows, line{{text, front}, {r, p}})
	}
	return rows
}

func (e evidence) verdict() []line {
	name, r, word := " VERDICT  ", warn, words.Bad+" NO."
	if e.st.Verdict.Verdict.Allow {
		r, word = good, words.Good+" YES."
	}
	judged := " judged " + words.HMS(e.st.Verdict.At, e.c.now) + ", " + words.Age(e.st.Verdict.At, e.c.now) + " ago "
	if e.w < 100 {
		judged = " " + words.HMS(e.st.Verdict.At, e.c.now) + " "
	}
	said := words.Ruling(e.c.v, e.st)
	if e.live { // nothing starts by it, so it is never a YES
		long, brief := words.Judged(e.last, e.c.now)
		if judged = " " + long + ", x judges "; e.w < 100 {
			judged = " " + brief + " "
		}
		if name = " SEEN NOW "; e.st.Verdict.Verdict.Allow {
			r, word, said = caut, words.Look+" NOT JUDGED.", "All is proven so far: x reads it anew and judges."
		}
	}
	head := line{{text, name}, {r, word}, {text, " "}}
	if first, _, ok := strings.Cut(said, ". "); ok && e.tight == tightest {
		said = first + "."
	}
	var rows []line
	for i, s := range wrap(said, e.w-head.width()-width(judged)) {
		if i == 0 {
			rows = append(rows, sides(head.add(title, s), tx(judged), e.w))
			continue
		}
		rows = append(rows, tx(pad("", head.width())+s))
	}
	return rows
}

// group is one group of items below its name and count.
func (e evidence) group(p words.Proof) []line {
	rows := []line{in(title, " "+p.Name+" "+strconv.Itoa(len(p.Items)))}
	for _, it := range p.Items {
		switch {
		case e.columns():
			rows = append(rows, e.wide(p, it)...)
		default:
			rows = append(append(rows, e.head(p, it)), e.said(it)...)
		}
	}
	return rows
}

// said is what was seen of an item, below its name.
func (e evidence) said(it fence.Item) []line {
	rows := e.para("     ", words.Seen(it), text)
	if e.tight == tightest && len(rows) > 1 {
		rows = []line{tx("     " + cut(rows[0].String()[5:], e.w-6))}
	}
	return rows
}

// packed are groups side by side, their items in few words.
func (e evidence) packed(groups []words.Proof) []line {
	var names []string
	var rows []line
	l := tx(" ")
	for _, p := range groups {
		names = append(names, p.Name+" "+strconv.Itoa(len(p.Items)))
		for _, it := range p.Items {
			s := " " + words.BriefItem(it) + "  "
			if l.width()+width(s)+1 > e.w && l.width() > 1 {
				rows, l = append(rows, l), tx(" ")
			}
			l = append(l, mark(p.Mark, p.Level), span{text, s})
		}
	}
	return append([]line{in(title, " "+strings.Join(names, ", "))}, append(rows, l)...)
}

// head is an item's name with source and age, in a narrow window.
func (e evidence) head(p words.Proof, it fence.Item) line {
	right := safe.Short(it.Source, 24)
	if !it.At.IsZero() {
		right += "  " + words.Age(it.At, e.c.now)
	}
	if until := e.until(it); until != "" {
		right += "  holds to " + until
	}
	return sides(line{{text, " "}, mark(p.Mark, p.Level), {text, " " + safe.Line(it.Name)}}, tx(strings.TrimSpace(right)+" "), e.w)
}

// until is how long a proof holds, in short while that is today.
func (e evidence) until(it fence.Item) string {
	if it.Until.IsZero() {
		return ""
	}
	return words.HMS(it.Until, e.c.now)
}

// wide is an item in columns: what was seen goes on below in its own column.
// What is good has one row where rows are few.
func (e evidence) wide(p words.Proof, it fence.Item) []line {
	age := ""
	if !it.At.IsZero() {
		age = words.Age(it.At, e.c.now)
	}
	seen := wrap(words.Seen(it), e.seenWidth())
	if p.Level == words.Calm && e.tight > 0 {
		seen = wrapMax(words.Seen(it), e.seenWidth(), 1)
	}
	var rows []line
	for i, s := range seen {
		if i > 0 {
			rows = append(rows, tx(strings.Repeat(" ", 3+e.nameWidth())+s))
			continue
		}
		l := line{{text, " "}, mark(p.Mark, p.Level), {text, " " + pad(cutTo(safe.Line(it.Name), e.nameWidth()-1), e.nameWidth())}}
		rows = append(rows, l.add(text, e.row("", s, cutTo(safe.Line(it.Source), sourceWidth), age, orDash(e.until(it)))))
	}
	return rows
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

const sourceWidth = 16

// nameWidth is the width of the column of what must be true.
func (e evidence) nameWidth() int { return min(max(e.w/3, 43), 50) }

// seenWidth is the width of the column of what was seen: all that is left.
func (e evidence) seenWidth() int { return max(e.w-3-e.nameWidth()-sourceWidth-2-8-10, 10) }

// row is a row in columns behind its front.
func (e evidence) row(front, seen, source, age, until string) string {
	return front + pad(seen, e.seenWidth()) + "  " + pad(source, sourceWidth) + padLeft(age, 8) + padLeft(until, 9)
}

func padLeft(s string, n int) string {
	if d := n - width(s); d > 0 {
		return strings.Repeat(" ", d) + s
	}
	return s
}

// changes are what would change the verdict, the strongest first.
func (e evidence) changes() []line {
	list := words.Changes(e.c.v, e.st)
	if len(list) == 0 || e.st.Verdict.Verdict.Allow {
		return nil
	}
	rows := []line{in(title, " What would change the verdict, strongest first")}
	for i, ch := range list {
		l := line{{text, "   " + strconv.Itoa(i+1) + "  "}}
		front := l.width()
		what := ch.Text
		how := ch.How
		if e.columns() {
			l = l.add(text, pad(what, 56)+"  ").add(todo, how)
			if ch.Note != "" {
				l = l.add(text, strings.Repeat(" ", max(30-width(how), 2))+ch.Note)
			}
			if l.width() <= e.w {
				rows = append(rows, l)
				continue
			}
			l = line{{text, "   " + strconv.Itoa(i+1) + "  "}}
		}
		if how != "" {
			what += ": "
		}
		if note := ch.Note; note != "" && width(what)+width(how)+front+width(note)+3 <= e.w {
			how += ", " + note
		}
		for k, s := range wrap(what+how, e.w-front-1) {
			switch at := strings.LastIndex(s, ch.How); {
			case k > 0:
				rows = append(rows, tx(strings.Repeat(" ", front)+s))
			case ch.How != "" && at >= 0:
				rows = append(rows, append(l, span{text, s[:at]}, span{todo, ch.How}, span{text, s[at+len(ch.How):]}))
			default:
				rows = append(rows, l.add(text, s))
			}
		}
	}
	return rows
}
