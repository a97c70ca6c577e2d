package fence

import (
	"strings"
	"time"
)

// others is row 5: every holder but the target.
func (j judge) others() Item {
	if it, ok := j.named(); !ok {
		return it
	}
	worst := map[State][]string{}
	at, sources := time.Time{}, []string(nil)
	for _, host := range j.e.Hosts {
		if host == j.e.Target {
			continue
		}
		found := false
		for _, h := range j.e.Holders {
			if h.Host != host {
				continue
			}
			found = true
			it := j.holder(h)
			worst[it.State] = append(worst[it.State], it.Text)
			if it.State == Proven && (at.IsZero() || it.At.Before(at)) {
				at = it.At
			}
			if it.Source != "" {
				sources = append(sources, it.Source)
			}
		}
		if !found {
			worst[Missing] = append(worst[Missing], "Nothing was read from "+host+".")
		}
	}
	// A host that the configuration does not name proves nothing, but what it
	// shows counts.
	for _, h := range j.e.Holders {
		if h.Host != j.e.Target && j.shows(h) {
			worst[Contradicting] = append(worst[Contradicting], h.Host+" shows this key.")
		}
	}
	it := Item{State: Proven, At: at, Source: strings.Join(unique(sources), ", ")}
	for _, s := range [2]State{Contradicting, Missing} {
		if len(worst[s]) > 0 {
			it.State, it.Text = s, strings.Join(unique(worst[s]), " ")
			return it
		}
	}
	it.Text = strings.Join(unique(worst[Proven]), " ")
	if it.Text == "" {
		it.Text = "No other host holds this key."
	}
	return it
}

// named says whether the configuration's list of holders can be relied on.
func (j judge) named() (Item, bool) {
	target, others := false, 0
	for _, h := range j.e.Hosts {
		if h == j.e.Target {
			target = true
		} else {
			others++
		}
	}
	switch {
	case !target:
		return miss("The configuration does not name %s among the hosts of this key.", j.e.Target), false
	case others == 0 && j.e.Kind == Elsewhere:
		return miss("The configuration names no other host of this key, yet it was signed with elsewhere."), false
	case others == 0 && len(j.e.Holders) == 0:
		return Item{State: Proven, At: j.now, Source: "configuration", Text: "No other host holds this key."}, false
	}
	return Item{}, true
}

// shows says that the holder showed the key since the stop.
func (j judge) shows(h Holder) bool {
	return h.Shows.Known() && sameAddress(h.Shows.V, j.e.Address) && !h.Shows.At.Before(j.e.StoppedAt)
}

// holder judges one holder that is not the target.
func (j judge) holder(h Holder) Item {
	if j.shows(h) {
		return against("%s shows this key.", h.Host).from(h.Shows.At, h.Shows.Source)
	}
	if it := j.other(h); it.State != Missing {
		return it
	}
	if j.e.Kind == InPlace {
		return j.quiet(h)
	}
	// The host that signed last must be fenced even when the configuration
	// calls it a standby: on a failback it is.
	if h.Standby && j.e.Old != "" && h.Host != j.e.Old && h.Shows.Known() && h.Shows.V != "" {
		return j.standby(h)
	}
	return j.fenced(h)
}

// other judges what stands for the read-backs. Missing means: look further.
func (j judge) other(h Holder) Item {
	p := h.Other
	if ok, _ := j.use(p.At, j.floor(h.Host)); !ok || !p.V.Held {
		return Item{State: Missing}
	}
	switch p.V.Class {
	case Power:
		// A host that is off answers nothing: a later answer takes the proof back.
		if h.Unit.At.After(p.At) || h.Processes.At.After(p.At) || h.Shows.At.After(p.At) {
			return against("%s was proven off at %s, but answered after that.", h.Host, hms(p.At)).from(p.At, p.Source)
		}
	case Network, Signer:
		// On a halted chain O may have voted for the block to be decided: only
		// a stop that can be seen will do there.
		if j.e.Kind == Elsewhere && !(j.e.Chain.Moving.Known() && j.e.Chain.Moving.V) {
			return Item{State: Missing}
		}
		if p.V.Class == Network && h.Shows.At.After(p.At) {
			return against("%s was proven cut off at %s, but answered after that.", h.Host, hms(p.At)).from(p.At, p.Source)
		}
	default:
		return Item{State: Missing}
	}
	return proven(p.At, p.Source, "%s: %s fence, read back.", h.Host, p.V.Class)
}

// standby judges another standby that may go on running.
func (j judge) standby(h Holder) Item {
	floor := j.floor(h.Host)
	if ok, why := j.use(h.Shows.At, floor); !ok {
		return miss("Which key %s shows %s.", h.Host, why).from(h.Shows.At, h.Shows.Source)
	}
	if ok, why := j.use(h.KeyThere.At, floor); !ok {
		return miss("Whether %s has this key in place %s.", h.Host, why).from(h.KeyThere.At, h.KeyThere.Source)
	}
	if h.KeyThere.V {
		return against("%s runs and has this key in place: its next start signs.", h.Host).from(h.KeyThere.At, h.KeyThere.Source)
	}
	return proven(oldest(h.Shows.At, h.KeyThere.At), h.Shows.Source, "%s runs with another key.", h.Host)
}

// fenced judges the read-backs of a stop and a fence. Exit codes are none.
func (j judge) fenced(h Holder) Item {
	floor := j.floor(h.Host)
	if it := j.stopped(h, floor); it.State != Proven {
		return it
	}
	if !h.Unit.V.Fenced(j.dropIn()) {
		return miss("%s is stopped but not fenced: a reboot or a person starts it again.", h.Host).from(h.Unit.At, h.Unit.Source)
	}
	if ok, why := j.use(h.Refuses.At, floor); !ok {
		return miss("Whether the RPC of %s refuses %s.", h.Host, why).from(h.Refuses.At, h.Refuses.Source)
	}
	if !h.Refuses.V {
		return against("The RPC of %s still answers.", h.Host).from(h.Refuses.At, h.Refuses.Source)
	}
	at := oldest(h.Unit.At, h.Processes.At, h.Refuses.At)
	return proven(at, h.Unit.Source, "%s is stopped and fenced, no process, RPC refuses.", h.Host)
}

// stopped judges unit and processes.
func (j judge) stopped(h Holder, floor time.Time) Item {
	if ok, why := j.use(h.Unit.At, floor); !ok {
		return miss("The unit of %s %s. A timeout proves nothing.", h.Host, why).from(h.Unit.At, h.Unit.Source)
	}
	u := h.Unit.V
	if !u.Stopped() {
		if u.ActiveState == "" || u.MainPID == "" {
			return miss("systemd on %s said nothing about the unit.", h.Host).from(h.Unit.At, h.Unit.Source)
		}
		return against("The unit of %s is %s, process %s.", h.Host, u.ActiveState, u.MainPID).from(h.Unit.At, h.Unit.Source)
	}
	if ok, why := j.use(h.Processes.At, floor); !ok {
		return miss("Whether a process is left on %s %s.", h.Host, why).from(h.Processes.At, h.Processes.Source)
	}
	if h.Processes.V != 0 {
		return against("Processes with the validator's home on %[2]s: %[1]d.", h.Processes.V, h.Host).from(h.Processes.At, h.Processes.Source)
	}
	return Item{State: Proven}
}

// quiet judges another holder for a restart in place: it must not be signing,
// and must not begin to at its next boot. One that is fenced cannot; one
// without the key in place cannot either.
func (j judge) quiet(h Holder) Item {
	floor := j.floor(h.Host)
	at, source, text := h.Shows.At, h.Shows.Source, h.Host+" runs with another key."
	if ok, _ := j.use(h.Shows.At, floor); !ok || h.Shows.V == "" {
		if it := j.fenced(h); it.State == Proven {
			return it
		}
		if it := j.stopped(h, floor); it.State != Proven {
			return it
		}
		at, source, text = oldest(h.Unit.At, h.Processes.At), h.Unit.Source, h.Host+" is stopped and has no key in place."
	}
	if ok, why := j.use(h.KeyThere.At, floor); !ok {
		return miss("Whether %s has this key in place %s.", h.Host, why).from(h.KeyThere.At, h.KeyThere.Source)
	}
	if h.KeyThere.V {
		return miss("%s does not sign now, but has this key in place: its next start does. Fence it, or put its key aside.", h.Host).from(h.KeyThere.At, h.KeyThere.Source)
	}
	return proven(oldest(at, h.KeyThere.At), source, "%s", text)
}

func (j judge) dropIn() string {
	if j.e.DropIn == "" {
		return DropInName
	}
	return j.e.DropIn
}

// unique keeps the first of equal neighbours' texts, in order.
func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
