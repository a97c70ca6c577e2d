package incident

import "github.com/virtengine/relight/checklists"

// pageResolved is the state of a status page under which a text says that all
// is well again.
const pageResolved = "resolved"

// tooSoon says why a text that says "resolved" may not be posted: nobody hears
// that it is over before it is.
func (s State) tooSoon() Lock {
	if !s.Resolved.IsZero() {
		return Lock{}
	}
	l := s.notBack()
	if !l.Locked() {
		return Lock{Why: "it says that it is resolved, and nobody has resolved it yet", Do: "resolve it first (:resolve)"}
	}
	if l.Do != "" {
		l.Do += ", then "
	}
	return Lock{Why: "it says that it is resolved, and " + l.Why, Do: l.Do + "resolve it (:resolve)"}
}

// saysResolved says that a text of the step says that it is over.
func saysResolved(st checklists.Step) bool {
	for _, b := range st.Comms {
		if b.State == pageResolved {
			return true
		}
	}
	return false
}
