package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// Proof is a group of the nine things that must be true before a start.
type Proof struct {
	Name  string // CONTRADICTING, MISSING, NOT YET, PROVEN, NOT CHECKED
	Word  string // of one of its items
	Mark  string
	Level Level
	Items []fence.Item
}

// Proofs are the items of a verdict in groups, the worst first; empty groups
// are left out. What is missing and comes by waiting alone is a group of its
// own, for it asks nothing of anybody.
func Proofs(v fence.Verdict) []Proof {
	groups := []Proof{
		{Name: "CONTRADICTING", Word: "CONTRADICTED", Mark: Bad, Level: Warning},
		{Name: "MISSING", Word: "UNKNOWN", Mark: Asks, Level: Unknown},
		{Name: "NOT YET", Word: "NOT YET", Mark: Look, Level: Caution},
		{Name: "PROVEN", Word: "PROVEN", Mark: Good},
		{Name: "NOT CHECKED", Word: "NOT CHECKED", Mark: Left},
	}
	for _, it := range v.Items {
		at := 1 // whatever is no known state is missing
		switch it.State {
		case fence.Contradicting:
			at = 0
		case fence.Proven:
			at = 3
		case fence.NotChecked:
			at = 4
		default:
			if comesByWaiting(it) {
				at = 2
			}
		}
		groups[at].Items = append(groups[at].Items, it)
	}
	return slices.DeleteFunc(groups, func(p Proof) bool { return len(p.Items) == 0 })
}

var counts = lazy.Pattern(`^([0-9]+) of ([0-9]+) blocks (so far|since)`)

// comesByWaiting says that an item wants only blocks that have not come yet.
func comesByWaiting(it fence.Item) bool {
	return it.State == fence.Missing && it.N == 7 && counts.MatchString(it.Text) && !strings.Contains(it.Text, "waiting does not help")
}

// BriefItem names an item of a verdict in a few words, for narrow windows.
func BriefItem(it fence.Item) string {
	name := safe.Short(it.Name, 80)
	host := ""
	if before, _, ok := strings.Cut(name, " is on the same chain"); ok {
		host = before
	}
	switch it.N {
	case 1:
		return "you command"
	case 2:
		return "not jailed"
	case 3:
		return strings.TrimSpace(host + " in step")
	case 4:
		return "shows another key"
	case 5:
		return "others fenced"
	case 6:
		return "no sign of life"
	case 7:
		return "silence"
	case 8:
		return "sign state known"
	case 9:
		return "mark high enough"
	}
	return name
}

// onlyWaiting says that nothing is missing but what comes by waiting.
func onlyWaiting(v fence.Verdict) bool {
	waits := 0
	for _, it := range v.Items {
		if comesByWaiting(it) {
			waits++
		}
	}
	return waits > 0 && waits == v.Count(fence.Missing) && v.Count(fence.Contradicting) == 0
}

// FenceQuestion is what the verdict of a step's start answers: "may val-2s sign
// with key 83C395D1CAB4 (VirtEngine 2)?"
func FenceQuestion(v cockpit.View, st cockpit.StepView) string {
	k, name := fenceKey(v, st)
	host := safe.Line(strings.Join(st.Hosts, ", "))
	if host == "" {
		host = "the host"
	}
	switch {
	case k.Address != "":
		name = prefix(k.Address, 12)
		if k.PublicName != "" {
			name += " (" + safe.Short(k.PublicName, 30) + ")"
		}
	case name == "":
		return "may " + host + " sign?"
	}
	return "may " + host + " sign with key " + name + "?"
}

// fenceKey is the key that the step's fence judges, and its name.
func fenceKey(v cockpit.View, st cockpit.StepView) (nodes.Key, string) {
	b := st.Step.Step.Run
	if b == nil || !b.HasFence() {
		return nodes.Key{}, ""
	}
	name, isParam := strings.CutPrefix(b.Fence, "$")
	if isParam {
		name = v.State.Params[name]
	}
	k, _ := v.Snap.Key(name)
	return k, safe.Short(name, 40)
}

// Ruling is a verdict in one or two sentences, without its counts.
func Ruling(v cockpit.View, st cockpit.StepView) string {
	verdict := st.Verdict.Verdict
	who := "It is not safe yet."
	if anotherMay(verdict) {
		who = "Another machine may still sign."
	}
	switch against := verdict.Count(fence.Contradicting); {
	case verdict.Allow:
		return Verdict(verdict.Summary)
	case against > 0:
		return who + " One contradiction outweighs everything proven."
	case onlyWaiting(verdict):
		return "Not yet: all is proven but the silence, and that comes by waiting."
	case verdict.Count(fence.Missing) > 0:
		return who + " What is not known counts against it."
	}
	return Verdict(verdict.Summary)
}

// anotherMay says that it is not proven that no other machine signs.
func anotherMay(v fence.Verdict) bool {
	return slices.ContainsFunc(v.Items, func(it fence.Item) bool {
		return it.N >= 5 && it.N <= 7 && it.State != fence.Proven && it.State != fence.NotChecked
	})
}

// OverrideWord says whether two people may stand in for the proof.
func OverrideWord(v fence.Verdict) string {
	switch {
	case v.Allow:
		return ""
	case v.Offered:
		return "Override by two people: the silence would allow it, but relight cannot take one yet."
	case slices.ContainsFunc(v.Items, func(it fence.Item) bool { return it.State == fence.Contradicting && (it.N == 5 || it.N == 6) }):
		return "Override by two people: not offered while there is any sign of life."
	case v.Count(fence.Contradicting) > 0:
		return "Override by two people: not offered while anything contradicts."
	}
	blocks := fence.MinBlocks
	for _, it := range v.Items {
		if it.N == 7 {
			_, _ = fmt.Sscanf(it.Name, "%d blocks in a row", &blocks) // else the fewest ever asked for
		}
	}
	return fmt.Sprintf("Override by two people: not offered before %d silent blocks, with all else proven.", fence.OverrideFactor*max(blocks, fence.MinBlocks))
}

// allowance is how many blocks in a row a validator of VirtEngine may miss
// before it is jailed: 95 % of a window of 30,000.
const allowance = 28500

// WaitingCost is what waiting costs, and what a second signer would; brief is
// the same in one row.
func WaitingCost(v cockpit.View, st cockpit.StepView, now time.Time) (long, brief string) {
	const second, few = " A second signer costs 5 % of the stake and the validator for ever.", " A second signer costs it for ever."
	k, _ := fenceKey(v, st)
	pace := Pace(v)
	if k.MissedStreak <= 0 || k.MissedStreak >= allowance || pace <= 0 {
		return "Waiting is free: missed blocks cost nothing for about two days." + second, "Waiting costs nothing for about two days." + few
	}
	until := now.Add(time.Duration(allowance-k.MissedStreak) * pace)
	long = fmt.Sprintf("Waiting costs nothing until %s (%s missed blocks; %s so far).", until.UTC().Format("2 Jan 15:04"), Num(allowance), Num(int64(k.MissedStreak))) + second
	return long, "Waiting costs nothing until " + until.UTC().Format("2 Jan") + "." + few
}

var digests = lazy.Pattern(`\b([0-9A-Fa-f]{12})[0-9A-Fa-f]{8,}([0-9A-Fa-f]{4})\b`)

// Seen is what was seen of an item, with long addresses and hashes shortened in
// their middle: both ends are what people compare.
func Seen(it fence.Item) string { return digests.ReplaceAllString(safe.Line(it.Text), "$1…$2") }

// AtHand is a step whose verdict is what would be judged by what is seen now, and
// true; the step itself, with its last judgement, where nothing is at hand.
func AtHand(st cockpit.StepView) (cockpit.StepView, bool) {
	if st.AtHand == nil {
		return st, false
	}
	st.Verdict = st.AtHand
	return st, true
}

// Judged says how a step's start was judged last: "judged NO 0:42 ago"; brief is
// the same for a narrow window.
func Judged(st cockpit.StepView, now time.Time) (long, brief string) {
	switch f := st.Verdict; {
	case f == nil:
		return "not judged yet", "not judged yet"
	case f.Verdict.Allow:
		return "judged YES " + Age(f.At, now) + " ago", "YES " + Age(f.At, now) + " ago"
	default:
		return "judged NO " + Age(f.At, now) + " ago", "NO " + Age(f.At, now) + " ago"
	}
}

// Refusal is what a refused start says in one row: "Nothing was sent. 1
// thing contradicts, 2 are missing." It counts what is seen now where that is
// known.
func Refusal(st cockpit.StepView) string {
	st, live := AtHand(st)
	if live && st.Verdict.Verdict.Allow {
		return "Nothing was sent. By now all is proven: x judges again."
	}
	var parts []string
	for _, p := range Proofs(st.Verdict.Verdict) {
		n := len(p.Items)
		switch one := n == 1; {
		case p.Level == Warning && one:
			parts = append(parts, "1 thing contradicts")
		case p.Level == Warning:
			parts = append(parts, Num(int64(n))+" things contradict")
		case p.Level == Unknown && one:
			parts = append(parts, "1 is missing")
		case p.Level == Unknown:
			parts = append(parts, Num(int64(n))+" are missing")
		case p.Level == Caution:
			parts = append(parts, Num(int64(n))+" wants waiting")
		}
	}
	return "Nothing was sent. " + Sentence(strings.Join(parts, ", "))
}

// prefix is the beginning of an address, as it is read aloud.
func prefix(s string, n int) string {
	s = safe.Line(s)
	return strings.ToValidUTF8(s[:min(n, len(s))], "")
}
