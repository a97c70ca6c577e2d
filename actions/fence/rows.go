package fence

import "time"

// command is row 1.
func (j judge) command() Item {
	c := j.e.Commander
	if ok, why := j.use(c.At, time.Time{}); !ok {
		return miss("Who commands %s.", why).from(c.At, c.Source)
	}
	switch {
	case c.V.Other != "":
		return against("%s acts on this key.", c.V.Other).from(c.At, c.Source)
	case !c.V.You:
		return against("You are not the commander.").from(c.At, c.Source)
	}
	return proven(c.At, c.Source, "You command.")
}

// jail is row 2. A ban seen once holds, however old the reading is.
func (j judge) jail() Item {
	in := j.e.Jail
	switch {
	case in.Banned.Known() && in.Banned.V:
		return against("The validator is banned for ever (tombstoned): this key must not sign again.").from(in.Banned.At, in.Banned.Source)
	case in.Jailed.Known() && in.Jailed.V:
		return against("The validator is jailed.").from(in.Jailed.At, in.Jailed.Source)
	case in.NoREST:
		return Item{State: NotChecked, Text: "Not checked: no REST."}
	}
	for _, f := range [2]Fact[bool]{in.Jailed, in.Banned} {
		if ok, why := j.use(f.At, time.Time{}); !ok {
			return miss("Whether the validator is jailed %s.", why).from(f.At, f.Source)
		}
	}
	return proven(oldest(in.Jailed.At, in.Banned.At), in.Jailed.Source, "Jailed no, banned no.")
}

// inStep is row 3.
func (j judge) inStep() Item {
	t, c := j.e.TargetIs, j.e.Chain
	for _, f := range [2]Fact[string]{t.Network, c.Network} {
		if ok, why := j.use(f.At, time.Time{}); !ok || f.V == "" {
			return miss("The network of %s or of the chain %s.", j.e.Target, orEmpty(why)).from(f.At, f.Source)
		}
	}
	if t.Network.V != c.Network.V {
		return against("%s is on network %s, the chain is %s.", j.e.Target, t.Network.V, c.Network.V).from(t.Network.At, t.Network.Source)
	}
	at := oldest(t.Network.At, c.Network.At)
	if j.e.Kind == InPlace {
		return proven(at, t.Network.Source, "Same network, %s.", t.Network.V)
	}
	if it := j.synced(); it.State != Proven {
		return it
	}
	if ok, why := j.use(t.Common.At, time.Time{}); !ok || t.Common.V.Height <= 0 {
		return miss("Whether %s holds the same blocks %s.", j.e.Target, orEmpty(why)).from(t.Common.At, t.Common.Source)
	}
	if !t.Common.V.Equal {
		return against("At height %d %s has another block or app hash than the chain.", t.Common.V.Height, j.e.Target).from(t.Common.At, t.Common.Source)
	}
	at = oldest(at, t.Height.At, t.BlockAge.At, t.CatchingUp.At, t.Common.At)
	return proven(at, t.Common.Source, "Same network, block %d, same app hash at %d.", t.Height.V, t.Common.V.Height)
}

// synced says whether the target has the last block. On a halted chain every
// block is old: there it must have the tip.
func (j judge) synced() Item {
	t, c := j.e.TargetIs, j.e.Chain
	if ok, why := j.use(t.Height.At, time.Time{}); !ok {
		return miss("The height of %s %s.", j.e.Target, why).from(t.Height.At, t.Height.Source)
	}
	if ok, why := j.use(t.CatchingUp.At, time.Time{}); !ok {
		return miss("Whether %s is catching up %s.", j.e.Target, why).from(t.CatchingUp.At, t.CatchingUp.Source)
	}
	if t.CatchingUp.V {
		return against("%s is catching up, at block %d.", j.e.Target, t.Height.V).from(t.CatchingUp.At, t.CatchingUp.Source)
	}
	if ok, why := j.use(c.Moving.At, time.Time{}); !ok {
		return miss("Whether the chain moves %s.", why).from(c.Moving.At, c.Moving.Source)
	}
	if !c.Moving.V {
		if ok, why := j.use(c.Tip.At, time.Time{}); !ok {
			return miss("The height of the chain %s.", why).from(c.Tip.At, c.Tip.Source)
		}
		if t.Height.V < c.Tip.V {
			return against("The chain stands at %d, %s is at %d.", c.Tip.V, j.e.Target, t.Height.V).from(t.Height.At, t.Height.Source)
		}
	}
	if ok, why := j.use(t.BlockAge.At, time.Time{}); !ok {
		return miss("The age of the last block of %s %s.", j.e.Target, why).from(t.BlockAge.At, t.BlockAge.Source)
	}
	if limit := max(3*c.Interval, 10*time.Second); c.Moving.V && t.BlockAge.V > limit {
		return against("The last block of %s is %s old, more than %s.", j.e.Target, t.BlockAge.V.Round(time.Second), limit).from(t.BlockAge.At, t.BlockAge.Source)
	}
	return Item{State: Proven}
}

// otherAddress is row 4.
func (j judge) otherAddress() Item {
	if j.e.Kind == InPlace {
		return Item{State: NotChecked, Text: "Not needed for a restart in place."}
	}
	f := j.e.TargetIs.Shows
	if ok, why := j.use(f.At, time.Time{}); !ok || f.V == "" {
		return miss("Which key %s shows now %s.", j.e.Target, orEmpty(why)).from(f.At, f.Source)
	}
	if sameAddress(f.V, j.e.Address) {
		return against("%s shows this key already.", j.e.Target).from(f.At, f.Source)
	}
	return proven(f.At, f.Source, "%s, not %s.", f.V, j.e.Address)
}

// mark is row 9.
func (j judge) mark() Item {
	t, c := j.e.TargetIs, j.e.Chain
	if ok, why := j.use(t.Mark.At, time.Time{}); !ok {
		return miss("The mark on %s %s.", j.e.Target, why).from(t.Mark.At, t.Mark.Source)
	}
	if ok, why := j.use(c.LastSigned.At, j.floor("")); !ok {
		return miss("The last block signed with this key %s.", why).from(c.LastSigned.At, c.LastSigned.Source)
	}
	if j.e.Kind == InPlace && t.Staged.Known() && t.Staged.V != "" {
		return against("A key is staged on %s: what starts there is not what lies in place.", j.e.Target).from(t.Staged.At, t.Staged.Source)
	}
	need := seen(j.e)
	if t.Mark.V.Compare(need) < 0 {
		return against("The mark must be %s or more, is %s.", need, t.Mark.V).from(t.Mark.At, t.Mark.Source)
	}
	at := oldest(t.Mark.At, c.LastSigned.At)
	if j.e.Kind == InPlace {
		return proven(at, t.Mark.Source, "The mark is %s, nothing above it was seen.", t.Mark.V)
	}
	if ok, why := j.use(t.Staged.At, time.Time{}); !ok || t.Staged.V == "" {
		return miss("The address of the key staged on %s %s.", j.e.Target, orEmpty(why)).from(t.Staged.At, t.Staged.Source)
	}
	if !sameAddress(t.Staged.V, j.e.Address) {
		return against("The key staged on %s is %s, another one.", j.e.Target, t.Staged.V).from(t.Staged.At, t.Staged.Source)
	}
	// On a halted chain a mark above the next height would keep this key from
	// the very block that must be decided.
	if c.Moving.Known() && !c.Moving.V && c.Tip.Known() && t.Mark.V.Height > c.Tip.V+1 {
		return against("The chain stands at %d: a mark at %d keeps this key from block %d. Stage it again.", c.Tip.V, t.Mark.V.Height, c.Tip.V+1).from(t.Mark.At, t.Mark.Source)
	}
	return proven(oldest(at, t.Staged.At), t.Mark.Source, "The mark is %s, nothing above it was seen.", t.Mark.V)
}

// orEmpty is why a fact does not count, when it was read but said nothing.
func orEmpty(why string) string {
	if why == "" {
		return "was asked for, but the answer says nothing"
	}
	return why
}
