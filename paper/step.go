package paper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
)

// step is one step with everything under it, in the order in which it is done:
// who and when, what must hold, what is run, what is seen then, how it is undone.
func (w *writer) step(st checklists.Step) Part {
	p := Part{Kind: Step, No: w.no[st.ID], Text: st.Title}
	p.Parts = append(p.Parts, para(w.terms(st)))
	p.Parts = append(p.Parts, prose(st.Prose)...)
	if len(st.Guards) > 0 {
		p.Parts = append(p.Parts, para("Do not begin before:"))
		p.Parts = append(p.Parts, w.looks(st.Guards)...)
	}
	if st.Run != nil {
		p.Parts = append(p.Parts, w.runs(*st.Run, "Run")...)
	}
	for _, b := range st.Comms {
		p.Parts = append(p.Parts, w.says(b)...)
	}
	if len(st.Verifies) > 0 {
		p.Parts = append(p.Parts, para(thenSee(st)))
		p.Parts = append(p.Parts, w.looks(st.Verifies)...)
		p.Parts = append(p.Parts, w.roll(st.Verifies)...)
	}
	if st.Evidence != "" {
		p.Parts = append(p.Parts, para(evidence(st.Evidence)), para("\n"+strings.Repeat("_", 60)))
	}
	return w.undo(p, st)
}

// roll is the roll call of a halted chain by hand: a row for each validator that
// is known, and room for the others.
func (w *writer) roll(verifies []checklists.Block) []Part {
	if !(checklists.Step{Verifies: verifies}).CallsRoll() {
		return nil
	}
	t := table([]string{"Operator", "Power", "Asked", "Reached", "Version", "Height", "Ready"}, []int{16, 7, 5, 7, 10, 10, 5})
	for _, k := range w.fleet.Keys {
		t = t.row(cmp.Or(k.PublicName, k.Name), "", blankTime, blankTime, "", "", blankTime)
	}
	for range max(4, 12-len(t.Rows)) {
		t = t.row(blankName+blankName, "", blankTime, blankTime, "", "", blankTime)
	}
	return []Part{t, para("Power of all: " + blank + "   of those that vote or are ready: " + blank + "   three times the second must be more than twice the first.")}
}

// terms are who does a step, after what, and what it asks for.
func (w *writer) terms(st checklists.Step) string {
	parts := []string{title(role(st.Role))}
	if len(st.Needs) > 0 {
		var after []string
		for _, n := range st.Needs {
			after = append(after, w.number(n))
		}
		parts = append(parts, "after "+strings.Join(after, ", "))
	}
	if st.Optional {
		parts = append(parts, "may be left out")
	}
	switch st.Only {
	case "drill":
		parts = append(parts, "only in a drill")
	case "incident":
		parts = append(parts, "not in a drill")
	}
	switch st.Approve {
	case "commander":
		parts = append(parts, "the commander agrees first: "+blankName)
	case "2":
		parts = append(parts, "a second person agrees first: "+blankName)
	}
	if st.Confirm != "" {
		parts = append(parts, "say aloud before: "+w.ref(st.Confirm))
	}
	for _, c := range st.Start {
		parts = append(parts, "clock "+c+" runs from here at the latest")
	}
	for _, c := range st.Stop {
		parts = append(parts, "clock "+c+" ends when this is seen, at the start of the time it held")
	}
	if st.Timeout > 0 {
		parts = append(parts, "in all at most "+long(st.Timeout))
	}
	if st.Kind() == checklists.Inner {
		parts = append(parts, "done when the steps that belong to it are")
	}
	return strings.Join(parts, "; ") + "."
}

func (w *writer) number(id string) string {
	if no := w.no[id]; no != "" {
		return no
	}
	return id
}

func thenSee(st checklists.Step) string {
	if st.Run == nil {
		return "See with your own eyes; nobody's word stands for it:"
	}
	return "Then see, before you tick:"
}

func evidence(kind string) string {
	switch kind {
	case "output":
		return "Keep what it printed: copy it, and write down where it lies:"
	case "file":
		return "Keep the file, and write down where it lies and its sha256:"
	case "link":
		return "Write down the link:"
	}
	return "Write down what you saw:"
}

// runs are the commands of a run or an undo.
func (w *writer) runs(b checklists.Block, verb string) []Part {
	var out []Part
	if b.Fence != "" && b.Fence != checklists.NoFence {
		out = append(out, w.fenced(b)...)
	}
	limit := ""
	if b.Timeout > 0 {
		limit = ", at most " + long(b.Timeout)
	}
	if b.Drill == "skip" || b.Drill == "simulate" {
		limit += "; not in a drill"
	}
	switch {
	case b.Group != "":
		out = append(out, para(fmt.Sprintf("%s on every host of %s, %s%s; %s:", verb, w.ref(b.Group), together(b.Parallel), limit, onError(b.OnError))))
		if hosts := w.hosts(b.Group); len(hosts) > 0 {
			out = append(out, boxes(hosts...))
		}
	case b.Lang == "sql":
		out = append(out, para(fmt.Sprintf("%s in the database %s%s:", verb, w.ref(b.Host), limit)))
	default:
		out = append(out, para(fmt.Sprintf("%s on %s%s:", verb, w.host(b.Host), limit)))
	}
	return append(out, code(w.script(b)))
}

// script is the text of a block; over a shell text stand the variables that it
// asks for.
func (w *writer) script(b checklists.Block) string {
	if b.Lang != "sh" && b.Lang != "bash" {
		return b.Text
	}
	if set := w.settings(b.Text); set != "" {
		return set + "\n\n" + b.Text
	}
	return b.Text
}

func together(n int) string {
	switch n {
	case 0:
		return "all at once"
	case 1:
		return "one after the other"
	}
	return fmt.Sprintf("%d at a time", n)
}

func onError(s string) string {
	if s == "continue" {
		return "go on when one fails"
	}
	return "stop when one fails"
}

// fenced is what must be proven before a signer starts: on paper the judge is
// the person who starts it.
func (w *writer) fenced(b checklists.Block) []Part {
	key, target := w.ref(b.Fence), w.ref(b.Host)
	if b.Group != "" {
		target = "each host of " + w.ref(b.Group)
	}
	others := "every other host that holds the key"
	if k, ok := w.fleet.Key(key); ok {
		others += " (it lies on " + strings.Join(k.Hosts, ", ") + ")"
	}
	return []Part{strong(fmt.Sprintf("FENCE for the key %s. A second signer costs the validator for ever; waiting costs nothing for two days. Start nothing before each of these is proven, with source and time, not older than %s:", key, long(fence.DefaultTTL))),
		boxes(proofs(target, others)...)}
}

// proofs are the things that must be true before target signs, one for each
// row of the protocol.
func proofs(target, others string) []string {
	return []string{
		"You command, and nobody else acts on this key",
		"The key is neither jailed nor banned",
		target + " is on the same chain, and in step with it",
		target + " shows another key now, or it is the host that signed last",
		title(others) + " is stopped, fenced, and read back",
		"No endpoint shows the key's address, and no vote with it was seen",
		fmt.Sprintf("%d blocks in a row without the key, since the stop; or, while the chain stands: the stop of every other holder read back, the real sign state of the host that signed last read, and double_sign_check_height 0 on %s", fence.MinBlocks, target),
		"The highest height, round and step that was ever signed is known: " + blank,
		"The mark on " + target + " is not below it (on a host that did not sign last: a height above the last block signed and, while the chain stands, not above the next one): " + blank,
	}
}

// says is the text of a message.
func (w *writer) says(b checklists.Block) []Part {
	to, public := w.lanes(b.Template)
	head := "Say"
	if b.Otherwise {
		head = "When what its guard says is not so, say instead"
	}
	where := "to whom the plan names for " + b.Template
	if len(to) > 0 {
		where = "to " + strings.Join(to, ", ")
	}
	if b.State != "" {
		where += ", status " + b.State
	}
	if public {
		where += "; strangers read it: no names of hosts or keys"
	}
	return []Part{para(head + " " + where + ":"), quoted(w.message(b.Text, public))}
}

// looks are assertions to tick: those of the cockpit in words, with how a
// person looks, the others as commands.
func (w *writer) looks(blocks []checklists.Block) []Part {
	var out []Part
	var hands []string
	for _, b := range blocks {
		if b.Lang == "probe" {
			var list []string
			for _, pr := range b.Probes {
				says, hand := assertion(pr, w.ref(pr.Name))
				list = append(list, says+w.spell(b))
				if hand != "" && !slices.Contains(hands, hand) {
					hands = append(hands, hand)
				}
			}
			out = append(out, boxes(list...))
			continue
		}
		out = append(out, boxes(w.command(b)+w.spell(b)+":"))
		out = append(out, code(w.script(b)))
	}
	if len(hands) > 0 {
		out = append(out, para("By hand:"), items(hands...))
	}
	return out
}

// command says where a check runs and what its answer must be.
func (w *writer) command(b checklists.Block) string {
	where := "on " + w.host(b.Host)
	if b.Group != "" {
		where = "on every host of " + w.ref(b.Group)
	}
	switch b.Lang {
	case "sql":
		where = "in the database " + w.ref(b.Host)
	case "http":
		where = "asked from " + w.host(b.Host)
	}
	want := "ends with exit 0"
	if code, ok := strings.CutPrefix(b.Expect, "exit:"); ok {
		want = "ends with exit " + code
	} else if b.Lang != "sh" && b.Lang != "bash" {
		want = "answers as written"
	}
	if b.Match != "" {
		want += " and its answer matches " + b.Match
	}
	return "This " + want + " " + where
}

// spell is how long something must hold and be waited for.
func (w *writer) spell(b checklists.Block) string {
	var parts []string
	switch {
	case b.For.D > 0:
		parts = append(parts, "for "+long(b.For.D)+" without a break")
	case b.For.Param != "":
		parts = append(parts, "for "+w.ref("$"+b.For.Param)+" without a break")
	}
	if b.Timeout > 0 {
		parts = append(parts, "wait at most "+long(b.Timeout))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// undo ends the step: how it is taken back, or that it cannot be.
func (w *writer) undo(p Part, st checklists.Step) Part {
	switch {
	case st.Undo != nil:
		p.Parts = append(p.Parts, para("TO TAKE IT BACK, only when the commander says so:"))
		if len(st.UndoGuards) > 0 {
			p.Parts = append(p.Parts, para("Not before:"))
			p.Parts = append(p.Parts, w.looks(st.UndoGuards)...)
		}
		p.Parts = append(p.Parts, w.runs(*st.Undo, "Run")...)
	case st.Run != nil && !st.Run.Idempotent:
		p.Parts = append(p.Parts, para("It cannot be taken back by this runbook."))
	}
	return p
}
