package nodes

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// valueKind is the type of what a probe sees.
type valueKind uint8

const (
	noValue valueKind = iota
	boolValue
	intValue
	atLeastValue // at least n: the true number may be higher
	wordValue
	durationValue
	fractionValue
)

// value is what a probe saw: one of the kinds, and where it comes from.
type value struct {
	kind   valueKind
	truth  Tri
	n, of  int64 // int; fraction n/of
	word   string
	dur    time.Duration
	at     time.Time
	every  time.Duration
	source string
	why    string
}

// unknown is a value that could not be read, and why.
func unknown(source, why string) value { return value{source: source, why: why} }

// text is the value for a person.
func (v value) text() string {
	switch v.kind {
	case boolValue:
		return v.truth.String()
	case intValue:
		return strconv.FormatInt(v.n, 10)
	case atLeastValue:
		return "at least " + strconv.FormatInt(v.n, 10)
	case wordValue:
		return v.word
	case durationValue:
		return v.dur.Round(100 * time.Millisecond).String()
	case fractionValue:
		return fmt.Sprintf("%s (%d of %d)", new(big.Rat).SetFrac64(v.n, v.of).FloatString(4), v.n, v.of)
	}
	return ""
}

// compare says whether the value stands in the relation op to lit.
func (v value) compare(op, lit string) (Tri, error) {
	switch v.kind {
	case boolValue:
		want, err := strconv.ParseBool(lit)
		if err != nil || (lit != "true" && lit != "false") {
			return Unknown, fmt.Errorf("%q is not true or false", lit)
		}
		return equality(v.truth == TriOf(want), op)
	case wordValue:
		return equality(v.word == lit, op)
	case intValue, atLeastValue:
		want, err := strconv.ParseInt(lit, 10, 64)
		if err != nil {
			return Unknown, fmt.Errorf("%q is no whole number", lit)
		}
		if v.kind == atLeastValue {
			return lowerBound(v.n, want, op)
		}
		return order(cmp.Compare(v.n, want), op)
	case durationValue:
		want, err := time.ParseDuration(lit)
		if err != nil {
			return Unknown, fmt.Errorf("%q is no duration", lit)
		}
		return order(cmp.Compare(v.dur, want), op)
	case fractionValue:
		want, err := parseFraction(lit)
		if err != nil {
			return Unknown, err
		}
		return order(new(big.Rat).SetFrac64(v.n, v.of).Cmp(want), op)
	}
	return Unknown, fmt.Errorf("nothing was seen")
}

// lowerBound compares a number of which only is known that it is at least n.
func lowerBound(n, want int64, op string) (Tri, error) {
	decided := map[string]struct {
		when  bool
		truth Tri
	}{
		"==": {n > want, False}, "!=": {n > want, True},
		">": {n > want, True}, ">=": {n >= want, True},
		"<": {n >= want, False}, "<=": {n > want, False},
	}
	d, ok := decided[op]
	if !ok {
		return Unknown, fmt.Errorf("%q is no comparison", op)
	}
	if !d.when {
		return Unknown, fmt.Errorf("not all blocks since then were read")
	}
	return d.truth, nil
}

func equality(equal bool, op string) (Tri, error) {
	switch op {
	case "==":
		return TriOf(equal), nil
	case "!=":
		return TriOf(!equal), nil
	}
	return Unknown, fmt.Errorf("%q cannot compare this: use == or !=", op)
}

func order(c int, op string) (Tri, error) {
	switch op {
	case "==":
		return TriOf(c == 0), nil
	case "!=":
		return TriOf(c != 0), nil
	case "<":
		return TriOf(c < 0), nil
	case "<=":
		return TriOf(c <= 0), nil
	case ">":
		return TriOf(c > 0), nil
	case ">=":
		return TriOf(c >= 0), nil
	}
	return Unknown, fmt.Errorf("%q is no comparison", op)
}

// parseFraction reads "0.67", "67%" or "2/3", exactly.
func parseFraction(lit string) (*big.Rat, error) {
	s, percent := strings.CutSuffix(lit, "%")
	if len(s) > 24 || strings.ContainsAny(s, "eEpPxX_") {
		return nil, fmt.Errorf("%.24q is no fraction", lit)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is no fraction: want 0.67, 67%% or 2/3", lit)
	}
	if percent {
		r.Quo(r, big.NewRat(100, 1))
	}
	return r, nil
}
