package fence

import (
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// noLife is row 6.
func (j judge) noLife() Item {
	for _, s := range j.e.Signs {
		if j.counts(s) {
			what := s.What
			if what == "" {
				what = "this key was shown"
			}
			return against("%s at %s. Either a stop lied, or another host holds this key.", sentence(what), hms(s.At)).from(s.At, s.Source)
		}
	}
	if j.e.Kind == Elsewhere {
		if j.e.StoppedAt.IsZero() {
			return miss("Since when nothing can have signed is not known: no stop was read back.")
		}
		if j.e.StoppedAt.After(j.now.Add(skew)) {
			return miss("The stop is said to be at %s, after now.", hms(j.e.StoppedAt))
		}
	}
	f := j.e.Looked
	if ok, why := j.use(f.At, j.floor("")); !ok {
		return miss("What the endpoints show %s.", why).from(f.At, f.Source)
	}
	if f.V < 1 {
		return miss("No endpoint answered.").from(f.At, f.Source)
	}
	return proven(f.At, f.Source, "%d endpoints asked, none shows this key.", f.V)
}

// counts says whether a sign of life is a veto. For a restart in place the
// target's own signs are none, and a vote, which does not say whose it is,
// counts only once the target was seen down.
func (j judge) counts(s Sign) bool {
	if j.e.Kind == Elsewhere {
		return !s.At.Before(j.e.StoppedAt)
	}
	if s.Host == j.e.Target {
		return false
	}
	if s.Host == "" {
		return !j.e.StoppedAt.IsZero() && !s.At.Before(j.e.StoppedAt)
	}
	return !s.At.Before(j.e.StoppedAt)
}

// silence is row 7.
func (j judge) silence() Item {
	check := j.e.TargetIs.CheckHeight
	if ok, why := j.use(check.At, time.Time{}); !ok || check.V < 0 {
		return miss("double_sign_check_height of %s %s.", j.e.Target, orEmpty(why)).from(check.At, check.Source)
	}
	if j.e.Kind == InPlace {
		return j.sinceLast()
	}
	m := j.e.Chain.Moving
	if ok, why := j.use(m.At, time.Time{}); !ok {
		return miss("Whether the chain moves %s.", why).from(m.At, m.Source)
	}
	if !m.V {
		return Item{State: NotChecked, At: m.At, Source: m.Source,
			Text: "The chain stands: silence cannot be tested. A stop read back and the real sign state are needed instead."}
	}
	w := j.window()
	if w.item.State != Proven {
		return w.item
	}
	if w.blocks < j.blocks() {
		return miss("%d of %d blocks so far, counted from %d.", w.blocks, j.blocks(), w.from).from(w.item.At, w.item.Source)
	}
	return proven(w.item.At, w.item.Source, "%d blocks, %d to %d, %d witnesses agree.", w.blocks, w.from, w.to, w.names)
}

// sinceLast is row 7 of a restart in place: a validator that finds its own
// signature within double_sign_check_height blocks dies seconds after a start
// that looked good.
func (j judge) sinceLast() Item {
	c, check := j.e.Chain, j.e.TargetIs.CheckHeight
	if check.V == 0 {
		return proven(check.At, check.Source, "The check is off on %s.", j.e.Target)
	}
	if ok, why := j.use(c.LastSigned.At, j.floor("")); !ok {
		return miss("The last block signed with this key %s.", why).from(c.LastSigned.At, c.LastSigned.Source)
	}
	if ok, why := j.use(c.Tip.At, time.Time{}); !ok {
		return miss("The height of the chain %s.", why).from(c.Tip.At, c.Tip.Source)
	}
	if gone := c.Tip.V - c.LastSigned.V; gone < check.V {
		text := "%d of %d blocks since the last signature: %s would start and die seconds later."
		if c.Moving.Known() && !c.Moving.V {
			text += " The chain stands, so waiting does not help: set the check to 0."
		}
		return miss(text, gone, check.V, j.e.Target).from(c.LastSigned.At, c.LastSigned.Source)
	}
	return proven(oldest(c.LastSigned.At, c.Tip.At, check.At), c.LastSigned.Source,
		"%d blocks since the last signature, %d needed.", c.Tip.V-c.LastSigned.V, check.V)
}

// window is what all witnesses together say about the silence.
type window struct {
	item     Item // proven: they agree; says nothing about the length
	from, to int64
	blocks   int64
	names    int
}

func (j judge) window() window {
	floor := j.floor("")
	names := map[string]bool{}
	w := window{item: miss("No witness was read.")}
	at := time.Time{}
	for _, s := range j.e.Silence {
		if it := j.witness(s, floor); it.State != Proven {
			return window{item: it}
		}
		if len(names) > 0 && s.To != w.to {
			return window{item: miss("The witnesses were read at different heights, %d and %d.", w.to, s.To).from(s.At, s.Name)}
		}
		if len(names) > 0 && s.Hash != j.e.Silence[0].Hash {
			return window{item: against("The witnesses see different blocks at %d: two chains.", s.To).from(s.At, s.Name)}
		}
		names[s.Name] = true
		w.from, w.to = max(w.from, s.From), s.To
		if at.IsZero() || s.At.Before(at) {
			at = s.At
		}
	}
	if len(names) < 2 {
		w.item = miss("%d of 2 witnesses read.", len(names))
		return w
	}
	w.blocks, w.names = w.to-w.from+1, len(names)
	if last := j.e.Chain.LastSigned; last.Known() && last.V >= w.from {
		return window{item: against("Block %d is signed with this key, after the stop.", last.V).from(last.At, last.Source)}
	}
	w.item = Item{State: Proven, At: at, Source: fmt.Sprintf("%d witnesses", len(names))}
	return w
}

// witness judges one witness alone.
func (j judge) witness(s Witness, floor time.Time) Item {
	span := s.To - s.From + 1
	switch ok, why := j.use(s.At, floor); {
	case !ok:
		return miss("What %s says of the silence %s.", s.Name, why).from(s.At, s.Name)
	case s.Name == "" || (s.Host != "" && (s.Host == j.e.Target || s.Host == j.e.Old)):
		return miss("A witness must be neither %s nor %s.", j.e.Target, j.e.Old).from(s.At, s.Name)
	case s.Since.IsZero() || floor.IsZero() || s.Since.Before(floor):
		return miss("%s counts from before the stop: counting must start again.", s.Name).from(s.At, s.Name)
	case s.From <= 0 || span < 1 || s.Absent < 0 || s.Absent > span || s.Hash == "":
		return miss("The account of %s makes no sense.", s.Name).from(s.At, s.Name)
	case s.Absent < span:
		return against("%s saw this key in %d commits since the stop.", s.Name, span-s.Absent).from(s.At, s.Name)
	}
	return Item{State: Proven}
}

// oldState is row 8.
func (j judge) oldState() Item {
	if j.e.Kind == InPlace {
		return Item{State: NotChecked, Text: "Not needed for a restart in place."}
	}
	if s := j.oldKnown(); s.Known() {
		return proven(s.At, s.Source, "%s: %s.", j.e.Old, s.V)
	}
	m := j.e.Chain.Moving
	if ok, why := j.use(m.At, time.Time{}); !ok {
		return miss("The sign state of %s is not known, and whether the chain moves %s.", orOld(j.e.Old), why).from(m.At, m.Source)
	}
	if !m.V {
		return miss("The chain stands: the sign state of %s must be read, it may have voted for the next block.", orOld(j.e.Old))
	}
	w := j.window()
	if w.item.State != Proven || w.blocks < j.blocks() {
		return miss("The sign state of %s is not known, and the silence not proven.", orOld(j.e.Old))
	}
	mark := j.e.TargetIs.Mark
	if ok, why := j.use(mark.At, time.Time{}); !ok {
		return miss("The sign state of %s is not known, and the mark %s.", orOld(j.e.Old), why)
	}
	// What O voted for lies at most one block above the tip of the stop, and
	// so below the end of the silence.
	if end := w.from + j.blocks() - 1; mark.V.Height < end {
		return miss("The sign state of %s is not known: the mark must be at height %d or more.", orOld(j.e.Old), end).from(mark.At, mark.Source)
	}
	return proven(oldest(mark.At, w.item.At), mark.Source, "Not read, but the mark is above all that %s can have voted for.", orOld(j.e.Old))
}

// oldKnown is the old host's sign state, if it proves anything.
func (j judge) oldKnown() Fact[SignState] {
	var out Fact[SignState]
	for _, h := range j.e.Holders {
		if j.e.Old == "" || h.Host != j.e.Old || h.Host == j.e.Target {
			continue
		}
		if ok, _ := j.use(h.State.At, j.floor(h.Host)); ok && (!out.Known() || out.V.Compare(h.State.V) < 0) {
			out = h.State
		}
	}
	return out
}

// seen is the lowest state that is above everything seen: states of all
// holders and copies, all votes, and the last signature in a commit (one
// height more for a start elsewhere, so that no round of that height is signed
// twice).
func seen(e Evidence) SignState {
	var s SignState
	for _, h := range e.Holders {
		if h.State.Known() && (e.Kind != InPlace || h.Host != e.Target) {
			s = s.Max(h.State.V)
		}
	}
	for _, list := range [2][]StateSeen{e.States, e.Votes} {
		for _, k := range list {
			s = s.Max(k.State)
		}
	}
	if last := e.Chain.LastSigned; last.Known() && last.V > 0 {
		if e.Kind == InPlace {
			return s.Max(SignState{Height: last.V, Step: Precommit})
		}
		return s.Max(SignState{Height: last.V + 1})
	}
	return s
}

// ErrMark says that no safe mark can be given.
var ErrMark = errors.New("no safe mark")

// Mark is the sign state to stage for a start elsewhere: the maximum over
// everything seen and, where the old host's state is not known, the end of the
// silence. With an override it is 11K above the tip: 10K as the rule wants,
// and K more for the blocks that pass until the start. It does not look at the
// age of the facts; Judge does.
func Mark(e Evidence) (SignState, error) {
	c := e.Chain
	if e.Kind != Elsewhere {
		return SignState{}, fmt.Errorf("%w: only a start elsewhere raises the mark", ErrMark)
	}
	if !c.LastSigned.Known() {
		return SignState{}, fmt.Errorf("%w: the last block signed with this key is not known", ErrMark)
	}
	s := seen(e)
	j := judge{e: sorted(e)}
	if e.Over != nil {
		if !c.Tip.Known() || !c.Moving.Known() || !c.Moving.V {
			return SignState{}, fmt.Errorf("%w: an override needs a moving chain and its height", ErrMark)
		}
		return s.Max(SignState{Height: c.Tip.V + (OverrideFactor+1)*j.blocks()}), nil
	}
	for _, h := range e.Holders {
		if h.Host == e.Old && e.Old != "" && h.Host != e.Target && h.State.Known() {
			return s, nil
		}
	}
	if !c.Moving.Known() || !c.Moving.V {
		return SignState{}, fmt.Errorf("%w: the chain does not move and the sign state of %s is not known", ErrMark, orOld(e.Old))
	}
	var end int64
	for _, w := range e.Silence {
		end = max(end, w.To, w.From+j.blocks()-1)
	}
	if end == 0 {
		return SignState{}, fmt.Errorf("%w: the sign state of %s is not known, and no silence was read", ErrMark, orOld(e.Old))
	}
	return s.Max(SignState{Height: end}), nil
}

func orOld(old string) string {
	if old == "" {
		return "the old host"
	}
	return old
}

// sentence is s with a capital first letter.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
