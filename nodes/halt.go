package nodes

import (
	"fmt"
	"slices"
	"time"
)

// WhyHalted is what is known of the causes of a halt, each as a sentence that
// holds, does not hold, or is not known: no upgrade is planned for the height;
// the endpoints show one and the same last block; their applications came to
// the same result; power is missing. It is empty while the chain is not known
// to be halted.
//
// Nothing is said from one endpoint alone, and that no upgrade is planned only
// when REST was read after the chain had stopped: a plan may be made in the
// very last block.
func WhyHalted(s Snapshot) []Check {
	if s.Chain.Halted != True {
		return nil
	}
	return []Check{notPlanned(s), notForked(s), sameResult(s), powerMissing(s)}
}

func notPlanned(s Snapshot) Check {
	c := Check{Name: "not a planned halt", At: s.Chain.Plan.At}
	p := s.Chain.Plan
	switch {
	case p.At.IsZero():
		c.Saw = "not read: " + firstOf(p.Why, "no REST")
	case p.At.Before(s.Chain.HeightSince):
		c.Saw = "the plan was last read before the halt"
	case p.Height == s.Chain.Height || p.Height == s.Chain.Height+1:
		// The block of the upgrade itself is stored before the application
		// refuses it: a node may show either height.
		c.Holds, c.Saw = False, fmt.Sprintf("upgrade %s is planned for %d", p.Name, p.Height)
	case p.Height == 0:
		c.Holds, c.Saw = True, fmt.Sprintf("no upgrade at %d", s.Chain.Height+1)
	default:
		c.Holds, c.Saw = True, fmt.Sprintf("no upgrade at %d, the next at %d", s.Chain.Height+1, p.Height)
	}
	return c
}

// atTip are the nodes that answer now, on the right network, at the highest
// block.
func atTip(s Snapshot) []Node {
	var out []Node
	for _, n := range s.Nodes {
		if n.State == Up && n.RightNet != False && n.Height == s.Chain.Height && s.Fresh(n.SeenAt, s.Every) {
			out = append(out, n)
		}
	}
	return out
}

func notForked(s Snapshot) Check {
	c := Check{Name: "not a fork", At: s.At}
	for _, f := range s.Chain.Forks {
		if f.Kind == "block" {
			c.Holds, c.Saw = False, fmt.Sprintf("%s and %s show two blocks at %d", f.Node, f.Other, f.Height)
			return c
		}
	}
	list := atTip(s)
	same := 0
	for _, n := range list {
		if n.BlockHash != "" && n.BlockHash == list[0].BlockHash {
			same++
		}
	}
	switch {
	case len(list) < 2:
		c.Saw = fmt.Sprintf("%d at the tip, two are needed", len(list))
	case same < len(list):
		c.Holds, c.Saw = False, fmt.Sprintf("two blocks at %d", s.Chain.Height)
	default:
		c.Holds, c.Saw = True, fmt.Sprintf("same hash, %d of %d", same, len(list))
	}
	return c
}

func sameResult(s Snapshot) Check {
	c := Check{Name: "not the application", At: s.At}
	for _, f := range s.Chain.Forks {
		if f.Kind == "app-hash" {
			c.Holds, c.Saw = False, fmt.Sprintf("%s came to another app hash at %d", f.Node, f.Height)
			return c
		}
	}
	results := map[int64][]string{}
	var most []string
	for _, n := range atTip(s) {
		if n.AppHeight > 0 && n.AppResult != "" {
			results[n.AppHeight] = append(results[n.AppHeight], n.AppResult)
			if list := results[n.AppHeight]; len(list) > len(most) {
				most = list
			}
		}
	}
	for h, list := range results {
		if slices.ContainsFunc(list, func(r string) bool { return r != list[0] }) {
			c.Holds, c.Saw = False, fmt.Sprintf("two app hashes at %d", h)
			return c
		}
	}
	if len(most) < 2 {
		c.Saw = fmt.Sprintf("%d answer for their application, two are needed", len(most))
		return c
	}
	c.Holds, c.Saw = True, fmt.Sprintf("same app hash, %d of %d", len(most), len(atTip(s)))
	return c
}

func powerMissing(s Snapshot) Check {
	p := s.Chain.Power
	c := Check{Name: "power is missing", At: p.At}
	switch {
	case p.Known != True:
		c.Saw = firstOf(p.Why, "the power is not known")
	case Decides(p.Online, p.Total):
		c.Holds, c.Saw = False, fmt.Sprintf("%d of %d is enough: look at rounds, rules and clocks", p.Online, p.Total)
	default:
		c.Holds, c.Saw = True, fmt.Sprintf("%d of %d, short by %d", p.Online, p.Total, -p.Spare)
	}
	return c
}

// ago is how long ago something was read, as minutes and seconds.
func ago(now, at time.Time) string {
	d := max(0, now.Sub(at)).Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
