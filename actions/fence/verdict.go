package fence

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is what the evidence says about one item. The zero value is no state
// and refuses.
type State string

// The states of an item.
const (
	Proven        State = "proven"
	Missing       State = "missing"       // not known, too old, too early: refuses
	Contradicting State = "contradicting" // refuses, and no override waives it
	NotChecked    State = "not-checked"   // not needed for this start, and said why
)

// Item is one of the nine things that must be true.
type Item struct {
	N      int       `json:"n"`    // 1..9, the row of the protocol
	Name   string    `json:"name"` // what must be true
	State  State     `json:"state"`
	Text   string    `json:"text"` // one sentence for the commander: what was seen, and why it counts or not
	Source string    `json:"source,omitempty"`
	At     time.Time `json:"at,omitzero"`    // of the oldest fact used
	Until  time.Time `json:"until,omitzero"` // a proven item holds until then at most
}

// Verdict is the answer for one start at one time. The zero value refuses.
type Verdict struct {
	Allow      bool   `json:"allow"`
	Overridden bool   `json:"overridden"` // allowed by two people in place of proof
	Offered    bool   `json:"offered"`    // an override may be asked for now
	Items      []Item `json:"items"`      // always nine, in the order of N
	Summary    string `json:"summary"`    // one or two sentences
	// Until is when the first proof expires; zero unless allowed.
	Until time.Time `json:"until,omitzero"`
}

// Count is how many items are in that state.
func (v Verdict) Count(s State) int {
	n := 0
	for _, it := range v.Items {
		if it.State == s {
			n++
		}
	}
	return n
}

// judge is one judgement under way.
type judge struct {
	e   Evidence
	now time.Time
	ttl time.Duration
}

// skew is by how much a fact may be younger than the time of the judgement:
// both are taken from one clock, by different goroutines.
const skew = 2 * time.Second

// Judge says whether e.Target may be started as a signer with e.Address at
// now. It is pure: same evidence in any order, same verdict.
func Judge(e Evidence, now time.Time) Verdict {
	j := judge{e: sorted(e), now: now, ttl: e.TTL}
	if j.ttl <= 0 || j.ttl > DefaultTTL {
		j.ttl = DefaultTTL
	}
	v := Verdict{}
	if (e.Kind != Elsewhere && e.Kind != InPlace) || strings.TrimSpace(e.Address) == "" || e.Target == "" || now.IsZero() {
		for n := 1; n <= rows; n++ {
			v.Items = append(v.Items, Item{N: n, Name: j.name(n), State: Missing, Text: "Nothing is known yet."})
		}
		v.Summary = "Refused. Which key is to be started where, and whether that host signed last, is not known."
		return v
	}
	for n := 1; n <= rows; n++ {
		it := j.row(n)
		it.N, it.Name = n, j.name(n)
		if it.State == Proven && !it.At.IsZero() {
			it.Until = it.At.Add(j.ttl)
		}
		v.Items = append(v.Items, it)
	}
	return j.conclude(v)
}

const rows = 9

func (j judge) row(n int) Item {
	switch n {
	case 1:
		return j.command()
	case 2:
		return j.jail()
	case 3:
		return j.inStep()
	case 4:
		return j.otherAddress()
	case 5:
		return j.others()
	case 6:
		return j.noLife()
	case 7:
		return j.silence()
	case 8:
		return j.oldState()
	}
	return j.mark()
}

func (j judge) name(n int) string {
	old := j.e.Old
	if old == "" {
		old = "the old host"
	}
	switch n {
	case 1:
		return "You command, nobody else acts on this key"
	case 2:
		return "Key not jailed, not banned for ever"
	case 3:
		return j.e.Target + " is on the same chain, in step"
	case 4:
		return j.e.Target + " shows another key now"
	case 5:
		if j.e.Kind == InPlace {
			return "No other holder signs with this key"
		}
		return "Every other holder is stopped and fenced"
	case 6:
		return "No sign of life with this key"
	case 7:
		return fmt.Sprintf("%d blocks in a row without this key", j.blocks())
	case 8:
		return "Sign state of " + old + " is known"
	}
	return "Mark on " + j.e.Target + " is above all seen"
}

func (j judge) conclude(v Verdict) Verdict {
	key := j.e.Key
	if key == "" {
		key = j.e.Address
	}
	start := fmt.Sprintf("Start of %s with key %s", j.e.Target, key)
	missing, against := v.Count(Missing), v.Count(Contradicting)
	open := rows - v.Count(Proven) - v.Count(NotChecked)
	v.Offered = j.offered(v)
	switch {
	case open == 0:
		v.Allow = true
		v.Summary = fmt.Sprintf("Allowed. %s: everything that must be true is proven.", start)
	case against > 0:
		v.Summary = fmt.Sprintf("Refused. %s: %d contradicting, %d missing. One contradiction outweighs everything proven.", start, against, missing)
	default:
		why, ok := j.overridden(v)
		if ok {
			v.Allow, v.Overridden = true, true
			v.Summary = fmt.Sprintf("Allowed by override. %s: %s", start, why)
			break
		}
		v.Summary = fmt.Sprintf("Refused. %s: %d missing.", start, missing)
		if why != "" {
			v.Summary += " " + why
		}
	}
	if v.Allow {
		for _, it := range v.Items {
			if !it.Until.IsZero() && (v.Until.IsZero() || it.Until.Before(v.Until)) {
				v.Until = it.Until
			}
		}
	}
	return v
}

// use says whether a fact read at that time proves anything now, and why not.
// floor is the time before which readings are void.
func (j judge) use(at, floor time.Time) (bool, string) {
	switch {
	case at.IsZero():
		return false, "is not known"
	case at.After(j.now.Add(skew)):
		return false, "was read at " + hms(at) + ", after now: the clock moved"
	case j.now.Sub(at) > j.ttl:
		return false, "was read at " + hms(at) + ", too long ago"
	case at.Before(floor):
		return false, "was read at " + hms(at) + ", before " + hms(floor) + ", and is void"
	}
	return true, ""
}

// floor is the time before which readings of a host are void: the stop, and
// whatever could have revived the host since. For host "" the touches of all
// hosts but the target count.
func (j judge) floor(host string) time.Time {
	t := time.Time{}
	if j.e.Kind == Elsewhere {
		t = j.e.StoppedAt
	}
	for _, touch := range j.e.Touches {
		mine := touch.Host == "" || touch.Host == host || (host == "" && touch.Host != j.e.Target)
		if mine && touch.At.After(t) {
			t = touch.At
		}
	}
	return t
}

// blocks is K: the configured one, but never below what is safe.
func (j judge) blocks() int64 {
	return max(MinBlocks, j.e.Blocks, j.e.TargetIs.CheckHeight.V)
}

func hms(t time.Time) string { return t.UTC().Format("15:04:05") }

func miss(format string, args ...any) Item {
	return Item{State: Missing, Text: fmt.Sprintf(format, args...)}
}

func against(format string, args ...any) Item {
	return Item{State: Contradicting, Text: fmt.Sprintf(format, args...)}
}

func proven(at time.Time, source, format string, args ...any) Item {
	return Item{State: Proven, At: at, Source: source, Text: fmt.Sprintf(format, args...)}
}

func (it Item) from(at time.Time, source string) Item {
	it.At, it.Source = at, source
	return it
}

// oldest is the earliest of the times.
func oldest(ts ...time.Time) time.Time {
	return slices.MinFunc(ts, time.Time.Compare)
}

// sorted is e with its lists in one order, so that the verdict, texts
// included, does not depend on the order in which evidence came.
func sorted(e Evidence) Evidence {
	e.Hosts = order(e.Hosts, func(h string) string { return h })
	e.Holders = order(e.Holders, func(h Holder) string { return h.Host })
	e.Signs = order(e.Signs, func(s Sign) string { return s.At.UTC().Format(time.RFC3339Nano) })
	e.Touches = order(e.Touches, func(t Touch) string { return t.At.UTC().Format(time.RFC3339Nano) })
	e.Silence = order(e.Silence, func(w Witness) string { return w.Name })
	e.States = order(e.States, func(s StateSeen) string { return s.Where })
	e.Votes = order(e.Votes, func(s StateSeen) string { return s.Where })
	return e
}

func order[T any](list []T, key func(T) string) []T {
	if len(list) < 2 {
		return list
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b T) int {
		if c := strings.Compare(key(a), key(b)); c != 0 {
			return c
		}
		return strings.Compare(fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b))
	})
	return list
}
