package tui

import (
	"strings"

	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// While the chain stands the pane is the table of its validators: the last
// commit shows the past, the votes of the running height show who is there.
// Who is missing stands first.

// haltDetail is the detail about the halt as a whole.
const haltDetail = "halt"

// maxMissed is how many of those who are missed are told one by one.
const maxMissed = 12

// fewVotes is how many validators are listed one by one though they voted.
const fewVotes = 16

// hasVotes says that the votes of the height at which the chain stands are
// known.
func (f *fleet) hasVotes() bool {
	c := f.v.Snap.Chain
	return c.Halted == nodes.True && c.Votes != nil && len(c.Votes.Ballots) > 0
}

// votes says that the pane is the table of the validators.
func (f *fleet) votes() bool { return !f.plain && f.hasVotes() }

// Other shows the nodes in place of the votes, or the votes again.
func (f *fleet) Other() {
	f.plain, f.cursor, f.top = !f.plain, "", 0
	f.look()
	f.sort()
}

// lookVotes sees every validator.
func (f *fleet) lookVotes(add func(spot, sight)) {
	list := f.v.Snap.Chain.Votes.Ballots
	for i, b := range list {
		w := words.BallotOf(f.v, b)
		s := sight{name: w.Name, mark: w.Mark, text: w.Prevote + " " + w.Seen, level: w.Level, power: b.Power, at: i}
		if w.Level == words.Calm && len(list) > fewVotes {
			s.group = "voted for " + w.Prevote
		}
		f.names = max(f.names, min(14, width(w.Name)))
		add(spot("vote "+b.Address), s)
	}
}

// Heading is the title of the pane.
func (f *fleet) Heading() string {
	if !f.votes() {
		return "Nodes"
	}
	v := f.v.Snap.Chain.Votes
	height, round := words.Num(v.Height), ", round "+words.Num(int64(v.Round))
	if f.slim() {
		return "Nodes: votes for " + height + round
	}
	return "Nodes: votes for block " + height + round + ", " + words.RoundStep(v.Step)
}

// votesView is the table: what it comes to above, who is missing first, and
// below, as far as there is room, what it means.
func (f *fleet) votesView() []line {
	rows := f.tally()
	if f.h >= 8 {
		rows = append(rows, f.columns())
	}
	rows = append(rows, f.shown(max(f.h-len(rows), 1))...)
	say := f.votesSay(f.w)
	if left := f.h - len(rows) - 1; left >= 1 {
		rows = append(append(rows, nil), say[:min(left, len(say))]...)
	}
	if !f.apart {
		means := f.means(f.w, false)
		if left := f.h - len(rows) - 1; left >= 4 {
			rows = append(append(rows, nil), means[:min(left, len(means))]...)
		}
	}
	return screenful(rows, f.w, f.h, 0)
}

// Wants is how many rows the table and what stands around it take, beside what
// it means in w cells.
func (f *fleet) Wants(w int) int {
	beside := *f
	beside.apart = true
	return max(len(f.list)+8, len(beside.means(w, false)))
}

// tally is what the votes come to: the gauge, what is short, and the power
// behind each kind of vote.
func (f *fleet) tally() []line {
	p := f.v.Snap.Chain.Power
	t := words.TallyOf(f.v.Snap.Chain.Votes.Ballots).Texts()
	t[0] = strings.ToUpper(t[0][:1]) + t[0][1:]
	row := tx(" " + strings.Join(t, "   "))
	if n := tx("of " + words.Num(p.Total) + " "); row.width()+n.width()+2 <= f.w {
		row = sides(row, n, f.w)
	}
	if f.h < 18 || p.Known != nodes.True {
		return append([]line{row}, f.ready()...)
	}
	online := line{{text, " online " + words.Num(p.Online)}}
	if p.Spare < 0 {
		online = online.add(text, ", ").add(warn, "short by "+words.Num(-p.Spare))
	}
	return append([]line{append(tx(" "), gauge(f.v, f.w-2)...), sides(online, tx("needs "+words.Num(p.Needed)+" at ┃ "), f.w), row}, f.ready()...)
}

// ready is what the roll call comes to, once somebody was called.
func (f *fleet) ready() []line {
	if len(f.v.State.Roll) == 0 {
		return nil
	}
	var power int64
	for _, b := range f.v.Snap.Chain.Votes.Ballots {
		if r, called := f.v.State.RollOf(b.Address); b.Online || called && r.Stage == incident.RollReady {
			power += b.Power
		}
	}
	p := f.v.Snap.Chain.Power
	l := tx(" votes or is ready " + words.Num(power))
	if power >= p.Needed {
		return []line{sides(l, in(good, "enough to start "), f.w)}
	}
	return []line{sides(l, in(warn, "short by "+words.Num(p.Needed-power)+" "), f.w)}
}

// The columns of the table; narrow panes have fewer.
const (
	powerWidth = 7
	whoseWidth = 6
	voteWidth  = 13
)

func (f *fleet) slim() bool { return f.w < 66 }

func (f *fleet) powerRoom() int {
	if f.slim() {
		return powerWidth - 2
	}
	return powerWidth - 1
}

func (f *fleet) columns() line {
	l := tx("   " + pad("Validator", f.names) + " " + lpad("Power", f.powerRoom()) + "  ")
	if f.slim() {
		return sides(l.add(text, pad("Whose", whoseWidth)+"Vote, or seen"), tx("For "), f.w)
	}
	l = l.add(text, pad("Whose", whoseWidth))
	return sides(l.add(text, pad("Prevote", voteWidth)+"What is seen"), tx("For "), f.w)
}

// voteRow is one validator.
func (f *fleet) voteRow(b nodes.Ballot, here bool) line {
	w := words.BallotOf(f.v, b)
	front, r := " ", text
	if w.Level > words.Calm {
		r = title
	}
	m := mark(w.Mark, w.Level)
	if here {
		if front, r = "▶", selected; w.Level == words.Calm {
			m.r = selected
		}
	}
	l := line{{r, front}, m, {r, " " + pad(cutTo(clean(w.Name), f.names), f.names) + " " + lpad(words.Num(b.Power), f.powerRoom()) + "  "}, {text, pad(w.Whose, whoseWidth)}}
	since := ""
	if !w.Since.IsZero() {
		since = words.Age(w.Since, f.now)
	}
	if f.slim() { // without a vote it is what is seen that counts
		what := w.Brief
		if w.Level == words.Warning {
			what = strings.TrimSuffix(w.Seen, " in time")
		}
		right := tx(" " + since + " ")
		if brief, _, ok := strings.Cut(what, ", "); ok && l.width()+width(what)+right.width() > f.w {
			what = brief
		}
		return sides(l.add(roleOf(w.Level), what), right, f.w)
	}
	return sides(l.add(roleOf(w.Level), pad(w.Prevote, voteWidth-1)).add(text, " "+w.Seen), tx("  "+since+" "), f.w)
}

func lpad(s string, n int) string { return strings.Repeat(" ", max(n-width(s), 0)) + s }

// votesSay is how far the votes can be trusted.
func (f *fleet) votesSay(w int) []line {
	c := f.v.Snap.Chain
	if c.Votes == nil {
		return wrapped("The votes of the running round were not read.", text, w)
	}
	var out []line
	if p := c.Power; p.Known == nodes.True && p.Spare < 0 {
		out = append(out, wrapped(`Rounds do not rise below two thirds: "round `+words.Num(int64(c.Votes.Round))+`" is no good sign.`, text, w)...)
	}
	who := c.Votes.Nodes
	if len(who) > 4 {
		who = append(who[:4:4], words.Num(int64(len(c.Votes.Nodes)-4))+" more")
	}
	seen := "Witnesses: " + strings.Join(who, ", ")
	if len(c.Votes.Nodes) < 2 {
		seen = "One witness alone, " + strings.Join(who, "") + ": who has no vote there may have one elsewhere"
	}
	out = append(out, wrapped(seen+"; asked "+words.Age(c.Votes.At, f.now)+" ago.", text, w)...)
	return append(out, wrapped("Last good block "+words.Num(c.Height)+": its signatures prove nothing about now.", text, w)...)
}

// means is what the halt means: what was ruled out, what it is, the nearest
// ways back, and what to know by heart where that was quieted.
func (f *fleet) means(w int, whole bool) []line {
	var rows []line
	if !whole && !f.apart {
		rows = append(rows, in(title, " What this means"))
	}
	long := 0
	for _, c := range f.causes {
		long = max(long, width(c.Name))
	}
	for _, c := range f.causes {
		for i, s := range wrap(c.Saw, w-long-6) {
			l := line{{text, " "}, mark(c.Mark, c.Level), {text, " " + pad(c.Name, long) + "  " + s}}
			if i > 0 {
				l = tx(pad("", long+5) + s)
			}
			rows = append(rows, l)
		}
	}
	rows = append(append(rows, nil), f.ways(w)...)
	for _, a := range f.v.Alerts {
		if !strings.HasPrefix(a.Kind, "chain-halted") || !a.Quiet { // until then they stand above the prompt
			continue
		}
		rows = append(rows, nil, in(title, " MEMORY ITEMS, read aloud"))
		for i, s := range a.Memory {
			rows = append(rows, wrapped(words.Num(int64(i+1))+" "+s, text, w)...)
		}
	}
	return rows
}

// ways are the nearest ways back over the line.
func (f *fleet) ways(w int) []line {
	p := f.v.Snap.Chain.Power
	if len(f.back) == 0 {
		return wrapped("No way back can be named: the power or the votes are not known, or power is not what is missing.", text, w)
	}
	rows := []line{in(title, " Nearest ways back over "+words.Num(p.Needed))}
	item := func(name, power, what string) {
		head := line{{text, "   "}, {title, pad(name, 8)}, {text, "  " + lpad(power, 5) + "  "}}
		for i, s := range wrap(what, max(w-head.width()-1, 12)) {
			if i == 0 {
				rows = append(rows, head.add(text, s))
				continue
			}
			rows = append(rows, tx(pad("", head.width())+s))
		}
	}
	single := len(f.back[0].Back) == 1
	for _, x := range f.back {
		if !single {
			rows = append(rows, line{{text, "   "}, {title, words.Way(x)}, {text, "  +" + words.Num(x.Power)}})
		}
	}
	if !single {
		rows = append(rows, in(title, " What is seen of them"))
	}
	for i, a := range words.Missed(f.back) {
		if i == maxMissed {
			break
		}
		item(safe.Short(a.Name, 20), "+"+words.Num(a.Power), safe.Short(a.Seen, 100))
	}
	return rows
}
