package nodes

import (
	"time"

	"github.com/virtengine/relight/checklists"
)

// Reading is the answer to one probe.
type Reading struct {
	Text   string    `json:"text"`          // the probe as written
	Value  string    `json:"value"`         // what was seen; "" if nothing
	Truth  Tri       `json:"truth"`         // does the assertion hold
	At     time.Time `json:"at,omitzero"`   // when the value was true, in domain time
	Source string    `json:"source"`        // who said so
	Why    string    `json:"why,omitempty"` // why it is unknown, or what stands behind the value
	// Every is how often the source is asked: after three times that the
	// reading is unknown.
	Every time.Duration `json:"every,omitempty"`
}

// Fresh says whether the reading may still be used at now.
func (r Reading) Fresh(now time.Time) bool {
	return r.Every <= 0 || (!r.At.IsZero() && now.Sub(r.At) <= 3*r.Every)
}

// Evaluate answers one probe from what was seen. resolve gives the value of a
// parameter by its name without the "$"; it may be nil. What was not asked, did
// not answer, is not configured, or was read more than three intervals ago is
// unknown, and so is what cannot be compared with the literal.
//
// chain.evidence counts what stands in blocks from s.Since on; it is unknown
// when the blocks since then were not all read, unless what was found already
// decides.
func Evaluate(s Snapshot, p checklists.Probe, resolve func(string) (string, bool)) Reading {
	r := Reading{Text: p.Text, At: s.At}
	name, ok := resolved(p.Name, resolve)
	if !ok {
		return r.unknown("the parameter " + p.Name + " has no value")
	}
	lit, ok := resolved(p.Lit, resolve)
	if !ok {
		return r.unknown("the parameter " + p.Lit + " has no value")
	}
	f := field(p.Kind, p.Field)
	if f == nil {
		return r.unknown("no such probe: " + p.Kind + "." + p.Field)
	}
	v := f(s, name, p.Arg)
	r.Value, r.Source, r.Why, r.Every = v.text(), v.source, v.why, v.every
	if !v.at.IsZero() {
		r.At = v.at
	}
	if v.kind == noValue {
		return r
	}
	if r.Every > 0 && !s.Fresh(r.At, r.Every) {
		return r.unknown("read too long ago")
	}
	truth, err := v.compare(p.Op, lit)
	if err != nil {
		return r.unknown(err.Error())
	}
	r.Truth = truth
	return r
}

func (r Reading) unknown(why string) Reading {
	r.Truth, r.Why = Unknown, why
	return r
}

// resolved is s, or the value of the parameter it names.
func resolved(s string, resolve func(string) (string, bool)) (string, bool) {
	if len(s) < 2 || s[0] != '$' {
		return s, true
	}
	if resolve == nil {
		return "", false
	}
	return resolve(s[1:])
}
