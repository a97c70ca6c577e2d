package nodes

import (
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
)

// evidenceNow is the probe chain.evidence == 0.
func evidenceNow(s Snapshot, since time.Time) Tri {
	s.Since = since
	return Evaluate(s, checklists.Probe{Kind: "chain", Field: "evidence", Op: "==", Lit: "0"}, nil).Truth
}

// away lets n blocks pass without a look.
func (l *lab) away(n int64) {
	for _, v := range l.nodes {
		v.set(func(v *fakeNode) { v.height += n })
	}
	l.now = l.now.Add(time.Duration(n) * interval)
}

// After a long absence it is not known what the blocks in the gap carry; it is
// known again after some looks, and what they carry is found.
func TestEvidenceAfterALongAbsence(t *testing.T) {
	for _, c := range []struct {
		name  string
		make  func(*lab)
		looks int
		want  Tri
	}{
		{"nothing in the gap", func(*lab) {}, 14, True},
		{"evidence in the gap", func(l *lab) { l.chain.evidence[700] = []int{2} }, 14, False},
		{"not yet through", func(*lab) {}, 3, Unknown},
		{"evidence near its end is found early", func(l *lab) { l.chain.evidence[1050] = []int{2} }, 4, False},
		{"one witness has dropped them, the other has not", func(l *lab) { l.nodes[0].set(func(n *fakeNode) { n.prune = 1000 }) }, 16, True},
		{"both have dropped them", func(l *lab) {
			for _, n := range l.nodes {
				n.set(func(n *fakeNode) { n.prune = 1000 })
			}
		}, 20, Unknown},
		{"the headers are of another chain than the commits", func(l *lab) {
			for _, n := range l.nodes {
				n.set(func(n *fakeNode) { n.headBranch = "other" })
			}
		}, 20, Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, 200, 10, 10, 10, 10)
			l.run(1)
			declared := l.now
			l.w.EvidenceSince(declared)
			if s := l.run(3); evidenceNow(s, declared) != True {
				t.Fatalf("before: %+v", s.Chain)
			}
			c.make(l)
			l.away(1200)
			var s Snapshot
			for range c.looks {
				before := l.nodes[0].count("/blockchain") + l.nodes[1].count("/blockchain")
				s = l.run(1)
				if got := l.nodes[0].count("/blockchain") + l.nodes[1].count("/blockchain") - before; got > catchUpAsks {
					t.Fatalf("%d requests for headers in one look", got)
				}
			}
			if got := evidenceNow(s, declared); got != c.want {
				t.Errorf("%v, want %v: %d to %d from %v", got, c.want, s.Chain.EvidenceFrom, s.Chain.EvidenceTo, s.Chain.EvidenceFromTime)
			}
			if c.want != True {
				return
			}
			if s.Chain.EvidenceFrom > 200 || s.Keys[0].Signing != True {
				t.Errorf("%+v", s.Chain)
			}
			// Nothing more is asked once all is looked at.
			before := l.nodes[0].count("/blockchain") + l.nodes[1].count("/blockchain")
			if l.run(3); l.nodes[0].count("/blockchain")+l.nodes[1].count("/blockchain") != before {
				t.Error("headers are asked for without need")
			}
		})
	}
}

// What had been read before the gap is not read again.
func TestStretchesJoin(t *testing.T) {
	l := newLab(t, 2000, 10, 10, 10, 10)
	l.w.EvidenceSince(chainTime(1900))
	first := l.run(30)
	for range 2 {
		l.away(400)
		l.run(1)
	}
	s := l.run(10)
	if from := s.Chain.EvidenceFrom; from != first.Chain.EvidenceFrom || evidenceNow(s, chainTime(1900)) != True {
		t.Errorf("looked at from %d, want %d", from, first.Chain.EvidenceFrom)
	}
	asked := l.nodes[0].count("/blockchain") + l.nodes[1].count("/blockchain")
	if asked > 2*(400-backfill+2*batch)/20+4 {
		t.Errorf("%d requests for two gaps of 400", asked)
	}
}

// A resume long after the declaration: a new watcher reads back to it.
func TestEvidenceAfterAResume(t *testing.T) {
	l := newLab(t, 2000, 10, 10, 10, 10)
	l.chain.evidence[1500] = []int{1}
	declared := chainTime(1000)
	s := l.run(2)
	if evidenceNow(s, declared) != Unknown {
		t.Error("what was not read is unknown")
	}
	l.w.EvidenceSince(declared)
	s = l.run(12)
	if got := evidenceNow(s, declared); got != False || s.Chain.EvidenceFromTime.After(declared) {
		t.Errorf("%v: from %d, %+v", got, s.Chain.EvidenceFrom, s.Chain.Evidence)
	}
	if got := evidenceNow(s, chainTime(1501)); got != True {
		t.Errorf("after the evidence: %v", got)
	}
}
