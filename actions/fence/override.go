package fence

import (
	"fmt"
	"strings"
	"time"
)

// Override is the word of two people in place of a proof that cannot be had.
type Override struct {
	By      [2]Person `json:"by"`
	Address string    `json:"address"` // the key's, as typed
	Risk    string    `json:"risk"`    // the risk, as typed; never empty
	At      time.Time `json:"at"`      // when the second one signed
}

// Person is one of the two.
type Person struct {
	Login  string `json:"login"`
	Reason string `json:"reason"`
}

// waived are the rows an override may stand for: the other holders' fence, and
// the old host's sign state. Everything else must be proven all the same.
func waived(n int) bool { return n == 5 || n == 8 }

// offered says whether an override may be asked for: ten times the silence, no
// sign of life, nothing contradicting, and nothing else missing but the mark,
// which is raised for it.
func (j judge) offered(v Verdict) bool {
	if j.e.Kind != Elsewhere {
		return false
	}
	open := false
	for _, it := range v.Items {
		good := it.State == Proven || it.State == NotChecked
		switch {
		case waived(it.N) && it.State == Missing:
			open = true
		case it.N == rows: // the mark is staged after the offer
		case !good:
			return false
		}
	}
	return open && j.longSilence()
}

func (j judge) longSilence() bool {
	m := j.e.Chain.Moving
	if ok, _ := j.use(m.At, time.Time{}); !ok || !m.V {
		return false
	}
	w := j.window()
	return w.item.State == Proven && w.blocks >= OverrideFactor*j.blocks()
}

// overridden says whether the recorded override allows the start, and names
// who takes it on, or what keeps it from counting.
func (j judge) overridden(v Verdict) (string, bool) {
	o := j.e.Over
	if o == nil {
		return "", false
	}
	a, b := o.By[0], o.By[1]
	switch ok, why := j.use(o.At, j.floor("")); {
	case j.e.Kind != Elsewhere:
		return "There is no override for a restart in place.", false
	case !ok:
		return "The override " + why + ".", false
	case strings.TrimSpace(a.Login) == "" || strings.TrimSpace(b.Login) == "" || strings.EqualFold(strings.TrimSpace(a.Login), strings.TrimSpace(b.Login)):
		return "An override takes two people with different logins.", false
	case strings.TrimSpace(a.Reason) == "" || strings.TrimSpace(b.Reason) == "":
		return "An override takes a reason from both.", false
	case !sameAddress(o.Address, j.e.Address):
		return "The address typed for the override is not this key's.", false
	case strings.TrimSpace(o.Risk) == "":
		return "The risk was not typed.", false
	case !v.Offered:
		return fmt.Sprintf("An override needs %d silent blocks, no sign of life, and all else proven.", OverrideFactor*j.blocks()), false
	case v.Items[rows-1].State != Proven:
		return "An override needs the raised mark.", false
	}
	tip, mark := j.e.Chain.Tip, j.e.TargetIs.Mark.V
	if ok, why := j.use(tip.At, time.Time{}); !ok {
		return "The height of the chain " + why + ".", false
	}
	if need := tip.V + OverrideFactor*j.blocks(); mark.Height < need {
		return fmt.Sprintf("The mark must be at height %d or more, is %d: stage it again.", need, mark.Height), false
	}
	return fmt.Sprintf("%s and %s take it on themselves. %s stays silent until block %d.", a.Login, b.Login, j.e.Target, mark.Height), true
}
